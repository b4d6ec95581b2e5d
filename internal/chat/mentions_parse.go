package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is read as mentions in one message beside MaxMentions: whatever is written, a message costs one question to
// the store.
const (
	maxSigns   = 400  // @ that are looked at
	maxGuesses = 1000 // names that are asked for
	// maxNameText is how much of a text may be a name of MaxName characters, in code points: it may be written in
	// another form, letters and their marks apart.
	maxNameText = 2 * MaxName
)

// sign is an @ in a text with what it may mean.
type sign struct {
	all     string   // MentionHere or MentionRoom, if it says that
	guesses []string // names that it may begin, longest first; all those longer than all's word, if it has one
}

// signs finds the @ in a text that may mention somebody, in order. Those in code, in addresses and right after a letter,
// as in an e-mail address, do not, nor does one that a backslash takes the meaning from.
//
// A name ends where a word does, so that @ann is neither in @anna nor in @ann-marie; @ann. at the end of a sentence is.
func signs(content string) []sign {
	if !strings.Contains(content, "@") {
		return nil
	}
	var found []sign
	looked, guesses := 0, 0
	for _, text := range prose(content) {
		for at := strings.IndexByte(text, '@'); at >= 0 && looked < maxSigns && guesses < maxGuesses; at = nextSign(text, at) {
			if !mayBegin(text[:at]) {
				continue
			}
			looked++
			if end := addressEnd(text, at); end > at {
				at = end - 1
				continue
			}
			s := readSign(text[at+1:])
			s.guesses = s.guesses[:min(len(s.guesses), maxGuesses-guesses)]
			guesses += len(s.guesses)
			if s.all != "" || len(s.guesses) > 0 {
				found = append(found, s)
			}
		}
	}
	return found
}

// nextSign returns where the next @ after at stands, or -1.
func nextSign(text string, at int) int {
	i := strings.IndexByte(text[at+1:], '@')
	if i < 0 {
		return -1
	}
	return at + 1 + i
}

// mayBegin says whether an @ after this text may begin a name.
func mayBegin(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(before, "_")) // which may be emphasis
	return !isWord(r) && r != '@' && r != '/' && r != '\\'
}

// readSign reads what follows an @.
func readSign(text string) (s sign) {
	for _, word := range []string{MentionHere, MentionRoom} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) && wordEnds(text[len(word):]) {
			s.all = word
		}
	}
	solid := false
	for i, n := 0, 0; i < len(text) && n < maxNameText; n++ {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isWord(r) && !strings.ContainsRune("-_. ", r) || n == 0 && r == ' ' {
			break
		}
		i += size
		solid = solid || unicode.IsLetter(r) || unicode.IsDigit(r)
		if solid && r != ' ' && i > len(s.all) && wordEnds(text[i:]) {
			s.guesses = append(s.guesses, text[:i])
		}
	}
	for i, j := 0, len(s.guesses)-1; i < j; i, j = i+1, j-1 {
		s.guesses[i], s.guesses[j] = s.guesses[j], s.guesses[i]
	}
	return s
}

// wordEnds says whether a name can end before this text.
func wordEnds(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if size == 0 {
		return true
	}
	if r == '-' || r == '.' || r == '_' { // as part of a longer word
		r, _ = utf8.DecodeRuneInString(rest[size:])
	}
	return !isWord(r)
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// addressEnd returns where the http or https address ends in which text[at] lies, or 0 if it lies in none.
func addressEnd(text string, at int) int {
	word := text[strings.LastIndexFunc(text[:at], endsAddress)+1 : at]
	scheme, _, is := strings.Cut(strings.ToLower(word), "://")
	if !is || !strings.HasSuffix(scheme, "http") && !strings.HasSuffix(scheme, "https") {
		return 0
	}
	if i := strings.IndexFunc(text[at:], endsAddress); i >= 0 {
		return at + i
	}
	return len(text)
}

func endsAddress(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"`", r) }

// skeletons returns the forms in which the names that a text may mention are looked for, each once.
func skeletons(found []sign, skeleton func(string) string) []string {
	var all []string
	seen := map[string]bool{}
	for _, s := range found {
		for i, guess := range s.guesses {
			guess = skeleton(guess)
			s.guesses[i] = guess
			if !seen[guess] {
				seen[guess] = true
				all = append(all, guess)
			}
		}
	}
	return all
}

// resolve turns what a text may mean into what it does. The guesses are skeletons by now; exists says whose they are.
func resolve(found []sign, exists map[string]UserID) (people []UserID, all string) {
	seen := map[UserID]bool{}
	for _, s := range found {
		id := UserID("")
		for i := 0; i < len(s.guesses) && id == ""; i++ {
			id = exists[s.guesses[i]]
		}
		switch {
		case id == "":
			if all != MentionRoom && s.all != "" {
				all = s.all
			}
		case !seen[id] && len(people) < MaxMentions:
			seen[id] = true
			people = append(people, id)
		}
	}
	return people, all
}

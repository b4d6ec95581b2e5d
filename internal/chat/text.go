package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of names and topics, in code points.
const (
	MaxName  = 32
	MaxTopic = 250
)

// cleanContent brings the text of a message to its stored form: CRLF becomes LF, everything else stays as it was sent.
// It refuses what is blank, too long, or not plain text.
func cleanContent(op, content string) (string, error) {
	// A code point has at most four bytes and CRLF two for one: longer can be refused without looking at it.
	if len(content) > 2*utf8.UTFMax*MaxContent {
		return "", tooLong(op)
	}
	if !utf8.ValidString(content) {
		return "", Errorf(Invalid, op, "content is not valid UTF-8")
	}
	content = strings.ReplaceAll(content, "\r\n", "\n")
	blank, count := true, 0
	for _, r := range content {
		count++
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", Errorf(Invalid, op, "content has the control character U+%04X", r)
		}
		blank = blank && isBlank(r)
	}
	if blank {
		return "", Errorf(Invalid, op, "content is blank")
	}
	if count > MaxContent {
		return "", tooLong(op)
	}
	return content, nil
}

func tooLong(op string) error {
	return Errorf(TooLarge, op, "content is longer than %d characters", MaxContent)
}

// isBlank tells what leaves no mark on the screen: white space, format characters, fillers and the empty Braille cell.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || isInvisible(r) || r == '\u2800'
}

// isInvisible tells code points without width or ink (Unicode's Default_Ignorable_Code_Point and format characters).
func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// checkLine checks a single line of text, which may be empty.
func checkLine(op, field, text string, limit int) error {
	if !utf8.ValidString(text) {
		return Errorf(Invalid, op, "%s is not valid UTF-8", field)
	}
	if utf8.RuneCountInString(text) > limit {
		return Errorf(TooLarge, op, "%s is longer than %d characters", field, limit)
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return Errorf(Invalid, op, "%s has the control character U+%04X; it must be one line", field, r)
		}
	}
	return nil
}

// checkTitle is checkLine for what stands on the page as somebody's or something's name: it may be empty, but not blank,
// and must not turn the writing direction of what follows.
func checkTitle(op, field, text string, limit int) error {
	if err := checkLine(op, field, text, limit); err != nil {
		return err
	}
	blank := true
	for _, r := range text {
		if unicode.Is(unicode.Bidi_Control, r) {
			return Errorf(Invalid, op, "%s has the invisible character U+%04X", field, r)
		}
		blank = blank && isBlank(r)
	}
	if blank && text != "" {
		return Errorf(Invalid, op, "%s is blank", field)
	}
	return nil
}

func cleanDisplay(op, display string) (string, error) {
	display = strings.TrimSpace(display)
	return display, checkTitle(op, "display", display, MaxDisplay)
}

// CheckEmail checks an e-mail address: at most MaxEmail bytes, something before and after the @. "" is none, and allowed.
// Spaces around it are not part of it.
func CheckEmail(email string) error {
	_, err := cleanEmail("chat.CheckEmail", email)
	return err
}

func cleanEmail(op, email string) (string, error) {
	email = strings.TrimSpace(email)
	if len(email) > MaxEmail {
		return "", Errorf(Invalid, op, "email is longer than %d bytes", MaxEmail)
	}
	if email == "" {
		return "", nil
	}
	if err := checkLine(op, "email", email, MaxEmail); err != nil {
		return "", err
	}
	if i := strings.IndexFunc(email, isInvisible); i >= 0 {
		return "", Errorf(Invalid, op, "email has an invisible character")
	}
	if at := strings.LastIndexByte(email, '@'); at < 1 || at == len(email)-1 || strings.ContainsAny(email, " ,<>") {
		return "", Errorf(Invalid, op, "email is not an address")
	}
	return email, nil
}

// FoldEmail is the form in which e-mail addresses are compared: A to Z in lower case, everything else as it is.
func FoldEmail(email string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, email)
}

// cutText shortens text to at most limit bytes, replacing what is not UTF-8 or a control character.
func cutText(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// maxMarks is how many combining marks a letter of a name may carry: enough for every script in use, too few to paint
// over the lines around it.
const maxMarks = 4

// CheckName checks the name of a person: 1 to 32 letters, digits and "-_. ", no spaces at the ends. Letters may carry
// combining marks. Comma, control and invisible characters are not in the list, so a name cannot pose as a list of names
// or as another one.
func CheckName(name string) error {
	const op = "chat.CheckName"
	if !utf8.ValidString(name) {
		return Errorf(Invalid, op, "name is not valid UTF-8")
	}
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxName {
		return Errorf(Invalid, op, "name must have 1 to %d characters", MaxName)
	}
	if strings.TrimSpace(name) != name {
		return Errorf(Invalid, op, "name must not begin or end with a space")
	}
	solid := false
	marks := maxMarks // how many marks stand in front of this character; none may come first
	for _, r := range name {
		switch {
		case isInvisible(r):
			return Errorf(Invalid, op, "name has the invisible character U+%04X", r)
		case unicode.IsLetter(r):
			solid, marks = true, 0
		case unicode.IsDigit(r):
			solid, marks = true, maxMarks
		case unicode.IsMark(r) && marks < maxMarks:
			marks++
		case strings.ContainsRune("-_. ", r):
			marks = maxMarks
		default:
			return Errorf(Invalid, op, "name may have letters, digits and - _ . and spaces, not %q", r)
		}
	}
	if !solid {
		return Errorf(Invalid, op, "name needs a letter or a digit")
	}
	return nil
}

func trimAndCheckName(name string) (string, error) {
	name = strings.TrimSpace(name)
	return name, CheckName(name)
}

// CheckRoomName checks [a-z0-9][a-z0-9-]{0,63}.
func CheckRoomName(name string) error {
	ok := len(name) >= 1 && len(name) <= 64 && name[0] != '-'
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-'
	}
	if !ok {
		return Errorf(Invalid, "chat.CheckRoomName", "room must be 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit")
	}
	return nil
}

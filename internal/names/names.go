package names

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/parley-chat/parley/internal/chat"
)

// maxInput bounds what is looked at, in bytes: far more than any name of chat.MaxName characters needs.
const maxInput = 1024

// Clean brings a name to the form in which it is stored (trimmed, single spaces, NFC), or refuses it; see chat.CheckName.
func Clean(name string) (string, error) {
	if len(name) > maxInput {
		return "", chat.Errorf(chat.Invalid, "names.Clean", "name must have 1 to %d characters", chat.MaxName)
	}
	if !utf8.ValidString(name) {
		return "", chat.Errorf(chat.Invalid, "names.Clean", "name is not valid UTF-8")
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' })
	name = norm.NFC.String(strings.Join(words, " "))
	if err := chat.CheckName(name); err != nil {
		return "", err
	}
	return name, nil
}

// Skeleton maps a name to the form in which names are compared: two names with the same skeleton are one. It takes any
// string; what is beyond 1,024 bytes is not looked at. Skeleton(Skeleton(s)) is Skeleton(s).
//
// It goes beyond UTS 39 in three points. A dot above an i or another letter that has one anyway is not seen, and does not
// count: Wi̇lliam, and Wİlliam in small letters, is William. The two others are because folding the case comes first and hides what capitals look like. A capital I
// looks like l, so i counts as l. And in a name that has Latin letters, a letter of another script also counts as the
// Latin letter that its capital looks like: Кevin with a Cyrillic К is Kevin.
func Skeleton(s string) string {
	if len(s) > maxInput {
		s = s[:maxInput]
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	// One prototype may fold or decompose into another's source, so it is repeated until nothing changes.
	for range 10 {
		next := round(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

// round is one step of Skeleton.
func round(s string) string {
	s = norm.NFD.String(cases.Fold().String(norm.NFKC.String(s)))
	latin := strings.ContainsFunc(s, isLatin)
	var b strings.Builder
	dotted := false // the letter has a dot of its own
	for _, r := range s {
		if !unicode.IsMark(r) {
			dotted = unicode.Is(unicode.Soft_Dotted, r)
		}
		switch like, ok := prototypes()[r]; {
		case dotted && r == '\u0307':
		case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		case r == 'i':
			b.WriteByte('l')
		case latin && !isLatin(r) && unicode.IsLetter(r):
			b.WriteString(latinFor(r, like))
		case ok:
			b.WriteString(like)
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFD.String(cases.Fold().String(b.String()))
}

// latinFor picks what a letter of another script passes for among Latin ones: its own look if that is Latin, else its
// capital's, else whatever it looks like.
func latinFor(r rune, like string) string {
	if like != "" && isASCII(like) {
		return like
	}
	if capital := prototypes()[unicode.ToUpper(r)]; capital != "" && isASCII(capital) {
		return capital
	}
	if like == "" {
		return string(r)
	}
	return like
}

func isLatin(r rune) bool { return unicode.Is(unicode.Latin, r) }

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// prototypes maps a code point to what it looks like.
var prototypes = sync.OnceValue(func() map[rune]string {
	table := make(map[rune]string, strings.Count(confusableEntries, "\n"))
	for entry := range strings.Lines(confusableEntries) {
		r, size := utf8.DecodeRuneInString(entry)
		table[r] = strings.TrimSuffix(entry[size:], "\n")
	}
	return table
})

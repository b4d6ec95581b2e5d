package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/text"
)

// Version is that of the rules. It grows with every change of what Render returns for the same text.
const Version = 1

// MaxBytes bounds a text and its HTML together, both as they stand in a JSON string. A frame has at most 64 KiB, and what
// else is in the frame of a message, names of 32 characters and ids, takes less than 1 KiB.
const MaxBytes = 63 << 10

// maxText is the longest text that is looked at, in bytes: a message has at most 8,000 characters of four.
const maxText = 32000

// maxLinks bounds the links in a message: the parser looks at the rest of the line for each one that may begin.
const maxLinks = 200

// Renderer is the package as an interface: see chat.Renderer.
type Renderer struct{}

// Render returns the HTML of text, or "" if it is plain.
func (Renderer) Render(text string) string { return Render(text) }

// Version returns the version of the rules.
func (Renderer) Version() int { return Version }

// Render returns the HTML of source, or "" if source is plain: nothing in it is Markdown, or it is too long, or not text.
// It may be called concurrently.
func Render(source string) string {
	if len(source) > maxText || !mayBeMarkup(source) || !isText(source) || strings.Count(source, "](") > maxLinks {
		return ""
	}
	src := []byte(source)
	w := &writer{src: src, limit: MaxBytes}
	w.blocks(blocks.Parse(text.NewReader(src)))
	if !w.marked || w.given {
		return ""
	}
	html := policy.Sanitize(w.out.String())
	if jsonLen(source)+jsonLen(html) > MaxBytes {
		return ""
	}
	return html
}

// isText refuses what chat.Service refuses as well, so that nothing here depends on it.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) < 0
}

// jsonLen is the length of s in a JSON string.
func jsonLen(s string) int {
	n := len(s)
	for i := range len(s) {
		switch s[i] {
		case '"', '\\', '\n', '\t':
			n++
		}
	}
	// U+2028 and U+2029 are written as six bytes and have three.
	return n + 3*strings.Count(s, "\u2028") + 3*strings.Count(s, "\u2029")
}

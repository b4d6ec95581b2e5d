package websocket

import "unicode/utf8"

// utf8Check checks text that comes in pieces, and fails at the first byte that no continuation can make right. The zero
// value is ready.
type utf8Check struct {
	part [utf8.UTFMax]byte // the start of a rune that a piece ended in
	n    uint8
}

// valid takes the next piece and reports whether the text can still be valid.
func (u *utf8Check) valid(p []byte) bool {
	for u.n > 0 && len(p) > 0 {
		u.part[u.n] = p[0]
		u.n++
		p = p[1:]
		if got := u.part[:u.n]; utf8.FullRune(got) {
			if _, size := utf8.DecodeRune(got); size != len(got) {
				return false
			}
			u.n = 0
		}
	}
	end := len(p)
	for i := len(p) - 1; i >= 0 && i >= len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) { // false for what cannot become a rune
				end = i
			}
			break
		}
	}
	if !utf8.Valid(p[:end]) {
		return false
	}
	if end < len(p) {
		u.n = uint8(copy(u.part[:], p[end:]))
	}
	return true
}

// complete reports whether the text does not end inside a rune.
func (u *utf8Check) complete() bool { return u.n == 0 }

package markdown

import "strings"

// signs are the bytes that can make more of a text than the text, wherever they stand.
var signs = func() (t [256]bool) {
	for _, c := range []byte("*_~`[\\<@:\n") {
		t[c] = true
	}
	return t
}()

// mayBeMarkup is the fast path: false is certain, true means that it must be parsed. Most of what people say is false.
func mayBeMarkup(s string) bool {
	if beginsBlock(s) {
		return true
	}
	var seen [128]bool
	for i := range len(s) {
		c := s[i]
		if !signs[c] {
			continue
		}
		next := byte(' ')
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch c {
		case '\n':
			if beginsBlock(s[i+1:]) {
				return true
			}
		case '\\':
			if strings.IndexByte(escapable, next) >= 0 {
				return true
			}
		case '[':
			if !seen[c] && strings.Contains(s[i:], "](") {
				return true
			}
			seen[c] = true
		case '<':
			if isLetter(next) {
				return true
			}
		case '@':
			if i > 0 && !isSpace(s[i-1]) && !isSpace(next) {
				return true
			}
		case ':':
			if next == '/' && hasScheme(s[:i]) {
				return true
			}
		default: // a pair is what makes it a sign
			if seen[c] {
				return true
			}
			seen[c] = true
		}
	}
	return false
}

// beginsBlock tells whether a line begins with what may be a quote, a list or a heading.
func beginsBlock(line string) bool {
	i := 0
	for i < len(line) && isSpace(line[i]) && line[i] != '\n' {
		i++
	}
	if i == len(line) {
		return false
	}
	end := i + 1
	switch c := line[i]; {
	case c == '>' || c == '#':
		return true
	case c == '-' || c == '+' || c == '*':
	case '0' <= c && c <= '9':
		for end < len(line) && '0' <= line[end] && line[end] <= '9' {
			end++
		}
		if end == len(line) || line[end] != '.' && line[end] != ')' {
			return false
		}
		end++
	default:
		return false
	}
	return end < len(line) && isSpace(line[end])
}

func hasScheme(before string) bool {
	from := max(0, len(before)-5)
	end := strings.ToLower(before[from:])
	return strings.HasSuffix(end, "http") || end == "https"
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isPunct(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

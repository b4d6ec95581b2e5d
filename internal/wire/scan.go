package wire

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

const whiteSpace = " \t\r\n"

// check refuses what the functions below may not see: they rely on valid JSON and shallow nesting.
func check(b []byte) error {
	if len(b) > MaxFrame {
		return invalid("", "the frame is longer than %d bytes", MaxFrame)
	}
	if !utf8.Valid(b) {
		return invalid("", "the frame is not valid UTF-8")
	}
	if depth(b) > MaxDepth {
		return invalid("", "the frame is nested deeper than %d", MaxDepth)
	}
	if !json.Valid(b) {
		return invalid("", "the frame is not one JSON object")
	}
	return nil
}

// depth returns how deep objects and arrays are nested in b, which may be no JSON at all.
func depth(b []byte) int {
	now, most := 0, 0
	inString := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			most = max(most, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return most
}

// next returns the first place from i on that is not white space.
func next(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

// skip returns the end of the value that begins at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		for i++; b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		for open := 0; ; {
			switch b[i] {
			case '"':
				i = skip(b, i)
				continue
			case '{', '[':
				open++
			case '}', ']':
				if open--; open == 0 {
					return i + 1
				}
			}
			i++
		}
	}
	for i < len(b) && !isEnd(b[i]) { // a number, true, false, null
		i++
	}
	return i
}

func isEnd(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// list returns the entries of an array, or true if there are more than most.
func list(b []byte, most int) (items [][]byte, tooMany bool) {
	for i := next(b, 1); b[i] != ']'; {
		if len(items) == most {
			return nil, true
		}
		end := skip(b, i)
		items = append(items, b[i:end])
		if i = next(b, end); b[i] == ',' {
			i = next(b, i+1)
		}
	}
	return items, false
}

// unquote returns the text of a JSON string. Half of a surrogate pair reads as U+FFFD, as in encoding/json.
func unquote(quoted []byte) string {
	plain := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(plain, '\\') < 0 {
		return string(plain)
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // valid, or Decode would have refused it
	return s
}

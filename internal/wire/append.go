package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Object is a JSON object as text. What is not valid JSON is written as {}.
type Object string

// MarshalJSON writes it without white space.
func (o Object) MarshalJSON() ([]byte, error) { return appendObject(nil, o), nil }

// UnmarshalJSON keeps the text.
func (o *Object) UnmarshalJSON(b []byte) error {
	*o = Object(b)
	return nil
}

func appendObject(dst []byte, o Object) []byte {
	buf := bytes.NewBuffer(dst)
	if err := json.Compact(buf, []byte(o)); err != nil {
		return append(dst, `{}`...)
	}
	return buf.Bytes()
}

// appendHead begins a frame of a type that needs no escaping.
func appendHead(dst []byte, typ, room string) []byte {
	dst = append(dst, `{"type":"`...)
	dst = append(dst, typ...)
	dst = append(dst, `","room":`...)
	return appendString(dst, room)
}

func appendNumber(dst []byte, key string, n uint64) []byte {
	return strconv.AppendUint(append(dst, key...), n, 10)
}

// appendSome leaves zero out.
func appendSome(dst []byte, key string, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return appendNumber(dst, key, n)
}

func appendInt(dst []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(dst, key...), n, 10)
}

func appendOptional(dst []byte, key, s string) []byte {
	if s == "" {
		return dst
	}
	return appendString(append(dst, key...), s)
}

func appendNames(dst []byte, key string, names []string) []byte {
	dst = append(append(dst, key...), '[')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, name)
	}
	return append(dst, ']')
}

func appendTime(dst []byte, t Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z07:00")
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// appendString appends s quoted, escaping what encoding/json escapes with HTML escaping off: quotes, backslashes,
// control characters, and U+2028 and U+2029, which end a line in old JavaScript.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[start:i]...), `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[start:i]...), `\u202`...)
			dst = append(dst, hexDigits[r&0xf])
			start = i + size
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}

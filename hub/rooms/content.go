package rooms

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// cleanContent brings a text to the form in which it is kept: CRLF becomes LF, everything else stays.
func cleanContent(content string, limit int) (string, *refusal) {
	if !utf8.ValidString(content) {
		return "", invalid("content is not valid UTF-8")
	}
	content = strings.ReplaceAll(content, "\r\n", "\n")
	blank, count := true, 0
	for _, r := range content {
		if count++; count > limit {
			return "", &refusal{code: codeTooLarge, message: fmt.Sprintf("content is longer than %d characters", limit)}
		}
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", invalid("content has the control character U+%04X", r)
		}
		blank = blank && isBlank(r)
	}
	if blank {
		return "", invalid("content is blank")
	}
	return content, nil
}

// isBlank tells what leaves no mark on the screen: white space, code points without ink, and the empty Braille cell.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u2800' ||
		unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// newID makes a UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits.
func newID(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[6:]) // never fails
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(b[0:], uint16(ms>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(ms))
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	x := hex.EncodeToString(b[:])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// normalUUID returns a UUID of any version in lower case.
func normalUUID(s string) (string, bool) {
	if len(s) != 36 {
		return "", false
	}
	s = strings.ToLower(s)
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return "", false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return "", false
			}
		}
	}
	return s, true
}

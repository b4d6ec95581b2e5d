package websocket

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Opcode says what a frame is (RFC 6455, section 5.2).
type Opcode byte

// The opcodes. OpText and OpBinary are the ones that Handler.Message gets.
const (
	OpContinuation Opcode = 0
	OpText         Opcode = 1
	OpBinary       Opcode = 2
	OpClose        Opcode = 8
	OpPing         Opcode = 9
	OpPong         Opcode = 10
)

// Close codes (RFC 6455, section 7.4). 4000 to 4999 are free for applications, 3000 to 3999 for registered ones.
const (
	CloseNormal         = 1000
	CloseGoingAway      = 1001
	CloseProtocolError  = 1002
	CloseUnsupported    = 1003
	CloseNoStatus       = 1005 // stands for a close frame without a code; never sent
	CloseInvalidPayload = 1007
	ClosePolicy         = 1008
	CloseTooBig         = 1009
	CloseInternal       = 1011
)

const (
	finBit     = 0x80
	rsvBits    = 0x70
	opBits     = 0x0f
	maskBit    = 0x80
	lenBits    = 0x7f
	maxControl = 125 // bytes of a control frame's payload
	maxReason  = maxControl - 2
	maxHeader  = 14 // bytes before the payload of a masked frame
)

// AppendFrame appends to dst one unmasked, unfragmented server frame with a copy of payload, and returns the extended
// slice. The payload of OpText must be valid UTF-8, that of a control frame at most 125 bytes; neither is checked.
func AppendFrame(dst []byte, op Opcode, payload []byte) []byte {
	first := finBit | byte(op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, first, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
	}
	return append(dst, payload...)
}

// Text returns payload, which must be valid UTF-8, as one text frame in a slice of its own.
func Text(payload []byte) []byte {
	return AppendFrame(make([]byte, 0, len(payload)+10), OpText, payload)
}

// frameEnd: see Conn.FrameEnd.
func frameEnd(chunk []byte, n int) int {
	end := 0
	for end < n {
		b := chunk[end:]
		if len(b) < 2 {
			return len(chunk)
		}
		head, size := 2, uint64(b[1]&lenBits)
		switch {
		case size == 126 && len(b) >= 4:
			head, size = 4, uint64(binary.BigEndian.Uint16(b[2:]))
		case size == 127 && len(b) >= 10:
			head, size = 10, binary.BigEndian.Uint64(b[2:])
		case size >= 126:
			return len(chunk)
		}
		if size > uint64(len(b)-head) {
			return len(chunk)
		}
		end += head + int(size)
	}
	return end
}

// closeFrame: see Conn.CloseFrame.
func closeFrame(code int, reason string) []byte {
	if code == 0 || code == CloseNoStatus {
		return []byte{finBit | byte(OpClose), 0}
	}
	if !validCode(code) {
		code = CloseInternal
	}
	reason = cutReason(reason)
	p := make([]byte, 0, 2+len(reason))
	p = append(binary.BigEndian.AppendUint16(p, uint16(code)), reason...)
	return AppendFrame(make([]byte, 0, 2+len(p)), OpClose, p)
}

func cutReason(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxReason {
		return s
	}
	n := maxReason
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// validCode reports whether code may stand in a close frame. 1012 to 1014 were registered after RFC 6455.
func validCode(code int) bool {
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014:
		return true
	}
	return false
}

// parseClose reads the payload of the peer's close frame. A payload that breaks the rules gives a CloseError of ours.
func parseClose(payload []byte) *CloseError {
	switch {
	case len(payload) == 0:
		return &CloseError{Code: CloseNoStatus}
	case len(payload) == 1:
		return breach("close frame of one byte")
	}
	code, reason := int(binary.BigEndian.Uint16(payload)), payload[2:]
	switch {
	case !validCode(code):
		return breach("close code %d", code)
	case !utf8.Valid(reason):
		return &CloseError{Code: CloseInvalidPayload, Reason: "close reason is not UTF-8", Local: true}
	}
	return &CloseError{Code: code, Reason: string(reason)}
}

// CloseError is how a connection ended that ended with a close frame.
type CloseError struct {
	Code   int    // CloseNoStatus if the peer's frame had none
	Reason string // at most 123 bytes
	Local  bool   // true: this side ended it, because the peer broke a rule or a limit; false: the peer did
}

// Error gives the code, the reason and whose they are.
func (e *CloseError) Error() string {
	who := "the peer"
	if e.Local {
		who = "this side"
	}
	return fmt.Sprintf("websocket: closed by %s with %d %q", who, e.Code, e.Reason)
}

// breach is the end of a connection whose peer broke the protocol.
func breach(format string, args ...any) *CloseError {
	return &CloseError{Code: CloseProtocolError, Reason: fmt.Sprintf(format, args...), Local: true}
}

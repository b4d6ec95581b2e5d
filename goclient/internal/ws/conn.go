package ws

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// The opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0
	opText         = 1
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// MaxMessage is the largest message that is read, in bytes. A server's largest is the list of all rooms in its welcome.
const MaxMessage = 16 << 20

// writeTime is how long one write may take before the connection counts as dead.
const writeTime = 30 * time.Second

// CloseError is the server's close frame. Code is 1005 when the frame had none.
type CloseError struct {
	Code   int
	Reason string
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("the server closed the connection with %d %s", e.Code, errorText([]byte(e.Reason)))
}

// ProtocolError says what the server did that no WebSocket server does, or that is more than we take.
type ProtocolError struct {
	Code int // with which the connection is closed
	What string
}

func broken(format string, args ...any) *ProtocolError {
	return &ProtocolError{1002, fmt.Sprintf(format, args...)}
}

func (e *ProtocolError) Error() string { return "the server broke the WebSocket protocol: " + e.What }

// Conn is one connection. Read must be called from one goroutine at a time; everything else may be called concurrently.
type Conn struct {
	stream io.ReadWriteCloser
	r      *bufio.Reader
	last   atomic.Pointer[time.Time] // when something arrived

	turn   chan struct{} // holds a token while a frame is written
	closed bool          // a close frame has been written; of whose turn it is
}

func (c *Conn) noteHeard() {
	now := time.Now()
	c.last.Store(&now)
}

// LastHeard is when the server last said anything, even if it was only a part of a frame.
func (c *Conn) LastHeard() time.Time { return *c.last.Load() }

// Write writes one text message. After 30 seconds it gives up, which ends the connection.
func (c *Conn) Write(text []byte) error { return c.write(opText, text) }

// Ping asks the server for a pong, which LastHeard will show.
func (c *Conn) Ping() error { return c.write(opPing, nil) }

// SendClose says goodbye. No more is written after it.
func (c *Conn) SendClose(code int) error {
	return c.write(opClose, binary.BigEndian.AppendUint16(nil, uint16(code)))
}

// Abort ends the connection at once. Reads and writes that wait return.
func (c *Conn) Abort() { _ = c.stream.Close() }

var errSaidGoodbye = errors.New("the connection is being closed")

func (c *Conn) write(op byte, payload []byte) error {
	// Nobody can guess the mask: what a caller says never stands on the wire as it is, for something in between to take it
	// for a request.
	var mask [4]byte
	_, _ = rand.Read(mask[:]) // never fails
	frame := appendFrame(nil, op, mask, payload)
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if c.closed {
		return errSaidGoodbye
	}
	c.closed = op == opClose
	limit := time.AfterFunc(writeTime, c.Abort)
	defer limit.Stop()
	_, err := c.stream.Write(frame)
	return err
}

// failTime is how long the server has to take our close frame after a mistake of its own.
const failTime = time.Second

// Read returns the next text message. It answers pings, and echoes a close frame before it returns it as a *CloseError.
// Every error is final; the server is told what a *ProtocolError is about.
func (c *Conn) Read() ([]byte, error) {
	message, err := c.read()
	if wrong := (*ProtocolError)(nil); errors.As(err, &wrong) {
		limit := time.AfterFunc(failTime, c.Abort)
		defer limit.Stop()
		_ = c.SendClose(wrong.Code) // it ends anyway
	}
	return message, err
}

func (c *Conn) read() ([]byte, error) {
	var message bytes.Buffer
	for open := false; ; {
		h, err := readHeader(c.r)
		if err != nil && open {
			err = unexpected(err)
		}
		if err != nil {
			return nil, err
		}
		switch {
		case h.op >= opClose:
			if err := c.control(h); err != nil {
				return nil, err
			}
			continue
		case (h.op == opContinuation) != open:
			return nil, broken("a fragment out of order")
		case int64(message.Len())+h.size > MaxMessage:
			return nil, &ProtocolError{1009, fmt.Sprintf("a message above %d bytes", MaxMessage)}
		}
		// It grows with what arrives, not with what the header claims.
		if _, err := io.CopyN(&message, c.r, h.size); err != nil {
			return nil, unexpected(err)
		}
		if open = !h.fin; open {
			continue
		}
		if !utf8.Valid(message.Bytes()) {
			return nil, &ProtocolError{1007, "text that is not UTF-8"}
		}
		return message.Bytes(), nil
	}
}

// control answers a control frame.
func (c *Conn) control(h header) error {
	payload := make([]byte, h.size)
	if _, err := io.ReadFull(c.r, payload); err != nil {
		return unexpected(err)
	}
	switch h.op {
	case opPing:
		if err := c.write(opPong, payload); err != nil && !errors.Is(err, errSaidGoodbye) {
			return err
		}
		return nil
	case opPong:
		return nil
	}
	if h.size == 0 {
		_ = c.write(opClose, nil) // it ends anyway
		return &CloseError{Code: 1005}
	}
	if h.size == 1 {
		return broken("a malformed close frame")
	}
	code := int(binary.BigEndian.Uint16(payload))
	switch {
	case !mayClose(code):
		return broken("a close frame with the code %d", code)
	case !utf8.Valid(payload[2:]):
		return &ProtocolError{1007, "a close frame whose reason is not UTF-8"}
	}
	_ = c.write(opClose, payload[:2])
	return &CloseError{code, string(payload[2:])}
}

// mayClose says whether a code may stand in a close frame (RFC 6455, section 7.4, and the registry of IANA).
func mayClose(code int) bool {
	switch code {
	case 1004, 1005, 1006, 1015:
		return false
	}
	return code >= 1000 && code <= 1015 || code >= 3000 && code <= 4999
}

type header struct {
	op   byte
	fin  bool
	size int64
}

func readHeader(r io.Reader) (header, error) {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:2]); err != nil {
		return header{}, err
	}
	h := header{op: b[0] & 0x0f, fin: b[0]&0x80 != 0, size: int64(b[1] & 0x7f)}
	switch {
	case b[0]&0x70 != 0:
		return h, broken("a reserved bit is set")
	case b[1]&0x80 != 0:
		return h, broken("a masked frame")
	case h.op > opText && h.op < opClose, h.op > opPong:
		return h, broken("a frame with opcode %d", h.op)
	case h.op >= opClose && (!h.fin || h.size > 125):
		return h, broken("a control frame that is fragmented or longer than 125 bytes")
	}
	var long int
	switch h.size {
	case 126:
		long = 2
	case 127:
		long = 8
	default:
		return h, nil
	}
	if _, err := io.ReadFull(r, b[:long]); err != nil {
		return h, unexpected(err)
	}
	size := uint64(binary.BigEndian.Uint16(b[:]))
	least := uint64(126)
	if long == 8 {
		size, least = binary.BigEndian.Uint64(b[:]), 1<<16
	}
	switch {
	case size < least || size>>63 != 0:
		return h, broken("a frame that says it has %d bytes", size)
	case size > MaxMessage:
		return h, &ProtocolError{1009, fmt.Sprintf("a frame that says it has %d bytes", size)}
	}
	h.size = int64(size)
	return h, nil
}

// unexpected makes an end within a frame an error that does not look like an orderly one.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendFrame appends one whole masked frame.
func appendFrame(dst []byte, op byte, mask [4]byte, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	dst = append(dst, mask[:]...)
	for i, b := range payload {
		dst = append(dst, b^mask[i&3])
	}
	return dst
}

package wsclient

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// The opcodes of RFC 6455, section 5.2.
const (
	Continuation byte = 0
	Text         byte = 1
	Binary       byte = 2
	CloseOp      byte = 8
	Ping         byte = 9
	Pong         byte = 10
)

// MaxMessage is the largest message that is read, in bytes.
const MaxMessage = 64 << 20

// writeTimeout is how long one write may take.
const writeTimeout = 30 * time.Second

// CloseError is the server's close frame. Code is 1005 when the frame had none.
type CloseError struct {
	Code   int
	Reason string
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("wsclient: closed with %d %q", e.Code, e.Reason)
}

// ProtocolError says what the server did that RFC 6455 forbids.
type ProtocolError struct{ What string }

func (e *ProtocolError) Error() string { return "wsclient: protocol error: " + e.What }

// Conn is one connection. Read, ReadFrame and ReadJSON must be called from one goroutine at a time; everything else
// may be called concurrently.
type Conn struct {
	nc       net.Conn
	protocol string
	manual   atomic.Bool
	wmu      sync.Mutex // one frame at a time

	// The reading side.
	buf   []byte // received, not yet parsed
	msg   []byte // the fragments so far
	msgOp byte   // 0: no message is open
	err   error  // what ended the connection; every later Read returns it
}

func newConn(nc net.Conn, early []byte, protocol string) *Conn {
	return &Conn{nc: nc, buf: early, protocol: protocol}
}

// Subprotocol is what the server chose, or "".
func (c *Conn) Subprotocol() string { return c.protocol }

// NetConn is the connection below, for a test that wants to cut, stall or shrink it.
func (c *Conn) NetConn() net.Conn { return c.nc }

// Manual switches the automatic answers off or on again. While off, Read returns pings and pongs like messages and a
// close frame is not echoed.
func (c *Conn) Manual(on bool) { c.manual.Store(on) }

// Send sends one text message.
func (c *Conn) Send(text string) error { return c.Frame(Text, true, []byte(text)) }

// Frame sends one masked frame, whatever it says: no rule is checked.
func (c *Conn) Frame(op byte, fin bool, payload []byte) error {
	return c.SendRaw(AppendFrame(nil, op, fin, payload))
}

// SendRaw writes b to the socket as it is. It is given 30 seconds.
func (c *Conn) SendRaw(b []byte) error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	_ = c.nc.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := c.nc.Write(b)
	return err
}

// SendClose sends a close frame; code 0 sends one without payload. The server's answer comes from Read.
func (c *Conn) SendClose(code int, reason string) error {
	if code == 0 {
		return c.Frame(CloseOp, true, nil)
	}
	return c.Frame(CloseOp, true, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}

// Shutdown does the closing handshake: it sends a close frame, discards what comes until the server's, and closes.
// It reads, so no other goroutine may. The result is nil if the server answered with the same code.
func (c *Conn) Shutdown(ctx context.Context, code int, reason string) error {
	defer func() { _ = c.Close() }()
	if err := c.SendClose(code, reason); err != nil {
		return err
	}
	for {
		_, _, err := c.Read(ctx)
		var ce *CloseError
		if errors.As(err, &ce) && ce.Code == code {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Close closes the socket at once, without a handshake. A Read that waits ends with net.ErrClosed.
func (c *Conn) Close() error { return c.nc.Close() }

// Read returns the next whole message. Pings are answered, pongs are dropped, and a close frame is echoed and returned as
// *CloseError (see Manual). A ctx that ends gives its error and leaves the connection as it was; any other error is
// final. The payload belongs to the caller.
func (c *Conn) Read(ctx context.Context) (op byte, payload []byte, err error) {
	for {
		f, err := c.ReadFrame(ctx)
		if err != nil {
			return 0, nil, err
		}
		if f.Op >= CloseOp {
			if done, err := c.control(f); err != nil || done {
				return f.Op, f.Payload, err
			}
			continue
		}
		if (f.Op == Continuation) != (c.msgOp != 0) {
			return 0, nil, c.fail("a fragment out of order")
		}
		if f.Op != Continuation {
			c.msgOp = f.Op
		}
		if c.msg = append(c.msg, f.Payload...); len(c.msg) > MaxMessage {
			return 0, nil, c.fail("message too large")
		}
		if !f.Fin {
			continue
		}
		op, payload = c.msgOp, c.msg
		c.msgOp, c.msg = 0, nil
		if op == Text && !utf8.Valid(payload) {
			return 0, nil, c.fail("text that is not UTF-8")
		}
		return op, payload, nil
	}
}

// ReadJSON reads the next message, which must be text, into v.
func (c *Conn) ReadJSON(ctx context.Context, v any) error {
	op, p, err := c.Read(ctx)
	if err != nil {
		return err
	}
	if op != Text {
		return fmt.Errorf("wsclient: opcode %d where JSON text was expected", op)
	}
	if err := json.Unmarshal(p, v); err != nil {
		return fmt.Errorf("wsclient: %w in %.200q", err, p)
	}
	return nil
}

// control handles a control frame; done means that the caller of Read wants to see it.
func (c *Conn) control(f Frame) (done bool, err error) {
	manual := c.manual.Load()
	switch f.Op {
	case Ping:
		if !manual {
			_ = c.Frame(Pong, true, f.Payload) // a broken connection shows itself in the next read
		}
		return manual, nil
	case Pong:
		return manual, nil
	}
	ce := &CloseError{Code: 1005}
	if len(f.Payload) > 0 {
		if len(f.Payload) == 1 || !utf8.Valid(f.Payload[2:]) {
			return false, c.fail("a malformed close frame")
		}
		ce.Code, ce.Reason = int(binary.BigEndian.Uint16(f.Payload)), string(f.Payload[2:])
	}
	if !manual {
		_ = c.Frame(CloseOp, true, f.Payload[:min(len(f.Payload), 2)])
	}
	c.err = ce
	return false, ce
}

// Frame is one frame as the server sent it.
type Frame struct {
	Op      byte
	Fin     bool
	Payload []byte
}

// ReadFrame returns the next frame and does nothing about it: no answer, no assembly of messages. See Read for ctx.
func (c *Conn) ReadFrame(ctx context.Context) (Frame, error) {
	if c.err != nil {
		return Frame{}, c.err
	}
	for {
		f, n, err := parse(c.buf)
		if err != nil {
			c.err = err
			return Frame{}, err
		}
		if n > 0 {
			if c.buf = c.buf[n:]; len(c.buf) == 0 {
				c.buf = nil
			}
			return f, nil
		}
		if err := c.fill(ctx); err != nil {
			return Frame{}, err
		}
	}
}

// fill reads more bytes, until ctx ends.
func (c *Conn) fill(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	_ = c.nc.SetReadDeadline(time.Time{})
	expired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.nc.SetReadDeadline(time.Unix(1, 0))
		close(expired)
	})
	var chunk [16 << 10]byte
	n, err := c.nc.Read(chunk[:])
	if !stop() {
		<-expired // or it would end a later read
	}
	c.buf = append(c.buf, chunk[:n]...)
	switch {
	case n > 0 || err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded):
		return context.Cause(ctx)
	}
	c.err = err
	return err
}

func (c *Conn) fail(what string) error {
	c.err = &ProtocolError{what}
	return c.err
}

// parse takes one frame from b; n is 0 while it is incomplete. The payload is a copy.
func parse(b []byte) (f Frame, n int, err error) {
	if len(b) < 2 {
		return f, 0, nil
	}
	f.Fin, f.Op = b[0]&0x80 != 0, b[0]&0x0f
	size, head := uint64(b[1]&0x7f), 2
	switch {
	case b[0]&0x70 != 0:
		return f, 0, &ProtocolError{"a reserved bit is set"}
	case b[1]&0x80 != 0:
		return f, 0, &ProtocolError{"a masked frame from the server"}
	case f.Op > Pong || f.Op > Binary && f.Op < CloseOp:
		return f, 0, &ProtocolError{fmt.Sprintf("opcode %d", f.Op)}
	case f.Op >= CloseOp && (!f.Fin || size > 125):
		return f, 0, &ProtocolError{"a control frame that is fragmented or longer than 125 bytes"}
	case size == 126:
		if head = 4; len(b) < head {
			return f, 0, nil
		}
		if size = uint64(binary.BigEndian.Uint16(b[2:])); size < 126 {
			return f, 0, &ProtocolError{"a length that is not minimal"}
		}
	case size == 127:
		if head = 10; len(b) < head {
			return f, 0, nil
		}
		if size = binary.BigEndian.Uint64(b[2:]); size < 1<<16 {
			return f, 0, &ProtocolError{"a length that is not minimal"}
		}
	}
	if size > MaxMessage {
		return f, 0, &ProtocolError{fmt.Sprintf("a frame of %d bytes", size)}
	}
	if n = head + int(size); len(b) < n {
		return f, 0, nil
	}
	f.Payload = append([]byte{}, b[head:n]...)
	return f, n, nil
}

// AppendFrame appends one masked frame to dst; no rule is checked.
func AppendFrame(dst []byte, op byte, fin bool, payload []byte) []byte {
	if fin {
		op |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, op, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, op, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, op, 0x80|127), uint64(n))
	}
	key := rand.Uint32()
	var k [4]byte
	binary.BigEndian.PutUint32(k[:], key)
	dst = append(dst, k[:]...)
	for i, b := range payload {
		dst = append(dst, b^k[i&3])
	}
	return dst
}

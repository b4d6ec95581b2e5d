package websocket

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// closeTimeout is how long the owner may take from Handler.CloseFrame to Finish, and the peer from Finish to its
	// closing frame.
	closeTimeout = 5 * time.Second
	// lingerTimeout is how long input is read away after this side has ended, and lingerBytes how much of it.
	lingerTimeout = 2 * time.Second
	lingerBytes   = 16 << 20
)

// The states of a Conn. They only go forward.
const (
	open      int32 = iota
	finishing       // Finish was called: the closing frame is on its way, nothing is delivered any more
	closed          // the descriptor is closed, or is just being closed
)

// Conn is one WebSocket connection, made by Upgrade.
//
// TryWrite and Write must be called from one goroutine at a time, and never both at once. Serve is called once. All other
// methods may be called at any time, from any goroutine. A Conn that is not served must be ended with Abort.
type Conn struct {
	nc   net.Conn        // what is read and written
	base net.Conn        // the connection below TLS, or nc
	raw  syscall.RawConn // nil unless nc is a plain socket

	early     []byte // what came behind the handshake
	protocol  string
	max       int
	idleCode  int
	floodCode int
	pingAfter time.Duration
	idleAfter time.Duration

	state   atomic.Int32
	serving atomic.Bool

	mu    sync.Mutex
	timer *time.Timer // ends what does not end by itself; nil until the connection is closing
}

// Subprotocol is the subprotocol chosen in the handshake, or "".
func (c *Conn) Subprotocol() string { return c.protocol }

// RemoteAddr is the peer's network address; behind a proxy, the proxy's.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// TryWrite writes the start of bufs, as much as the socket's buffer takes at once, and returns how many bytes that was;
// fewer than all, without an error, means that the buffer is full. It never blocks and allocates nothing. Over TLS, or
// on another system than Linux, it cannot promise that and returns 0: use Write. bufs is not changed. After an error the
// connection is of no use.
func (c *Conn) TryWrite(bufs [][]byte) (int, error) {
	if c.raw == nil {
		return 0, nil
	}
	return tryWrite(c.raw, bufs)
}

// Write writes all of bufs, or fails at the deadline (os.ErrDeadlineExceeded; a zero deadline is none) or when the
// connection ends (net.ErrClosed after Abort). It returns how many bytes were written. bufs is not changed. Over TLS the
// connection is of no use after an error.
func (c *Conn) Write(bufs [][]byte, deadline time.Time) (int, error) {
	if err := c.nc.SetWriteDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := c.writeAll(bufs)
	if !deadline.IsZero() {
		_ = c.nc.SetWriteDeadline(time.Time{}) // an expired one would fail every TryWrite
	}
	return n, err
}

func (c *Conn) writeAll(bufs [][]byte) (int, error) {
	switch {
	case len(bufs) == 1:
		return c.nc.Write(bufs[0])
	case c.raw != nil:
		v := append(net.Buffers(nil), bufs...) // WriteTo consumes it
		n, err := v.WriteTo(c.nc)
		return int(n), err
	}
	return c.writeJoined(bufs)
}

// writeJoined fills a buffer before each write: TLS makes a record, and a system call, of each.
func (c *Conn) writeJoined(bufs [][]byte) (total int, err error) {
	joined := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(joined)
	n := 0
	for _, b := range bufs {
		for len(b) > 0 {
			k := copy(joined[n:], b)
			n, b = n+k, b[k:]
			if n < len(joined) {
				continue
			}
			n, err = c.nc.Write(joined[:])
			if total += n; err != nil {
				return total, err
			}
			n = 0
		}
	}
	if n > 0 {
		n, err = c.nc.Write(joined[:n])
	}
	return total + n, err
}

// FrameEnd returns where the frame of server frames ends of which byte n-1 of chunk is a part: n itself if a frame ends
// there, 0 for 0. chunk begins with a frame; if it ends inside one, that end is the answer for its bytes. The time it
// takes grows with the number of frames.
func (c *Conn) FrameEnd(chunk []byte, n int) int { return frameEnd(chunk, n) }

// CloseFrame encodes a close frame. reason is cut to 123 bytes at the end of a rune. Code 0 or 1005 makes a frame without
// code and reason; another code that may not be sent becomes 1011.
func (c *Conn) CloseFrame(code int, reason string) []byte { return closeFrame(code, reason) }

// Finish is called when a close frame, the last thing to be sent, has been written. It returns at once. What the peer
// still sends is not delivered. When its close frame has come, or after five seconds, the connection is closed.
func (c *Conn) Finish() {
	if !c.state.CompareAndSwap(open, finishing) {
		return
	}
	c.limit(closeTimeout)
	_ = c.nc.SetReadDeadline(time.Unix(1, 0)) // wakes the reader if it waits for this
}

// Abort closes the connection at once. On TCP the peer gets a reset, and what was not sent yet is dropped. Serve returns
// as soon as the Handler lets it.
func (c *Conn) Abort() { c.end(true) }

// limit aborts the connection in d, unless it has ended by then.
func (c *Conn) limit(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state.Load() == closed:
	case c.timer == nil:
		c.timer = time.AfterFunc(d, c.Abort)
	default:
		c.timer.Reset(d)
	}
}

// end closes the descriptor, whoever calls it first. It goes below TLS, whose own Close may block.
func (c *Conn) end(reset bool) {
	if c.state.Swap(closed) == closed {
		return
	}
	c.mu.Lock()
	if c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	if t, ok := c.base.(*net.TCPConn); ok && reset {
		_ = t.SetLinger(0)
	}
	_ = c.base.Close()
}

// closeWrite tells the peer that nothing more comes, and reports whether that could be said. Over TLS it may block, for
// at most five seconds.
func (c *Conn) closeWrite() bool {
	type half interface{ CloseWrite() error }
	if t, ok := c.nc.(half); ok && c.nc != c.base {
		_ = t.CloseWrite()
	}
	t, ok := c.base.(half)
	return ok && t.CloseWrite() == nil
}

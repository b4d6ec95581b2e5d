package websocket

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Handler gets what a connection receives. Serve calls it from one goroutine, in order, and reads nothing while a method
// runs: a method that blocks holds back the peer, and with it up to 16 KiB of received bytes.
type Handler interface {
	// Message gets a whole message, OpText (valid UTF-8) or OpBinary. payload is valid until it returns, and may be
	// changed. It may block as long as it likes: meanwhile the connection is not idle.
	Message(op Opcode, payload []byte)
	// Control gets an encoded ping or pong to be sent behind what is queued. The frame may be kept but not changed.
	Control(frame []byte)
	// CloseFrame gets the last frame to be sent, encoded: the answer to the peer's close frame, or the reason why it is
	// cut off. Once it is written, Conn.Finish is to be called. It is called at most once, and not after Finish.
	CloseFrame(frame []byte)
	// Closed is the last call, and comes exactly once. err is a *CloseError if a close frame ended the connection, io.EOF
	// or io.ErrUnexpectedEOF if the peer just ended it, net.ErrClosed (wrapped) after Abort, or what reading gave. A
	// close frame that was handed to CloseFrame may still be written after it.
	Closed(err error)
}

const (
	// bufferSize is the size of the pooled buffer that a plain connection reads into while there is something to read.
	bufferSize = 16 << 10
	// blockingBuffer is the size of the buffer that any other connection keeps.
	blockingBuffer = 2 << 10

	// maxControls is how many control frames a peer may send in one second.
	maxControls = 50
	// latePause is how much later than asked the idle timer must fire for the process itself to be the one that slept.
	latePause = time.Second
)

var (
	buffers   = sync.Pool{New: func() any { return new([bufferSize]byte) }}
	pingFrame = AppendFrame(nil, OpPing, nil)
)

// Serve reads until the connection ends and closes it. It blocks; it must be called once, in a goroutine of its own,
// else it panics.
func (c *Conn) Serve(h Handler) {
	if c.serving.Swap(true) {
		panic("websocket: Serve called twice")
	}
	defer c.end(false)
	r := &reading{c: c, h: h, parser: parser{max: c.max, floodCode: c.floodCode}}
	r.in.open(c)
	err := r.run()
	h.Closed(err)
	if r.ended {
		r.linger()
	}
}

// input reads the connection's bytes, one piece at a time.
type input struct {
	c   *Conn
	fn  func(fd uintptr) bool
	buf *[bufferSize]byte // pooled; nil while parked
	own []byte            // used instead where reading blocks
	n   int
	err error
}

func (in *input) open(c *Conn) {
	in.c = c
	if c.raw != nil {
		in.fn = in.readRaw
	} else {
		in.own = make([]byte, blockingBuffer)
	}
}

// next waits for bytes. They are valid until release, which must follow. An error comes without bytes.
func (in *input) next() ([]byte, error) {
	if in.own != nil {
		n, err := in.c.nc.Read(in.own)
		if n > 0 {
			err = nil // it comes again
		}
		return in.own[:n], err
	}
	if err := in.c.raw.Read(in.fn); err != nil {
		return nil, err
	}
	if in.n == 0 && in.err == nil {
		in.err = io.EOF
	}
	return in.buf[:in.n], in.err
}

func (in *input) release() {
	if in.buf != nil {
		buffers.Put(in.buf)
		in.buf = nil
	}
}

// reading is the state of Serve. It belongs to its goroutine.
//
// The idle timer is the connection's read deadline: it needs no goroutine, and it interrupts the reader where the answer
// is due. It is not moved for every read. When it fires too early, it is set anew.
type reading struct {
	c *Conn
	h Handler
	parser
	in input

	now     time.Time
	last    time.Time // when bytes came last
	armed   time.Time // the deadline that is set; zero: none
	began   time.Time // when the unfinished message or frame began; zero: there is none
	pinged  bool      // since last
	excused bool      // a late timer, since last
	blocked bool      // Message was called, which may have taken long

	second   time.Time // when the second began in which controls were counted
	controls int

	ended    bool // by a close frame, not by the connection's failure
	answered bool // the close frame was the peer's
}

// run reads until the end and returns why.
func (r *reading) run() error {
	r.now = time.Now()
	r.last = r.now
	if err := r.take(r.c.early); err != nil {
		return err
	}
	r.c.early = nil
	for {
		r.arm()
		b, err := r.in.next()
		r.now = time.Now()
		switch {
		case err == nil:
			err = r.take(b)
			r.in.release()
		case errors.Is(err, os.ErrDeadlineExceeded):
			err = r.tick()
		default:
			r.in.release()
			if errors.Is(err, io.EOF) && r.partial() {
				err = io.ErrUnexpectedEOF
			}
		}
		if err != nil {
			return err
		}
	}
}

// take handles received bytes.
func (r *reading) take(b []byte) error {
	r.last, r.pinged, r.excused, r.blocked = r.now, false, false, false
	if err := r.feed(b, r); err != nil {
		if ce, ok := errors.AsType[*CloseError](err); ok {
			r.goodbye(ce)
		}
		return err
	}
	if r.blocked {
		r.now = time.Now()
		r.last = r.now
	}
	switch {
	case !r.partial():
		r.began = time.Time{}
	case r.began.IsZero():
		r.began = r.now
	}
	return nil
}

// message implements sink.
func (r *reading) message(op Opcode, payload []byte) error {
	r.began, r.blocked = time.Time{}, true
	if r.c.state.Load() == open {
		r.h.Message(op, payload)
	}
	return nil
}

// control implements sink.
func (r *reading) control(op Opcode, payload []byte) error {
	if r.msgOp == OpContinuation {
		r.began = time.Time{}
	}
	if op == OpClose {
		return parseClose(payload)
	}
	if r.now.Sub(r.second) >= time.Second {
		r.second, r.controls = r.now, 0
	}
	if r.controls++; r.controls > maxControls {
		return &CloseError{Code: r.floodCode, Reason: "too many control frames", Local: true}
	}
	if op == OpPing && r.c.state.Load() == open {
		r.h.Control(AppendFrame(make([]byte, 0, 2+len(payload)), OpPong, payload))
	}
	return nil
}

// goodbye hands out the close frame, unless the owner has sent one: nothing may follow it.
func (r *reading) goodbye(ce *CloseError) {
	r.ended, r.answered = true, !ce.Local
	if r.c.state.Load() != open {
		return
	}
	r.c.limit(closeTimeout)
	reason := ce.Reason
	if !ce.Local {
		reason = ""
	}
	r.h.CloseFrame(closeFrame(ce.Code, reason))
}

// arm sets the deadline, if it must come before the one that is set.
func (r *reading) arm() {
	next := r.last.Add(r.c.idleAfter)
	if ping := r.last.Add(r.c.pingAfter); !r.pinged && ping.Before(next) {
		next = ping
	}
	if limit := r.began.Add(r.c.idleAfter); !r.began.IsZero() && limit.Before(next) {
		next = limit
	}
	if r.armed.IsZero() || next.Before(r.armed) {
		r.armed = next
		_ = r.c.nc.SetReadDeadline(next) // a closed connection shows itself in the next read
	}
}

// tick looks at what is due when the deadline has passed.
func (r *reading) tick() error {
	late := r.now.Sub(r.armed)
	r.armed = time.Time{}
	if r.c.state.Load() != open {
		r.last, r.began = r.now, time.Time{} // Finish has set a limit of its own
		return nil
	}
	idle, stalled := r.now.Sub(r.last) >= r.c.idleAfter, !r.began.IsZero() && r.now.Sub(r.began) >= r.c.idleAfter
	switch {
	case idle || stalled:
		if late >= latePause && !r.excused {
			return r.excuse()
		}
		ce := &CloseError{Code: r.c.idleCode, Reason: "idle", Local: true}
		if stalled && !idle {
			ce.Reason = "message not finished in time"
		}
		r.goodbye(ce)
		return ce
	case !r.pinged && r.now.Sub(r.last) >= r.c.pingAfter:
		r.pinged = true
		r.h.Control(pingFrame)
	}
	return nil
}

// excuse gives the peer another second, once. A process that was suspended must look at what has come meanwhile before
// it calls the peer idle.
func (r *reading) excuse() error {
	r.excused, r.pinged = true, true
	again := r.now.Add(latePause - r.c.idleAfter)
	if r.last.Before(again) {
		r.last = again
	}
	if !r.began.IsZero() && r.began.Before(again) {
		r.began = again
	}
	return nil
}

// linger sees the close frame off: it waits for Finish, ends this side, and reads away what the peer still sends until it
// ends its own.
func (r *reading) linger() {
	budget := lingerBytes
	for r.c.state.Load() == open {
		// Finish sets its state before its deadline, here it is the other way round: one of the two sees the other.
		_ = r.c.nc.SetReadDeadline(time.Time{})
		if r.c.state.Load() == open && !r.discard(&budget) {
			return
		}
	}
	if !r.c.closeWrite() && r.answered {
		return
	}
	until := time.Now().Add(lingerTimeout)
	for {
		_ = r.c.nc.SetReadDeadline(until)
		if !r.discard(&budget) || !time.Now().Before(until) {
			return
		}
	}
}

// discard reads once. It is false when there is nothing more to wait for; a deadline is something to look at.
func (r *reading) discard(budget *int) bool {
	b, err := r.in.next()
	*budget -= len(b)
	r.in.release()
	return *budget > 0 && (err == nil || errors.Is(err, os.ErrDeadlineExceeded))
}

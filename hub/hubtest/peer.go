package hubtest

import (
	"bytes"
	"context"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub"
)

// Peer is a hub.Transport that keeps what it is written. It takes everything at once until it is told otherwise. All
// methods may be called concurrently.
type Peer struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever anything changes
	data     []byte        // since the last Drain
	room     int           // bytes it takes before it stalls; negative: no limit
	err      error         // what writes fail with
	blocking bool          // TryWrite takes nothing
	writes   int
	finished bool
	aborted  bool
	hanging  bool
	ended    func()
	over     bool // ended has been called
}

var _ hub.Transport = (*Peer)(nil)

// NewPeer returns a peer that takes everything.
func NewPeer() *Peer { return &Peer{room: -1, changed: make(chan struct{})} }

// Connect gives u a session over a new peer. The session is detached, from a goroutine of its own, once the hub has
// finished or aborted the transport, as the owner of a real connection does when its reader ends.
func Connect(h *hub.Hub, u hub.User) (*hub.Session, *Peer) {
	p := NewPeer()
	s := h.NewSession(u, p)
	p.OnEnd(func() { go s.Detach() })
	return s, p
}

// OnEnd has f called once, when the transport has been finished or aborted, at once if it has been already. f must not
// block.
func (p *Peer) OnEnd(f func()) {
	p.mu.Lock()
	p.ended = f
	p.endUnlock()
}

// Stall takes nothing more: TryWrite writes nothing, Write blocks until its deadline or until Release or Take.
func (p *Peer) Stall() { p.Take(0) }

// Take takes n bytes more and then stalls.
func (p *Peer) Take(n int) { p.set(func() { p.room = n }) }

// Release takes everything again.
func (p *Peer) Release() { p.Take(-1) }

// Fail makes every write fail with err from now on; nil ends that.
func (p *Peer) Fail(err error) { p.set(func() { p.err = err }) }

// Blocking makes the peer one whose every write might block, as over TLS: TryWrite takes nothing, ever.
func (p *Peer) Blocking() { p.set(func() { p.blocking = true }) }

// Hang keeps the connection open after Finish: only Abort ends it.
func (p *Peer) Hang() { p.set(func() { p.hanging = true }) }

func (p *Peer) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.change()
}

func (p *Peer) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// TryWrite implements hub.Transport.
func (p *Peer) TryWrite(bufs [][]byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.failure(); err != nil || p.blocking {
		return 0, err
	}
	p.writes++
	return p.take(bufs, 0), nil
}

// Write implements hub.Transport. At the deadline it fails with os.ErrDeadlineExceeded, after Abort with net.ErrClosed.
func (p *Peer) Write(bufs [][]byte, deadline time.Time) (int, error) {
	size := 0
	for _, b := range bufs {
		size += len(b)
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes++
	for n := 0; ; {
		if err := p.failure(); err != nil {
			return n, err
		}
		if n += p.take(bufs, n); n == size {
			return n, nil
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
			p.mu.Lock()
		case <-timer.C:
			p.mu.Lock()
			return n, os.ErrDeadlineExceeded
		}
	}
}

func (p *Peer) failure() error {
	if p.aborted {
		return net.ErrClosed
	}
	return p.err
}

// take keeps what there is room for, from the byte numbered from on.
func (p *Peer) take(bufs [][]byte, from int) int {
	n := 0
	for _, b := range bufs {
		skip := min(from, len(b))
		from -= skip
		b = b[skip:]
		if p.room >= 0 {
			b = b[:min(len(b), p.room)]
			p.room -= len(b)
		}
		p.data = append(p.data, b...)
		n += len(b)
		if p.room == 0 {
			break
		}
	}
	if n > 0 {
		p.change()
	}
	return n
}

// FrameEnd implements hub.Transport: a frame ends with its newline.
func (p *Peer) FrameEnd(chunk []byte, n int) int {
	if n == 0 {
		return 0
	}
	if i := bytes.IndexByte(chunk[n-1:], '\n'); i >= 0 {
		return n + i
	}
	return len(chunk)
}

// CloseFrame implements hub.Transport: "close 1001 going away".
func (p *Peer) CloseFrame(code int, reason string) []byte {
	return Frame("close %d %s", code, reason)
}

// Finish implements hub.Transport.
func (p *Peer) Finish() {
	p.mu.Lock()
	p.finished = true
	p.change()
	p.endUnlock()
}

// Abort implements hub.Transport.
func (p *Peer) Abort() {
	p.mu.Lock()
	p.aborted = true
	p.change()
	p.endUnlock()
}

func (p *Peer) endUnlock() {
	f := p.ended
	call := f != nil && !p.over && (p.aborted || p.finished && !p.hanging)
	p.over = p.over || call
	p.mu.Unlock()
	if call {
		f()
	}
}

// Finished says whether the hub has finished the connection, after the close frame.
func (p *Peer) Finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.finished
}

// Aborted says whether the connection has been reset.
func (p *Peer) Aborted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.aborted
}

// Writes is how many calls of TryWrite and Write there were.
func (p *Peer) Writes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

// Frames returns the whole frames since the last Drain, without their newlines.
func (p *Peer) Frames() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	frames, _ := p.split()
	return frames
}

// Half returns what there is of the frame that is not yet whole.
func (p *Peer) Half() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, half := p.split()
	return half
}

// Drain is Frames, and forgets them. What there is of an unfinished frame stays.
func (p *Peer) Drain() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	frames, half := p.split()
	p.data = []byte(half)
	return frames
}

func (p *Peer) split() (frames []string, half string) {
	frames = strings.Split(string(p.data), "\n")
	last := len(frames) - 1
	return frames[:last:last], frames[last]
}

// Await returns the frames since the last Drain once ok accepts them; it fails when ctx ends first.
func (p *Peer) Await(ctx context.Context, ok func(frames []string) bool) ([]string, error) {
	for {
		p.mu.Lock()
		frames, _ := p.split()
		changed := p.changed
		p.mu.Unlock()
		if ok(frames) {
			return frames, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return frames, ctx.Err()
		}
	}
}

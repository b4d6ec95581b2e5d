package simtest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

var errReset = errors.New("connection reset by peer")

// pipe is a connection in memory. The server has it as a net.Conn. The client's side never blocks: the simulation puts
// bytes in and takes out what has come.
type pipe struct {
	mu   sync.Mutex
	cond sync.Cond

	in     [][]byte // to the server, in pieces
	joined bool     // the server reads several pieces at once
	inEnd  bool     // the client has said that it ends
	out    []byte   // to the client
	turn   int      // of the server's reader
	full   int      // bytes in out beyond which the server's writes wait; 0: the client reads all the time
	outEnd bool     // the server has ended its side
	reset  bool     // cut by the client, or aborted by the server
	silent bool     // half open: neither side hears the other any more

	readBy, writeBy       time.Time
	readTimer, writeTimer *time.Timer

	status int // of a refused handshake; 0 until then
}

// socketBuffer is what the two kernels of a connection would hold of a client that does not read.
const socketBuffer = 4 << 10

func newPipe(turn int, joined bool) *pipe {
	p := &pipe{turn: turn % wokenTurn, joined: joined}
	p.cond.L = &p.mu
	return p
}

// put gives a piece to the server. If pieces are not joined, each comes when the server has done what it can do at once
// with the one before.
func (p *pipe) put(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.silent && !p.reset {
		p.in = append(p.in, b)
		p.cond.Broadcast()
	}
}

// take gets what has come from the server; ended says that nothing will come any more.
func (p *pipe) take() (b []byte, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent {
		return nil, false
	}
	b, p.out = p.out, nil
	p.cond.Broadcast()
	return b, p.outEnd || p.reset
}

// cut ends the connection both ways at once.
func (p *pipe) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reset = true
	p.cond.Broadcast()
}

// end says that the client will send nothing more.
func (p *pipe) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inEnd = true
	p.cond.Broadcast()
}

// silence makes the connection half open: the server goes on, and nobody hears it.
func (p *pipe) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent, p.full = true, socketBuffer
}

// stall is a client that does not read, or reads again.
func (p *pipe) stall(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full = 0
	if on {
		p.full = socketBuffer
	}
	p.cond.Broadcast()
}

func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.reset:
			return 0, errReset
		case expired(p.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(p.in) > 0:
			return p.read(b), nil
		case p.inEnd:
			return 0, io.EOF
		}
		p.cond.Wait()
	}
}

// Of 64 nanoseconds each goroutine that moves messages has one to itself, so that no two of them meet and the order of
// what they do is the same in every run.
const (
	turns         = 64
	taskTurn      = committerTurn - 1
	wokenTurn     = 48 // and following: readers that the committer has just let go on, one for each person
	committerTurn = turns - 1
)

// waitTurn sleeps until the next turn, so that everything that can be done now has been done.
func waitTurn(turn int) {
	now := int(time.Now().UnixNano() % turns)
	time.Sleep(time.Duration((turn-now+turns-1)%turns + 1))
}

func (p *pipe) read(b []byte) (n int) {
	if !p.joined {
		p.mu.Unlock()
		waitTurn(p.turn)
		p.mu.Lock()
	}
	for n < len(b) && len(p.in) > 0 && (n == 0 || p.joined) {
		k := copy(b[n:], p.in[0])
		n += k
		if p.in[0] = p.in[0][k:]; len(p.in[0]) == 0 {
			p.in = p.in[1:]
		}
	}
	return n
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	total := 0
	for {
		switch {
		case p.reset || p.outEnd:
			return total, errReset
		case expired(p.writeBy):
			return total, os.ErrDeadlineExceeded
		}
		n := len(b)
		if p.full > 0 {
			n = min(n, max(0, p.full-len(p.out)))
		}
		p.out = append(p.out, b[:n]...)
		total += n
		if b = b[n:]; len(b) == 0 {
			return total, nil
		}
		p.cond.Wait()
	}
}

// Close is the server's; what was written before can still be read.
func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outEnd, p.reset = true, p.reset || !p.inEnd
	for _, t := range []*time.Timer{p.readTimer, p.writeTimer} {
		if t != nil {
			t.Stop()
		}
	}
	p.cond.Broadcast()
	return nil
}

func (p *pipe) CloseWrite() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outEnd = true
	p.cond.Broadcast()
	return nil
}

func expired(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

func (p *pipe) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readBy = t
	p.readTimer = p.wakeAt(p.readTimer, t)
	return nil
}

func (p *pipe) SetWriteDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeBy = t
	p.writeTimer = p.wakeAt(p.writeTimer, t)
	return nil
}

func (p *pipe) SetDeadline(t time.Time) error {
	_ = p.SetReadDeadline(t)
	return p.SetWriteDeadline(t)
}

func (p *pipe) wakeAt(timer *time.Timer, t time.Time) *time.Timer {
	p.cond.Broadcast()
	if timer != nil {
		timer.Stop()
	}
	if t.IsZero() || expired(t) {
		return nil
	}
	return time.AfterFunc(time.Until(t), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.cond.Broadcast()
	})
}

type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory" }

func (p *pipe) LocalAddr() net.Addr  { return address{} }
func (p *pipe) RemoteAddr() net.Addr { return address{} }

// response answers the handshake of a pipe.
type response struct {
	p        *pipe
	header   http.Header
	status   int
	hijacked bool
}

func (r *response) Header() http.Header         { return r.header }
func (r *response) Write(b []byte) (int, error) { return len(b), nil }
func (r *response) WriteHeader(status int)      { r.status = status }

func (r *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.hijacked = true
	return r.p, bufio.NewReadWriter(bufio.NewReaderSize(r.p, 16), bufio.NewWriterSize(r.p, 16)), nil
}

// handshake is what a client asks for.
func handshake(path string, room, token string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, "http://parley.test"+path+"?token="+token, nil)
	if err != nil {
		panic(err)
	}
	r.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	r.SetPathValue("name", room)
	return r
}

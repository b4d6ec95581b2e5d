// Package proxy is a TCP proxy that does to connections what networks do: it cuts them after a given byte, swallows what
// goes through them without a word, slows them down each by its own measure, and drops them all at once.
//
// Bytes of one connection keep their order; delays differ from connection to connection, so that what two clients say at
// the same time arrives in any order.
package proxy

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// dialTime is how long the server may take to accept.
const dialTime = 5 * time.Second

// Direction is the one in which a connection is counted or stopped.
type Direction int

// ToClient is what the server says, ToServer what the client says.
const (
	ToClient Direction = iota
	ToServer
)

// Cut ends a connection with a reset once so many bytes have gone through in a direction. None of the bytes behind pass.
type Cut struct {
	Direction Direction
	After     int64
}

// Plan says what is to happen to a connection that is being accepted. The zero value: nothing.
type Plan struct {
	Cut   *Cut
	Delay time.Duration // of every piece, in both directions
}

// Proxy passes connections on. Its methods may be called concurrently.
type Proxy struct {
	listener net.Listener
	target   string
	done     sync.WaitGroup
	cuts     atomic.Int64

	mu     sync.Mutex
	closed bool
	plan   func() Plan // nil: nothing happens
	links  map[*link]struct{}
}

// link is one connection through the proxy.
type link struct {
	client, server net.Conn
	cut            *Cut
	delay          atomic.Int64 // nanoseconds
	swallow        atomic.Bool  // set once, never taken back: the streams have holes
	socket         atomic.Bool  // it began as a WebSocket
	serverEnded    chan struct{}
}

// Listen opens a port of this machine and passes what comes on to target.
func Listen(target string) (*Proxy, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, target: target, links: map[*link]struct{}{}}
	p.done.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close resets everything and waits until it is gone.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.DropAll()
	p.done.Wait()
}

// SetPlan has f asked about each connection that is accepted from now on. nil: nothing happens to them.
func (p *Proxy) SetPlan(f func() Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = f
}

// Cuts is how many connections a Plan has cut so far.
func (p *Proxy) Cuts() int64 { return p.cuts.Load() }

// Delay changes the delay of the connections that there are, each as f says.
func (p *Proxy) Delay(f func() time.Duration) int {
	all := p.all()
	for _, l := range all {
		l.delay.Store(int64(f()))
	}
	return len(all)
}

// DropAll resets every connection and says how many they were.
func (p *Proxy) DropAll() int {
	all := p.all()
	for _, l := range all {
		l.reset()
	}
	return len(all)
}

// HalfOpen is a connection that is dead and does not show it: both ends have it, and nothing that either says arrives.
type HalfOpen struct{ l *link }

// ServerGaveUp is closed when the server has ended its half.
func (h HalfOpen) ServerGaveUp() <-chan struct{} { return h.l.serverEnded }

// Socket says that it is a WebSocket.
func (h HalfOpen) Socket() bool { return h.l.socket.Load() }

// Reset ends it for the client as well.
func (h HalfOpen) Reset() { h.l.reset() }

// Swallow makes at most n of the open connections half-open, whichever. They do not come back to life.
func (p *Proxy) Swallow(n int) []HalfOpen {
	var dead []HalfOpen
	for _, l := range p.all() {
		if len(dead) < n && !l.swallow.Swap(true) {
			dead = append(dead, HalfOpen{l})
		}
	}
	return dead
}

func (p *Proxy) all() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*link, 0, len(p.links))
	for l := range p.links {
		all = append(all, l)
	}
	return all
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.done.Go(func() { p.serve(client) })
	}
}

// serve is the life of a connection. One that the server does not accept is reset, as it would be without a proxy.
func (p *Proxy) serve(client net.Conn) {
	l := &link{client: client, serverEnded: make(chan struct{})}
	server, err := (&net.Dialer{Timeout: dialTime}).Dial("tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	l.server = server
	if !p.add(l) {
		l.reset()
		return
	}
	defer p.remove(l)
	var both sync.WaitGroup
	both.Go(func() { p.pump(l, ToServer) })
	both.Go(func() {
		p.pump(l, ToClient)
		close(l.serverEnded)
	})
	both.Wait()
	_ = client.Close()
	_ = server.Close()
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if p.plan != nil {
		plan := p.plan()
		l.cut = plan.Cut
		l.delay.Store(int64(plan.Delay))
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// pump copies one direction until it ends, and passes the end on unless the connection is half-open.
func (p *Proxy) pump(l *link, d Direction) {
	from, to := l.server, l.client
	if d == ToServer {
		from, to = l.client, l.server
	}
	var (
		buf  [8 << 10]byte
		sent int64
	)
	for {
		n, err := from.Read(buf[:])
		piece := buf[:n]
		if d == ToServer && sent == 0 && bytes.HasPrefix(piece, []byte("GET /ws")) {
			l.socket.Store(true)
		}
		if l.swallow.Load() {
			if err != nil {
				return
			}
			continue
		}
		if wait := time.Duration(l.delay.Load()); wait > 0 && n > 0 {
			time.Sleep(wait)
		}
		if c := l.cut; c != nil && c.Direction == d && sent+int64(n) >= c.After {
			_, _ = to.Write(piece[:c.After-sent])
			p.cuts.Add(1)
			l.reset()
			return
		}
		if n > 0 {
			if _, werr := to.Write(piece); werr != nil {
				l.reset()
				return
			}
			sent += int64(n)
		}
		if err != nil {
			l.end(d, err)
			return
		}
	}
}

// end passes on that one side has ended: an orderly end as one, anything else as a reset.
func (l *link) end(d Direction, err error) {
	to := l.client
	if d == ToServer {
		to = l.server
	}
	half, ok := to.(*net.TCPConn)
	if !ok || !isEOF(err) {
		l.reset()
		return
	}
	if half.CloseWrite() != nil {
		l.reset()
	}
}

func isEOF(err error) bool {
	var ne *net.OpError
	return !errors.As(err, &ne)
}

// reset ends both halves with RST. A byte that is under way may be lost, which is what it is for.
func (l *link) reset() {
	reset(l.client)
	reset(l.server)
}

func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

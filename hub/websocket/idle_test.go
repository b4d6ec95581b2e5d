package websocket

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a handler that writes its frames from the reading goroutine and remembers when what happened.
type recorder struct {
	echo
	begun  time.Time
	events chan event
	block  func() // what Message does
}

type event struct {
	after time.Duration
	what  string
}

func (r *recorder) note(what string) { r.events <- event{time.Since(r.begun), what} }

func (r *recorder) Message(op Opcode, p []byte) {
	r.note("message " + string(p))
	if r.block != nil {
		r.block()
	}
	r.echo.Message(op, p)
}

func (r *recorder) Control(frame []byte) { r.note("control"); r.echo.Control(frame) }

func (r *recorder) CloseFrame(frame []byte) { r.note("close"); r.echo.CloseFrame(frame) }

// virtual runs script with a served connection over net.Pipe in virtual time. The client's frames go to got.
func virtual(t *testing.T, o *Options, block func(), script func(p *peer, r *recorder)) (events []event, closed error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		c := newConn(server, nil, o)
		r := &recorder{echo: echo{conn: c, closed: make(chan error, 2)}, begun: time.Now(), events: make(chan event, 1000), block: block}
		done := make(chan struct{})
		go func() { c.Serve(r); close(done) }()
		p := newPeer(t, client)
		_ = p.SetDeadline(time.Time{})
		script(p, r)
		<-done
		closed = <-r.closed
		if len(r.closed) > 0 {
			t.Error("Closed was called twice")
		}
		close(r.events)
		for e := range r.events {
			events = append(events, e)
		}
	})
	return events, closed
}

func (p *peer) silent() { _, _ = io.Copy(io.Discard, p.Conn) }

func local(err error, code int) bool {
	ce, ok := errors.AsType[*CloseError](err)
	return ok && ce.Local && ce.Code == code
}

func TestSilentPeerIsPingedThenClosed(t *testing.T) {
	events, err := virtual(t, &Options{IdleCode: 4005}, nil, func(p *peer, _ *recorder) {
		p.must(fPing, "")
		if g, err := p.read(); err != nil || closeCode(g) != 4005 {
			t.Errorf("got %v %v", g, err)
		}
		p.silent() // until the server gives up on the close handshake
	})
	want := []event{{20 * time.Second, "control"}, {40 * time.Second, "close"}}
	if len(events) != 2 || events[0] != want[0] || events[1] != want[1] {
		t.Errorf("events %v, want %v", events, want)
	}
	if !local(err, 4005) {
		t.Errorf("Closed(%v)", err)
	}
}

func TestPongKeepsAlive(t *testing.T) {
	events, err := virtual(t, &Options{PingAfter: time.Second, IdleAfter: time.Minute}, nil, func(p *peer, _ *recorder) {
		for range 100 {
			p.must(fPing, "")
			p.send(frame(fPong, ""))
		}
		_ = p.Close()
	})
	if len(events) != 100 || events[99].after != 100*time.Second {
		t.Errorf("%d events, the last %v: want a ping each second", len(events), events[len(events)-1])
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("Closed(%v)", err)
	}
}

func TestTrafficNeedsNoPing(t *testing.T) {
	events, _ := virtual(t, &Options{}, nil, func(p *peer, _ *recorder) {
		for range 20 {
			time.Sleep(19 * time.Second)
			p.send(frame(fText, "x"))
			p.must(fText, "x")
		}
		_ = p.Close()
	})
	if len(events) != 20 {
		t.Errorf("events %v: want messages only", events)
	}
}

// A handler that takes its time is not the peer's fault.
func TestBlockedMessageIsNotIdle(t *testing.T) {
	events, _ := virtual(t, &Options{}, func() { time.Sleep(5 * time.Minute) }, func(p *peer, _ *recorder) {
		p.send(frame(fText, "x"))
		p.must(fText, "x")
		p.must(fPing, "") // and it begins anew afterwards
		_ = p.Close()
	})
	if len(events) != 2 || events[1] != (event{5*time.Minute + 20*time.Second, "control"}) {
		t.Errorf("events %v", events)
	}
}

func TestAttack04UnfinishedFragment(t *testing.T) {
	drips := map[string]struct {
		first []byte
		drip  []byte
	}{
		"nothing more":             {frame(sText, "begun"), nil},
		"half a header":            {[]byte{fText}, nil},
		"half a ping":              {frame(fPing, "abc")[:7], nil},
		"pings":                    {frame(sText, "begun"), frame(fPing, "")},
		"pongs":                    {frame(sText, "begun"), frame(fPong, "")},
		"empty continuations":      {frame(sText, "begun"), frame(sCont, "")},
		"a byte of the frame":      {frame(fText, text(1000))[:10], []byte{'*'}},
		"pings split at a message": {append(frame(sText, "x"), frame(fPing, "")[0]), join(frame(fPing, "")[1:], frame(fPing, "")[:1])},
	}
	for name, d := range drips {
		t.Run(name, func(t *testing.T) {
			events, err := virtual(t, &Options{IdleCode: 4005}, nil, func(p *peer, _ *recorder) {
				go p.silent()
				p.send(d.first)
				for range 30 {
					time.Sleep(10 * time.Second)
					if d.drip != nil {
						p.send(d.drip)
					}
				}
			})
			if !local(err, 4005) {
				t.Errorf("Closed(%v)", err)
			}
			if last := events[len(events)-1]; last != (event{40 * time.Second, "close"}) {
				t.Errorf("the last event is %v", last)
			}
		})
	}
}

// Splitting is not dawdling: each message is finished in time, though the stream never pauses between two.
func TestStreamThatNeverPausesIsNotCutOff(t *testing.T) {
	for name, f := range map[string][]byte{"text": frame(fText, "abc"), "ping": frame(fPing, "abc")} {
		t.Run(name, func(t *testing.T) {
			_, err := virtual(t, &Options{}, nil, func(p *peer, _ *recorder) {
				go p.silent()
				p.send(f[:5])
				for range 30 {
					time.Sleep(10 * time.Second)
					p.send(join(f[5:], f[:5]))
				}
				synctest.Wait()
				_ = p.Close()
			})
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("Closed(%v)", err)
			}
		})
	}
}

func TestAttack10SilenceAfterTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer func() { _ = client.Close() }()
		c := newConn(server, nil, &Options{PingAfter: 10 * time.Second, IdleAfter: 10 * time.Second})
		e := &queue{conn: c, closed: make(chan error, 1)}
		begun := time.Now()
		c.Serve(e) // nobody reads, nobody writes, nobody calls Finish: it ends all the same
		if d := time.Since(begun); d != 10*time.Second+closeTimeout {
			t.Errorf("ended after %v", d)
		}
		if err := <-e.closed; !local(err, CloseGoingAway) || len(e.frames) != 1 {
			t.Errorf("Closed(%v), frames %q: want a close frame and no ping", err, e.frames)
		}
	})
}

// queue is a handler that writes nothing.
type queue struct {
	conn     *Conn
	messages []string
	frames   []string
	closed   chan error
}

func (q *queue) Message(_ Opcode, p []byte) { q.messages = append(q.messages, string(p)) }
func (q *queue) Control(frame []byte)       { q.frames = append(q.frames, string(frame)) }
func (q *queue) CloseFrame(frame []byte)    { q.frames = append(q.frames, string(frame)) }
func (q *queue) Closed(err error)           { q.closed <- err }

// A process that was stopped finds its timers overdue. What arrived meanwhile counts.
func TestLateTimerLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer func() { _ = client.Close() }()
		c := newConn(server, nil, &Options{})
		h := &queue{conn: c, closed: make(chan error, 1)}
		r := &reading{c: c, h: h, parser: parser{max: c.max}}
		start := time.Now()
		r.now, r.last = start, start
		r.arm()
		r.now = start.Add(2 * time.Minute)
		if err := r.tick(); err != nil {
			t.Fatalf("closed at the first look: %v", err)
		}
		r.arm()
		if r.armed != r.now.Add(latePause) {
			t.Fatalf("looks again in %v", r.armed.Sub(r.now))
		}
		r.now = r.armed
		if err := r.tick(); !local(err, CloseGoingAway) {
			t.Fatalf("the second look gave %v", err)
		}
		c.Abort()
	})
}

// On a real socket the idle timer is the poller's. A timeout in TLS must leave the connection usable.
func TestPingOverSockets(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			p := connect(t, startEcho(t, secure, &Options{PingAfter: 5 * time.Millisecond, IdleAfter: time.Minute}), "")
			for range 3 {
				p.must(fPing, "")
				p.send(frame(fPong, "")) // only what is received makes the next one due
			}
			p.send(closing(1000, ""))
			for {
				g, err := p.read()
				if err != nil {
					t.Fatal(err)
				}
				if g.op == fClose {
					return
				}
			}
		})
	}
}

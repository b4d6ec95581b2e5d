package websocket

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// goodbyes is an echo that counts how its connection ends.
type goodbyes struct {
	echo
	mu     sync.Mutex
	frames []string
}

func (g *goodbyes) CloseFrame(frame []byte) {
	g.mu.Lock()
	g.frames = append(g.frames, string(frame))
	g.mu.Unlock()
	g.echo.CloseFrame(frame)
}

// serveOne starts a server that tells the connection and its handler.
func serveOne(t *testing.T, secure bool, o *Options) (p *peer, g *goodbyes) {
	t.Helper()
	made := make(chan *goodbyes, 1)
	srv := startServer(t, secure, o, func(c *Conn) Handler {
		g := &goodbyes{echo: echo{conn: c, closed: make(chan error, 2)}}
		made <- g
		return g
	})
	p = connect(t, srv, "")
	return p, <-made
}

func TestOwnerCloses(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			p, g := serveOne(t, secure, nil)
			g.write(g.conn.CloseFrame(4001, "expired"))
			g.conn.Finish()
			p.must(fClose, "\x0f\xa1expired")
			p.send(join(frame(fText, "crossed it"), frame(fPing, ""), closing(4001, "")))
			if more := p.rest(); len(more) > 0 {
				t.Errorf("after the close frame: %v", more)
			}
			ce, ok := errors.AsType[*CloseError](<-g.closed)
			if !ok || ce.Local || ce.Code != 4001 {
				t.Errorf("Closed(%v)", ce)
			}
			if len(g.frames) > 0 {
				t.Errorf("CloseFrame was called after Finish: %q", g.frames)
			}
		})
	}
}

func TestPeerCloses(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			p, g := serveOne(t, secure, nil)
			p.send(closing(4321, "so long"))
			p.must(fClose, "\x10\xe1")
			if more := p.rest(); len(more) > 0 {
				t.Errorf("after the close frame: %v", more)
			}
			ce, ok := errors.AsType[*CloseError](<-g.closed)
			if !ok || *ce != (CloseError{Code: 4321, Reason: "so long"}) {
				t.Errorf("Closed(%v)", ce)
			}
			if len(g.frames) != 1 {
				t.Errorf("close frames %q", g.frames)
			}
		})
	}
}

// A reset would throw the close frame away if the server closed with input unread.
func TestCloseFrameSurvivesInputInFlight(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			p, _ := serveOne(t, secure, nil)
			size := 12 << 20 // more than the kernel's buffers, less than lingerBytes
			if secure {
				size = 1 << 20
			}
			sent := make(chan error)
			go func() {
				_, err := p.Write(frame(fText, text(size)))
				sent <- err
			}()
			p.mustEnd(1009)
			if err := <-sent; err != nil {
				t.Errorf("what was in flight met %v", err)
			}
		})
	}
}

func TestPeerVanishes(t *testing.T) {
	for name, c := range map[string]struct {
		send []byte
		want error
	}{
		"between frames":    {frame(fText, "x"), io.EOF},
		"in a header":       {[]byte{fText}, io.ErrUnexpectedEOF},
		"in a frame":        {frame(fText, "xyz")[:7], io.ErrUnexpectedEOF},
		"between fragments": {frame(sText, "x"), io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			p, g := serveOne(t, false, nil)
			p.send(c.send)
			_ = p.Conn.(*net.TCPConn).CloseWrite()
			p.rest()
			if err := <-g.closed; !errors.Is(err, c.want) {
				t.Errorf("Closed(%v), want %v", err, c.want)
			}
		})
	}
}

func TestFinishWaitsFiveSecondsForThePeer(t *testing.T) {
	begun := time.Time{}
	_, err := virtual(t, &Options{}, nil, func(p *peer, r *recorder) {
		begun = time.Now()
		go func() {
			r.write(r.conn.CloseFrame(4001, ""))
			r.conn.Finish()
			r.conn.Finish() // harmless
		}()
		p.silent()
		if d := time.Since(begun); d != closeTimeout {
			t.Errorf("closed after %v", d)
		}
	})
	if errors.Is(err, io.EOF) || err == nil {
		t.Errorf("Closed(%v)", err)
	}
}

// The limit holds also while the handler keeps the reader.
func TestFinishWhileMessageBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer func() { _ = client.Close() }()
		release := make(chan struct{})
		c := newConn(server, nil, &Options{})
		r := &recorder{echo: echo{conn: c, closed: make(chan error, 1)}, events: make(chan event, 10), block: func() { <-release }}
		done := make(chan struct{})
		go func() { c.Serve(r); close(done) }()
		p := newPeer(t, client)
		_ = p.SetDeadline(time.Time{})
		p.send(frame(fText, "x"))
		begun := time.Now()
		c.Finish()
		p.silent()
		if d := time.Since(begun); d != closeTimeout {
			t.Errorf("closed after %v", d)
		}
		close(release)
		<-done
	})
}

func TestNothingIsDeliveredAfterFinish(t *testing.T) {
	q := &queue{closed: make(chan error, 1)}
	p := connect(t, startServer(t, false, nil, func(c *Conn) Handler {
		_, _ = c.Write([][]byte{c.CloseFrame(1000, "")}, time.Now().Add(time.Second))
		c.Finish()
		return q
	}), "")
	p.send(join(frame(fText, "late"), frame(fPing, "late"), closing(1000, "")))
	p.mustEnd(1000)
	if err := <-q.closed; len(q.messages)+len(q.frames) > 0 {
		t.Errorf("delivered %q %q, Closed(%v)", q.messages, q.frames, err)
	}
}

func TestAbort(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			p, g := serveOne(t, secure, nil)
			p.send(frame(fText, "x"))
			p.must(fText, "x")
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(g.conn.Abort)
				wg.Go(g.conn.Finish)
			}
			wg.Wait()
			g.conn.Abort()
			if _, err := p.read(); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the peer sees %v, want a reset", err)
			}
			if err := <-g.closed; !errors.Is(err, net.ErrClosed) {
				t.Errorf("Closed(%v)", err)
			}
			if _, err := g.conn.Write([][]byte{{1}}, time.Now().Add(time.Second)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Write after Abort: %v", err)
			}
			if len(g.frames) > 0 {
				t.Errorf("close frames %q after Abort", g.frames)
			}
		})
	}
}

func TestAbortBeforeServe(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _ = client.Close() }()
	c := newConn(server, frame(fText, "early"), &Options{})
	c.Abort()
	q := &queue{closed: make(chan error, 1)}
	c.Serve(q)
	if err := <-q.closed; err == nil || len(q.messages) > 0 {
		t.Errorf("Closed(%v), messages %q", err, q.messages)
	}
	defer func() {
		if recover() == nil {
			t.Error("the second Serve did not panic")
		}
	}()
	c.Serve(q)
}

// Abort frees a Write that waits for a peer that does not read.
func TestAbortDuringWrite(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			p, g := serveOne(t, secure, nil)
			result := make(chan error)
			go func() {
				_, err := g.conn.Write([][]byte{make([]byte, 32<<20), {1}}, time.Time{})
				result <- err
			}()
			if _, err := p.br.ReadByte(); err != nil { // it has begun, and cannot end
				t.Fatal(err)
			}
			g.conn.Abort()
			if err := <-result; err == nil {
				t.Error("Write gave no error")
			}
		})
	}
}

func TestWriteDeadline(t *testing.T) {
	_, g := serveOne(t, false, nil)
	big := [][]byte{make([]byte, 16<<20), make([]byte, 16<<20)}
	n, err := g.conn.Write(big, time.Now().Add(10*time.Millisecond))
	if !errors.Is(err, os.ErrDeadlineExceeded) || n >= 32<<20 {
		t.Fatalf("Write = %d %v", n, err)
	}
	if n, err := g.conn.TryWrite(big); err != nil || n >= 32<<20 {
		t.Errorf("TryWrite after it = %d %v: the deadline must be gone", n, err)
	}
	g.conn.Abort()
}

func TestCloseFrameText(t *testing.T) {
	var c Conn
	for _, w := range []struct {
		code   int
		reason string
		want   string
	}{
		{1000, "", "\x03\xe8"},
		{4004, "slow", "\x0f\xa4slow"},
		{0, "x", ""},
		{1005, "x", ""},
		{1006, "x", "\x03\xf3x"},
		{70000, "x", "\x03\xf3x"},
		{1000, text(124), "\x03\xe8" + text(123)},
		{1000, text(122) + "é", "\x03\xe8" + text(122)},
		{1000, text(121) + "é!", "\x03\xe8" + text(121) + "é"},
		{1000, strings.Repeat("😀", 31), "\x03\xe8" + strings.Repeat("😀", 30)},
		{1000, "a\xffb", "\x03\xe8a\ufffdb"},
	} {
		if got := string(c.CloseFrame(w.code, w.reason)); got != "\x88"+string(rune(len(w.want)))+w.want {
			t.Errorf("CloseFrame(%d, %q) = %q", w.code, w.reason, got)
		}
	}
}

// The owner may take a while to write the answer. The connection ends with it, not with the limit.
func TestFinishWakesTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer func() { _ = client.Close() }()
		c := newConn(server, nil, &Options{})
		q := &queue{conn: c, closed: make(chan error, 1)}
		begun, done := time.Now(), make(chan struct{})
		go func() { c.Serve(q); close(done) }()
		_, _ = client.Write(closing(1000, ""))
		<-q.closed
		time.Sleep(time.Second)
		c.Finish()
		<-done
		if d := time.Since(begun); d != time.Second {
			t.Errorf("ended after %v", d)
		}
	})
}

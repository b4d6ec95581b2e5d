package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

// echo is a server that says everything again, and tells how each of its connections ended.
type echo struct {
	net.Listener
	ended chan error
}

func startEcho(t *testing.T) *echo {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{l, make(chan error, 100)}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				_, err := io.Copy(c, c)
				_ = c.Close()
				e.ended <- err
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return e
}

func start(t *testing.T) (*Proxy, *echo) {
	t.Helper()
	e := startEcho(t)
	p, err := Listen(e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, e
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Fatalf("heard %q, %v; want %q", got, err, text)
	}
}

func wantReset(t *testing.T, c net.Conn) {
	t.Helper()
	if b, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) || len(b) > 0 {
		t.Fatalf("the connection ended with %v after %q, want a reset", err, b)
	}
}

func TestItPassesOnWhatIsSaidAndTheEnd(t *testing.T) {
	p, e := start(t)
	c := dial(t, p)
	text := string(bytes.Repeat([]byte("0123456789"), 50_000))
	go func() {
		_, _ = io.WriteString(c, text)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	if got, err := io.ReadAll(c); err != nil || string(got) != text {
		t.Fatalf("%d bytes came back, %v", len(got), err)
	}
	if err := <-e.ended; err != nil {
		t.Errorf("the server saw %v instead of an orderly end", err)
	}
}

func TestACutComesAfterItsByte(t *testing.T) {
	for _, k := range []int64{0, 1, 5, 9} {
		p, _ := start(t)
		p.SetPlan(func() Plan { return Plan{Cut: &Cut{ToClient, k}} })
		c := dial(t, p)
		// The server may have been cut off before it has heard everything.
		_, _ = io.WriteString(c, "0123456789")
		got, err := io.ReadAll(c)
		if !errors.Is(err, syscall.ECONNRESET) || len(got) > int(k) {
			t.Errorf("after byte %d: heard %q and %v", k, got, err)
		}
		if p.Cuts() != 1 {
			t.Errorf("%d cuts were counted", p.Cuts())
		}
		p.SetPlan(nil)
		c = dial(t, p)
		say(t, c, "whole again")
		hear(t, c, "whole again")
	}
}

func TestACutTowardsTheServer(t *testing.T) {
	p, e := start(t)
	p.SetPlan(func() Plan { return Plan{Cut: &Cut{ToServer, 3}} })
	c := dial(t, p)
	say(t, c, "01")
	hear(t, c, "01")
	say(t, c, "23456")
	// The server may have answered the byte that came through.
	if got, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) || len(got) > 1 {
		t.Errorf("the connection ended with %v after %q, want a reset", err, got)
	}
	if err := <-e.ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server saw %v", err)
	}
}

func TestDropAllResetsBothEnds(t *testing.T) {
	p, e := start(t)
	c := dial(t, p)
	say(t, c, "x")
	hear(t, c, "x")
	if n := p.DropAll(); n != 1 {
		t.Errorf("%d connections were dropped", n)
	}
	wantReset(t, c)
	if err := <-e.ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server saw %v", err)
	}
}

func TestHalfOpenIsSilentForBoth(t *testing.T) {
	p, e := start(t)
	dead := dial(t, p)
	say(t, dead, "GET /ws")
	hear(t, dead, "GET /ws")
	gone := p.Swallow(1)
	if len(gone) != 1 || !gone[0].Socket() {
		t.Fatalf("swallowed %+v", gone)
	}
	if again := p.Swallow(1); len(again) != 0 {
		t.Error("one connection died twice")
	}
	say(t, dead, "is anybody there?")
	living := dial(t, p)
	say(t, living, "yes")
	hear(t, living, "yes") // what the dead one said would have come by now
	_ = dead.SetReadDeadline(time.Now())
	if n, err := dead.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a dead connection says %d bytes, %v", n, err)
	}
	select {
	case err := <-e.ended:
		t.Errorf("the server was told of the end: %v", err)
	case <-gone[0].ServerGaveUp():
		t.Error("the server has given up")
	default:
	}
	gone[0].Reset()
	_ = dead.SetReadDeadline(time.Now().Add(patience))
	wantReset(t, dead)
	<-gone[0].ServerGaveUp()
}

func TestAServerThatIsNotThere(t *testing.T) {
	p, e := start(t)
	_ = e.Close()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return // it was reset before it was open
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	wantReset(t, c)
}

func TestADelayKeepsTheOrder(t *testing.T) {
	p, _ := start(t)
	p.SetPlan(func() Plan { return Plan{Delay: time.Millisecond} })
	c := dial(t, p)
	go func() {
		for _, piece := range []string{"one ", "two ", "three"} {
			_, _ = io.WriteString(c, piece)
		}
	}()
	hear(t, c, "one two three")
	if n := p.Delay(func() time.Duration { return 0 }); n != 1 {
		t.Errorf("%d connections were changed", n)
	}
}

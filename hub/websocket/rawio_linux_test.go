package websocket

import (
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// socketpair is two connected stream sockets: as plain as TCP, and they leave no port behind.
func socketpair() (client, server net.Conn, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	var conns [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "socketpair")
		conns[i], err = net.FileConn(f)
		_ = f.Close()
		if err != nil {
			return nil, nil, err
		}
	}
	return conns[0], conns[1], nil
}

// counter counts what must come once.
type counter struct {
	conn                *Conn
	closes, closeFrames atomic.Int32
	late                atomic.Bool
}

func (c *counter) call() {
	if c.closes.Load() > 0 {
		c.late.Store(true)
	}
}
func (c *counter) Message(Opcode, []byte) { c.call() }
func (c *counter) Control([]byte)         { c.call() }
func (c *counter) CloseFrame([]byte)      { c.call(); c.closeFrames.Add(1); c.conn.Finish() }
func (c *counter) Closed(error)           { c.closes.Add(1) }

// Every way to end a connection, two at a time, against a sender and the peer's traffic.
func TestAttack61CloseAndSend(t *testing.T) {
	iterations := 10_000
	if os.Getenv("PARLEY_SOAK") != "" { // make soak
		iterations = 100_000
	}
	const workers = 4
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < iterations && !t.Failed(); i += workers {
				closeAndSend(t, i)
			}
		})
	}
	wg.Wait()
}

func closeAndSend(t *testing.T, seed int) {
	client, server, err := socketpair()
	if err != nil {
		t.Error(err)
		return
	}
	c := newConn(server, nil, &Options{})
	h := &counter{conn: c}
	endings := []func(){
		c.Abort,
		c.Finish,
		func() { _, _ = client.Write(join(frame(fText, "x"), closing(1000, ""))) },
		func() { _, _ = client.Write(join(frame(fPing, "x"), frame(fText|0x40, "x"))) },
		func() { _ = client.Close() },
		func() { _, _ = client.Write(frame(fText, "x")[:5]) },
	}
	frames := [][]byte{Text([]byte("hello")), Text(make([]byte, 3000))}
	r := rand.New(rand.NewPCG(7, uint64(seed)))
	var wg, served sync.WaitGroup
	served.Go(func() { c.Serve(h) })
	wg.Go(func() {
		for range 20 {
			if _, err := c.TryWrite(frames); err != nil {
				return
			}
		}
		_, _ = c.Write(frames, time.Now().Add(time.Millisecond))
	})
	wg.Go(endings[r.IntN(len(endings))])
	wg.Go(endings[r.IntN(len(endings))])
	wg.Wait()
	_ = client.Close()
	served.Wait()
	c.Abort()
	if h.closes.Load() != 1 || h.closeFrames.Load() > 1 || h.late.Load() {
		t.Errorf("seed %d: %d Closed, %d CloseFrame, a call after Closed: %v", seed, h.closes.Load(), h.closeFrames.Load(), h.late.Load())
	}
	if err := server.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("seed %d: the descriptor was left open (%v)", seed, err)
	}
}

// While it waits, a plain connection's reader holds no buffer, and no part of it blocks Abort.
func TestParkedReaderHoldsNoBuffer(t *testing.T) {
	client, server, err := socketpair()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	c := newConn(server, nil, &Options{})
	in := input{}
	in.open(c)
	_ = server.SetReadDeadline(time.Now().Add(time.Millisecond))
	if b, err := in.next(); !errors.Is(err, os.ErrDeadlineExceeded) || len(b) > 0 || in.buf != nil || in.own != nil {
		t.Errorf("next = %d bytes, %v; pooled buffer held: %v", len(b), err, in.buf != nil)
	}
	c.Abort()
}

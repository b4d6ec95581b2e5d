package websocket

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"
)

// some makes n buffers of random sizes, empty ones too, and what they contain.
func some(n, size int) (bufs [][]byte, all []byte) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for range n {
		b := make([]byte, r.IntN(size))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		bufs = append(bufs, b)
		all = append(all, b...)
	}
	return bufs, all
}

func sameBuffers(a, b [][]byte) bool {
	return slices.EqualFunc(a, b, func(x, y []byte) bool { return len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0]) })
}

func TestWriteLeavesTheBuffersAlone(t *testing.T) {
	for name, secure := range map[string]bool{"tcp": false, "tls": true} {
		for _, n := range []int{0, 1, 2, 100, 3000} {
			p, g := serveOne(t, secure, nil)
			bufs, all := some(n, 3000)
			kept := slices.Clone(bufs)
			result := make(chan error, 1)
			go func() {
				written, err := g.conn.Write(bufs, time.Now().Add(time.Minute))
				if written != len(all) {
					t.Errorf("%s: wrote %d of %d bytes", name, written, len(all))
				}
				result <- err
			}()
			received := make([]byte, len(all))
			if _, err := io.ReadFull(p.br, received); err != nil || !bytes.Equal(received, all) {
				t.Errorf("%s, %d buffers: %v, or other bytes", name, n, err)
			}
			if err := <-result; err != nil || !sameBuffers(bufs, kept) {
				t.Errorf("%s, %d buffers: %v, or they were changed", name, n, err)
			}
		}
	}
}

// TryWrite takes what fits and says how much; Write takes the rest, and nothing is lost or doubled.
func TestTryWriteUntilFull(t *testing.T) {
	for _, size := range []int{20, 3000} {
		p, g := serveOne(t, false, &Options{SendBuffer: 16 << 10})
		if g.conn.raw == nil {
			t.Skip("no raw connection here")
		}
		bufs, chunk := some(3000, size)
		kept := slices.Clone(bufs)
		var sent []byte
		for full := false; !full; {
			n, err := g.conn.TryWrite(bufs)
			if err != nil {
				t.Fatal(err)
			}
			sent = append(sent, chunk[:n]...)
			full = n < len(chunk)
		}
		if !sameBuffers(bufs, kept) {
			t.Error("the buffers were changed")
		}
		if n, err := g.conn.TryWrite([][]byte{make([]byte, 8<<20)}); err != nil {
			t.Fatalf("TryWrite into a full buffer = %d %v", n, err)
		} else {
			sent = append(sent, make([]byte, n)...)
		}
		sent = append(sent, "the end"...)
		go func() { _, _ = g.conn.Write([][]byte{[]byte("the "), []byte("end")}, time.Now().Add(time.Minute)) }()
		received := make([]byte, len(sent))
		if _, err := io.ReadFull(p.br, received); err != nil || !bytes.Equal(received, sent) {
			t.Errorf("%v, or other bytes than the %d sent", err, len(sent))
		}
	}
}

func TestTryWriteNeverBlocks(t *testing.T) {
	client, server := net.Pipe() // every write to it blocks
	defer func() { _ = client.Close() }()
	c := newConn(server, nil, &Options{})
	defer c.Abort()
	if n, err := c.TryWrite([][]byte{{1}}); n != 0 || err != nil {
		t.Errorf("pipe: %d %v", n, err)
	}
	_, g := serveOne(t, true, nil)
	if n, err := g.conn.TryWrite([][]byte{{1}}); n != 0 || err != nil {
		t.Errorf("TLS: %d %v", n, err)
	}
}

func TestTryWriteToAClosedConnection(t *testing.T) {
	_, g := serveOne(t, false, nil)
	if n, err := g.conn.TryWrite(nil); n != 0 || err != nil {
		t.Errorf("TryWrite(nil) = %d %v", n, err)
	}
	if g.conn.raw == nil {
		t.Skip("no raw connection here")
	}
	g.conn.Abort()
	if n, err := g.conn.TryWrite([][]byte{{1}}); n != 0 || err == nil {
		t.Errorf("TryWrite after Abort = %d %v", n, err)
	}
}

func TestFrameEnd(t *testing.T) {
	var c Conn
	var chunk []byte
	ends := []int{0}
	for _, size := range []int{0, 1, 125, 126, 300, 65535, 65536, 70000, 5} {
		chunk = AppendFrame(chunk, OpBinary, make([]byte, size))
		ends = append(ends, len(chunk))
	}
	next := 0
	for n := 0; n <= len(chunk); n++ {
		if n > ends[next] {
			next++
		}
		if n > 1000 && n < len(chunk)-1000 && n%97 != 0 && n-ends[next] > 2 {
			continue
		}
		if got := c.FrameEnd(chunk, n); got != ends[next] {
			t.Fatalf("FrameEnd(%d) = %d, want %d", n, got, ends[next])
		}
	}
	for _, cut := range []int{1, 3, 100} { // a chunk that ends inside a frame
		short := AppendFrame(nil, OpBinary, make([]byte, 300))[:cut]
		if got := c.FrameEnd(short, cut); got != cut {
			t.Errorf("FrameEnd of the first %d bytes of a frame = %d", cut, got)
		}
	}
}

// More buffers than one system call takes, but not more bytes than the socket.
func TestTryWriteManyBuffers(t *testing.T) {
	p, g := serveOne(t, false, nil)
	if g.conn.raw == nil {
		t.Skip("no raw connection here")
	}
	bufs, all := some(3000, 20)
	if n, err := g.conn.TryWrite(bufs); n != len(all) || err != nil {
		t.Fatalf("TryWrite = %d %v, want %d", n, err, len(all))
	}
	received := make([]byte, len(all))
	if _, err := io.ReadFull(p.br, received); err != nil || !bytes.Equal(received, all) {
		t.Errorf("%v, or other bytes", err)
	}
}

//go:build linux && !race

package websocket

import (
	"io"
	"testing"
)

// Under the race detector sync.Pool forgets on purpose, so this is a pass of its own in make test.
func TestTryWriteAllocatesNothing(t *testing.T) {
	client, server, err := socketpair()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, client); close(done) }()
	c := newConn(server, nil, &Options{})
	bufs := [][]byte{Text([]byte("a")), Text([]byte("b"))}
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := c.TryWrite(bufs); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	c.Abort()
	<-done
	_ = client.Close()
}

package websocket

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

// nothing is a handler that does as little as it can.
type nothing struct{ messages int }

func (n *nothing) Message(Opcode, []byte) { n.messages++ }
func (n *nothing) Control([]byte)         {}
func (n *nothing) CloseFrame([]byte)      {}
func (n *nothing) Closed(error)           {}

// BenchmarkParse is the parser alone: 128-byte text messages, a buffer full at a time.
func BenchmarkParse(b *testing.B) {
	one := frame(fText, text(128))
	full := times(bufferSize/len(one), one)
	work := make([]byte, len(full))
	p := parser{max: defaultMaxMessage}
	sink := countSink{}
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for i := 0; i < b.N; i += bufferSize / len(one) {
		copy(work, full)
		if err := p.feed(work, &sink); err != nil {
			b.Fatal(err)
		}
	}
}

type countSink struct{ n int }

func (c *countSink) message(Opcode, []byte) error { c.n++; return nil }
func (c *countSink) control(Opcode, []byte) error { c.n++; return nil }

// BenchmarkRead reads 128-byte messages from a TCP socket, as fast as the client writes them.
func BenchmarkRead(b *testing.B) {
	client, server := tcpPair(b)
	n := &nothing{}
	c := newConn(server, nil, &Options{})
	one := frame(fText, text(128))
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		batch := times(64, one)
		for sent := 0; sent < b.N; sent += 64 {
			if _, err := client.Write(batch[:min(64, b.N-sent)*len(one)]); err != nil {
				break
			}
		}
		_ = client.Close()
	}()
	c.Serve(n)
	if n.messages != b.N {
		b.Fatalf("%d of %d messages", n.messages, b.N)
	}
}

// BenchmarkTryWrite is one non-blocking write of 1, 8 and 64 frames with 128 bytes each.
func BenchmarkTryWrite(b *testing.B) {
	for _, count := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			client, server := tcpPair(b)
			c := newConn(server, nil, &Options{})
			defer c.Abort()
			go func() { _, _ = io.Copy(io.Discard, client) }()
			f := Text(make([]byte, 128))
			bufs := make([][]byte, count)
			for i := range bufs {
				bufs[i] = f
			}
			b.SetBytes(int64(count * len(f)))
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				n, err := c.TryWrite(bufs)
				if err == nil && n < count*len(f) {
					rest := [][]byte{make([]byte, count*len(f)-n)}
					b.StopTimer()
					_, err = c.Write(rest, time.Time{})
					b.StartTimer()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// leaving tells when its connection has ended.
type leaving struct {
	nothing
	served *sync.WaitGroup
}

func (l *leaving) Closed(error) { l.served.Done() }

// BenchmarkIdleConnection reports what an idle connection costs in user space, after the handshake over HTTP. The client
// ends of the sockets are in the figure, too: about 0.5 KB each.
func BenchmarkIdleConnection(b *testing.B) {
	const count = 2000
	var served sync.WaitGroup
	srv := startServer(b, false, nil, func(*Conn) Handler {
		served.Add(1)
		return &leaving{served: &served}
	})
	memory := func() uint64 {
		for range 3 {
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	for range b.N {
		before := memory()
		conns := make([]net.Conn, count)
		response := make([]byte, 1000)
		for i := range conns {
			nc, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.WriteString(nc, handshakeText+string(frame(fText, text(128))))
			if _, err := nc.Read(response); err != nil {
				b.Fatal(err)
			}
			conns[i] = nc
		}
		b.ReportMetric(float64(memory()-before)/count, "B/conn")
		for _, nc := range conns {
			_ = nc.Close()
		}
		served.Wait()
	}
}

func tcpPair(b *testing.B) (client, server net.Conn) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		b.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	return client, server
}

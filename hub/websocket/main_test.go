package websocket

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is the handler of the package's example, with what the tests want to know.
type echo struct {
	conn   *Conn
	closed chan error // gets what Closed gets; must have room
}

func (e *echo) Message(op Opcode, p []byte) { e.write(AppendFrame(nil, op, p)) }
func (e *echo) Control(frame []byte)        { e.write(frame) }
func (e *echo) CloseFrame(frame []byte)     { e.write(frame); e.conn.Finish() }

func (e *echo) Closed(err error) {
	if e.closed != nil {
		e.closed <- err
	}
}

func (e *echo) write(frame []byte) {
	if _, err := e.conn.Write([][]byte{frame}, time.Now().Add(10*time.Second)); err != nil {
		e.conn.Abort()
	}
}

// startServer serves WebSockets until the test ends, and waits for all of them.
func startServer(t testing.TB, secure bool, o *Options, handler func(*Conn) Handler) *httptest.Server {
	t.Helper()
	var wg sync.WaitGroup
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Upgrade(w, r, o)
		if err != nil {
			return
		}
		wg.Go(func() { c.Serve(handler(c)) })
	}))
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(func() {
		srv.Close()
		wg.Wait()
	})
	return srv
}

func startEcho(t testing.TB, secure bool, o *Options) *httptest.Server {
	return startServer(t, secure, o, func(c *Conn) Handler { return &echo{conn: c} })
}

const handshakeText = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// peer is a client that knows no rule.
type peer struct {
	net.Conn
	t  testing.TB
	br *bufio.Reader
}

// connect opens a connection, TLS or not, and does the handshake; early goes out in the same write.
func connect(t testing.TB, srv *httptest.Server, early string) *peer {
	t.Helper()
	nc, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if srv.TLS != nil {
		nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	}
	p := newPeer(t, nc)
	p.send([]byte(handshakeText + early))
	resp, err := http.ReadResponse(p.br, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v %v", resp, err)
	}
	if got := resp.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("Sec-WebSocket-Accept %q is not the one of RFC 6455, section 1.3", got)
	}
	return p
}

func newPeer(t testing.TB, nc net.Conn) *peer {
	_ = nc.SetDeadline(time.Now().Add(time.Minute)) // a test that waits longer has failed
	t.Cleanup(func() { _ = nc.Close() })
	return &peer{Conn: nc, t: t, br: bufio.NewReader(nc)}
}

// send writes b; a server that has closed may be in the way.
func (p *peer) send(b []byte) { _, _ = p.Write(b) }

// sendChopped writes b in pieces of n bytes, one write each.
func (p *peer) sendChopped(b []byte, n int) {
	for len(b) > 0 {
		k := min(n, len(b))
		if _, err := p.Write(b[:k]); err != nil {
			return
		}
		b = b[k:]
	}
}

// got is one frame from the server.
type got struct {
	op      byte // with FIN
	payload string
}

func (g got) String() string { return fmt.Sprintf("%#x:%d:%.40q", g.op, len(g.payload), g.payload) }

// read reads one frame; io.EOF is the clean end of the connection.
func (p *peer) read() (got, error) {
	var h [10]byte
	if _, err := io.ReadFull(p.br, h[:2]); err != nil {
		return got{}, err
	}
	n, more := int(h[1]), 0
	switch n {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if more > 0 {
		if _, err := io.ReadFull(p.br, h[2:2+more]); err != nil {
			return got{}, err
		}
		n = int(binary.BigEndian.Uint64(append(make([]byte, 8-more), h[2:2+more]...)))
	}
	b := make([]byte, n)
	_, err := io.ReadFull(p.br, b)
	return got{h[0], string(b)}, err
}

// must reads one frame.
func (p *peer) must(op byte, payload string) {
	p.t.Helper()
	if g, err := p.read(); err != nil || g != (got{op, payload}) {
		p.t.Fatalf("got %v %v, want %v", g, err, got{op, payload})
	}
}

// rest reads to the end, which must be a clean one.
func (p *peer) rest() (all []got) {
	p.t.Helper()
	for {
		g, err := p.read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			p.t.Fatalf("after %v: %v", all, err)
		}
		all = append(all, g)
	}
}

// mustEnd reads the close frame with code, and then the end.
func (p *peer) mustEnd(code int) {
	p.t.Helper()
	g, err := p.read()
	if err != nil || g.op != 0x88 || closeCode(g) != code {
		p.t.Fatalf("got %v %v, want a close frame with %d", g, err, code)
	}
	if more := p.rest(); len(more) > 0 {
		p.t.Fatalf("after the close frame: %v", more)
	}
}

func closeCode(g got) int {
	if len(g.payload) < 2 {
		return CloseNoStatus
	}
	return int(g.payload[0])<<8 | int(g.payload[1])
}

// frame makes a client's frame, masked with 1234.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, "1234"...)
	for i := range len(payload) {
		b = append(b, payload[i]^"1234"[i%4])
	}
	return b
}

// The first bytes of frames.
const (
	fText, fBinary, fCont, fClose, fPing, fPong = 0x81, 0x82, 0x80, 0x88, 0x89, 0x8a
	sText, sBinary, sCont                       = 0x01, 0x02, 0x00 // without FIN
)

func closing(code int, reason string) []byte {
	return frame(fClose, string([]byte{byte(code >> 8), byte(code)})+reason)
}

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

func times(n int, b []byte) []byte { return bytes.Repeat(b, n) }

func text(n int) string { return strings.Repeat("*", n) }

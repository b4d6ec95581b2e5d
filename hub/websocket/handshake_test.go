package websocket

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answer sends a raw request and returns the response with its body.
func answer(t *testing.T, srv *httptest.Server, request string) (*http.Response, string) {
	t.Helper()
	nc, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, nc)
	p.send([]byte(request))
	resp, err := http.ReadResponse(p.br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, ""
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp, strings.TrimSpace(string(body))
}

func TestHandshake(t *testing.T) {
	srv := startEcho(t, false, nil)
	const (
		connection = "Connection: Upgrade\r\n"
		upgrade    = "Upgrade: websocket\r\n"
		version    = "Sec-WebSocket-Version: 13\r\n"
		key        = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		all        = connection + upgrade + version + key
	)
	for _, c := range []struct {
		name, line, headers string
		status              int
	}{
		{"right", "GET / HTTP/1.1", all, 101},
		{"letter case", "GET / HTTP/1.1", "connection: uPGRADE\r\nupgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 101},
		{"several tokens", "GET / HTTP/1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: h2c, websocket\r\n" + version + key, 101},
		{"tokens on two lines", "GET / HTTP/1.1", "Connection: keep-alive\r\nConnection: Upgrade\r\n" + upgrade + version + key, 101},
		{"POST", "POST / HTTP/1.1", all + "Content-Length: 0\r\n", 405},
		{"PUT", "PUT / HTTP/1.1", all, 405},
		{"HTTP/1.0", "GET / HTTP/1.0", all, 505},
		{"no Connection", "GET / HTTP/1.1", upgrade + version + key, 426},
		{"no Upgrade", "GET / HTTP/1.1", connection + version + key, 426},
		{"other Upgrade", "GET / HTTP/1.1", connection + "Upgrade: websocket2\r\n" + version + key, 426},
		{"plain GET", "GET / HTTP/1.1", "", 426},
		{"no version", "GET / HTTP/1.1", connection + upgrade + key, 426},
		{"version 8", "GET / HTTP/1.1", connection + upgrade + key + "Sec-WebSocket-Version: 8\r\n", 426},
		{"two versions", "GET / HTTP/1.1", all + "Sec-WebSocket-Version: 8\r\n", 426},
		{"list of versions", "GET / HTTP/1.1", connection + upgrade + key + "Sec-WebSocket-Version: 13, 8\r\n", 426},
		{"no key", "GET / HTTP/1.1", connection + upgrade + version, 400},
		{"empty key", "GET / HTTP/1.1", connection + upgrade + version + "Sec-WebSocket-Key:\r\n", 400},
		{"key of 15 bytes", "GET / HTTP/1.1", connection + upgrade + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n", 400},
		{"key of 18 bytes", "GET / HTTP/1.1", connection + upgrade + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWVl\r\n", 400},
		{"key not base64", "GET / HTTP/1.1", connection + upgrade + version + "Sec-WebSocket-Key: ?Ghl?HNhbXBsZSBub25jZQ==\r\n", 400},
		{"two keys", "GET / HTTP/1.1", all + key, 400},
		{"body", "GET / HTTP/1.1", all + "Content-Length: 5\r\n", 400},
		{"chunked body", "GET / HTTP/1.1", all + "Transfer-Encoding: chunked\r\n", 400},
		{"same origin", "GET / HTTP/1.1", all + "Origin: http://x\r\n", 101},
		{"foreign origin", "GET / HTTP/1.1", all + "Origin: http://y\r\n", 403},
		{"null origin", "GET / HTTP/1.1", all + "Origin: null\r\n", 403},
		{"two origins", "GET / HTTP/1.1", all + "Origin: http://x\r\nOrigin: http://x\r\n", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, body := answer(t, srv, c.line+"\r\nHost: x\r\n"+c.headers+"\r\n")
			if resp.StatusCode != c.status {
				t.Fatalf("status %d %q, want %d", resp.StatusCode, body, c.status)
			}
			switch c.status {
			case 101:
				if a := resp.Header.Get("Sec-WebSocket-Accept"); a != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
					t.Errorf("Sec-WebSocket-Accept %q", a)
				}
				return
			case 405:
				if resp.Header.Get("Allow") != "GET" {
					t.Error("405 without Allow: GET")
				}
			case 426:
				if resp.Header.Get("Sec-WebSocket-Version") != "13" || resp.Header.Get("Upgrade") != "websocket" {
					t.Errorf("426 with %v", resp.Header)
				}
			}
			if body == "" {
				t.Error("no text in the answer")
			}
		})
	}
}

func TestHandshakeErrorIsTheCallersToWrite(t *testing.T) {
	var reason error
	o := &Options{Error: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
		reason = err
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"code":"bad"}`)
	}}
	var returned error
	rec := httptest.NewRecorder()
	_, returned = Upgrade(rec, httptest.NewRequest(http.MethodGet, "/", nil), o)
	he, ok := errors.AsType[*HandshakeError](returned)
	if !ok || he.Status != 426 || !errors.Is(returned, reason) {
		t.Fatalf("Upgrade returned %v, the option got %v", returned, reason)
	}
	if rec.Code != 426 || rec.Body.String() != `{"code":"bad"}` || rec.Header().Get("Sec-WebSocket-Version") != "13" {
		t.Fatalf("answered %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
}

// A ResponseWriter without Hijack gets a 500, not a panic.
func TestHandshakeWithoutHijack(t *testing.T) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(handshakeText)))
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	if _, err := Upgrade(rec, r, nil); err == nil || rec.Code != 500 {
		t.Fatalf("Upgrade = %v, answered %d", err, rec.Code)
	}
}

func TestHandshakeOverHTTP2(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := Upgrade(w, r, nil); err == nil {
			t.Error("upgraded HTTP/2")
		}
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.StatusCode != http.StatusHTTPVersionNotSupported || !strings.Contains(string(body), "HTTP/1.1") {
		t.Fatalf("%s answered %d %s", resp.Proto, resp.StatusCode, body)
	}
	srv.Client().CloseIdleConnections()
}

func TestHandshakeAnswerHeaders(t *testing.T) {
	protocol := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "7")
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Sec-WebSocket-Extensions", "permessage-deflate")
		c, err := Upgrade(w, r, &Options{Subprotocols: []string{"b", "a"}})
		if err != nil {
			t.Error(err)
			return
		}
		protocol <- c.Subprotocol()
		c.Abort()
	}))
	defer srv.Close()
	for _, c := range []struct{ offered, chosen string }{
		{"", ""},
		{"Sec-WebSocket-Protocol: x\r\n", ""},
		{"Sec-WebSocket-Protocol: x, a, b\r\n", "a"},
		{"Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: b,a\r\n", "b"},
		{"Sec-WebSocket-Protocol: B\r\n", ""},
	} {
		offer := "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame\r\n"
		resp, _ := answer(t, srv, strings.TrimSuffix(handshakeText, "\r\n")+offer+c.offered+"\r\n")
		if resp.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%q: %d", c.offered, resp.StatusCode)
		}
		if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != c.chosen || <-protocol != c.chosen {
			t.Errorf("%q: chose %q, want %q", c.offered, got, c.chosen)
		}
		if _, set := resp.Header["Sec-Websocket-Extensions"]; set {
			t.Error("an extension was accepted")
		}
		if resp.Header.Get("X-Request-Id") != "7" || resp.Header.Get("Content-Type") != "" {
			t.Errorf("headers %v", resp.Header)
		}
	}
}

// What comes in one segment with the handshake sits in net/http's buffer.
func TestEarlyBytesAreNotLost(t *testing.T) {
	for _, secure := range []bool{false, true} {
		p := connect(t, startEcho(t, secure, nil), string(frame(fText, "early")[:7]))
		p.send(frame(fText, "early")[7:])
		p.must(fText, "early")
	}
}

// The http.Server's own timeouts end with the handshake.
func TestServerTimeoutsDoNotOutliveTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		done := make(chan struct{})
		srv := &http.Server{ReadTimeout: time.Second, WriteTimeout: time.Second, IdleTimeout: time.Second,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c, err := Upgrade(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				go func() { c.Serve(&echo{conn: c}); close(done) }()
			})}
		go func() { _ = srv.Serve(l) }()
		p := newPeer(t, l.dial())
		_ = p.SetDeadline(time.Time{})
		p.send([]byte(handshakeText))
		if resp, err := http.ReadResponse(p.br, nil); err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
			t.Fatal(resp, err)
		}
		time.Sleep(15 * time.Second)
		p.send(frame(fText, "still here"))
		p.must(fText, "still here")
		_ = p.Close()
		<-done
		_ = srv.Close()
	})
}

// Slow headers and bodies are net/http's, whose timeouts apply until the handshake is done (attack 9). A body is refused.
func TestAttack09SlowlorisHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t.Error("half a handshake arrived")
		})}
		go func() { _ = srv.Serve(l) }()
		nc := l.dial()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for i := range len(handshakeText) {
				if _, err := io.WriteString(nc, handshakeText[i:i+1]); err != nil {
					break
				}
				time.Sleep(time.Second)
			}
		}()
		begun := time.Now()
		_, _ = io.Copy(io.Discard, nc)
		if d := time.Since(begun); d > 6*time.Second {
			t.Errorf("cut off after %v", d)
		}
		_ = nc.Close()
		_ = srv.Close()
		<-stopped
	})
}

// pipeListener makes connections of net.Pipe, so that virtual time applies to them.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{make(chan net.Conn), make(chan struct{})}
}

func (l *pipeListener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- server
	return client
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// hijacked is a ResponseWriter that hands out nc.
type hijacked struct {
	http.ResponseWriter
	nc net.Conn
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.nc, bufio.NewReadWriter(bufio.NewReader(h.nc), bufio.NewWriter(h.nc)), nil
}

// deadlines remembers what was set last.
type deadlines struct {
	net.Conn
	last time.Time
}

func (d *deadlines) SetDeadline(t time.Time) error { d.last = t; return d.Conn.SetDeadline(t) }

// A write deadline left behind would fail every later TryWrite.
func TestHandshakeLeavesNoDeadline(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _ = client.Close() }()
	d := &deadlines{Conn: server, last: time.Unix(1, 0)}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(handshakeText)))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, client) }()
	c, err := Upgrade(hijacked{httptest.NewRecorder(), d}, r, nil)
	if err != nil || !d.last.IsZero() {
		t.Fatalf("Upgrade = %v, deadline %v", err, d.last)
	}
	c.Abort()
}

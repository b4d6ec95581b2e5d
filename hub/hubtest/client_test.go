package hubtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/websocket"
)

// parrot says what it hears, but "bye" ends it with 4000.
type parrot struct{ conn *websocket.Conn }

func (p parrot) Message(op websocket.Opcode, text []byte) {
	if string(text) == "bye" {
		p.CloseFrame(p.conn.CloseFrame(4000, "so long"))
		return
	}
	p.write(websocket.AppendFrame(nil, op, text))
}
func (p parrot) Control(frame []byte)    { p.write(frame) }
func (p parrot) CloseFrame(frame []byte) { p.write(frame); p.conn.Finish() }
func (p parrot) Closed(error)            {}

func (p parrot) write(frame []byte) {
	if _, err := p.conn.Write([][]byte{frame}, time.Now().Add(time.Minute)); err != nil {
		p.conn.Abort()
	}
}

// aviary serves parrots until the test ends, and waits for all of them.
func aviary(t *testing.T, start func(*httptest.Server), o *websocket.Options) *httptest.Server {
	t.Helper()
	var parrots sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		served := make(chan *websocket.Conn, 1)
		parrots.Go(func() { // counted before the upgrade, after which server.Close waits for nobody
			if conn := <-served; conn != nil {
				conn.Serve(parrot{conn})
			}
		})
		conn, _ := websocket.Upgrade(w, r, o)
		served <- conn
	}))
	start(server)
	t.Cleanup(parrots.Wait)
	t.Cleanup(server.Close)
	return server
}

func dial(t *testing.T, server *httptest.Server) *hubtest.Client {
	t.Helper()
	c, err := hubtest.Dial(t.Context(), server.Client(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClientSendsAndReceivesMessagesOfEverySize(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){"plain": (*httptest.Server).Start, "TLS": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, aviary(t, start, &websocket.Options{MaxMessage: 1 << 20}))
			for _, size := range []int{0, 1, 125, 126, 65535, 65536, 1 << 20} {
				text := strings.Repeat("ä", size/2) + strings.Repeat("b", size%2)
				if err := c.Send(text); err != nil {
					t.Fatal(err)
				}
				if got, err := c.Receive(); err != nil || got != text {
					t.Fatalf("of %d bytes came back %d, %v", size, len(got), err)
				}
			}
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

func TestClientTellsHowItEnded(t *testing.T) {
	server := aviary(t, (*httptest.Server).Start, nil)
	c := dial(t, server)
	if err := c.Send("bye"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it stays ended
		_, err := c.Receive()
		if end, ok := errors.AsType[*websocket.CloseError](err); !ok || *end != (websocket.CloseError{Code: 4000, Reason: "so long"}) {
			t.Fatalf("the server's goodbye is %v", err)
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close after the end: %v", err)
	}
	c = dial(t, server)
	c.Abort()
	if _, err := c.Receive(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Abort: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c, err := hubtest.Dial(ctx, nil, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := c.Receive(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the end of its context: %v", err)
	}
}

func TestNextFindsAFrameByItsType(t *testing.T) {
	c := dial(t, aviary(t, (*httptest.Server).Start, nil))
	for _, text := range []string{"no JSON", `{"type":"b","n":1}`, `["a"]`, `{"type":"a","n":2}`, `{"type":"a","n":"x"}`} {
		if err := c.Send(text); err != nil {
			t.Fatal(err)
		}
	}
	var frame struct{ N int }
	if err := c.Next("a", &frame); err != nil || frame.N != 2 {
		t.Errorf("found %+v, %v; want 2", frame, err)
	}
	if err, ok := errors.AsType[*json.UnmarshalTypeError](c.Next("a", &frame)); !ok {
		t.Errorf("a field of another type: %v", err)
	}
	for _, text := range []string{"one", "bye"} {
		if err := c.Send(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Next("a", nil); err == nil || !strings.Contains(err.Error(), `waiting for "a", after ["one"]`) {
		t.Errorf("an end without the frame: %v", err)
	}
}

func TestARefusedHandshakeTellsItsStatus(t *testing.T) {
	server := aviary(t, (*httptest.Server).Start, nil)
	for path, c := range map[string]struct {
		header http.Header
		status int
		reason string
	}{
		"/":          {http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden, "this Origin may not connect"},
		"/elsewhere": {nil, http.StatusFound, `<a href="/">Found</a>.`},
	} {
		_, err := hubtest.Dial(t.Context(), nil, server.URL+path, c.header)
		if refused, ok := errors.AsType[*websocket.HandshakeError](err); !ok || refused.Status != c.status || !strings.Contains(refused.Reason, c.reason) {
			t.Errorf("%s: %v, want %d %s", path, err, c.status, c.reason)
		}
	}
}

func TestDialUsesTheClientsJarAndNotItsTimeout(t *testing.T) {
	var cookie string
	server := aviary(t, (*httptest.Server).Start, &websocket.Options{CheckOrigin: func(r *http.Request) bool {
		cookie = r.Header.Get("Cookie")
		return true
	}})
	jar, _ := cookiejar.New(nil)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(base, []*http.Cookie{{Name: "session", Value: "s1"}})
	c, err := hubtest.Dial(t.Context(), &http.Client{Jar: jar, Timeout: time.Hour}, server.URL, nil)
	if err != nil || cookie != "session=s1" {
		t.Fatalf("%v, with the cookie %q", err, cookie)
	}
	c.Abort()
}

func TestAClientWaitsForItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go func() { // takes the handshake, and never says anything
			r, err := http.ReadRequest(bufio.NewReader(there))
			if err != nil {
				return
			}
			r.Body.Close()
			_, _ = there.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
				"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"))
			for {
				if _, err := there.Read(make([]byte, 100)); err != nil {
					return
				}
			}
		}()
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
		c, err := hubtest.Dial(t.Context(), &http.Client{Transport: transport}, "http://silent.example", nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, received := c.Receive()
		if closed := c.Close(); !errors.Is(received, hubtest.ErrNothing) || !errors.Is(closed, hubtest.ErrNothing) {
			t.Errorf("Receive: %v, Close: %v; want ErrNothing", received, closed)
		}
		if took := time.Since(began); took != 2*hubtest.Patience {
			t.Errorf("both took %v", took)
		}
	})
}

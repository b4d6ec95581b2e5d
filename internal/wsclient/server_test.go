package wsclient

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
)

// echo is a server of the other implementation; the message "bye" makes it close.
type echo struct{ conn *websocket.Conn }

func (e echo) Message(op websocket.Opcode, p []byte) {
	if string(p) == "bye" {
		e.CloseFrame(e.conn.CloseFrame(4001, "expired"))
		return
	}
	e.Control(websocket.AppendFrame(nil, op, p))
}

func (e echo) Control(frame []byte) {
	if _, err := e.conn.Write([][]byte{frame}, time.Now().Add(10*time.Second)); err != nil {
		e.conn.Abort()
	}
}

func (e echo) CloseFrame(frame []byte) { e.Control(frame); e.conn.Finish() }
func (e echo) Closed(error)            {}

func dialEcho(t *testing.T, secure bool, o *websocket.Options) *Conn {
	t.Helper()
	var wg sync.WaitGroup
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Upgrade(w, r, o); err == nil {
			wg.Go(func() { c.Serve(echo{c}) })
		}
	}))
	d := &Dialer{}
	if secure {
		srv.StartTLS()
		d.TLS = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		d.TLS.ServerName = "example.com"
	} else {
		srv.Start()
	}
	c, _, err := d.Dial(t.Context(), strings.Replace(srv.URL, "http", "ws", 1), http.Header{"Sec-Websocket-Protocol": {"parley"}})
	if err != nil {
		srv.Close()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		srv.Close()
		wg.Wait()
	})
	return c
}

func TestAgainstTheServer(t *testing.T) {
	for name, secure := range map[string]bool{"ws": false, "wss": true} {
		t.Run(name, func(t *testing.T) {
			c := dialEcho(t, secure, &websocket.Options{Subprotocols: []string{"parley"}})
			if c.Subprotocol() != "parley" {
				t.Errorf("subprotocol %q", c.Subprotocol())
			}
			for _, n := range []int{0, 125, 126, 65535} {
				want := strings.Repeat("ä", n/2)
				if err := c.Send(want); err != nil {
					t.Fatal(err)
				}
				if op, p, err := c.Read(t.Context()); err != nil || op != Text || string(p) != want {
					t.Fatalf("%d bytes: opcode %d, %d bytes, %v", n, op, len(p), err)
				}
			}
			if err := c.Shutdown(t.Context(), 3000, "done"); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
}

func TestServerClosesWithCode(t *testing.T) {
	c := dialEcho(t, false, nil)
	if err := c.Send("bye"); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Read(t.Context())
	if ce, ok := errors.AsType[*CloseError](err); !ok || *ce != (CloseError{4001, "expired"}) {
		t.Fatalf("Read = %v", err)
	}
}

func TestServerSeesTheMistake(t *testing.T) {
	c := dialEcho(t, false, nil)
	if err := c.Frame(3, true, []byte("what")); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Read(t.Context())
	if ce, ok := errors.AsType[*CloseError](err); !ok || ce.Code != 1002 {
		t.Fatalf("Read = %v", err)
	}
}

// Pings are answered while Read waits, so an idle client lives longer than the server's patience.
func TestPingsAreAnswered(t *testing.T) {
	c := dialEcho(t, false, &websocket.Options{PingAfter: time.Millisecond, IdleAfter: 10 * time.Second})
	c.Manual(true)
	if op, _, err := c.Read(t.Context()); err != nil || op != Ping {
		t.Fatalf("Read = %d %v, want the server's ping", op, err)
	}
	c.Manual(false)
	if err := c.Send("x"); err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.Read(t.Context()); err != nil || string(p) != "x" {
		t.Fatalf("Read = %q %v", p, err)
	}
}

func TestDialChecksTheCertificate(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	_, _, err := Dial(t.Context(), srv.URL, nil)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Fatalf("Dial = %v", err)
	}
}

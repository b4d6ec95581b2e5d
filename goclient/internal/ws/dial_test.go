package ws

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// dialled dials a server that answers a request with what answer makes of its key.
func dialled(t *testing.T, answer func(key string) string) (*Conn, *http.Request, error) {
	requests := make(chan *http.Request, 1)
	var there net.Conn
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		var here net.Conn
		here, there = net.Pipe()
		go func() {
			r, err := http.ReadRequest(bufio.NewReader(there))
			if err != nil {
				return
			}
			requests <- r
			said := answer(r.Header.Get("Sec-WebSocket-Key"))
			_, _ = io.WriteString(there, said)
			if !strings.HasPrefix(said, "HTTP/1.1 101") {
				_ = there.Close()
			}
		}()
		return here, nil
	}}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	header := http.Header{"Authorization": {"Bearer x"}}
	c, err := Dial(ctx, client, "http://chat.example/ws", "parley.v1", header)
	t.Cleanup(func() {
		if c != nil {
			c.Abort()
		}
		_ = there.Close()
	})
	if len(header) != 1 {
		t.Errorf("the caller's header was changed: %v", header)
	}
	return c, <-requests, err
}

func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestTheHandshake(t *testing.T) {
	c, r, err := dialled(t, func(key string) string {
		return "HTTP/1.1 101 X\r\nupgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\nSec-WebSocket-Protocol: parley.v1\r\nSec-WebSocket-Accept: " +
			accept(key) + "\r\n\r\n" + frame(fin|opText, "at once")
	})
	if err != nil {
		t.Fatal(err)
	}
	if key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key")); err != nil || len(key) != 16 {
		t.Errorf("the key is %q", r.Header.Get("Sec-WebSocket-Key"))
	}
	for name, want := range map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Version": "13", "Authorization": "Bearer x", "Sec-Websocket-Extensions": ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if b, err := c.Read(); string(b) != "at once" || err != nil {
		t.Errorf("what came with the answer: %q, %v", b, err)
	}
}

func TestHandshakesThatAreNone(t *testing.T) {
	const upgrade = "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: parley.v1\r\n"
	right := func(key string) string { return "Sec-WebSocket-Accept: " + accept(key) + "\r\n" }
	for what, c := range map[string]struct {
		answer func(key string) string
		want   string
	}{
		"a wrong accept":    {func(key string) string { return upgrade + right(key+"x") }, "not that of a WebSocket server"},
		"the key as accept": {func(key string) string { return upgrade + "Sec-WebSocket-Accept: " + key + "\r\n" }, "not that of a WebSocket server"},
		"no accept":         {func(string) string { return upgrade }, "not that of a WebSocket server"},
		"another upgrade":   {func(key string) string { return strings.Replace(upgrade, "websocket", "h2c", 1) + right(key) }, "not that of a WebSocket server"},
		"no Connection": {func(key string) string {
			return strings.Replace(upgrade, "Connection: Upgrade\r\n", "", 1) + right(key)
		}, "cannot be written to"},
		"no protocol":      {func(key string) string { return strings.Replace(upgrade, "parley.v1", "", 1) + right(key) }, "does not speak parley.v1"},
		"another protocol": {func(key string) string { return strings.Replace(upgrade, ".v1", ".v2", 1) + right(key) }, "does not speak parley.v1"},
		"compression": {func(key string) string {
			return upgrade + right(key) + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
		}, "an extension"},
		"an endless header":     {func(string) string { return "HTTP/1.1 101 X\r\nA: " + strings.Repeat("x", 11<<20) }, "headers exceeded"},
		"a refusal":             {func(string) string { return "HTTP/1.1 403 X\r\nConnection: close\r\n" }, "403 Forbidden"},
		"a refusal without end": {func(string) string { return "HTTP/1.1 500 X\r\n\r\n" + strings.Repeat("x", 1<<20) }, "500 Internal"},
	} {
		t.Run(what, func(t *testing.T) {
			_, _, err := dialled(t, func(key string) string { return c.answer(key) + "\r\n" })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			if refused := (*RefusedError)(nil); errors.As(err, &refused) && len(refused.Body) > maxRefusal {
				t.Errorf("%d bytes of a refusal are kept", len(refused.Body))
			}
		})
	}
}

// An answer that comes byte by byte is not waited for longer than the context lives.
func TestASlowHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r := bufio.NewReader(there)
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			for {
				if _, err := fmt.Fprint(there, "H"); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}}
		began := time.Now()
		if _, err := Dial(t.Context(), client, "http://chat.example/ws", "parley.v1", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		_ = there.Close()
		<-ended
	})
}

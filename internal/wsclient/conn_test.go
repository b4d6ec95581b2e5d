package wsclient

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// peer is a scripted server: it answers the handshake, writes early in the same segment and hands the socket over.
func peer(t *testing.T, early string, script func(nc net.Conn, br *bufio.Reader)) *Conn {
	t.Helper()
	done := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		nc, brw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = nc.Close() }()
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
			base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n"+early)
		if script != nil {
			script(nc, brw.Reader)
		}
	}))
	c, _, err := Dial(t.Context(), strings.Replace(srv.URL, "http", "ws", 1), http.Header{"Origin": {"http://x"}})
	if err != nil {
		srv.Close()
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); <-done; srv.Close() })
	return c
}

// unmask reads one small masked frame and returns its first byte and payload.
func unmask(t *testing.T, br *bufio.Reader) (byte, string) {
	var h [6]byte
	if _, err := io.ReadFull(br, h[:]); err != nil {
		t.Error(err)
		return 0, ""
	}
	p := make([]byte, h[1]&0x7f)
	_, _ = io.ReadFull(br, p)
	for i := range p {
		p[i] ^= h[2+i&3]
	}
	return h[0], string(p)
}

func TestReadAssemblesAndAnswersPings(t *testing.T) {
	c := peer(t, "\x01\x02he\x89\x01p\x80\x03llo", func(nc net.Conn, br *bufio.Reader) {
		if op, p := unmask(t, br); op != 0x8a || p != "p" {
			t.Errorf("the ping was answered with %#x %q", op, p)
		}
		if op, p := unmask(t, br); op != 0x81 || p != "up" {
			t.Errorf("Send wrote %#x %q", op, p)
		}
		_, _ = io.WriteString(nc, "\x88\x05\x0f\xa4bye")
		if op, p := unmask(t, br); op != 0x88 || p != "\x0f\xa4" {
			t.Errorf("the close frame was echoed with %#x %q", op, p)
		}
	})
	op, p, err := c.Read(t.Context())
	if err != nil || op != Text || string(p) != "hello" {
		t.Fatalf("Read = %d %q %v", op, p, err)
	}
	if err := c.Send("up"); err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Read(t.Context())
	var ce *CloseError
	if !errors.As(err, &ce) || ce.Code != 4004 || ce.Reason != "bye" {
		t.Fatalf("Read after the close frame = %v", err)
	}
	if _, _, again := c.Read(t.Context()); !errors.Is(again, err) {
		t.Fatalf("a later Read = %v, want the same error", again)
	}
}

func TestManualShowsControlFrames(t *testing.T) {
	c := peer(t, "\x89\x01p\x8a\x01q", nil)
	c.Manual(true)
	for _, want := range []byte{Ping, Pong} {
		if op, _, err := c.Read(t.Context()); err != nil || op != want {
			t.Fatalf("Read = %d %v, want opcode %d", op, err, want)
		}
	}
}

func TestReadGoesOnAfterItsContextEnds(t *testing.T) {
	rest := make(chan string)
	c := peer(t, "\x81\x05he", func(nc net.Conn, _ *bufio.Reader) { _, _ = io.WriteString(nc, <-rest) })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Read of half a frame = %v", err)
	}
	rest <- "llo"
	if _, p, err := c.Read(t.Context()); err != nil || string(p) != "hello" {
		t.Fatalf("Read = %q %v", p, err)
	}
}

func TestReadJSON(t *testing.T) {
	c := peer(t, "\x81\x07{\"a\":1}\x81\x01{", nil)
	var v struct{ A int }
	if err := c.ReadJSON(t.Context(), &v); err != nil || v.A != 1 {
		t.Fatalf("ReadJSON = %v %v", v, err)
	}
	if err := c.ReadJSON(t.Context(), &v); err == nil {
		t.Fatal("ReadJSON took half an object")
	}
}

func TestBreachesOfTheProtocol(t *testing.T) {
	for name, sent := range map[string]string{
		"masked":                "\x81\x80aaaa",
		"reserved bit":          "\xc1\x00",
		"opcode":                "\x83\x00",
		"not minimal 16":        "\x81\x7e\x00\x7d",
		"not minimal 64":        "\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff",
		"huge":                  "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
		"long ping":             "\x89\x7e\x00\x7e",
		"fragmented ping":       "\x09\x00",
		"orphan":                "\x80\x00",
		"new message in one":    "\x01\x00\x81\x00",
		"not UTF-8":             "\x81\x01\xff",
		"close of one byte":     "\x88\x01\x03",
		"close reason no UTF-8": "\x88\x03\x03\xe8\xff",
	} {
		t.Run(name, func(t *testing.T) {
			c := peer(t, sent, nil)
			_, _, err := c.Read(t.Context())
			var pe *ProtocolError
			if !errors.As(err, &pe) {
				t.Fatalf("Read = %v, want a ProtocolError", err)
			}
		})
	}
}

func TestDialRefused(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "who are you", http.StatusUnauthorized)
	}))
	defer srv.Close()
	_, resp, err := Dial(t.Context(), srv.URL, nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Fatalf("Dial = %v %v", resp, err)
	}
	if b, _ := io.ReadAll(resp.Body); string(b) != "who are you\n" {
		t.Fatalf("body %q", b)
	}
	if _, _, err := Dial(t.Context(), "ftp://x", nil); err == nil {
		t.Fatal("Dial took ftp")
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := Dial(ctx, "ws://"+l.Addr().String(), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Dial = %v", err)
	}
}

func TestAppendFrameLengths(t *testing.T) {
	for n, head := range map[int]int{0: 6, 125: 6, 126: 8, 65535: 8, 65536: 14} {
		p := bytes.Repeat([]byte{'x'}, n)
		f := AppendFrame(nil, Binary, true, p)
		if len(f) != head+n {
			t.Fatalf("%d bytes: the frame has %d", n, len(f))
		}
		for i := range p {
			if f[head+i]^f[head-4+i&3] != 'x' {
				t.Fatalf("%d bytes: byte %d is not masked right", n, i)
			}
		}
	}
}

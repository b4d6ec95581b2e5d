package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipe is a ResponseWriter whose connection is one end of a net.Pipe, so that time in a test is virtual.
type pipe struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (p pipe) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return p.conn, bufio.NewReadWriter(bufio.NewReader(p.conn), bufio.NewWriter(p.conn)), nil
}

// plug is a client's end of a connection in virtual time.
type plug struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

// plugIn has s let a client into the room tea, and reads the answer to its handshake.
func plugIn(t *testing.T, s *server, name string) *plug {
	t.Helper()
	ours, theirs := net.Pipe()
	r := httptest.NewRequest(http.MethodGet, address("tea", name), nil)
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
		r.Header.Set(k, v)
	}
	go s.routes().ServeHTTP(pipe{httptest.NewRecorder(), theirs}, r)
	p := &plug{t, ours, bufio.NewReader(ours)}
	resp, err := http.ReadResponse(p.in, r)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v %v", resp, err)
	}
	return p
}

// read returns the next frame, its first byte and its payload.
func (p *plug) read() (first byte, payload string, err error) {
	var head [2]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil {
		return 0, "", err
	}
	size := int(head[1])
	if size == 126 {
		var long [2]byte
		if _, err := io.ReadFull(p.in, long[:]); err != nil {
			return 0, "", err
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	}
	b := make([]byte, size)
	_, err = io.ReadFull(p.in, b)
	return head[0], string(b), err
}

// until reads frames up to one that begins with first and has one of parts in it, and returns which.
func (p *plug) until(first byte, parts ...string) int {
	p.t.Helper()
	for {
		got, payload, err := p.read()
		if err != nil {
			p.t.Fatalf("waiting for %#x %.60q: %v", first, parts, err)
		}
		for i, part := range parts {
			if got == first && strings.Contains(payload, part) {
				return i
			}
		}
	}
}

const (
	fText, fClose, fPing, fPong = 0x81, 0x88, 0x89, 0x8a

	goingAway = "\x03\xe9" // 1001, as a close frame begins
	tooSlow   = "\x03\xf5" // 1013
)

// virtual runs a test of a server in virtual time.
func virtual(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		defer func() {
			if err := s.hub.Shutdown(context.Background(), 1001, ""); err != nil {
				t.Error(err)
			}
		}()
		test(t, s)
	})
}

func TestSilenceIsPingedThenClosed(t *testing.T) {
	virtual(t, func(t *testing.T, s *server) {
		ann := plugIn(t, s, "ann")
		defer ann.Close()
		begun := time.Now()
		for i := 1; i <= 3; i++ {
			ann.until(fPing, "")
			if at := time.Since(begun); at != time.Duration(i)*54*time.Second {
				t.Fatalf("ping %d came after %v", i, at)
			}
			if i < 3 {
				if _, err := ann.Write([]byte{fPong, 0x80, 0, 0, 0, 0}); err != nil {
					t.Fatal(err)
				}
			}
		}
		ann.until(fClose, goingAway)
		if at := time.Since(begun); at != (2*54+60)*time.Second {
			t.Errorf("closed after %v, want 60 s after the last pong", at)
		}
	})
}

// Who takes nothing for ten seconds is removed, however little is queued, and the room is told then.
func TestWriteTimeout(t *testing.T) {
	virtual(t, func(t *testing.T, s *server) {
		ann := plugIn(t, s, "ann")
		defer ann.Close()
		ann.until(fText, "ann joined the room")
		bob := plugIn(t, s, "bob")
		defer bob.Close()
		ann.until(fText, "bob joined the room")
		begun := time.Now() // bob reads nothing of what he is told since
		ann.until(fText, `"bob left the room"`)
		if at := time.Since(begun); at != 10*time.Second {
			t.Errorf("bob was removed after %v", at)
		}
		for {
			if _, _, err := bob.read(); err != nil {
				break // reset: nobody took the goodbye
			}
		}
	})
}

// A full queue removes its client at once, before any time has passed. One that is not full does not.
func TestFullQueue(t *testing.T) {
	virtual(t, func(t *testing.T, s *server) {
		ann := plugIn(t, s, "ann")
		defer ann.Close()
		ann.until(fText, "ann joined the room")
		bob := plugIn(t, s, "bob")
		defer bob.Close()
		ann.until(fText, "bob joined the room")
		begun := time.Now()
		text := strings.Repeat("x", maxText)
		for range 256 {
			s.tell("tea", "chat", text, "ann")
			ann.until(fText, text)
		}
		synctest.Wait()
		if _, n := s.hub.People("tea", 0); n != 2 {
			t.Fatalf("%d in the room after 256 frames that bob has not read, want 2", n)
		}
		for said := 256; ; said++ {
			s.tell("tea", "chat", text, "ann")
			if ann.until(fText, text, "bob left the room") == 1 {
				break
			}
			if said == 600 {
				t.Fatal("bob has 600 frames that he has not read, and is still in the room")
			}
		}
		if at := time.Since(begun); at != 0 {
			t.Errorf("bob was removed after %v", at)
		}
		bob.until(fClose, tooSlow)
	})
}

package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// A connection may send so many frames, whatever they are; then it is closed, and what it still sends does nothing.
func TestFrameFlood(t *testing.T) {
	const rate, burst = 100, 2000
	for name, f := range map[string]string{
		"not JSON":           `{`,
		"an unknown type":    `{"type":"knock"}`,
		"a wrong token":      `{"type":"auth","token":"nobody's"}`,
		"typing":             `{"type":"typing"}`,
		"the end of nothing": `{"type":"stop_typing"}`,
		"one's own cursor":   `{"type":"read","n":0}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := assemble(t, func(c *Config, _ *chat.Config) { c.FrameRate, c.FrameBurst = rate, burst })
				ann, eve := s.person("ann"), s.person("eve")
				c, ft := s.attach(t, ann, "general")
				_, other := s.attach(t, eve, "general")
				for range burst {
					c.says("%s", f)
				}
				if ft.closed() != 0 {
					t.Fatalf("closed with %d by what is allowed at once", ft.closed())
				}
				time.Sleep(time.Second)
				for range rate {
					c.says("%s", f)
				}
				if ft.closed() != 0 {
					t.Fatalf("closed with %d by what is allowed in a second", ft.closed())
				}
				c.says("%s", f)
				if ft.closed() != CloseFlood {
					t.Fatalf("closed with %d, want %d", ft.closed(), CloseFlood)
				}
				other.taken()
				before := s.gw.Stats().FramesIn
				c.says(`{"type":"message","content":"and yet"}`)
				if got := other.taken(); len(got) != 0 {
					t.Errorf("the room still hears %v", got)
				}
				if after := s.gw.Stats().FramesIn; after["message"] != before["message"] {
					t.Error("a frame behind the flood was looked at")
				}
				s.stop()
			})
		})
	}
}

func TestNoFrameLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		c, ft := s.attach(t, s.person("ann"), "general")
		for range 5000 {
			c.says(`{"type":"stop_typing"}`)
		}
		if ft.closed() != 0 || strings.Contains(strings.Join(ft.taken(), ""), "error") {
			t.Errorf("closed with %d", ft.closed())
		}
		s.stop()
	})
}

// One person cannot hold more than so many connections, whichever way they ended before; others are not touched.
func TestSocketsOfOnePerson(t *testing.T) {
	s := start(t, func(c *Config, _ *chat.Config) { c.MaxSockets = 3 })
	s.person("ann")
	s.person("bob")
	refused := func() {
		t.Helper()
		resp, f := s.refused("/ws?token=ann", nil)
		if resp.StatusCode != 429 || f.str("code") != "rate_limited" || f.num("retry_after") != 10_000 || !strings.Contains(f.str("detail"), "3 connections") {
			t.Errorf("%d %s", resp.StatusCode, f.raw)
		}
	}
	for range 5 { // refused handshakes and rooms count for nothing
		s.refused("/ws?token=ann", map[string][]string{"Sec-Websocket-Key": {"short"}})
		s.refused("/ws/room/nowhere?token=ann", nil)
	}
	first := s.room("general", "ann")
	s.dial("/ws", "ann")
	s.dial("/ws", "ann")
	refused()
	refused()
	s.dial("/ws", "bob")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the connection has ended", func() bool { return s.gw.Stats().Connections == 3 })
	eventually(t, "its place is free", func() bool {
		s.gw.mu.RLock()
		defer s.gw.mu.RUnlock()
		return s.gw.sockets[s.users["ann"].ID] == 2
	})
	s.dial("/ws", "ann")
	refused()
	s.gw.DisconnectUser(s.users["ann"].ID, 4002, "bye")
	s.gw.DisconnectUser(s.users["bob"].ID, 4002, "bye")
	eventually(t, "nobody is counted", func() bool {
		s.gw.mu.RLock()
		defer s.gw.mu.RUnlock()
		return len(s.gw.sockets) == 0
	})
}

package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wsclient"
)

func TestRefusedBeforeTheUpgrade(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	s.remove("ann", "bob", "general")
	foreign := http.Header{"Origin": {"https://evil.example"}}
	for name, c := range map[string]struct {
		path   string
		header http.Header
		status int
		code   string
	}{
		"no token":                   {"/ws", nil, 401, "unauthenticated"},
		"a wrong token":              {"/ws?token=wrong-token", nil, 401, "unauthenticated"},
		"who asks comes first":       {"/ws/room/nowhere", foreign, 401, "unauthenticated"},
		"a foreign page":             {"/ws?token=ann", foreign, 403, "forbidden"},
		"the page before the room":   {"/ws/room/nowhere?token=ann", foreign, 403, "forbidden"},
		"a page without an origin":   {"/ws?token=ann", http.Header{"Origin": {"null"}}, 403, "forbidden"},
		"a room that does not exist": {"/ws/room/nowhere?token=ann", nil, 404, "not_found"},
		"a name no room can have":    {"/ws/room/No%20Room?token=ann", nil, 400, "invalid"},
		"a long name":                {"/ws/room/" + strings.Repeat("x", 65) + "?token=ann", nil, 400, "invalid"},
		"removed from the room":      {"/ws/room/general?token=bob", nil, 403, "forbidden"},
		"no handshake":               {"/ws?token=ann", http.Header{"Upgrade": {"h2c"}}, 426, "invalid"},
		"another version":            {"/ws?token=ann", http.Header{"Sec-Websocket-Version": {"8"}}, 426, "invalid"},
		"a broken key":               {"/ws?token=ann", http.Header{"Sec-Websocket-Key": {"short"}}, 400, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, f := s.refused(c.path, c.header)
			if resp.StatusCode != c.status || f.str("code") != c.code || f.num("status") != c.status || f.str("detail") == "" ||
				f.str("title") != http.StatusText(c.status) || f.str("type") != "about:blank" {
				t.Errorf("%d %s, want %d %s", resp.StatusCode, f.raw, c.status, c.code)
			}
			if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("Content-Type %q", got)
			}
			if got := resp.Header.Get("WWW-Authenticate"); (c.status == 401) != (got == "Bearer") {
				t.Errorf("WWW-Authenticate %q", got)
			}
		})
	}
	if _, err := s.svc.Room(t.Context(), s.users["ann"].Actor(), "nowhere"); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("naming a room made it: %v", err)
	}
	if log := s.log.String(); strings.Contains(log, "wrong-token") || !strings.Contains(log, "unauthenticated") {
		t.Errorf("the log must have the outcome and not the token:\n%s", log)
	}
}

func TestUpgradeTakesTheVersion(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.dialRaw("/ws", "ann", http.Header{"Sec-Websocket-Protocol": {"chat, parley.v1"}, "Origin": {"http://" + s.url[len("ws://"):]}})
	if got := c.Subprotocol(); got != "parley.v1" {
		t.Errorf("subprotocol %q", got)
	}
	c.want("welcome")
}

func TestJoinsAreLimited(t *testing.T) {
	l := &joins{}
	l.left.Store(3)
	s := start(t, func(g *Config, _ *chat.Config) { g.Limiter = l })
	s.person("ann")
	c := s.room("general", "ann")                     // one
	c.say(`{"type":"subscribe","rooms":["general"]}`) // two
	c.want("subscribed")
	many := `"general"` + strings.Repeat(`,"general"`, 50)
	c.say(`{"type":"subscribe","rooms":[%s]}`, many) // 51 rooms are two joins: one too many
	if f := c.wantError("rate_limited", "subscribe"); f.num("retry_after") != 1500 {
		t.Errorf("retry_after: %s", f.raw)
	}
	c.nothing() // the connection stays
	resp, f := s.refused("/ws/room/general?token=ann", nil)
	if resp.StatusCode != 429 || f.num("retry_after") != 1500 || resp.Header.Get("Retry-After") != "2" {
		t.Errorf("%d %v %s", resp.StatusCode, resp.Header, f.raw)
	}
}

// joins lets a number through.
type joins struct{ left atomic.Int32 }

func (j *joins) Join(string) (time.Duration, bool) {
	return 1500 * time.Millisecond, j.left.Add(-1) >= 0
}

func TestGuest(t *testing.T) {
	s := start(t)
	var released atomic.Int32
	id := chat.NewUUID(time.Now())
	s.person("ann")
	s.token("eve", Identity{
		User:  chat.Actor{ID: chat.UserID(id), Name: "eve", Kind: chat.KindGuest, Role: chat.RoleGuest},
		Claim: "claim-of-eve", Release: func() { released.Add(1) },
	})
	if resp, _ := s.refused("/ws/room/nowhere?token=eve", nil); resp.StatusCode != 404 {
		t.Errorf("status %d", resp.StatusCode)
	}
	if n := released.Load(); n != 1 {
		t.Errorf("the name was released %d times after a refusal", n)
	}
	ann := s.room("general", "ann")
	c := s.dialRaw("/ws/room/general", "eve", nil)
	if f := c.want("welcome"); f.str("kind") != "guest" || f.str("token") != "claim-of-eve" || f.f["expires_at"] != nil || f.str("user_id") != id {
		t.Errorf("welcome: %s", f.raw)
	}
	c.want("subscribed")
	c.say("hello")
	if f := ann.want("message"); f.str("user") != "eve" || f.str("user_id") != id || f.str("content") != "hello" {
		t.Errorf("message: %s", f.raw)
	}
	if err := c.Shutdown(t.Context(), 1000, ""); err != nil {
		t.Error(err)
	}
	eventually(t, "the name is released once more", func() bool { return released.Load() == 2 })
}

func TestShutdownSaysGoodbye(t *testing.T) {
	s := start(t)
	s.person("ann")
	waits := map[int]bool{}
	var clients []*client
	for range 8 {
		clients = append(clients, s.room("general", "ann"))
	}
	clients[0].say(`{"type":"message","content":"last words","client_id":"0190a8c0-5555-7000-8000-000000000001"}`)
	clients[0].want("ack")
	for _, c := range clients[1:] {
		c.want("message")
	}
	ended := make(chan struct{})
	go func() { defer close(ended); s.stop() }()
	for _, c := range clients {
		f := c.want("goodbye")
		if n := f.num("reconnect_after"); n < 500 || n > 5000 {
			t.Errorf("reconnect_after out of range: %s", f.raw)
		} else {
			waits[n] = true
		}
		c.wantClose(1001)
	}
	if len(waits) < 2 {
		t.Error("all are told the same moment to come back")
	}
	<-ended
}

func TestNobodyIsLetInDuringShutdown(t *testing.T) {
	s := start(t)
	s.person("ann")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.gw.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	resp, f := s.refused("/ws?token=ann", nil)
	if resp.StatusCode != 503 || f.str("code") != "overloaded" || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", resp.StatusCode, f.raw)
	}
}

func TestBinaryIsRefused(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.room("general", "ann")
	if err := c.Frame(wsclient.Binary, true, []byte(`{"type":"typing"}`)); err != nil {
		t.Fatal(err)
	}
	c.wantClose(1003)
}

func TestSilenceIsClosed(t *testing.T) {
	s := start(t, func(g *Config, _ *chat.Config) { g.PingAfter, g.IdleAfter = 20*time.Millisecond, 60*time.Millisecond })
	s.person("ann")
	c := s.dial("/ws", "ann")
	c.Manual(true) // does not answer pings
	for {
		op, _, err := c.Read(t.Context())
		if err != nil {
			if ce := (*wsclient.CloseError)(nil); !errors.As(err, &ce) || ce.Code != 4005 {
				t.Errorf("ended by %v, want 4005", err)
			}
			return
		}
		if op != wsclient.Ping {
			t.Fatalf("opcode %d", op)
		}
	}
}

func TestPingFloodIsClosed(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.dial("/ws", "ann")
	for range 2000 {
		if c.Frame(wsclient.Ping, true, []byte("x")) != nil {
			break // closed already
		}
	}
	c.wantClose(4006)
}

func TestStatsCountByType(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.room("general", "ann")
	c.say("as text")
	c.say(`{"type":"message","content":"as a frame"}`)
	for _, typ := range []string{"a", "b", "welcome"} {
		c.say(`{"type":%q}`, typ)
		c.wantError("invalid", typ)
	}
	c.say("broken {")
	c.say(`{`)
	c.wantError("invalid", "")
	eventually(t, "all are stored", func() bool { return s.gw.Stats().FramesOut["message"] == 3 })
	st := s.gw.Stats()
	for typ, want := range map[string]uint64{"text": 2, "message": 1, "other": 4, "read": 0} {
		if got := st.FramesIn[typ]; got != want {
			t.Errorf("%d frames of type %s came in, want %d", got, typ, want)
		}
	}
	if st.Connections != 1 || st.Hub.Sessions != 1 || st.FramesOut["welcome"] != 1 || st.FramesOut["error"] != 4 || len(st.FramesIn) != 10 {
		t.Errorf("%+v", st)
	}
}

// A client that writes & for ? has its token in the path, and a stranger whatever they like.
func TestLogOfStrangePaths(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.refused("/ws/room/general&token=eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", nil)
	s.refused("/ws/room/"+strings.Repeat("x", 8000), nil)
	s.room("general", "ann")
	log := s.log.String()
	if strings.Contains(log, "c2lnbmF0dXJl") || strings.Contains(log, "xxx") {
		t.Errorf("the log repeats what strangers write:\n%.2000s", log)
	}
	if !strings.Contains(log, "path=/ws/room/... ") || !strings.Contains(log, "path=/ws/room/general ") {
		t.Errorf("the log does not tell which sockets:\n%.2000s", log)
	}
}

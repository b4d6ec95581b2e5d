package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wsclient"
)

// key makes the n-th client_id.
func key(n int) string { return fmt.Sprintf("0190a8c0-5555-7000-8000-%012x", n) }

func TestWelcome(t *testing.T) {
	s := start(t)
	ann := s.person("ann")
	s.person("bob")
	s.say("bob", "random", "one")
	s.say("bob", "random", "two")
	c := s.dialRaw("/ws", "ann", nil)
	f := c.want("welcome")
	if f.str("protocol") != "parley.v1" || f.str("user") != "ann" || f.str("user_id") != string(ann.User.ID) || f.str("kind") != "member" {
		t.Errorf("who: %s", f.raw)
	}
	if at, err := time.Parse(time.RFC3339, f.str("expires_at")); err != nil || !at.Equal(ann.Expires.Truncate(time.Millisecond)) {
		t.Errorf("expires_at %s, want %s", f.str("expires_at"), ann.Expires)
	}
	rooms := f.f["rooms"].([]any)
	var names []string
	for _, r := range rooms {
		r := frame{f: r.(map[string]any)}
		names = append(names, r.str("room"))
		if r.str("room") == "random" && (r.num("seq") != 2 || r.num("n") != 2 || r.num("read_n") != 0 || r.str("epoch") == "" || r.str("room_id") == "") {
			t.Errorf("random: %v", r.f)
		}
	}
	if strings.Join(names, " ") != "general help random" {
		t.Errorf("rooms: %v", names)
	}
	c.nothing() // nothing is subscribed
	s.say("bob", "random", "three")
	c.nothing()
}

func TestNoEchoAndIsolation(t *testing.T) {
	s := start(t)
	s.person("ann")
	bobID := s.person("bob")
	ann, bob, eve := s.room("general", "ann"), s.room("general", "bob"), s.room("random", "ann")
	bob.say(`{"type":"message","content":"Hello"}`)
	f := ann.want("message")
	if f.str("room") != "general" || f.str("user") != "bob" || f.str("user_id") != string(bobID.User.ID) || f.str("content") != "Hello" ||
		f.num("seq") != 1 || f.num("n") != 1 {
		t.Errorf("message: %s", f.raw)
	}
	if _, ok := chat.ParseUUID(f.str("id")); !ok {
		t.Errorf("id %q", f.str("id"))
	}
	if at, err := time.Parse("2006-01-02T15:04:05.000Z", f.str("timestamp")); err != nil || time.Since(at) > time.Minute {
		t.Errorf("timestamp %q: %v", f.str("timestamp"), err)
	}
	bob.nothing() // no echo, and without a client_id no ack
	eve.nothing() // another room
}

func TestRoomSocketTakesText(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	ann, bob := s.room("general", "ann"), s.room("general", "bob")
	for _, text := range []string{"plain text", ` {"type":"typing"}`, `[1,2]`, `"quoted"`, "two\nlines", "é😀<b>"} {
		bob.say("%s", text)
		if f := ann.want("message"); f.str("content") != text {
			t.Errorf("%q arrives as %q", text, f.str("content"))
		}
	}
	for _, text := range []string{"", "  ", "\x00", strings.Repeat("x", 8001)} {
		if err := bob.Frame(wsclient.Text, true, []byte(text)); err != nil {
			t.Fatal(err)
		}
		bob.want("error")
	}
	bob.say("{broken")
	bob.wantError("invalid", "")
	ann.nothing()
}

func TestAckStandsInTheStream(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	ann := s.all("ann", "general")
	seen := 0
	for i := 1; i <= 120; i++ {
		if i%3 == 0 {
			s.say("bob", "general", "from bob")
		}
		ann.say(`{"type":"message","room":"general","content":"no. %d","client_id":%q}`, i, key(i))
		for acked := false; !acked; {
			f, err := ann.read()
			if err != nil {
				t.Fatal(err)
			}
			switch f.typ() {
			case "ack":
				acked = true
				if f.str("client_id") != key(i) || f.str("room") != "general" || f.str("id") == "" || f.str("timestamp") == "" {
					t.Errorf("ack: %s", f.raw)
				}
			case "message":
			default:
				continue
			}
			if seen++; f.num("seq") != seen || f.num("n") != seen {
				t.Fatalf("number %d expected: %s", seen, f.raw)
			}
		}
	}
	if seen != 160 {
		t.Errorf("%d entries, want 160", seen)
	}
}

func TestTwoConnectionsOfOnePerson(t *testing.T) {
	s := start(t)
	s.person("ann")
	phone, laptop := s.room("general", "ann"), s.all("ann", "general")
	phone.say(`{"type":"message","content":"from the phone","client_id":%q}`, key(1))
	ack := phone.want("ack")
	f := laptop.want("message")
	if f.str("client_id") != key(1) || f.str("id") != ack.str("id") || f.num("seq") != ack.num("seq") || f.str("timestamp") != ack.str("timestamp") {
		t.Errorf("%s\n%s", ack.raw, f.raw)
	}
	phone.nothing()
}

func TestSendWithoutSubscribing(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	listener := s.room("random", "bob")
	c := s.dial("/ws", "ann")
	c.say(`{"type":"message","room":"random","content":"in passing","client_id":%q}`, key(1))
	if f := c.want("ack"); f.str("room") != "random" || f.num("seq") != 1 {
		t.Errorf("ack: %s", f.raw)
	}
	listener.want("message")
	listener.say(`{"type":"message","content":"anyone?"}`)
	c.nothing()
}

func TestRetry(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	first := s.all("ann", "general")
	send := fmt.Sprintf(`{"type":"message","room":"general","content":"once","client_id":%q}`, key(1))
	first.say("%s", send)
	ack := first.want("ack")

	// On the same connection, in capitals: still the same id.
	first.say("%s", strings.Replace(send, key(1), strings.ToUpper(key(1)), 1))
	if again := first.want("ack"); again.raw != ack.raw {
		t.Errorf("the retry's ack differs:\n%s\n%s", ack.raw, again.raw)
	}
	// Another content under the same id.
	first.say(`{"type":"message","room":"general","content":"twice","client_id":%q}`, key(1))
	first.wantError("conflict", key(1))
	// In another room, and from another person, the id is free.
	first.say(`{"type":"message","room":"help","content":"once","client_id":%q}`, key(1))
	if f := first.want("ack"); f.str("room") != "help" || f.str("id") == ack.str("id") {
		t.Errorf("ack: %s", f.raw)
	}
	s.say("bob", "general", "later")
	first.want("message")
	_ = first.Close()

	// After a cut: resumed behind the message, resumed before it, and without resuming.
	for name, subscribe := range map[string]string{
		"behind": `{"type":"subscribe","rooms":["general"]}`, "not subscribed": "",
	} {
		c := s.dial("/ws", "ann")
		if subscribe != "" {
			c.say("%s", subscribe)
			c.want("subscribed")
		}
		c.say("%s", send)
		if again := c.want("ack"); again.raw != ack.raw {
			t.Errorf("%s: the retry's ack differs:\n%s\n%s", name, ack.raw, again.raw)
		}
		c.nothing()
	}
	p, err := s.svc.Page(t.Context(), s.users["bob"].Actor(), "general", chat.PageQuery{Page: 1})
	if err != nil || len(p.Messages) != 2 {
		t.Errorf("%d messages are stored, want 2 (%v)", len(p.Messages), err)
	}
}

// A client_id that is still unanswered on this connection: the same content is the same send, another one a conflict.
// The committer is held up meanwhile.
func TestSameIDWhileOpen(t *testing.T) {
	held := make(chan struct{})
	s := start(t, func(g *Config, c *chat.Config) {
		publish := c.Publish
		c.Publish = func(events []chat.Event) {
			if events[0].Room() != "" && events[0].Message != nil && events[0].Message.Content == "hold" {
				<-held
			}
			publish(events)
		}
	})
	s.person("ann")
	c := s.all("ann", "general")
	c.say(`{"type":"message","room":"general","content":"hold","client_id":%q}`, key(1))
	c.say(`{"type":"message","room":"general","content":"once","client_id":%q}`, key(2))
	c.say(`{"type":"message","room":"general","content":"once","client_id":%q}`, key(2))
	c.say(`{"type":"message","room":"general","content":"twice","client_id":%q}`, key(2))
	c.nothing() // all are taken, none is answered
	close(held)
	// Errors do not wait for the stream, so the order of these three is open.
	got := c.next(3)
	if acks := got["ack"]; len(acks) != 2 || acks[1].str("client_id") != key(2) || acks[1].num("seq") != 2 {
		t.Errorf("acks: %v", acks)
	}
	if errs := got["error"]; len(errs) != 1 || errs[0].str("code") != "conflict" || errs[0].str("ref") != key(2) {
		t.Errorf("errors: %v", errs)
	}
	c.nothing() // one answer answered both
}

// 64 sends may be open; the 65th is read when one is answered.
func TestOpenSendsAreBounded(t *testing.T) {
	held := make(chan struct{})
	s := start(t, func(g *Config, c *chat.Config) {
		publish := c.Publish
		c.Publish = func(events []chat.Event) {
			<-held
			publish(events)
		}
	})
	s.person("ann")
	c := s.all("ann", "general")
	for i := range 100 {
		c.say(`{"type":"message","room":"general","content":"x","client_id":%q}`, key(i))
	}
	in := func() uint64 { return s.gw.Stats().FramesIn["message"] }
	eventually(t, "65 are read", func() bool { return in() == 65 })
	close(held)
	for i := range 100 {
		if f := c.want("ack"); f.str("client_id") != key(i) {
			t.Fatalf("ack %d: %s", i, f.raw)
		}
	}
	if in() != 100 {
		t.Errorf("%d frames were read", in())
	}
}

// Every line: what is wrong, and what the frame is answered with. The connection stays, and nothing is stored.
func TestBadFrames(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	listener := s.all("bob", "general")
	c := s.all("ann", "general")
	msg := func(content string) string {
		return fmt.Sprintf(`{"type":"message","room":"general","content":"%s","client_id":%q}`, content, key(1))
	}
	for name, b := range map[string]struct{ in, code, ref, says string }{
		"no JSON":                  {`hello`, "invalid", "", "JSON"},
		"half a frame":             {`{"type":"message","room":"gen`, "invalid", "", "JSON"},
		"two values":               {`{"type":"typing"}{"type":"typing"}`, "invalid", "", "JSON"},
		"a list":                   {`[{"type":"typing"}]`, "invalid", "", "object"},
		"no type":                  {`{"room":"general"}`, "invalid", "", "type"},
		"a type of another kind":   {`{"type":["message"]}`, "invalid", "", "type"},
		"an unknown type":          {`{"type":"shout"}`, "invalid", "shout", "shout"},
		"content of another kind":  {`{"type":"message","room":"general","content":{"a":1}}`, "invalid", "message", "content"},
		"no content":               {`{"type":"message","room":"general"}`, "invalid", "message", "content"},
		"no room":                  {`{"type":"message","content":"x"}`, "invalid", "message", "room"},
		"an empty room":            {`{"type":"message","room":"","content":"x"}`, "invalid", "message", "room"},
		"no such room":             {`{"type":"message","room":"nowhere","content":"x"}`, "not_found", "message", "room"},
		"a room in capitals":       {`{"type":"message","room":"General","content":"x"}`, "invalid", "message", "room"},
		"a room's path":            {`{"type":"message","room":"../general","content":"x"}`, "invalid", "message", "room"},
		"a long room":              {`{"type":"message","room":"` + strings.Repeat("r", 65) + `","content":"x"}`, "invalid", "message", "room"},
		"empty":                    {msg(""), "invalid", key(1), "content"},
		"blank":                    {msg(" \\n\\t\u3000\u200b"), "invalid", key(1), "content"},
		"too long":                 {msg(strings.Repeat("é", 8001)), "too_large", key(1), "8000"},
		"NUL":                      {msg(`a\u0000b`), "invalid", key(1), "content"},
		"a control character":      {msg(`a\u001bb`), "invalid", key(1), "content"},
		"a client_id that is none": {`{"type":"message","room":"general","content":"x","client_id":"my-id"}`, "invalid", "my-id", "client_id"},
		"typing without a room":    {`{"type":"typing"}`, "invalid", "typing", "room"},
		"typing unsubscribed":      {`{"type":"typing","room":"help"}`, "invalid", "typing", "subscribed"},
		"stop_typing elsewhere":    {`{"type":"stop_typing","room":"nowhere"}`, "not_found", "stop_typing", "room"},
		"read without n":           {`{"type":"read","room":"general"}`, "invalid", "read", "n "},
		"read out of range":        {`{"type":"read","room":"general","n":99}`, "invalid", "read", "n "},
		"read without a room":      {`{"type":"read","n":0}`, "invalid", "read", "room"},
		"subscribe no rooms":       {`{"type":"subscribe","rooms":[]}`, "invalid", "subscribe", "rooms"},
		"subscribe nowhere":        {`{"type":"subscribe","rooms":["nowhere"]}`, "not_found", "subscribe", "room"},
		"unsubscribe nowhere":      {`{"type":"unsubscribe","rooms":["nowhere"]}`, "not_found", "unsubscribe", "room"},
		"auth without a token":     {`{"type":"auth"}`, "invalid", "auth", "token"},
		"auth with a wrong one":    {`{"type":"auth","token":"wrong"}`, "unauthenticated", "auth", "token"},
		"deep":                     {`{"type":"typing","room":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, "invalid", "", "nested"},
	} {
		c.say("%s", b.in)
		f := c.wantError(b.code, b.ref)
		if !strings.Contains(f.str("message"), b.says) {
			t.Errorf("%s: the message does not name %q: %s", name, b.says, f.raw)
		}
	}
	c.nothing()
	listener.nothing()
	p, err := s.svc.Page(t.Context(), s.users["bob"].Actor(), "general", chat.PageQuery{Page: 1})
	if err != nil || len(p.Messages) != 0 {
		t.Errorf("%d messages are stored (%v)", len(p.Messages), err)
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("errors of clients are no errors of the server:\n%s", s.log)
	}
}

// What breaks the connection itself.
func TestBadBytes(t *testing.T) {
	s := start(t)
	s.person("ann")
	for name, b := range map[string]struct {
		raw  []byte
		code int
	}{
		"invalid UTF-8":     {wsclient.AppendFrame(nil, wsclient.Text, true, []byte("a\xff")), 1007},
		"64 KiB and a byte": {wsclient.AppendFrame(nil, wsclient.Text, true, []byte(strings.Repeat("x", 64<<10+1))), 1009},
		"2^63-1 bytes":      {[]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}, 1009},
		"unmasked":          {[]byte{0x81, 1, 'x'}, 1002},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.room("general", "ann")
			if err := c.SendRaw(b.raw); err != nil {
				t.Fatal(err)
			}
			c.wantClose(b.code)
		})
	}
}

func TestRoomSocketHasOneRoom(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.room("general", "ann")
	for _, in := range []string{
		`{"type":"message","room":"help","content":"x"}`, `{"type":"typing","room":"help"}`, `{"type":"read","room":"help","n":0}`,
		`{"type":"subscribe","rooms":["help"]}`, `{"type":"unsubscribe","rooms":["general"]}`,
	} {
		c.say("%s", in)
		if f := c.want("error"); f.str("code") != "invalid" {
			t.Errorf("%s: %s", in, f.raw)
		}
	}
	c.say(`{"type":"message","room":"general","content":"its own","client_id":%q}`, key(1))
	c.want("ack")
}

func TestRateLimit(t *testing.T) {
	s := start(t, func(_ *Config, c *chat.Config) { c.Limiter = twice{new(int)} })
	s.person("ann")
	c := s.room("general", "ann")
	for i := range 3 {
		c.say(`{"type":"message","content":"x","client_id":%q}`, key(i))
	}
	got := c.next(3)
	if errs := got["error"]; len(got["ack"]) != 2 || len(errs) != 1 || errs[0].str("code") != "rate_limited" ||
		errs[0].str("ref") != key(2) || errs[0].num("retry_after") != 251 {
		t.Errorf("answers: %v", got)
	}
	c.nothing() // the connection stays
}

// twice lets two messages through.
type twice struct{ n *int }

func (l twice) Send(chat.UserID, chat.UserKind) (time.Duration, bool) {
	*l.n++
	return 250*time.Millisecond + 1, *l.n <= 2
}

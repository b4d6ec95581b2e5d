package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

func TestResume(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	live := s.all("ann", "general")
	var stored, seen []string
	for i := range 5 {
		s.say("bob", "general", fmt.Sprintf("no. %d <&> \u2028\n", i))
	}
	s.do(func(done func(chat.Outcome)) { s.svc.SetTopic(s.users["ann"].Actor(), "general", "topic <1>", done) })
	for range 5 {
		f := live.want("message")
		seen = append(seen, f.raw)
		stored = append(stored, f.str("id"))
	}
	seen = append(seen, live.want("change").raw)

	state, err := s.svc.RoomState(t.Context(), s.users["ann"].Actor(), "general")
	if err != nil {
		t.Fatal(err)
	}
	subscribe := func(c *client, epoch string, seq int, id string) frame {
		c.say(`{"type":"subscribe","rooms":[{"room":"general","epoch":%q,"seq":%d,"id":%q}]}`, epoch, seq, id)
		got := c.next(1)
		for _, typ := range []string{"subscribed", "reset"} {
			if f := got[typ]; len(f) == 1 {
				return f[0]
			}
		}
		t.Fatalf("neither subscribed nor reset: %v", got)
		return frame{}
	}
	replayed := func(c *client, from int) {
		t.Helper()
		for i := from; i < len(seen); i++ {
			typ := "message"
			if i == 5 {
				typ = "change"
			}
			if f := c.want(typ); f.raw != seen[i] {
				t.Errorf("entry %d differs:\nlive     %s\nreplayed %s", i+1, seen[i], f.raw)
			}
		}
		c.nothing()
	}
	t.Run("from the tail", func(t *testing.T) {
		c := s.dial("/ws", "ann")
		if f := subscribe(c, state.Epoch, 2, stored[1]); f.typ() != "subscribed" || f.num("seq") != 2 || f.str("epoch") != state.Epoch {
			t.Errorf("%s", f.raw)
		}
		replayed(c, 2)
		_ = c.Close()
	})
	t.Run("a room's socket", func(t *testing.T) {
		c := s.room("general", "bob")
		if f := subscribe(c, state.Epoch, 4, stored[3]); f.typ() != "subscribed" || f.num("seq") != 4 {
			t.Errorf("%s", f.raw)
		}
		replayed(c, 4)
		_ = c.Close()
	})
	t.Run("another epoch", func(t *testing.T) {
		c := s.dial("/ws", "ann")
		if f := subscribe(c, key(1), 2, stored[1]); f.typ() != "reset" || f.num("seq") != 6 || f.str("epoch") != state.Epoch {
			t.Errorf("%s", f.raw)
		}
		c.nothing()
		_ = c.Close()
	})
	t.Run("beyond the head", func(t *testing.T) {
		c := s.dial("/ws", "ann")
		if f := subscribe(c, state.Epoch, 99, stored[4]); f.typ() != "reset" || f.num("seq") != 6 {
			t.Errorf("%s", f.raw)
		}
		c.nothing()
		_ = c.Close()
	})
	t.Run("another entry at that number", func(t *testing.T) {
		c := s.dial("/ws", "ann")
		if f := subscribe(c, state.Epoch, 2, stored[0]); f.typ() != "reset" || f.num("seq") != 6 {
			t.Errorf("%s", f.raw)
		}
		c.nothing()
		_ = c.Close()
	})
	// When nobody is subscribed the topic is forgotten, and the log must tell the same.
	_ = live.Close()
	eventually(t, "all have left", func() bool { return s.gw.OnlineCount(state.ID) == 0 })
	t.Run("from the log", func(t *testing.T) {
		c := s.dial("/ws", "ann")
		c.say(`{"type":"subscribe","rooms":[{"room":"general","epoch":%q,"seq":0}]}`, state.Epoch)
		c.want("subscribed")
		replayed(c, 0)
	})
}

// An entry has the same bytes whether it comes from the committer or from the log.
func TestOneEncoding(t *testing.T) {
	var published []chat.Event
	s := start(t, func(_ *Config, c *chat.Config) {
		c.Publish = func(events []chat.Event) { published = append(published, events...) }
	})
	s.person("ann")
	s.person("bob")
	s.say("ann", "general", "<b>\"é\u2029\U0001F600\"</b>\n\t")
	s.do(func(done func(chat.Outcome)) {
		s.svc.SetTopic(s.users["ann"].Actor(), "general", `say "hi" <&>`, done)
	})
	s.remove("ann", "bob", "general")
	room, err := s.svc.Room(t.Context(), s.users["ann"].Actor(), "general")
	if err != nil {
		t.Fatal(err)
	}
	head, logged, err := NewLog(s.svc).Read(t.Context(), string(room.ID), 0, 10)
	if err != nil || len(logged) != 3 || len(published) != 3 || head.Seq != 3 || head.ID != logged[2].ID || head.Epoch != room.Epoch {
		t.Fatalf("%d of 3 entries, head %+v: %v", len(logged), head, err)
	}
	scratch := make([]byte, 0, 1)
	for i, ev := range published {
		var live hub.Entry
		live, scratch = newEntry(ev, scratch)
		got := logged[i]
		if string(live.Frame) != string(got.Frame) || string(live.Ack) != string(got.Ack) || live.Seq != got.Seq || live.ID != got.ID ||
			live.Author != got.Author || live.ClientID != got.ClientID || strings.Join(live.Evict, ",") != strings.Join(got.Evict, ",") {
			t.Errorf("entry %d differs:\nlive %s\nlog  %s", i+1, live.Frame, got.Frame)
		}
	}
	if e := logged[2].Evict; len(e) != 1 || e[0] != string(s.users["bob"].ID) {
		t.Errorf("evicted: %v", e)
	}
}

func TestEntryAllocations(t *testing.T) {
	ev := chat.Event{Message: &chat.Message{ID: key(1), RoomName: "general", Seq: 1, N: 1, Content: strings.Repeat("x", 300), ClientID: key(2)}}
	_, scratch := newEntry(ev, nil)
	if n := testing.AllocsPerRun(100, func() { _, scratch = newEntry(ev, scratch) }); n > 2 {
		t.Errorf("%v allocations for an entry", n)
	}
}

func TestEachRoomIsAnsweredOnItsOwn(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	s.remove("ann", "bob", "random")
	c := s.dial("/ws", "bob")
	c.say(`{"type":"subscribe","rooms":["nowhere","general","No Room","random",{"room":"help"}]}`)
	got := c.next(5)
	if f := got["subscribed"]; len(f) != 2 || f[0].str("room") != "general" || f[1].str("room") != "help" {
		t.Errorf("subscribed: %v", f)
	}
	for i, want := range []string{"not_found nowhere", "invalid No Room", "forbidden random"} {
		if f := got["error"]; len(f) != 3 || f[i].str("code")+" "+f[i].str("room") != want || f[i].str("ref") != "subscribe" {
			t.Errorf("error %d: %v, want %s", i, f, want)
		}
	}
	c.say(`{"type":"unsubscribe","rooms":["general","general","random"]}`) // what is not subscribed is no error
	c.nothing()
	s.say("ann", "general", "unheard")
	s.say("ann", "help", "heard")
	if f := c.want("message"); f.str("content") != "heard" {
		t.Errorf("%s", f.raw)
	}
	c.nothing()
}

func TestTopicsOfOneConnectionAreBounded(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.dial("/ws", "ann")
	ann := s.users["ann"].Actor()
	var names []string
	for i := range MaxTopics + 1 {
		name := fmt.Sprintf("room-%d", i)
		if _, err := s.svc.CreateRoom(t.Context(), ann, chat.NewRoom{Name: name}); err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%q", name))
	}
	for len(names) > 1 {
		c.say(`{"type":"subscribe","rooms":[%s]}`, strings.Join(names[:wire.MaxRooms], ","))
		for range wire.MaxRooms {
			c.want("subscribed")
		}
		names = names[wire.MaxRooms:]
	}
	c.say(`{"type":"subscribe","rooms":[%s]}`, names[0])
	c.wantError("too_large", "subscribe")
	c.say(`{"type":"subscribe","rooms":["room-0"]}`) // one that it has is no further one
	c.want("subscribed")
	c.say(`{"type":"unsubscribe","rooms":["room-1"]}`)
	c.say(`{"type":"subscribe","rooms":[%s]}`, names[0])
	c.want("subscribed")
}

func TestEviction(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	own, all := s.room("general", "bob"), s.all("bob", "general", "help")
	s.remove("ann", "bob", "general")
	s.say("ann", "general", "bob must not read this")
	s.say("ann", "help", "but this")
	f := own.want("change")
	if f.str("kind") != "member_removed" || f.num("seq") != 1 || f.f["data"].(map[string]any)["user_id"] != string(s.users["bob"].ID) {
		t.Errorf("change: %s", f.raw)
	}
	if reason := own.wantClose(4003); reason != "removed" {
		t.Errorf("reason %q", reason)
	}
	got := all.next(2) // two rooms: in any order
	if len(got["change"]) != 1 || len(got["message"]) != 1 || got["message"][0].str("content") != "but this" {
		t.Errorf("%v", got)
	}
	all.say(`{"type":"message","room":"general","content":"let me in","client_id":%q}`, key(1))
	all.wantError("forbidden", key(1))
	all.say(`{"type":"typing","room":"general"}`)
	all.wantError("invalid", "typing")
	all.say(`{"type":"subscribe","rooms":["general"]}`)
	if f := all.wantError("forbidden", "subscribe"); f.str("room") != "general" {
		t.Errorf("%s", f.raw)
	}
	all.nothing()
}

func TestReadOnAllDevices(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	for range 3 {
		s.say("bob", "general", "unread")
	}
	phone, laptop, bob := s.dial("/ws", "ann"), s.room("general", "ann"), s.room("general", "bob")
	both := func(n int) (version int) {
		t.Helper()
		for _, c := range []*client{phone, laptop} {
			f := c.want("read")
			if f.str("room") != "general" || f.num("n") != n {
				t.Errorf("read: %s, want n %d", f.raw, n)
			}
			version = f.num("version")
		}
		return version
	}
	phone.say(`{"type":"read","room":"general","n":2}`)
	v := both(2)
	laptop.say(`{"type":"read","n":1}`) // without a version it never goes back
	if both(2) != v {
		t.Error("the version moved without the cursor")
	}
	laptop.say(`{"type":"read","n":1,"version":%d}`, v)
	back := both(1)
	phone.say(`{"type":"read","room":"general","n":3,"version":%d}`, v) // too late
	phone.wantError("conflict", "read")
	if f := phone.want("read"); f.num("n") != 1 || f.num("version") != back {
		t.Errorf("the cursor that follows a conflict: %s, want 1 at %d", f.raw, back)
	}
	laptop.nothing()
	bob.nothing() // one's cursor is one's own
	third := s.dialRaw("/ws/room/general", "ann", nil)
	w := third.want("welcome")
	r := frame{f: w.f["rooms"].([]any)[0].(map[string]any)}
	if r.num("read_n") != 1 || r.num("read_version") != back || r.num("unread") != 2 || r.num("n") != 3 {
		t.Errorf("welcome: %s", w.raw)
	}
}

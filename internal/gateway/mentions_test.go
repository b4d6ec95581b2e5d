package gateway

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// A mention is in the frame, and the same for everybody; how many there are follows the cursor on all devices.
func TestMentionsOnAllDevices(t *testing.T) {
	s := start(t)
	ann := s.person("ann")
	bob := s.person("bob")
	phone, laptop, other := s.room("general", "bob"), s.room("general", "bob"), s.room("general", "ann")
	other.say(`{"type":"message","content":"@bob and @ann and @nobody, @room","client_id":%q}`, key(1))
	want := fmt.Sprint([]any{string(bob.User.ID), string(ann.User.ID)})
	for _, f := range []frame{phone.want("message"), laptop.want("message"), other.want("ack")} {
		if fmt.Sprint(f.f["mentions"]) != want || f.str("mentions_all") != "room" {
			t.Errorf("%s", f.raw)
		}
	}
	s.say("ann", "general", "`@bob` in code")
	phone.want("message")
	laptop.want("message")
	both := func(n, mentions int) {
		t.Helper()
		for _, c := range []*client{phone, laptop} {
			f := c.want("read")
			if got, _ := f.f["mentions"].(float64); f.num("n") != n || int(got) != mentions {
				t.Errorf("%s; want n %d and %d mentions", f.raw, n, mentions)
			}
		}
	}
	phone.say(`{"type":"read","n":2}`)
	both(2, 0)
	laptop.say(`{"type":"read","n":0,"version":1}`) // marked as unread
	both(0, 1)
	phone.say(`{"type":"read","n":2,"version":1}`) // what was on its way does not undo it
	phone.wantError("conflict", "read")
	if f := phone.want("read"); f.num("n") != 0 || f.num("mentions") != 1 {
		t.Errorf("%s", f.raw)
	}
	w := s.dialRaw("/ws/room/general", "bob", nil).want("welcome")
	if r := (frame{f: w.f["rooms"].([]any)[0].(map[string]any)}); r.num("unread") != 2 || r.num("mentions") != 1 {
		t.Errorf("%s", w.raw)
	}
}

func TestHereIsWhoIsThere(t *testing.T) {
	s := start(t, func(g *Config, c *chat.Config) { c.Here = g.Publisher.Here })
	s.person("ann")
	s.person("bob")
	s.person("eve")
	ann, bob := s.room("general", "ann"), s.room("general", "bob")
	bob.want("online_users") // the two of them
	ann.say(`{"type":"message","content":"@here","client_id":%q}`, key(1))
	ann.want("ack")
	for name, want := range map[string]uint64{"ann": 0, "bob": 1, "eve": 0} {
		st, err := s.svc.RoomState(t.Context(), s.users[name].Actor(), "general")
		if err != nil || st.Mentions != want {
			t.Errorf("%s has %d mentions, %v", name, st.Mentions, err)
		}
	}
}

func TestPreferencesOfARoomOnAllDevices(t *testing.T) {
	s := start(t, func(g *Config, c *chat.Config) { c.Notified = g.Publisher.Notified })
	s.person("ann")
	s.person("bob")
	phone, laptop, bob := s.dial("/ws", "ann"), s.room("general", "ann"), s.room("general", "bob")
	level, muted := chat.NotifyNothing, true
	if _, err := s.svc.SetNotify(t.Context(), s.users["ann"].Actor(), "general", &level, &muted); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{phone, laptop} {
		if f := c.want("room_prefs"); f.str("room") != "general" || f.str("notify") != "nothing" || f.f["muted"] != true {
			t.Errorf("%s", f.raw)
		}
	}
	bob.nothing()
	w := s.dialRaw("/ws", "ann", nil).want("welcome")
	for _, r := range w.f["rooms"].([]any) {
		if r := (frame{f: r.(map[string]any)}); r.str("room") == "general" && (r.str("notify") != "nothing" || r.f["muted"] != true) {
			t.Errorf("%s", w.raw)
		}
	}
}

package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/wsclient"
)

// change says what a client sends to change a message.
func change(kind, message, data string) string {
	return fmt.Sprintf(`{"type":"change","room":"general","kind":%q,"message":%q,"data":%s}`, kind, message, data)
}

// change asks for a change.
func (c *client) change(kind, message, data string) {
	c.t.Helper()
	c.say("%s", change(kind, message, data))
}

// wantChange returns the data of the next frame, which must be a change of that kind about that message.
func (c *client) wantChange(kind, message string) frame {
	c.t.Helper()
	f := c.want("change")
	if f.str("kind") != kind || f.str("message") != message {
		c.t.Fatalf("%s waits for %s of %s and gets %s", c.name, kind, message, f.raw)
	}
	data, _ := f.f["data"].(map[string]any)
	return frame{raw: f.raw, f: data}
}

func TestChangesOfMessages(t *testing.T) {
	s := start(t)
	annID := s.person("ann")
	s.person("bob")
	m := s.say("ann", "general", "helo")
	ann, bob := s.all("ann", "general"), s.room("general", "bob")
	ann.change("edit", m.ID, `{"content":"hello **all**"}`)
	for _, c := range []*client{ann, bob} {
		d := c.wantChange("edit", m.ID)
		if d.str("content") != "hello **all**" || d.str("edited") == "" || len(d.f) != 2 {
			t.Errorf("an edit: %s", d.raw)
		}
	}
	bob.say(`{"type":"change","kind":"react","message":%q,"data":{"emoji":"👍"}}`, m.ID) // on its own socket a room needs no name
	ann.change("react", m.ID, `{"emoji":"👍"}`)
	for _, c := range []*client{ann, bob} {
		first, second := c.wantChange("react", m.ID), c.wantChange("react", m.ID)
		if first.num("count") != 1 || second.num("count") != 2 || second.str("emoji") != "👍" || second.num("first") != 3 || len(second.f["users"].([]any)) != 2 {
			t.Errorf("reactions: %s %s", first.raw, second.raw)
		}
		if strings.Contains(second.raw, `"me"`) {
			t.Errorf("a frame for all says who reads it: %s", second.raw)
		}
	}
	bob.change("unreact", m.ID, `{"emoji":"👍"}`)
	bob.change("pin", m.ID, `{}`)
	bob.change("unpin", m.ID, `{}`)
	for _, c := range []*client{ann, bob} {
		if d := c.wantChange("unreact", m.ID); d.num("count") != 1 || d.f["users"].([]any)[0].(map[string]any)["id"] != string(annID.User.ID) {
			t.Errorf("taken back: %s", d.raw)
		}
		if d := c.wantChange("pin", m.ID); d.f["pinned"] != true {
			t.Errorf("pinned: %s", d.raw)
		}
		if d := c.wantChange("unpin", m.ID); d.f["pinned"] != false {
			t.Errorf("no longer pinned: %s", d.raw)
		}
	}
	// What changes nothing is answered by nothing, and so is a deletion that was one before.
	ann.change("edit", m.ID, `{"content":"hello **all**"}`)
	bob.change("unpin", m.ID, `{}`)
	ann.change("delete", m.ID, `{}`)
	ann.change("delete", m.ID, `{}`)
	for _, c := range []*client{ann, bob} {
		if d := c.wantChange("delete", m.ID); len(d.f) != 0 {
			t.Errorf("deleted: %s", d.raw)
		}
	}
	ann.nothing()
	bob.nothing()
}

func TestChangesRefused(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	s.person("eve")
	m, elsewhere := s.say("ann", "general", "hello"), s.say("bob", "random", "hello")
	bob := s.all("bob", "general")
	for _, c := range []struct{ say, code string }{
		{change("edit", m.ID, `{"content":"mine"}`), "forbidden"},
		{change("edit", m.ID, `{}`), "invalid"},
		{change("edit", elsewhere.ID, `{"content":"x"}`), "not_found"},
		{change("delete", m.ID, `{}`), "forbidden"},
		{change("delete", elsewhere.ID, `{}`), "not_found"},
		{change("react", elsewhere.ID, `{"emoji":"👍"}`), "not_found"},
		{change("react", m.ID, `{"emoji":"x"}`), "invalid"},
		{change("react", m.ID, `{}`), "invalid"},
		{change("react", m.ID, `{"emoji":"`+strings.Repeat("👍", 50)+`"}`), "invalid"},
		{change("unpin", elsewhere.ID, `{}`), "not_found"},
		{change("pin", "x", `{}`), "not_found"},
		{change("topic", m.ID, `{}`), "invalid"},
		{`{"type":"change","room":"nowhere","kind":"pin","message":"x"}`, "not_found"},
	} {
		bob.say("%s", c.say)
		if f := bob.want("error"); f.str("code") != c.code || f.str("ref") != "change" {
			t.Errorf("%s: %s", c.say, f.raw)
		}
	}
	s.remove("ann", "bob", "general")
	bob.want("change")
	bob.change("react", m.ID, `{"emoji":"👍"}`)
	bob.wantError("forbidden", "change")
}

// Who reads up on the past hears how it reads now, from memory and from the log, and nothing of what was taken back; so does
// a send that is repeated.
func TestReplayHasWhatIsThereNow(t *testing.T) {
	for name, tail := range map[string]int{"from memory": 0, "from the log": 1} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(c *Config, _ *chat.Config) { c.HubLimits.TailEntries = tail })
			s.person("ann")
			s.person("bob")
			bob := s.all("bob", "general") // the topic stays open, and its tail with it
			ann := s.all("ann", "general")
			say := `{"type":"message","room":"general","content":%q,"client_id":%q}`
			ann.say(say, "first secret", key(1))
			gone := ann.want("ack").str("id")
			ann.say(say, "sent so", key(2))
			kept := ann.want("ack").str("id")
			for _, c := range []string{
				change("edit", gone, `{"content":"second secret"}`), change("react", gone, `{"emoji":"👍"}`), change("edit", kept, `{"content":"read so"}`), change("delete", gone, `{}`),
			} {
				ann.say("%s", c)
			}
			bob.next(6)
			head, err := s.svc.RoomState(t.Context(), s.users["ann"].Actor(), "general")
			if err != nil {
				t.Fatal(err)
			}
			late := s.dial("/ws", "bob")
			late.say(`{"type":"subscribe","rooms":[{"room":"general","epoch":%q,"seq":0}]}`, head.Epoch)
			late.want("subscribed")
			tomb, now := late.want("message"), late.want("message")
			if tomb.f["deleted"] != true || tomb.str("content") != "" || now.str("content") != "read so" || now.str("edited") == "" {
				t.Errorf("the messages: %s %s", tomb.raw, now.raw)
			}
			for _, kind := range []string{"edit", "react"} {
				if d := late.wantChange(kind, gone); d.f["deleted"] != true || len(d.f) != 1 {
					t.Errorf("what was deleted since: %s", d.raw)
				}
			}
			if d := late.wantChange("edit", kept); d.str("content") != "read so" {
				t.Errorf("an edit: %s", d.raw)
			}
			late.wantChange("delete", gone)
			late.nothing()

			again := s.dial("/ws", "ann") // not subscribed: the answer is the store's
			again.say(say, "first secret", key(1))
			if f := again.want("ack"); f.f["deleted"] != true || f.str("content") != "" || f.str("id") != gone {
				t.Errorf("a repeated send of what was deleted: %s", f.raw)
			}
			again.say(say, "sent so", key(2))
			if f := again.want("ack"); f.str("content") != "read so" || f.str("edited") == "" || f.num("seq") != 2 {
				t.Errorf("a repeated send of what was edited: %s", f.raw)
			}
			again.say(say, "read so", key(2))
			again.wantError("conflict", key(2))
		})
	}
}

// Attack 30: who came later does not hear of changes of what was said before, and cannot find or change it.
func TestAttack30ChangesOfWhatWasSaidBefore(t *testing.T) {
	var store *chattest.Store
	s := start(t, func(_ *Config, c *chat.Config) { store = c.Store.(*chattest.Store) })
	s.person("ann")
	bobID := s.person("bob").User
	before := s.say("ann", "general", "before")
	after := s.say("ann", "general", "after")
	store.SeesFrom(before.Room, bobID.ID, after.Seq)
	bob := s.all("bob", "general")
	ann := s.users["ann"].Actor()
	for _, m := range []chat.Message{before, after} {
		s.do(func(done func(chat.Outcome)) { s.svc.EditMessage(ann, "general", m.ID, "edited", done) })
		s.do(func(done func(chat.Outcome)) { s.svc.React(ann, "general", m.ID, "👍", true, done) })
	}
	for range 2 {
		if f := bob.want("skip"); strings.Contains(f.raw, "edited") {
			t.Errorf("a skip says %s", f.raw)
		}
	}
	bob.wantChange("edit", after.ID)
	bob.wantChange("react", after.ID)
	s.do(func(done func(chat.Outcome)) { s.svc.Pin(ann, "general", before.ID, true, done) })
	s.do(func(done func(chat.Outcome)) { s.svc.Pin(ann, "general", after.ID, true, done) })
	bob.want("skip")
	bob.wantChange("pin", after.ID)
	for _, kind := range []string{"delete", "react", "unreact", "pin", "unpin"} {
		bob.change(kind, before.ID, `{"emoji":"👍"}`)
		bob.wantError("not_found", "change")
	}
	quote := chat.NewMessage{Room: "general", Content: "see there", Quote: before.ID}
	if o := chat.Wait(t.Context(), func(done func(chat.Outcome)) { s.svc.Post(bobID, quote, done) }); chat.CodeOf(o.Err) != chat.NotFound {
		t.Errorf("quoting it: %v", o.Err)
	}
	_, err := s.svc.Message(t.Context(), bobID, "general", before.ID)
	_, editsErr := s.svc.Edits(t.Context(), bobID, "general", before.ID)
	_, reactionsErr := s.svc.Reactions(t.Context(), bobID, "general", before.ID)
	for _, err := range []error{err, editsErr, reactionsErr} {
		if chat.CodeOf(err) != chat.NotFound {
			t.Errorf("reading it: %v", err)
		}
	}
	if pins, err := s.svc.Pins(t.Context(), bobID, "general"); err != nil || len(pins) != 1 || pins[0].ID != after.ID {
		t.Errorf("the pins: %v, %v", pins, err)
	}
}

// Attack 15 of the list: what is no emoji, however long, is refused and costs nobody their connection; a frame of a megabyte costs its
// sender theirs. Neither is stored, or told to others.
func TestAttack15AMegabyteOfEmojiOnTheSocket(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	m := s.say("ann", "general", "hello")
	ann, bob := s.all("ann", "general"), s.all("bob", "general")
	for _, size := range []int{100, 60_000} {
		emoji := strings.Repeat("👍", size/4)
		for _, kind := range []string{"react", "unreact"} {
			bob.change(kind, m.ID, `{"emoji":"`+emoji+`"}`)
			if f := bob.wantError("invalid", "change"); !strings.Contains(f.raw, "emoji") || len(f.raw) > 500 {
				t.Errorf("%d bytes: %.600s", size, f.raw)
			}
		}
	}
	bob.change("react", m.ID, `{"emoji":"👍"}`)
	bob.wantChange("react", m.ID)
	ann.wantChange("react", m.ID)
	million := wsclient.AppendFrame(nil, wsclient.Text, true, []byte(change("react", m.ID, `{"emoji":"`+strings.Repeat("👍", 1<<18)+`"}`)))
	if err := bob.SendRaw(million[:1000]); err != nil { // the server does not wait for the rest
		t.Fatal(err)
	}
	bob.wantClose(1009)
	ann.nothing()
	if now, err := s.svc.Message(t.Context(), s.users["ann"].Actor(), "general", m.ID); err != nil || len(now.Reactions) != 1 || now.Reactions[0].Emoji != "👍" {
		t.Errorf("%+v, %v", now.Reactions, err)
	}
}

// Reactions are limited for each person, over all connections.
func TestReactionsAreLimited(t *testing.T) {
	left := 1
	s := start(t, func(_ *Config, c *chat.Config) {
		c.React = func(chat.UserID) (time.Duration, bool) { left--; return 250 * time.Millisecond, left >= 0 }
	})
	s.person("ann")
	m := s.say("ann", "general", "hello")
	ann := s.all("ann", "general")
	ann.change("react", m.ID, `{"emoji":"👍"}`)
	ann.wantChange("react", m.ID)
	ann.change("unreact", m.ID, `{"emoji":"👍"}`)
	if f := ann.wantError("rate_limited", "change"); f.num("retry_after") != 250 {
		t.Errorf("the refusal: %s", f.raw)
	}
}

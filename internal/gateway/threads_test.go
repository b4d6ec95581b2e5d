package gateway

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// A reply goes through the room's stream; what one person knows of its thread to their connections alone.
func TestThreads(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	phone, desk, bobs := s.all("ann", "general"), s.dial("/ws", "ann"), s.all("bob", "general")
	root := s.say("ann", "general", "root")
	phone.want("message")
	bobs.want("message")

	bobs.say(`{"type":"message","room":"general","content":"first","thread":%q,"client_id":%q}`, root.ID, key(1))
	if f := bobs.want("thread_follow"); f.str("thread") != root.ID || f.f["following"] != true || f.str("room") != "general" {
		t.Errorf("%s", f.raw)
	}
	replies := func(f frame, count int) {
		t.Helper()
		r, _ := f.f["replies"].(map[string]any)
		if f.num("n") != -1 || f.num("seq") != count+1 || f.str("thread") != root.ID || r["count"] != float64(count) || r["last_seq"] != float64(count+1) ||
			fmt.Sprint(r["users"]) != fmt.Sprintf("[map[id:%s name:bob]]", s.users["bob"].ID) {
			t.Errorf("%s", f.raw)
		}
	}
	replies(bobs.want("ack"), 1)
	for _, c := range []*client{phone, desk} {
		if f := c.want("thread_follow"); f.str("thread") != root.ID || f.f["following"] != true {
			t.Errorf("%s", f.raw)
		}
	}
	live := []string{}
	f := phone.want("message")
	replies(f, 1)
	live = append(live, f.raw)

	bobs.say(`{"type":"message","room":"general","content":"second","thread":%q}`, root.ID)
	f = phone.want("message")
	replies(f, 2)
	live = append(live, f.raw)
	resumed := s.dial("/ws", "ann")
	state, err := s.svc.RoomState(t.Context(), s.users["ann"].Actor(), "general")
	if err != nil {
		t.Fatal(err)
	}
	if state.N != 1 || state.Unread != 0 || state.Seq != 3 {
		t.Errorf("the room is %+v", state)
	}
	resumed.say(`{"type":"subscribe","rooms":[{"room":"general","epoch":%q,"seq":1,"id":%q}]}`, state.Epoch, root.ID)
	resumed.want("subscribed")
	for _, raw := range live {
		if f := resumed.want("message"); f.raw != raw {
			t.Errorf("replayed %s\nlive     %s", f.raw, raw)
		}
	}

	ann := s.users["ann"].Actor()
	s.do(func(done func(chat.Outcome)) { s.svc.ReadThread(ann, "general", root.ID, 2, done) })
	s.do(func(done func(chat.Outcome)) { s.svc.ReadThread(ann, "general", root.ID, 1, done) }) // moves nothing: nobody is told
	s.do(func(done func(chat.Outcome)) { s.svc.Save(ann, "general", root.ID, true, done) })
	s.do(func(done func(chat.Outcome)) { s.svc.Follow(ann, "general", root.ID, false, done) })
	for _, c := range []*client{phone, desk, resumed} {
		if f := c.want("thread_read"); f.num("read_seq") != 2 || f.num("unread") != 1 || f.str("thread") != root.ID {
			t.Errorf("%s", f.raw)
		}
		if f := c.want("saved"); f.str("message") != root.ID || f.f["saved"] != true {
			t.Errorf("%s", f.raw)
		}
		if f := c.want("thread_follow"); f.f["following"] != false {
			t.Errorf("%s", f.raw)
		}
		c.nothing()
	}
	bobs.nothing()
}

// A reply that is refused is refused by its client_id, and takes no place.
func TestRepliesRefused(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.all("ann", "general", "random")
	root := s.say("ann", "general", "root")
	reply := s.do(func(done func(chat.Outcome)) {
		s.svc.Post(s.users["ann"].Actor(), chat.NewMessage{Room: "general", Content: "reply", Thread: root.ID}, done)
	}).Event.ID()
	c.next(3) // two messages, and that the thread is followed
	for i, bad := range []struct{ room, thread, code string }{
		{"general", reply, "invalid"}, {"general", key(9), "not_found"}, {"random", root.ID, "not_found"}, {"general", "root", "invalid"},
	} {
		c.say(`{"type":"message","room":%q,"content":"x","thread":%q,"client_id":%q}`, bad.room, bad.thread, key(i))
		c.wantError(bad.code, key(i))
	}
	c.say(`{"type":"message","room":"general","content":"x","client_id":%q}`, key(10))
	if f := c.want("ack"); f.num("seq") != 3 || f.num("n") != 2 {
		t.Errorf("%s", f.raw)
	}
	// The thread is part of what a retry must repeat.
	c.say(`{"type":"message","room":"general","content":"x","thread":%q,"client_id":%q}`, root.ID, key(10))
	c.wantError("conflict", key(10))
}

// Who came later gets a skip for a reply below what is older than they are, live and replayed, and the replies to what is younger.
func TestRepliesFromBeforeJoining(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	ann, bob := s.users["ann"].Actor(), s.users["bob"]
	if _, err := s.svc.CreateRoom(t.Context(), ann, chat.NewRoom{Name: "secret", Kind: chat.RoomPrivate, History: chat.HistoryJoined}); err != nil {
		t.Fatal(err)
	}
	reply := func(root string) {
		s.do(func(done func(chat.Outcome)) {
			s.svc.Post(ann, chat.NewMessage{Room: "secret", Content: "for @bob", Thread: root}, done)
		})
	}
	old := s.say("ann", "secret", "old") // seq 1
	s.do(func(done func(chat.Outcome)) { s.svc.AddMember(ann, "secret", bob.ID, done) })
	young := s.say("ann", "secret", "young") // seq 3
	c := s.all("bob", "secret")
	reply(old.ID)
	reply(young.ID)
	check := func(c *client, frames int) map[string][]frame {
		t.Helper()
		got := c.next(frames)
		if len(got["skip"]) != 1 || got["skip"][0].num("seq") != 4 || len(got["message"]) != 1 || got["message"][0].str("thread") != young.ID {
			t.Errorf("bob got %v", got)
		}
		return got
	}
	if f := check(c, 3)["thread_follow"]; len(f) != 1 || f[0].str("thread") != young.ID {
		t.Errorf("bob follows by %v", f)
	}
	state, err := s.svc.RoomState(t.Context(), bob.Actor(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	later := s.dial("/ws", "bob")
	later.say(`{"type":"subscribe","rooms":[{"room":"secret","epoch":%q,"seq":3,"id":%q}]}`, state.Epoch, young.ID)
	later.want("subscribed")
	check(later, 2)
}

package rooms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/hub/rooms"
)

// TestStory is an evening of plain clients in three rooms, over real sockets.
func TestStory(t *testing.T) {
	s := overTCP(t, rooms.Options{})
	ann := s.open("/ws/room/general", "ann")
	hello := ann.want("welcome")
	if hello.User != "ann" || hello.UserID != "id-ann" || hello.Kind != "member" || hello.Protocol != "parley.v1" || len(hello.Rooms) != 1 {
		t.Errorf("welcome %+v", hello)
	}
	if at := ann.want("subscribed"); at.Room != "general" || at.Seq != 0 || at.MinSeq != 1 || at.Epoch == "" {
		t.Errorf("subscribed %+v", at)
	}
	if who := ann.last("online_users"); who.Count != 1 || !cmp.Equal(who.Users, []string{"ann"}) {
		t.Errorf("alone: %+v", who)
	}
	bob, _ := s.enter("general", "bob")
	cid, _ := s.enter("random", "cid")
	dot, _ := s.enter("help", "dot")
	if j := ann.last("join"); j.User != "bob" || j.UserID != "id-bob" || j.Room != "general" {
		t.Errorf("join %+v", j)
	}
	if who := ann.last("online_users"); who.Count != 2 || !cmp.Equal(who.Users, []string{"ann", "bob"}) {
		t.Errorf("both: %+v", who)
	}
	if got := s.chat.Online("general"); !cmp.Equal(got, []rooms.User{{ID: "id-ann", Name: "ann"}, {ID: "id-bob", Name: "bob"}}) {
		t.Errorf("Online: %+v", got)
	}

	ann.send(`{"type":"typing"}`)
	if f := bob.last("typing"); f.User != "ann" || f.Room != "general" {
		t.Errorf("typing %+v", f)
	}
	ann.send(`{"type":"stop_typing","room":"general"}`)
	bob.want("stop_typing")

	before := time.Now().Add(-time.Second)
	ann.send(`{"type":"message","content":"Hello <b>"}`)
	m := bob.want("message")
	if m.Content != "Hello <b>" || m.User != "ann" || m.UserID != "id-ann" || m.Room != "general" || m.Seq != 1 || m.N != 1 || len(m.ID) != 36 ||
		m.ClientID != "" || m.Timestamp.Before(before) || m.Timestamp.After(time.Now().Add(time.Second)) {
		t.Errorf("message %+v", m)
	}
	bob.send("bare text")
	if m := ann.want("message"); m.Content != "bare text" || m.User != "bob" || m.Seq != 2 {
		t.Errorf("bare text: %+v; ann must not hear her own message before", m)
	}

	// What was said in general reached neither random nor help.
	for _, c := range []*client{cid, dot} {
		c.send(`{"type":"nonsense"}`)
		all := c.until("error")
		if f := all[len(all)-1]; f.Code != "invalid" || f.Ref != "nonsense" || len(only(all, "message"))+len(only(all, "typing")) > 0 {
			t.Errorf("in another room: %+v", all)
		}
	}
	sendManyWithAcks(t, cid, s)

	bob.leave()
	if f := ann.last("leave"); f.User != "bob" {
		t.Errorf("leave %+v", f)
	}
	if who := ann.last("online_users"); who.Count != 1 {
		t.Errorf("alone again: %+v", who)
	}
}

// sendManyWithAcks sends 120 messages in random: each is acked once, none is echoed, others read them in order.
func sendManyWithAcks(t *testing.T, cid *client, s *site) {
	t.Helper()
	eve, _ := s.enter("random", "eve")
	cid.until("join")
	for cid.last("online_users").Count < 2 {
	}
	for eve.last("online_users").Count < 2 { // the list to everybody may be a second late
	}
	for i := range 120 {
		cid.send(say("number", uuid(i)))
	}
	for i := range 120 {
		ack, m := cid.want("ack"), eve.want("message")
		if ack.Seq != uint64(i+1) || ack.ClientID != uuid(i) || ack.ID != m.ID || m.Seq != ack.Seq || m.ClientID != uuid(i) || m.Room != "random" ||
			!m.Timestamp.Equal(ack.Timestamp) {
			t.Fatalf("%d: ack %+v, message %+v", i, ack, m)
		}
	}
}

func TestTwoTabsAreOnePerson(t *testing.T) {
	s := overTCP(t, rooms.Options{})
	bob, _ := s.enter("general", "bob")
	first, _ := s.enter("general", "ann")
	bob.until("join")
	second, _ := s.enter("general", "ann")
	if got := s.chat.Online("general"); len(got) != 2 {
		t.Errorf("online: %+v", got)
	}
	first.send(say("from one tab", uuid(1)))
	first.until("ack")
	if m := second.last("message"); m.User != "ann" || m.ClientID != uuid(1) {
		t.Errorf("the other tab hears %+v", m)
	}
	first.leave()
	bob.until("message")
	second.send("still here")
	for _, f := range bob.until("message") {
		if f.Type == "leave" || f.Type == "join" {
			t.Errorf("a tab is taken for a person: %+v", f)
		}
	}
}

func TestResume(t *testing.T) {
	s := overTCP(t, rooms.Options{History: 10})
	ann, at := s.enter("general", "ann")
	bob, _ := s.enter("general", "bob")
	ann.send(say("one", uuid(1)))
	heard := bob.last("message")
	bob.close()
	for i := 2; i <= 5; i++ {
		ann.send(say("more", uuid(i)))
	}
	ann.until("ack")

	resume := func(epoch string, seq uint64, id string) (*client, frame) {
		c, _ := s.enter("general", "bob")
		position := toJSON(t, map[string]any{"type": "subscribe", "rooms": []any{map[string]any{"room": "general", "epoch": epoch, "seq": seq, "id": id}}})
		c.send(position)
		for {
			f, err := c.next()
			if err != nil {
				t.Fatal(err)
			}
			if f.Type == "subscribed" || f.Type == "reset" {
				return c, f
			}
		}
	}
	again, from := resume(at.Epoch, heard.Seq, heard.ID)
	if from.Type != "subscribed" || from.Seq != 1 || from.ID != heard.ID {
		t.Errorf("resumed at %+v", from)
	}
	for i := uint64(2); i <= 5; i++ {
		if m := again.last("message"); m.Seq != i || m.ClientID != uuid(int(i)) {
			t.Fatalf("missed message %d: %+v", i, m)
		}
	}
	ann.send(say("live", uuid(6)))
	if m := again.last("message"); m.Seq != 6 {
		t.Errorf("live after the replay: %+v", m)
	}
	for name, c := range map[string]struct {
		epoch, id string
		seq       uint64
	}{
		"another epoch":   {"nonsense", heard.ID, 1},
		"another tail":    {at.Epoch, uuid(99), 3},
		"from the future": {at.Epoch, uuid(99), 300},
	} {
		if _, from := resume(c.epoch, c.seq, c.id); from.Type != "reset" || from.Seq != 6 || from.Epoch != at.Epoch {
			t.Errorf("%s: %+v", name, from)
		}
	}
	for i := 7; i <= 20; i++ {
		ann.send(say("too many", uuid(i)))
	}
	for ann.last("ack").Seq < 20 { // all are stored
	}
	if _, from := resume(at.Epoch, heard.Seq, heard.ID); from.Type != "reset" || from.Seq != 20 || from.MinSeq != 11 {
		t.Errorf("more than the history behind: %+v", from)
	}
}

func TestRetries(t *testing.T) {
	s := overTCP(t, rooms.Options{History: 5})
	ann, _ := s.enter("general", "ann")
	bob, _ := s.enter("general", "bob")
	ann.send(say("once", uuid(1)))
	first := ann.last("ack")
	ann.send(say("once", strings.ToUpper(uuid(1))))
	if again := ann.last("ack"); !cmp.Equal(first, again) {
		t.Errorf("a retry is acked with %+v, first it was %+v", again, first)
	}
	other, _ := s.enter("general", "ann")
	other.send(say("once", uuid(1)))
	if again := other.last("ack"); !cmp.Equal(first, again) {
		t.Errorf("a retry on another connection is acked with %+v", again)
	}
	ann.send(say("something else", uuid(1)))
	if f := ann.last("error"); f.Code != "conflict" || f.Ref != uuid(1) {
		t.Errorf("another content: %+v", f)
	}
	bob.send(say("bob may use the same id", uuid(1)))
	if ack := bob.last("ack"); ack.Seq != 2 {
		t.Errorf("a retry was stored, or another's taken for one: %+v", ack)
	}
	for i := 2; i <= 7; i++ {
		ann.send(say("on", uuid(i)))
	}
	for ann.last("ack").Seq < 8 {
	}
	ann.send(say("forgotten by now", uuid(1)))
	if ack := ann.last("ack"); ack.Seq != 9 {
		t.Errorf("an id beyond the history: %+v", ack)
	}
}

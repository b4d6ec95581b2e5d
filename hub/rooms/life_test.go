package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub/rooms"
)

func TestOnMessage(t *testing.T) {
	var mu sync.Mutex
	var stored []rooms.Message
	s := overTCP(t, rooms.Options{OnMessage: func(ctx context.Context, m rooms.Message) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case m.Content == "spam":
			return fmt.Errorf("filter: %w", rooms.Refusal("no advertising here"))
		case m.Content == "trouble":
			return errors.New("database password is hunter2")
		}
		mu.Lock()
		defer mu.Unlock()
		stored = append(stored, m)
		return nil
	}})
	ann, _ := s.enter("general", "ann")
	bob, _ := s.enter("general", "bob")
	ann.send(say("spam", uuid(1)))
	if f := ann.last("error"); f.Code != "forbidden" || f.Message != "no advertising here" || f.Ref != uuid(1) {
		t.Errorf("%+v", f)
	}
	ann.send(say("trouble", uuid(1)))
	if f := ann.last("error"); f.Code != "internal" || strings.Contains(f.Message, "hunter2") {
		t.Errorf("%+v", f)
	}
	const each = 30
	for i := range each {
		ann.send(say("from ann", uuid(i+1)))
		ann.send(say("from ann", uuid(i+1))) // a retry is not asked about again
		bob.send("from bob")
	}
	cid, _ := s.enter("general", "cid")
	cid.send(say("last", uuid(1)))
	cid.until("ack")
	mu.Lock()
	defer mu.Unlock()
	for i, m := range stored {
		if m.Seq != uint64(i+1) || m.Room != "general" || m.ID == "" || m.Timestamp.IsZero() || m.UserID != "id-"+m.User {
			t.Fatalf("the %d-th is %+v", i+1, m)
		}
	}
	if len(stored) > 2*each+1 {
		t.Errorf("%d messages were stored", len(stored))
	}
}

func TestSystemMessages(t *testing.T) {
	s := overTCP(t, rooms.Options{Open: true, Rooms: []string{"general"}})
	ann, _ := s.enter("general", "ann")
	bob, _ := s.enter("other", "bob")
	site := s.open("/ws", "cid")
	site.want("welcome")
	if err := s.chat.Broadcast("general", "maintenance"); err != nil {
		t.Fatal(err)
	}
	if m := ann.last("message"); m.Content != "maintenance" || m.User != rooms.SystemName || m.UserID != "" || m.Room != "general" || m.Seq != 1 {
		t.Errorf("%+v", m)
	}
	if err := s.chat.Broadcast("other", "hello"); err != nil {
		t.Error(err)
	}
	if m := bob.last("message"); m.Content != "hello" || m.Room != "other" {
		t.Errorf("%+v", m)
	}
	if err := s.chat.BroadcastAll("for all"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{ann, bob, site} {
		if m := c.last("message"); m.Content != "for all" || m.Room != "" || m.Seq != 0 || m.ID == "" {
			t.Errorf("%+v", m)
		}
	}
	for _, room := range []string{"nobody-there", "No!", ""} {
		if err := s.chat.Broadcast(room, "x"); !errors.Is(err, rooms.ErrNotFound) {
			t.Errorf("Broadcast to %q: %v", room, err)
		}
	}
	if s.chat.Broadcast("general", " ") == nil || s.chat.BroadcastAll("\x00") == nil {
		t.Error("a content that no user could send is taken")
	}
	s.chat.Disconnect("id-ann")
	ann.endsWith(rooms.CloseDisconnected)
	bob.send(say("still here", uuid(1)))
	bob.until("ack")
}

func TestSlowClient(t *testing.T) {
	s := overTCP(t, rooms.Options{Rate: -1})
	ann, _ := s.enter("general", "ann")
	eve, _ := s.enter("general", "eve")
	// This one reads nothing until it has been given up.
	conn := s.dial()
	slow, err := open(conn, "/ws/room/general?token="+token("slow"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.close()
	for ann.last("join").User != "slow" {
	}
	text := strings.Repeat("x", 8000)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for i := 0; ; i++ { // until the kernel's buffers and the queue are full
			if len(s.chat.Online("general")) == 2 {
				return
			}
			if i >= 5000 {
				t.Error("5,000 messages of 8,000 bytes were queued for a client that does not read")
				return
			}
			ann.send(say(text, uuid(i)))
			if f, err := ann.next(); err != nil || f.Type == "error" {
				t.Errorf("%+v %v", f, err)
				return
			}
		}
	}()
	for f := eve.last("leave"); f.User != "slow"; f = eve.last("leave") {
	}
	<-gone
	for {
		if _, err = slow.receive(); err != nil {
			break
		}
	}
	if !errors.Is(err, closed(rooms.CloseTooSlow)) {
		t.Errorf("the slow one ended with %v", err)
	}
}

func TestShutdown(t *testing.T) {
	s := overTCP(t, rooms.Options{})
	ann, _ := s.enter("general", "ann")
	site := s.open("/ws", "bob")
	site.want("welcome")
	done := make(chan struct{})
	go func() { s.shutdown(); close(done) }()
	for _, c := range []*client{ann, site} {
		if f := c.last("goodbye"); f.ReconnectAfter < 500 || f.ReconnectAfter > 5000 {
			t.Errorf("%+v", f)
		}
		c.endsWith(1001)
		c.close()
	}
	<-done
	if code, body := status(second(s.try("/ws/room/general", "ann"))); code != 503 || !strings.Contains(body, "overloaded") {
		t.Errorf("afterwards: %d %s", code, body)
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	entered, let := make(chan struct{}), make(chan struct{})
	s := overTCP(t, rooms.Options{OnMessage: func(context.Context, rooms.Message) error {
		close(entered)
		<-let // heeds no context
		return nil
	}})
	ann, _ := s.enter("general", "ann")
	ann.send("hello")
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.chat.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v", err)
	}
	close(let)
}

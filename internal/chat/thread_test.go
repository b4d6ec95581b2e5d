package chat_test

import (
	"context"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

func TestMayReplyTo(t *testing.T) {
	late := &chat.Membership{SeesFromSeq: 5}
	for i, c := range []struct {
		m       *chat.Membership
		root    chat.Message
		replies int
		code    chat.Code
	}{
		{nil, chat.Message{Seq: 1}, 0, ""},
		{late, chat.Message{Seq: 5}, 0, ""},
		{late, chat.Message{Seq: 4}, 3, chat.NotFound}, // from before they came
		{late, chat.Message{Seq: 4, Thread: "x"}, 0, chat.NotFound},
		{nil, chat.Message{Seq: 1, Thread: "x"}, 0, chat.Invalid},
		{nil, chat.Message{Seq: 1, Deleted: true}, 0, chat.Conflict},
		{nil, chat.Message{Seq: 1, Deleted: true}, 1, ""},
	} {
		if err := chat.MayReplyTo(c.m, c.root, c.replies); chat.CodeOf(err) != c.code {
			t.Errorf("case %d: %v; want %q", i, err, c.code)
		}
	}
}

func TestMayMark(t *testing.T) {
	late := &chat.Membership{SeesFromSeq: 5}
	room := chat.Room{Seq: 9}
	follow, unfollow := chat.MarkOp{Kind: chat.MarkFollow, On: true}, chat.MarkOp{Kind: chat.MarkFollow}
	read := func(seq uint64) chat.MarkOp { return chat.MarkOp{Kind: chat.MarkRead, Seq: seq} }
	save, unsave := chat.MarkOp{Kind: chat.MarkSave, On: true}, chat.MarkOp{Kind: chat.MarkSave}
	reply, gone := chat.Message{Seq: 7, RootSeq: 6, Thread: "x"}, chat.Message{Seq: 7, Deleted: true}
	for i, c := range []struct {
		m       *chat.Membership
		op      chat.MarkOp
		msg     chat.Message
		replies int
		code    chat.Code
	}{
		{late, follow, chat.Message{Seq: 5}, 0, ""},
		{late, follow, chat.Message{Seq: 4}, 1, chat.NotFound},
		{late, read(5), chat.Message{Seq: 4}, 1, chat.NotFound},
		{late, save, chat.Message{Seq: 4}, 0, chat.NotFound},
		{late, unsave, chat.Message{Seq: 4}, 0, chat.NotFound},
		{late, save, chat.Message{Seq: 7, RootSeq: 4, Thread: "x"}, 0, chat.NotFound}, // a reply to what they do not see
		{late, save, reply, 0, ""},
		{nil, follow, reply, 0, chat.Invalid},
		{nil, unfollow, reply, 0, chat.Invalid},
		{nil, read(7), reply, 0, chat.Invalid},
		{nil, read(9), chat.Message{Seq: 7}, 0, ""},
		{nil, read(10), chat.Message{Seq: 7}, 0, chat.Invalid},
		{nil, follow, gone, 0, chat.Conflict},
		{nil, follow, gone, 1, ""},
		{nil, unfollow, gone, 0, ""},
		{nil, save, gone, 1, chat.Conflict},
		{nil, unsave, gone, 0, ""},
	} {
		if err := chat.MayMark(room, c.m, c.op, c.msg, c.replies); chat.CodeOf(err) != c.code {
			t.Errorf("case %d: %v; want %q", i, err, c.code)
		}
	}
}

// Marks have a rate, and who they are of is told before the reply that made them.
func TestMarksAreToldAndBounded(t *testing.T) {
	store := chattest.NewStore()
	ann, bob := chattest.Member(t, store, chat.RoleOwner), chattest.Member(t, store, chat.RoleMember)
	var told []string
	allowed := true
	s := chat.NewService(chat.Config{
		Store: store, Skeleton: func(name string) string { return name },
		MoveRead: func(chat.UserID) (time.Duration, bool) { return time.Second, allowed },
		Marked: func(user chat.UserID, m chat.Mark) {
			told = append(told, map[chat.UserID]string{ann.ID: "ann", bob.ID: "bob"}[user]+" "+string(m.Kind))
		},
		Publish: func(es []chat.Event) { told = append(told, es[0].Message.Content) },
	})
	defer func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	room := chattest.Room(t, store, ann.ID)
	say := func(by chat.Actor, content, thread string) string {
		o := chat.Wait(t.Context(), func(done func(chat.Outcome)) {
			s.Post(by, chat.NewMessage{Room: room.Name, Content: content, Thread: thread}, done)
		})
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		return o.Event.ID()
	}
	root := say(ann, "root", "")
	say(bob, "reply", root)
	mark := func(f func(done func(chat.Outcome))) chat.Outcome { return chat.Wait(t.Context(), f) }
	save := func(done func(chat.Outcome)) { s.Save(ann, room.Name, root, true, done) }
	for range 2 { // the second one changes nothing
		if o := mark(save); o.Err != nil || !o.Mark.On {
			t.Fatalf("%+v", o)
		}
	}
	want := []string{"root", "bob follow", "ann follow", "reply", "ann save"}
	if len(told) != len(want) {
		t.Fatalf("told were %q", told)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Errorf("told were %q; want %q", told, want)
		}
	}
	allowed = false
	for _, f := range []func(done func(chat.Outcome)){
		save,
		func(done func(chat.Outcome)) { s.Follow(ann, room.Name, root, true, done) },
		func(done func(chat.Outcome)) { s.ReadThread(ann, room.Name, root, 1, done) },
	} {
		if o := mark(f); chat.CodeOf(o.Err) != chat.RateLimited {
			t.Errorf("%+v", o)
		}
	}
}

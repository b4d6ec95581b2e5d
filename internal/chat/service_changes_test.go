package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// change carries out a change of ann's.
func (w *world) change(write func(done func(chat.Outcome))) chat.Outcome {
	w.t.Helper()
	return chat.Wait(bg, write)
}

func TestAnEditIsRenderedAndMentionsAnew(t *testing.T) {
	store := chattest.NewStore()
	s, asked := served(t, store, 1)
	ann, bob := chattest.Member(t, store, chat.RoleMember), chattest.Member(t, store, chat.RoleMember)
	room := chattest.Room(t, store, ann.ID)
	post := chat.Wait(bg, func(done func(chat.Outcome)) { s.Post(ann, chat.NewMessage{Room: room.Name, Content: "plain"}, done) })
	id := post.Event.ID()
	content := "*rich*\r\n@" + bob.Name
	for range 2 {
		if o := chat.Wait(bg, func(done func(chat.Outcome)) { s.EditMessage(ann, room.Name, id, content, done) }); o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	stored := strings.ReplaceAll(content, "\r\n", "\n")
	m, err := s.Message(bg, bob, room.Name, strings.ToUpper(id))
	if err != nil || m.Content != stored || m.HTML != "<p>1 "+stored+"</p>" || !slices.Equal(m.Mentions, []chat.UserID{bob.ID}) || *asked != 3 {
		t.Errorf("%+v, %v; rendered %d times", m, err, *asked)
	}
	// Under other rules it is rendered when it is read, in the log, too.
	later, _ := served(t, store, 2)
	_, events, err := later.Entries(bg, room.ID, 1, 10)
	if err != nil || len(events) != 1 || events[0].Change.Now.HTML != "<p>2 "+stored+"</p>" {
		t.Errorf("%+v, %v", events, err)
	}
}

func TestChangesThatAreRefusedAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		post := w.post("hello", "")
		w.wantCode(post, "")
		id := (*post).Event.ID()
		for i, c := range []struct {
			write func(done func(chat.Outcome))
			code  chat.Code
		}{
			{func(done func(chat.Outcome)) { w.EditMessage(w.ann, "general", id, " ", done) }, chat.Invalid},
			{func(done func(chat.Outcome)) {
				w.EditMessage(w.ann, "general", id, strings.Repeat("x", chat.MaxContent+1), done)
			}, chat.TooLarge},
			{func(done func(chat.Outcome)) { w.EditMessage(w.ann, "general", "x", "hello", done) }, chat.NotFound},
			{func(done func(chat.Outcome)) { w.EditMessage(w.ann, "nowhere", id, "hello", done) }, chat.NotFound},
			{func(done func(chat.Outcome)) {
				w.DeleteMessage(w.ann, "general", id, strings.Repeat("x", chat.MaxReason+1), done)
			}, chat.TooLarge},
			{func(done func(chat.Outcome)) { w.DeleteMessage(w.ann, "general", id, "a\nb", done) }, chat.Invalid},
			{func(done func(chat.Outcome)) { w.React(w.ann, "general", id, "x", true, done) }, chat.Invalid},
			{func(done func(chat.Outcome)) {
				w.React(w.ann, "general", id, strings.Repeat("👍", 1<<18), true, done)
			}, chat.TooLarge},
		} {
			if o := w.change(c.write); chat.CodeOf(o.Err) != c.code {
				t.Errorf("case %d: %v; want %q", i, o.Err, c.code)
			}
		}
		w.limiter = func() (time.Duration, bool) { return time.Second, false }
		for _, write := range []func(done func(chat.Outcome)){
			func(done func(chat.Outcome)) { w.EditMessage(w.ann, "general", id, "hello!", done) },
			func(done func(chat.Outcome)) { w.DeleteMessage(w.ann, "general", id, "", done) },
			func(done func(chat.Outcome)) { w.Pin(w.ann, "general", id, true, done) },
		} {
			if o := w.change(write); chat.CodeOf(o.Err) != chat.RateLimited {
				t.Errorf("too early: %+v", o)
			}
		}
	})
}

// What changes nothing has no entry, so there is nothing to publish, also while it is not known what has been published.
func TestWhatChangesNothingIsNotPublished(t *testing.T) {
	inWorld(t, func(w *world) {
		post := w.post("hello", "")
		w.wantCode(post, "")
		w.store.FailNext(chattest.BrokenAfter)
		w.store.FailLookups(slices.Repeat([]error{chat.Errorf(chat.Internal, "", "unreachable")}, 1000)...)
		edit := func(done func(chat.Outcome)) { w.EditMessage(w.ann, "general", (*post).Event.ID(), "hello!", done) }
		if o := w.change(edit); chat.CodeOf(o.Err) != chat.UnknownOutcome {
			t.Fatalf("%+v", o)
		}
		if o := w.change(edit); o.Err != nil || !o.Again {
			t.Errorf("%+v", o)
		}
	})
}

// Attack 59 of the list: edits, reactions and deletions that are under way at once, in either order, end in the deletion. What comes
// behind it is refused, and nothing of what was said is left or comes back.
func TestAttack59EditsRacingADeletion(t *testing.T) {
	inWorld(t, func(w *world) {
		u, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		bob := u.Actor()
		const writes = 12
		for last := range writes { // which of them deletes
			post := w.post("secret 0 for @bob", "")
			w.wantCode(post, "")
			id := post.Event.ID()
			outcomes := make([]chat.Outcome, writes)
			var racing sync.WaitGroup
			racing.Add(writes)
			for i := range writes {
				done := func(o chat.Outcome) { outcomes[i] = o; racing.Done() }
				switch {
				case i == last:
					w.DeleteMessage(w.ann, "general", id, "", done)
				case i%3 == 1:
					w.React(bob, "general", id, string(rune(0x1F600+i)), true, done)
				default:
					w.EditMessage(w.ann, "general", id, fmt.Sprintf("secret %d for @bob", i+1), done)
				}
			}
			racing.Wait()
			for i, o := range outcomes {
				want := chat.Code("")
				if i > last {
					want = chat.Conflict
				}
				if chat.CodeOf(o.Err) != want {
					t.Errorf("write %d, deleted by write %d: %v; want %q", i, last, o.Err, want)
				}
			}
			again := w.change(func(done func(chat.Outcome)) { w.EditMessage(w.ann, "general", id, "secret again", done) })
			w.wantCode(&again, chat.Conflict)
			m, err := w.Message(bg, bob, "general", id)
			edits, editsErr := w.Edits(bg, w.ann, "general", id)
			mentions, mentionsErr := w.Mentions(bg, bob, "", 0)
			if err := errors.Join(err, editsErr, mentionsErr); err != nil || !m.Deleted || m.Content != "" || m.HTML != "" || m.Reactions != nil ||
				len(edits) > 0 || len(mentions.Messages) > 0 {
				t.Errorf("deleted by write %d: %+v, %v, %v, %v", last, m, edits, mentions.Messages, err)
			}
		}
		r, err := w.Room(bg, w.ann, "general")
		if err != nil {
			t.Fatal(err)
		}
		_, events, err := w.Entries(bg, r.ID, 0, 1000)
		if err != nil || strings.Contains(fmt.Sprintf("%+v", deref(events)), "secret") {
			t.Errorf("the log says %+v, %v", deref(events), err)
		}
	})
}

// deref is everything that events say of messages.
func deref(events []chat.Event) (all []any) {
	for _, e := range events {
		if e.Message != nil {
			all = append(all, *e.Message)
		} else {
			all = append(all, *e.Change, *e.Change.Now)
		}
	}
	return all
}

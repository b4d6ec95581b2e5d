package chat_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// A name of before leads to the room, which says the name of now, however it was cached.
func TestRenamedRoomsAreFoundByAllTheirNames(t *testing.T) {
	inWorld(t, func(w *world) {
		r, err := w.CreateRoom(bg, w.ann, chat.NewRoom{Name: "one"})
		if err != nil {
			t.Fatal(err)
		}
		look := func(want string, names ...string) {
			t.Helper()
			for _, name := range names {
				if got, err := w.Room(bg, w.ann, name); err != nil || got.ID != r.ID || got.Name != want {
					t.Errorf("%s is %+v, %v; want %s", name, got, err, want)
				}
			}
			if got, err := w.RoomByID(bg, r.ID); err != nil || got.Name != want {
				t.Errorf("by its id it is %+v, %v; want %s", got, err, want)
			}
		}
		look("one", "one", "one")
		was := "one"
		for _, name := range []string{"two", "three", "one"} {
			if o := chat.Wait(bg, func(done func(chat.Outcome)) { w.Rename(w.ann, was, name, done) }); o.Err != nil {
				t.Fatal(o.Err)
			}
			look(name, "one", "two", name, was)
			was = name
		}
		o := chat.Wait(bg, func(done func(chat.Outcome)) {
			w.Post(w.ann, chat.NewMessage{Room: "two", Content: "hello"}, done)
		})
		if o.Err != nil || o.Event.Message.RoomName != "one" {
			t.Errorf("%+v", o)
		}
		for name, code := range map[string]chat.Code{"dm-x": chat.Invalid, "Two": chat.Invalid, "": chat.Invalid, "help": chat.Conflict} {
			o := chat.Wait(bg, func(done func(chat.Outcome)) { w.Rename(w.ann, "one", name, done) })
			chattest.WantCode(t, o.Err, code)
		}
		// Nobody knows whether the room was renamed: then nobody believes what is remembered.
		w.store.FailNext(chattest.BrokenAfter)
		for range 20 {
			w.store.FailLookups(chattest.BrokenBefore.Err)
		}
		o = chat.Wait(bg, func(done func(chat.Outcome)) { w.Rename(w.ann, "one", "four", done) })
		chattest.WantCode(t, o.Err, chat.UnknownOutcome)
		look("four", "one", "four")
	})
}

// Direct rooms are limited in rate when they are made, and in what they may be made of; who is in them does not matter when
// they are there.
func TestOpeningDirectRooms(t *testing.T) {
	inWorld(t, func(w *world) {
		people := make([]chat.UserID, 10)
		for i := range people {
			u, err := w.CreateUser(bg, chat.NewUser{Name: fmt.Sprint("one-", i)})
			if err != nil {
				t.Fatal(err)
			}
			people[i] = u.ID
		}
		first, made, err := w.OpenDirect(bg, w.ann, []chat.UserID{people[1], people[0], w.ann.ID, people[1]})
		if err != nil || !made || first.Kind != chat.RoomDirect || len(first.Name) != 29 {
			t.Fatalf("%+v, %v, %v", first, made, err)
		}
		w.newRoom = func(chat.UserID) (time.Duration, bool) { return time.Minute, false }
		if again, made, err := w.OpenDirect(bg, w.ann, people[:2]); err != nil || made || again.ID != first.ID {
			t.Errorf("%+v, %v, %v", again, made, err)
		}
		_, _, err = w.OpenDirect(bg, w.ann, people[:3])
		chattest.WantCode(t, err, chat.RateLimited)
		w.newRoom = nil
		w.store.Disable(people[3])
		gus := chattest.Guest()
		for i, c := range []struct {
			by     chat.Actor
			others []chat.UserID
			code   chat.Code
		}{
			{w.ann, nil, chat.Invalid}, {w.ann, []chat.UserID{w.ann.ID}, chat.Invalid}, {w.ann, []chat.UserID{"x"}, chat.Invalid}, {w.ann, people, chat.Invalid},
			{w.ann, []chat.UserID{chat.UserID(chattest.ID())}, chat.NotFound}, {w.ann, people[3:4], chat.Forbidden}, {gus, people[:1], chat.Forbidden},
			{w.ann, append([]chat.UserID{people[0]}, people[4:]...), ""},
		} {
			_, _, err := w.OpenDirect(bg, c.by, c.others)
			if chat.CodeOf(err) != c.code {
				t.Errorf("case %d: %v; want %q", i, err, c.code)
			}
		}
	})
}

// Every change of a room costs what a message costs, and a new name, of which everybody is told, what a new room does.
func TestChangesOfRoomsAreLimited(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.CreateRoom(bg, w.ann, chat.NewRoom{Name: "a"}); err != nil {
			t.Fatal(err)
		}
		slow := 1
		writes := []func(done func(chat.Outcome)){
			func(done func(chat.Outcome)) { w.SetTopic(w.ann, "a", "x", done) },
			func(done func(chat.Outcome)) { w.SetArchived(w.ann, "a", true, done) },
			func(done func(chat.Outcome)) { w.Set(w.ann, "a", chat.Settings{SlowMode: &slow}, done) },
			func(done func(chat.Outcome)) { w.AddMember(w.ann, "a", bob.ID, done) },
			func(done func(chat.Outcome)) { w.RemoveMember(w.ann, "a", bob.ID, chat.Removal{Ban: true}, done) },
			func(done func(chat.Outcome)) { w.SetMemberRole(w.ann, "a", w.ann.ID, chat.RoleMember, done) },
		}
		w.limiter = func() (time.Duration, bool) { return time.Second, false }
		for i, write := range writes {
			if o := w.change(write); chat.CodeOf(o.Err) != chat.RateLimited {
				t.Errorf("change %d too early: %+v", i, o)
			}
		}
		w.limiter = nil
		w.newRoom = func(chat.UserID) (time.Duration, bool) { return time.Minute, false }
		if o := w.change(func(done func(chat.Outcome)) { w.Rename(w.ann, "a", "b", done) }); chat.CodeOf(o.Err) != chat.RateLimited {
			t.Errorf("another name too early: %+v", o)
		}
	})
}

// Somebody who may not see a room learns by no reading of it that it is there; settings are checked before anything is made.
func TestRoomsThatAreNotMade(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range []struct {
			n    chat.NewRoom
			code chat.Code
		}{
			{chat.NewRoom{Name: "dm-a"}, chat.Invalid}, {chat.NewRoom{Name: "a", Kind: chat.RoomDirect}, chat.Invalid},
			{chat.NewRoom{Name: "a", History: chat.HistoryJoined}, chat.Invalid}, {chat.NewRoom{Name: "a", Kind: chat.RoomPrivate, History: "some"}, chat.Invalid},
			{chat.NewRoom{Name: "a", Members: make([]chat.UserID, chat.MaxFirstMembers+1)}, chat.Invalid},
			{chat.NewRoom{Name: "a", Members: []chat.UserID{bob.ID, chat.UserID(chattest.ID())}}, chat.NotFound},
		} {
			if _, err := w.CreateRoom(bg, w.ann, c.n); chat.CodeOf(err) != c.code {
				t.Errorf("case %d: %v; want %q", i, err, c.code)
			}
		}
		if _, err := w.Room(bg, w.ann, "a"); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("it was made: %v", err)
		}
	})
}

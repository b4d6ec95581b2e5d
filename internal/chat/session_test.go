package chat_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

func TestSessionsByCookie(t *testing.T) {
	inWorld(t, func(w *world) {
		one, first := w.signIn(w.ann.ID, 1)
		two, second := w.signIn(w.ann.ID, 2)
		if strings.Contains(string(one.SecretHash), string(first)) || len(one.SecretHash) != 32 {
			t.Errorf("stored is %q", one.SecretHash)
		}
		got, u, err := w.SessionBySecret(bg, second)
		if err != nil || got.ID != two.ID || u.ID != w.ann.ID {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := w.OpenSession(bg, w.ann.ID, "", nil); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range [][]byte{nil, {}, []byte("x"), one.SecretHash, first[1:], append(slices.Clone(first), 0)} {
			_, _, err := w.SessionBySecret(bg, wrong)
			chattest.WantCode(t, err, chat.Unauthenticated)
		}
		if err := w.RevokeSession(bg, two.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = w.SessionBySecret(bg, second)
		chattest.WantCode(t, err, chat.Unauthenticated)
		if _, _, err := w.SessionBySecret(bg, first); err != nil {
			t.Error(err)
		}
	})
}

// A session that nobody uses ends by itself; one that is used once in a while does not.
func TestIdleSessions(t *testing.T) {
	inWorld(t, func(w *world) {
		idle, idleKey := w.signIn(w.ann.ID, 1)
		used, key := w.signIn(w.ann.ID, 2)
		lives := func(want bool) {
			t.Helper()
			for _, err := range []error{second(w.Session(bg, idle.ID)), second(w.SessionBySecret(bg, idleKey))} {
				if (err == nil) != want || err != nil && chat.CodeOf(err) != chat.Unauthenticated {
					t.Errorf("the idle one: %v; lives: want %v", err, want)
				}
			}
			se, _, err := w.SessionBySecret(bg, key)
			if err != nil {
				t.Fatalf("the one in use: %v", err)
			}
			if err := w.SessionSeen(bg, se); err != nil {
				t.Fatal(err)
			}
			list, err := w.Sessions(bg, w.ann.ID)
			if err != nil || slices.ContainsFunc(list, func(se chat.Session) bool { return se.ID == idle.ID }) != want || list[0].ID != used.ID {
				t.Errorf("the list is %+v, %v", list, err)
			}
		}
		time.Sleep(chat.SessionIdle - time.Second)
		lives(true)
		time.Sleep(time.Second)
		lives(true)
		time.Sleep(time.Millisecond)
		lives(false)
		chattest.WantCode(t, w.EndSession(bg, w.ann.ID, idle.ID), chat.NotFound)
		time.Sleep(chat.SessionIdle - time.Hour)
		lives(false)
	})
}

func second(_ chat.Session, _ chat.User, err error) error { return err }

func TestSeenIsWrittenAtMostHourly(t *testing.T) {
	inWorld(t, func(w *world) {
		opened, _ := w.signIn(w.ann.ID, 1)
		written := map[time.Time]bool{}
		for range 4 * 60 {
			time.Sleep(time.Minute)
			se, _, err := w.Session(bg, opened.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.SessionSeen(bg, se); err != nil {
				t.Fatal(err)
			}
			if err := w.SessionSeen(bg, opened); err != nil { // somebody who looked long ago
				t.Fatal(err)
			}
			if se, _, err = w.Session(bg, opened.ID); err != nil || time.Since(se.LastSeen) >= chat.SeenEvery {
				t.Fatalf("seen %v ago, %v", time.Since(se.LastSeen), err)
			}
			written[se.LastSeen] = true
		}
		if len(written) != 5 { // at the beginning, and after each of four hours
			t.Errorf("written %d times", len(written))
		}
	})
}

func TestEndingSessions(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		one, _ := w.signIn(w.ann.ID, 1)
		two, _ := w.signIn(w.ann.ID, 2)
		three, _ := w.signIn(w.ann.ID, 3)
		bobs, _ := w.signIn(bob.ID, 4)
		for _, id := range []chat.SessionID{bobs.ID, "x", "", chat.SessionID(chattest.ID())} {
			chattest.WantCode(t, w.EndSession(bg, w.ann.ID, id), chat.NotFound)
		}
		if err := w.EndSession(bg, w.ann.ID, chat.SessionID(strings.ToUpper(string(one.ID)))); err != nil {
			t.Fatal(err)
		}
		chattest.WantCode(t, w.EndSession(bg, w.ann.ID, one.ID), chat.NotFound)
		if n, err := w.EndSessions(bg, w.ann.ID, three.ID); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if !slices.Equal(w.ended, []chat.SessionID{one.ID, two.ID}) {
			t.Errorf("told of %v", w.ended)
		}
		if n, err := w.EndSessions(bg, w.ann.ID, ""); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if _, _, err := w.Session(bg, bobs.ID); err != nil {
			t.Errorf("bob's: %v", err)
		}
	})
}

// Somebody who signs in ten thousand times has MaxSessions sessions, and what had to go is closed.
func TestAttack44ManySessions(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		bobs, _ := w.signIn(bob.ID, 0)
		const n = 10_000
		var last chat.SessionID
		for range n {
			se, err := w.OpenSession(bg, w.ann.ID, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			last = se.ID
		}
		list, err := w.Sessions(bg, w.ann.ID)
		if err != nil || len(list) != chat.MaxSessions {
			t.Errorf("%d sessions, %v", len(list), err)
		}
		if _, _, err := w.Session(bg, last); err != nil {
			t.Errorf("the last one: %v", err)
		}
		if len(w.ended) != n-chat.MaxSessions {
			t.Errorf("told of %d", len(w.ended))
		}
		if _, _, err := w.Session(bg, bobs.ID); err != nil {
			t.Errorf("bob's: %v", err)
		}
	})
}

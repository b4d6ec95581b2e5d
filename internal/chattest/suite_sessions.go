package chattest

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

func testSessions(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	se := chat.Session{ID: chat.SessionID(ID()), User: ann.ID, Created: now(), LastSeen: now(), UserAgent: "a browser"}
	if _, err := s.CreateSession(ctx, se); err != nil {
		t.Fatal(err)
	}
	got, u, err := s.Session(ctx, se.ID)
	if err != nil || u.ID != ann.ID || u.Name != ann.Name {
		t.Errorf("its user is %+v, %v", u, err)
	}
	same(t, "Session", got, se)
	for range 2 {
		if err := s.RevokeSession(ctx, se.ID); err != nil {
			t.Error(err)
		}
	}
	if got, _, err := s.Session(ctx, se.ID); err != nil || !got.Revoked {
		t.Errorf("revoked: %+v, %v", got, err)
	}
	_, err = s.CreateSession(ctx, chat.Session{ID: chat.SessionID(ID()), User: chat.UserID(ID()), Created: now(), LastSeen: now()})
	WantCode(t, err, chat.NotFound)
	if err := s.RevokeSession(ctx, chat.SessionID(ID())); err != nil {
		t.Error(err)
	}
}

// A user's sign-ins are bounded: the newest stay, whatever the clock says of the very last.
func testManySessions(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	var ended []chat.SessionID
	open := func(user chat.UserID, created time.Time) chat.SessionID {
		t.Helper()
		id := chat.SessionID(ID())
		gone, err := s.CreateSession(ctx, chat.Session{ID: id, User: user, Created: created, LastSeen: created})
		if err != nil {
			t.Fatal(err)
		}
		ended = append(ended, gone...)
		return id
	}
	begun := now()
	other := open(bob.ID, begun.Add(-time.Hour))
	ids := make([]chat.SessionID, chat.MaxSessions+2)
	for i := range ids {
		ids[i] = open(ann.ID, begun.Add(time.Duration(i)*time.Second))
	}
	back := open(ann.ID, begun.Add(-time.Hour))
	lives := func(id chat.SessionID, want bool) {
		t.Helper()
		if _, _, err := s.Session(ctx, id); (err == nil) != want {
			t.Errorf("%v; lives: want %v", err, want)
		}
	}
	for _, id := range ids[:3] {
		lives(id, false)
	}
	for _, id := range ids[3:] {
		lives(id, true)
	}
	lives(back, true)
	lives(other, true)
	same(t, "what had to make room", ended, ids[:3])
}

// What has ended makes room before what lives, however new it is.
func testManyEndedSessions(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	begun := now()
	session := func(created, seen time.Time) chat.Session {
		return chat.Session{ID: chat.SessionID(ID()), User: ann.ID, Created: created, LastSeen: seen}
	}
	old := session(begun.Add(-100*24*time.Hour), begun)
	idle := session(begun.Add(-40*24*time.Hour), begun.Add(-chat.SessionIdle-time.Millisecond))
	last := session(begun.Add(time.Hour), begun.Add(time.Hour))
	all := []chat.Session{old, idle}
	for i := range chat.MaxSessions - 2 {
		at := begun.Add(time.Duration(i) * time.Second)
		all = append(all, session(at, at))
	}
	for _, se := range all {
		if ended, err := s.CreateSession(ctx, se); err != nil || len(ended) > 0 {
			t.Fatal(ended, err)
		}
	}
	revoked := all[len(all)-1].ID
	if err := s.RevokeSession(ctx, revoked); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]chat.SessionID{{idle.ID}, nil, {old.ID}} { // an ended one of both kinds first; the revoked one is not told again
		last.ID = chat.SessionID(ID())
		ended, err := s.CreateSession(ctx, last)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "what made room", ended, want)
		if _, _, err := s.Session(ctx, revoked); (err == nil) != (i < 1) {
			t.Errorf("no. %d: the revoked one: %v", i, err)
		}
	}
}

func testSessionSecrets(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	hash := func(text string) []byte {
		sum := sha256.Sum256([]byte(text))
		return sum[:]
	}
	with := func(h []byte) chat.Session {
		return chat.Session{ID: chat.SessionID(ID()), User: ann.ID, Created: now(), LastSeen: now(), SecretHash: h}
	}
	one, two := with(hash("one")), with(hash("two"))
	for _, se := range []chat.Session{one, two, with(nil), with(nil)} {
		if _, err := s.CreateSession(ctx, se); err != nil {
			t.Fatal(err)
		}
	}
	got, u, err := s.SessionBySecret(ctx, hash("two"))
	if err != nil || u.ID != ann.ID {
		t.Errorf("%+v, %v", u, err)
	}
	same(t, "SessionBySecret", got, two)
	for _, h := range [][]byte{hash("three"), nil, {}, hash("two")[:31]} {
		_, _, err := s.SessionBySecret(ctx, h)
		WantCode(t, err, chat.NotFound)
	}
}

func testSessionList(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	begun := now()
	open := func(user chat.UserID, seen time.Time) chat.Session {
		t.Helper()
		se := chat.Session{ID: chat.SessionID(ID()), User: user, Created: begun.Add(-90 * 24 * time.Hour), LastSeen: seen, UserAgent: "a browser"}
		if _, err := s.CreateSession(ctx, se); err != nil {
			t.Fatal(err)
		}
		return se
	}
	since := begun.Add(-time.Hour)
	_, middle, newest := open(ann.ID, since.Add(-time.Millisecond)), open(ann.ID, since), open(ann.ID, begun)
	revoked, bobs := open(ann.ID, begun), open(bob.ID, begun)
	if err := s.RevokeSession(ctx, revoked.ID); err != nil {
		t.Fatal(err)
	}
	list := func(user chat.UserID) []chat.Session {
		t.Helper()
		all, err := s.Sessions(ctx, user, since)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	same(t, "ann's", list(ann.ID), []chat.Session{newest, middle})
	if got := list(chat.UserID(ID())); len(got) != 0 {
		t.Errorf("a stranger's: %v", got)
	}

	// Seen at most hourly, never set back, never once it is revoked.
	for _, c := range []struct {
		id   chat.SessionID
		at   time.Time
		want time.Time
	}{
		{middle.ID, since.Add(chat.SeenEvery - time.Millisecond), since},
		{middle.ID, since.Add(-24 * time.Hour), since},
		{middle.ID, since.Add(chat.SeenEvery), since.Add(chat.SeenEvery)},
		{middle.ID, since.Add(chat.SeenEvery + time.Minute), since.Add(chat.SeenEvery)},
		{revoked.ID, begun.Add(24 * time.Hour), begun},
	} {
		if err := s.SeeSession(ctx, c.id, c.at); err != nil {
			t.Fatal(err)
		}
		if se, _, err := s.Session(ctx, c.id); err != nil || !se.LastSeen.Equal(c.want) {
			t.Errorf("seen at %v: %v, %v; want %v", c.at, se.LastSeen, err, c.want)
		}
	}
	if err := s.SeeSession(ctx, chat.SessionID(ID()), begun); err != nil {
		t.Error(err)
	}

	ended, err := s.RevokeSessions(ctx, ann.ID, newest.ID)
	if err != nil || len(ended) != 2 || slices.Contains(ended, revoked.ID) || slices.Contains(ended, newest.ID) {
		t.Errorf("all but one: %v, %v", ended, err)
	}
	ended, err = s.RevokeSessions(ctx, ann.ID, "")
	if err != nil || !slices.Equal(ended, []chat.SessionID{newest.ID}) {
		t.Errorf("all: %v, %v", ended, err)
	}
	same(t, "bob's", list(bob.ID), []chat.Session{bobs})
}

package chat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

func TestContentIsStoredAsSent(t *testing.T) {
	inWorld(t, func(w *world) {
		for in, want := range map[string]string{
			"hello":                            "hello",
			"  two \n\tlines  ":                "  two \n\tlines  ",
			"a\r\nb\r\n":                       "a\nb\n",
			"e\u0301 is not é":                 "e\u0301 is not é",
			"👩\u200d🚀":                         "👩\u200d🚀",
			"<b>&amp;":                         "<b>&amp;",
			strings.Repeat("😀", 8000):          strings.Repeat("😀", 8000),
			strings.Repeat("\r\n", 7999) + "x": strings.Repeat("\n", 7999) + "x",
		} {
			o := w.post(in, "")
			w.wantCode(o, "")
			if o.Event.Message != nil && o.Event.Message.Content != want {
				t.Errorf("%.20q became %.20q", in, o.Event.Message.Content)
			}
		}
	})
}

func TestContentIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		for in, code := range map[string]chat.Code{
			"": chat.Invalid, " \n\t\u00a0\u3000": chat.Invalid, "\u200b\u2060\ufeff": chat.Invalid, "\u2800\u3164": chat.Invalid,
			"\xff": chat.Invalid, "a\xc0\x80": chat.Invalid, "\xed\xa0\x80": chat.Invalid, "a\x00b": chat.Invalid,
			"a\rb": chat.Invalid, "a\x1bb": chat.Invalid, "a\x7f": chat.Invalid, "a\u0085": chat.Invalid,
			strings.Repeat("x", 8001): chat.TooLarge, strings.Repeat("😀", 8001): chat.TooLarge, strings.Repeat("x", 1<<20): chat.TooLarge,
		} {
			o := w.post(in, "")
			w.wantCode(o, code)
			if o.Err != nil && !strings.Contains(o.Err.Error(), "content") {
				t.Errorf("%.20q: the message does not name the field: %v", in, o.Err)
			}
		}
		for _, o := range []*chat.Outcome{w.post("hello", "not-a-uuid"), w.post("hello", strings.Repeat("0", 36)), w.post("hello", "{"+chattest.ID()+"}")} {
			w.wantCode(o, chat.Invalid)
			if o.Err != nil && !strings.Contains(o.Err.Error(), "client_id") {
				t.Errorf("the message does not name client_id: %v", o.Err)
			}
		}
	})
}

func TestRoomNames(t *testing.T) {
	inWorld(t, func(w *world) {
		for name, code := range map[string]chat.Code{
			"nowhere": chat.NotFound, "a": chat.NotFound, strings.Repeat("a", 64): chat.NotFound,
			"": chat.Invalid, "-a": chat.Invalid, "General": chat.Invalid, "a_b": chat.Invalid, "a b": chat.Invalid, "ä": chat.Invalid,
			strings.Repeat("a", 65): chat.Invalid, "a\x00": chat.Invalid, "../x": chat.Invalid,
		} {
			w.wantCode(w.postAs(w.ann, name, "hello", ""), code)
			_, err := w.Room(bg, w.ann, name)
			chattest.WantCode(t, err, code)
			_, err = w.Page(bg, w.ann, name, chat.PageQuery{})
			chattest.WantCode(t, err, code)
			_, err = w.RoomState(bg, w.ann, name)
			chattest.WantCode(t, err, code)
		}
		states, err := w.RoomStates(bg, w.ann)
		if err != nil || len(states) != 3 {
			t.Errorf("naming rooms made some: %v, %v", states, err)
		}
	})
}

func TestCreateRoom(t *testing.T) {
	inWorld(t, func(w *world) {
		r, err := w.CreateRoom(bg, w.ann, chat.NewRoom{Name: "tea-time", Topic: "all about tea"})
		if err != nil || r.Epoch == "" || r.Kind != chat.RoomPublic || r.Topic != "all about tea" {
			t.Fatalf("%+v, %v", r, err)
		}
		again, err := w.RoomByID(bg, r.ID)
		if err != nil || again.Name != "tea-time" || again.Epoch != r.Epoch {
			t.Errorf("by id: %+v, %v", again, err)
		}
		for i, c := range []struct {
			by          chat.Actor
			name, topic string
			code        chat.Code
		}{
			{w.ann, "tea-time", "", chat.Conflict},
			{w.ann, "Tea", "", chat.Invalid},
			{w.ann, "tea", strings.Repeat("é", 251), chat.TooLarge},
			{w.ann, "tea", "two\nlines", chat.Invalid},
			{w.ann, "tea", "\xff", chat.Invalid},
			{chattest.Guest(), "tea", "", chat.Forbidden},
			{w.ann, "tea", strings.Repeat("é", 250), ""},
		} {
			if _, err := w.CreateRoom(bg, c.by, chat.NewRoom{Name: c.name, Topic: c.topic}); chat.CodeOf(err) != c.code {
				t.Errorf("case %d: %v; want %q", i, err, c.code)
			}
		}
		if err := w.EnsureRooms(bg); err != nil {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestUsers(t *testing.T) {
	inWorld(t, func(w *world) {
		for i, c := range []struct {
			u    chat.NewUser
			code chat.Code
		}{
			{chat.NewUser{Name: "  bob "}, ""},
			{chat.NewUser{Name: "BOB"}, chat.Conflict},
			{chat.NewUser{Name: ""}, chat.Invalid},
			{chat.NewUser{Name: "a,b"}, chat.Invalid},
			{chat.NewUser{Name: strings.Repeat("x", 33)}, chat.Invalid},
			{chat.NewUser{Name: "c1", Role: "king"}, chat.Invalid},
			{chat.NewUser{Name: "c2", Role: chat.RoleGuest}, chat.Invalid},
			{chat.NewUser{Name: "c3", Email: "nobody"}, chat.Invalid},
			{chat.NewUser{Name: "c4", Email: "a@b\r\nBcc: c@d"}, chat.Invalid},
			{chat.NewUser{Name: "c5", Display: strings.Repeat("x", 65)}, chat.TooLarge},
			{chat.NewUser{Name: "c6", Display: "The Sixth", Email: "six@example.org"}, ""},
		} {
			u, err := w.CreateUser(bg, c.u)
			if chat.CodeOf(err) != c.code || err == nil && (u.Role != chat.RoleMember || u.Kind != chat.KindMember) {
				t.Errorf("case %d: %+v, %v; want %q", i, u, err, c.code)
			}
		}
		if w.ann.Role != chat.RoleOwner {
			t.Error("the first account is no owner")
		}
		u, err := w.UserByName(bg, "Bob")
		if err != nil || u.Name != "bob" {
			t.Errorf("%+v, %v", u, err)
		}
		_, err = w.UserByName(bg, "no,body")
		chattest.WantCode(t, err, chat.NotFound)
		if got, err := w.User(bg, chat.UserID(strings.ToUpper(string(u.ID)))); err != nil || got.ID != u.ID {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = w.User(bg, "bob")
		chattest.WantCode(t, err, chat.Invalid)
		page, err := w.Users(bg, "Ann", 1)
		if err != nil || len(page) != 1 || page[0].Name != "bob" {
			t.Errorf("after ann: %v, %v", page, err)
		}
		for _, limit := range []int{-1, 201} {
			_, err := w.Users(bg, "", limit)
			chattest.WantCode(t, err, chat.Invalid)
		}
	})
}

func TestSessions(t *testing.T) {
	inWorld(t, func(w *world) {
		se, err := w.OpenSession(bg, w.ann.ID, "a browser\x00"+strings.Repeat("x", 5000), nil)
		if err != nil || len(se.UserAgent) > chat.MaxUserAgent || strings.Contains(se.UserAgent, "\x00") {
			t.Fatalf("%+v, %v", se, err)
		}
		if got, u, err := w.Session(bg, se.ID); err != nil || got.ID != se.ID || u.ID != w.ann.ID {
			t.Errorf("%+v, %+v, %v", got, u, err)
		}
		for _, id := range []chat.SessionID{"", "x", chat.SessionID(chattest.ID())} {
			_, _, err := w.Session(bg, id)
			chattest.WantCode(t, err, chat.Unauthenticated)
			if err := w.RevokeSession(bg, id); err != nil {
				t.Error(err)
			}
		}
		if err := w.RevokeSession(bg, se.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = w.Session(bg, se.ID)
		chattest.WantCode(t, err, chat.Unauthenticated)

		se, err = w.OpenSession(bg, w.ann.ID, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		w.store.Disable(w.ann.ID)
		_, _, err = w.Session(bg, se.ID)
		chattest.WantCode(t, err, chat.Unauthenticated)
		_, err = w.OpenSession(bg, w.ann.ID, "", nil)
		chattest.WantCode(t, err, chat.Forbidden)
		w.wantCode(w.post("hello", ""), chat.Forbidden) // the rules are asked again with the stored row
	})
}

func TestRateLimit(t *testing.T) {
	inWorld(t, func(w *world) {
		w.limiter = func() (time.Duration, bool) { return 3 * time.Second, false }
		o := w.post("hello", "")
		w.wantCode(o, chat.RateLimited)
		if e, ok := o.Err.(*chat.Error); ok && e.RetryAfter != 3*time.Second {
			t.Errorf("retry after %v", e.RetryAfter)
		}
		w.limiter = nil
		w.wantCode(w.post("hello", ""), "")
	})
}

func TestReadAndUnread(t *testing.T) {
	inWorld(t, func(w *world) {
		u, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		bob := u.Actor()
		for i := range 5 {
			w.wantCode(w.post(fmt.Sprint(i), ""), "")
		}
		read := func(n uint64, version *uint64) chat.Outcome {
			return chat.Wait(bg, func(done func(chat.Outcome)) { w.Read(bob, "general", n, version, done) })
		}
		if o := read(3, nil); o.Err != nil || o.Cursor != (chat.Cursor{N: 3, Version: 1}) {
			t.Errorf("%+v", o)
		}
		state, err := w.RoomState(bg, bob, "general")
		if err != nil || state.Unread != 2 || !state.Member {
			t.Errorf("%+v, %v", state, err)
		}
		zero := uint64(0)
		o := read(0, &zero)
		chattest.WantCode(t, o.Err, chat.Conflict)
		if o.Cursor != (chat.Cursor{N: 3, Version: 1}) {
			t.Errorf("a conflict says %+v", o.Cursor)
		}
		chattest.WantCode(t, read(6, nil).Err, chat.Invalid)
		chattest.WantCode(t, read(math.MaxUint64, nil).Err, chat.Invalid)
		w.wantLog("publish 0", "done 0", "publish 1", "done 1", "publish 2", "done 2", "publish 3", "done 3", "publish 4", "done 4")
	})
}

func TestMemberChanges(t *testing.T) {
	inWorld(t, func(w *world) {
		u, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		bob := u.Actor()
		var room chat.RoomID
		change := func(f func(done func(chat.Outcome)), data string, code chat.Code) {
			t.Helper()
			o := chat.Wait(bg, f)
			chattest.WantCode(t, o.Err, code)
			if code == "" && o.Event.Change.Data != data {
				t.Errorf("data %s; want %s", o.Event.Change.Data, data)
			}
			if code == "" {
				room = o.Event.Room()
			}
		}
		who := fmt.Sprintf(`{"user":"bob","user_id":%q}`, u.ID)
		change(func(done func(chat.Outcome)) { w.SetTopic(bob, "general", `a "topic" </script>`, done) }, `{"topic":"a \"topic\" \u003c/script\u003e"}`, "")
		change(func(done func(chat.Outcome)) { w.SetTopic(bob, "general", "two\nlines", done) }, "", chat.Invalid)
		change(func(done func(chat.Outcome)) { w.SetTopic(bob, "nowhere", "x", done) }, "", chat.NotFound)
		change(func(done func(chat.Outcome)) { w.AddMember(w.ann, "general", u.ID, done) }, who, "")
		change(func(done func(chat.Outcome)) { w.AddMember(w.ann, "general", u.ID, done) }, "", chat.Conflict)
		change(func(done func(chat.Outcome)) { w.AddMember(w.ann, "general", "bob", done) }, "", chat.Invalid)
		change(func(done func(chat.Outcome)) { w.RemoveMember(bob, "general", w.ann.ID, chat.Removal{}, done) }, "", chat.Forbidden)
		if members, err := w.Members(bg, bob, "general", "", 0); err != nil || len(members) != 1 {
			t.Errorf("%v, %v", members, err)
		}
		change(func(done func(chat.Outcome)) {
			w.RemoveMember(w.ann, "general", u.ID, chat.Removal{Ban: true, Reason: "spam"}, done)
		}, `{"banned":true,"reason":"spam",`+who[1:], "")

		_, err = w.MaySee(bg, bob, room)
		chattest.WantCode(t, err, chat.Forbidden)
		_, err = w.Page(bg, bob, "general", chat.PageQuery{})
		chattest.WantCode(t, err, chat.Forbidden)
		_, err = w.Members(bg, bob, "general", "", 0)
		chattest.WantCode(t, err, chat.Forbidden)
		change(func(done func(chat.Outcome)) { w.AddMember(w.ann, "general", u.ID, done) }, who, "")
		if from, err := w.MaySee(bg, bob, room); from != 0 || err != nil {
			t.Errorf("sees from %d, %v", from, err)
		}
	})
}

func TestPrivateRoomsAreHidden(t *testing.T) {
	inWorld(t, func(w *world) {
		r := chattest.NewRoom(chat.RoomPrivate)
		u, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.CreateRoom(bg, r, w.ann.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Room(bg, w.ann, r.Name); err != nil { // now it is cached
			t.Fatal(err)
		}
		for _, by := range []chat.Actor{u.Actor(), chattest.Guest()} {
			_, err = w.Room(bg, by, r.Name)
			chattest.WantCode(t, err, chat.NotFound)
			_, err = w.MaySee(bg, by, r.ID)
			chattest.WantCode(t, err, chat.NotFound)
			w.wantCode(w.postAs(by, r.Name, "hello", ""), chat.NotFound)
		}
	})
}

func FuzzContent(f *testing.F) {
	for _, s := range []string{"hello", "a\r\nb", "\x00", "\xff", "\u200b", "\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := chat.CleanContent(s)
		if err != nil {
			return
		}
		if !utf8.ValidString(out) || strings.ContainsAny(out, "\x00\r") || strings.TrimSpace(out) == "" || utf8.RuneCountInString(out) > chat.MaxContent {
			t.Errorf("%q was accepted as %q", s, out)
		}
		if out != strings.ReplaceAll(s, "\r\n", "\n") {
			t.Errorf("%q was changed to %q", s, out)
		}
	})
}

func FuzzUUID(f *testing.F) {
	for _, s := range []string{"018f0000-0000-7000-8000-00000000000a", "018F0000-0000-7000-8000-00000000000A", "-", strings.Repeat("-", 36),
		"a0000000-0000-0000-0000-0000000000-0", "018f0000-0000-7000-8000-00000000000-", "018f-000-0000-7000-8000-00000000000a",
		"018f00000-000-7000-8000-00000000000a", "é18f000-0000-7000-8000-00000000000a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		norm, ok := chat.NormalUUID(s)
		if ok != (len(norm) == 36) || ok && !strings.EqualFold(norm, s) {
			t.Errorf("NormalUUID(%q) = %q, %v", s, norm, ok)
		}
		if again, still := chat.NormalUUID(norm); ok && (again != norm || !still) {
			t.Errorf("NormalUUID(%q) = %q, %v", norm, again, still)
		}
	})
}

// A hyphen in a wrong place was taken for one in its place, and what was read ran beyond the end.
func TestAUUIDWithAHyphenTooMany(t *testing.T) {
	whole := "018f0000-0000-7000-8000-00000000000a"
	for i := range whole {
		for _, c := range []string{"-", "g", "\x00"} {
			s := whole[:i] + c + whole[i+1:]
			if norm, ok := chat.NormalUUID(s); ok != (s == whole) {
				t.Errorf("NormalUUID(%q) = %q, %v", s, norm, ok)
			}
		}
	}
}

func TestNewUUID(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	a, b := chat.NewUUID(at), chat.NewUUID(at)
	raw, ok := chat.ParseUUID(a)
	if !ok || a == b || raw[6]>>4 != 7 || raw[8]>>6 != 2 {
		t.Errorf("%s, %s", a, b)
	}
	ms := int64(0)
	for _, c := range raw[:6] {
		ms = ms<<8 | int64(c)
	}
	if ms != at.UnixMilli() {
		t.Errorf("the time in it is %d; want %d", ms, at.UnixMilli())
	}
}

func TestRoomsAreMadeOneAfterTheOther(t *testing.T) {
	inWorld(t, func(w *world) {
		var asked []chat.UserID
		w.newRoom = func(user chat.UserID) (time.Duration, bool) {
			asked = append(asked, user)
			return 7 * time.Second, len(asked) <= 2
		}
		for i := range 3 {
			if _, err := w.CreateRoom(bg, w.ann, chat.NewRoom{Name: fmt.Sprintf("no. %d", i)}); chat.CodeOf(err) != chat.Invalid {
				t.Errorf("a name that cannot be: %v", err)
			}
		}
		for i, want := range []chat.Code{"", "", chat.RateLimited} {
			name := fmt.Sprintf("room-%d", i)
			_, err := w.CreateRoom(bg, w.ann, chat.NewRoom{Name: name})
			if chat.CodeOf(err) != want {
				t.Errorf("%s: %v", name, err)
			}
			if e := (*chat.Error)(nil); errors.As(err, &e) && e.RetryAfter != 7*time.Second {
				t.Errorf("come again after %v", e.RetryAfter)
			}
		}
		if _, err := w.RoomState(bg, w.ann, "room-2"); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("the room that was refused: %v", err)
		}
		if len(asked) != 3 || asked[0] != w.ann.ID {
			t.Errorf("asked for %v", asked)
		}
	})
}

func TestReadsAreLimited(t *testing.T) {
	inWorld(t, func(w *world) {
		w.wantCode(w.post("something to read", ""), "")
		asked := 0
		w.read = func(user chat.UserID) (time.Duration, bool) {
			asked++
			return time.Second, user == w.ann.ID && asked <= 2
		}
		batches := len(w.batches)
		for i, want := range []chat.Code{"", "", chat.RateLimited} {
			o := chat.Wait(bg, func(done func(chat.Outcome)) { w.Read(w.ann, "general", 1, nil, done) })
			if e := (*chat.Error)(nil); chat.CodeOf(o.Err) != want || errors.As(o.Err, &e) && e.RetryAfter != time.Second {
				t.Errorf("no. %d: %v", i, o.Err)
			}
		}
		if got := len(w.batches) - batches; got != 2 {
			t.Errorf("%d commits, want 2", got)
		}
	})
}

// newcomer is a store in which everybody sees the entries from a number on alone.
type newcomer struct {
	chat.Store
	from uint64
}

func (s newcomer) Membership(ctx context.Context, room chat.RoomID, user chat.UserID) (chat.Membership, error) {
	m, err := s.Store.Membership(ctx, room, user)
	m.SeesFromSeq = s.from
	return m, err
}

func TestAroundHidesWhatTheReaderMayNotSee(t *testing.T) {
	inWorld(t, func(w *world) {
		var ids []string
		for i := range 6 {
			o := w.post(fmt.Sprint(i+1), "")
			w.wantCode(o, "")
			ids = append(ids, o.Event.Message.ID)
		}
		s := chat.NewService(chat.Config{Store: newcomer{w.store, 4}, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler), Limiter: w, Publish: func([]chat.Event) {}})
		defer func() { _ = s.Close(bg) }()
		p, err := s.Page(bg, w.ann, "general", chat.PageQuery{Around: ids[4], Limit: 3})
		if err != nil || len(p.Messages) != 3 || p.Messages[0].Seq != 4 || p.HasMore || p.HasNewer {
			t.Errorf("%+v, %v", p, err)
		}
		_, err = s.Page(bg, w.ann, "general", chat.PageQuery{Around: ids[2], Limit: 3})
		chattest.WantCode(t, err, chat.NotFound)
	})
}

package chattest

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// noted returns the actions of the log, oldest first, but for those of accounts.
func noted(t *testing.T, s chat.Store) []string {
	t.Helper()
	es, err := s.Audit(ctx, 0, 200)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for i := len(es) - 1; i >= 0; i-- {
		if es[i].Action != chat.AuditUserCreated {
			list = append(list, es[i].ActorName+" "+es[i].Action+" "+es[i].SubjectName)
		}
	}
	return list
}

func testStatus(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	gus := NewUser(chat.KindGuest, chat.RoleGuest)
	if _, err := s.CreateUser(ctx, gus, chat.Admission{}); err != nil {
		t.Fatal(err)
	}
	set := func(by chat.Actor, of chat.UserID, st chat.Status) (chat.Decision, error) {
		return s.UpdateUser(ctx, chat.UserUpdate{User: of, By: by, At: now(), Status: &st})
	}
	st := chat.Status{Emoji: "🌴", Text: "On holiday", Until: now().Add(time.Hour)}
	d, err := set(ann, ann.ID, st)
	if err != nil || !d.Shown || d.Standing {
		t.Fatalf("a status: %+v, %v", d, err)
	}
	u, err := s.User(ctx, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the status", u.Status, st)
	if d, err := set(ann, ann.ID, st); err != nil || d.Changed {
		t.Errorf("the same status: %+v, %v", d, err)
	}
	for _, by := range []chat.Actor{bob, chat.Operator, chat.Host} {
		_, err := set(by, ann.ID, chat.Status{})
		WantCode(t, err, chat.Forbidden)
	}
	_, err = set(gus.Actor(), gus.ID, st)
	WantCode(t, err, chat.Forbidden)
	if _, err := set(ann, ann.ID, chat.Status{}); err != nil {
		t.Fatal(err)
	}
	if u, err := s.User(ctx, ann.ID); err != nil || u.Status != (chat.Status{}) {
		t.Errorf("no status any more: %+v, %v", u.Status, err)
	}
}

func testPreferences(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	p := chat.Preferences{
		Highlights: []string{"deploy", "ünïcode 'quoted'"}, ShareLastSeen: true,
		DoNotDisturb: chat.DoNotDisturb{Until: now().Add(time.Hour), Hours: &chat.Hours{From: "22:00", To: "07:00", Zone: "Europe/London"}},
	}
	if err := s.SetPreferences(ctx, ann.ID, p); err != nil {
		t.Fatal(err)
	}
	got, err := s.Preferences(ctx, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "Preferences", got, p)
	for _, who := range []chat.UserID{bob.ID, Guest().ID} {
		got, err := s.Preferences(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the preferences of who has none", got, chat.Preferences{})
	}
	WantCode(t, s.SetPreferences(ctx, Guest().ID, p), chat.Unauthenticated)
}

func testLastSeen(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	at := now()
	seen := func(what string, who chat.Actor, want time.Time) {
		t.Helper()
		if u, err := s.User(ctx, who.ID); err != nil || !u.LastSeen.Equal(want) {
			t.Errorf("%s: last seen %v, %v", what, u.LastSeen, err)
		}
	}
	share := func(who chat.Actor, is bool) {
		t.Helper()
		if err := s.SetPreferences(ctx, who.ID, chat.Preferences{ShareLastSeen: is}); err != nil {
			t.Fatal(err)
		}
	}
	went := func(at time.Time, want ...chat.UserID) {
		t.Helper()
		sharing, err := s.LastSeen(ctx, []chat.UserID{ann.ID, bob.ID, Guest().ID}, at)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "who shares it", sharing, want)
	}
	share(ann, true)
	went(at, ann.ID)
	seen("who shares it", ann, at)
	seen("who does not", bob, time.Time{})
	share(ann, true)
	seen("who goes on sharing it", ann, at)
	share(ann, false)
	seen("who shares it no more", ann, time.Time{})
	went(at.Add(time.Minute))
	share(ann, true)
	seen("what was not shared then is not known later", ann, time.Time{})
}

func testBlocks(t *testing.T, s chat.Store) {
	ann, bob, cat := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	at := now()
	set := func(by chat.Actor, who chat.UserID, blocked bool, at time.Time) {
		t.Helper()
		if err := s.SetBlock(ctx, by, who, blocked, at); err != nil {
			t.Fatal(err)
		}
	}
	blocked := func(of chat.Actor) []chat.UserID {
		t.Helper()
		bs, err := s.Blocks(ctx, of.ID)
		if err != nil {
			t.Fatal(err)
		}
		var ids []chat.UserID
		for _, b := range bs {
			ids = append(ids, b.User)
			if u, err := s.User(ctx, b.User); err != nil || u.Name != b.Name || u.Display != b.Display || b.Created.Before(at) {
				t.Errorf("%+v of %+v, %v", b, u, err)
			}
		}
		return ids
	}
	set(ann, bob.ID, true, at)
	set(ann, bob.ID, true, at.Add(time.Second))
	set(ann, cat.ID, true, at.Add(2*time.Second))
	same(t, "whom ann has blocked", blocked(ann), []chat.UserID{cat.ID, bob.ID})
	same(t, "whom bob has blocked", blocked(bob), []chat.UserID(nil))
	set(ann, cat.ID, false, at)
	set(ann, cat.ID, false, at)
	same(t, "whom ann has blocked then", blocked(ann), []chat.UserID{bob.ID})
	same(t, "the log", noted(t, s), []string{
		ann.Name + " user_blocked " + bob.Name, ann.Name + " user_blocked " + cat.Name, ann.Name + " user_unblocked " + cat.Name,
	})

	WantCode(t, s.SetBlock(ctx, ann, ann.ID, true, at), chat.Invalid)
	WantCode(t, s.SetBlock(ctx, ann, chat.UserID(ID()), true, at), chat.NotFound)
	WantCode(t, s.SetBlock(ctx, Guest(), ann.ID, true, at), chat.Unauthenticated)
	gus := NewUser(chat.KindGuest, chat.RoleGuest)
	if _, err := s.CreateUser(ctx, gus, chat.Admission{}); err != nil {
		t.Fatal(err)
	}
	WantCode(t, s.SetBlock(ctx, gus.Actor(), ann.ID, true, at), chat.Forbidden)
	set(bob, gus.ID, true, at)
}

func testReports(t *testing.T, s chat.Store) {
	olga, mona := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	said := Stored(t, s, Post(r.ID, bob, "spam"), Post(r.ID, bob, "more spam"))
	at := now()
	report := func(by chat.Actor, message int, at time.Time) chat.Report {
		t.Helper()
		p := chat.Report{ID: chat.ReportID(ID()), Room: r.ID, Message: said[message].Event.Message.ID, Reason: "It is spam", Created: at}
		if err := s.Report(ctx, by, p); err != nil {
			t.Fatal(err)
		}
		p.RoomName, p.Author, p.AuthorName, p.Content = r.Name, bob.ID, bob.Name, said[message].Event.Message.Content
		p.Reporter, p.ReporterName = by.ID, by.Name
		return p
	}
	list := func(open bool, before chat.ReportID, limit int) []chat.Report {
		t.Helper()
		rs, err := s.Reports(ctx, open, before, limit)
		if err != nil {
			t.Fatal(err)
		}
		return rs
	}
	first, second, third := report(ann, 0, at), report(olga, 0, at.Add(time.Second)), report(ann, 1, at.Add(2*time.Second))
	same(t, "all", list(false, "", 10), []chat.Report{third, second, first})
	same(t, "the newest", list(true, "", 1), []chat.Report{third})
	same(t, "those before it", list(true, third.ID, 10), []chat.Report{second, first})

	WantCode(t, s.ResolveReport(ctx, ann, first.ID, "", at), chat.Forbidden)
	WantCode(t, s.ResolveReport(ctx, mona, chat.ReportID(ID()), "", at), chat.NotFound)
	if err := s.ResolveReport(ctx, mona, second.ID, "Talked to them", at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	WantCode(t, s.ResolveReport(ctx, olga, second.ID, "", at), chat.Conflict)
	second.Resolved, second.ResolvedBy, second.ResolvedName, second.Note = at.Add(time.Minute), mona.ID, mona.Name, "Talked to them"
	same(t, "the open ones", list(true, "", 10), []chat.Report{third, first})
	same(t, "all again", list(false, "", 10), []chat.Report{third, second, first})
	same(t, "the log", noted(t, s), []string{
		ann.Name + " message_reported " + bob.Name, olga.Name + " message_reported " + bob.Name, ann.Name + " message_reported " + bob.Name,
		mona.Name + " report_resolved " + bob.Name,
	})
}

func testReportsRefused(t *testing.T, s chat.Store) {
	Member(t, s, chat.RoleOwner)
	ann, bob, eve := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r, other := Room(t, s, ann.ID), Room(t, s, ann.ID)
	private, err := s.CreateRoom(ctx, NewRoom(chat.RoomPrivate), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	gus := Guest()
	said := Stored(t, s, Post(r.ID, bob, "spam"), Post(private.ID, ann, "secret"), Post(r.ID, gus, "hello"))
	spam, secret := said[0].Event.Message.ID, said[1].Event.Message.ID
	report := func(by chat.Actor, room chat.RoomID, message string) error {
		return s.Report(ctx, by, chat.Report{ID: chat.ReportID(ID()), Room: room, Message: message, Reason: "x", Created: now()})
	}
	WantCode(t, report(bob, r.ID, spam), chat.Invalid) // his own
	WantCode(t, report(gus, r.ID, spam), chat.Forbidden)
	WantCode(t, report(Guest(), r.ID, spam), chat.Unauthenticated)
	WantCode(t, report(ann, other.ID, spam), chat.NotFound) // the message of another room
	WantCode(t, report(ann, r.ID, ID()), chat.NotFound)
	WantCode(t, report(ann, chat.RoomID(ID()), spam), chat.NotFound)
	WantCode(t, report(eve, private.ID, secret), chat.NotFound)
	WantCode(t, report(eve, r.ID, secret), chat.NotFound)
	if err := report(ann, r.ID, spam); err != nil {
		t.Fatal(err)
	}
	WantCode(t, report(ann, r.ID, spam), chat.Conflict)
	ops := make([]chat.Op, chat.MaxReports)
	for i := range ops {
		ops[i] = Post(r.ID, bob, "more spam")
	}
	for i, o := range Stored(t, s, ops...) {
		err := report(ann, r.ID, o.Event.Message.ID)
		if last := i == len(ops)-1; last {
			WantCode(t, err, chat.TooLarge)
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func testAnnouncements(t *testing.T, s chat.Store) {
	olga, mona := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	at := now()
	make := func(until time.Time, at time.Time) (chat.Announcement, error) {
		return s.Announce(ctx, olga, chat.Announcement{ID: chat.AnnouncementID(ID()), Content: "Maintenance *tonight*", Created: at, Until: until})
	}
	list := func(at time.Time) []chat.Announcement {
		t.Helper()
		as, err := s.Announcements(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		return as
	}
	for _, by := range []chat.Actor{mona, chat.Operator} {
		_, err := s.Announce(ctx, by, chat.Announcement{ID: chat.AnnouncementID(ID()), Content: "x", Created: at})
		if by == mona {
			WantCode(t, err, chat.Forbidden)
		} else {
			WantCode(t, err, chat.Unauthenticated) // it has no row
		}
	}
	first, err := make(at.Add(time.Hour), at)
	if err != nil || first.Author != olga.ID || first.AuthorName != olga.Name {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := make(time.Time{}, at.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what stands", list(at.Add(time.Minute)), []chat.Announcement{first, second})
	same(t, "what stands after an hour", list(at.Add(time.Hour)), []chat.Announcement{second})
	WantCode(t, s.EndAnnouncement(ctx, mona, second.ID, at), chat.Forbidden)
	WantCode(t, s.EndAnnouncement(ctx, olga, first.ID, at.Add(time.Hour)), chat.NotFound)
	if err := s.EndAnnouncement(ctx, olga, second.ID, at); err != nil {
		t.Fatal(err)
	}
	WantCode(t, s.EndAnnouncement(ctx, olga, second.ID, at), chat.NotFound)
	same(t, "what stands then", list(at), []chat.Announcement{first})
	for range chat.MaxAnnouncements - 1 {
		if _, err := make(time.Time{}, at); err != nil {
			t.Fatal(err)
		}
	}
	_, err = make(time.Time{}, at)
	WantCode(t, err, chat.TooLarge)
	if log := noted(t, s); len(log) != chat.MaxAnnouncements+2 || log[0] != olga.Name+" announced " || log[2] != olga.Name+" announcement_ended " {
		t.Errorf("the log: %v", log)
	}
}

package chattest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

func testInvites(t *testing.T, s chat.Store) {
	owner, mod, ann := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator), Member(t, s, chat.RoleMember)
	for _, by := range []struct {
		actor chat.Actor
		code  chat.Code
	}{{ann, chat.Forbidden}, {Guest(), chat.Unauthenticated}, {chat.Operator, chat.Unauthenticated}} {
		wantQuiet(t, s, "inviting", by.code, func() error {
			_, err := s.CreateInvite(ctx, by.actor, newInvite(0, time.Hour), chat.MaxInvites)
			return err
		})
	}
	begun := now()
	short, ever := newInvite(3, time.Hour), newInvite(0, 0)
	short.Created, short.Expires = begun.Add(-time.Minute), begun.Add(time.Hour)
	got, err := s.CreateInvite(ctx, mod, short, chat.MaxInvites)
	if err != nil {
		t.Fatal(err)
	}
	short.CreatedBy, short.CreatedByName = mod.ID, mod.Name
	same(t, "CreateInvite", got, short)
	if ever, err = s.CreateInvite(ctx, owner, ever, chat.MaxInvites); err != nil {
		t.Fatal(err)
	}
	list := func(at time.Time) []chat.Invite {
		t.Helper()
		all, err := s.Invites(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	same(t, "Invites", list(begun), []chat.Invite{ever, short})
	// An invitation ends at its very end, and nobody comes in by it from then on.
	same(t, "Invites a moment before the end", list(short.Expires.Add(-time.Millisecond)), []chat.Invite{ever, short})
	same(t, "Invites at the end", list(short.Expires), []chat.Invite{ever})
	for at, code := range map[time.Time]chat.Code{short.Expires.Add(-time.Millisecond): "", short.Expires: chat.NotFound} {
		i, err := s.InviteByHash(ctx, short.CodeHash, at)
		WantCode(t, err, code)
		if err == nil {
			same(t, "InviteByHash", i, short)
		}
	}
	late := NewUser(chat.KindMember, chat.RoleMember)
	late.Created = short.Expires
	wantQuiet(t, s, "coming too late", chat.Forbidden, func() error {
		_, err := s.CreateUser(ctx, late, chat.Admission{Invite: short.CodeHash, By: chat.ByInvite})
		return err
	})
	for _, hash := range [][]byte{nil, {}, short.CodeHash[:31]} {
		_, err := s.InviteByHash(ctx, hash, begun)
		WantCode(t, err, chat.NotFound)
	}
}

func testRevokedInvites(t *testing.T, s chat.Store) {
	owner, mod, ann := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator), Member(t, s, chat.RoleMember)
	short, ever := invite(t, s, mod, 3, time.Hour), invite(t, s, owner, 0, 0)
	begun := ever.Created
	for i, c := range []struct {
		by   chat.Actor
		id   chat.InviteID
		at   time.Time
		code chat.Code
	}{
		{ann, ever.ID, begun, chat.Forbidden},
		{Guest(), ever.ID, begun, chat.Unauthenticated},
		{mod, chat.InviteID(ID()), begun, chat.NotFound},
		{mod, "x", begun, chat.NotFound},
		{mod, short.ID, short.Expires, chat.NotFound},
	} {
		wantQuiet(t, s, fmt.Sprint("revoking ", i), c.code, func() error { return s.RevokeInvite(ctx, c.by, c.id, c.at) })
	}
	if err := s.RevokeInvite(ctx, mod, ever.ID, begun); err != nil { // any moderator may, whoever made it
		t.Fatal(err)
	}
	wantQuiet(t, s, "revoking twice", chat.NotFound, func() error { return s.RevokeInvite(ctx, mod, ever.ID, begun) })
	wantQuiet(t, s, "coming by a revoked one", chat.Forbidden, func() error {
		_, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), chat.Admission{Invite: ever.CodeHash, By: chat.ByInvite})
		return err
	})
	left, err := s.Invites(ctx, begun)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "Invites after revoking", left, []chat.Invite{short})
	es, err := s.Audit(ctx, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	end := short.Expires.Format(time.RFC3339)
	same(t, "the log", es, []chat.AuditEntry{
		{ID: es[0].ID, At: begun, Actor: mod.ID, ActorName: mod.Name, Action: chat.AuditInviteRevoked, Subject: string(ever.ID), Data: `{}`},
		{ID: es[1].ID, At: ever.Created, Actor: owner.ID, ActorName: owner.Name, Action: chat.AuditInviteCreated, Subject: string(ever.ID), Data: `{"max_uses":0}`},
		{ID: es[2].ID, At: short.Created, Actor: mod.ID, ActorName: mod.Name, Action: chat.AuditInviteCreated, Subject: string(short.ID), Data: `{"expires":"` + end + `","max_uses":3}`},
	})
}

// Whoever may not invite any more has no way left to let themself or others in.
func testInvitesOfTheDemoted(t *testing.T, s chat.Store) {
	owner, mod := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	i := invite(t, s, mod, 0, time.Hour)
	yes, no, member, moderator := true, false, chat.RoleMember, chat.RoleModerator
	for _, c := range []struct {
		up    chat.UserUpdate
		valid bool
	}{
		{chat.UserUpdate{Disabled: &yes}, false},
		{chat.UserUpdate{Disabled: &no}, true},
		{chat.UserUpdate{Role: &member}, false},
		{chat.UserUpdate{Role: &moderator}, true},
	} {
		c.up.User, c.up.By, c.up.At = mod.ID, owner, now()
		if _, err := s.UpdateUser(ctx, c.up); err != nil {
			t.Fatal(err)
		}
		_, found := s.InviteByHash(ctx, i.CodeHash, now())
		list, err := s.Invites(ctx, now())
		_, came := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), chat.Admission{Invite: i.CodeHash, By: chat.ByInvite})
		if err != nil || (found == nil) != c.valid || (len(list) == 1) != c.valid || (came == nil) != c.valid {
			t.Errorf("%+v: found %v, list %v, came %v, %v", c.up, found, list, came, err)
		}
	}
}

func testManyInvites(t *testing.T, s chat.Store) {
	owner := Member(t, s, chat.RoleOwner)
	begun := now()
	const most = 5
	var last chat.Invite
	for n := range most {
		i := newInvite(1, time.Hour)
		i.Created = begun.Add(time.Duration(n) * time.Millisecond)
		i.Expires = begun.Add(time.Hour)
		if _, err := s.CreateInvite(ctx, owner, i, most); err != nil {
			t.Fatal(err)
		}
		last = i
	}
	more := newInvite(0, time.Hour)
	more.Created = begun.Add(time.Minute)
	wantQuiet(t, s, "one too many", chat.TooLarge, func() error {
		_, err := s.CreateInvite(ctx, owner, more, most)
		return err
	})
	if err := s.RevokeInvite(ctx, owner, last.ID, begun); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateInvite(ctx, owner, more, most); err != nil {
		t.Errorf("after one was revoked: %v", err)
	}
	more = newInvite(0, 2*time.Hour)
	more.Created = begun.Add(time.Hour)
	if _, err := s.CreateInvite(ctx, owner, more, most); err != nil {
		t.Errorf("after all have ended: %v", err)
	}
}

func testAudit(t *testing.T, s chat.Store) {
	if es, err := s.Audit(ctx, 0, 10); err != nil || len(es) != 0 {
		t.Errorf("an empty log: %v, %v", es, err)
	}
	owner := Member(t, s, chat.RoleOwner)
	for range 6 {
		invite(t, s, owner, 0, time.Hour)
	}
	all, err := s.Audit(ctx, 0, 100)
	if err != nil || len(all) != 7 {
		t.Fatalf("%v, %v", all, err)
	}
	if !slices.IsSortedFunc(all, func(a, b chat.AuditEntry) int { return int(b.ID - a.ID) }) {
		t.Errorf("not the newest first: %v", all)
	}
	var pages []chat.AuditEntry
	for before := int64(0); ; before = pages[len(pages)-1].ID {
		page, err := s.Audit(ctx, before, 3)
		if err != nil || len(page) > 3 {
			t.Fatal(page, err)
		}
		if len(page) == 0 {
			break
		}
		pages = append(pages, page...)
	}
	same(t, "Audit in pages", pages, all)
	if es, err := s.Audit(ctx, 1<<62, 2); err != nil || len(es) != 2 {
		t.Errorf("before a number that is far away: %v, %v", es, err)
	}
}

func testArchived(t *testing.T, s chat.Store) {
	owner, mod := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	ann, bob, eve := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	first := Post(r.ID, bob, "one")
	archive := Archive(r.ID, ann, true)
	entries := len(audited(t, s))
	outcomes := Commit(t, s,
		first, Archive(r.ID, bob, true), Archive(r.ID, Guest(), true), Archive(r.ID, ann, false), // 0..3
		archive, Post(r.ID, bob, "too late"), Topic(r.ID, ann, "too late"), Remove(r.ID, owner, bob.ID), // 4..7
		Archive(r.ID, mod, true), Read(r.ID, bob, 1, nil), Retry(first), // 8..10
	)
	for i, want := range []chat.Code{"", chat.Forbidden, chat.Forbidden, chat.Conflict, "", chat.Forbidden, chat.Forbidden, chat.Forbidden, chat.Conflict, "", ""} {
		if chat.CodeOf(outcomes[i].Err) != want {
			t.Errorf("op %d: %v; want %q", i, outcomes[i].Err, want)
		}
	}
	if e := (*chat.Error)(nil); !errors.As(outcomes[5].Err, &e) || e.Message != "this room is archived" {
		t.Errorf("a post into it is refused with %v", outcomes[5].Err)
	}
	if c := outcomes[4].Event.Change; c == nil || c.Kind != chat.ChangeArchived || c.Seq != 2 || c.Data != `{"archived":true}` || !outcomes[10].Again {
		t.Errorf("%+v, %+v", outcomes[4].Event, outcomes[10])
	}
	states := func(of chat.Actor) []chat.RoomState {
		all, err := s.RoomStates(ctx, of.ID)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if st := states(bob); len(st) != 1 || !st[0].Archived || st[0].Seq != 2 {
		t.Errorf("a member sees %+v", st)
	}
	if st := states(eve); len(st) != 0 {
		t.Errorf("somebody else sees %+v", st)
	}
	if got, err := s.RoomByID(ctx, r.ID); err != nil || !got.Archived {
		t.Errorf("%+v, %v", got, err)
	}
	found, err := s.Lookup(ctx, []chat.Op{archive})
	if err != nil || found[0].Err != nil || found[0].Event.ID() != archive.Change.ID {
		t.Errorf("looked up: %+v, %v", found, err)
	}

	// A moderator brings it back, and in the same batch it can be written to.
	back := Archive(r.ID, mod, false)
	Stored(t, s, back, Post(r.ID, bob, "two"), Remove(r.ID, owner, bob.ID))
	if st := states(eve); len(st) != 1 || st[0].Archived {
		t.Errorf("somebody else sees %+v", st)
	}
	es, err := s.Audit(ctx, 0, 10)
	if err != nil || len(es) != entries+3 {
		t.Fatalf("%v, %v", es, err)
	}
	same(t, "the log", es[:3], []chat.AuditEntry{
		{ID: es[0].ID, At: es[0].At, Actor: owner.ID, ActorName: owner.Name, Action: chat.AuditMemberRemoved, Subject: string(bob.ID), SubjectName: bob.Name,
			Data: `{"banned":true,"room":"` + r.Name + `","room_id":"` + string(r.ID) + `"}`},
		{ID: es[1].ID, At: back.Change.Created, Actor: mod.ID, ActorName: mod.Name, Action: chat.AuditRoomUnarchived, Subject: string(r.ID), SubjectName: r.Name, Data: `{}`},
		{ID: es[2].ID, At: archive.Change.Created, Actor: ann.ID, ActorName: ann.Name, Action: chat.AuditRoomArchived, Subject: string(r.ID), SubjectName: r.Name, Data: `{}`},
	})
}

package chattest

import (
	"crypto/sha256"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// atOnce runs f n times at once and returns what each returned.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var begin, all sync.WaitGroup
	begin.Add(1)
	for i := range n {
		all.Go(func() {
			begin.Wait()
			errs[i] = f(i)
		})
	}
	begin.Done()
	all.Wait()
	return errs
}

// wantOne fails unless exactly one succeeded and the others have one of the codes.
func wantOne(t *testing.T, errs []error, codes ...chat.Code) {
	t.Helper()
	well := 0
	for _, err := range errs {
		if err == nil {
			well++
			continue
		}
		legal := false
		for _, code := range codes {
			legal = legal || chat.CodeOf(err) == code
		}
		if !legal {
			t.Errorf("refused with %v; want one of %v", err, codes)
		}
	}
	if well != 1 {
		t.Errorf("%d of %d succeeded; want one: %v", well, len(errs), errs)
	}
}

// audited returns the actions in the log, oldest first.
func audited(t *testing.T, s chat.Store) []string {
	t.Helper()
	es, err := s.Audit(ctx, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	actions := make([]string, len(es))
	for i, e := range es {
		actions[len(es)-1-i] = e.Action
	}
	return actions
}

// wantQuiet fails unless f is refused with the code and leaves nothing in the log.
func wantQuiet(t *testing.T, s chat.Store, what string, code chat.Code, f func() error) {
	t.Helper()
	before := len(audited(t, s))
	if err := f(); chat.CodeOf(err) != code {
		t.Errorf("%s: %v; want %q", what, err, code)
	}
	if after := audited(t, s); len(after) != before {
		t.Errorf("%s was refused and is in the log: %v", what, after[before:])
	}
}

func userNow(t *testing.T, s chat.Store, id chat.UserID) chat.User {
	t.Helper()
	u, err := s.User(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func testAdmission(t *testing.T, s chat.Store) {
	setup := chat.Admission{First: true, By: chat.BySetup}
	first, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), setup)
	if err != nil || first.Role != chat.RoleOwner {
		t.Fatalf("%+v, %v", first, err)
	}
	wantQuiet(t, s, "a second set-up", chat.Conflict, func() error {
		_, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), setup)
		return err
	})
	i := invite(t, s, first.Actor(), 2, time.Hour)
	come := func(u chat.User, hash []byte) error {
		_, err := s.CreateUser(ctx, u, chat.Admission{Invite: hash, By: chat.ByInvite})
		return err
	}
	wantQuiet(t, s, "a taken name", chat.Conflict, func() error { return come(first, i.CodeHash) })
	taken := NewUser(chat.KindMember, chat.RoleMember)
	taken.NameSkeleton = first.NameSkeleton
	wantQuiet(t, s, "a taken name", chat.Conflict, func() error { return come(taken, i.CodeHash) })
	// Who has no valid invitation does not learn which names are taken.
	wantQuiet(t, s, "no such invitation", chat.Forbidden, func() error { return come(taken, []byte("nothing")) })
	if got, err := s.InviteByHash(ctx, i.CodeHash, now()); err != nil || got.Uses != 0 {
		t.Errorf("a refused account used the invitation up: %+v, %v", got, err)
	}
	ann, bob := NewUser(chat.KindMember, chat.RoleMember), NewUser(chat.KindMember, chat.RoleMember)
	for _, u := range []chat.User{ann, bob} {
		if err := come(u, i.CodeHash); err != nil {
			t.Fatal(err)
		}
	}
	wantQuiet(t, s, "a used-up invitation", chat.Forbidden, func() error {
		return come(NewUser(chat.KindMember, chat.RoleMember), i.CodeHash)
	})
	bot, err := s.CreateUser(ctx, NewUser(chat.KindBot, chat.RoleMember), chat.Admission{By: chat.ByCommandLine})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateUser(ctx, NewUser(chat.KindGuest, chat.RoleGuest), chat.Admission{}); err != nil { // leaves no entry
		t.Fatal(err)
	}
	es, err := s.Audit(ctx, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	invited := `{"by":"invite","invite":"` + string(i.ID) + `"}`
	created := func(id int64, at time.Time, actor chat.UserID, actorName string, u chat.User, data string) chat.AuditEntry {
		return chat.AuditEntry{ID: id, At: at, Actor: actor, ActorName: actorName, Action: chat.AuditUserCreated, Subject: string(u.ID), SubjectName: u.Name, Data: data}
	}
	same(t, "the log", []chat.AuditEntry{es[0], es[1], es[2], es[4]}, []chat.AuditEntry{
		created(5, bot.Created, "", chat.Operator.Name, bot, `{"by":"command line"}`),
		created(4, bob.Created, bob.ID, bob.Name, bob, invited),
		created(3, ann.Created, ann.ID, ann.Name, ann, invited),
		created(1, first.Created, first.ID, first.Name, first, `{"by":"setup"}`),
	})
}

func testUserByEmail(t *testing.T, s chat.Store) {
	begun := now()
	with := func(kind chat.UserKind, email string, created time.Time) chat.User {
		u := NewUser(kind, chat.RoleMember)
		u.Email, u.Created = email, created
		if _, err := s.CreateUser(ctx, u, chat.Admission{}); err != nil {
			t.Fatal(err)
		}
		return u
	}
	with(chat.KindMember, "", begun.Add(-time.Hour))
	with(chat.KindBot, "ann@example.org", begun.Add(-time.Hour))
	with(chat.KindGuest, "ann@example.org", begun.Add(-time.Hour))
	with(chat.KindMember, "ANN@example.org", begun)
	ann := with(chat.KindMember, "Ann@Example.org", begun.Add(-time.Minute))
	umlaut := with(chat.KindMember, "Änn@example.org", begun)
	for email, want := range map[string]chat.UserID{
		"ann@example.org": ann.ID, "aNN@eXAMPLE.ORG": ann.ID, "Änn@EXAMPLE.org": umlaut.ID,
		"änn@example.org": "", "bob@example.org": "", "": "", "%": "", " ann@example.org": "",
	} {
		u, err := s.UserByEmail(ctx, email)
		if u.ID != want || (err == nil) != (want != "") || err != nil && chat.CodeOf(err) != chat.NotFound {
			t.Errorf("%q: %+v, %v", email, u, err)
		}
	}
}

func testUpdateUser(t *testing.T, s chat.Store) {
	owner, ann := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	at := now()
	session := func() chat.SessionID {
		se := chat.Session{ID: chat.SessionID(ID()), User: ann.ID, Created: at, LastSeen: at}
		if _, err := s.CreateSession(ctx, se); err != nil {
			t.Fatal(err)
		}
		return se.ID
	}
	text := func(s string) *string { return &s }
	yes, no, moderator := true, false, chat.RoleModerator
	before := userNow(t, s, ann.ID)
	session()
	entries := len(audited(t, s))
	for i, c := range []struct {
		up     chat.UserUpdate
		change func(*chat.User)
		ends   bool
		action string
		data   string
	}{
		{chat.UserUpdate{By: ann, Display: text("Änn"), Email: text("a@b")}, func(u *chat.User) { u.Display, u.Email = "Änn", "a@b" }, false, "", ""},
		{chat.UserUpdate{By: ann, Display: text("Änn")}, nil, false, "", ""},
		{chat.UserUpdate{By: ann, Email: text("")}, func(u *chat.User) { u.Email = "" }, false, "", ""},
		{chat.UserUpdate{By: ann, PasswordHash: text("one")}, func(u *chat.User) { u.PasswordHash = "one" }, true, "", ""},
		{chat.UserUpdate{By: ann, PasswordHash: text("stronger"), Upgrade: text("one")}, func(u *chat.User) { u.PasswordHash = "stronger" }, false, "", ""},
		{chat.UserUpdate{By: ann, PasswordHash: text("late"), Upgrade: text("one")}, nil, false, "", ""},
		{chat.UserUpdate{By: owner, PasswordHash: text("two")}, func(u *chat.User) { u.PasswordHash = "two" }, true, chat.AuditPasswordSet, "{}"},
		{chat.UserUpdate{By: chat.Operator, PasswordHash: text("three")}, func(u *chat.User) { u.PasswordHash = "three" }, true, chat.AuditPasswordSet, "{}"},
		{chat.UserUpdate{By: owner, Role: &moderator}, func(u *chat.User) { u.Role = moderator }, false, chat.AuditRoleChanged, `{"role":"moderator","was":"member"}`},
		{chat.UserUpdate{By: owner, Role: &moderator}, nil, false, "", ""},
		{chat.UserUpdate{By: chat.Operator, Disabled: &yes}, func(u *chat.User) { u.Disabled = true }, true, chat.AuditUserDisabled, "{}"},
		{chat.UserUpdate{By: owner, Disabled: &yes}, nil, false, "", ""},
		{chat.UserUpdate{By: owner, Disabled: &no}, func(u *chat.User) { u.Disabled = false }, false, chat.AuditUserEnabled, "{}"},
	} {
		c.up.User, c.up.At = ann.ID, at.Add(time.Duration(i)*time.Second)
		want := before
		if c.change != nil {
			c.change(&want)
			want.Rev++
		}
		d, err := s.UpdateUser(ctx, c.up)
		if err != nil {
			t.Fatalf("update %d: %v", i, err)
		}
		same(t, "what is answered", d.User, want)
		same(t, "what is stored", userNow(t, s, ann.ID), want)
		if d.Standing != (before.Role != want.Role || before.Disabled != want.Disabled) || (len(d.Ended) == 1) != c.ends {
			t.Errorf("update %d: %+v", i, d)
		}
		if c.action != "" {
			entries++
			es, err := s.Audit(ctx, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the log", es[0], chat.AuditEntry{ID: int64(entries), At: c.up.At, Actor: c.up.By.ID, ActorName: c.up.By.Name, Action: c.action,
				Subject: string(ann.ID), SubjectName: ann.Name, Data: c.data})
		}
		if got := audited(t, s); len(got) != entries {
			t.Errorf("update %d: the log is %v", i, got)
		}
		if before = want; c.ends {
			if se, _, err := s.Session(ctx, d.Ended[0]); err != nil || !se.Revoked {
				t.Errorf("update %d: the session is %+v, %v", i, se, err)
			}
			if !want.Disabled {
				session()
			}
		}
	}
}

func testUpdateUserRefused(t *testing.T, s chat.Store) {
	owner, mod, ann := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator), Member(t, s, chat.RoleMember)
	guest := Guest()
	Stored(t, s, Post(Room(t, s, "").ID, guest, "hello"))
	gone := Member(t, s, chat.RoleOwner)
	yes, text, member := true, "text", chat.RoleMember
	if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: gone.ID, By: owner, At: now(), Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	liar := mod
	liar.Role = chat.RoleOwner // what the edge says counts for nothing: the row does
	mask := ann
	mask.Kind, mask.Role = chat.KindOperator, chat.RoleOwner
	bot := NewUser(chat.KindBot, chat.RoleMember)
	if _, err := s.CreateUser(ctx, bot, chat.Admission{}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		up   chat.UserUpdate
		code chat.Code
	}{
		{chat.UserUpdate{User: ann.ID, By: mod, Role: &member}, chat.Forbidden},
		{chat.UserUpdate{User: ann.ID, By: liar, Disabled: &yes}, chat.Forbidden},
		{chat.UserUpdate{User: owner.ID, By: mask, Disabled: &yes}, chat.Forbidden},
		{chat.UserUpdate{User: ann.ID, By: ann, Disabled: &yes}, chat.Forbidden},
		{chat.UserUpdate{User: ann.ID, By: mod, PasswordHash: &text}, chat.Forbidden},
		{chat.UserUpdate{User: ann.ID, By: owner, Display: &text}, chat.Forbidden},
		{chat.UserUpdate{User: ann.ID, By: gone, Disabled: &yes}, chat.Forbidden},
		{chat.UserUpdate{User: gone.ID, By: gone, PasswordHash: &text}, chat.Forbidden},
		{chat.UserUpdate{User: guest.ID, By: owner, Role: &member}, chat.Forbidden},
		{chat.UserUpdate{User: guest.ID, By: guest, Email: &text}, chat.Forbidden},
		{chat.UserUpdate{User: bot.ID, By: owner, Role: &member}, chat.Forbidden},
		{chat.UserUpdate{User: chat.UserID(ID()), By: owner, Disabled: &yes}, chat.NotFound},
		{chat.UserUpdate{User: "ann", By: owner, Disabled: &yes}, chat.NotFound},
		{chat.UserUpdate{User: ann.ID, By: Guest(), Disabled: &yes}, chat.Unauthenticated},
		{chat.UserUpdate{User: ann.ID, By: chat.Actor{}, Disabled: &yes}, chat.Unauthenticated},
	} {
		before, _ := s.User(ctx, c.up.User)
		wantQuiet(t, s, "update "+string(rune('a'+i)), c.code, func() error {
			_, err := s.UpdateUser(ctx, c.up)
			return err
		})
		after, _ := s.User(ctx, c.up.User)
		same(t, "the user", after, before)
	}
	if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: guest.ID, By: owner, At: now(), Disabled: &yes}); err != nil {
		t.Errorf("a guest cannot be barred: %v", err)
	}
}

func testLastOwner(t *testing.T, s chat.Store) {
	owner, other := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	set := func(by chat.Actor, who chat.UserID, role chat.Role, disabled bool) error {
		_, err := s.UpdateUser(ctx, chat.UserUpdate{User: who, By: by, At: now(), Role: &role, Disabled: &disabled})
		return err
	}
	for _, by := range []chat.Actor{owner, chat.Operator} {
		wantQuiet(t, s, "demoting the last owner", chat.Conflict, func() error { return set(by, owner.ID, chat.RoleModerator, false) })
		wantQuiet(t, s, "disabling the last owner", chat.Conflict, func() error { return set(by, owner.ID, chat.RoleOwner, true) })
	}
	// An owner who is disabled does not count.
	if err := set(owner, other.ID, chat.RoleOwner, true); err != nil {
		t.Fatal(err)
	}
	wantQuiet(t, s, "demoting the last owner", chat.Conflict, func() error { return set(owner, owner.ID, chat.RoleMember, false) })
	if err := set(owner, other.ID, chat.RoleOwner, false); err != nil {
		t.Fatal(err)
	}
	if err := set(owner, owner.ID, chat.RoleMember, false); err != nil {
		t.Errorf("with two owners: %v", err)
	}
	wantQuiet(t, s, "what only an owner may", chat.Forbidden, func() error { return set(owner, other.ID, chat.RoleMember, false) })
}

// Two people at once: both rights depend on what the other does.
func testLastOwnersAtOnce(t *testing.T, s chat.Store) {
	Member(t, s, chat.RoleOwner)
	first := must(t)(s.Users(ctx, "", 1))[0].Actor()
	member, owner, yes, no := chat.RoleMember, chat.RoleOwner, true, false
	a, b := first, Member(t, s, chat.RoleOwner)
	for round := range 20 {
		errs := atOnce(2, func(i int) error {
			up := chat.UserUpdate{User: b.ID, By: a, At: now(), Disabled: &yes}
			if i == 1 {
				up = chat.UserUpdate{User: a.ID, By: b, At: now(), Role: &member}
			}
			if round%2 == 1 { // each of themself
				up.By.ID = up.User
			}
			_, err := s.UpdateUser(ctx, up)
			return err
		})
		wantOne(t, errs, chat.Forbidden, chat.Conflict)
		owners := 0
		for _, who := range []chat.Actor{a, b} {
			if u := userNow(t, s, who.ID); u.Role == chat.RoleOwner && !u.Disabled {
				owners++
			}
			if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: who.ID, By: chat.Operator, At: now(), Role: &owner, Disabled: &no}); err != nil {
				t.Fatal(err)
			}
		}
		if owners != 1 {
			t.Fatalf("round %d left %d owners", round, owners)
		}
	}
}

func must(t *testing.T) func([]chat.User, error) []chat.User {
	return func(us []chat.User, err error) []chat.User {
		t.Helper()
		if err != nil || len(us) == 0 {
			t.Fatal(us, err)
		}
		return us
	}
}

func testFirstAccountsAtOnce(t *testing.T, s chat.Store) {
	if is, err := s.AnyMember(ctx); err != nil || is {
		t.Errorf("somebody is there: %v, %v", is, err)
	}
	// Half come by the set-up link, half where registration is open.
	errs := atOnce(20, func(i int) error {
		_, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), chat.Admission{First: i%2 == 0})
		return err
	})
	owners, members := 0, must(t)(s.Users(ctx, "", 100))
	for _, u := range members {
		if u.Role == chat.RoleOwner {
			owners++
		}
	}
	if owners != 1 {
		t.Errorf("%d owners", owners)
	}
	setups := 0
	for i, err := range errs {
		switch {
		case i%2 == 1 && err != nil:
			t.Errorf("an account is refused: %v", err)
		case i%2 == 0 && err == nil:
			setups++
		case i%2 == 0:
			WantCode(t, err, chat.Conflict)
		}
	}
	if setups > 1 || len(members) != 10+setups || len(audited(t, s)) != len(members) {
		t.Errorf("%d set-ups, %d members, %d entries", setups, len(members), len(audited(t, s)))
	}
	if is, err := s.AnyMember(ctx); err != nil || !is {
		t.Errorf("nobody is there: %v, %v", is, err)
	}
}

func testOneUseAtOnce(t *testing.T, s chat.Store) {
	i := invite(t, s, Member(t, s, chat.RoleOwner), 1, time.Hour)
	before := len(audited(t, s))
	wantOne(t, atOnce(20, func(int) error {
		_, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), chat.Admission{Invite: i.CodeHash, By: chat.ByInvite})
		return err
	}), chat.Forbidden)
	if users := must(t)(s.Users(ctx, "", 100)); len(users) != 2 {
		t.Errorf("%d people", len(users))
	}
	if got := audited(t, s); len(got) != before+1 {
		t.Errorf("the log is %v", got)
	}
}

func testRevokedWhileUsed(t *testing.T, s chat.Store) {
	owner := Member(t, s, chat.RoleOwner)
	for range 10 {
		i := invite(t, s, owner, 1, time.Hour)
		wantOne(t, atOnce(2, func(n int) error {
			if n == 0 {
				return s.RevokeInvite(ctx, owner, i.ID, now())
			}
			_, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), chat.Admission{Invite: i.CodeHash, By: chat.ByInvite})
			return err
		}), chat.Forbidden, chat.NotFound)
	}
}

func testDisabledWhileSigningIn(t *testing.T, s chat.Store) {
	owner := Member(t, s, chat.RoleOwner)
	yes := true
	for range 10 {
		ann := Member(t, s, chat.RoleMember)
		errs := atOnce(9, func(i int) error {
			if i == 4 {
				_, err := s.UpdateUser(ctx, chat.UserUpdate{User: ann.ID, By: owner, At: now(), Disabled: &yes})
				return err
			}
			_, err := s.CreateSession(ctx, chat.Session{ID: chat.SessionID(ID()), User: ann.ID, Created: now(), LastSeen: now()})
			return err
		})
		for i, err := range errs {
			if err != nil && (i == 4 || chat.CodeOf(err) != chat.Forbidden) {
				t.Errorf("no. %d: %v", i, err)
			}
		}
		if left, err := s.Sessions(ctx, ann.ID, time.Time{}); err != nil || len(left) > 0 {
			t.Errorf("%d sessions live on, %v", len(left), err)
		}
	}
}

// invite stores an invitation.
func invite(t *testing.T, s chat.Store, by chat.Actor, uses int, valid time.Duration) chat.Invite {
	t.Helper()
	i, err := s.CreateInvite(ctx, by, newInvite(uses, valid), chat.MaxInvites)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func newInvite(uses int, valid time.Duration) chat.Invite {
	sum := sha256.Sum256([]byte(ID()))
	i := chat.Invite{ID: chat.InviteID(ID()), CodeHash: sum[:], Created: now(), MaxUses: uses}
	if valid != 0 {
		i.Expires = i.Created.Add(valid)
	}
	return i
}

func testWorkspace(t *testing.T, s chat.Store) {
	owner, mod := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	want := chat.FirstWorkspace
	check := func() {
		t.Helper()
		got, err := s.Workspace(ctx)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the workspace", got, want)
	}
	check()
	next := chat.Workspace{Name: "Tea & \"Biscuits\" " + strings.Repeat("é", 40), Hue: 359}
	for _, by := range []struct {
		actor chat.Actor
		code  chat.Code
	}{{mod, chat.Forbidden}, {Guest(), chat.Unauthenticated}, {chat.Operator, chat.Unauthenticated}} {
		wantQuiet(t, s, "renaming", by.code, func() error { return s.SetWorkspace(ctx, by.actor, next, now()) })
	}
	check()
	wantQuiet(t, s, "the same again", "", func() error { return s.SetWorkspace(ctx, owner, want, now()) })
	at := now()
	if err := s.SetWorkspace(ctx, owner, next, at); err != nil {
		t.Fatal(err)
	}
	want = next
	check()
	es, err := s.Audit(ctx, 0, 1)
	if err != nil || len(es) != 1 || es[0].Action != chat.AuditWorkspaceChanged || es[0].Actor != owner.ID || es[0].Subject != "" ||
		es[0].SubjectName != next.Name || !es[0].At.Equal(at) || !strings.Contains(es[0].Data, `"was":{"hue":212,"name":"Parley"}`) {
		t.Errorf("the log says %+v, %v", es, err)
	}
}

package chat_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// join makes an account.
func (w *world) join(name string) chat.User {
	w.t.Helper()
	u, err := w.CreateUser(bg, chat.NewUser{Name: name, PasswordHash: "$" + name, Email: name + "@example.org"})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

var secret = []byte("0123456789abcdef0123456789abcdef")

// signIn opens a session with a cookie whose secret ends with no.
func (w *world) signIn(user chat.UserID, no int) (chat.Session, []byte) {
	w.t.Helper()
	key := fmt.Appendf(slices.Clone(secret), "%d", no)
	se, err := w.OpenSession(bg, user, "a browser", key)
	if err != nil {
		w.t.Fatal(err)
	}
	return se, key
}

// actions returns what the log has gained since it had n entries, oldest first.
func (w *world) actions(n int) []string {
	w.t.Helper()
	es, err := w.Audit(bg, w.ann, 0, 200)
	if err != nil {
		w.t.Fatal(err)
	}
	var actions []string
	for _, e := range es[:len(es)-n] {
		actions = append(actions, e.Action)
	}
	slices.Reverse(actions)
	return actions
}

// A disabled account: its sessions end at that moment and for ever, whoever watches is told, and what it held is worth
// nothing.
func TestAttack25DisabledAccount(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		one, _ := w.signIn(bob.ID, 1)
		two, key := w.signIn(bob.ID, 2)
		if _, err := w.SetRole(bg, w.ann, bob.ID, chat.RoleModerator); err != nil {
			t.Fatal(err)
		}
		_, code, err := w.CreateInvite(bg, bob.Actor(), chat.NewInvite{})
		if err != nil {
			t.Fatal(err)
		}
		w.ended, w.changed = nil, nil
		u, err := w.SetDisabled(bg, w.ann, bob.ID, true)
		if err != nil || !u.Disabled {
			t.Fatalf("%+v, %v", u, err)
		}
		slices.Sort(w.ended)
		want := []chat.SessionID{one.ID, two.ID}
		slices.Sort(want)
		if !slices.Equal(w.ended, want) || !slices.Equal(w.changed, []chat.UserID{bob.ID}) {
			t.Errorf("told of %v and %v", w.ended, w.changed)
		}
		refused := func(what string, err error, code chat.Code) {
			t.Helper()
			if chat.CodeOf(err) != code {
				t.Errorf("%s: %v; want %q", what, err, code)
			}
		}
		_, _, err = w.Session(bg, one.ID)
		refused("the token", err, chat.Unauthenticated)
		_, _, err = w.SessionBySecret(bg, key)
		refused("the cookie", err, chat.Unauthenticated)
		_, err = w.OpenSession(bg, bob.ID, "", nil)
		refused("signing in", err, chat.Forbidden)
		w.wantCode(w.postAs(bob.Actor(), "general", "hello", ""), chat.Forbidden)
		_, err = w.CreateUser(bg, chat.NewUser{Name: "bob again", Invite: code})
		refused("coming back by the own invitation", err, chat.Forbidden)
		_, _, err = w.CreateInvite(bg, bob.Actor(), chat.NewInvite{})
		refused("inviting", err, chat.Forbidden)
		display := "The Bob"
		_, err = w.UpdateProfile(bg, bob.ID, &display, nil)
		refused("the profile", err, chat.Forbidden)
		refused("the password", w.SetPassword(bg, bob.ID, "$new", nil), chat.Forbidden)

		if u, err = w.SetDisabled(bg, w.ann, bob.ID, false); err != nil || u.Disabled || len(w.changed) != 2 {
			t.Errorf("enabled again: %+v, %v, %v", u, err, w.changed)
		}
		_, _, err = w.Session(bg, one.ID) // what has ended does not come back
		refused("the token", err, chat.Unauthenticated)
		w.signIn(bob.ID, 3)
	})
}

// Who loses a right loses it at once, whatever the edge still believes.
func TestAttack36LostRights(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		if _, err := w.SetRole(bg, w.ann, bob.ID, chat.RoleOwner); err != nil {
			t.Fatal(err)
		}
		u, err := w.User(bg, bob.ID)
		if err != nil {
			t.Fatal(err)
		}
		stale := u.Actor() // an owner
		i, _, err := w.CreateInvite(bg, w.ann, chat.NewInvite{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.SetRole(bg, w.ann, bob.ID, chat.RoleMember); err != nil {
			t.Fatal(err)
		}
		before := len(w.actions(0))
		archive := chat.Wait(bg, func(done func(chat.Outcome)) { w.SetArchived(stale, "general", true, done) })
		_, role := w.SetRole(bg, stale, bob.ID, chat.RoleOwner)
		_, disable := w.SetDisabled(bg, stale, w.ann.ID, true)
		_, space := w.SetWorkspace(bg, stale, chat.Workspace{Name: "Bob's"})
		_, _, invite := w.CreateInvite(bg, stale, chat.NewInvite{})
		_, invites := w.Invites(bg, stale)
		_, audit := w.Audit(bg, stale, 0, 0)
		for what, err := range map[string]error{
			"archive": archive.Err, "role": role, "disable": disable, "workspace": space, "invite": invite, "invites": invites, "audit": audit,
			"revoke": w.RevokeInvite(bg, stale, i.ID), "password": w.SetPassword(bg, w.ann.ID, "$", &stale),
		} {
			if chat.CodeOf(err) != chat.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		if got := w.actions(before); len(got) != 0 {
			t.Errorf("the log gained %v", got)
		}
	})
}

func TestAttack38Invitations(t *testing.T) {
	inWorld(t, func(w *world) {
		come := func(name, code string) error {
			_, err := w.CreateUser(bg, chat.NewUser{Name: name, Invite: code})
			return err
		}
		invite := func(n chat.NewInvite) (chat.Invite, string) {
			t.Helper()
			i, code, err := w.CreateInvite(bg, w.ann, n)
			if err != nil || len(code) != 26 || i.CreatedByName != "ann" || strings.Contains(fmt.Sprintf("%s%x", i.CodeHash, i.CodeHash), code) {
				t.Fatalf("%+v, %q, %v", i, code, err)
			}
			return i, code
		}
		once, code := invite(chat.NewInvite{MaxUses: 1})
		if want := time.Now().UTC().Truncate(time.Millisecond).Add(chat.InviteTime); !once.Expires.Equal(want) {
			t.Errorf("it ends at %v; want %v", once.Expires, want)
		}
		if got, err := w.InviteByCode(bg, strings.ToUpper(code)); err != nil || got.ID != once.ID {
			t.Errorf("%+v, %v", got, err)
		}
		if err := come("bob", code); err != nil {
			t.Fatal(err)
		}
		gone := func(what, code string) {
			t.Helper()
			if err := come("carl", code); chat.CodeOf(err) != chat.Forbidden || !strings.Contains(err.Error(), "this invitation is not valid (any more)") {
				t.Errorf("%s: %v", what, err)
			}
			if _, err := w.InviteByCode(bg, code); chat.CodeOf(err) != chat.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		gone("used up", code)
		short, code := invite(chat.NewInvite{For: time.Hour})
		time.Sleep(time.Hour - time.Second)
		if _, err := w.InviteByCode(bg, code); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		gone("expired", code)
		if err := w.RevokeInvite(bg, w.ann, short.ID); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("revoking what has ended: %v", err)
		}
		revoked, code := invite(chat.NewInvite{})
		if err := w.RevokeInvite(bg, w.ann, chat.InviteID(strings.ToUpper(string(revoked.ID)))); err != nil {
			t.Fatal(err)
		}
		gone("revoked", code)
		_, code = invite(chat.NewInvite{})
		for _, other := range []string{code[1:], code + "a", " " + code[1:], strings.Repeat("a", 26), strings.Repeat("\x00", 26), strings.Repeat("x", 1<<20)} {
			gone(fmt.Sprintf("%.30q", other), other)
		}
		if list, err := w.Invites(bg, w.ann); err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		for _, n := range []chat.NewInvite{{For: -time.Second}, {For: time.Millisecond}, {For: chat.MaxInviteTime + time.Second}, {MaxUses: -1}, {MaxUses: chat.MaxInviteUses + 1}} {
			_, _, err := w.CreateInvite(bg, w.ann, n)
			chattest.WantCode(t, err, chat.Invalid)
		}
		u, err := w.UserByName(bg, "bob")
		if err != nil {
			t.Fatal(err)
		}
		bob := u.Actor()
		_, err = w.Invites(bg, bob)
		chattest.WantCode(t, err, chat.Forbidden)
		_, err = w.Invites(bg, chattest.Guest())
		chattest.WantCode(t, err, chat.Unauthenticated)
	})
}

func TestManyInvitations(t *testing.T) {
	inWorld(t, func(w *world) {
		var last chat.Invite
		for n := range chat.MaxInvites + 1 {
			i, _, err := w.CreateInvite(bg, w.ann, chat.NewInvite{MaxUses: 1})
			if n < chat.MaxInvites && err != nil || n == chat.MaxInvites && chat.CodeOf(err) != chat.TooLarge {
				t.Fatalf("no. %d: %v", n+1, err)
			}
			if err == nil {
				last = i
			}
		}
		if err := w.RevokeInvite(bg, w.ann, last.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.CreateInvite(bg, w.ann, chat.NewInvite{}); err != nil {
			t.Errorf("after one was revoked: %v", err)
		}
	})
}

// What people say about themselves and the workspace is bounded, named when it is refused, and plain text.
func TestAttack15LongAndOddTexts(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		big := strings.Repeat("😀", 1<<18)
		for what, text := range map[string]string{"1 MB": big, "two lines": "a\nb", "NUL": "a\x00", "not UTF-8": "a\xff", "turns the line": "a\u202eb", "blank": "\u200b\u3164"} {
			_, err := w.UpdateProfile(bg, bob.ID, &text, nil)
			wantRefused(t, what+" as display", err, "display")
			_, err = w.CreateUser(bg, chat.NewUser{Name: "carl", Display: text})
			wantRefused(t, what+" as display", err, "display")
			_, err = w.UpdateProfile(bg, bob.ID, nil, new(text+"@example.org"))
			wantRefused(t, what+" as e-mail", err, "email")
			_, err = w.SetWorkspace(bg, w.ann, chat.Workspace{Name: text})
			wantRefused(t, what+" as workspace", err, "name")
			guest := chattest.Guest()
			guest.Email = "x" + text
			wantRefused(t, what+" as a guest's e-mail", w.postAs(guest, "general", "hello", "").Err, "email")
		}
		if u, err := w.User(bg, bob.ID); err != nil || u.Display != "" || u.Email != "bob@example.org" || u.Rev != 0 {
			t.Errorf("%+v, %v", u, err)
		}
		se, err := w.OpenSession(bg, bob.ID, big+"\n", nil)
		if err != nil || len(se.UserAgent) > chat.MaxUserAgent {
			t.Errorf("%d bytes of user agent, %v", len(se.UserAgent), err)
		}
		_, err = w.OpenSession(bg, bob.ID, "", []byte("short"))
		chattest.WantCode(t, err, chat.Invalid)
	})
}

func wantRefused(t *testing.T, what string, err error, field string) {
	t.Helper()
	if code := chat.CodeOf(err); code != chat.Invalid && code != chat.TooLarge || !strings.Contains(err.Error(), field) {
		t.Errorf("%s: %v; want one that names %s", what, err, field)
	}
}

func TestWorkspace(t *testing.T) {
	inWorld(t, func(w *world) {
		for i, c := range []struct {
			w    chat.Workspace
			want string
			code chat.Code
		}{
			{chat.Workspace{Name: "  Tea Time "}, "Tea Time", ""},
			{chat.Workspace{Name: strings.Repeat("é", 64), Hue: 359}, strings.Repeat("é", 64), ""},
			{chat.Workspace{Name: strings.Repeat("é", 65)}, "", chat.TooLarge},
			{chat.Workspace{Name: " "}, "", chat.Invalid},
			{chat.Workspace{Name: "a", Hue: 360}, "", chat.Invalid},
			{chat.Workspace{Name: "a", Hue: -1}, "", chat.Invalid},
		} {
			before, err := w.Workspace(bg)
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.SetWorkspace(bg, w.ann, c.w)
			chattest.WantCode(t, err, c.code)
			after, _ := w.Workspace(bg)
			if c.code == "" && (got.Name != c.want || after != got) || c.code != "" && after != before {
				t.Errorf("case %d: %+v, then %+v", i, got, after)
			}
		}
	})
}

func TestProfileAndPassword(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		se, _ := w.signIn(bob.ID, 1)
		before := len(w.actions(0))
		text := func(s string) *string { return &s }
		u, err := w.UpdateProfile(bg, chat.UserID(strings.ToUpper(string(bob.ID))), text(" The Bob "), nil)
		if err != nil || u.Display != "The Bob" || u.Email != bob.Email {
			t.Errorf("%+v, %v", u, err)
		}
		u, err = w.UpdateProfile(bg, bob.ID, nil, text("  Bob@Example.NET "))
		if err != nil || u.Display != "The Bob" || u.Email != "Bob@Example.NET" {
			t.Errorf("%+v, %v", u, err)
		}
		if got, err := w.UserByEmail(bg, " bob@example.net "); err != nil || got.ID != bob.ID {
			t.Errorf("%+v, %v", got, err)
		}
		for _, email := range []string{"bob@example.org", "", "bob", "@", strings.Repeat("x", 1<<20)} {
			_, err := w.UserByEmail(bg, email)
			chattest.WantCode(t, err, chat.NotFound)
		}
		if err := w.UpgradeHash(bg, bob.ID, "$bob", "$stronger"); err != nil {
			t.Fatal(err)
		}
		if err := w.UpgradeHash(bg, bob.ID, "$bob", "$late"); err != nil {
			t.Fatal(err)
		}
		if len(w.ended) != 0 || len(w.changed) != 0 || len(w.actions(before)) != 0 {
			t.Errorf("told of %v and %v, the log gained %v", w.ended, w.changed, w.actions(before))
		}
		if err := w.SetPassword(bg, bob.ID, "$new", nil); err != nil || !slices.Equal(w.ended, []chat.SessionID{se.ID}) || len(w.actions(before)) != 0 {
			t.Errorf("%v, %v, %v", err, w.ended, w.actions(before))
		}
		by := chat.Operator
		if err := w.SetPassword(bg, bob.ID, "$newer", &by); err != nil {
			t.Fatal(err)
		}
		if got := w.actions(before); !slices.Equal(got, []string{chat.AuditPasswordSet}) || len(w.changed) != 0 {
			t.Errorf("the log gained %v; changed %v", got, w.changed)
		}
		if u, err := w.User(bg, bob.ID); err != nil || u.PasswordHash != "$newer" {
			t.Errorf("%+v, %v", u, err)
		}
		chattest.WantCode(t, w.SetPassword(bg, bob.ID, "", nil), chat.Invalid)
		chattest.WantCode(t, w.SetPassword(bg, "bob", "$", nil), chat.Invalid)
		chattest.WantCode(t, w.SetPassword(bg, chat.UserID(chattest.ID()), "$", &by), chat.NotFound)
	})
}

func TestRoles(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob")
		for i, c := range []struct {
			by   chat.Actor
			role chat.Role
			code chat.Code
		}{
			{bob.Actor(), chat.RoleOwner, chat.Forbidden},
			{w.ann, "king", chat.Invalid},
			{w.ann, chat.RoleGuest, chat.Invalid},
			{w.ann, "", chat.Invalid},
			{w.ann, chat.RoleMember, ""},
			{w.ann, chat.RoleModerator, ""},
			{chat.Operator, chat.RoleOwner, ""},
		} {
			w.changed = nil
			before, err := w.User(bg, bob.ID)
			if err != nil {
				t.Fatal(err)
			}
			u, err := w.SetRole(bg, c.by, bob.ID, c.role)
			changed := c.code == "" && c.role != before.Role
			if chat.CodeOf(err) != c.code || c.code == "" && u.Role != c.role || changed != (len(w.changed) == 1) {
				t.Errorf("case %d: %+v, %v, told of %v", i, u, err, w.changed)
			}
		}
	})
}

func TestSetUp(t *testing.T) {
	store := &counting{Store: chattest.NewStore()}
	s := chat.NewService(chat.Config{Store: store, Skeleton: strings.ToLower})
	defer func() { _ = s.Close(bg) }()
	for i, want := range []bool{false, false, true, true} {
		if i == 2 {
			u, err := s.CreateUser(bg, chat.NewUser{Name: "ann", First: true})
			if err != nil || u.Role != chat.RoleOwner {
				t.Fatalf("%+v, %v", u, err)
			}
			_, err = s.CreateUser(bg, chat.NewUser{Name: "eve", First: true})
			chattest.WantCode(t, err, chat.Conflict)
		}
		if is, err := s.SetUp(bg); err != nil || is != want {
			t.Errorf("%v, %v; want %v", is, err, want)
		}
	}
	if store.asked != 2 {
		t.Errorf("the store was asked %d times", store.asked)
	}
	es, err := s.Audit(bg, chat.Operator, 0, 0)
	if err != nil || len(es) != 1 || es[0].Data != `{"by":"setup"}` {
		t.Errorf("%+v, %v", es, err)
	}
}

type counting struct {
	*chattest.Store
	asked int
}

func (c *counting) AnyMember(ctx context.Context) (bool, error) {
	c.asked++
	return c.Store.AnyMember(ctx)
}

func TestAuditPages(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 60 {
			w.join(fmt.Sprintf("user%d", i))
		}
		for _, c := range []struct {
			before int64
			limit  int
			want   int
			code   chat.Code
		}{{0, 0, 50, ""}, {0, 200, 61, ""}, {12, 0, 11, ""}, {1, 5, 0, ""}, {-1, 0, 0, chat.Invalid}, {0, -1, 0, chat.Invalid}, {0, 201, 0, chat.Invalid}} {
			es, err := w.Audit(bg, w.ann, c.before, c.limit)
			if chat.CodeOf(err) != c.code || len(es) != c.want {
				t.Errorf("before %d by %d: %d entries, %v", c.before, c.limit, len(es), err)
			}
		}
	})
}

func TestArchivedRooms(t *testing.T) {
	inWorld(t, func(w *world) {
		bob := w.join("bob").Actor()
		if _, err := w.CreateRoom(bg, bob, chat.NewRoom{Name: "tea"}); err != nil {
			t.Fatal(err)
		}
		set := func(by chat.Actor, archived bool) chat.Outcome {
			return chat.Wait(bg, func(done func(chat.Outcome)) { w.SetArchived(by, "tea", archived, done) })
		}
		o := set(bob, true)
		if o.Err != nil || o.Event.Change.Kind != chat.ChangeArchived || o.Event.Change.Data != `{"archived":true}` {
			t.Fatalf("%+v", o)
		}
		chattest.WantCode(t, set(bob, true).Err, chat.Conflict)
		refused := w.postAs(bob, "tea", "hello", "")
		w.wantCode(refused, chat.Forbidden)
		if !strings.Contains(refused.Err.Error(), "this room is archived") {
			t.Error(refused.Err)
		}
		if st, err := w.RoomState(bg, bob, "tea"); err != nil || !st.Archived {
			t.Errorf("%+v, %v", st, err)
		}
		if _, err := w.Page(bg, bob, "tea", chat.PageQuery{}); err != nil {
			t.Errorf("it cannot be read: %v", err)
		}
		if o = set(w.ann, false); o.Err != nil || o.Event.Change.Kind != chat.ChangeUnarchived || o.Event.Change.Data != `{"archived":false}` {
			t.Errorf("%+v", o)
		}
		w.wantCode(w.postAs(bob, "tea", "hello", ""), "")
		if got := w.actions(2); !slices.Equal(got, []string{chat.AuditRoomArchived, chat.AuditRoomUnarchived}) {
			t.Errorf("the log gained %v", got)
		}
	})
}

package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

func user(kind chat.UserKind, role chat.Role) chat.User { return chattest.NewUser(kind, role) }

func TestMayArchive(t *testing.T) {
	of := func(role chat.Role, removed bool) *chat.Membership {
		return &chat.Membership{Role: role, Removed: removed}
	}
	disabled := user(chat.KindMember, chat.RoleOwner)
	disabled.Disabled = true
	for i, c := range []struct {
		kind    chat.RoomKind
		m       *chat.Membership
		by      chat.User
		allowed chat.Code
	}{
		{chat.RoomPublic, nil, user(chat.KindMember, chat.RoleOwner), ""},
		{chat.RoomPublic, nil, user(chat.KindMember, chat.RoleModerator), ""},
		{chat.RoomPublic, nil, user(chat.KindMember, chat.RoleMember), chat.Forbidden},
		{chat.RoomPublic, of(chat.RoleMember, false), user(chat.KindMember, chat.RoleMember), chat.Forbidden},
		{chat.RoomPublic, of(chat.RoleModerator, false), user(chat.KindMember, chat.RoleMember), chat.Forbidden},
		{chat.RoomPublic, of(chat.RoleOwner, false), user(chat.KindMember, chat.RoleMember), ""},
		{chat.RoomPublic, of(chat.RoleOwner, true), user(chat.KindMember, chat.RoleMember), chat.Forbidden},
		{chat.RoomPublic, of(chat.RoleGuest, false), user(chat.KindGuest, chat.RoleGuest), chat.Forbidden},
		{chat.RoomPublic, of(chat.RoleOwner, false), user(chat.KindGuest, chat.RoleGuest), chat.Forbidden},
		{chat.RoomPublic, nil, disabled, chat.Forbidden},
		{chat.RoomPrivate, nil, user(chat.KindMember, chat.RoleOwner), chat.NotFound}, // nobody manages what they may not know of
		{chat.RoomPrivate, of(chat.RoleOwner, false), user(chat.KindMember, chat.RoleMember), ""},
		{chat.RoomPrivate, of(chat.RoleOwner, true), user(chat.KindMember, chat.RoleMember), chat.NotFound},
	} {
		for _, archived := range []bool{false, true} {
			r := chattest.NewRoom(c.kind)
			r.Archived = archived
			if err := chat.MayArchive(r, c.m, c.by, !archived); chat.CodeOf(err) != c.allowed {
				t.Errorf("case %d, archived %v: %v; want %q", i, archived, err, c.allowed)
			}
			want := c.allowed
			if want == "" {
				want = chat.Conflict
			}
			if err := chat.MayArchive(r, c.m, c.by, archived); chat.CodeOf(err) != want {
				t.Errorf("case %d, archived %v already: %v; want %q", i, archived, err, want)
			}
		}
	}
}

func TestRightsOfTheWorkspace(t *testing.T) {
	for _, c := range []struct {
		by              chat.User
		governs, invite bool
	}{
		{user(chat.KindMember, chat.RoleOwner), true, true},
		{user(chat.KindMember, chat.RoleModerator), false, true},
		{user(chat.KindMember, chat.RoleMember), false, false},
		{user(chat.KindGuest, chat.RoleGuest), false, false},
		{chat.User{}, false, false},
		{chat.Operator.Row(), true, true},
	} {
		for _, disabled := range []bool{false, true} {
			c.by.Disabled = disabled
			if err := chat.MayGovern(c.by); (err == nil) != (c.governs && !disabled) || err != nil && chat.CodeOf(err) != chat.Forbidden {
				t.Errorf("MayGovern(%s, disabled %v) = %v", c.by.Role, disabled, err)
			}
			if err := chat.MayInvite(c.by); (err == nil) != (c.invite && !disabled) || err != nil && chat.CodeOf(err) != chat.Forbidden {
				t.Errorf("MayInvite(%s, disabled %v) = %v", c.by.Role, disabled, err)
			}
		}
	}
}

func TestUsable(t *testing.T) {
	now, maker := time.Now(), user(chat.KindMember, chat.RoleModerator)
	for i, c := range []struct {
		i    chat.Invite
		want bool
	}{
		{chat.Invite{}, true},
		{chat.Invite{Revoked: true}, false},
		{chat.Invite{Expires: now.Add(time.Millisecond)}, true},
		{chat.Invite{Expires: now}, false},
		{chat.Invite{MaxUses: 2, Uses: 1}, true},
		{chat.Invite{MaxUses: 2, Uses: 2}, false},
		{chat.Invite{Uses: 1 << 20}, true},
	} {
		if got := c.i.Usable(now, maker); got != c.want {
			t.Errorf("case %d: %v", i, got)
		}
		if c.i.Usable(now, user(chat.KindMember, chat.RoleMember)) {
			t.Errorf("case %d can be used though its maker may not invite", i)
		}
	}
}

// Operator is told by both of its marks: no id, and a kind that no row has.
func TestOperator(t *testing.T) {
	if !chat.Operator.IsOperator() {
		t.Error("the Operator is none")
	}
	for _, a := range []chat.Actor{{}, {Kind: chat.KindOperator, ID: "x"}, {Role: chat.RoleOwner}, chattest.Guest()} {
		if a.IsOperator() {
			t.Errorf("%+v is the Operator", a)
		}
	}
}

func TestEmail(t *testing.T) {
	for email, ok := range map[string]bool{
		"": true, "a@b": true, "Ünïcode@exämple.org": true, " a@b ": true, `"odd@name"@example.org`: true, "a+tag@b": true,
		strings.Repeat("x", 252) + "@b": true,
		"a":                             false, "@b": false, "a@": false, "a b@c": false, "a@b,c@d": false, "<a@b>": false, "a@b\r\nBcc: c@d": false, "a\x00@b": false,
		"a@\u202eb": false, "\xff@b": false, strings.Repeat("x", 253) + "@b": false, strings.Repeat("x", 1<<20) + "@b": false,
	} {
		if err := chat.CheckEmail(email); (err == nil) != ok || err != nil && chat.CodeOf(err) != chat.Invalid {
			t.Errorf("%.40q: %v", email, err)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"", "a@b", "A@B", "@", "ÄÖ@b", "a@b\n", "\xff@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<16 || chat.CheckEmail(s) != nil {
			return
		}
		folded := chat.FoldEmail(s)
		if err := chat.CheckEmail(folded); err != nil || chat.FoldEmail(folded) != folded || len(folded) != len(s) || !strings.EqualFold(folded, s) {
			t.Errorf("%q is folded to %q, %v", s, folded, err)
		}
	})
}

func FuzzInviteHash(f *testing.F) {
	for _, s := range []string{"", strings.Repeat("a", 26), strings.Repeat("7", 26), "ABCDEFGHIJKLMNOPQRSTUVWXYZ", strings.Repeat("ſ", 13), strings.Repeat("1", 26)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h := chat.InviteHash(s)
		if h == nil {
			return
		}
		if len(s) != 26 || len(h) != 32 || fmt.Sprint(chat.InviteHash(strings.ToUpper(s))) != fmt.Sprint(h) {
			t.Errorf("%q has the hash %x", s, h)
		}
		for _, r := range s {
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '2' <= r && r <= '7') {
				t.Errorf("%q has the hash %x", s, h)
			}
		}
	})
}

package sqlite_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// What every sign-in, registration and request asks must not take longer the more people there are.
func TestAccountsAreFoundByIndex(t *testing.T) {
	plans := sqlite.Plans(t, open(t, sqlite.Options{}))
	for name, index := range map[string]string{
		"by e-mail": "users_email (<expr>=?)", "by secret": "sessions_secret (secret_hash=?)", "any member": "users_member",
		"other owner": "users_owner", "by external id": "users_external (external_id=?)", "picture": "users_avatar (avatar=?)", "invitation": "sqlite_autoindex_invites_2 (code_hash=?)",
		"message": "messages_uid (room=? AND uid=?)", "thread": "messages_thread (room=? AND thread=? AND seq<?)", "room": "messages_top (room=? AND seq<?)",
		"followed threads": "thread_follows_newest (user=? AND place>? AND place<?)", "unread threads": "thread_follows_unread (user=?)", "saved": "saved_newest (user=? AND rowid<?)", "pins": "messages_pinned (room=?",
	} {
		if !strings.Contains(plans[name], index) {
			t.Errorf("%s: %s; want %s", name, plans[name], index)
		}
	}
}

// A database of the first schema keeps what is in it.
func TestMigrationKeepsAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	ann := chattest.Member(t, s, chat.RoleOwner)
	se := chat.Session{ID: chat.SessionID(chattest.ID()), User: ann.ID, Created: time.UnixMilli(1).UTC(), LastSeen: time.UnixMilli(2).UTC(), UserAgent: "a browser"}
	if _, err := s.CreateSession(ctx, se); err != nil {
		t.Fatal(err)
	}
	r := chattest.Room(t, s, ann.ID)
	chattest.Stored(t, s, chattest.Post(r.ID, ann, "hello"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sqlite.MigrateDown(t, raw(t, path), 1)

	s = open(t, sqlite.Options{Path: path})
	got, u, err := s.Session(ctx, se.ID)
	if err != nil || got.LastSeen != se.LastSeen || got.SecretHash != nil || u.ID != ann.ID || u.Role != chat.RoleOwner {
		t.Errorf("%+v, %+v, %v", got, u, err)
	}
	if u, err := s.UserByEmail(ctx, strings.ToUpper(u.Email)); err != nil || u.ID != ann.ID {
		t.Errorf("%+v, %v", u, err)
	}
	if w, err := s.Workspace(ctx); err != nil || w != chat.FirstWorkspace {
		t.Errorf("%+v, %v", w, err)
	}
	if is, err := s.AnyMember(ctx); err != nil || !is {
		t.Errorf("%v, %v", is, err)
	}
	chattest.Stored(t, s, chattest.Archive(r.ID, ann, true))
	if es, err := s.Audit(ctx, 0, 10); err != nil || len(es) != 1 {
		t.Errorf("%v, %v", es, err)
	}
}

// On a full disk an act and its entry in the log are both there or both not, and reading goes on.
func TestAccountsOnAFullDisk(t *testing.T) {
	s := open(t, sqlite.Options{Fatal: noFatal(t)})
	ctx := context.Background()
	owner := chattest.Member(t, s, chat.RoleOwner)
	room := chattest.Room(t, s, owner.ID)
	sqlite.SetWriterPragma(t, s, "max_page_count = 1") // which means: no more pages than there are
	done, full := 0, 0
	big := strings.Repeat("x", 2000)
	acts := []func() error{
		func() error {
			_, err := s.CreateInvite(ctx, owner, chat.Invite{ID: chat.InviteID(chattest.ID()), CodeHash: hashOf(chattest.ID()), Created: time.Now()}, chat.MaxInvites)
			return err
		},
		func() error {
			u := chattest.NewUser(chat.KindMember, chat.RoleMember)
			u.PasswordHash = big
			_, err := s.CreateUser(ctx, u, chat.Admission{By: chat.ByCommandLine})
			return err
		},
		func() error {
			return s.SetWorkspace(ctx, owner, chat.Workspace{Name: strings.Repeat("x", done%60+1), Hue: done % 360}, time.Now())
		},
		func() error {
			outcomes, err := s.Commit(ctx, []chat.Op{chattest.Archive(room.ID, owner, true), chattest.Archive(room.ID, owner, false)})
			if err != nil {
				return err
			}
			done++ // there were two
			return errors.Join(outcomes[0].Err, outcomes[1].Err)
		},
	}
	for n := 0; full < 2*len(acts); n++ {
		before, _ := s.Audit(ctx, 0, 1)
		switch err := acts[n%len(acts)](); {
		case err == nil:
			done++
		case chat.CodeOf(err) != chat.Overloaded || !strings.Contains(err.Error(), "the disk is full: nothing was stored"):
			t.Fatalf("act %d: %v", n, err)
		default:
			full++
			if after, err := s.Audit(ctx, 0, 1); err != nil || len(after) != len(before) || after[0] != before[0] {
				t.Fatalf("act %d was refused and is in the log: %+v, %v", n, after, err)
			}
		}
		if n > 10_000 {
			t.Fatal("the disk is never full")
		}
	}
	entries, err := s.Audit(ctx, 0, 1<<20)
	invites, invitesErr := s.Invites(ctx, time.Now())
	users, usersErr := s.Users(ctx, "", 1<<20)
	if err != nil || invitesErr != nil || usersErr != nil {
		t.Fatal(err, invitesErr, usersErr)
	}
	counts := map[string]int{}
	for _, e := range entries {
		counts[e.Action]++
	}
	if done == 0 || len(entries) != done+1 || counts[chat.AuditInviteCreated] != len(invites) || counts[chat.AuditUserCreated] != len(users) {
		t.Errorf("%d acts, %d invitations, %d people; the log has %v", done, len(invites), len(users), counts)
	}
	sqlite.SetWriterPragma(t, s, "max_page_count = 1000000")
	for i, act := range acts {
		if err := act(); err != nil {
			t.Errorf("act %d with room again: %v", i, err)
		}
	}
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

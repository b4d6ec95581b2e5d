package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/datadir"
	"github.com/parley-chat/parley/internal/names"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLocal(t *testing.T, withGuests bool) *Local {
	t.Helper()
	service := chat.NewService(chat.Config{Store: chattest.NewStore(), Skeleton: names.Skeleton, CleanName: names.Clean})
	t.Cleanup(func() {
		if err := service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	tokens, err := auth.NewTokens(make([]byte, 32), nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &Local{Chat: service, Passwords: auth.NewPasswords(auth.Params{Memory: 8, Time: 1, Threads: 1}), Tokens: tokens}
	if withGuests {
		l.Guests = auth.NewGuests(auth.Names{
			Clean: names.Clean, Skeleton: names.Skeleton, Taken: func(context.Context, string) (bool, error) { return false, nil },
		}, func() string { return chat.NewUUID(time.Now()) })
	}
	return l
}

func listen(t *testing.T, dir *datadir.Dir, c Commands) *Server {
	t.Helper()
	s, err := Listen(dir, c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

func openDir(t *testing.T) *datadir.Dir {
	t.Helper()
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	return dir
}

func dialIn(t *testing.T, dir *datadir.Dir) *Client {
	t.Helper()
	socket, err := datadir.SocketOf(dir.Path())
	if err != nil || socket == "" {
		t.Fatalf("socket %q, %v", socket, err)
	}
	c, err := Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Both ways of doing a command must be the same to whoever asks.
func TestCommands(t *testing.T) {
	for name, make := range map[string]func(*testing.T, *Local) Commands{
		"here": func(_ *testing.T, l *Local) Commands { return l },
		"through the socket": func(t *testing.T, l *Local) Commands {
			dir := openDir(t)
			listen(t, dir, l)
			return dialIn(t, dir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			local := newLocal(t, true)
			commands := make(t, local)
			testCommands(t, local, commands)
			testAccounts(t, local, commands)
		})
	}
}

func testCommands(t *testing.T, local *Local, c Commands) {
	ctx := t.Context()
	u, err := c.AddUser(ctx, NewUser{Name: "ann", Password: "correct horse"})
	if err != nil || u.Name != "ann" || u.Role != "owner" {
		t.Fatalf("got %+v, %v", u, err)
	}
	stored, err := local.Chat.UserByName(ctx, "ann")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := local.Passwords.Verify(ctx, stored.PasswordHash, "correct horse"); !ok || err != nil {
		t.Errorf("the password is not the one that was given: %v, %v", ok, err)
	}
	guest, leave, err := local.Guests.Enter(ctx, "gus")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for what, e := range map[string]struct {
		user NewUser
		want chat.Code
	}{
		"no password":    {NewUser{Name: "bob"}, chat.Invalid},
		"short password": {NewUser{Name: "bob", Password: "1234567"}, chat.Invalid},
		"long password":  {NewUser{Name: "bob", Password: strings.Repeat("x", 1025)}, chat.TooLarge},
		"taken name":     {NewUser{Name: "ANN", Password: "correct horse"}, chat.Conflict},
		"guest's name":   {NewUser{Name: guest.Name, Password: "correct horse"}, chat.Conflict},
		"bad name":       {NewUser{Name: "a,b", Password: "correct horse"}, chat.Invalid},
		"bad role":       {NewUser{Name: "bob", Password: "correct horse", Role: "king"}, chat.Invalid},
	} {
		if _, err := c.AddUser(ctx, e.user); chat.CodeOf(err) != e.want {
			t.Errorf("%s: got %v, want %s", what, err, e.want)
		}
	}
	token, err := c.Token(ctx, TokenRequest{Name: "Ann", TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	access, err := local.Tokens.ParseAccess(token.Token)
	if err != nil || string(access.User) != u.ID || !access.Expires.Equal(token.Expires) || time.Until(token.Expires) < 59*time.Minute {
		t.Errorf("got %+v for %+v, %v", access, token, err)
	}
	if _, _, err := local.Chat.Session(ctx, access.Session); err != nil {
		t.Errorf("the token's session: %v", err)
	}
	for what, e := range map[string]struct {
		req  TokenRequest
		want chat.Code
	}{
		"nobody":       {TokenRequest{Name: "nobody"}, chat.NotFound},
		"too long":     {TokenRequest{Name: "ann", TTL: auth.MaxTTL + time.Second}, chat.Invalid},
		"less than 0":  {TokenRequest{Name: "ann", TTL: -time.Second}, chat.Invalid},
		"a blink long": {TokenRequest{Name: "ann", TTL: time.Millisecond}, chat.Invalid},
	} {
		if _, err := c.Token(ctx, e.req); chat.CodeOf(err) != e.want {
			t.Errorf("%s: got %v, want %s", what, err, e.want)
		}
	}
}

// testAccounts goes on where ann is the one account, an owner with one session.
func testAccounts(t *testing.T, local *Local, c Commands) {
	ctx := t.Context()
	bob, err := c.AddUser(ctx, NewUser{Name: "bob", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	session, err := local.Chat.OpenSession(ctx, chat.UserID(bob.ID), "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := func(what string) {
		t.Helper()
		if _, _, err := local.Chat.Session(ctx, session.ID); chat.CodeOf(err) != chat.Unauthenticated {
			t.Errorf("%s: the session lives: %v", what, err)
		}
	}
	if u, err := c.SetPassword(ctx, PasswordRequest{"Bob", "another horse"}); err != nil || u != bob {
		t.Errorf("got %+v, %v", u, err)
	}
	ended("a new password")
	stored, err := local.Chat.UserByName(ctx, "bob")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := local.Passwords.Verify(ctx, stored.PasswordHash, "another horse"); !ok || err != nil {
		t.Errorf("the password is not the one that was given: %v, %v", ok, err)
	}
	if session, err = local.Chat.OpenSession(ctx, chat.UserID(bob.ID), "test", nil); err != nil {
		t.Fatal(err)
	}
	if u, err := c.SetDisabled(ctx, DisabledRequest{"bob", true}); err != nil || u != bob {
		t.Errorf("got %+v, %v", u, err)
	}
	ended("disabled")
	page, err := c.Users(ctx, ListRequest{})
	if err != nil || len(page.Users) != 2 || page.Next != "" {
		t.Fatalf("got %+v, %v", page, err)
	}
	if ann := page.Users[0]; ann.Name != "ann" || ann.Disabled || ann.Sessions != 1 || time.Since(ann.LastSeen) > time.Minute {
		t.Errorf("ann is %+v", ann)
	}
	if got := page.Users[1]; got != (UserStatus{User: bob, Disabled: true}) {
		t.Errorf("bob is %+v", got)
	}
	if _, err := c.SetDisabled(ctx, DisabledRequest{"bob", false}); err != nil {
		t.Error(err)
	}
	if _, err := local.Chat.OpenSession(ctx, chat.UserID(bob.ID), "test", nil); err != nil {
		t.Errorf("enabled again: %v", err)
	}
	set := func(name, password string) error {
		_, err := c.SetPassword(ctx, PasswordRequest{name, password})
		return err
	}
	disable := func(name string) error { _, err := c.SetDisabled(ctx, DisabledRequest{name, true}); return err }
	for what, e := range map[string]struct {
		err  error
		want chat.Code
	}{
		"a password of nobody": {set("nobody", "correct horse"), chat.NotFound},
		"a short password":     {set("bob", "1234567"), chat.Invalid},
		"a long password":      {set("bob", strings.Repeat("x", 1025)), chat.TooLarge},
		"disabling nobody":     {disable("nobody"), chat.NotFound},
		"the last owner":       {disable("ann"), chat.Conflict},
	} {
		if chat.CodeOf(e.err) != e.want {
			t.Errorf("%s: got %v, want %s", what, e.err, e.want)
		}
	}
	testManyAccounts(t, local, c)
}

// testManyAccounts lists more than fit into one page, with names that are as long as can be.
func testManyAccounts(t *testing.T, local *Local, c Commands) {
	const more = pageSize + 5
	for i := range more {
		name := fmt.Sprintf("%s%03d", strings.Repeat("\u5b57", 29), i)
		if _, err := local.Chat.CreateUser(t.Context(), chat.NewUser{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	pages := 0
	for after := ""; pages == 0 || after != ""; pages++ {
		page, err := c.Users(t.Context(), ListRequest{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			seen[u.Name] = true
		}
		after = page.Next
	}
	if len(seen) != more+2 || pages != 2 {
		t.Errorf("%d accounts on %d pages, want %d on 2", len(seen), pages, more+2)
	}
}

// What was set up by the command line needs no set-up link any more.
func TestTheFirstAccountEndsTheSetup(t *testing.T) {
	l := newLocal(t, false)
	l.Setup = auth.NewSetup(nil)
	if _, err := l.AddUser(t.Context(), NewUser{Name: "ann", Password: "short"}); err == nil || l.Setup.Code() == "" {
		t.Errorf("after a failure the code is %q: %v", l.Setup.Code(), err)
	}
	if _, err := l.AddUser(t.Context(), NewUser{Name: "ann", Password: "correct horse"}); err != nil || l.Setup.Code() != "" {
		t.Errorf("afterwards the code is %q: %v", l.Setup.Code(), err)
	}
}

func TestTheSocketIsForItsOwnerAlone(t *testing.T) {
	dir := openDir(t)
	s := listen(t, dir, newLocal(t, false))
	socket, err := datadir.SocketOf(dir.Path())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{socket: 0o600, filepath.Dir(socket): 0o700} {
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %o", path, st.Mode(), err, want)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
	if _, err := Dial(t.Context(), socket); err == nil {
		t.Error("somebody still listens")
	}
}

func TestWhatAKilledServerLeftIsCleanedUp(t *testing.T) {
	dir := openDir(t)
	old, err := datadir.MakeSocketDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.NoteSocket(old); err != nil {
		t.Fatal(err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: old, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	if _, err := Dial(t.Context(), old); err == nil {
		t.Error("reached a server that is dead")
	}
	listen(t, dir, newLocal(t, false))
	if _, err := os.Stat(filepath.Dir(old)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old socket's folder is still there: %v", err)
	}
	if _, err := dialIn(t, dir).AddUser(t.Context(), NewUser{Name: "ann", Password: "correct horse"}); err != nil {
		t.Error(err)
	}
}

func TestBadRequestsOnTheSocket(t *testing.T) {
	dir := openDir(t)
	listen(t, dir, newLocal(t, false))
	c := dialIn(t, dir)
	var out any
	if err := c.call(t.Context(), "/user", "not an object", &out); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("got %v", err)
	}
	if err := c.call(t.Context(), "/user", strings.Repeat("x", maxBody), &out); chat.CodeOf(err) != chat.Invalid {
		t.Errorf("too large: %v", err)
	}
	if err := c.call(t.Context(), "/nothing", struct{}{}, &out); chat.CodeOf(err) != chat.Internal {
		t.Errorf("an unknown command: %v", err)
	}
}

package parley_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

// A host may know people on sockets by any parameter of the query: none is in the log.
func TestTicketsInTheAddressAreNotLogged(t *testing.T) {
	e := embed(t, parley.Config{})
	for _, path := range []string{"/ws?ticket=s3cretA", "/ws/room/general?t=s3cretB", "/nothing?x=s3cretC", "/api/messages?room=general&token=s3cretD"} {
		if status, m := e.call("", "GET", path, ""); status != 401 && status != 404 {
			t.Errorf("%s: %d %v", path, status, m)
		}
	}
	if log := e.log.String(); strings.Contains(log, "s3cret") || !strings.Contains(log, "room=general") {
		t.Errorf("the log:\n%s", log)
	}
}

// What is asked after the end is refused; nothing panics or hangs.
func TestAHostThatGoesOnAfterTheEnd(t *testing.T) {
	e := embed(t, parley.Config{})
	key := e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	c := e.dial(key, "/ws")
	until(t, c, "welcome")
	shutdown(t, e.Server)
	closed(t, c, 1001)
	for _, path := range []string{"/api/me", "/ws", "/api/messages?room=general"} {
		if status, m := e.call(key, "GET", path, ""); status != 503 && status != 500 {
			t.Errorf("%s: %d %v", path, status, m)
		}
	}
	if err := e.Revoke(t.Context(), key); err == nil {
		t.Error("revoked, though nothing can be stored")
	}
}

// An end so far away that no timestamp has it is no end.
func TestASessionWithoutMuchOfAnEnd(t *testing.T) {
	e := embed(t, parley.Config{})
	key := e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann", Expires: time.Unix(1<<60, 0)})
	if status, m := e.call(key, "POST", "/api/auth/refresh", ""); status != 200 {
		t.Errorf("%d %v", status, m)
	}
	c := e.dial(key, "/ws/room/general")
	if m := until(t, c, "welcome"); m["expires_at"] != nil {
		t.Errorf("got %v", m["expires_at"])
	}
	until(t, c, "subscribed")
}

// What a host that is asked for each request costs: no write, once somebody is known, whatever it calls them.
func TestARequestOfTheHostsWritesNothing(t *testing.T) {
	dir := t.TempDir()
	e := embed(t, parley.Config{DataDir: dir})
	written := func() string {
		var all strings.Builder
		files, err := filepath.Glob(filepath.Join(dir, "*.db*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "-shm") {
				fmt.Fprintf(&all, "%s %x\n", file, sha256.Sum256(b))
			}
		}
		return all.String()
	}
	for _, id := range []parley.Identity{
		{ID: "7", Name: "ann", Avatar: "/a.png", Role: parley.RoleOwner},
		{ID: "8", Name: "ann"}, {ID: "9", Name: "a\x00b, \u202ec", Display: "\u200b", Avatar: "//x"}, {ID: "10", Name: "\xff\xfe"}, {ID: "11"},
		{ID: "12", Name: strings.Repeat("é", 300), Display: strings.Repeat("x", 65)}, {ID: "13", Name: " \u0430nn ", Display: " Ann "},
	} {
		empty := written()
		key := e.site.signIn("key of "+id.ID, id)
		if status, m := e.call(key, "GET", "/api/me", ""); status != 200 {
			t.Fatalf("%+v: %d %v", id, status, m)
		}
		before := written()
		if before == empty {
			t.Fatal("the first request is not seen to write")
		}
		e.call(key, "GET", "/api/me", "")
		if written() != before {
			t.Errorf("%+v: the second request writes", id)
		}
	}
}

// A program comes in by a header that the site reads. What it holds is the site's, not a token of ours.
func TestAProgramInsideASite(t *testing.T) {
	e := embed(t, parley.Config{Path: "/chat/"})
	key := e.site.signIn("Bearer of-a-program", parley.Identity{ID: "7", Name: "bot", Expires: time.Now().Add(time.Hour)})
	c, err := goclient.Connect(t.Context(), e.base, goclient.Options{TokenFunc: func(context.Context) (string, error) {
		return "of-a-program", nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sub, err := c.Subscribe(t.Context(), "general", goclient.Position{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), "general", "hello"); err != nil {
		t.Fatal(err)
	}
	if event, err := sub.Next(t.Context()); err != nil || event.(*goclient.Message).User != "bot" {
		t.Errorf("%+v, %v", event, err)
	}
	if page, err := c.History(t.Context(), "general", 0, 0); err != nil || len(page.Messages) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
	e.site.signIn(key, parley.Identity{ID: "7", Name: "robot", Role: parley.RoleModerator}) // its socket closes with 4001
	if status, m := e.call("x", "GET", "/api/me", ""); status != 401 {
		t.Errorf("%d %v", status, m)
	}
	if page, err := c.History(t.Context(), "general", 0, 0); err != nil || len(page.Messages) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
	if ack, err := c.Send(t.Context(), "general", "and again"); err != nil || ack.Seq != 2 {
		t.Errorf("%+v, %v", ack, err)
	}
	if err := e.Revoke(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = sub.Next(t.Context())
	}
	if !errors.Is(err, goclient.ErrSignedOut) {
		t.Errorf("after its end: %v", err)
	}
}

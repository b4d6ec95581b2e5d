package goclient_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

// A visit that is longer than its token goes on, over the same connection: the server takes one fresh token after the
// other, of which each is asked for with the last.
func TestATokenIsRenewedDuringAVisit(t *testing.T) {
	s := start(t, parley.Config{})
	log := make(logLines, 100)
	var times atomic.Int32
	ann := connect(t, s.base, goclient.WithRenewal(goclient.Options{Token: s.token("ann", time.Hour), Logger: log.logger()}, func(life time.Duration) time.Duration {
		if times.Add(1) > 3 {
			return life
		}
		return 0
	}))
	sub := subscribe(t, ann, "general", goclient.Position{})
	for range 3 {
		select {
		case line := <-log:
			if !strings.Contains(line, "taken a fresh token") {
				t.Fatalf("the visit was interrupted: %s", line)
			}
		case <-time.After(patience):
			t.Fatal("the token was not renewed")
		}
	}
	say(t, ann, "general", "still here")
	if m := hear(t, sub); m.Content != "still here" {
		t.Errorf("heard %q", m.Content)
	}
	if len(log) > 0 {
		t.Errorf("the visit was interrupted: %s", <-log)
	}
}

// TokenFunc is asked again when the first token has ended before it was used.
func TestTokenFuncIsAskedAgain(t *testing.T) {
	s := start(t, parley.Config{})
	var asked atomic.Int32
	good := s.token("ann", time.Hour)
	ann := connect(t, s.base, goclient.Options{TokenFunc: func(context.Context) (string, error) {
		if asked.Add(1) == 1 {
			return "nonsense", nil
		}
		return good, nil
	}})
	say(t, ann, "general", "hello")
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestSigningOutEndsEverything(t *testing.T) {
	s := start(t, parley.Config{})
	for what, signOut := range map[string]func(*goclient.Client) error{
		"by itself": func(c *goclient.Client) error { return c.SignOut(soon(t)) },
		"elsewhere": func(*goclient.Client) error {
			s.admin(func(ctx context.Context, a *parley.Admin) error {
				_, err := a.SetPassword(ctx, "bob", "another horse")
				return err
			})
			return nil
		},
	} {
		bob := s.connectAs("bob")
		sub := subscribe(t, bob, "general", goclient.Position{})
		waiting := make(chan error, 1)
		go func() {
			_, err := sub.Next(soon(t))
			waiting <- err
		}()
		if err := signOut(bob); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := <-waiting; !errors.Is(err, goclient.ErrSignedOut) {
			t.Errorf("%s: Next returned %v", what, err)
		}
		if _, err := bob.Send(soon(t), "general", "x"); !errors.Is(err, goclient.ErrSignedOut) {
			t.Errorf("%s: Send returned %v", what, err)
		}
		if _, err := bob.Subscribe(soon(t), "random", goclient.Position{}); !errors.Is(err, goclient.ErrSignedOut) {
			t.Errorf("%s: Subscribe returned %v", what, err)
		}
		if _, err := bob.History(soon(t), "general", 0, 0); !errors.Is(err, goclient.ErrSignedOut) {
			t.Errorf("%s: History returned %v", what, err)
		}
	}
}

func TestCloseEndsEveryWait(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	sub := subscribe(t, ann, "general", goclient.Position{})
	waiting := make(chan error, 1)
	go func() {
		for _, err := range sub.Events(soon(t)) {
			waiting <- err
		}
	}()
	ann.Close()
	ann.Close()
	if err := <-waiting; !errors.Is(err, goclient.ErrClosed) {
		t.Errorf("Next returned %v", err)
	}
	if _, err := ann.Send(soon(t), "general", "x"); !errors.Is(err, goclient.ErrClosed) {
		t.Errorf("Send returned %v", err)
	}
	if _, err := ann.Subscribe(soon(t), "random", goclient.Position{}); !errors.Is(err, goclient.ErrClosed) {
		t.Errorf("Subscribe returned %v", err)
	}
	if _, err := ann.History(soon(t), "general", 0, 0); !errors.Is(err, goclient.ErrClosed) {
		t.Errorf("History returned %v", err)
	}
}

// A context that has ended before the call begins ends it, and nothing else.
func TestAContextThatHasEnded(t *testing.T) {
	s := start(t, parley.Config{})
	ann := s.connectAs("ann")
	sub := subscribe(t, ann, "general", goclient.Position{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := goclient.Connect(ended, s.base, goclient.Options{Token: s.token("ann", time.Hour)}); !errors.Is(err, context.Canceled) {
		t.Errorf("Connect returned %v", err)
	}
	_, err := ann.Send(ended, "general", "never said")
	if unknown := (*goclient.UnknownOutcomeError)(nil); !errors.Is(err, context.Canceled) || errors.As(err, &unknown) {
		t.Errorf("Send returned %v", err)
	}
	if _, err := ann.Subscribe(ended, "random", goclient.Position{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Subscribe returned %v", err)
	}
	if _, err := sub.Next(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Next returned %v", err)
	}
	if _, err := ann.History(ended, "general", 0, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("History returned %v", err)
	}
	say(t, ann, "general", "said")
	if m := hear(t, sub); m.Content != "said" {
		t.Errorf("heard %q", m.Content)
	}
	subscribe(t, ann, "random", goclient.Position{})
}

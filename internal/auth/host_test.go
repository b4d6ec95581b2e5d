package auth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/names"
)

// hostWorld is a Host over a service, and what the host server answers.
type hostWorld struct {
	*auth.Host
	chat  *chat.Service
	tok   *auth.Tokens
	says  auth.HostIdentity
	err   error
	check func(key string) (auth.HostIdentity, error)
	log   bytes.Buffer
}

func newHostWorld(t *testing.T, checks bool) *hostWorld {
	t.Helper()
	w := &hostWorld{says: auth.HostIdentity{External: chat.External{ID: "7", Name: "ann"}, Key: "key-of-ann"}}
	w.chat = chat.NewService(chat.Config{Store: chattest.NewStore(), Skeleton: names.Skeleton, CleanName: names.Clean})
	t.Cleanup(func() {
		if err := w.chat.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	var err error
	if w.tok, err = auth.NewTokens(bytes.Repeat([]byte{7}, 32), nil); err != nil {
		t.Fatal(err)
	}
	cfg := auth.HostConfig{
		Chat: w.chat, Tokens: w.tok, Secret: bytes.Repeat([]byte{8}, 32), Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
		Ask: func(*http.Request) (auth.HostIdentity, error) { return w.says, w.err },
	}
	if checks {
		cfg.Check = func(_ context.Context, key string) (auth.HostIdentity, error) { return w.check(key) }
	}
	w.Host = auth.NewHost(cfg)
	return w
}

func (w *hostWorld) request() (auth.Identity, error) {
	return w.Request(httptest.NewRequest("GET", "/api/me", nil))
}

// What the look every so often does with each answer of the host.
func TestHostIsAskedAgain(t *testing.T) {
	ann := auth.HostIdentity{External: chat.External{ID: "7", Name: "ann"}}
	for name, c := range map[string]struct {
		says  auth.HostIdentity
		err   error
		code  chat.Code // of what comes of it
		lives bool      // the session, afterwards
	}{
		"the same":            {says: ann, lives: true},
		"another name":        {says: auth.HostIdentity{External: chat.External{ID: "7", Name: "anna"}}, lives: true},
		"signed out":          {err: fmt.Errorf("wrapped: %w", auth.ErrStranger), code: chat.Unauthenticated},
		"somebody else":       {says: auth.HostIdentity{External: chat.External{ID: "8", Name: "bob"}}, code: chat.Unauthenticated},
		"another session":     {says: auth.HostIdentity{External: ann.External, Key: "another"}, code: chat.Unauthenticated},
		"no answer":           {err: errors.New("the database is down"), code: chat.Overloaded, lives: true},
		"nothing that can be": {says: auth.HostIdentity{External: chat.External{ID: "7", Role: "king"}}, code: chat.Overloaded, lives: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newHostWorld(t, true)
			who, err := w.request()
			if err != nil {
				t.Fatal(err)
			}
			w.check = func(key string) (auth.HostIdentity, error) {
				if key != "key-of-ann" {
					t.Errorf("asked for %q", key)
				}
				return c.says, c.err
			}
			if err := who.Alive(t.Context()); chat.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
			_, user, err := w.chat.Session(t.Context(), who.Session)
			if (err == nil) != c.lives {
				t.Errorf("the session: %v; lives: want %v", err, c.lives)
			}
			if err == nil && c.code == "" && user.Name != c.says.Name {
				t.Errorf("the name is %q", user.Name)
			}
			if _, err := w.request(); (err == nil) != c.lives {
				t.Errorf("the next request: %v; lets in: want %v", err, c.lives)
			}
		})
	}
	w := newHostWorld(t, false)
	who, err := w.request()
	if err != nil {
		t.Fatal(err)
	}
	if err := who.Alive(t.Context()); err != nil {
		t.Errorf("a host that is not asked again: %v", err)
	}
}

// A token of a host's session does not outlive it, and is nobody's once it has ended.
func TestTokensOfAHost(t *testing.T) {
	w := newHostWorld(t, false)
	w.says.Expires = time.Now().Add(time.Minute)
	who, err := w.Refresher(httptest.NewRequest("POST", "/api/auth/refresh", nil))
	if err != nil {
		t.Fatal(err)
	}
	in, err := auth.NewAccounts(auth.AccountsConfig{Chat: w.chat, Tokens: w.tok, TokenTTL: time.Hour}).Refresh(t.Context(), who)
	if err != nil || in.Expires.After(w.says.Expires) || in.Cookie != "" {
		t.Fatalf("%+v, %v; the host's session ends at %s", in, err, w.says.Expires)
	}
	if got, err := w.Token(t.Context(), in.Token); err != nil || got.Session != who.Session || got.Expires.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
	bob, err := w.chat.CreateUser(t.Context(), chat.NewUser{Name: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	se, err := w.chat.OpenSession(t.Context(), bob.ID, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	own, _, err := w.tok.Access(bob.ID, se.ID, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"", "x", own} { // the last is an account's of our own, from before there was a host
		if _, err := w.Token(t.Context(), raw); chat.CodeOf(err) != chat.Unauthenticated {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if err := w.Revoke(t.Context(), w.says.Key); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Token(t.Context(), in.Token); chat.CodeOf(err) != chat.Unauthenticated {
		t.Errorf("after its end: %v", err)
	}
}

// What a request brought to prove who it is does not reach the log, whatever the host writes into its errors.
func TestNothingOfTheHostsIsLogged(t *testing.T) {
	w := newHostWorld(t, false)
	const secret = "s3cret-of-the-host"
	w.err = errors.New("no row for " + secret + " and Basic " + secret)
	for _, header := range []string{"Cookie", "Authorization"} {
		r := httptest.NewRequest("GET", "/ws?token="+secret, nil)
		r.Header.Set(header, map[string]string{"Cookie": "a=b; site=" + secret, "Authorization": "Basic " + secret}[header])
		if _, err := w.Upgrade(r); chat.CodeOf(err) != chat.Overloaded || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v", err)
		}
	}
	w.err, w.says.Key = nil, ""
	if _, err := w.request(); chat.CodeOf(err) != chat.Overloaded {
		t.Errorf("without a key: %v", err)
	}
	if log := w.log.String(); strings.Contains(log, secret) || !strings.Contains(log, "no row for [redacted]") || !strings.Contains(log, "no session key") {
		t.Errorf("the log:\n%s", log)
	}
}

// Nor in other spellings, nor what is asked about every so often.
func TestNothingOfTheHostsIsLoggedInAnotherSpelling(t *testing.T) {
	w := newHostWorld(t, true)
	for name, c := range map[string]struct {
		header, value, query, says string
	}{
		"percent-encoded":           {"Cookie", "sid=s%3AsecretA.sig%2BB", "", `no session "s:secretA.sig+B"`},
		"quoted":                    {"Cookie", `sid=secretA\sigB`, "", `no session "secretA\\sigB"`},
		"malformed":                 {"Cookie", "s id=secretA\x7fsigB", "", "no session secretA\x7fsigB"},
		"beginning with another":    {"Cookie", "a=secr; b=secretA", "", "no session secretA"},
		"a password":                {"Authorization", "Basic YW5uOnNlY3JldEE=", "", "wrong password secretA"},
		"another scheme":            {"Authorization", "Site  secretA", "", "no session secretA"},
		"a parameter of the host's": {"X-A", "b", "?ticket=secretA", "no ticket secretA"},
	} {
		r := httptest.NewRequest("GET", "/ws"+c.query, nil)
		r.Header[c.header] = []string{c.value}
		w.err = errors.New(c.says)
		if _, err := w.Request(r); chat.CodeOf(err) != chat.Overloaded {
			t.Errorf("%s: %v", name, err)
		}
		if log := w.log.String(); strings.Contains(log, "etA") || strings.Contains(log, "sig") || !strings.Contains(log, "[redacted]") {
			t.Errorf("%s: the log:\n%s", name, log)
		}
		w.log.Reset()
	}
	w.err = nil
	who, err := w.request()
	if err != nil {
		t.Fatal(err)
	}
	for what, check := range map[string]func(string) (auth.HostIdentity, error){
		"an error": func(key string) (auth.HostIdentity, error) { return auth.HostIdentity{}, errors.New("GET " + key) },
		"a panic":  func(key string) (auth.HostIdentity, error) { panic("GET " + key) },
	} {
		w.check = check
		if err := who.Alive(t.Context()); chat.CodeOf(err) != chat.Overloaded {
			t.Errorf("%s: %v", what, err)
		}
		if log := w.log.String(); strings.Contains(log, w.says.Key) || !strings.Contains(log, "GET [redacted]") {
			t.Errorf("%s: the log:\n%s", what, log)
		}
		w.log.Reset()
	}
}

// A host that hangs where it is asked about sessions holds nobody up, and is not asked more while it does.
func TestAHostThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newHostWorld(t, true)
		who, err := w.request()
		if err != nil {
			t.Fatal(err)
		}
		var calls atomic.Int32
		goOn := make(chan struct{})
		w.check = func(key string) (auth.HostIdentity, error) {
			calls.Add(1)
			<-goOn
			return w.says, nil
		}
		for range 3 {
			if err := who.Alive(t.Context()); chat.CodeOf(err) != chat.Overloaded {
				t.Errorf("got %v", err)
			}
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("asked %d times while it hung", n)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if err := who.Alive(stopped); err == nil {
			t.Error("alive, though nobody has said so")
		}
		close(goOn)
		synctest.Wait()
		if err := who.Alive(t.Context()); err != nil || calls.Load() != 2 {
			t.Errorf("afterwards: %v", err)
		}
	})
}

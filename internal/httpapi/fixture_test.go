package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/avatar"
	"github.com/parley-chat/parley/internal/blob"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/names"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lockedBuffer takes log lines from several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// present is a Presence that a test sets.
type present map[chat.RoomID]int

func (p present) OnlineCount(room chat.RoomID) int { return p[room] }

// State finds everybody online whose id it knows as a room's.
func (p present) State(user chat.UserID) string {
	if p[chat.RoomID(user)] > 0 {
		return "online"
	}
	return "offline"
}

type fixture struct {
	t       *testing.T
	chat    *chat.Service
	tokens  *auth.Tokens
	setup   *auth.Setup
	guests  *auth.Guests
	log     *lockedBuffer
	online  present
	handler *Handler
	ann     string // a token of the member ann, who is the owner
	annUser chat.User
}

// newFixture serves a real service on a store in memory, where ann has an account. change may alter the Config, or be
// nil; accounts may alter what its Accounts are made of.
func newFixture(t *testing.T, change func(*Config), accounts ...func(*auth.AccountsConfig)) *fixture {
	t.Helper()
	f := emptyFixture(t, change, accounts...)
	f.annUser, f.ann = f.join("ann")
	return f
}

// emptyFixture is newFixture where nobody has an account.
func emptyFixture(t *testing.T, change func(*Config), accounts ...func(*auth.AccountsConfig)) *fixture {
	t.Helper()
	f := &fixture{t: t, log: &lockedBuffer{}, online: present{}, setup: auth.NewSetup(nil)}
	log := slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.chat = chat.NewService(chat.Config{Store: chattest.NewStore(), Skeleton: names.Skeleton, CleanName: names.Clean, Logger: log})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.chat.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := f.chat.EnsureRooms(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	if f.tokens, err = auth.NewTokens(bytes.Repeat([]byte{7}, 32), nil); err != nil {
		t.Fatal(err)
	}
	f.guests = auth.NewGuests(auth.Names{Clean: names.Clean, Skeleton: names.Skeleton, Taken: func(ctx context.Context, name string) (bool, error) {
		_, err := f.chat.UserByName(ctx, name)
		return err == nil, nil
	}}, uuid.NewString)
	people := auth.AccountsConfig{
		Chat: f.chat, Tokens: f.tokens, Passwords: auth.NewPasswords(auth.Params{Memory: 64, Time: 1, Threads: 1}), Guests: f.guests, Setup: f.setup,
	}
	for _, alter := range accounts {
		alter(&people)
	}
	files, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pictures := avatar.New(avatar.Config{People: f.chat, Files: files, Logger: log})
	t.Cleanup(pictures.Close)
	cfg := Config{
		Chat: f.chat, Accounts: auth.NewAccounts(people), Setup: f.setup, Presence: f.online, Pictures: pictures, Logger: log, Metrics: prometheus.NewRegistry(), Version: "test",
		Auth: auth.NewAuthenticator(auth.AuthenticatorConfig{Tokens: f.tokens, Sessions: f.chat, Guests: people.Guests}),
	}
	if change != nil {
		change(&cfg)
	}
	if f.handler, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return f
}

// join makes a member and a token of theirs.
func (f *fixture) join(name string) (chat.User, string) {
	f.t.Helper()
	u, err := f.chat.CreateUser(f.t.Context(), chat.NewUser{Name: name, Email: name + "@example.org", PasswordHash: "$argon2id$secret-hash"})
	if err != nil {
		f.t.Fatal(err)
	}
	return u, f.token(u.ID)
}

func (f *fixture) serve(r *http.Request) *httptest.ResponseRecorder {
	f.t.Helper()
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

// as sends a request with a token and, if body is not "", JSON.
func (f *fixture) as(token, method, target, body string, header ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return f.serve(r)
}

// object reads an answer of the expected status.
func object(t *testing.T, w *httptest.ResponseRecorder, status int) map[string]any {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return m
}

// refused reads an error and checks that it has its form.
func refused(t *testing.T, w *httptest.ResponseRecorder, status int, code chat.Code) map[string]any {
	t.Helper()
	m := object(t, w, status)
	if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %q", ct)
	}
	id := w.Header().Get("X-Request-Id")
	if m["type"] != "about:blank" || m["status"] != float64(status) || m["code"] != string(code) || m["title"] != http.StatusText(status) ||
		m["detail"] == nil || m["detail"] == "" || m["request_id"] != id || id == "" {
		t.Errorf("want code %s and request id %s in %v", code, id, m)
	}
	return m
}

package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// browser keeps cookies and says of each request that the server's own page made it.
type browser struct {
	f       *fixture
	base    string // such as https://example.com
	cookies map[string]*http.Cookie
}

func (f *fixture) browser(base string) *browser {
	return &browser{f: f, base: base, cookies: map[string]*http.Cookie{}}
}

func (b *browser) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	b.f.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, b.base+path, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", b.base)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := b.f.serve(r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return w
}

// account makes a member with a password, a role and an address of their own, and a token of theirs.
func (f *fixture) account(name, password string, role chat.Role) (chat.User, string) {
	f.t.Helper()
	hash, err := auth.NewPasswords(auth.Params{Memory: 64, Time: 1, Threads: 1}).Hash(f.t.Context(), password)
	if err != nil {
		f.t.Fatal(err)
	}
	u, err := f.chat.CreateUser(f.t.Context(), chat.NewUser{Name: name, Email: name + "@example.org", PasswordHash: hash, Role: role})
	if err != nil {
		f.t.Fatal(err)
	}
	return u, f.token(u.ID)
}

// token signs somebody in.
func (f *fixture) token(user chat.UserID) string {
	f.t.Helper()
	s, err := f.chat.OpenSession(f.t.Context(), user, "test", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	raw, _, err := f.tokens.Access(user, s.ID, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	return raw
}

// guest comes in without an account.
func (f *fixture) guest(name string) string {
	f.t.Helper()
	return object(f.t, f.as("", "POST", "/api/auth/guest", `{"name":"`+name+`","email":"`+name+`@example.org"}`), 201)["access_token"].(string)
}

// invite makes an invitation as ann and returns its code.
func (f *fixture) invite(body string) string {
	f.t.Helper()
	return object(f.t, f.as(f.ann, "POST", "/api/invites", body), 201)["code"].(string)
}

package httpapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

func TestMyProfile(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.account("bob", "battery staple", "")
	me := object(t, f.as(bob, "PUT", "/api/me", `{"display":" Bob B. ","email":"b@example.net"}`), 200)
	if me["display"] != "Bob B." || me["email"] != "b@example.net" || me["name"] != "bob" || me["role"] != "member" || me["expires_at"] == nil {
		t.Errorf("got %v", me)
	}
	if diff := cmp.Diff(me, object(t, f.as(bob, "PUT", "/api/me", `{}`), 200)); diff != "" {
		t.Errorf("nothing was to change: %s", diff)
	}
	me = object(t, f.as(bob, "PUT", "/api/me", `{"email":"","name":"eve","role":"owner"}`), 200)
	if me["display"] != "Bob B." || me["email"] != nil || me["name"] != "bob" || me["role"] != "member" {
		t.Errorf("got %v", me)
	}
	if diff := cmp.Diff(me, object(t, f.as(bob, "GET", "/api/me", ""), 200)); diff != "" {
		t.Error(diff)
	}
}

func TestMyPassword(t *testing.T) {
	f := newFixture(t, nil)
	f.account("bob", "battery staple", "")
	b, other := f.browser("https://example.com"), f.browser("https://example.com")
	token := object(t, b.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)["access_token"].(string)
	object(t, other.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)
	refused(t, b.do("PUT", "/api/me/password", `{"current":"wrong horse","new":"correct horse"}`), 403, chat.Forbidden)
	object(t, b.do("GET", "/api/me", ""), 200)

	again, user := signInOf(t, object(t, b.do("PUT", "/api/me/password", `{"current":"battery staple","new":"correct horse"}`), 200))
	if user["name"] != "bob" {
		t.Errorf("got %v", user)
	}
	object(t, b.do("GET", "/api/me", ""), 200) // by the new cookie
	object(t, f.as(again, "GET", "/api/me", ""), 200)
	refused(t, other.do("GET", "/api/me", ""), 401, chat.Unauthenticated)
	refused(t, f.as(token, "GET", "/api/me", ""), 401, chat.Unauthenticated)
	refused(t, f.as("", "POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 401, chat.Unauthenticated)
	object(t, f.as("", "POST", "/api/auth/login", `{"name":"bob","password":"correct horse"}`), 200)
}

func TestMySessions(t *testing.T) {
	f := newFixture(t, nil)
	f.account("bob", "battery staple", "") // has a session, by a token alone
	here, there := f.browser("https://example.com"), f.browser("https://example.com")
	object(t, here.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`, "User-Agent", "here"), 200)
	object(t, there.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`, "User-Agent", "there\x00"+strings.Repeat("x", 8000)), 200)

	list := func(b *browser) map[string]map[string]any {
		t.Helper()
		all := map[string]map[string]any{}
		for _, s := range object(t, b.do("GET", "/api/me/sessions", ""), 200)["sessions"].([]any) {
			m := s.(map[string]any)
			name, _, _ := strings.Cut(m["user_agent"].(string), "x")
			all[strings.TrimFunc(name, func(r rune) bool { return r > 'z' })] = m
			if len(m) != 5 || m["created_at"] == "" || m["last_seen_at"] == "" || len(m["user_agent"].(string)) > chat.MaxUserAgent {
				t.Errorf("got %v", m)
			}
		}
		return all
	}
	all := list(here)
	if len(all) != 3 || all["here"]["current"] != true || all["there"]["current"] != false || all["test"]["current"] != false {
		t.Fatalf("got %v", all)
	}
	path := "/api/me/sessions/" + all["there"]["id"].(string)
	refused(t, f.as(f.ann, "DELETE", path, ""), 404, chat.NotFound) // somebody else's
	if w := here.do("DELETE", path, ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	refused(t, here.do("DELETE", path, ""), 404, chat.NotFound)
	refused(t, here.do("DELETE", "/api/me/sessions/nonsense", ""), 404, chat.NotFound)
	refused(t, there.do("GET", "/api/me", ""), 401, chat.Unauthenticated)
	if diff := cmp.Diff(map[string]any{"ended": 1.0}, object(t, here.do("DELETE", "/api/me/sessions", ""), 200)); diff != "" {
		t.Error(diff)
	}
	if all := list(here); len(all) != 1 {
		t.Errorf("got %v", all)
	}
	if w := here.do("DELETE", "/api/me/sessions/"+all["here"]["id"].(string), ""); w.Code != 204 || here.cookies["__Host-parley_session"] != nil {
		t.Errorf("ending my own session: %d, %v", w.Code, here.cookies)
	}
	refused(t, here.do("GET", "/api/me", ""), 401, chat.Unauthenticated)
}

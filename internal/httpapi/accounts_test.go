package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

func openRegistration(c *auth.AccountsConfig) { c.Mode = auth.ModeOpen }

func noGuests(c *auth.AccountsConfig) { c.Guests = nil }

// signInOf checks the form of an answer to a sign-in and returns the token and the user.
func signInOf(t *testing.T, m map[string]any) (token string, user map[string]any) {
	t.Helper()
	user = m["user"].(map[string]any)
	in := m["expires_in"].(float64)
	if len(m) != 4 || m["token_type"] != "Bearer" || in < 890 || in > 24*3600 || len(user) != 5 || user["id"] == "" {
		t.Errorf("got %v", m)
	}
	return m["access_token"].(string), user
}

func TestTheWholeWayIn(t *testing.T) {
	f := emptyFixture(t, func(c *Config) { c.Dist, c.PublicURL = dist(), "https://chat.example.org" })
	workspace := func() map[string]any {
		t.Helper()
		return object(t, f.as("", "GET", "/api/workspace", ""), 200)
	}
	if diff := cmp.Diff(map[string]any{"name": "Parley", "hue": 212.0, "set_up": false, "registration": "invite", "guests": true, "accounts": "own"}, workspace()); diff != "" {
		t.Error(diff)
	}
	owner := f.browser("https://chat.example.org")
	code := f.setup.Code()
	until := object(t, owner.do("POST", "/api/auth/setup", `{"code":"`+code+`"}`), 200)["expires_at"].(string)
	if at, err := time.Parse(time.RFC3339, until); err != nil || time.Until(at) > auth.SetupTTL || time.Until(at) < auth.SetupTTL-time.Minute {
		t.Errorf("good until %s (%v)", until, err)
	}
	_, ann := signInOf(t, object(t, owner.do("POST", "/api/auth/register", `{"name":"ann","password":"correct horse","email":"ann@example.org","display":"Ann A.","setup":"`+code+`"}`), 201))
	if ann["name"] != "ann" || ann["display"] != "Ann A." || ann["role"] != "owner" || ann["kind"] != "member" {
		t.Errorf("got %v", ann)
	}
	object(t, owner.do("PUT", "/api/workspace", `{"name":"Tea House","hue":30}`), 200)
	if diff := cmp.Diff(map[string]any{"name": "Tea House", "hue": 30.0, "set_up": true, "registration": "invite", "guests": true, "accounts": "own"}, workspace()); diff != "" {
		t.Error(diff)
	}
	// The set-up link is closed.
	refused(t, owner.do("POST", "/api/auth/setup", `{"code":"`+code+`"}`), 404, chat.NotFound)
	refused(t, f.as("", "POST", "/api/auth/register", `{"name":"eve","password":"correct horse","setup":"`+code+`"}`), 403, chat.Forbidden)

	made := object(t, owner.do("POST", "/api/invites", `{"max_uses":1}`), 201)
	if url := made["url"].(string); url != "https://chat.example.org/join/"+made["code"].(string) {
		t.Errorf("the link is %s", url)
	}
	guest := f.browser("https://chat.example.org")
	if w := guest.do("GET", strings.TrimPrefix(made["url"].(string), "https://chat.example.org"), ""); w.Code != 200 {
		t.Errorf("the link leads to %d", w.Code)
	}
	told := object(t, guest.do("POST", "/api/auth/invitation", `{"code":"`+made["code"].(string)+`"}`), 200)
	if told["invited_by"] != "ann" || told["uses_left"] != 1.0 || told["expires_at"] == nil || len(told) != 3 {
		t.Errorf("got %v", told)
	}
	_, bob := signInOf(t, object(t, guest.do("POST", "/api/auth/register", `{"name":"bob","password":"battery staple","invite":"`+made["code"].(string)+`"}`), 201))
	if bob["role"] != "member" || bob["display"] != "bob" {
		t.Errorf("got %v", bob)
	}
	object(t, guest.do("POST", "/api/messages", `{"room":"general","content":"Hello"}`), 201)
}

func TestCookiesOfASignIn(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Cookies = auth.Cookies{Path: "/"} })
	f.account("bob", "battery staple", "")
	for base, names := range map[string][2]string{
		"https://example.com": {"__Host-parley_session", "__Host-parley_device"},
		"http://example.com":  {"parley_session", "parley_device"},
	} {
		b := f.browser(base)
		object(t, b.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)
		for i, name := range names {
			c := b.cookies[name]
			if c == nil {
				t.Fatalf("%s: there is no cookie %s: %v", base, name, b.cookies)
			}
			want := [2]int{30 * 24 * 3600, 365 * 24 * 3600}[i]
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != strings.HasPrefix(base, "https") || c.Path != "/" || c.MaxAge != want || c.Domain != "" {
				t.Errorf("%s: %v", base, c)
			}
		}
		object(t, b.do("GET", "/api/me", ""), 200)
		// Only the name that fits the request is read.
		other := f.browser(map[bool]string{true: "https://example.com", false: "http://example.com"}[strings.HasPrefix(base, "http:")])
		other.cookies = b.cookies
		refused(t, other.do("GET", "/api/me", ""), 401, chat.Unauthenticated)
		if w := b.do("POST", "/api/auth/logout", ""); w.Code != 204 || b.cookies[names[0]] != nil || b.cookies[names[1]] == nil {
			t.Errorf("%s: after signing out %d, %v", base, w.Code, b.cookies)
		}
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	f := newFixture(t, nil)
	f.account("bob", "battery staple", "")
	b := f.browser("https://example.com")
	token := object(t, b.do("POST", "/api/auth/login", `{"email":"BOB@example.org","password":"battery staple"}`), 200)["access_token"].(string)
	stolen := f.browser("https://example.com")
	for name, c := range b.cookies {
		stolen.cookies[name] = c
	}
	if w := b.do("POST", "/api/auth/logout", ""); w.Code != 204 || w.Body.Len() != 0 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	refused(t, stolen.do("GET", "/api/me", ""), 401, chat.Unauthenticated)
	refused(t, f.as(token, "GET", "/api/me", ""), 401, chat.Unauthenticated)
	refused(t, f.as(token, "POST", "/api/auth/refresh", ""), 401, chat.Unauthenticated)
	for _, again := range []string{"", token, "nonsense"} { // who is not signed in is signed out
		if w := f.as(again, "POST", "/api/auth/logout", ""); w.Code != 204 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	guest := f.guest("gus")
	object(t, f.as(guest, "GET", "/api/me", ""), 200)
	if w := f.as(guest, "POST", "/api/auth/logout", ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	refused(t, f.as(guest, "GET", "/api/me", ""), 401, chat.Unauthenticated)
}

// Somebody else has taken a guest's name while they were away. Signing out ends their token all the same: it would be good
// again as soon as the name is free.
func TestAGuestSignsOutWhoseNameSomebodyElseHas(t *testing.T) {
	for _, way := range []string{"token", "cookie"} {
		f := newFixture(t, nil)
		b := f.browser("http://chat.example.org")
		token, _ := signInOf(t, object(t, b.do("POST", "/api/auth/guest", `{"name":"gus"}`), 201))
		_, leave, err := f.guests.Enter(t.Context(), "gus")
		if err != nil {
			t.Fatal(err)
		}
		if way == "token" {
			b.cookies = nil
		}
		w := b.do("POST", "/api/auth/logout", "", map[string][]string{"token": {"Authorization", "Bearer " + token}}[way]...)
		if w.Code != 204 {
			t.Errorf("%s: %d %s", way, w.Code, w.Body)
		}
		leave()
		refused(t, f.as(token, "GET", "/api/me", ""), 401, chat.Unauthenticated)
	}
}

func TestTokensAreRefreshed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		f.account("bob", "battery staple", "")
		b := f.browser("https://example.com")
		first, _ := signInOf(t, object(t, b.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200))
		time.Sleep(20 * time.Minute)
		refused(t, f.as(first, "GET", "/api/me", ""), 401, chat.Unauthenticated)
		// By a token that has ended: no cookie comes with it.
		w := f.as(first, "POST", "/api/auth/refresh", "")
		second, user := signInOf(t, object(t, w, 200))
		if len(w.Result().Cookies()) != 0 || user["name"] != "bob" {
			t.Errorf("got %v, %v", w.Header(), user)
		}
		object(t, f.as(second, "GET", "/api/me", ""), 200)
		// By the cookie, which is kept for longer.
		w = b.do("POST", "/api/auth/refresh", "")
		third, _ := signInOf(t, object(t, w, 200))
		object(t, f.as(third, "GET", "/api/me", ""), 200)
		if cookies := w.Result().Cookies(); len(cookies) != 1 || cookies[0].MaxAge != 30*24*3600 || cookies[0].Value != b.cookies[cookies[0].Name].Value {
			t.Errorf("got %v", w.Header())
		}
		refused(t, f.as("", "POST", "/api/auth/refresh", ""), 401, chat.Unauthenticated)
		refused(t, f.as("nonsense", "POST", "/api/auth/refresh", ""), 401, chat.Unauthenticated)
		time.Sleep(31 * 24 * time.Hour)
		refused(t, f.as(first, "POST", "/api/auth/refresh", ""), 401, chat.Unauthenticated)
		refused(t, b.do("POST", "/api/auth/refresh", ""), 401, chat.Unauthenticated)
	})
}

func TestGuestsComeIn(t *testing.T) {
	f := newFixture(t, nil)
	b := f.browser("https://example.com")
	_, user := signInOf(t, object(t, b.do("POST", "/api/auth/guest", `{"name":"gus","email":"gus@example.org"}`), 201))
	if user["kind"] != "guest" || user["role"] != "guest" || user["name"] != "gus" {
		t.Errorf("got %v", user)
	}
	me := object(t, b.do("GET", "/api/me", ""), 200)
	if me["email"] != "gus@example.org" || me["role"] != "guest" || me["expires_at"] == nil {
		t.Errorf("got %v", me)
	}
	refused(t, f.as("", "POST", "/api/auth/guest", `{"name":"ann"}`), 409, chat.Conflict)
	refused(t, f.as("", "POST", "/api/auth/guest", `{"name":"a,b"}`), 400, chat.Invalid)
	refused(t, f.as("", "POST", "/api/auth/guest", `{"name":"gil","email":"x"}`), 400, chat.Invalid)

	f = newFixture(t, nil, noGuests)
	refused(t, f.as("", "POST", "/api/auth/guest", `{"name":"gus"}`), 403, chat.Forbidden)
	if w := object(t, f.as("", "GET", "/api/workspace", ""), 200); w["guests"] != false {
		t.Errorf("got %v", w)
	}
}

func TestWhoMayRegister(t *testing.T) {
	const eve = `{"name":"eve","password":"correct horse"`
	closed := func(c *auth.AccountsConfig) { c.Mode = auth.ModeClosed }
	for name, c := range map[string]struct {
		mode func(*auth.AccountsConfig)
		body string // after name and password
		want int
	}{
		"invite, none":                {nil, "}", 403},
		"invite, a wrong code":        {nil, `,"invite":"abcdefghijklmnopqrstuvwx23"}`, 403},
		"invite, nonsense for a code": {nil, `,"invite":"'; drop table"}`, 403},
		"invite, a good code":         {nil, `,"invite":"CODE"}`, 201},
		"invite, a set-up code":       {nil, `,"setup":"abcdefghijklmnopqrstuvwx23"}`, 403},
		"open":                        {openRegistration, "}", 201},
		"closed, a good code":         {closed, `,"invite":"CODE"}`, 403},
	} {
		t.Run(name, func(t *testing.T) {
			var alter []func(*auth.AccountsConfig)
			if c.mode != nil {
				alter = append(alter, c.mode)
			}
			f := newFixture(t, nil, alter...)
			w := f.as("", "POST", "/api/auth/register", eve+strings.Replace(c.body, "CODE", f.invite(`{}`), 1))
			if c.want == 201 {
				object(t, w, 201)
				return
			}
			refused(t, w, c.want, chat.Forbidden)
			if w.Result().Header["Set-Cookie"] != nil {
				t.Errorf("a refusal sets a cookie: %v", w.Header())
			}
		})
	}
}

// What is wrong with a request is told by the field's name, and never with what stood in it.
func TestBadRequestsByField(t *testing.T) {
	f := newFixture(t, nil, openRegistration)
	const secret = "hunter2"
	long := func(n int) string { return secret + strings.Repeat("x", n-len(secret)) }
	for _, c := range []struct {
		route, body, field string
		code               chat.Code
	}{
		{"POST /api/auth/register", `{"password":"correct horse"}`, "name", chat.Invalid},
		{"POST /api/auth/register", `{"name":"","password":"correct horse"}`, "name", chat.Invalid},
		{"POST /api/auth/register", `{"name":"hunter2,a","password":"correct horse"}`, "name", chat.Invalid},
		{"POST /api/auth/register", `{"name":"` + long(65) + `","password":"correct horse"}`, "name", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob"}`, "password", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":""}`, "password", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"` + secret + `"}`, "password", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"` + long(1025) + `"}`, "password", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"` + secret + strings.Repeat("ä", 1000) + `"}`, "password", chat.TooLarge},
		{"POST /api/auth/register", `{"name":"bob","password":["` + secret + `"]}`, "password", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"correct horse","email":"` + secret + `"}`, "email", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"correct horse","email":"` + long(255) + `"}`, "email", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"correct horse","display":"` + long(65) + `"}`, "display", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"correct horse","display":"hunter2\u202e"}`, "display", chat.Invalid},
		{"POST /api/auth/register", `{"name":"bob","password":"correct horse","invite":"` + long(65) + `"}`, "invite", chat.Invalid},
		{"POST /api/auth/login", `{"password":"` + secret + `"}`, "name", chat.Invalid},
		{"POST /api/auth/login", `{"name":"a","email":"b","password":"` + secret + `"}`, "email", chat.Invalid},
		{"POST /api/auth/login", `{"name":"ann"}`, "password", chat.Invalid},
		{"POST /api/auth/login", `{"name":"ann","password":7}`, "password", chat.Invalid},
		{"POST /api/auth/login", `{"name":"` + long(255) + `","password":"x"}`, "name", chat.Invalid},
		{"POST /api/auth/setup", `{}`, "code", chat.Invalid},
		{"POST /api/auth/setup", `{"code":"` + long(65) + `"}`, "code", chat.Invalid},
		{"POST /api/auth/invitation", `{"code":""}`, "code", chat.Invalid},
		{"POST /api/auth/guest", `{"name":"` + long(65) + `"}`, "name", chat.Invalid},
		{"PUT /api/me", `{"display":"` + long(65) + `"}`, "display", chat.Invalid},
		{"PUT /api/me", `{"email":"` + secret + `"}`, "email", chat.Invalid},
		{"PUT /api/me", `{"email":7}`, "email", chat.Invalid},
		{"PUT /api/me/password", `{"new":"correct horse"}`, "current", chat.Invalid},
		{"PUT /api/me/password", `{"current":"` + secret + `"}`, "new", chat.Invalid},
		{"PUT /api/me/password", `{"current":"x","new":"` + secret + `"}`, "password", chat.Invalid},
		{"PUT /api/workspace", `{"hue":1}`, "name", chat.Invalid},
		{"PUT /api/workspace", `{"name":"","hue":1}`, "name", chat.Invalid},
		{"PUT /api/workspace", `{"name":"   ","hue":1}`, "name", chat.Invalid},
		{"PUT /api/workspace", `{"name":"` + long(65) + `","hue":1}`, "name", chat.Invalid},
		{"PUT /api/workspace", `{"name":"x","hue":360}`, "hue", chat.Invalid},
		{"PUT /api/workspace", `{"name":"x","hue":-1}`, "hue", chat.Invalid},
		{"PUT /api/workspace", `{"name":"x"}`, "hue", chat.Invalid},
		{"POST /api/invites", `{"expires_in":0}`, "expires_in", chat.Invalid},
		{"POST /api/invites", `{"expires_in":31536001}`, "expires_in", chat.Invalid},
		{"POST /api/invites", `{"max_uses":-1}`, "max_uses", chat.Invalid},
		{"POST /api/invites", `{"max_uses":10001}`, "max_uses", chat.Invalid},
		{"PUT /api/users/0190a8c0-1111-7000-8000-000000000001/role", `{"role":"` + secret + `"}`, "role", chat.Invalid},
		{"PUT /api/users/0190a8c0-1111-7000-8000-000000000001/role", `{"role":"guest"}`, "role", chat.Invalid},
		{"PUT /api/users/hunter2/role", `{"role":"member"}`, "user", chat.Invalid},
		{"PUT /api/users/0190a8c0-1111-7000-8000-000000000001/disabled", `{}`, "disabled", chat.Invalid},
		{"PUT /api/users/0190a8c0-1111-7000-8000-000000000001/disabled", `{"disabled":"` + secret + `"}`, "disabled", chat.Invalid},
		{"PUT /api/rooms/general/archived", `{"archived":1}`, "archived", chat.Invalid},
		{"GET /api/audit?before=0", "", "before", chat.Invalid},
		{"GET /api/audit?before=hunter2", "", "before", chat.Invalid},
		{"GET /api/audit?limit=201", "", "limit", chat.Invalid},
		{"GET /api/audit?limit=0", "", "limit", chat.Invalid},
	} {
		method, path, _ := strings.Cut(c.route, " ")
		p := refused(t, f.as(f.ann, method, path, c.body), map[chat.Code]int{chat.Invalid: 400, chat.TooLarge: 413}[c.code], c.code)
		if detail := p["detail"].(string); !strings.Contains(detail, c.field) || strings.Contains(detail, secret) {
			t.Errorf("%s %.80s: %q does not name %s, or tells too much", c.route, c.body, detail, c.field)
		}
	}
	if log := f.log.String(); strings.Contains(log, secret) && strings.Contains(strings.ReplaceAll(strings.ReplaceAll(log, "/api/users/hunter2", ""), "before=hunter2", ""), secret) {
		t.Errorf("what was sent is in the log:\n%s", log)
	}
}

// lookups is a Throttle that lets a number of looks pass.
type lookups struct {
	left int
	from []netip.Addr
}

func (l *lookups) Register(addr netip.Addr) (time.Duration, bool) {
	l.from = append(l.from, addr)
	l.left--
	return 2500 * time.Millisecond, l.left >= 0
}

func TestCodesAreNotTriedForEver(t *testing.T) {
	for _, path := range []string{"/api/auth/setup", "/api/auth/invitation"} {
		limit := &lookups{left: 1}
		f := newFixture(t, func(c *Config) { c.Throttle = limit })
		refused(t, f.as("", "POST", path, `{"code":"abcdefghijklmnopqrstuvwx23"}`), 404, chat.NotFound)
		w := f.as("", "POST", path, `{"code":"abcdefghijklmnopqrstuvwx23"}`)
		if p := refused(t, w, 429, chat.RateLimited); p["retry_after"] != 2500.0 || w.Header().Get("Retry-After") != "3" {
			t.Errorf("got %v, %v", p, w.Header())
		}
		if !slices.Equal(limit.from, []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.1")}) {
			t.Errorf("asked about %v", limit.from)
		}
	}
}

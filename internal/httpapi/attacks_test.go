package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

func TestAttack15OversizedValuesAreRefusedAndHarmNobody(t *testing.T) {
	f := newFixture(t, nil, openRegistration)
	_, bob := f.account("bob", "battery staple", "")
	for _, size := range []int{5000, 1 << 20} {
		long := strings.Repeat("😀", size/4)
		for _, c := range [][3]string{
			{"PUT", "/api/me", `{"display":"%s"}`}, {"PUT", "/api/me", `{"email":"%s@x"}`},
			{"POST", "/api/auth/register", `{"name":"%s","password":"correct horse"}`}, {"POST", "/api/auth/register", `{"name":"eve","display":"%s","password":"correct horse"}`},
			{"POST", "/api/auth/guest", `{"name":"%s"}`}, {"POST", "/api/auth/login", `{"name":"%s","password":"x"}`},
			{"PUT", "/api/workspace", `{"name":"%s","hue":1}`}, {"POST", "/api/rooms", `{"name":"tea","topic":"%s"}`}, {"POST", "/api/auth/setup", `{"code":"%s"}`},
			{"POST", "/api/auth/invitation", `{"code":"%s"}`},
		} {
			w := f.as(f.ann, c[0], c[1], fmt.Sprintf(c[2], long))
			if w.Code != 400 && w.Code != 413 || w.Body.Len() > 1000 {
				t.Errorf("%s %s with %d bytes: %d, an answer of %d bytes", c[0], c[1], size, w.Code, w.Body.Len())
			}
		}
	}
	// What a program calls itself is cut.
	object(t, f.as("", "POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`, "User-Agent", strings.Repeat("A", 16<<10)), 200)
	for _, path := range []string{"/api/me", "/api/me/sessions", "/api/users", "/api/rooms"} {
		if w := f.as(bob, "GET", path, ""); w.Code != 200 || w.Body.Len() > 4000 {
			t.Errorf("%s: %d, %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

// unauthenticated are credentials that are good for something else.
func unauthenticated(t *testing.T, f *fixture) map[string]string {
	t.Helper()
	bob, token := f.account("bob", "battery staple", "")
	b := f.browser("https://example.com")
	object(t, b.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)
	device, _, err := f.tokens.Device(uuid.NewString(), bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"a device's token":     device,
		"the device's cookie":  b.cookies["__Host-parley_device"].Value,
		"the session's cookie": b.cookies["__Host-parley_session"].Value,
		"an invitation":        f.invite(`{}`),
		"a password":           "battery staple",
		"a session's id":       sessionOf(t, f, token),
		"a person's id":        string(bob.ID),
		"half a token":         token[:len(token)/2],
	}
}

func sessionOf(t *testing.T, f *fixture, token string) string {
	t.Helper()
	access, err := f.tokens.ParseAccess(token)
	if err != nil {
		t.Fatal(err)
	}
	return string(access.Session)
}

func TestAttack21NoOtherSecretIsAnAccessToken(t *testing.T) {
	f := newFixture(t, nil)
	for what, value := range unauthenticated(t, f) {
		refused(t, f.as(value, "GET", "/api/me", ""), 401, chat.Unauthenticated)
		refused(t, f.as(value, "POST", "/api/auth/refresh", ""), 401, chat.Unauthenticated)
		for _, name := range []string{"__Host-parley_session", "__Host-parley_device", "parley_session", "__Secure-parley_session"} {
			if what == "the session's cookie" && name == "__Host-parley_session" {
				continue
			}
			for _, prefix := range []string{"", "g."} {
				b := f.browser("https://example.com")
				if w := b.do("GET", "/api/me", "", "Cookie", name+"="+prefix+value); w.Code != 401 {
					t.Errorf("%s as the cookie %s: %d", what, name, w.Code)
				}
			}
		}
	}
	// Codes are good for their own purpose alone.
	code := f.invite(`{}`)
	refused(t, f.as("", "POST", "/api/auth/setup", `{"code":"`+code+`"}`), 404, chat.NotFound)
	refused(t, f.as("", "POST", "/api/auth/register", `{"name":"eve","password":"correct horse","setup":"`+code+`"}`), 403, chat.Forbidden)
	f = emptyFixture(t, nil)
	refused(t, f.as("", "POST", "/api/auth/invitation", `{"code":"`+f.setup.Code()+`"}`), 404, chat.NotFound)
	refused(t, f.as("", "POST", "/api/auth/register", `{"name":"eve","password":"correct horse","invite":"`+f.setup.Code()+`"}`), 403, chat.Forbidden)
}

// A socket lets nobody in whom REST does not, and the other way round.
func TestAttack23SocketsAndRESTAgree(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		upgrade := c.Auth.(*auth.Authenticator).Upgrade
		c.Sockets = []Socket{{"GET /ws", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if who, err := upgrade(r); err != nil {
				problemOf(r.Context(), c.Logger, err).write(w)
			} else if who.Release != nil {
				who.Release()
			}
		})}}
	})
	_, good := f.account("good", "battery staple", "")
	gone, disabled := f.account("gone", "battery staple", "")
	_, revoked := f.account("out", "battery staple", "")
	cookies := map[string]map[string]*http.Cookie{}
	for _, name := range []string{"good", "gone", "out"} {
		b := f.browser("https://example.com")
		object(t, b.do("POST", "/api/auth/login", `{"name":"`+name+`","password":"battery staple"}`), 200)
		cookies[name] = maps.Clone(b.cookies)
		if name == "out" {
			b.do("POST", "/api/auth/logout", "")
		}
	}
	f.as(revoked, "POST", "/api/auth/logout", "")
	object(t, f.as(f.ann, "PUT", "/api/users/"+string(gone.ID)+"/disabled", `{"disabled":true}`), 200)
	guest := f.guest("gus")
	leftGuest := f.guest("gil")
	f.as(leftGuest, "POST", "/api/auth/logout", "")

	for name, c := range map[string]struct {
		token string
		jar   map[string]*http.Cookie
		want  int
	}{
		"a member":                          {good, nil, 200},
		"disabled":                          {disabled, nil, 401},
		"signed out":                        {revoked, nil, 401},
		"a guest":                           {guest, nil, 200},
		"a guest who left":                  {leftGuest, nil, 401},
		"nonsense":                          {"nonsense", nil, 401},
		"nothing":                           {"", nil, 401},
		"cookie":                            {"", cookies["good"], 200},
		"cookie, disabled":                  {"", cookies["gone"], 401},
		"cookie, signed out":                {"", cookies["out"], 401},
		"a wrong token beats a good cookie": {"nonsense", cookies["good"], 401},
	} {
		b := f.browser("https://example.com")
		maps.Copy(b.cookies, c.jar)
		var header []string
		if c.token != "" {
			header = []string{"Authorization", "Bearer " + c.token}
		}
		rest, socket := b.do("GET", "/api/me", "", header...), b.do("GET", "/ws", "", header...)
		if rest.Code != c.want || socket.Code != c.want {
			t.Errorf("%s: REST says %d, the socket %d, want %d", name, rest.Code, socket.Code, c.want)
		}
	}
	for who, want := range map[string]int{"good": 200, "gone": 403, "out": 200} {
		if w := f.as("", "POST", "/api/auth/login", `{"name":"`+who+`","password":"battery staple"}`); w.Code != want {
			t.Errorf("%s signs in: %d, want %d", who, w.Code, want)
		}
		refused(t, f.as("", "POST", "/api/auth/login", `{"name":"`+who+`","password":"wrong horse"}`), 401, chat.Unauthenticated)
	}
}

func TestAttack26ForeignPagesWithACookie(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.AllowOrigin = allowOne })
	f.account("bob", "battery staple", "")
	b := f.browser("https://example.com")
	object(t, b.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)
	for _, origin := range []string{
		"https://evil.example", "null", "https://example.com.evil.example", "https://notexample.com", "http://example.com", "https://example.com:8443",
		"https://app.example.net.evil.example", "https://evil.example/https://app.example.net", "https://app.example.net@evil.example", "HTTPS://EXAMPLE.ORG",
	} {
		for _, c := range [][3]string{
			{"POST", "/api/messages", `{"room":"general","content":"x"}`}, {"PUT", "/api/me", `{"display":"x"}`}, {"PUT", "/api/me/password", `{"current":"battery staple","new":"correct horse"}`},
			{"DELETE", "/api/me/sessions", ""}, {"POST", "/api/auth/logout", ""}, {"POST", "/api/auth/refresh", ""}, {"POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`},
			{"POST", "/api/auth/guest", `{"name":"gus"}`},
		} {
			w := b.do(c[0], c[1], c[2], "Origin", origin, "Sec-Fetch-Site", "cross-site")
			refused(t, w, 403, chat.Forbidden)
			if w.Header()["Set-Cookie"] != nil {
				t.Errorf("%s sets cookies for %s", c[1], origin)
			}
		}
	}
	object(t, b.do("GET", "/api/me", ""), 200) // nothing of it was done
	// A token in the address opens sockets alone.
	refused(t, f.as("", "GET", "/api/me?token="+f.ann, ""), 401, chat.Unauthenticated)
	refused(t, f.as("", "POST", "/api/auth/refresh?token="+f.ann, ""), 401, chat.Unauthenticated)
}

func TestAttack34NoAnswerTellsAnAddressOfOthers(t *testing.T) {
	m := newMatrix(t)
	f := m.f
	for _, role := range []string{"owner", "moderator", "member", "guest"} {
		object(t, f.as(m.tokens[role], "POST", "/api/messages", `{"room":"general","content":"x"}`), 201)
	}
	own := map[string]string{"moderator": "mona@", "member": "mira@", "guest": "gus@"}
	for _, role := range []string{"moderator", "member", "guest", "nobody"} {
		for _, row := range rights {
			method, path, _ := strings.Cut(row.route, " ")
			if method != "GET" {
				continue
			}
			body := f.as(m.tokens[role], method, m.fill(path, role), "").Body.String()
			if mine := own[role]; mine != "" && path == "/api/me" {
				body = strings.Replace(body, mine, "", 1)
			}
			if strings.Contains(body, "@example.org") || strings.Contains(body, "@") || strings.Contains(body, "argon2") {
				t.Errorf("%s learns from %s: %s", role, path, body)
			}
		}
	}
	if body := f.as(m.tokens["owner"], "GET", "/api/users", "").Body.String(); !strings.Contains(body, "mira@example.org") || strings.Contains(body, "gus@") {
		t.Errorf("the owner is told %s", body)
	}
}

// answer is what somebody outside can tell one answer from another by.
type answer struct {
	Status int
	Header http.Header
	Body   map[string]any
}

func answerOf(t *testing.T, w *httptest.ResponseRecorder) answer {
	t.Helper()
	a := answer{Status: w.Code, Header: w.Header().Clone()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.Body); err != nil {
		t.Fatal(err)
	}
	delete(a.Body, "request_id")
	a.Header.Del("X-Request-Id")
	return a
}

func TestAttack40LoginTellsNothing(t *testing.T) {
	f := newFixture(t, nil, openRegistration)
	bob, _ := f.account("bob", "battery staple", "")
	f.account("dis", "battery staple", "")
	dis, err := f.chat.UserByName(t.Context(), "dis")
	if err != nil {
		t.Fatal(err)
	}
	object(t, f.as(f.ann, "PUT", "/api/users/"+string(dis.ID)+"/disabled", `{"disabled":true}`), 200)
	f.guest("gus")
	want := answerOf(t, f.as("", "POST", "/api/auth/login", `{"name":"bob","password":"wrong horse"}`))
	if want.Status != 401 || want.Body["detail"] != "the name or the password is wrong" {
		t.Fatalf("got %v", want)
	}
	for name, body := range map[string]string{
		"nobody":                  `{"name":"nobody","password":"wrong horse"}`,
		"nobody by e-mail":        `{"email":"nobody@example.org","password":"wrong horse"}`,
		"somebody by e-mail":      `{"email":"bob@example.org","password":"wrong horse"}`,
		"disabled":                `{"name":"dis","password":"wrong horse"}`,
		"without a password":      `{"name":"ann","password":"wrong horse"}`,
		"a guest":                 `{"name":"gus","password":"wrong horse"}`,
		"no name that can be":     `{"name":"<b>,","password":"wrong horse"}`,
		"no address that can be":  `{"email":"@@","password":"wrong horse"}`,
		"an id for a name":        `{"name":"` + string(bob.ID) + `","password":"wrong horse"}`,
		"an empty password":       `{"name":"bob","password":""}`,
		"a long password":         `{"name":"bob","password":"` + strings.Repeat("x", 1024) + `"}`,
		"a long password, nobody": `{"name":"nobody","password":"` + strings.Repeat("ä", 1024) + `"}`,
	} {
		if diff := cmp.Diff(want, answerOf(t, f.as("", "POST", "/api/auth/login", body))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	// Whether an address is in use is not told either: it may be, by several people.
	object(t, f.as("", "POST", "/api/auth/register", `{"name":"eve","password":"correct horse","email":"bob@example.org"}`), 201)
	object(t, f.as("", "POST", "/api/auth/register", `{"name":"eva","password":"correct horse","email":"free@example.org"}`), 201)
}

func TestAttack40CodesTellNothing(t *testing.T) {
	f := newFixture(t, nil)
	used, revoked := f.invite(`{"max_uses":1}`), object(t, f.as(f.ann, "POST", "/api/invites", `{}`), 201)
	object(t, f.as("", "POST", "/api/auth/register", `{"name":"bob","password":"battery staple","invite":"`+used+`"}`), 201)
	f.as(f.ann, "DELETE", "/api/invites/"+revoked["id"].(string), "")
	look := func(code string) answer {
		return answerOf(t, f.as("", "POST", "/api/auth/invitation", `{"code":"`+code+`"}`))
	}
	register := func(code string) answer {
		return answerOf(t, f.as("", "POST", "/api/auth/register", `{"name":"eve","password":"correct horse","invite":"`+code+`"}`))
	}
	never := look("abcdefghijklmnopqrstuvwx23")
	refused := register("abcdefghijklmnopqrstuvwx23")
	for name, code := range map[string]string{"used up": used, "revoked": revoked["code"].(string), "no code": "nonsense"} {
		if diff := cmp.Diff(never, look(code)); diff != "" || never.Status != 404 {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(refused, register(code)); diff != "" || refused.Status != 403 {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Without Passwords everything that would compute a hash fails: none of these gets so far.
func TestAttack42LongPasswordsAreRefusedBeforeHashing(t *testing.T) {
	f := newFixture(t, nil, openRegistration, func(c *auth.AccountsConfig) { c.Passwords = nil })
	for _, size := range []int{1025, 60_000, 1 << 20} {
		long := strings.Repeat("x", size)
		for _, c := range [][3]string{
			{"POST", "/api/auth/login", `{"name":"ann","password":"` + long + `"}`},
			{"POST", "/api/auth/register", `{"name":"eve","password":"` + long + `"}`},
			{"PUT", "/api/me/password", `{"current":"` + long + `","new":"correct horse"}`},
			{"PUT", "/api/me/password", `{"current":"x","new":"` + long + `"}`},
		} {
			if w := f.as(f.ann, c[0], c[1], c[2]); w.Code != 400 && w.Code != 413 {
				t.Errorf("%s %s with %d bytes: %d %s", c[0], c[1], size, w.Code, w.Body)
			}
		}
	}
	if w := f.as("", "POST", "/api/auth/login", `{"name":"ann","password":"x"}`); w.Code != 500 {
		t.Errorf("a password that is computed answers %d: the test proves nothing", w.Code)
	}
}

func TestAttack45ASessionThatWasPlantedIsNotTakenOver(t *testing.T) {
	f := newFixture(t, nil)
	f.account("bob", "battery staple", "")
	f.account("eve", "correct horse", "")
	eve := f.browser("https://example.com")
	object(t, eve.do("POST", "/api/auth/login", `{"name":"eve","password":"correct horse"}`), 200)
	bob := f.browser("https://example.com")
	maps.Copy(bob.cookies, eve.cookies) // what eve has put there
	object(t, bob.do("POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)
	if bob.cookies["__Host-parley_session"].Value == eve.cookies["__Host-parley_session"].Value {
		t.Error("the cookie is the same after signing in")
	}
	if me := object(t, bob.do("GET", "/api/me", ""), 200); me["name"] != "bob" {
		t.Errorf("got %v", me)
	}
	refused(t, eve.do("GET", "/api/me", ""), 401, chat.Unauthenticated)
}

func TestAttack47NamesAreText(t *testing.T) {
	f := newFixture(t, withPage)
	const html = `<img src=x onerror=alert(1)>`
	asJSON, _ := json.Marshal(html)
	if me := object(t, f.as(f.ann, "PUT", "/api/me", `{"display":`+string(asJSON)+`}`), 200); me["display"] != html {
		t.Errorf("got %v", me)
	}
	object(t, f.as(f.ann, "PUT", "/api/workspace", `{"name":`+string(asJSON)+`,"hue":1}`), 200)
	object(t, f.as(f.ann, "POST", "/api/rooms", `{"name":"tea","topic":`+string(asJSON)+`}`), 201)
	for _, path := range []string{"/api/me", "/api/users", "/api/workspace", "/api/rooms/tea", "/api/audit"} {
		w := f.as(f.ann, "GET", path, "")
		if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	if body := f.as("", "GET", "/", "").Body.String(); strings.Contains(body, "onerror") {
		t.Errorf("the page has it: %s", body)
	}
	for _, bad := range []string{`{"display":"a\u202eb"}`, `{"display":"a\u0000b"}`, `{"display":"a\nb"}`} {
		refused(t, f.as(f.ann, "PUT", "/api/me", bad), 400, chat.Invalid)
	}
	refused(t, f.as("", "POST", "/api/auth/guest", `{"name":`+string(asJSON)+`}`), 400, chat.Invalid)
}

func TestNoSecretOfAnAccountReachesTheLog(t *testing.T) {
	f := newFixture(t, withPage)
	code, setup := f.invite(`{}`), f.setup.Code()
	b := f.browser("https://example.com")
	b.do("GET", "/join/"+code, "")
	b.do("GET", "/setup?x="+setup, "")
	b.do("POST", "/api/auth/invitation", `{"code":"`+code+`"}`)
	b.do("POST", "/api/auth/setup", `{"code":"`+setup+`"}`)
	var secrets []string
	for _, c := range [][3]string{
		{"POST", "/api/auth/register", `{"name":"bob","password":"battery staple","email":"bob@example.org","invite":"` + code + `"}`},
		{"POST", "/api/auth/refresh", ""},
		{"PUT", "/api/me/password", `{"current":"battery staple","new":"correct horse"}`},
		{"POST", "/api/auth/login", `{"name":"bob","password":"correct horse"}`},
		{"POST", "/api/auth/login", `{"name":"battery staple","password":"bob"}`}, // in the wrong box
		{"POST", "/api/auth/guest", `{"name":"gus","email":"gus@example.org"}`},
	} {
		w := b.do(c[0], c[1], c[2])
		if w.Code >= 500 {
			t.Fatalf("%s: %d %s", c[1], w.Code, w.Body)
		}
		if token, ok := answerOf(t, w).Body["access_token"].(string); ok {
			secrets = append(secrets, token, strings.Split(token, ".")[2])
		}
		for _, cookie := range b.cookies {
			secrets = append(secrets, cookie.Value)
		}
	}
	secrets = append(secrets, code, setup, "battery staple", "correct horse", "@example.org")
	log := f.log.String()
	if strings.Count(log, "path=/api/auth/login") != 2 || len(secrets) < 15 {
		t.Fatalf("%d secrets; the log is\n%s", len(secrets), log)
	}
	for _, s := range secrets {
		if i := strings.Index(log, s); i >= 0 {
			t.Errorf("%s is in the log: %s", s, log[max(0, i-200):min(len(log), i+50)])
		}
	}
}

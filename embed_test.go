package parley_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/internal/wsclient"
)

// site is a host with users and sessions of its own. A session's key comes as the cookie site, or as Authorization: Site KEY.
type site struct {
	mu       sync.Mutex
	sessions map[string]parley.Identity
	err      error         // of every answer
	lasts    time.Duration // of sessions, from each answer on; 0: they do not end
	panics   bool
	entered  chan struct{} // if set, Authenticate tells that it has looked, and waits for go on
	goOn     chan struct{}
}

func (s *site) Authenticate(r *http.Request) (parley.Identity, error) {
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Site ")
	if c, err := r.Cookie("site"); err == nil {
		key = c.Value
	}
	id, err := s.Check(r.Context(), key)
	if s.entered != nil {
		s.entered <- struct{}{}
		<-s.goOn
	}
	return id, err
}

func (s *site) Check(_ context.Context, key string) (parley.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panics {
		panic("a bug of the site with " + key)
	}
	if s.err != nil {
		return parley.Identity{}, fmt.Errorf("looking up %q: %w", key, s.err)
	}
	id, ok := s.sessions[key]
	if !ok {
		return parley.Identity{}, fmt.Errorf("looking up %q: %w", key, parley.ErrUnauthenticated)
	}
	id.SessionKey = key
	if s.lasts != 0 {
		id.Expires = time.Now().Add(s.lasts)
	}
	return id, nil
}

// signIn begins a session, whose key it returns.
func (s *site) signIn(key string, id parley.Identity) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[key] = id
	return key
}

func (s *site) signOut(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, key)
}

func (s *site) fails(err error, panics bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.panics = err, panics
}

// embedded is a Parley inside a site.
type embedded struct {
	*parley.Server
	t    *testing.T
	site *site
	base string // http://HOST:PORT and the path, without a slash at its end
	log  *logBuffer
	http *http.Client
}

func embed(t *testing.T, cfg parley.Config) *embedded {
	t.Helper()
	e := &embedded{t: t, site: &site{sessions: map[string]parley.Identity{}}, log: &logBuffer{}, http: newClient(t)}
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	cfg.Authenticator = e.site
	cfg.Logger = slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if e.Server, err = parley.New(cfg); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	prefix := strings.TrimSuffix(cfg.Path, "/")
	mux.Handle(prefix+"/", e.Handler())
	host := httptest.NewServer(mux)
	e.base = host.URL + prefix
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), parley.ShutdownTime)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		host.Close()
	})
	return e
}

// call makes a request with a session of the site.
func (e *embedded) call(key, method, path, body string) (int, map[string]any) {
	e.t.Helper()
	return call(e.t, siteClient{e.http, key}.client(), method, e.base+path, "", body)
}

// siteClient sends a session's key instead of a bearer token.
type siteClient struct {
	http *http.Client
	key  string
}

func (c siteClient) client() *http.Client {
	return &http.Client{Transport: c, Timeout: 30 * time.Second}
}

func (c siteClient) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Site "+c.key)
	return c.http.Transport.RoundTrip(r)
}

// metrics returns the text of /metrics.
func (e *embedded) metrics() string {
	e.t.Helper()
	resp, err := e.http.Get(e.base + "/metrics")
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(body)
}

func (e *embedded) dial(key, path string) *wsclient.Conn {
	e.t.Helper()
	c, _, err := wsclient.Dial(e.t.Context(), e.base+path, http.Header{"Authorization": {"Site " + key}})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = c.Close() })
	return c
}

// closed waits for the end of a socket and checks its code.
func closed(t *testing.T, c *wsclient.Conn, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, _, err := c.Read(ctx)
		var end *wsclient.CloseError
		switch {
		case errors.As(err, &end) && end.Code == code:
			return
		case err != nil:
			t.Fatalf("the socket ended with %v, want %d", err, code)
		}
	}
}

func TestTheHostsPeopleChat(t *testing.T) {
	hue := 30
	var heard []string
	said := make(chan parley.Message, 10)
	e := embed(t, parley.Config{Name: "Tea House", Hue: &hue, SignInURL: "/login", OnMessage: func(m parley.Message) { said <- m },
		OnMembership: func(m parley.Membership) {
			heard = append(heard, string(m.Kind)+" "+m.Room+" "+m.User+" "+m.ExternalID)
		}})
	ann := e.site.signIn("key-of-ann", parley.Identity{ID: "7", Name: "ann", Avatar: "/avatars/7.png", Role: parley.RoleOwner})
	bob := e.site.signIn("key-of-bob", parley.Identity{ID: "8", Name: "bob", Display: "Bob B."})
	_, m := e.call("", "GET", "/api/workspace", "")
	if m["name"] != "Tea House" || m["hue"] != 30.0 || m["accounts"] != "host" || m["sign_in_url"] != "/login" || m["set_up"] != true || m["registration"] != "closed" {
		t.Errorf("the workspace: %v", m)
	}
	if status, m := e.call(ann, "GET", "/api/me", ""); status != 200 || m["name"] != "ann" || m["role"] != "owner" || m["avatar"] != "/avatars/7.png" {
		t.Errorf("%d %v", status, m)
	}
	c := e.dial(bob, "/ws/room/general")
	until(t, c, "subscribed")
	if status, m := e.call(ann, "POST", "/api/messages", `{"room":"general","content":"from the site"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	if m := until(t, c, "message"); m["content"] != "from the site" || m["user"] != "ann" {
		t.Errorf("got %v", m)
	}
	if err := c.Send("and back"); err != nil {
		t.Fatal(err)
	}
	if m := <-said; m.Content != "from the site" || m.User != "ann" || m.ExternalID != "7" || m.Room != "general" || m.Seq != 1 {
		t.Errorf("OnMessage heard %+v", m)
	}
	back := <-said
	if back.Content != "and back" || back.ExternalID != "8" || back.Seq != 2 || back.Thread != "" { // and with it, of what came before in heard
		t.Errorf("OnMessage heard %+v", back)
	}
	e.call(ann, "POST", "/api/messages", `{"room":"general","content":"a reply","thread":"`+back.ID+`"}`)
	if m := <-said; m.Content != "a reply" || m.Thread != back.ID || m.Seq != 3 {
		t.Errorf("OnMessage heard %+v", m)
	}
	if got := strings.Join(heard, ", "); got != "joined general ann 7, joined general bob 8" {
		t.Errorf("OnMembership heard %s", got)
	}
	_, m = e.call(ann, "GET", "/api/users", "")
	if users, _ := m["users"].([]any); len(users) != 2 || users[1].(map[string]any)["display"] != "Bob B." || users[1].(map[string]any)["role"] != "member" {
		t.Errorf("the people: %v", m)
	}
	_, m = e.call(ann, "GET", "/api/audit", "")
	if s := fmt.Sprint(m); strings.Count(s, "by:host") != 2 || !strings.Contains(s, "name:host") {
		t.Errorf("the audit log: %v", m)
	}
}

// How the host answers, and what people hear of it.
func TestWhatTheHostAnswers(t *testing.T) {
	e := embed(t, parley.Config{})
	id := parley.Identity{ID: "7", Name: "ann"}
	with := func(change func(*parley.Identity)) parley.Identity { i := id; change(&i); return i }
	const secret = "cookie-value-of-the-site"
	cases := map[string]struct {
		id     *parley.Identity
		err    error
		panics bool
		status int
		code   string
	}{
		"a stranger":          {status: 401, code: "unauthenticated"},
		"who is known":        {id: &id, status: 200},
		"an error":            {id: &id, err: errors.New("the database is down"), status: 503, code: "overloaded"},
		"a panic":             {id: &id, panics: true, status: 503, code: "overloaded"},
		"one who has expired": {id: new(with(func(i *parley.Identity) { i.Expires = time.Now().Add(-time.Second) })), status: 401, code: "unauthenticated"},
		"one who will expire": {id: new(with(func(i *parley.Identity) { i.Expires = time.Now().Add(time.Hour) })), status: 200},
		"one without an id":   {id: &parley.Identity{Name: "ann"}, status: 503, code: "overloaded"},
		"an id with no end":   {id: &parley.Identity{Name: "ann", ID: strings.Repeat("7", 257)}, status: 503, code: "overloaded"},
		"a role there is not": {id: new(with(func(i *parley.Identity) { i.Role = "king" })), status: 503, code: "overloaded"},
		"an unclean name":     {id: new(with(func(i *parley.Identity) { i.Name = "\x00, \u202e" })), status: 200},
		"a foreign avatar":    {id: new(with(func(i *parley.Identity) { i.Avatar = "//evil.example/a.png" })), status: 200},
	}
	for name, c := range cases {
		e.site.signOut(secret)
		if c.id != nil {
			e.site.signIn(secret, *c.id)
		}
		e.site.fails(c.err, c.panics)
		for _, path := range []string{"/api/me", "/ws"} {
			status, m := e.call(secret, "GET", path, "")
			want := c.status
			if want == 200 && path == "/ws" {
				want = 426 // no handshake: but who it is was asked before
			}
			if status != want || c.code != "" && m["code"] != c.code {
				t.Errorf("%s at %s: %d %v, want %d", name, path, status, m, want)
			}
			if m["avatar"] != nil {
				t.Errorf("%s: the avatar is %v", name, m["avatar"])
			}
		}
	}
	log := e.log.String()
	if strings.Contains(log, secret) {
		t.Errorf("the key of a session is in the log:\n%s", log)
	}
	for _, want := range []string{"the database is down", "a bug of the site", "role must be", "1 to 256 bytes"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
}

func TestRevokeEndsWhatIsOpen(t *testing.T) {
	e := embed(t, parley.Config{})
	ann := parley.Identity{ID: "7", Name: "ann"}
	one, two := e.site.signIn("one", ann), e.site.signIn("two", ann)
	first, second := e.dial(one, "/ws"), e.dial(two, "/ws")
	until(t, first, "welcome")
	until(t, second, "welcome")
	if err := e.Revoke(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	closed(t, first, 4002)
	// The key is dead, whatever the site says of it; the other session lives.
	if status, m := e.call(one, "GET", "/api/me", ""); status != 401 {
		t.Errorf("%d %v", status, m)
	}
	if status, m := e.call(two, "GET", "/api/me", ""); status != 200 || m["name"] != "ann" {
		t.Errorf("%d %v", status, m)
	}
	// A key that nobody has come with yet, with a request under way that was let in a moment ago.
	e.site.entered, e.site.goOn = make(chan struct{}), make(chan struct{})
	three := e.site.signIn("three", ann)
	status := make(chan int)
	go func() {
		s, _ := e.call(three, "GET", "/api/me", "")
		status <- s
	}()
	<-e.site.entered
	for range 2 {
		if err := e.Revoke(t.Context(), three); err != nil {
			t.Fatal(err)
		}
	}
	e.site.goOn <- struct{}{}
	if s := <-status; s != 401 {
		t.Errorf("a request that overlaps its session's end: %d", s)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

func TestASessionIsOnePersons(t *testing.T) {
	e := embed(t, parley.Config{})
	key := e.site.signIn("fixed", parley.Identity{ID: "7", Name: "ann"})
	if status, m := e.call(key, "GET", "/api/me", ""); status != 200 {
		t.Fatalf("%d %v", status, m)
	}
	e.site.signIn(key, parley.Identity{ID: "8", Name: "bob"})
	if status, m := e.call(key, "GET", "/api/me", ""); status != 403 || m["code"] != "forbidden" {
		t.Errorf("%d %v", status, m)
	}
}

// Who is disabled here stays out, whatever the host says; a new role and name reach sockets that are open.
func TestStandingOfTheHostsPeople(t *testing.T) {
	e := embed(t, parley.Config{})
	ann := e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann", Role: parley.RoleOwner})
	bob := e.site.signIn("bob", parley.Identity{ID: "8", Name: "bob"})
	_, m := e.call(bob, "GET", "/api/me", "")
	id, _ := m["id"].(string)

	c := e.dial(bob, "/ws")
	until(t, c, "welcome")
	e.site.signIn(bob, parley.Identity{ID: "8", Name: "robert", Role: parley.RoleModerator})
	if _, m := e.call(bob, "GET", "/api/me", ""); m["name"] != "robert" || m["role"] != "moderator" || m["id"] != id {
		t.Errorf("after a new name and role: %v", m)
	}
	closed(t, c, 4001)
	c = e.dial(bob, "/ws")
	if m := until(t, c, "welcome"); m["user"] != "robert" {
		t.Errorf("got %v", m)
	}
	if status, m := e.call(ann, "PUT", "/api/users/"+id+"/role", `{"role":"owner"}`); status != 403 {
		t.Errorf("roles are the host's: %d %v", status, m)
	}
	if status, m := e.call(ann, "PUT", "/api/users/"+id+"/disabled", `{"disabled":true}`); status != 200 {
		t.Fatalf("%d %v", status, m)
	}
	closed(t, c, 4002)
	for _, key := range []string{bob, e.site.signIn("again", parley.Identity{ID: "8", Name: "robert"})} {
		if status, _ := e.call(key, "GET", "/api/me", ""); status < 401 || status > 403 {
			t.Errorf("who is disabled came in with %s: %d", key, status)
		}
	}
	e.site.signIn(ann, parley.Identity{ID: "7", Name: "ann"}) // the last owner too, when the host says so
	if _, m := e.call(ann, "GET", "/api/me", ""); m["role"] != "member" {
		t.Errorf("got %v", m)
	}
}

// What a page would ask for accounts of Parley's own is the host's, for strangers and for those it knows.
func TestAccountsAreTheHosts(t *testing.T) {
	e := embed(t, parley.Config{})
	ann := e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann", Role: parley.RoleOwner})
	for _, route := range []string{
		"POST /api/auth/setup", "POST /api/auth/invitation", "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/guest", "POST /api/auth/logout",
		"PUT /api/me", "PUT /api/me/password", "GET /api/me/sessions", "DELETE /api/me/sessions", "DELETE /api/me/sessions/x", "POST /api/invites", "GET /api/invites",
		"DELETE /api/invites/x",
	} {
		method, path, _ := strings.Cut(route, " ")
		for _, key := range []string{"nobody", ann} {
			if status, m := e.call(key, method, path, `{"name":"eve","password":"correct horse","code":"x"}`); status != 403 || m["code"] != "forbidden" {
				t.Errorf("%s: %d %v", route, status, m)
			}
		}
	}
	// A page's socket is extended, by a token that is good for nothing else.
	status, m := e.call(ann, "POST", "/api/auth/refresh", "")
	token, _ := m["access_token"].(string)
	if status != 200 || token == "" {
		t.Fatalf("%d %v", status, m)
	}
	if status, _ := call(t, e.http, "GET", e.base+"/api/me", token, ""); status != 401 {
		t.Errorf("a request by token: %d", status)
	}
	c := e.dial(ann, "/ws")
	until(t, c, "welcome")
	if err := c.Send(`{"type":"auth","token":"` + token + `"}`); err != nil {
		t.Fatal(err)
	}
	if m := until(t, c, "auth"); m["expires_at"] == nil {
		t.Errorf("got %v", m)
	}
	if err := e.Revoke(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	closed(t, c, 4002) // also once it was extended
	if status, _ := e.call(ann, "POST", "/api/auth/refresh", ""); status != 401 {
		t.Errorf("refreshed after its end: %d", status)
	}
}

// A cookie goes with every request of a browser, so a socket by cookie needs an Origin that is allowed; other requests none.
func TestOriginsOfTheHostsPages(t *testing.T) {
	e := embed(t, parley.Config{})
	key := e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	own := strings.TrimSuffix(e.base, "/")
	for _, c := range []struct {
		cookie  bool
		origin  string
		allowed bool
	}{{true, own, true}, {true, "", false}, {true, "http://evil.example", false}, {false, "", true}, {false, "http://evil.example", false},
		{true, "null", false}, {true, own + ".evil.example", false}, {true, "http://evil.example/" + own, false}, {true, strings.Replace(own, "http:", "https:", 1) + ":1", false},
		{true, own + "|" + own, false}, {true, own + "|http://evil.example", false}, {false, own + "|" + own, false}, {true, strings.Replace(own, "//", "//x@", 1), false}} {
		header := http.Header{"Authorization": {"Site " + key}}
		if c.cookie {
			header = http.Header{"Cookie": {"site=" + key}}
		}
		if c.origin != "" {
			header["Origin"] = strings.Split(c.origin, "|")
		}
		conn, resp, err := wsclient.Dial(t.Context(), e.base+"/ws", header)
		if (err == nil) != c.allowed || err != nil && resp.StatusCode != 403 {
			t.Errorf("%+v: %v", c, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", e.base+"/api/messages", strings.NewReader(`{"room":"general","content":"forged"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Cookie": {"site=" + key}, "Origin": {"http://evil.example"}, "Content-Type": {"application/json"}}
	resp, err := e.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("a foreign page's request: %d", resp.StatusCode)
	}
}

// A session that ends by itself takes its sockets along; one that the host has prolonged comes back.
func TestASessionOfTheHostExpires(t *testing.T) {
	e := embed(t, parley.Config{})
	e.site.lasts = 3 * time.Second
	key := e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	c := e.dial(key, "/ws")
	if m := until(t, c, "welcome"); m["expires_at"] == nil {
		t.Errorf("got %v", m)
	}
	closed(t, c, 4001)
	e.site.mu.Lock()
	e.site.lasts = -time.Second
	e.site.mu.Unlock()
	if status, _ := e.call(key, "POST", "/api/auth/refresh", ""); status != 401 {
		t.Errorf("refreshed after its end: %d", status)
	}
	e.site.mu.Lock()
	e.site.lasts = time.Hour
	e.site.mu.Unlock()
	if m := until(t, e.dial(key, "/ws"), "welcome"); m["user"] != "ann" {
		t.Errorf("got %v", m)
	}
}

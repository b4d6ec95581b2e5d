package parley_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/internal/wsclient"
)

// Under whatever path, and whether the host takes it off or not: page, files, API, sockets and the way to the folder.
func TestTheHandlerUnderAnyPath(t *testing.T) {
	strip := func(prefix string) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler { return http.StripPrefix(prefix, h) }
	}
	whole := func(h http.Handler) http.Handler { return h }
	for path, mounts := range map[string]map[string]func(http.Handler) http.Handler{
		"/":          {"at the root": whole},
		"/chat/":     {"left on": whole, "taken off": strip("/chat"), "taken off with the slash": strip("/chat/")},
		"/a/b/chat/": {"left on": whole, "taken off": strip("/a/b/chat")},
		"/rooms/":    {"which is also one of the page's": whole, "the same, taken off": strip("/rooms")},
	} {
		site := &site{sessions: map[string]parley.Identity{"ann": {ID: "7", Name: "ann"}}}
		s, err := parley.New(parley.Config{DataDir: t.TempDir(), Path: path, Authenticator: site, SignInURL: "/login", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for name, mount := range mounts {
			t.Run(path+" "+name, func(t *testing.T) { testMounted(t, path, mount(s.Handler())) })
		}
		shutdown(t, s)
	}
}

func testMounted(t *testing.T, path string, handler http.Handler) {
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	host := httptest.NewServer(mux)
	defer host.Close()
	client := siteClient{newClient(t), "ann"}.client()
	get := func(path string, status int) string {
		t.Helper()
		resp, err := client.Get(host.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != status {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, status)
		}
		return resp.Request.URL.Path + " " + string(body)
	}
	for _, at := range []string{path, path + "rooms/general", path + "settings"} {
		page := get(at, 200)
		if !strings.Contains(page, `<base href="`+path+`">`) {
			t.Errorf("%s: %.200s", at, page)
		}
		script := regexp.MustCompile(`src="\./(assets/[^"]+)"`).FindStringSubmatch(page)
		if script == nil {
			t.Fatalf("%s loads no script: %s", at, page)
		}
		get(path+script[1], 200)
	}
	if folder := strings.TrimSuffix(path, "/"); folder != "" {
		if at := get(folder, 200); !strings.HasPrefix(at, path+" ") {
			t.Errorf("without the slash one comes to %.40s", at)
		}
	}
	if me := get(path+"api/me", 200); !strings.Contains(me, `"ann"`) {
		t.Errorf("got %s", me)
	}
	get(path+"nothing/here", 404)
	for _, odd := range []string{"/api/me", "/x/../api/me", "/./api/me", "api//me"} { // no folder of the host's is entered
		if at := get(path+odd, 200); !strings.HasPrefix(at, path+"api/me ") {
			t.Errorf("%s leads to %.40s", path+odd, at)
		}
	}
	conn, _, err := wsclient.Dial(t.Context(), host.URL+path+"ws/room/general", http.Header{"Authorization": {"Site ann"}, "Origin": {host.URL}})
	if err != nil {
		t.Fatal(err)
	}
	until(t, conn, "subscribed")
	_ = conn.Close()
}

func shutdown(t *testing.T, s *parley.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), parley.ShutdownTime)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// A host without users of its own mounts a chat with accounts, whose links and cookies lie under the path.
func TestOwnAccountsUnderAPath(t *testing.T) {
	s, err := parley.New(parley.Config{DataDir: t.TempDir(), Path: "/chat", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer shutdown(t, s)
	host := httptest.NewServer(s.Handler())
	defer host.Close()
	client := newClient(t)
	resp, err := client.Post(host.URL+"/chat/api/auth/register", "application/json", strings.NewReader(`{"name":"ann","password":"correct horse","setup":"`+s.SetupCode()+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 201 || len(resp.Cookies()) != 2 || resp.Cookies()[0].Path != "/chat/" || s.SetupCode() != "" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Cookies())
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", host.URL+"/chat/api/invites", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.AddCookie(resp.Cookies()[0])
	resp, err = client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(body), `"url":"`+host.URL+`/chat/join/`) {
		t.Errorf("the link of an invitation: %d %s", resp.StatusCode, body)
	}
	if err := s.Revoke(t.Context(), "x"); err == nil {
		t.Error("Revoke without an Authenticator says nothing")
	}
}

// Two servers in one process have nothing in common.
func TestTwoServersInOneProcess(t *testing.T) {
	one, two := embed(t, parley.Config{Name: "One"}), embed(t, parley.Config{Name: "Two"})
	for _, e := range []*embedded{one, two} {
		e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	}
	if status, m := one.call("ann", "POST", "/api/messages", `{"room":"general","content":"only here"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	for _, c := range []struct {
		e         *embedded
		name      string
		published string
		messages  int
	}{{one, "One", "parley_hub_published_total 1", 1}, {two, "Two", "parley_hub_published_total 0", 0}} {
		if _, m := c.e.call("", "GET", "/api/workspace", ""); m["name"] != c.name {
			t.Errorf("%s: %v", c.name, m)
		}
		_, m := c.e.call("ann", "GET", "/api/messages?room=general", "")
		if ms, _ := m["messages"].([]any); len(ms) != c.messages {
			t.Errorf("%s: %v", c.name, m)
		}
		resp, err := c.e.http.Get(c.e.base + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !strings.Contains(string(body), c.published) {
			t.Errorf("%s: no %s", c.name, c.published)
		}
	}
}

// A hook that panics, or takes its time, holds nobody up; what it misses is counted and logged.
func TestHooksThatMisbehave(t *testing.T) {
	release, entered, heard := make(chan struct{}), make(chan struct{}, 2000), make(chan uint64, 2000)
	e := embed(t, parley.Config{NoRateLimits: true, OnMessage: func(m parley.Message) {
		entered <- struct{}{}
		if m.Content == "panic" {
			panic("a bug of the host")
		}
		<-release
		heard <- m.Seq
	}})
	e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	c := e.dial("ann", "/ws/room/general")
	until(t, c, "subscribed")
	say := func(text string, id int) {
		t.Helper()
		if err := c.Send(fmt.Sprintf(`{"type":"message","content":%q,"client_id":"0190a8c0-5555-7000-8000-%012d"}`, text, id)); err != nil {
			t.Fatal(err)
		}
	}
	say("panic", 1)
	say("slow", 2)
	<-entered
	<-entered // the hook stands in the second
	const most = 1000
	for i := range most + 20 {
		say("x", 3+i)
	}
	for range most + 22 {
		until(t, c, "ack") // all the same
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(e.metrics(), "\nparley_hook_dropped_total 20\n"); { // people hear before the hook does
		if time.Now().After(deadline) {
			t.Fatal("twenty were not dropped")
		}
	}
	close(release)
	last := uint64(1)
	for range most + 1 { // the slow one, and as many as wait
		seq := <-heard
		if seq <= last {
			t.Fatalf("%d after %d", seq, last)
		}
		last = seq
	}
	shutdown(t, e.Server)
	if len(heard) != 0 {
		t.Errorf("%d more were heard than can wait", len(heard))
	}
	for _, want := range []string{"a bug of the host", "events are dropped", "never hear of some events\" dropped=20"} {
		if !strings.Contains(e.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
}

// A room that is busy does not crowd out who comes, where that alone is heard.
func TestWhatNobodyHearsDoesNotQueue(t *testing.T) {
	entered, release, joined := make(chan struct{}, 2000), make(chan struct{}), make(chan string, 2000)
	e := embed(t, parley.Config{NoRateLimits: true, OnMembership: func(m parley.Membership) {
		entered <- struct{}{}
		<-release
		joined <- m.User
	}})
	e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	e.site.signIn("bob", parley.Identity{ID: "8", Name: "bob"})
	c := e.dial("ann", "/ws/room/general")
	until(t, c, "subscribed")
	const most = 1100 // more than can wait
	for i := range most {
		if err := c.Send(fmt.Sprintf(`{"type":"message","content":"x","client_id":"0190a8c0-5555-7000-8000-%012d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	for range most {
		until(t, c, "ack")
	}
	<-entered // the hook stands, as it did all the time
	if status, m := e.call("bob", "POST", "/api/messages", `{"room":"general","content":"and me"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	close(release)
	for _, want := range []string{"ann", "bob"} {
		if got := <-joined; got != want {
			t.Errorf("%s came, not %s", got, want)
		}
	}
}

// What waits for a hook at the end is told before the server has stopped.
func TestHooksAreFinishedAtTheEnd(t *testing.T) {
	heard := make(chan string, 10)
	e := embed(t, parley.Config{OnMessage: func(m parley.Message) { heard <- m.Content }})
	e.site.signIn("ann", parley.Identity{ID: "7", Name: "ann"})
	if status, m := e.call("ann", "POST", "/api/messages", `{"room":"general","content":"the last"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	shutdown(t, e.Server)
	select {
	case got := <-heard:
		if got != "the last" {
			t.Errorf("heard %q", got)
		}
	default:
		t.Error("heard nothing")
	}
}

func TestWrongSettingsOfAHost(t *testing.T) {
	hue, site := 360, &site{}
	for want, cfg := range map[string]parley.Config{
		"SignInURL has no effect":           {SignInURL: "/login"},
		"Registration, Guests and Gravatar": {Authenticator: site, Guests: true},
		"neither a path":                    {Authenticator: site, SignInURL: "//evil.example"},
		"nor a URL":                         {Authenticator: site, SignInURL: "javascript:alert(1)"},
		"hue must be":                       {Hue: &hue},
		"name is longer":                    {Name: strings.Repeat("x", 65)},
		"does not consist of":               {Path: "chat"},
		"of letters, digits":                {Path: "/a/../b"},
		"of the public URL":                 {Path: "/chat", PublicURL: "https://x.example/talk"},
		"the path \"/{room}\" doe":          {Path: "/{room}"},
	} {
		cfg.DataDir, cfg.Logger = t.TempDir(), slog.New(slog.DiscardHandler)
		s, err := parley.New(cfg)
		if err == nil {
			shutdown(t, s)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// The routes that strangers may use, each with the status that a stranger without anything gets.
var strangersGet = map[string]int{
	"GET /": 200, "GET /api/openapi.json": 200, "GET /health": 200, "GET /metrics": 200,
	"GET /api/workspace": 200, "POST /api/auth/setup": 415, "POST /api/auth/invitation": 415, "POST /api/auth/register": 415, "POST /api/auth/login": 415,
	"POST /api/auth/guest": 415, "POST /api/auth/logout": 204, "POST /api/auth/refresh": 401,
}

// fill puts something into the wildcards of a path.
func fill(path string) string {
	return strings.NewReplacer("{name}", "general", "{id}", "0190a8c0-1111-7000-8000-000000000001", "{code}", "x", "{tab}", "x", "{file...}", "x").Replace(path)
}

func TestAttack24EveryRouteNeedsSomebody(t *testing.T) {
	f := newFixture(t, nil)
	closed := 0
	for _, route := range f.handler.Routes {
		method, path, _ := strings.Cut(route, " ")
		path = fill(path)
		if status, open := strangersGet[route]; open {
			if w := f.as("", method, path, ""); w.Code != status {
				t.Errorf("%s: %d, want %d", route, w.Code, status)
			}
			continue
		}
		closed++
		for name, token := range map[string]string{"none": "", "nonsense": "nonsense", "empty": " "} {
			w := f.as(token, method, path, "")
			refused(t, w, 401, chat.Unauthenticated)
			if w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s, token %s: %v", route, name, w.Header())
			}
		}
		refused(t, f.as("", method, path+"?token="+f.ann, ""), 401, chat.Unauthenticated)
		refused(t, f.as("", method, path, "", "Cookie", "parley_session=nonsense"), 401, chat.Unauthenticated)
		refused(t, f.as("", method, path, "", "Cookie", "parley_session="+f.ann), 401, chat.Unauthenticated) // a token is no cookie
		// A body is not looked at before.
		refused(t, f.as("", method, path, `{`), 401, chat.Unauthenticated)
	}
	if closed < 25 {
		t.Errorf("%d routes need somebody; the list of routes is %v", closed, f.handler.Routes)
	}
}

// What the description says of who may ask is what is done.
func TestAttack24TheDescriptionSaysWhoMayAsk(t *testing.T) {
	f := newFixture(t, nil)
	doc := object(t, f.as("", "GET", "/api/openapi.json", ""), 200)
	open := 0
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			route := strings.ToUpper(method) + " " + path
			security, own := op.(map[string]any)["security"].([]any)
			_, stranger := strangersGet[route]
			if says := own && len(security) == 0; says != stranger {
				t.Errorf("%s: open to anyone by its description: %v, in truth: %v", route, says, stranger)
			}
			if stranger {
				open++
				continue
			}
			refused(t, f.as("", strings.ToUpper(method), fill(path), ""), 401, chat.Unauthenticated)
		}
	}
	if open != len(openToAnyone) {
		t.Errorf("%d operations are open to anyone, and %d are named", open, len(openToAnyone))
	}
}

func TestASessionThatEndsEndsItsTokens(t *testing.T) {
	f := newFixture(t, nil)
	object(t, f.as(f.ann, "GET", "/api/me", ""), 200)
	access, err := f.tokens.ParseAccess(f.ann)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.chat.RevokeSession(t.Context(), access.Session); err != nil {
		t.Fatal(err)
	}
	refused(t, f.as(f.ann, "GET", "/api/me", ""), 401, chat.Unauthenticated)
}

func TestTheDescriptionIsOpenAPI31AndKnowsEveryRoute(t *testing.T) {
	f := newFixture(t, nil)
	doc := object(t, f.as("", "GET", "/api/openapi.json", ""), 200)
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi is %v", doc["openapi"])
	}
	var described []string
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" "+path)
			o := op.(map[string]any)
			if o["operationId"] == nil || o["summary"] == nil {
				t.Errorf("%s %s has no name or summary", method, path)
			}
			responses := o["responses"].(map[string]any)
			if _, ok := responses["default"].(map[string]any)["content"].(map[string]any)["application/problem+json"]; !ok || len(responses) < 2 {
				t.Errorf("%s %s: responses %v", method, path, responses)
			}
		}
	}
	slices.SortFunc(described, byPath)
	want := []string{
		"GET /api/audit", "POST /api/auth/guest", "POST /api/auth/invitation", "POST /api/auth/login", "POST /api/auth/logout", "POST /api/auth/refresh",
		"POST /api/auth/register", "POST /api/auth/setup", "GET /api/avatars/{hash}", "POST /api/direct", "GET /api/invites", "POST /api/invites", "DELETE /api/invites/{id}", "GET /api/me", "PUT /api/me",
		"DELETE /api/me/avatar", "PUT /api/me/avatar", "PUT /api/me/password", "DELETE /api/me/sessions", "GET /api/me/sessions", "DELETE /api/me/sessions/{id}", "GET /api/mentions", "GET /api/messages", "POST /api/messages",
		"GET /api/rooms", "POST /api/rooms", "GET /api/rooms/{name}", "PATCH /api/rooms/{name}", "PUT /api/rooms/{name}/archived", "GET /api/rooms/{name}/members",
		"DELETE /api/rooms/{name}/members/{user}", "PUT /api/rooms/{name}/members/{user}", "PUT /api/rooms/{name}/members/{user}/role",
		"DELETE /api/rooms/{name}/messages/{id}", "GET /api/rooms/{name}/messages/{id}", "PATCH /api/rooms/{name}/messages/{id}", "GET /api/rooms/{name}/messages/{id}/edits",
		"PUT /api/rooms/{name}/messages/{id}/following", "DELETE /api/rooms/{name}/messages/{id}/pin", "PUT /api/rooms/{name}/messages/{id}/pin",
		"GET /api/rooms/{name}/messages/{id}/reactions", "DELETE /api/rooms/{name}/messages/{id}/reactions/{emoji}",
		"PUT /api/rooms/{name}/messages/{id}/reactions/{emoji}", "POST /api/rooms/{name}/messages/{id}/read", "DELETE /api/rooms/{name}/messages/{id}/saved",
		"PUT /api/rooms/{name}/messages/{id}/saved", "PUT /api/rooms/{name}/notify", "GET /api/rooms/{name}/pins", "POST /api/rooms/{name}/read", "GET /api/saved", "GET /api/threads", "GET /api/threads/unread", "GET /api/users", "PUT /api/users/{id}/disabled", "PUT /api/users/{id}/role", "GET /api/workspace", "PUT /api/workspace",
	}
	want = append(want, // people
		"GET /api/announcements", "POST /api/announcements", "DELETE /api/announcements/{id}",
		"GET /api/me/blocks", "DELETE /api/me/blocks/{id}", "PUT /api/me/blocks/{id}", "GET /api/me/preferences", "PUT /api/me/preferences",
		"DELETE /api/me/status", "PUT /api/me/status", "GET /api/reports", "POST /api/reports/{id}/resolve", "POST /api/rooms/{name}/messages/{id}/report")
	slices.SortFunc(want, byPath)
	if diff := cmp.Diff(want, described); diff != "" {
		t.Error(diff)
	}
	raw, _ := json.Marshal(doc)
	checkRefs(t, doc, doc)
	for _, unwanted := range []string{"ErrorModel", "$schema", `"additionalProperties":false`, "#/components/schemas/ErrorDetail"} {
		if strings.Contains(string(raw), unwanted) {
			t.Errorf("the description mentions %s", unwanted)
		}
	}
	pathsHave(t, doc, "/api/rooms/{name}/members", "get", "name", "after", "limit")
	pathsHave(t, doc, "/api/rooms/{name}/read", "post", "name")
	pathsHave(t, doc, "/api/messages", "get", "room", "page", "before", "after", "around", "thread", "limit")
	pathsHave(t, doc, "/api/messages", "post", "Idempotency-Key")
	pathsHave(t, doc, "/api/users/{id}/role", "put", "id")
	pathsHave(t, doc, "/api/me/sessions/{id}", "delete", "id")
	pathsHave(t, doc, "/api/audit", "get", "before", "limit")
}

// checkRefs follows every reference of the document.
func checkRefs(t *testing.T, doc map[string]any, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			var at any = doc
			for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
				m, _ := at.(map[string]any)
				at = m[step]
			}
			if at == nil {
				t.Errorf("%s leads nowhere", ref)
			}
		}
		for _, e := range v {
			checkRefs(t, doc, e)
		}
	case []any:
		for _, e := range v {
			checkRefs(t, doc, e)
		}
	}
}

func pathsHave(t *testing.T, doc map[string]any, path, method string, want ...string) {
	t.Helper()
	var got []string
	op := doc["paths"].(map[string]any)[path].(map[string]any)[method].(map[string]any)
	for _, p := range op["parameters"].([]any) {
		got = append(got, p.(map[string]any)["name"].(string))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters of %s %s: %s", method, path, diff)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	f := newFixture(t, nil)
	refused(t, f.as("", "GET", "/api/nothing", ""), 404, chat.NotFound)
	refused(t, f.as("", "GET", "/nothing", ""), 404, chat.NotFound)
	w := f.as("", "DELETE", "/api/rooms", "")
	refused(t, w, 405, chat.Invalid)
	if allow := w.Header().Get("Allow"); allow != "GET, HEAD, POST" {
		t.Errorf("Allow is %q", allow)
	}
	refused(t, f.as("", "BREW", "/api/rooms", ""), 405, chat.Invalid)
	if w := f.as(f.ann, "HEAD", "/api/rooms", ""); w.Code != 200 {
		t.Errorf("HEAD: %d", w.Code)
	}
	w = f.as("", "GET", "/", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "GET /api/rooms/{name}/members") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("/: %d %s", w.Code, w.Body)
	}
}

func TestHealthSaysOneThing(t *testing.T) {
	f := newFixture(t, nil)
	w := f.as("", "GET", "/health", "")
	if w.Code != 200 || w.Body.String() != `{"status":"ok"}` || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestMetricsHaveBoundedLabels(t *testing.T) {
	f := newFixture(t, nil)
	for _, target := range []string{"/a", "/b", "/api/x", "/api/rooms/one", "/api/rooms/two"} {
		f.as(f.ann, "GET", target, "")
		f.as(f.ann, "X"+strings.ToUpper(target[1:2]), target, "")
	}
	body := f.as("", "GET", "/metrics", "").Body.String()
	for _, want := range []string{
		`parley_http_requests_total{method="GET",route="none",status="404"} 3`,
		`parley_http_requests_total{method="GET",route="GET /api/rooms/{name}",status="404"} 2`,
		`parley_http_requests_total{method="other",route="none",status="405"}`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, "/a\"") || strings.Contains(body, "one") && strings.Contains(body, "rooms/one") {
		t.Errorf("paths became labels:\n%s", body)
	}
}

func TestNoTokenReachesTheLog(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Sockets = []Socket{{"GET /ws/room/{name}", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })}}
	})
	half := f.ann[:len(f.ann)/2]
	for _, target := range []string{
		"/ws/room/general?token=" + f.ann,
		"/ws/room/general?TOKEN=" + f.ann,
		"/ws/room/general?%74oken=" + f.ann,
		"/ws/room/general?a=1&token=" + half + "&b=2",
		"/ws/room/general?a=1;token=" + half,
		"/ws/room/general?redirect=%2Fws%3Ftoken%3D" + f.ann,
		"/ws/room/general?redirect=" + url.QueryEscape(url.QueryEscape("?token="+f.ann)),
		"/ws/room/" + f.ann,
		"/" + f.ann,
		"/api/rooms/" + f.ann + "?token=" + f.ann,
		"/api/me?access_token=" + f.ann,
		"/api/me?%zz=" + f.ann,
	} {
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("Authorization", "Bearer "+f.ann)
		r.Header.Set("Cookie", "session="+f.ann)
		r.Header.Set("Referer", "https://x.example/?token="+f.ann)
		r.Header.Set("User-Agent", "curl "+f.ann)
		r.Header.Set("X-Request-Id", "id-"+f.ann[:40])
		f.serve(r)
	}
	log := f.log.String()
	if !strings.Contains(log, "token=REDACTED") || !strings.Contains(log, "path=/ws/room/general") {
		t.Fatalf("the log does not tell of the requests:\n%s", log)
	}
	payload := strings.Split(f.ann, ".")[1]
	for _, part := range []string{payload, payload[:30], strings.Split(f.ann, ".")[2]} {
		if i := strings.Index(log, part); i >= 0 {
			t.Errorf("a part of a token is in the log: %s", log[max(0, i-200):min(len(log), i+50)])
		}
	}
}

func TestLongAndStrangeInputIsCutInTheLog(t *testing.T) {
	f := newFixture(t, nil)
	f.as("", "GET", "/"+strings.Repeat("x", 5000)+"?"+strings.Repeat("y", 5000), "", "User-Agent", strings.Repeat("z", 5000))
	f.as("", "GET", "/a%0Alevel=ERROR%20msg=forged", "")
	log := f.log.String()
	if len(log) > 4000 {
		t.Errorf("two requests made %d bytes of log", len(log))
	}
	if strings.Contains(log, "\nlevel=ERROR") {
		t.Errorf("a request forged a log line:\n%s", log)
	}
}

func TestRequestIDs(t *testing.T) {
	f := newFixture(t, nil)
	if got := f.as("", "GET", "/health", "", "X-Request-Id", "trace-0123_abc").Header().Get("X-Request-Id"); got != "trace-0123_abc" {
		t.Errorf("a sane id was replaced by %q", got)
	}
	for _, bad := range []string{"", "short", "with space and more", "line\r\nbreak-here", "<script>alert(1)</script>", strings.Repeat("x", 65)} {
		if got := f.as("", "GET", "/health", "", "X-Request-Id", bad).Header().Get("X-Request-Id"); got == bad || len(got) != 36 {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Sockets = []Socket{
			{"GET /early", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })},
			{"GET /late", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte("half"))
				panic("boom")
			})},
		}
	})
	p := refused(t, f.as("", "GET", "/early", ""), 500, chat.Internal)
	if strings.Contains(p["detail"].(string), "boom") {
		t.Errorf("the client learns too much: %v", p)
	}
	if log := f.log.String(); !strings.Contains(log, "boom") || !strings.Contains(log, p["request_id"].(string)) || !strings.Contains(log, "edge_test.go") {
		t.Errorf("the log does not say where: %s", log)
	}
	func() {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler {
				t.Errorf("an answer that had begun must be broken off; recovered %v", v)
			}
		}()
		f.as("", "GET", "/late", "")
	}()
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	f := newFixture(t, nil)
	for _, target := range []string{"/", "/health", "/nothing", "/api/me", "/api/rooms"} {
		h := f.as(f.ann, "GET", target, "").Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", target, h)
		}
		if strings.HasPrefix(target, "/api/") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached: %v", target, h)
		}
	}
}

// refuser lets a number of connections in.
type refuser struct {
	left int
	from []netip.Addr
}

func (r *refuser) Connect(addr netip.Addr) (time.Duration, bool) {
	r.from = append(r.from, addr)
	r.left--
	return 1500 * time.Millisecond, r.left >= 0
}

func TestSocketsThatComeTooFastAreRefused(t *testing.T) {
	limit := &refuser{left: 1}
	served := 0
	f := newFixture(t, func(c *Config) {
		c.Connects = limit
		c.Sockets = []Socket{{"GET /ws", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })}}
	})
	f.as("", "GET", "/ws", "")
	w := f.as("", "GET", "/ws", "")
	p := refused(t, w, 429, chat.RateLimited)
	if p["retry_after"] != 1500.0 || w.Header().Get("Retry-After") != "2" || served != 1 {
		t.Errorf("served %d, %v, %v", served, p, w.Header())
	}
	f.as("", "GET", "/health", "") // is not limited
	if len(limit.from) != 2 || limit.from[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("asked about %v", limit.from)
	}
}

// A client that goes while it sends is no fault of the server, however its body ends.
func TestABodyThatBreaksOffIsNoFaultOfTheServer(t *testing.T) {
	for _, reason := range []error{io.ErrUnexpectedEOF, errors.New("connection reset by peer"), errors.New("http: invalid byte in chunk length")} {
		f := newFixture(t, nil)
		r := httptest.NewRequest("POST", "/api/messages", io.MultiReader(strings.NewReader(`{"room":"general",`), iotest.ErrReader(reason)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+f.ann)
		p := refused(t, f.serve(r), 400, chat.Invalid)
		if p["detail"] != "the body broke off" {
			t.Errorf("%v: %v", reason, p)
		}
		if log := f.log.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "status=400") {
			t.Errorf("%v is logged as\n%s", reason, log)
		}
	}
}

func TestABodyThatBreaksOffOverTCP(t *testing.T) {
	f := newFixture(t, nil)
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		f.handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"room\":", f.ann)
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	<-done
	if log := f.log.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "path=/api/messages status=400") {
		t.Errorf("it is logged as\n%s", log)
	}
}

func TestAPathInFrontOfEverything(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Prefix = "/chat" })
	for target, want := range map[string]int{"/chat/health": 200, "/health": 200, "/chat": 307, "/chat/": 200, "/chatter/health": 404, "/chat/chat/health": 404} {
		if got := f.as("", "GET", target, "").Code; got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
}

// stuck is an Authenticator whose store does not answer.
type stuck struct{}

func (stuck) Request(*http.Request) (auth.Identity, error) {
	return auth.Identity{}, chat.WrapInternal("test", errors.New("disk on fire at /var/lib/parley"))
}

func (s stuck) Refresher(r *http.Request) (auth.Identity, error) { return s.Request(r) }

func TestAFaultOfTheServerIsLoggedAndNotTold(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Auth = stuck{} })
	p := refused(t, f.as("", "GET", "/api/me", ""), 500, chat.Internal)
	if strings.Contains(p["detail"].(string), "fire") {
		t.Errorf("the client learns too much: %v", p)
	}
	if log := f.log.String(); !strings.Contains(log, "disk on fire") || !strings.Contains(log, p["request_id"].(string)) {
		t.Errorf("the log does not say why: %s", log)
	}
}

func FuzzRedactQuery(f *testing.F) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
	f.Add("a=1&", "&b=2")
	f.Add("%zz=", "")
	f.Add("x;y&&=", ";;=")
	f.Fuzz(func(t *testing.T, before, after string) {
		got := redactQuery(before + "&token=" + token + "&" + after)
		if strings.Contains(got, "eyJzdWIiOiIxIn0") || len(got) > maxLogged+3 {
			t.Errorf("got %q", got)
		}
	})
}

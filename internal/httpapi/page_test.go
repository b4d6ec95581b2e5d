package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parley-chat/parley/internal/chat"
)

const indexHTML = `<!doctype html><html lang="en"><HEAD class="x"><meta charset="utf-8"><base href="/dev/"><title>Parley</title><script type="module" src="./assets/index-abc123.js"></script></head><body></body></html>`

// dist is a small build: text that is worth compressing, text that is not, and what is compressed already.
func dist() fstest.MapFS {
	return fstest.MapFS{
		"index.html":                 {Data: []byte(indexHTML)},
		"favicon.svg":                {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		"assets/index-abc123.js":     {Data: []byte(strings.Repeat("console.log(1);\n", 200))},
		"assets/index-def456.css":    {Data: []byte("a{margin:0}")},
		"assets/font-0123.woff2":     {Data: bytes.Repeat([]byte("wOF2"), 1000)},
		"assets/deep/unknown-77.xyz": {Data: []byte("<script>alert(1)</script>")},
	}
}

func withPage(c *Config) { c.Dist = dist() }

func TestThePageIsShownAtItsPaths(t *testing.T) {
	f := newFixture(t, withPage)
	var first string
	for _, path := range []string{"/", "/signin", "/setup", "/join/abcdefghijklmnopqrstuvwx23", "/guest", "/rooms/general", "/rooms/general/0190a8c0-4444-7000-8000-000000000001", "/settings", "/settings/profile", "/?x=1"} {
		w := f.as("", "GET", path, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if first == "" {
			first = w.Body.String()
		}
		if w.Body.String() != first {
			t.Errorf("%s shows another page", path)
		}
		head := f.as("", "HEAD", path, "")
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d, %d bytes, %v", path, head.Code, head.Body.Len(), head.Header())
		}
	}
	if want := strings.Replace(strings.Replace(indexHTML, `<base href="/dev/">`, "", 1), `<HEAD class="x">`, `<HEAD class="x"><base href="/">`, 1); first != want {
		t.Errorf("got %s", first)
	}
}

func TestOtherPathsStayProblems(t *testing.T) {
	f := newFixture(t, withPage)
	for _, path := range []string{
		"/nothing", "/signin/", "/join", "/join/a/b", "/rooms", "/rooms/a/b/c", "/rooms/a/", "/settings/a/b", "/index.html", "/api/nothing", "/assets", "/assets/",
		"/assets/nothing.js", "/assets/deep", "/assets/deep/", "/assets/index.html", "/assets/..%2findex.html", "/assets/%2e%2e/index.html", "/assets//index-abc123.js", "/favicon.ico",
	} {
		w := f.as("", "GET", path, "", "Accept", "text/html")
		for hops := 0; w.Code/100 == 3 && hops < 3; hops++ { // the mux cleans paths by redirecting
			w = f.as("", "GET", w.Header().Get("Location"), "", "Accept", "text/html")
		}
		if path == "/assets//index-abc123.js" {
			if w.Code != 200 {
				t.Errorf("%s: %d", path, w.Code)
			}
			continue
		}
		refused(t, w, 404, chat.NotFound)
		if w.Header().Get("Cache-Control") == "public, max-age=31536000, immutable" {
			t.Errorf("%s may be cached for ever", path)
		}
	}
	refused(t, f.as("", "POST", "/signin", ""), 405, chat.Invalid)
	refused(t, f.as("", "POST", "/assets/index-abc123.js", ""), 405, chat.Invalid)
}

func TestThePageMayDoLittle(t *testing.T) {
	f := newFixture(t, withPage)
	h := f.as("", "GET", "/rooms/general", "").Header()
	want := "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
	if got := h.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy %q", got)
	}
	if h.Get("Cross-Origin-Opener-Policy") != "same-origin" || !strings.Contains(h.Get("Permissions-Policy"), "camera=()") ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Frame-Options") != "DENY" {
		t.Errorf("got %v", h)
	}
	for _, path := range []string{"/api/me", "/assets/index-abc123.js", "/assets/deep/unknown-77.xyz", "/favicon.svg", "/nothing"} {
		if got := f.as("", "GET", path, "").Header().Get("Content-Security-Policy"); strings.Contains(got, "script-src") || !strings.Contains(got, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, got)
		}
	}
}

func TestFilesOfTheBuild(t *testing.T) {
	f := newFixture(t, withPage)
	const forEver = "public, max-age=31536000, immutable"
	for path, want := range map[string][3]string{ // content type, caching, coding
		"assets/index-abc123.js":     {"text/javascript; charset=utf-8", forEver, "gzip"},
		"assets/index-def456.css":    {"text/css; charset=utf-8", forEver, ""},
		"assets/font-0123.woff2":     {"font/woff2", forEver, ""},
		"assets/deep/unknown-77.xyz": {"application/octet-stream", forEver, ""},
		"favicon.svg":                {"image/svg+xml", "no-cache", ""},
	} {
		w := f.as("", "GET", "/"+path, "", "Accept-Encoding", "br, gzip")
		got := [3]string{w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), w.Header().Get("Content-Encoding")}
		if w.Code != 200 || got != want {
			t.Errorf("%s: %d %q", path, w.Code, got)
		}
		body := w.Body.Bytes()
		if want[2] == "gzip" {
			if w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: Vary is %q", path, w.Header().Get("Vary"))
			}
			body = unzip(t, body)
		}
		file, err := fs.ReadFile(dist(), path)
		if err != nil || !bytes.Equal(body, file) {
			t.Errorf("%s: got %d bytes (%v)", path, len(body), err)
		}
	}
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestCompressionIsTheClientsChoice(t *testing.T) {
	f := newFixture(t, withPage)
	tags := map[string]bool{}
	for header, want := range map[string]string{
		"": "", "identity": "", "br": "", "gzip;q=0": "", "gzip;q=0.0, *": "", "*;q=0": "", "gzip;q=x": "", ";;": "",
		"gzip": "gzip", "GZIP": "gzip", "deflate, gzip;q=0.5": "gzip", "*": "gzip", "gzip;q=1, *;q=0": "gzip",
	} {
		w := f.as("", "GET", "/assets/index-abc123.js", "", "Accept-Encoding", header)
		if got := w.Header().Get("Content-Encoding"); got != want || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %q, %v", header, got, w.Header())
		}
		tag := w.Header().Get("ETag")
		tags[tag] = true
		again := f.as("", "GET", "/assets/index-abc123.js", "", "Accept-Encoding", header, "If-None-Match", `"other", W/`+tag)
		if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("Content-Encoding") != "" {
			t.Errorf("%q: asked again it answers %d with %d bytes", header, again.Code, again.Body.Len())
		}
		if w := f.as("", "GET", "/assets/index-abc123.js", "", "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("another version: %d", w.Code)
		}
	}
	if len(tags) != 2 {
		t.Errorf("the two forms have %d tags: %v", len(tags), tags)
	}
}

func TestThePageKnowsWhereItLies(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Dist, c.Prefix = dist(), `/a"&<b>` })
	for _, path := range []string{"/", "/signin"} {
		if body := f.as("", "GET", path, "").Body.String(); !strings.Contains(body, `<base href="/a&#34;&amp;&lt;b&gt;/">`) {
			t.Errorf("%s: %s", path, body)
		}
	}
	f = newFixture(t, func(c *Config) { c.Dist, c.Prefix = dist(), "/chat" })
	for _, path := range []string{"/chat/", "/chat/rooms/general", "/rooms/general"} {
		if body := f.as("", "GET", path, "").Body.String(); strings.Count(body, "<base") != 1 || !strings.Contains(body, `<base href="/chat/">`) {
			t.Errorf("%s: %s", path, body)
		}
	}
	if w := f.as("", "GET", "/chat/assets/index-abc123.js", ""); w.Code != 200 {
		t.Errorf("an asset below the path: %d", w.Code)
	}
}

func TestAPageThatIsNoneIsRefusedAtStart(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no index":             {"assets/a.js": {Data: []byte("x")}},
		"no head":              {"index.html": {Data: []byte("<html></html>")}},
		"a pattern for a name": {"index.html": {Data: []byte(indexHTML)}, "{name}": {Data: []byte("x")}},
		"another folder":       {"index.html": {Data: []byte(indexHTML)}, "img/a.png": {Data: []byte("x")}},
	} {
		f := newFixture(t, nil)
		_, err := New(Config{Chat: f.chat, Auth: stuck{}, Presence: f.online, Metrics: prometheus.NewRegistry(), Dist: files})
		if err == nil || !strings.Contains(err.Error(), "page") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheRouteListingStaysWithoutAPage(t *testing.T) {
	f := newFixture(t, nil)
	if body := f.as("", "GET", "/", "").Body.String(); !strings.Contains(body, "GET /api/rooms\n") || !strings.Contains(body, "  GET /\n") {
		t.Errorf("got %s", body)
	}
	refused(t, f.as("", "GET", "/signin", ""), 404, chat.NotFound)
}

func TestNoInvitationReachesTheLog(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Dist, c.Prefix = dist(), "/chat" })
	const code = "abcdefghijklmnopqrstuvwx23"
	for _, path := range []string{
		"/join/" + code, "/chat/join/" + code, "/join/" + strings.ToUpper(code), "/JOIN/" + code, "/%6aoin/" + code, "/join//" + code, "/join/./" + code,
		"/join/x/" + code, "/join/%0a" + code, "/jion/" + code, "/setup/" + code, "/setup?" + code, "/setup?code=" + code, "/join?invite=" + code, "/nothing?go=%2Fjoin%2F" + code,
		"/join/%2e%2e/" + code, "/join/" + code[:20], // not whole
	} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("User-Agent", "x "+code)
		r.Header.Set("Referer", "https://x.example/join/"+code)
		f.serve(r)
	}
	log := strings.ToLower(f.log.String())
	if !strings.Contains(log, "path=/join/redacted") || !strings.Contains(log, "path=/chat/join/redacted") {
		t.Fatalf("the log does not tell of the requests:\n%s", log)
	}
	if i := strings.Index(log, code[:20]); i >= 0 {
		t.Errorf("a code is in the log: %s", log[max(0, i-200):min(len(log), i+50)])
	}
}

func FuzzTakesGzip(f *testing.F) {
	f.Add("gzip;q=1, *;q=0")
	f.Add("br;q=0.5,gzip;q=")
	f.Add(`gzip;q="`)
	f.Fuzz(func(t *testing.T, header string) {
		if takesGzip([]string{header, "gzip;q=0"}) && !strings.Contains(strings.ToLower(header), "gzip") {
			t.Errorf("%q takes gzip", header)
		}
	})
}

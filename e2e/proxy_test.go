package e2e

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wsclient"
)

// The configurations that people copy from docs/operations.md. Their first line names each.
var configurations = []struct {
	program, first string
	url            string // --public-url
	redirects      bool   // http to https
}{
	{"nginx", "# /etc/nginx/sites-available/chat.example.org", "https://chat.example.org", true},
	{"nginx", "# /etc/nginx/sites-available/example.org", "https://example.org/chat/", false},
	{"caddy", "# /etc/caddy/Caddyfile: a host of its own", "https://chat.example.org", true},
	{"caddy", "# /etc/caddy/Caddyfile: a path of a host", "https://example.org/chat/", true},
	{"caddy", "# /etc/caddy/Caddyfile: certificates of Caddy's own", "https://chat.internal.example", true},
}

var fence = regexp.MustCompile("(?ms)^```(nginx|caddyfile)\n(.*?)^```$")

// blocks takes the configurations out of the page, by their first line.
func blocks(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		first, _, _ := strings.Cut(m[2], "\n")
		found[first] = m[2]
	}
	for _, c := range configurations {
		if command := "\nparley serve --addr 127.0.0.1:8080 --public-url " + c.url + "\n"; !strings.Contains(string(page), command) {
			t.Errorf("docs/operations.md does not say how to start Parley for %q", c.first)
		}
	}
	if len(found) != len(configurations) {
		t.Errorf("docs/operations.md has %d configurations, %d are tested", len(found), len(configurations))
	}
	return found
}

func TestProxies(t *testing.T) {
	t.Parallel()
	page := blocks(t)
	for _, c := range configurations {
		t.Run(c.program+" "+strings.TrimPrefix(c.url, "https://"), func(t *testing.T) {
			t.Parallel()
			block, ok := page[c.first]
			if !ok {
				t.Fatalf("docs/operations.md has no block that begins with %q", c.first)
			}
			s := startServer(t, "--public-url", c.url)
			token := s.user("ann")
			p := startProxy(t, c.program, block, s.addr)
			v := &visitor{t: t, s: s, token: token, site: site{base: strings.TrimRight(c.url, "/"), to: p.https, from: "127.0.0.2", roots: p.roots(t)}}
			v.http = v.client(t)
			s.healthyAt(t, v.site)
			v.visitsThePage()
			v.signsIn()
			v.isMisled()
			v.opensSockets()
			v.sendsTooMuch()
			if c.redirects {
				v.comesWithoutTLS(p.http)
			}
			v.leavesTraces(p)
		})
	}
}

// visitor is a browser behind a proxy.
type visitor struct {
	site
	t     *testing.T
	s     *server
	http  *http.Client
	token string
	jar   []*http.Cookie
}

// path is where Parley lies on the host, "" or "/chat".
func (v *visitor) path() string {
	_, rest, found := strings.Cut(strings.TrimPrefix(v.base, "https://"), "/")
	if !found {
		return ""
	}
	return "/" + rest
}

func (v *visitor) origin() string { return strings.TrimSuffix(v.base, v.path()) }

func (v *visitor) visitsThePage() {
	v.t.Helper()
	status, body, err := get(v.http, v.base+"/")
	if err != nil || status != 200 {
		v.t.Fatalf("the page: %d, %v", status, err)
	}
	if base := `<base href="` + v.path() + `/">`; !strings.Contains(body, base) {
		v.t.Errorf("the page has no %s:\n%.500s", base, body)
	}
	if v.path() == "" {
		return
	}
	resp, err := v.http.Get(v.base)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if to, err := resp.Location(); resp.StatusCode != 308 || err != nil || to.Path != v.path()+"/" {
		v.t.Errorf("%s without its slash: %d to %v, %v", v.base, resp.StatusCode, to, err)
	}
}

// signsIn does, over HTTP/2, with an address made up by the browser, and looks at the cookies.
func (v *visitor) signsIn() {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+"/api/auth/login", strings.NewReader(`{"name":"ann","password":"a password of ann"}`))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", v.origin())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("X-Forwarded-For", "6.6.6.6")
	req.Header.Set("X-Forwarded-Proto", "http")
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || resp.ProtoMajor != 2 {
		v.t.Fatalf("signing in: %s %d %s", resp.Proto, resp.StatusCode, body)
	}
	v.jar = resp.Cookies()
	want, seen := "__Host-parley_session", false
	if v.path() != "" {
		want = "__Secure-parley_session"
	}
	for _, c := range v.jar {
		seen = seen || c.Name == want
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != v.path()+"/" {
			v.t.Errorf("the cookie %s", c)
		}
	}
	if !seen {
		v.t.Errorf("no cookie %s in %v", want, v.jar)
	}
	if resp.Header.Get("Strict-Transport-Security") == "" {
		v.t.Error("the answer does not say that only https will do")
	}
}

// isMisled by another site's page.
func (v *visitor) isMisled() {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+"/api/auth/logout", nil)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 403 {
		v.t.Errorf("a page of another site signs people out: %d", resp.StatusCode)
	}
}

// opensSockets does as a page with its cookie and as a program with ?token=. What one says the other hears.
func (v *visitor) opensSockets() {
	v.t.Helper()
	var cookies []string
	for _, c := range v.jar {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	cookie := strings.Join(cookies, "; ")
	page, err := v.dialSocket("/ws/room/general", http.Header{"Origin": {v.origin()}, "Cookie": {cookie}})
	if err != nil {
		v.t.Fatal(err)
	}
	awaitFrame(v.t, page, "subscribed")
	program, err := v.dialSocket("/ws/room/general?token="+v.token, http.Header{})
	if err != nil {
		v.t.Fatal(err)
	}
	awaitFrame(v.t, program, "subscribed")
	if err := program.Send("said through a proxy"); err != nil {
		v.t.Fatal(err)
	}
	if m := awaitFrame(v.t, page, "message"); m["content"] != "said through a proxy" || m["user"] != "ann" {
		v.t.Errorf("heard %v", m)
	}
	_ = program.Close()
	_ = page.Close()
	for _, origin := range []string{"https://evil.example", "http://" + strings.TrimPrefix(v.origin(), "https://"), v.origin() + ".evil.example"} {
		if _, err := v.dialSocket("/ws/room/general", http.Header{"Origin": {origin}, "Cookie": {cookie}}); err == nil || !strings.Contains(err.Error(), "403") {
			v.t.Errorf("a page of %s: %v", origin, err)
		}
	}
}

func (v *visitor) dialSocket(path string, header http.Header) (*wsclient.Conn, error) {
	ctx, cancel := context.WithTimeout(v.t.Context(), patience)
	defer cancel()
	d := wsclient.Dialer{TLS: &tls.Config{RootCAs: v.roots}, NetDial: v.dial}
	c, _, err := d.Dial(ctx, strings.Replace(v.base, "https:", "wss:", 1)+path, header)
	if err == nil {
		v.t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

// sendsTooMuch sends more than anything here needs.
func (v *visitor) sendsTooMuch() {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+"/api/messages", strings.NewReader(strings.Repeat(" ", 3<<20)))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+v.token)
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 413 {
		v.t.Errorf("3 MB of blanks: %d", resp.StatusCode)
	}
}

func (v *visitor) comesWithoutTLS(at string) {
	v.t.Helper()
	plain := v.site
	plain.to = at
	resp, err := plain.client(v.t).Get(strings.Replace(v.base, "https:", "http:", 1) + "/rooms/general")
	if err != nil {
		v.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if to, err := resp.Location(); resp.StatusCode != 308 || err != nil || to.Scheme != "https" || to.Path != v.path()+"/rooms/general" {
		v.t.Errorf("without TLS: %d to %v, %v", resp.StatusCode, to, err)
	}
}

// leavesTraces reads the logs after the end: the visitor's own address is in Parley's. Their token, which stood in a URL, and
// the code of an invitation are in none.
func (v *visitor) leavesTraces(p *proxy) {
	v.t.Helper()
	const invitation = "abcdefghijklmnopqrstuvwx23"
	if status, _, err := get(v.http, v.base+"/join/"+invitation); err != nil || status != 200 {
		v.t.Errorf("the page of an invitation: %d, %v", status, err)
	}
	p.stop(v.t)
	v.s.stop(v.t)
	log := v.s.log.String()
	for _, path := range []string{"/api/auth/login", "/ws/room/general"} {
		line := regexp.MustCompile(`msg=request .* path=\S*` + path + ` .*`).FindString(log)
		if !strings.Contains(line, "remote="+v.from+" ") {
			v.t.Errorf("not from %s: %q", v.from, line)
		}
	}
	if strings.Contains(log, "6.6.6.6") {
		v.t.Error("the log believes a browser about its address")
	}
	for name, text := range map[string]string{"Parley": log, "the proxy": p.everything(v.t)} {
		if strings.Contains(text, v.token[:60]) || strings.Contains(text, invitation) {
			v.t.Errorf("%s has logged a token or an invitation", name)
		}
	}
}

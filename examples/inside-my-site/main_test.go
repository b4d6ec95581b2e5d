package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/wsclient"
)

var executable string // the program, built once

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "inside-my-site-")
	if err != nil {
		panic(err)
	}
	executable = filepath.Join(dir, "site")
	if out, err := exec.Command("go", "build", "-o", executable, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// program is a running site.
type program struct {
	t         *testing.T
	base      string
	passwords map[string]string
	cmd       *exec.Cmd
}

func start(t *testing.T, data string) *program {
	t.Helper()
	p := &program{t: t, passwords: map[string]string{}, cmd: exec.Command(executable, "-addr", "127.0.0.1:0", "-data", data)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for p.base == "" && lines.Scan() {
		switch words := strings.Fields(lines.Text()); words[0] {
		case "sign": // in as NAME with the password PASSWORD
			p.passwords[words[3]] = words[len(words)-1]
		case "open":
			p.base = words[1]
		}
	}
	if p.base == "" {
		t.Fatal("the site does not say where it is")
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("the site ended with %v", err)
		}
	})
	return p
}

// browser keeps cookies. It follows redirects.
func (p *program) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	tr := &http.Transport{}
	p.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: tr, Timeout: 30 * time.Second}
}

func (p *program) post(b *http.Client, path string, form url.Values, header ...string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "POST", p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return p.answer(b.Do(req))
}

func (p *program) get(b *http.Client, path string) (int, string) {
	p.t.Helper()
	return p.answer(b.Get(p.base + path))
}

func (p *program) answer(resp *http.Response, err error) (int, string) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, resp.Request.URL.Path + " " + string(body)
}

func (p *program) signsIn(name string) *http.Client {
	p.t.Helper()
	b := p.browser()
	if status, body := p.post(b, "/login", url.Values{"name": {name}, "password": {p.passwords[name]}, "next": {"/chat/"}}); status != 200 || !strings.HasPrefix(body, "/chat/ ") {
		p.t.Fatalf("%s signs in: %d %s", name, status, body)
	}
	return b
}

func (p *program) socket(b *http.Client) (*wsclient.Conn, error) {
	u, err := url.Parse(p.base)
	if err != nil {
		p.t.Fatal(err)
	}
	header := http.Header{"Origin": {p.base}}
	for _, c := range b.Jar.Cookies(u) {
		header.Set("Cookie", c.String())
	}
	c, _, err := wsclient.Dial(p.t.Context(), p.base+"/chat/ws/room/general", header)
	return c, err
}

// hears reads frames until one has the text, or the socket is closed, whose code it returns.
func hears(t *testing.T, c *wsclient.Conn, text string) (code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		_, payload, err := c.Read(ctx)
		if end := (*wsclient.CloseError)(nil); errors.As(err, &end) {
			return end.Code
		}
		if err != nil {
			t.Fatalf("waiting for %q: %v", text, err)
		}
		if text != "" && strings.Contains(string(payload), text) {
			return 0
		}
	}
}

func TestTheSitesPeopleChat(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	if status, body := p.get(p.browser(), "/"); status != 200 || !strings.Contains(body, "Vegetables") {
		t.Errorf("the home page of a stranger: %d %s", status, body)
	}
	ann, bob := p.signsIn("ann"), p.signsIn("bob")
	hear, err := p.socket(ann)
	if err != nil {
		t.Fatal(err)
	}
	defer hear.Close()
	say, err := p.socket(bob)
	if err != nil {
		t.Fatal(err)
	}
	defer say.Close()
	hears(t, hear, "subscribed")
	if err := say.Send("<b>Leeks</b> are in"); err != nil {
		t.Fatal(err)
	}
	if code := hears(t, hear, "Leeks"); code != 0 {
		t.Fatalf("the socket was closed with %d", code)
	}
	for deadline := time.Now().Add(30 * time.Second); ; { // the hook is called after people have heard
		_, body := p.get(ann, "/")
		if strings.Contains(body, "bob: <q>&lt;b&gt;Leeks&lt;/b&gt; are in</q>") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the home page does not show the last message: %s", body)
		}
	}
	// bob signs out of the site: his socket ends, and nobody comes in with his cookie.
	old := p.browser()
	u, _ := url.Parse(p.base)
	old.Jar.SetCookies(u, bob.Jar.Cookies(u))
	if status, body := p.post(bob, "/logout", nil); status != 200 || !strings.Contains(body, "Vegetables") {
		t.Errorf("signing out: %d %s", status, body)
	}
	if code := hears(t, say, ""); code != 4002 {
		t.Errorf("bob's socket was closed with %d", code)
	}
	if _, err := p.socket(old); err == nil {
		t.Error("an old cookie opens a socket")
	}
	if status, _ := p.get(old, "/chat/api/me"); status != 401 {
		t.Errorf("an old cookie: %d", status)
	}
	// Somebody else signs in with the browser: what ann had there ends.
	if status, body := p.post(ann, "/login", url.Values{"name": {"bob"}, "password": {p.passwords["bob"]}}); status != 200 || !strings.Contains(body, "Good day, bob") {
		t.Errorf("signing in as bob: %d %s", status, body)
	}
	if code := hears(t, hear, ""); code != 4002 {
		t.Errorf("ann's socket was closed with %d", code)
	}
}

func TestTheSitesOwnForms(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	for _, form := range []url.Values{{}, {"name": {"ann"}, "password": {"wrong"}}, {"name": {"nobody"}, "password": {p.passwords["ann"]}}} {
		if status, _ := p.post(p.browser(), "/login", form); status != 401 {
			t.Errorf("%v: %d", form, status)
		}
	}
	right := url.Values{"name": {"ann"}, "password": {p.passwords["ann"]}}
	if status, _ := p.post(p.browser(), "/login", right, "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("a form on another site: %d", status)
	}
	for next, want := range map[string]string{"/chat/rooms/help": "/chat/rooms/help", "//evil.example": "/", `/\evil.example`: "/", "/\t/evil.example": "/", "/.//evil.example": "/evil.example", "https://evil.example/": "/", "": "/"} {
		right.Set("next", next)
		if _, body := p.post(p.browser(), "/login", right); !strings.HasPrefix(body, want+" ") {
			t.Errorf("next=%q leads to %.40s", next, body)
		}
	}
	files, err := filepath.Glob(filepath.Join(data, "*"))
	if err != nil || len(files) < 2 {
		t.Errorf("%v, %v", files, err)
	}
}

package parley_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/internal/wsclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logBuffer takes log lines from several goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// running is a server that Run serves.
type running struct {
	*parley.Server
	t    *testing.T
	base string // http://HOST:PORT
	log  *logBuffer
	stop func() // ends Run and waits for it
}

func start(t *testing.T, cfg parley.Config) *running {
	t.Helper()
	r := &running{t: t, log: &logBuffer{}}
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	cfg.Addr = "127.0.0.1:0"
	cfg.Logger = slog.New(slog.NewTextHandler(r.log, nil))
	s, err := parley.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Server = s
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	r.base = "http://" + addr.String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// token makes an account if it is missing, and a token of it.
func token(t *testing.T, dataDir, name string) string {
	t.Helper()
	a, err := parley.OpenAdmin(t.Context(), dataDir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := a.AddUser(t.Context(), name, "correct horse", ""); err != nil && !strings.Contains(err.Error(), "taken") {
		t.Fatal(err)
	}
	raw, expires, err := a.Token(t.Context(), name, time.Hour)
	if err != nil || time.Until(expires) < 59*time.Minute {
		t.Fatalf("token until %s: %v", expires, err)
	}
	return raw
}

// call makes a REST request and returns the status and the JSON object of the answer.
func call(t *testing.T, client *http.Client, method, url, token, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var m map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, m
}

func dial(t *testing.T, r *running, target, token string) *wsclient.Conn {
	t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	c, _, err := wsclient.Dial(t.Context(), r.base+target, header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// until reads frames up to one of the type.
func until(t *testing.T, c *wsclient.Conn, frameType string) map[string]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		var m map[string]any
		if err := c.ReadJSON(ctx, &m); err != nil {
			t.Fatalf("waiting for %s: %v", frameType, err)
		}
		if m["type"] == frameType {
			return m
		}
	}
}

func newClient(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func TestAServerStartsServesAndStops(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	r := start(t, parley.Config{DataDir: dir})
	client := newClient(t)
	resp, err := client.Get(r.base + "/health")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if string(body) != `{"status":"ok"}` {
		t.Errorf("health: %s", body)
	}
	raw := token(t, dir, "ann")
	if status, m := call(t, client, "POST", r.base+"/api/messages", raw, `{"room":"general","content":"kept"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	r.stop()
	log := r.log.String()
	for _, want := range []string{`pattern="GET /ws"`, `pattern="GET /ws/room/{name}"`, "parley is running", "url=http://127.0.0.1:", "stopped"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, "eyJ") || strings.Contains(log, "correct horse") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
	if _, err := net.DialTimeout("tcp", strings.TrimPrefix(r.base, "http://"), time.Second); err == nil {
		t.Error("the port is still open")
	}

	// The folder is free, and what was acknowledged is there; the token of before is good, too.
	r = start(t, parley.Config{DataDir: dir})
	_, m := call(t, client, "GET", r.base+"/api/messages?room=general", raw, "")
	if ms, _ := m["messages"].([]any); len(ms) != 1 || ms[0].(map[string]any)["content"] != "kept" {
		t.Errorf("got %v", m)
	}
}

func TestAMessageGoesFromRESTToASocket(t *testing.T) {
	dir := t.TempDir()
	r := start(t, parley.Config{DataDir: dir})
	raw := token(t, dir, "ann")
	c := dial(t, r, "/ws/room/general", raw)
	until(t, c, "subscribed")
	if status, m := call(t, newClient(t), "POST", r.base+"/api/messages", token(t, dir, "bob"), `{"room":"general","content":"over REST"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	if m := until(t, c, "message"); m["content"] != "over REST" || m["user"] != "bob" {
		t.Errorf("got %v", m)
	}
	// One who is there is counted.
	_, m := call(t, newClient(t), "GET", r.base+"/api/rooms/general", raw, "")
	if m["online"] != 1.0 {
		t.Errorf("online: %v", m)
	}
	// An orderly end says goodbye and when to come back.
	go r.stop()
	m = until(t, c, "goodbye")
	if after, _ := m["reconnect_after"].(float64); after < 500 || after > 5000 {
		t.Errorf("got %v", m)
	}
	var closed *wsclient.CloseError
	for closed == nil {
		if _, _, err := c.Read(t.Context()); err != nil && !errors.As(err, &closed) {
			t.Fatal(err)
		}
	}
	if closed.Code != 1001 {
		t.Errorf("closed with %v", closed)
	}
	r.stop()
}

func TestAClientThatIsStuckDoesNotKeepTheServer(t *testing.T) {
	dir := t.TempDir()
	r := start(t, parley.Config{DataDir: dir})
	c := dial(t, r, "/ws/room/general", token(t, dir, "ann"))
	until(t, c, "subscribed") // and then it reads no more
	r.stop()
	if !strings.Contains(r.log.String(), "were reset") {
		t.Errorf("the log does not tell of it:\n%s", r.log)
	}
}

func TestWithoutATokenThereIsNoSocket(t *testing.T) {
	r := start(t, parley.Config{})
	client := newClient(t)
	for _, path := range []string{"/ws", "/ws/room/general", "/ws?username=ann", "/ws?token=nonsense"} {
		if status, m := call(t, client, "GET", r.base+path, "", ""); status != 401 || m["code"] != "unauthenticated" {
			t.Errorf("%s: %d %v", path, status, m)
		}
	}
}

func TestGuestsHoldTheirNames(t *testing.T) {
	dir := t.TempDir()
	r := start(t, parley.Config{DataDir: dir, Guests: true})
	c := dial(t, r, "/ws/room/general?username=ann", "")
	welcome := until(t, c, "welcome")
	client := newClient(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.base+"/ws/room/general?username=Ann", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 409 {
		t.Errorf("the second ann got %d", resp.StatusCode)
	}
	claim, _ := welcome["token"].(string)
	if claim == "" {
		t.Fatalf("the welcome has no claim: %v", welcome)
	}
	again := dial(t, r, "/ws/room/general?token="+claim, "")
	back := until(t, again, "welcome")
	if fmt.Sprint(back["user_id"], back["user"]) != fmt.Sprint(welcome["user_id"], welcome["user"]) {
		t.Errorf("came back as %v, was %v", back, welcome)
	}
	a, err := parley.OpenAdmin(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.AddUser(t.Context(), "ann", "correct horse", ""); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("an account with the name of a guest who is here: %v", err)
	}
	// Their first message makes them known, and REST takes the claim as a token.
	if status, m := call(t, client, "POST", r.base+"/api/messages", claim, `{"room":"general","content":"hi"}`); status != 201 || m["user"] != "ann" {
		t.Errorf("%d %v", status, m)
	}
	if status, m := call(t, client, "POST", r.base+"/api/rooms", claim, `{"name":"mine"}`); status != 403 {
		t.Errorf("a guest made a room: %d %v", status, m)
	}
}

func TestOriginsOfPages(t *testing.T) {
	cases := []struct {
		cfg     parley.Config
		origin  string // HOST stands for the server's own
		allowed bool
	}{
		{parley.Config{}, "", true},
		{parley.Config{}, "http://HOST", true},
		{parley.Config{}, "http://evil.example", false},
		{parley.Config{}, "null", false},
		{parley.Config{}, "http://HOST.evil.example", false},
		{parley.Config{AllowedOrigins: []string{"https://a.example/"}}, "https://a.example", true},
		{parley.Config{AllowedOrigins: []string{"https://a.example"}}, "http://a.example", false},
		{parley.Config{AllowedOrigins: []string{"https://a.example"}}, "https://a.example.evil.example", false},
		{parley.Config{AllowedOrigins: []string{"https://a.example"}}, "http://HOST", true},
		{parley.Config{PublicURL: "https://chat.example/parley/"}, "https://chat.example", true},
		{parley.Config{PublicURL: "https://chat.example"}, "http://HOST", false},
	}
	for _, c := range cases {
		c.cfg.Guests = true
		r := start(t, c.cfg)
		origin := strings.ReplaceAll(c.origin, "HOST", strings.TrimPrefix(r.base, "http://"))
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, resp, err := wsclient.Dial(t.Context(), r.base+"/ws?username=ann", header)
		if (err == nil) != c.allowed || err != nil && (resp == nil || resp.StatusCode != 403) {
			t.Errorf("origin %q with %+v: %v", c.origin, c.cfg, err)
		}
		if err == nil {
			_ = conn.Close()
		}
		r.stop()
	}
}

func TestTwoServersCannotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	start(t, parley.Config{DataDir: dir})
	_, err := parley.New(parley.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "in use by the process") {
		t.Errorf("got %v", err)
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	first := start(t, parley.Config{})
	addr := strings.TrimPrefix(first.base, "http://")
	dir := t.TempDir()
	s, err := parley.New(parley.Config{DataDir: dir, Addr: addr, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "--addr") {
		t.Errorf("got %v", err)
	}
	start(t, parley.Config{DataDir: dir}) // Run has let go of everything
}

func TestTheHandlerInAnotherServer(t *testing.T) {
	dir := t.TempDir()
	s, err := parley.New(parley.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(s.Handler())
	defer host.Close()
	raw := token(t, dir, "ann")
	if status, m := call(t, host.Client(), "GET", host.URL+"/api/me", raw, ""); status != 200 || m["name"] != "ann" {
		t.Errorf("%d %v", status, m)
	}
	for range 2 {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	if _, err := s.Listen(); err == nil {
		t.Error("listens after Shutdown")
	}
	if status, m := call(t, host.Client(), "POST", host.URL+"/api/messages", raw, `{"room":"general","content":"late"}`); status < 400 {
		t.Errorf("a write after Shutdown: %d %v", status, m)
	}
}

func TestShutdownEndsRun(t *testing.T) {
	s, err := parley.New(parley.Config{DataDir: t.TempDir(), Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	client := newClient(t)
	resp, err := client.Get("http://" + addr.String() + "/health") // it serves
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for want, cfg := range map[string]parley.Config{
		"public URL":      {PublicURL: "chat.example"},
		"allowed origins": {AllowedOrigins: []string{"*"}},
	} {
		cfg.DataDir = t.TempDir()
		if _, err := parley.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestMetricsTellOfEveryPart(t *testing.T) {
	dir := t.TempDir()
	r := start(t, parley.Config{DataDir: dir})
	client := newClient(t)
	if status, m := call(t, client, "POST", r.base+"/api/messages", token(t, dir, "ann"), `{"room":"general","content":"x"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	resp, err := client.Get(r.base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	for _, want := range []string{
		"parley_commit_batch_ops_count 1", "parley_hub_published_total 1", "parley_connections 0", `parley_frames_out_total{type="message"} 1`,
		`parley_http_requests_total{method="POST",route="POST /api/messages",status="201"} 1`, "go_goroutines",
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
}

package goclient_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(cleaning{m}) }

// cleaning removes what the tests have shared.
type cleaning struct{ *testing.M }

func (c cleaning) Run() int {
	defer func() { _ = os.RemoveAll(template.dir) }()
	return c.M.Run()
}

// template is a folder with the accounts ann and bob, made once: hashing passwords takes its time.
var template struct {
	once sync.Once
	dir  string
	err  error
}

func makeTemplate() {
	if template.dir, template.err = os.MkdirTemp("", "goclient"); template.err != nil {
		return
	}
	ctx := context.Background()
	a, err := parley.OpenAdmin(ctx, template.dir, nil)
	if err != nil {
		template.err = err
		return
	}
	_, err = a.AddUser(ctx, "ann", "correct horse", "")
	_, err2 := a.AddUser(ctx, "bob", "correct horse", "")
	template.err = errors.Join(err, err2, a.Close())
}

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// server is a real one, on a port that stays the same when it starts again.
type server struct {
	t    *testing.T
	cfg  parley.Config
	base string
	stop func() // ends it in order
}

// start runs a server with the accounts ann and bob.
func start(t *testing.T, cfg parley.Config) *server {
	t.Helper()
	cfg.DataDir, cfg.Addr, cfg.NoRateLimits = t.TempDir(), "127.0.0.1:0", true
	cfg.Logger = slog.New(slog.DiscardHandler)
	if template.once.Do(makeTemplate); template.err != nil {
		t.Fatal(template.err)
	}
	if err := os.CopyFS(cfg.DataDir, os.DirFS(template.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(cfg.DataDir, "token.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cfg: cfg}
	s.run()
	return s
}

// run starts it, on the same folder and port as before if it ran before.
func (s *server) run() {
	s.t.Helper()
	p, err := parley.New(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	addr, err := p.Listen()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cfg.Addr, s.base = addr.String(), "http://"+addr.String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("Run: %v", err)
		}
	})
	s.t.Cleanup(s.stop)
}

func (s *server) admin(do func(context.Context, *parley.Admin) error) {
	s.t.Helper()
	a, err := parley.OpenAdmin(s.t.Context(), s.cfg.DataDir, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := errors.Join(do(s.t.Context(), a), a.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// token makes a token that lives for ttl.
func (s *server) token(name string, ttl time.Duration) string {
	s.t.Helper()
	var token string
	s.admin(func(ctx context.Context, a *parley.Admin) (err error) {
		token, _, err = a.Token(ctx, name, ttl)
		return err
	})
	return token
}

// eager is what tests connect with: no time is lost between attempts, but a machine that is busy is not made busier.
func eager(o goclient.Options) goclient.Options {
	return goclient.WithPause(o, func(int) time.Duration { return 5 * time.Millisecond })
}

func connect(t *testing.T, url string, o goclient.Options) *goclient.Client {
	t.Helper()
	c, err := goclient.Connect(soon(t), url, eager(o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// connectAs connects straight to the server.
func (s *server) connectAs(name string) *goclient.Client {
	s.t.Helper()
	return connect(s.t, s.base, goclient.Options{Token: s.token(name, time.Hour)})
}

// soon is a context that bounds one thing that must happen.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errors.New("nothing has come for a minute"))
	t.Cleanup(cancel)
	return ctx
}

func subscribe(t *testing.T, c *goclient.Client, room string, from goclient.Position) *goclient.Subscription {
	t.Helper()
	s, err := c.Subscribe(soon(t), room, from)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func say(t *testing.T, c *goclient.Client, room, text string) goclient.Ack {
	t.Helper()
	ack, err := c.Send(soon(t), room, text)
	if err != nil {
		t.Fatal(err)
	}
	return ack
}

// hear returns the next event, which must be a message.
func hear(t *testing.T, s *goclient.Subscription) *goclient.Message {
	t.Helper()
	event, err := s.Next(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := event.(*goclient.Message)
	if !ok {
		t.Fatalf("%T %+v instead of a message", event, event)
	}
	return m
}

// cuttable is the way to the server, which a test can cut.
type cuttable struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	down  bool
}

var errDown = errors.New("the network is down")

func (n *cuttable) client(t *testing.T) *http.Client {
	n.conns = map[net.Conn]struct{}{}
	transport := &http.Transport{DialContext: n.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (n *cuttable) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	n.mu.Lock()
	down := n.down
	n.mu.Unlock()
	if down {
		return nil, errDown
	}
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns[c] = struct{}{}
	return c, nil
}

// cut resets every connection that there is.
func (n *cuttable) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	clear(n.conns)
}

// set switches new connections off or on.
func (n *cuttable) set(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = down
}

// logLines hands on what a client logs, line by line.
type logLines chan string

func (l logLines) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default: // nobody waits for it
	}
	return len(p), nil
}

func (l logLines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(io.Writer(l), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l logLines) wait(t *testing.T, text string) {
	t.Helper()
	for {
		select {
		case line := <-l:
			if strings.Contains(line, text) {
				return
			}
		case <-time.After(patience):
			t.Fatalf("the client does not log %q", text)
		}
	}
}

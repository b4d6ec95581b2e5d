// Package mounttest speaks to a program that has mounted hub/rooms as its users would: it builds the program, starts it on
// a free port, and comes with WebSockets of its own. Every example in the folders beside it must pass [Run].
package mounttest

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/rooms"
	"github.com/parley-chat/parley/hub/websocket"
)

// patience is how long the program may take to listen, and to end.
const patience = 30 * time.Second

// BasicAuth signs ann and bob in by HTTP's own way. It asks nothing of the server.
func BasicAuth(_ *testing.T, _, name, password string) http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(name, password)
	return r.Header
}

// Run tests the program in the current folder. signIn returns what a request of a user carries to be theirs; base is
// where the program listens.
func Run(t *testing.T, signIn func(t *testing.T, base, name, password string) http.Header) {
	program, base := start(t)
	dial := func(path string, header http.Header) *hubtest.Client {
		t.Helper()
		c, err := hubtest.Dial(t.Context(), nil, base+path, header)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return c
	}
	refused(t, base+"/ws/room/general", nil, http.StatusUnauthorized)
	refused(t, base+"/ws", nil, http.StatusUnauthorized)
	refused(t, base+"/ws/room/general", BasicAuth(t, base, "ann", "coffee"), http.StatusUnauthorized)
	asAnn, asBob := signIn(t, base, "ann", "tea"), signIn(t, base, "bob", "coffee")
	refused(t, base+"/ws/room/nowhere", asAnn, http.StatusNotFound)

	ann, bob := dial("/ws/room/general", asAnn), dial("/ws/room/general", asBob)
	site := dial("/ws", asBob)
	expect(t, site.Next("welcome", nil))
	expect(t, site.Send(`{"type":"subscribe","rooms":[{"room":"general"}]}`))
	for _, c := range []*hubtest.Client{ann, bob, site} {
		expect(t, c.Next("subscribed", nil))
	}
	expect(t, ann.Send(`{"type":"message","content":"Hello"}`))
	for _, c := range []*hubtest.Client{bob, site} {
		var m rooms.Message
		expect(t, c.Next("message", &m))
		if m.User != "ann" || m.Content != "Hello" || m.Room != "general" {
			t.Errorf("bob heard %+v, want Hello from ann in general", m)
		}
	}
	stop(t, program, ann, bob, site)
}

func expect(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, url string, header http.Header, status int) {
	t.Helper()
	c, err := hubtest.Dial(t.Context(), nil, url, header)
	if err == nil {
		c.Abort()
	}
	if answer, ok := errors.AsType[*websocket.HandshakeError](err); !ok || answer.Status != status {
		t.Errorf("%s was answered with %v, want %d", url, err, status)
	}
}

// start builds the program and waits until it says where it listens.
func start(t *testing.T) (program *exec.Cmd, base string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithCancel(context.Background())
	program = exec.CommandContext(ctx, binary, "-addr", "127.0.0.1:0")
	var printed strings.Builder
	program.Stderr = &printed
	out, err := program.StdoutPipe()
	expect(t, err)
	expect(t, program.Start())
	t.Cleanup(func() {
		cancel()
		_ = program.Wait() // stop has waited already, unless the test failed before
		if t.Failed() {
			t.Logf("the program said:\n%s", printed.String())
		}
	})
	late := time.AfterFunc(patience, cancel)
	defer late.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			go func() {
				for lines.Scan() { // what a framework logs there must not fill the pipe
				}
			}()
			return program, address
		}
	}
	t.Fatal("the program ended before it listened")
	return nil, ""
}

// stop ends the program as a supervisor does: everyone hears a goodbye and 1001, and it exits with 0.
func stop(t *testing.T, program *exec.Cmd, clients ...*hubtest.Client) {
	t.Helper()
	expect(t, program.Process.Signal(syscall.SIGTERM))
	for _, c := range clients {
		expect(t, c.Next("goodbye", nil))
		_, err := c.Receive()
		if end, ok := errors.AsType[*websocket.CloseError](err); !ok || end.Code != websocket.CloseGoingAway {
			t.Errorf("the connection ended with %v, want 1001", err)
		}
	}
	late := time.AfterFunc(patience, func() { _ = program.Process.Kill() })
	defer late.Stop()
	if err := program.Wait(); err != nil {
		t.Errorf("after SIGTERM the program ended with %v", err)
	}
}

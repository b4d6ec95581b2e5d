package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/wsclient"
)

// patience is how long a test waits for what has to happen before it fails; it is no measure of speed.
const patience = 30 * time.Second

var executable string // the program, built once

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "rooms-by-name-")
	if err != nil {
		panic(err)
	}
	executable = filepath.Join(dir, "rooms-by-name")
	if out, err := exec.Command("go", "build", "-o", executable, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// program is a running server.
type program struct {
	t    *testing.T
	addr string
	cmd  *exec.Cmd
}

func start(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(executable, "-addr", "127.0.0.1:0")}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on http://")
	if err != nil || !ok || strings.HasSuffix(addr, ":0") {
		t.Fatalf("it printed %q, %v", line, err)
	}
	p.addr = addr
	return p
}

// get asks over HTTP and returns the status and the body.
func (p *program) get(path string) (int, string) {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Get("http://" + p.addr + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func address(room, name string) string {
	return "/ws/" + url.PathEscape(room) + "?username=" + url.QueryEscape(name)
}

// dial tries to enter; a refusal gives its status and body.
func (p *program) dial(room, name string, header http.Header) (c *visitor, status int, body string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, resp, err := wsclient.Dial(ctx, "ws://"+p.addr+address(room, name), header)
	if err != nil {
		if resp == nil {
			p.t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		return nil, resp.StatusCode, string(b)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return &visitor{Conn: conn, t: p.t, room: room, name: name}, http.StatusSwitchingProtocols, ""
}

// enter opens a socket and waits until it is in the room.
func (p *program) enter(room, name string) *visitor {
	p.t.Helper()
	c, status, body := p.dial(room, name, nil)
	if c == nil {
		p.t.Fatalf("%s in %s: %d %s", name, room, status, body)
	}
	c.want("user_joined", name)
	return c
}

// visitor is a browser that knows no more than the tutorial.
type visitor struct {
	*wsclient.Conn
	t          *testing.T
	room, name string
}

type frame struct {
	Type, Content, Room, Username string
}

func (c *visitor) next() (frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	op, b, err := c.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	var f frame
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil || op != wsclient.Text {
		c.t.Fatalf("%s got %q: %v", c.name, b, err)
	}
	if f.Room != c.room {
		c.t.Errorf("%s, who is in %s, got %+v", c.name, c.room, f)
	}
	return f, nil
}

// want reads up to the next frame of this type from, or about, a user. Lists come between anything.
func (c *visitor) want(typ, user string) frame {
	c.t.Helper()
	for {
		f, err := c.next()
		switch {
		case err != nil:
			c.t.Fatalf("%s waits for %s of %s: %v", c.name, typ, user, err)
		case f.Type == typ && f.Username == user:
			return f
		case f.Type != "online_users":
			c.t.Fatalf("%s got %+v, want %s of %s", c.name, f, typ, user)
		}
	}
}

// online reads until the list is these names, whatever comes before.
func (c *visitor) online(names ...string) {
	c.t.Helper()
	for {
		f, err := c.next()
		if err != nil {
			c.t.Fatalf("%s waits for the list %q: %v", c.name, names, err)
		}
		if f.Type == "online_users" && slices.Equal(strings.Split(f.Content, ","), names) {
			return
		}
	}
}

// say sends a text and hears it back, as the sender does.
func (c *visitor) say(text string) {
	c.t.Helper()
	if err := c.Send(text); err != nil {
		c.t.Fatal(err)
	}
	if f := c.want("chat", c.name); f.Content != text {
		c.t.Fatalf("%s said %q and heard %q", c.name, text, f.Content)
	}
}

// ended reads to the end, and returns the server's close code.
func (c *visitor) ended() int {
	c.t.Helper()
	for {
		if _, err := c.next(); err != nil {
			var ce *wsclient.CloseError
			if !errors.As(err, &ce) {
				c.t.Fatalf("%s: %v, want a close frame", c.name, err)
			}
			return ce.Code
		}
	}
}

// leave does the closing handshake.
func (c *visitor) leave() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Shutdown(ctx, 1000, ""); err != nil {
		c.t.Errorf("%s leaves: %v", c.name, err)
	}
}

// stop ends the program as a supervisor does, and returns its exit status.
func (p *program) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-ended
		p.t.Fatal("it did not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

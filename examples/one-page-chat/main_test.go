package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// patience is how long a test waits for what has to happen before it fails; it is no measure of speed.
const patience = 30 * time.Second

var executable string // the program, built once

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "one-page-chat-")
	if err != nil {
		panic(err)
	}
	executable = filepath.Join(dir, "one-page-chat")
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

// get asks over HTTP.
func (p *program) get(path string) (resp *http.Response, body string) {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Get("http://" + p.addr + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp, string(b)
}

// visitor is a client that knows no more than the tutorial: it sends email, username and message.
type visitor struct {
	*wsclient.Conn
	t           *testing.T
	email, name string
}

// dial opens a socket that has said nothing yet.
func (p *program) dial(email, name string) *visitor {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := wsclient.Dial(ctx, "ws://"+p.addr+"/ws", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return &visitor{conn, p.t, email, name}
}

// enter opens a socket and says who it is.
func (p *program) enter(email, name string) *visitor {
	p.t.Helper()
	v := p.dial(email, name)
	v.send(map[string]any{"email": email, "username": name})
	v.want("here", name)
	return v
}

func (v *visitor) send(frame any) {
	v.t.Helper()
	b, err := json.Marshal(frame)
	if err != nil {
		v.t.Fatal(err)
	}
	v.raw(string(b))
}

func (v *visitor) raw(text string) {
	v.t.Helper()
	if err := v.Send(text); err != nil {
		v.t.Fatal(err)
	}
}

func (v *visitor) say(text string) {
	v.t.Helper()
	v.send(map[string]string{"email": v.email, "username": v.name, "message": text})
}

// next reads a frame. None, to nobody, has a part of an address in it: all tests' addresses are at secret.example.
func (v *visitor) next() (frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	op, b, err := v.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	if strings.ContainsRune(string(b), '@') && !strings.Contains(string(b), "none of them @") || strings.Contains(string(b), "secret") {
		v.t.Errorf("%s got a frame with an address in it: %s", v.name, b)
	}
	var f frame
	if err := json.Unmarshal(b, &f); err != nil || op != wsclient.Text {
		v.t.Fatalf("%s got %q: %v", v.name, b, err)
	}
	return f, nil
}

// want reads up to the next frame of this type of a user; those about who is here may come before, nothing else.
func (v *visitor) want(typ, username string) frame {
	v.t.Helper()
	for {
		f, err := v.next()
		switch {
		case err != nil:
			v.t.Fatalf("%s waits for %q of %s: %v", v.name, typ, username, err)
		case f.Type == typ && f.Username == username:
			return f
		case f.Type != "here" && f.Type != "joined" && f.Type != "left":
			v.t.Fatalf("%s got %+v, want %q of %s", v.name, f, typ, username)
		}
	}
}

// hears reads the next message of a user, which must have this text.
func (v *visitor) hears(username, text string) frame {
	v.t.Helper()
	f := v.want("", username)
	if f.Message != text {
		v.t.Fatalf("%s heard %q of %s, want %q", v.name, f.Message, username, text)
	}
	return f
}

// refused reads the next error, which must have this code and say this.
func (v *visitor) refused(code, part string) {
	v.t.Helper()
	if f := v.want("error", ""); f.Code != code || !strings.Contains(f.Message, part) {
		v.t.Errorf("%s got %+v, want %s with %q", v.name, f, code, part)
	}
}

// ended reads to the end, and returns the server's close code.
func (v *visitor) ended() int {
	v.t.Helper()
	for {
		if _, err := v.next(); err != nil {
			var ce *wsclient.CloseError
			if !errors.As(err, &ce) {
				v.t.Fatalf("%s: %v, want a close frame", v.name, err)
			}
			return ce.Code
		}
	}
}

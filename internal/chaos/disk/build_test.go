package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chattest"
)

var built struct {
	once sync.Once
	dir  string
	err  error
}

// parley returns the path of the real program, built when it is asked for first.
func parley(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "parley-disk-"); built.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(built.dir, "parley"), "github.com/parley-chat/parley/cmd/parley").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	check(t, built.err)
	return filepath.Join(built.dir, "parley")
}

// server is the real program on a data folder.
type server struct {
	t    *testing.T
	data string
	addr string
	http *http.Client
	cmd  *exec.Cmd
	log  bytes.Buffer // to be read after end
}

func newServer(t *testing.T, data string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	s := &server{t: t, data: data, addr: l.Addr().String(), http: &http.Client{Transport: transport, Timeout: patience}}
	check(t, l.Close())
	t.Cleanup(func() {
		if s.cmd != nil {
			_ = s.kill()
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", &s.log)
		}
	})
	return s
}

// launch starts the process and waits for nothing.
func (s *server) launch() {
	s.t.Helper()
	s.cmd = exec.Command(parley(s.t), "serve", "--addr", s.addr, "--data", s.data, "--rate-limits", "off")
	s.cmd.Env = quietEnvironment()
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	check(s.t, s.cmd.Start())
}

// start starts the process and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	s.launch()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if resp, err := s.http.Get("http://" + s.addr + "/health"); err == nil {
			_ = resp.Body.Close()
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			_ = s.kill()
			s.t.Fatalf("the server did not start:\n%s", &s.log)
		}
	}
}

// kill ends the process as a power switch would.
func (s *server) kill() error {
	_ = s.cmd.Process.Kill()
	err := s.cmd.Wait()
	s.cmd = nil
	return err
}

// ended waits for the process to end by itself and returns its status.
func (s *server) ended() int {
	watchdog := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer watchdog.Stop()
	_ = s.cmd.Wait()
	status := s.cmd.ProcessState.ExitCode()
	s.cmd = nil
	return status
}

// quietEnvironment is the test's own without what would configure the server.
func quietEnvironment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PARLEY_") {
			env = append(env, e)
		}
	}
	return env
}

// user adds an account through the command line and returns a token for it.
func (s *server) user(name string) string {
	s.t.Helper()
	run := func(args ...string) string {
		cmd := exec.Command(parley(s.t), append(args, "--data", s.data)...)
		cmd.Env, cmd.Stdin = quietEnvironment(), strings.NewReader("a password of "+name+"\n")
		out, err := cmd.Output()
		if err != nil {
			s.t.Fatalf("parley %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("user", "add", name)
	return run("token", name, "--ttl", "1h")
}

// post sends a message once and returns the status of the answer, 0 without one.
func (s *server) post(token, id, content string) (int, error) {
	body := fmt.Sprintf(`{"room":"general","content":%q}`, content)
	req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/api/messages", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", id)
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = errors.New(string(answer))
	}
	return resp.StatusCode, err
}

// page returns the text of a page of the room's history.
func (s *server) page(token string, n int) string {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://%s/api/messages?room=general&page=%d", s.addr, n), nil)
	check(s.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := s.http.Do(req)
	check(s.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(s.t, err)
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("page %d: %d %s", n, resp.StatusCode, body)
	}
	return string(body)
}

// wantOnce fails unless each content is in the room once.
func (s *server) wantOnce(token string, contents []string) {
	s.t.Helper()
	var all strings.Builder
	for n := 1; ; n++ {
		page := s.page(token, n)
		all.WriteString(page)
		if !strings.Contains(page, `"has_more":true`) {
			break
		}
	}
	for _, c := range contents {
		if n := strings.Count(all.String(), `"`+c+`"`); n != 1 {
			s.t.Errorf("%q is there %d times", c, n)
		}
	}
}

// untilCut posts messages until one gets no answer or the limit is reached. It returns what was acknowledged, and the id
// and content of the one that was not.
func (s *server) untilCut(token, prefix string, limit int) (acked []string, id, content string) {
	s.t.Helper()
	for n := range limit {
		id, content = chattest.ID(), fmt.Sprintf("%s %d", prefix, n)
		status, err := s.post(token, id, content)
		if status/100 != 2 {
			s.t.Logf("%s: %d %v", content, status, err)
			return acked, id, content
		}
		acked = append(acked, content)
	}
	return acked, "", ""
}

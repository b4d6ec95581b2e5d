package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a parley process with a folder and a port that it keeps over restarts.
type server struct {
	t     *testing.T
	data  string
	addr  string
	flags []string
	log   *output
	http  *http.Client
	proc  *process // nil while it is down
}

// process is one life of a server.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // of Wait; valid once done is closed
}

// output collects what processes print.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// newServer prepares a server in a fresh folder and does not start it.
func newServer(t *testing.T, flags ...string) *server {
	t.Helper()
	return serverIn(t, t.TempDir(), flags...)
}

func serverIn(t *testing.T, data string, flags ...string) *server {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	s := &server{t: t, data: data, addr: freeAddr(t), flags: flags, log: &output{}, http: &http.Client{Transport: transport, Timeout: patience}}
	t.Cleanup(func() {
		s.kill()
		transport.CloseIdleConnections()
		if t.Failed() {
			t.Logf("the server's log (its end):\n%s", tail(s.log.String(), 16<<10))
		}
		if strings.Contains(s.log.String(), "WARNING: DATA RACE") {
			t.Errorf("the race detector found something in the server:\n%s", raceReport(s.log.String()))
		}
	})
	return s
}

func tail(s string, most int) string { return s[max(0, len(s)-most):] }

func raceReport(log string) string {
	report := log[strings.Index(log, "WARNING: DATA RACE"):]
	return report[:min(len(report), 8<<10)]
}

// startServer starts a server in a fresh folder.
func startServer(t *testing.T, flags ...string) *server {
	t.Helper()
	s := newServer(t, flags...)
	s.start()
	return s
}

// freeAddr finds a port below those that the system gives to clients: otherwise, while the server is down, a client that
// dials its port might get that same port for its own end and talk to itself.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(10000+rand.IntN(20000)))
		if l, err := net.Listen("tcp", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
	t.Fatal("found no free port")
	return ""
}

// start starts the process and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	if err := s.tryStart(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) tryStart() error { return s.run(s.serve()) }

// serve is the command that starts the server.
func (s *server) serve() *exec.Cmd {
	cmd := exec.Command(parley(s.t), append([]string{"serve", "--addr", s.addr, "--data", s.data}, s.flags...)...)
	cmd.Env = environment()
	return cmd
}

// run starts cmd as the server's process and waits until it answers.
func (s *server) run(cmd *exec.Cmd) error {
	if err := s.launch(cmd); err != nil {
		return err
	}
	return s.waitReady()
}

// launch starts cmd as the server's process and waits for nothing.
func (s *server) launch(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	s.proc = p
	return nil
}

// environment is the tests' own without what would configure the server.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PARLEY_") {
			env = append(env, e)
		}
	}
	return env
}

func (s *server) waitReady() error {
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if s.healthy() == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.proc.done:
			return fmt.Errorf("the server ended before it was ready: %w", s.proc.err)
		case <-deadline:
			return errors.New("the server did not become ready")
		}
	}
}

// healthy asks /health.
func (s *server) healthy() error {
	resp, err := s.http.Get("http://" + s.addr + "/health")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || strings.TrimSpace(string(b)) != `{"status":"ok"}` {
		return fmt.Errorf("/health answered %d %s", resp.StatusCode, b)
	}
	return nil
}

func (s *server) mustBeHealthy(t *testing.T) {
	t.Helper()
	if err := s.healthy(); err != nil {
		t.Errorf("the server is not healthy any more: %v", err)
	}
}

// kill ends the process as a power switch would, and waits until it is gone. A process that is not there is no error.
func (s *server) kill() {
	if s.proc != nil {
		_ = s.proc.cmd.Process.Kill()
		<-s.proc.done
		s.proc = nil
	}
}

// terminate sends SIGTERM and returns how long the process took to end, and its exit status.
func (s *server) terminate(limit time.Duration) (time.Duration, int, error) {
	p := s.proc
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, 0, err
	}
	select {
	case <-p.done:
	case <-time.After(limit):
		return 0, 0, fmt.Errorf("the server was still there %s after SIGTERM", limit)
	}
	s.proc = nil
	return time.Since(begun), p.cmd.ProcessState.ExitCode(), nil
}

// result is what a command did.
type result struct {
	stdout, stderr string
	status         int
}

// command runs parley with args and waits for its end.
func command(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, parley(t), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = strings.NewReader(stdin), &stdout, &stderr, environment()
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("parley %s: %v %v\n%s%s", strings.Join(args, " "), err, ctx.Err(), &stdout, &stderr)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// user adds an account through the command line and returns a token that lives for an hour.
func (s *server) user(name string) string {
	s.t.Helper()
	if r := command(s.t, "a password of "+name+"\n", "user", "add", name, "--data", s.data); r.status != 0 {
		s.t.Fatalf("user add %s: status %d\n%s%s", name, r.status, r.stdout, r.stderr)
	}
	return s.token(name, "1h")
}

// token makes a further token through the command line.
func (s *server) token(name, ttl string) string {
	s.t.Helper()
	r := command(s.t, "", "token", name, "--ttl", ttl, "--data", s.data)
	token := strings.TrimSpace(r.stdout)
	if r.status != 0 || strings.Count(token, ".") != 2 || strings.ContainsAny(token, " \n") {
		s.t.Fatalf("token %s: status %d\n%s%s", name, r.status, r.stdout, r.stderr)
	}
	return token
}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// request sends one request; body is sent as JSON unless it is nil. Further headers come as pairs.
func (s *server) request(method, path, token string, body any, header ...string) (answer, error) {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	default:
		j, err := json.Marshal(b)
		if err != nil {
			return answer{}, err
		}
		in = bytes.NewReader(j)
	}
	req, err := http.NewRequest(method, "http://"+s.addr+path, in)
	if err != nil {
		return answer{}, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, b}, err
}

// call is request for what must be answered with the given status; the body is decoded into out unless that is nil.
func (s *server) call(t *testing.T, status int, method, path, token string, body, out any, header ...string) {
	t.Helper()
	a, err := s.request(method, path, token, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		t.Fatalf("%s %s: status %d, want %d\n%s", method, path, a.status, status, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, a.body)
		}
	}
}

// problem is call for what must be refused: it checks the status and code of the error.
func (s *server) problem(t *testing.T, status int, code, method, path, token string, body any, header ...string) {
	t.Helper()
	a, err := s.request(method, path, token, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	checkProblem(t, a, status, code)
}

// checkProblem checks that an answer is the error it should be.
func checkProblem(t *testing.T, a answer, status int, code string) {
	t.Helper()
	var p struct {
		Code, Detail string
		Status       int
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Errorf("status %d with a body that is no problem: %s", a.status, a.body)
		return
	}
	if a.status != status || p.Status != status || p.Code != code || p.Detail == "" {
		t.Errorf("status %d, problem %s; want status %d, code %q and a detail", a.status, a.body, status, code)
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("an error of type %q, want application/problem+json", ct)
	}
}

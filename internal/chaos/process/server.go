// Package process runs a Parley server as a process that can be killed, stopped, paused and started again, and whose
// resources can be looked at from outside.
package process

import (
	"bytes"
	"context"
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
	"time"
)

// readyTime is how long a server may take until it answers.
const readyTime = 60 * time.Second

// Server is a server with a folder and a port that it keeps over its lives. Its methods may be called concurrently, but
// two that start or end it must not overlap.
type Server struct {
	Binary string
	Data   string
	Addr   string
	Flags  []string
	Log    io.Writer

	mu   sync.Mutex
	env  []string
	life *Life
}

// Life is one process of a server.
type Life struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu     sync.Mutex
	wanted bool // somebody has ended it on purpose
}

// Ended is closed when the process is gone.
func (l *Life) Ended() <-chan struct{} { return l.ended }

// Wanted says that the process was ended through Server, not by itself.
func (l *Life) Wanted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted
}

// Expect says that the process may end by itself: somebody has told it to.
func (l *Life) Expect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = true
}

// How says how the process ended, as in "exit status 1" or "signal: killed". It waits for the end.
func (l *Life) How() string {
	<-l.ended
	return l.cmd.ProcessState.String()
}

// FreeAddr finds a port below those that the system gives to clients: otherwise, while a server is down, a client that dials
// its port might get that same port for its own end and talk to itself.
func FreeAddr() (string, error) {
	for range 200 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(10000+rand.IntN(20000)))
		if l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", errors.New("found no free port")
}

// Environment is this process' own without what would configure a server, but with the mistakes that a program built with
// the tag faults may be told to make.
func Environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PARLEY_") || strings.HasPrefix(e, "PARLEY_MUTANT=") {
			env = append(env, e)
		}
	}
	return env
}

// SetEnv gives the next lives further variables, as NAME=value.
func (s *Server) SetEnv(env ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.env = env
}

// Life returns the present process, or the last one; nil before the first.
func (s *Server) Life() *Life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// Launch starts a process and waits for nothing.
func (s *Server) Launch(extra ...string) (*Life, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd := exec.CommandContext(context.Background(), s.Binary, append([]string{"serve", "--addr", s.Addr, "--data", s.Data}, s.Flags...)...)
	cmd.Env = append(append(Environment(), s.env...), extra...)
	cmd.Stdout, cmd.Stderr = s.Log, s.Log
	// A group of its own, so that Ctrl+C at the checker is the checker's alone to pass on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &Life{cmd: cmd, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // How tells
		close(l.ended)
	}()
	s.life = l
	return l, nil
}

// Start starts a process and waits until it answers.
func (s *Server) Start(ctx context.Context, extra ...string) error {
	l, err := s.Launch(extra...)
	if err != nil {
		return err
	}
	return s.Ready(ctx, l)
}

// Ready waits until a process answers.
func (s *Server) Ready(ctx context.Context, l *Life) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if healthy(ctx, client, s.Addr) {
			return nil
		}
		select {
		case <-tick.C:
		case <-l.ended:
			return fmt.Errorf("the server ended before it was ready: %s", l.How())
		case <-ctx.Done():
			return fmt.Errorf("the server did not become ready: %w", ctx.Err())
		}
	}
}

func healthy(ctx context.Context, client *http.Client, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/health", nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return err == nil && resp.StatusCode == http.StatusOK && bytes.Contains(b, []byte(`"ok"`))
}

// Kill ends the process as a power switch would, paused or not, and waits until it is gone.
func (s *Server) Kill() {
	l := s.Life()
	if l == nil {
		return
	}
	l.Expect()
	_ = l.cmd.Process.Kill() // it may have ended already
	<-l.ended
}

// Terminate sends SIGTERM, and another each time that again has passed unless it is 0, and waits at most limit. A process that is still
// there then is killed, and the error says so.
func (s *Server) Terminate(limit, again time.Duration) (time.Duration, error) {
	l := s.Life()
	if l == nil {
		return 0, nil
	}
	l.Expect()
	begun := time.Now()
	_ = l.cmd.Process.Signal(syscall.SIGTERM)
	late := time.NewTimer(limit)
	defer late.Stop()
	var second <-chan time.Time
	if again > 0 {
		t := time.NewTicker(again) // two signals that meet before the process looks are one
		defer t.Stop()
		second = t.C
	}
	for {
		select {
		case <-l.ended:
			return time.Since(begun), nil
		case <-second:
			_ = l.cmd.Process.Signal(syscall.SIGTERM)
		case <-late.C:
			_ = l.cmd.Process.Kill()
			<-l.ended
			return time.Since(begun), fmt.Errorf("the server was still there %s after SIGTERM", limit)
		}
	}
}

// Pause stops the process where it is until Resume.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume lets it go on.
func (s *Server) Resume() error { return s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) error {
	l := s.Life()
	if l == nil {
		return errors.New("there is no process")
	}
	return l.cmd.Process.Signal(sig)
}

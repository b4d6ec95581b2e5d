package e2e

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The first minute of somebody who has just built it: no flags, an empty folder.
func TestStartWithoutFlags(t *testing.T) {
	if l, err := net.Listen("tcp", ":8080"); err != nil {
		// The port is somebody else's. The defaults are then what the help says, and starting without flags says what to do.
		r := command(t, "", "serve", "--help")
		if !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), ":8080 by default") {
			t.Errorf("the help names no default port:\n%s", r.stdout)
		}
		t.Logf("not started on :8080, which is taken: %v", err)
		return
	} else {
		_ = l.Close()
	}
	dir := t.TempDir()
	s := serverIn(t, filepath.Join(dir, "data"))
	s.addr = "127.0.0.1:8080"
	cmd := exec.Command(parley(t)) // no flags, no variables, nothing there
	cmd.Dir, cmd.Env = dir, environment()
	begun := time.Now()
	if err := s.run(cmd); err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	t.Logf("ready after %s (race detector: %t)", time.Since(begun).Round(time.Millisecond), raceDetector)
	token := s.user("ann")
	k := s.enter(t, "general", token)
	k.say("general", "the first words")
	k.leave()
	if _, status, err := s.terminate(patience); err != nil || status != 0 {
		t.Errorf("SIGTERM: status %d, %v", status, err)
	}
	log := s.log.String()
	for _, part := range []string{"GET /ws\"", "GET /ws/room/{name}", "http://localhost:8080", "data"} {
		if !strings.Contains(log, part) {
			t.Errorf("the start says nothing of %s:\n%s", part, log)
		}
	}
	if found, err := os.Stat(s.data); err != nil || found.Mode().Perm() != 0o700 {
		t.Errorf("the folder %s: %v, %v; want one for its owner alone", s.data, found, err)
	}
}

// What was said and who may come in is still there after a restart, and commands work with and without a server.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ann := s.user("ann") // no server runs
	s.start()
	bob := s.user("bob") // one runs
	k := s.enter(t, "general", ann)
	first := k.say("general", "before")
	k.leave()
	if _, status, err := s.terminate(patience); err != nil || status != 0 {
		t.Fatalf("SIGTERM: status %d, %v", status, err)
	}
	bobAgain := s.token("bob", "1h")
	s.start()
	for _, token := range []string{bob, bobAgain} {
		if p := s.page(t, token, "room=general"); len(p.Messages) != 1 || p.Messages[0].ID != first.ID {
			t.Errorf("after the restart: %+v", p)
		}
	}
	if f := s.enter(t, "general", ann).say("general", "after"); f.Seq != first.Seq+1 || f.N != first.N+1 {
		t.Errorf("after the restart: %s, before %s", f.raw, first.raw)
	}
	for _, args := range [][]string{{"user", "add", "ann"}, {"user", "add", "ANN"}, {"user", "add", "a,b"}, {"token", "nobody"}, {"token", "ann", "--ttl", "9000h"}} {
		r := command(t, "a long enough password\n", append(args, "--data", s.data)...)
		if r.status == 0 || r.stdout != "" || !strings.Contains(r.stderr, "parley") {
			t.Errorf("%v: status %d, %q, %q", args, r.status, r.stdout, r.stderr)
		}
	}
	if r := command(t, "", "version"); r.status != 0 || strings.TrimSpace(r.stdout) == "" {
		t.Errorf("version: %+v", r)
	}
}

// Flags, variables and a file say the same.
func TestSettingsFromVariablesAndFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addr := freeAddr(t)
	file := filepath.Join(dir, "parley.json")
	content, _ := json.Marshal(object{"addr": addr, "guests": true})
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := serverIn(t, filepath.Join(dir, "data"))
	s.addr = addr
	cmd := exec.Command(parley(t), "serve", "--config", file)
	cmd.Env = append(environment(), "PARLEY_DATA="+s.data, "PARLEY_LOG_FORMAT=json")
	if err := s.run(cmd); err != nil {
		t.Fatal(err)
	}
	guest := s.guest(t, "gus")
	if f := guest.want("welcome"); f.User != "gus" {
		t.Errorf("a guest is welcomed with %s", f.raw)
	}
	var line struct{ Level, Msg string }
	if first, _, _ := strings.Cut(s.log.String(), "\n"); json.Unmarshal([]byte(first), &line) != nil || line.Level == "" {
		t.Errorf("the log is not JSON: %s", first)
	}
}

// Errors at the start name what stands in the way and what to do, and leave the server that runs alone.
func TestStartsThatFail(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		args []string
		says []string
	}{
		{"a second server on the same folder", []string{"--addr", freeAddr(t), "--data", s.data}, []string{s.data, "in use", "--data"}},
		{"a port that is taken", []string{"--addr", s.addr, "--data", filepath.Join(dir, "data")}, []string{s.addr, "--addr"}},
		{"a file in the folder's place", []string{"--addr", freeAddr(t), "--data", file}, []string{file, "--data"}},
		{"a folder that cannot be made", []string{"--addr", freeAddr(t), "--data", "/proc/parley"}, []string{"/proc/parley", "--data"}},
		{"a folder that cannot be written", []string{"--addr", freeAddr(t), "--data", unwritable(t)}, []string{"--data"}},
		{"an address that is none", []string{"--addr", "nonsense", "--data", dir}, []string{"--addr", "nonsense"}},
		{"an origin that is none", []string{"--allowed-origin", "example.org", "--data", dir}, []string{"--allowed-origin", "example.org"}},
		{"a flag that does not exist", []string{"--nonsense"}, []string{"--nonsense"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := command(t, "", append([]string{"serve"}, c.args...)...)
			if r.status == 0 {
				t.Error("it ended with status 0")
			}
			for _, part := range c.says {
				if !strings.Contains(r.stderr, part) {
					t.Errorf("it says nothing of %q:\n%s", part, r.stderr)
				}
			}
			if strings.Contains(r.stderr, "goroutine ") {
				t.Errorf("a panic:\n%s", r.stderr)
			}
			s.mustBeHealthy(t)
		})
	}
}

// unwritable is a folder that exists and that not even root can write to, where that can be had.
func unwritable(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sealed")
	if err := os.Mkdir(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		return dir
	}
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_RDONLY, "size=64k"); err != nil {
		return "/proc/self" // read-only for everybody as well, though for another reason
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting %s: %v", dir, err)
		}
	})
	return dir
}

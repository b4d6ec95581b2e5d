package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/parley-chat/parley/goclient"
)

// follow NAME ARGS... runs parley in the background and listens to its standard output. Its standard error goes to
// NAME.err.
func followCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: follow name args...")
	}
	path, err := exec.LookPath(filepath.Join(firstOf(ts.Getenv("PATH")), "parley"))
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "PARLEY_URL"} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	errors, err := os.Create(ts.MkAbs(args[0] + ".err"))
	ts.Check(err)
	cmd.Stderr = errors
	pipe, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Check(errors.Close()) // the process has its own
	p := &process{cmd: cmd, lines: make(chan string, 1000), seen: &strings.Builder{}}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(pipe); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	servers(ts)[args[0]] = p
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// heard NAME TEXT waits for a line with the text.
func heardCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: heard name text")
	}
	servers(ts)[args[0]].until(ts, args[1])
}

// interrupt NAME sends SIGINT, waits for an end with status 0, and writes all that was heard to NAME.out.
func interruptCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: interrupt name")
	}
	p := servers(ts)[args[0]]
	ts.Check(p.cmd.Process.Signal(syscall.SIGINT))
	for line := range p.lines {
		p.seen.WriteString(line + "\n")
	}
	ts.Check(p.cmd.Wait())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".out"), []byte(p.seen.String()), 0o600))
}

func TestLinesDoNothingToATerminal(t *testing.T) {
	m := &goclient.Message{User: "a\x1b[2Jn\nn", Content: "one\r\x07\ntwo\t\u202eevil\u2028\u009b31m caf\u00e9 \U0001F600"}
	line := harmless(textLine(m))
	_, line, _ = strings.Cut(line, " ") // the date
	_, line, _ = strings.Cut(line, " ")
	if want := "a\\u001b[2Jn n: one\\u000d\\u0007\n    two\t\\u202eevil\\u2028\\u009b31m caf\u00e9 \U0001F600"; line != want {
		t.Errorf("%q, not %q", line, want)
	}
	b, err := jsonLine(m)
	if err != nil {
		t.Fatal(err)
	}
	if s := harmless(string(b)); strings.ContainsAny(s, "\x1b\u009b\u202e\u2028\r\n") || !strings.Contains(s, `31m caf`) {
		t.Errorf("%q", s)
	}
}

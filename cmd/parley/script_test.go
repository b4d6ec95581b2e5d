package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/parley-chat/parley/internal/wsclient"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[serversKey{}] = map[string]*process{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":   startCmd,
			"signal":  signalCmd,
			"sigkill": killCmd,
			"ended":   endedCmd,
			"get":     getCmd,
			"stick":   stickCmd,

			"certificate": certificateCmd,
			"follow":      followCmd,
			"heard":       heardCmd,
			"interrupt":   interruptCmd,
		},
	})
}

type serversKey struct{}

// process is a server that a script has started.
type process struct {
	cmd   *exec.Cmd
	lines chan string // of its log, closed at its end
	seen  *strings.Builder
}

func servers(ts *testscript.TestScript) map[string]*process {
	return ts.Value(serversKey{}).(map[string]*process)
}

var urlInLog = regexp.MustCompile(`https?://[^\s"]+`)

// start NAME ARGS... runs parley until it says that it runs, and sets $NAME to its address, $NAME_addr to the same as
// HOST:PORT. Its standard output goes to NAME.out.
func startCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: start name args...")
	}
	path, err := exec.LookPath(filepath.Join(firstOf(ts.Getenv("PATH")), "parley"))
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR", "PARLEY_DATA", "PARLEY_CONFIG"} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	pipe, err := cmd.StderrPipe()
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[0] + ".out"))
	ts.Check(err)
	cmd.Stdout = out
	ts.Check(cmd.Start())
	ts.Check(out.Close()) // the process has its own
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
	line := p.until(ts, "parley is running")
	url := urlInLog.FindString(line)
	ts.Setenv(args[0], url)
	_, addr, _ := strings.Cut(url, "://")
	ts.Setenv(args[0]+"_addr", addr)
}

func firstOf(list string) string {
	first, _, _ := strings.Cut(list, string(os.PathListSeparator))
	return first
}

// until reads the log up to a line with the text.
func (p *process) until(ts *testscript.TestScript, text string) string {
	deadline := time.After(30 * time.Second)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				ts.Fatalf("the server has ended before it said %q:\n%s", text, p.seen)
			}
			p.seen.WriteString(line + "\n")
			if strings.Contains(line, text) {
				return line
			}
		case <-deadline:
			ts.Fatalf("the server does not say %q:\n%s", text, p.seen)
		}
	}
}

// signal NAME TEXT sends SIGTERM and waits until the log has the text; "-" does not wait.
func signalCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal name text")
	}
	p := servers(ts)[args[0]]
	ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	if args[1] != "-" {
		p.until(ts, args[1])
	}
}

// sigkill NAME ends a server with SIGKILL.
func killCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sigkill name")
	}
	p := servers(ts)[args[0]]
	ts.Check(p.cmd.Process.Kill())
	for line := range p.lines {
		p.seen.WriteString(line + "\n")
	}
	_ = p.cmd.Wait() // it was killed
}

// ended NAME waits for the end and writes the log to NAME.log. With ! the server must have ended at once, on a second
// signal, instead of in order with status 0.
func endedCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] ended name")
	}
	p := servers(ts)[args[0]]
	for line := range p.lines {
		p.seen.WriteString(line + "\n")
	}
	err := p.cmd.Wait()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".log"), []byte(p.seen.String()), 0o600))
	exit := (*exec.ExitError)(nil)
	switch {
	case neg && !(errors.As(err, &exit) && exit.ExitCode() == exitAtOnce):
		ts.Fatalf("ended with %v, not at once", err)
	case !neg && err != nil:
		ts.Fatalf("ended with %v:\n%s", err, p.seen)
	}
}

// get URL [TOKENFILE] prints the body of the answer to stdout. With ! the status must be 400 or more.
func getCmd(ts *testscript.TestScript, neg bool, args []string) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, args[0], nil)
	ts.Check(err)
	if len(args) > 1 {
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[1])))
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_, _ = ts.Stdout().Write(append(body, '\n'))
	if failed := resp.StatusCode >= 400; failed != neg {
		ts.Fatalf("%s: %s", resp.Status, body)
	}
}

// stick URL TOKENFILE opens a socket that never answers anything.
func stickCmd(ts *testscript.TestScript, _ bool, args []string) {
	header := http.Header{"Authorization": {"Bearer " + strings.TrimSpace(ts.ReadFile(args[1]))}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, _, err := wsclient.Dial(ctx, args[0], header)
	ts.Check(err)
	ts.Defer(func() { _ = c.Close() })
}

// certificate CERT KEY writes the files of a certificate for example.com and 127.0.0.1.
func certificateCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate certfile keyfile")
	}
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
}

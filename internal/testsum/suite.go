package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Limits end a run that hangs. Both runners have limits of their own that are below; Playwright's is 35 minutes in a soak.
const (
	vitestTimeout     = 10 * time.Minute
	playwrightTimeout = 40 * time.Minute
)

// suite is a run of tests that adds what it finds to a summary. A run that does not get as far as a result adds a
// failure: nothing is passed by saying nothing.
type suite interface {
	run(context.Context, *summary)
}

// goTest is `go test` with these arguments. The flag -C, which runs it in another folder, is their first if it is there.
type goTest []string

func (args goTest) elsewhere() bool { return len(args) > 1 && args[0] == "-C" }

// command is the go command's arguments: it takes -C before every other flag only.
func (args goTest) command() []string {
	command := []string{"test"}
	if args.elsewhere() {
		command, args = append(command, args[:2]...), args[2:]
	}
	return append(append(command, "-json"), args...)
}

func (args goTest) run(ctx context.Context, sum *summary) {
	before := sum.passed + sum.failed + sum.skipped
	args.count(ctx, sum)
	if args.elsewhere() && sum.passed+sum.failed+sum.skipped == before {
		sum.broken("go test -C "+args[1], errors.New("it ran no test"), nil)
	}
}

func (args goTest) count(ctx context.Context, sum *summary) {
	cmd := exec.CommandContext(ctx, "go", args.command()...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		sum.broken("go test", err, nil)
		return
	}
	before := sum.failed
	readErr := sum.read(out)
	err = cmd.Wait()
	switch {
	case readErr != nil:
		sum.broken("go test", fmt.Errorf("reading its output: %w", readErr), nil)
	case err != nil && sum.failed == before:
		sum.broken("go test", err, nil) // such as on a wrong flag; it has said so on stderr
	}
}

// npmSuite is a test runner of npm that leaves a JSON report in a file.
type npmSuite struct {
	name string // what it is called in the output
	dir  string
	tool string // in node_modules/.bin
	most time.Duration
	args func(report string) []string
	env  func(report string) []string
	read func(s *summary, report io.Reader) error
}

// vitest is the vitest run of the npm package in dir.
func vitest(dir string) suite {
	return npmSuite{
		name: "vitest " + dir, dir: dir, tool: "vitest", most: vitestTimeout,
		args: func(report string) []string {
			return []string{"run", "--reporter=default", "--reporter=json", "--outputFile.json=" + report}
		},
		env:  func(string) []string { return nil },
		read: (*summary).readVitest,
	}
}

// playwright is the Playwright run of the npm package in dir.
func playwright(dir string) suite {
	return npmSuite{
		name: "playwright " + dir, dir: dir, tool: "playwright", most: playwrightTimeout,
		args: func(string) []string { return []string{"test", "--reporter=line,json"} },
		env:  func(report string) []string { return []string{"PLAYWRIGHT_JSON_OUTPUT_FILE=" + report} },
		read: (*summary).readPlaywright,
	}
}

func (n npmSuite) run(ctx context.Context, sum *summary) {
	tmp, err := os.MkdirTemp("", "testsum-")
	if err != nil {
		sum.broken(n.name, err, nil)
		return
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	tool, err := filepath.Abs(filepath.Join("node_modules", ".bin", n.tool))
	if err != nil {
		sum.broken(n.name, err, nil)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, n.most)
	defer cancel()
	report := filepath.Join(tmp, "report.json")
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, tool, n.args(report)...)
	cmd.Dir = n.dir
	cmd.Env = append(os.Environ(), append(n.env(report), "NO_COLOR=1")...) //nolint:misspell // so the variable is called
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second // a browser it left behind may hold the pipes
	runErr := cmd.Run()
	file, err := os.Open(report)
	if err != nil {
		if runErr == nil {
			runErr = err
		}
		sum.broken(n.name, fmt.Errorf("it left no report: %w", runErr), out.Bytes())
		return
	}
	defer file.Close()
	sum.takeReport(n, file, runErr, out.Bytes())
}

// takeReport adds the report of a suite that ended with runErr. What it printed is shown when the report does not tell
// why it failed.
func (s *summary) takeReport(n npmSuite, report io.Reader, runErr error, printed []byte) {
	ran, failed := s.passed+s.failed+s.skipped, s.failed
	if err := n.read(s, report); err != nil {
		s.broken(n.name, fmt.Errorf("its report cannot be read: %w", err), printed)
		return
	}
	switch {
	case runErr != nil && s.failed == failed:
		s.broken(n.name, runErr, printed)
	case s.passed+s.failed+s.skipped == ran:
		s.broken(n.name, errors.New("it ran no test"), printed)
	}
}

// broken counts a run that came to no result of its own as one failure and shows what it printed.
func (s *summary) broken(name string, err error, printed []byte) {
	s.failed++
	fmt.Fprintf(s.w, "FAIL  %s: %v\n%s", name, err, indent(string(printed)))
}

// finishFile prints the line of one file of tests.
func (s *summary) finishFile(name string, failed bool, took time.Duration) {
	word := "ok  "
	if failed {
		word = "FAIL"
	}
	fmt.Fprintf(s.w, "%s  %s %.1fs\n", word, name, took.Seconds())
}

// relative is path as seen from the current folder, where it lies below it.
func relative(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}

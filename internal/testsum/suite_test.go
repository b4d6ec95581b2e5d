package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakeTool puts a script into node_modules/.bin of a fresh folder, which becomes the current one.
func fakeTool(t *testing.T, name, script string) {
	t.Helper()
	t.Chdir(t.TempDir())
	bin := filepath.Join("node_modules", ".bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("pkg", 0o700); err != nil {
		t.Fatal(err)
	}
}

func runSuite(t *testing.T, s suite) (*summary, string) {
	t.Helper()
	var out strings.Builder
	sum := newSummary(&out)
	s.run(context.Background(), sum)
	sum.writeCounts()
	return sum, out.String()
}

const (
	vitestGood     = `{"testResults":[{"name":"pkg/a.test.ts","status":"passed","startTime":1000,"endTime":2500,"assertionResults":[{"fullName":"a works","status":"passed"}]}]}`
	playwrightGood = `{"suites":[{"title":"a.spec.ts","file":"a.spec.ts","specs":[{"title":"a works","tests":[{"status":"expected","results":[{"duration":1500}]}]}]}],"errors":[]}`
)

func TestTheReportOfEachToolIsReadFromWhereItIsPut(t *testing.T) {
	for _, c := range []struct {
		tool, script string
		suite        suite
	}{
		{"vitest", `for a; do case $a in --outputFile.json=*) echo '` + vitestGood + `' >"${a#*=}";; esac; done; [ "$1" = run ]`, vitest("pkg")},
		{"playwright", `echo '` + playwrightGood + `' >"$PLAYWRIGHT_JSON_OUTPUT_FILE"; [ "$1" = test ]`, playwright("pkg")},
	} {
		fakeTool(t, c.tool, c.script+` && [ "$(basename "$PWD")" = pkg ]`)
		sum, out := runSuite(t, c.suite)
		if sum.passed != 1 || sum.failed != 0 || !strings.Contains(out, "1.5s") {
			t.Errorf("%s: %d passed, %d failed, want 1 and 0\n%s", c.tool, sum.passed, sum.failed, out)
		}
	}
}

func TestASuiteWithoutAReportIsAFailure(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"it fails first":      {"echo cannot find the config; exit 3", "cannot find the config"},
		"it says all is well": {"exit 0", "it left no report"},
	} {
		fakeTool(t, "playwright", c.script)
		sum, out := runSuite(t, playwright("pkg"))
		if sum.failed != 1 || !strings.Contains(out, "FAIL  playwright pkg") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %d failed\n%s", name, sum.failed, out)
		}
	}
}

func TestAToolThatIsNotInstalledIsAFailure(t *testing.T) {
	fakeTool(t, "other", "")
	if sum, out := runSuite(t, vitest("pkg")); sum.failed != 1 || !strings.Contains(out, "no such file") {
		t.Errorf("%d failed\n%s", sum.failed, out)
	}
}

func TestAReportThatSaysNothingIsAFailure(t *testing.T) {
	for _, report := range []string{"", "{", "null", "{}", "[]", `{"testResults":[]}`, `{"testResults":7}`, "<html>"} {
		for _, s := range []suite{vitest("pkg"), playwright("pkg")} {
			var out strings.Builder
			sum := newSummary(&out)
			sum.takeReport(s.(npmSuite), strings.NewReader(report), nil, []byte("what it printed\n"))
			if sum.failed != 1 || !strings.Contains(out.String(), "what it printed") {
				t.Errorf("%s with report %q: %d failed, want 1\n%s", s.(npmSuite).name, report, sum.failed, out.String())
			}
		}
	}
}

func TestATruncatedReportIsAFailure(t *testing.T) {
	for s, report := range map[string]string{"vitest": vitestGood, "playwright": playwrightGood} {
		suite := vitest("pkg").(npmSuite)
		if s == "playwright" {
			suite = playwright("pkg").(npmSuite)
		}
		for n := range len(report) {
			sum := newSummary(&strings.Builder{})
			sum.takeReport(suite, strings.NewReader(report[:n]), nil, nil)
			if sum.failed != 1 {
				t.Fatalf("%s, cut at %d: %d failed, want 1", s, n, sum.failed)
			}
		}
	}
}

func TestAnExitStatusThatTheReportDoesNotExplainIsAFailure(t *testing.T) {
	var out strings.Builder
	sum := newSummary(&out)
	sum.takeReport(vitest("pkg").(npmSuite), strings.NewReader(vitestGood), errors.New("exit status 1"),
		[]byte("Unhandled Rejection: the socket is gone\n"))
	if sum.passed != 1 || sum.failed != 1 || !strings.Contains(out.String(), "Unhandled Rejection: the socket is gone") {
		t.Errorf("%d passed, %d failed, want 1 and 1\n%s", sum.passed, sum.failed, out.String())
	}
}

func TestGoTestThatDoesNotStartTestsIsAFailure(t *testing.T) {
	if sum, out := runSuite(t, goTest{"-nosuchflag"}); sum.failed != 1 {
		t.Errorf("%d failed, want 1\n%s", sum.failed, out)
	}
}

// module makes a module in a new folder, with one test file of this text.
func module(t *testing.T, test string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module m\n", "m_test.go": "package m\n" + test} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnotherModuleIsTestedInItsFolder(t *testing.T) {
	good := module(t, "import \"testing\"\nfunc TestA(*testing.T) {}\nfunc TestB(t *testing.T) { t.Skip() }\nfunc TestC(t *testing.T) { t.Error(7) }\n")
	sum, out := runSuite(t, goTest{"-C", good, "-vet=off", "./..."})
	if sum.passed != 1 || sum.skipped != 1 || sum.failed != 1 || !strings.Contains(out, "FAIL  m TestC") {
		t.Errorf("%d passed, %d skipped, %d failed, want 1 of each\n%s", sum.passed, sum.skipped, sum.failed, out)
	}
}

func TestAModuleWithoutTestsIsAFailure(t *testing.T) {
	for name, dir := range map[string]string{"none in it": module(t, ""), "no such folder": filepath.Join(t.TempDir(), "gone")} {
		if sum, out := runSuite(t, goTest{"-C", dir, "-vet=off", "./..."}); sum.failed != 1 {
			t.Errorf("%s: %d failed, want 1\n%s", name, sum.failed, out)
		}
	}
}

func TestGoInOneLaneAndNpmInTheOther(t *testing.T) {
	lanes, err := parse([]string{"-playwright", "e2e", "-vitest", "web", "-go", "-tags faults ./a", "--", "-race", "./..."})
	if err != nil || len(lanes) != 2 || len(lanes[0]) != 2 || len(lanes[1]) != 2 {
		t.Fatalf("%v, %v", lanes, err)
	}
	if g, ok := lanes[0][0].(goTest); !ok || strings.Join(g, " ") != "-race ./..." {
		t.Errorf("first is %v, want Go with its arguments", lanes[0][0])
	}
	if g, ok := lanes[0][1].(goTest); !ok || !slices.Equal(g, []string{"-tags", "faults", "./a"}) {
		t.Errorf("then %v, want Go with other arguments", lanes[0][1])
	}
	if a, b := lanes[1][0].(npmSuite).name, lanes[1][1].(npmSuite).name; a != "playwright e2e" || b != "vitest web" {
		t.Errorf("beside them %q and %q", a, b)
	}
	if browsers, web := lanes[1][0].(npmSuite).most, lanes[1][1].(npmSuite).most; web > 10*time.Minute || browsers < web {
		t.Errorf("vitest hangs for %s, Playwright for %s", web, browsers)
	}
}

// meeting is a suite that ends when another one has come.
type meeting struct{ here, there chan struct{} }

func (m meeting) run(ctx context.Context, sum *summary) {
	close(m.here)
	select {
	case <-m.there:
		sum.passed++
	case <-ctx.Done():
		sum.failed++
	}
}

func TestTheLanesRunSideBySideAndAreCountedTogether(t *testing.T) {
	a, b := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out strings.Builder
	sum := runLanes(ctx, []lane{{meeting{a, b}, vitest("nowhere")}, {meeting{b, a}}}, &out)
	if sum.passed != 2 || sum.failed != 1 || !strings.Contains(out.String(), "FAIL  vitest nowhere") {
		t.Errorf("%d passed, %d failed, want 2 and 1\n%s", sum.passed, sum.failed, out.String())
	}
}

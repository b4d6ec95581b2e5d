// Package promises checks docs/promises.md: that it has a row for each promise and names tests that exist.
package promises

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

const (
	root   = "../.."
	module = "github.com/parley-chat/parley"
	count  = 19 // promises
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is a row of the table.
type row struct {
	number         int
	promise, tests string
	holds          string
}

// read returns the rows of the table of promises, as they stand.
func read(page string) ([]row, error) {
	var rows []row
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 2 || cells[0] != "" || strings.Trim(cells[1], " -") == "" || strings.TrimSpace(cells[1]) == "#" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(cells[1]))
		if err != nil || len(cells) != 6 {
			return nil, fmt.Errorf("not a row of four cells with a number: %s", line)
		}
		rows = append(rows, row{n, strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4])})
	}
	return rows, nil
}

var (
	named   = regexp.MustCompile("`([^`]+)`")
	verdict = regexp.MustCompile(`^(yes|in part|not yet)([:;,] .+)?$`)
)

// check returns what is wrong with a page, given a function that tells whether there is a test.
func check(page string, exists func(string) bool) (wrong []string) {
	rows, err := read(page)
	if err != nil {
		return []string{err.Error()}
	}
	if len(rows) != count {
		wrong = append(wrong, fmt.Sprintf("%d rows, want %d", len(rows), count))
	}
	for i, r := range rows {
		complain := func(format string, args ...any) {
			wrong = append(wrong, fmt.Sprintf("promise %d: ", r.number)+fmt.Sprintf(format, args...))
		}
		if r.number != i+1 {
			complain("it stands in row %d", i+1)
		}
		tests := named.FindAllStringSubmatch(r.tests, -1)
		if rest := strings.Trim(named.ReplaceAllString(r.tests, ""), ", "); rest != "" && (rest != "none" || len(tests) > 0) {
			complain("%q is not the name of a test", rest)
		}
		for _, t := range tests {
			if !exists(t[1]) {
				complain("there is no test %s", t[1])
			}
		}
		parts := verdict.FindStringSubmatch(r.holds)
		switch {
		case parts == nil:
			complain("whether it holds is %q; want yes, in part or not yet", r.holds)
		case parts[1] == "yes" && len(tests) == 0:
			complain("it is said to hold and has no test")
		case parts[1] != "yes" && parts[2] == "":
			complain("it does not say what is missing")
		}
		if len(r.promise) < 20 {
			complain("it promises %q", r.promise)
		}
	}
	// Whatever else the page names must exist, too.
	for _, n := range named.FindAllStringSubmatch(page, -1) {
		if goTest.MatchString(n[1]) && !exists(n[1]) {
			wrong = append(wrong, "there is no test "+n[1])
		}
	}
	return slices.Compact(wrong)
}

var goTest = regexp.MustCompile(`^([a-z0-9/]+)\.((?:Test|Fuzz)\w+)$`)

// folders returns the folder of each package of the module, by its path without the module; the module's own package is
// "parley".
func folders(t *testing.T) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Dir string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if name == "" {
			name = "parley"
		}
		all[name] = p.Dir
	}
	return all
}

// goTests returns the names of the tests in a folder, with whatever build tags.
func goTests(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && len(f.Type.Params.List) == 1 {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// finder tells whether a test of this checkout exists, by its name in the page.
func finder(t *testing.T) func(string) bool {
	t.Helper()
	dirs, known := folders(t), map[string][]string{}
	return func(name string) bool {
		if m := goTest.FindStringSubmatch(name); m != nil {
			if _, read := known[m[1]]; !read && dirs[m[1]] != "" {
				known[m[1]] = goTests(t, dirs[m[1]])
			}
			return slices.Contains(known[m[1]], m[2])
		}
		file, title, ok := strings.Cut(name, ": ")
		if !ok || !strings.HasSuffix(file, ".spec.ts") {
			return false
		}
		content, err := os.ReadFile(filepath.Join(root, file))
		return err == nil && regexp.MustCompile("\\btest\\(\\s*(['\"`])"+regexp.QuoteMeta(title)+"['\"`]").Match(content)
	}
}

func TestThePromisesNameTestsThatExist(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "promises.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range check(string(page), finder(t)) {
		t.Error(w)
	}
}

// The check itself must be able to fail.
func TestAWrongPageIsNoticed(t *testing.T) {
	exists := func(name string) bool { return strings.HasSuffix(name, ".TestGood") }
	page := func(change func(n int) string) string {
		lines := []string{"# Promises", "", "| # | promise | tests | holds? |", "|---|---|---|---|"}
		for n := 1; n <= count; n++ {
			line := change(n)
			if line == "" {
				line = fmt.Sprintf("| %d | A sentence that a test can break. | `a/b.TestGood` | yes |", n)
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n") + "\n"
	}
	only := func(line string) func(int) string {
		return func(n int) string {
			if n == 3 {
				return line
			}
			return ""
		}
	}
	if wrong := check(page(only("")), exists); len(wrong) > 0 {
		t.Fatalf("a good page: %v", wrong)
	}
	for _, line := range []string{
		"| 4 | A sentence that a test can break. | `a/b.TestGood` | yes |",
		"| 3 | A sentence that a test can break. | `a/b.TestBad` | yes |",
		"| 3 | A sentence that a test can break. | `a/b.TestGood`, some luck | yes |",
		"| 3 | A sentence that a test can break. | `a/b.TestGood` | mostly |",
		"| 3 | A sentence that a test can break. | `a/b.TestGood` | in part |",
		"| 3 | A sentence that a test can break. | none | yes |",
		"| 3 | A sentence that a test can break. | `a/b.TestGood` |",
		"| 3 | | `a/b.TestGood` | yes |",
		"no row",
		"| three | A sentence that a test can break. | `a/b.TestGood` | yes |",
	} {
		if wrong := check(page(only(line)), exists); len(wrong) == 0 {
			t.Errorf("nothing is wrong with %q", line)
		}
	}
	if wrong := check(page(only(""))+"See `a/b.TestBad`.\n", exists); len(wrong) != 1 {
		t.Errorf("a test named below the table: %v", wrong)
	}
}

func TestTheFinderFindsWhatIsThere(t *testing.T) {
	exists := finder(t)
	for name, want := range map[string]bool{
		"internal/promises.TestTheFinderFindsWhatIsThere":   true,
		"internal/promises.TestNobodyWroteThis":             false,
		"internal/nothing.TestTheFinderFindsWhatIsThere":    false,
		"parley.TestShutdownEndsRun":                        true,
		"e2e/page/session.spec.ts: nobody wrote this":       false,
		"e2e/page/nothing.spec.ts: signing in":              false,
		"e2e/page/entry.spec.ts: a set-up link works once":  true,
		"e2e/page/entry.spec.ts: a set-up link works once.": false,
	} {
		if exists(name) != want {
			t.Errorf("%s: found %t, want %t", name, !want, want)
		}
	}
}

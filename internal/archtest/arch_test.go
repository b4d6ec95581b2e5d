package archtest

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	maxFile = 600 // lines
	maxFunc = 80  // lines
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportsKeepTheirDirection(t *testing.T) {
	all, err := packages(root(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 5 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	for _, r := range rules {
		for _, p := range all {
			if !r.covers(p) {
				continue
			}
			for _, bad := range r.broken(p) {
				t.Errorf("%s imports %s: %s", p.ImportPath, bad, r.why)
			}
		}
	}
	for _, p := range all {
		concrete(t, p)
	}
}

func concrete(t *testing.T, p pkg) {
	t.Helper()
	mayUseParley := within(p.ImportPath, "cmd") || within(p.ImportPath, "examples") || within(p.ImportPath, "e2e") || within(p.ImportPath, "bench")
	for _, i := range p.Imports {
		if i == module && !mayUseParley {
			t.Errorf("%s imports package parley: only cmd, examples and tests do", p.ImportPath)
		}
		for _, c := range onlyParley {
			if within(i, c) && !within(p.ImportPath, c) && p.ImportPath != module {
				t.Errorf("%s imports %s: only package parley picks an implementation", p.ImportPath, i)
			}
		}
	}
}

// The rules themselves must be able to fail.
func TestRulesCatchAWrongImport(t *testing.T) {
	cases := []struct {
		importer, imported string
	}{
		{module + "/hub", "github.com/google/uuid"},
		{module + "/hub/rooms", module + "/internal/wire"},
		{module + "/hub/websocket", module + "/hub"},
		{module + "/internal/chat", "golang.org/x/text/unicode/norm"},
		{module + "/internal/chat", "net/http"},
		{module + "/internal/chat", module + "/internal/fault"},
		{module + "/internal/fault", module + "/internal/chat"},
		{module + "/hub/internal/fault", module + "/hub"},
		{module + "/internal/sqlite", module + "/internal/gateway"},
		{module + "/internal/gateway", module + "/internal/sqlite"},
		{module + "/internal/httpapi", module + "/internal/gateway"},
		{module + "/internal/httpapi", module + "/hub/websocket"},
		{module + "/internal/auth", module},
		{module + "/goclient", module + "/internal/wire"},
		{module + "/goclient", module + "/hub/websocket"},
		{module + "/goclient/internal/ws", module + "/internal/problem"},
	}
	for _, c := range cases {
		p := pkg{ImportPath: c.importer, Imports: []string{"context", c.imported}}
		caught := false
		for _, r := range rules {
			if !r.covers(p) {
				continue
			}
			for _, bad := range r.broken(p) {
				if bad != c.imported {
					t.Errorf("%s: %s is forbidden but should not be", c.importer, bad)
				}
				caught = true
			}
		}
		if !caught {
			t.Errorf("no rule keeps %s from importing %s", c.importer, c.imported)
		}
	}
}

// committed lists the files that git knows or would add, relative to root.
func committed(t *testing.T, root string) []string {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return walk(t, root) // not a git checkout: an unpacked archive
	}
	var files []string
	for _, f := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if s, err := os.Lstat(filepath.Join(root, f)); err == nil && s.Mode().IsRegular() {
			files = append(files, f)
		}
	}
	return files
}

func walk(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (rel == "data" || rel == "bin" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() {
			files = append(files, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	dir := root(t)
	for _, f := range committed(t, dir) {
		if !strings.HasSuffix(f, ".go") {
			continue
		}
		src, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		if generated.Match(src) {
			continue
		}
		if n := bytes.Count(src, []byte("\n")); n > maxFile {
			t.Errorf("%s has %d lines, more than %d: name a part of it and give it a file", f, n, maxFile)
		}
		if !strings.HasSuffix(f, "_test.go") {
			for _, l := range longFunctions(t, f, src) {
				t.Error(l)
			}
		}
	}
}

func longFunctions(t *testing.T, name string, src []byte) []string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	var long []string
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > maxFunc {
			long = append(long, set.Position(fn.Pos()).String()+": "+fn.Name.Name+" is longer than 80 lines")
		}
	}
	return long
}

// A path of the machine that something was written on means nothing to anyone else. The patterns are put together so
// that this file does not match itself.
var machinePath = regexp.MustCompile(`(^|[\s"'=:(\x60])/(` + strings.Join([]string{"work", "root", "home"}, "|") + `)/|\.\./` + `shared\b|/` + `tmp/(bash|contract|preamble)`)

func TestNoFileMentionsTheMachineItWasWrittenOn(t *testing.T) {
	if !machinePath.MatchString("see /ro" + "ot/notes") {
		t.Fatal("the pattern does not match what it is meant for")
	}
	dir := root(t)
	for _, f := range committed(t, dir) {
		src, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(src, 0) >= 0 {
			continue // not text
		}
		for i, line := range bytes.Split(src, []byte("\n")) {
			if machinePath.Match(line) {
				t.Errorf("%s:%d mentions a path of somebody's machine: %s", f, i+1, bytes.TrimSpace(line))
			}
		}
	}
}

package archtest

import (
	"context"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A stranger copies the program that a public package's documentation begins with, so it is built as it stands there; a
// test is run.
func TestTheDocumentationOfPublicPackagesBeginsWithAProgramThatBuilds(t *testing.T) {
	dir := root(t)
	for _, p := range []string{"hub", "hub/websocket", "hub/rooms", "hub/hubtest"} {
		t.Run(p, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, p, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			build(t, dir, programOf(t, file))
		})
	}
}

// programOf returns the first thing after the introduction.
func programOf(t *testing.T, file *ast.File) string {
	t.Helper()
	blocks := new(comment.Parser).Parse(file.Doc.Text()).Content
	for _, b := range blocks[:min(3, len(blocks))] {
		if code, ok := b.(*comment.Code); ok && strings.HasPrefix(code.Text, "package ") {
			return code.Text
		}
	}
	t.Fatal("the documentation does not begin with a whole program")
	return ""
}

var goBlock = regexp.MustCompile("(?s)```go\n(package .*?)```")

func TestTheProgramsInTheLibraryPageBuild(t *testing.T) {
	dir := root(t)
	page, err := os.ReadFile(filepath.Join(dir, "docs", "library.md"))
	if err != nil {
		t.Fatal(err)
	}
	programs := goBlock.FindAllSubmatch(page, -1)
	if len(programs) == 0 {
		t.Fatal("docs/library.md has no program")
	}
	for _, p := range programs {
		build(t, dir, string(p[1]))
	}
}

// build vets a program, which has it type-checked, or runs it if it is a test. It is one of the module in dir.
func build(t *testing.T, dir, program string) {
	t.Helper()
	name, args := "main.go", []string{"vet"}
	if strings.Contains(program, `"testing"`) {
		name, args = "main_test.go", []string{"test", "-count=1"}
	}
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), "go", append(args, name)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

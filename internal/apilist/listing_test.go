package main

import (
	"os"
	"path/filepath"
	"testing"
)

const shapes = `package shapes

import "io"

const Most = 7

const hidden = 8

var ErrNone error

func Draw(w io.Writer, s Shape, more ...Point) (n int, err error) { return hidden, nil }

type Shape interface {
	io.Closer
	Area() float64
	hide()
}

type Point struct{ X, Y int }

func (p Point) Add(q Point) Point { return q }
func (p *Point) Move(by int)      {}
func (p Point) secret()           {}

type Named struct {
	Point
	names []string
}

type Set[K comparable] map[K]bool

func (s Set[K]) Has(k K) bool { return s[k] }

type Kind string

type Old = Point

type private struct{}
`

const listed = `package shapes // import "example.com/drawing/shapes"

const Most untyped int = 7
func Draw(w io.Writer, s Shape, more ...Point) (n int, err error)
method (*Named) Move(by int)
method (*Point) Move(by int)
method (Named) Add(q Point) Point
method (Point) Add(q Point) Point
method (Set) Has(k K) bool
type Kind string
type Named struct
type Named struct, Point Point
type Named struct, with hidden fields
type Old = Point
type Point struct
type Point struct, X int
type Point struct, Y int
type Set[K comparable] map[K]bool
type Shape interface
type Shape interface, Area() float64
type Shape interface, Close() error
type Shape interface, hide()
var ErrNone error
`

func TestAListingHasAllThatCanBeImported(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                    "module example.com/drawing\n\ngo 1.26\n",
		"drawing.go":                "package drawing\n\nfunc New() {}\n",
		"shapes/shapes.go":          shapes,
		"internal/ink/ink.go":       "package ink\n\nfunc Dip() {}\n",
		"cmd/draw/main.go":          "package main\n\nfunc main() {}\n",
		"examples/circle/circle.go": "package circle\n\nfunc Circle() {}\n",
		"api/gone.txt":              "of a package that is gone\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t.Context(), dir, "api"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"drawing.txt": "package drawing // import \"example.com/drawing\"\n\nfunc New()\n",
		"shapes.txt":  listed,
	}
	entries, err := os.ReadDir(filepath.Join(dir, "api"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("wrote %v, want the %d public packages alone", entries, len(want))
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, "api", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != text {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, text)
		}
	}
}

func TestAModuleThatDoesNotCompileHasNoListing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/broken\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.go"), []byte("package broken\n\nfunc New() { return 1 }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), dir, "api"); err == nil {
		t.Error("a module that does not compile was listed")
	}
}

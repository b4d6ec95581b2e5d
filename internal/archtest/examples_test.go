package archtest

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// An example is what people copy, so it may use only what they have: the public packages, and other examples. It is read
// from the files, because many examples are modules of their own, which `go list` does not see from here. Tests may use
// the client of this repository's own tests as well.
func TestExamplesImportWhatIsPublic(t *testing.T) {
	dir, seen := root(t), 0
	for _, f := range committed(t, dir) {
		if !strings.HasPrefix(f, "examples/") || !strings.HasSuffix(f, ".go") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			path, _ := strconv.Unquote(i.Path.Value) // the parser has looked at it
			if seen++; private(path) {
				t.Errorf("%s imports %s, which is not public", f, path)
			}
		}
	}
	if seen == 0 {
		t.Error("no example imports anything")
	}
}

var public = []string{".", "hub", "goclient", "examples"}

func private(path string) bool {
	return (path == module || strings.HasPrefix(path, module+"/")) && (!anyWithin(path, public) || strings.Contains(path, "/internal/"))
}

func TestPrivateImportsAreToldFromPublicOnes(t *testing.T) {
	for path, want := range map[string]bool{
		"net/http": false, "github.com/go-chi/chi/v5": false, module: false, module + "/hub": false, module + "/hub/rooms": false,
		module + "/goclient": false, module + "/examples/mount/mounttest": false,
		module + "/internal/chat": true, module + "/hub/internal/fault": true, module + "/web": true, module + "/cmd/parley": true,
	} {
		if private(path) != want {
			t.Errorf("private(%s) is %v", path, !want)
		}
	}
}

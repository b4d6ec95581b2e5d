// Package archtest holds what the compiler does not: the directions of imports, the sizes of files and functions, and
// that nothing committed speaks of the machine it was written on. Its tests read the import graph as `go list` gives it,
// so that they also see what a linter's patterns miss.
package archtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

const module = "github.com/parley-chat/parley"

// pkg is a package of this module as `go list -json` describes it.
type pkg struct {
	ImportPath   string
	Dir          string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// packages lists the module's packages. root is the module's folder.
func packages(root string) ([]pkg, error) {
	cmd := exec.CommandContext(context.Background(), "go", "list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
}

// rule forbids imports of packages under from. Exactly one of only and never is set.
type rule struct {
	from  string   // path inside the module; "." is package parley itself, "..." everything
	tests bool     // the rule holds for tests as well
	only  []string // allowed besides the standard library: paths inside the module
	std   bool     // with only: nothing but the standard library and only
	never []string // forbidden: paths inside the module, or whole import paths of the standard library and others
	but   []string // allowed although never forbids them
	why   string
}

// rules are the directions of imports as docs/architecture.md gives them.
var rules = []rule{
	{from: "hub", std: true, only: []string{"hub"}, why: "hub is a library for other people's servers: standard library only"},
	{from: "hub", tests: true, never: []string{"internal"}, why: "hub must build without this server"},
	{from: "hub/websocket", never: []string{"hub"}, but: []string{"hub/internal/fault"}, why: "the WebSocket server can be used without the hub"},
	{from: "internal/chat", std: true, why: "the vocabulary imports the standard library only"},
	{from: "internal/chat", never: []string{"database/sql", "net/http"}, why: "chat knows neither the store nor the edge"},
	{from: "internal/sqlite", never: []string{"hub", "internal/gateway", "internal/httpapi", "internal/wire", "internal/auth"}, why: "a store keeps rows and speaks in chat's terms"},
	{from: "internal/fault", std: true, why: "any part may hold a fault point, so it imports no part"},
	{from: "hub/internal/fault", std: true, why: "any part may hold a fault point, so it imports no part"},
	{from: "internal/markdown", never: []string{"hub", "internal", "net/http"}, why: "text goes in and HTML comes out, whoever asks"},
	{from: "internal/wire", never: []string{"hub", "internal/gateway", "internal/httpapi", "internal/sqlite", "internal/auth"}, why: "frames know nothing of who carries them"},
	{from: "internal/gateway", never: []string{"internal/httpapi", "internal/sqlite", "internal/auth", "internal/datadir", "internal/config", "internal/admin"}, why: "the gateway imports chat, wire and hub; it declares the interfaces that others fulfil"},
	{from: "internal/httpapi", never: []string{"hub", "internal/gateway", "internal/sqlite", "internal/datadir", "internal/config", "internal/admin"}, why: "REST imports chat, wire and auth; it declares the interfaces that others fulfil"},
	{from: "internal/auth", never: []string{"hub", "internal/gateway", "internal/httpapi", "internal/sqlite"}, why: "auth answers who asks, whatever the edge and the store"},
	{from: "internal/admin", never: []string{"hub", "internal/gateway", "internal/httpapi", "internal/sqlite"}, why: "only package parley imports concrete implementations"},
	{from: "internal", never: []string{"."}, why: "package parley puts the parts together; a part must not reach back"},
	{from: "hub", never: []string{"."}, why: "package parley puts the parts together; a part must not reach back"},
	{from: "goclient", std: true, only: []string{"github.com/google/uuid"}, why: "goclient is for other people's programs: nothing of this server comes with it"},
	{from: "cmd", never: []string{"hub", "internal/chat", "internal/sqlite", "internal/gateway", "internal/httpapi", "internal/auth", "internal/wire"}, why: "a command parses and calls package parley"},
}

// onlyParley are the concrete implementations that package parley alone may choose; tests may use them too.
var onlyParley = []string{"internal/sqlite", "internal/gateway", "internal/httpapi", "internal/markdown"}

func (r rule) covers(p pkg) bool {
	return within(p.ImportPath, r.from)
}

// broken returns the imports of p that the rule forbids.
func (r rule) broken(p pkg) []string {
	imports := p.Imports
	if r.tests {
		imports = append(append(append([]string{}, imports...), p.TestImports...), p.XTestImports...)
	}
	var bad []string
	for _, i := range imports {
		if within(i, r.from) && r.from != "." {
			continue // inside itself
		}
		if r.std && !standard(i) && !anyWithin(i, r.only) || anyWithin(i, r.never) && !anyWithin(i, r.but) {
			bad = append(bad, i)
		}
	}
	return bad
}

// within reports whether an import path lies at or under a path of this module, or is that import path itself.
// "." is the root package alone.
func within(importPath, path string) bool {
	if path == "." {
		return importPath == module
	}
	full := module + "/" + path
	return importPath == path || importPath == full || strings.HasPrefix(importPath, full+"/")
}

func anyWithin(importPath string, paths []string) bool {
	for _, p := range paths {
		if within(importPath, p) {
			return true
		}
	}
	return false
}

// standard reports whether an import path belongs to the standard library: its first element has no dot.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

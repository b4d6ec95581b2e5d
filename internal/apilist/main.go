// Command apilist writes down what this module promises to programs that import it: one file of lines for each public
// package, into the folder api. The files are committed and compared by `make generate-check`, so that whoever changes the
// public surface sees it in the change.
//
//	go run ./internal/apilist [-o FOLDER]
//
// It runs in the root of the module. Public are the packages that another module can import, without commands and examples.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:generate go run . -C ../.. -o api

func main() {
	dir := flag.String("C", ".", "the `folder` of the module")
	out := flag.String("o", "api", "where to write, seen from there")
	flag.Parse()
	if err := run(context.Background(), *dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "apilist:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, out string) error {
	files, err := listings(ctx, dir)
	if err != nil {
		return err
	}
	out = filepath.Join(dir, out)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(out, "*.txt"))
	if err != nil {
		return err
	}
	for _, name := range old { // also of packages that are gone
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// listings returns the files by their names.
func listings(ctx context.Context, dir string) (map[string][]byte, error) {
	list, err := compiled(ctx, dir)
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for _, p := range list {
		exports[p.ImportPath] = p.Export
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s is not compiled", path)
		}
		return os.Open(exports[path])
	})
	files := map[string][]byte{}
	for _, p := range list {
		if !p.public() {
			continue
		}
		pkg, err := imp.Import(p.ImportPath)
		if err != nil {
			return nil, err
		}
		files[p.file()] = listing(pkg)
	}
	if len(files) == 0 {
		return nil, errors.New("found no public package")
	}
	return files, nil
}

// compiledPackage is what `go list -export` tells of a package.
type compiledPackage struct {
	ImportPath, Name, Export string
	Module                   *struct {
		Path string
		Main bool
	}
}

// compiled lists the packages of the module in dir with all that they import, compiled.
func compiled(ctx context.Context, dir string) ([]compiledPackage, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-json=ImportPath,Name,Export,Module", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	told, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	var list []compiledPackage
	for dec := json.NewDecoder(bytes.NewReader(told)); ; {
		var p compiledPackage
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
		list = append(list, p)
	}
}

// within is the package's path inside its module, "" for the module's root.
func (p compiledPackage) within() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, p.Module.Path), "/")
}

func (p compiledPackage) public() bool {
	if p.Module == nil || !p.Module.Main || p.Name == "main" {
		return false
	}
	for _, part := range strings.Split(p.within(), "/") {
		switch part {
		case "internal", "cmd", "examples", "e2e", "bench", "tools", "web":
			return false
		}
	}
	return true
}

// file is the name of the package's listing.
func (p compiledPackage) file() string {
	return cmp.Or(strings.ReplaceAll(p.within(), "/", "-"), filepath.Base(p.Module.Path)) + ".txt"
}

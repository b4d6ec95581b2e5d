package config

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// maxFile bounds a configuration file, which is a dozen short lines.
const maxFile = 1 << 20

// fromFile finds the values of flags in a JSON object: {"addr": ":9000", "allowed_origin": ["https://a.example"]}.
// Keys are flag names, with - or _ between words.
type fromFile struct {
	path   string
	keys   []string
	values kong.Resolver
}

func load(path string) (*fromFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	if len(src) > maxFile {
		return nil, fmt.Errorf("--config: %s is larger than %d bytes", path, maxFile)
	}
	return parse(path, src)
}

func parse(path string, src []byte) (*fromFile, error) {
	var object map[string]any
	if err := json.Unmarshal(src, &object); err != nil {
		return nil, fmt.Errorf("--config: %s is not a JSON object: %w", path, err)
	}
	if object == nil {
		return nil, fmt.Errorf("--config: %s is not a JSON object", path)
	}
	r := &fromFile{path: path}
	plain := make(map[string]any, len(object))
	for key, value := range object {
		name := strings.ReplaceAll(key, "-", "_")
		if _, twice := plain[name]; twice {
			return nil, fmt.Errorf("--config: %s says %q twice", path, key)
		}
		if err := checkValue(key, value); err != nil {
			return nil, fmt.Errorf("--config: %s: %w", path, err)
		}
		plain[name] = value
		r.keys = append(r.keys, key)
	}
	slices.Sort(r.keys)
	again, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	r.values, err = kong.JSON(strings.NewReader(string(again)))
	return r, err
}

// checkValue takes strings, booleans and lists of strings, which is all that any option is.
func checkValue(key string, value any) error {
	switch v := value.(type) {
	case string, bool:
		return nil
	case []any:
		for _, e := range v {
			if _, ok := e.(string); !ok {
				return fmt.Errorf("%q must be a list of strings", key)
			}
		}
		return nil
	}
	return fmt.Errorf("%q must be a string, true or false, or a list of strings", key)
}

// Validate refuses keys that no flag of any command has: a misspelt option must not pass for a set one.
func (r *fromFile) Validate(app *kong.Application) error {
	known := map[string]bool{}
	var visit func(*kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			known[strings.ReplaceAll(f.Name, "-", "_")] = true
		}
		for _, c := range n.Children {
			visit(c)
		}
	}
	visit(app.Node)
	delete(known, "help")
	delete(known, "config")
	for _, k := range r.keys {
		if !known[strings.ReplaceAll(k, "-", "_")] {
			return fmt.Errorf("%s: there is no option %q", r.path, k)
		}
	}
	return nil
}

// Resolve returns what the file says of flag. A set variable beats it, so then it says nothing.
func (r *fromFile) Resolve(ctx *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	return r.values.Resolve(ctx, parent, flag)
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/config"
)

func operations(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parser(t *testing.T, line *commandLine) *kong.Kong {
	t.Helper()
	k, err := kong.New(line, config.Variables(), kong.Name("parley"), kong.Exit(func(int) { t.Error("kong wanted to exit") }))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The table of options has each of `parley serve` once, with its default, and no other.
func TestTheManualHasEveryOption(t *testing.T) {
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)[^`]*` \\| (.*?) \\| .+ \\|$").FindAllStringSubmatch(operations(t), -1) {
		if _, twice := rows[m[1]]; twice && m[1] != "registration" {
			t.Errorf("--%s stands there twice", m[1])
		}
		rows[m[1]] = m[2]
	}
	k := parser(t, &commandLine{})
	at := slices.IndexFunc(k.Model.Children, func(n *kong.Node) bool { return n.Name == "serve" })
	flags := append(slices.Clone(k.Model.Flags), k.Model.Children[at].Flags...)
	for _, f := range flags {
		if f.Name == "help" {
			continue
		}
		shown, there := rows[f.Name]
		delete(rows, f.Name)
		switch {
		case !there:
			t.Errorf("docs/operations.md has no row for --%s", f.Name)
		case f.HasDefault && !strings.Contains(shown, "`"+f.Default+"`"):
			t.Errorf("the default of --%s is %s, the page says %s", f.Name, f.Default, shown)
		}
		if !slices.Contains(f.Envs, "PARLEY_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))) {
			t.Errorf("--%s has the variables %v", f.Name, f.Envs)
		}
	}
	for name := range rows {
		t.Errorf("docs/operations.md has a row for --%s, which does not exist", name)
	}
}

// Every command in the page is one that this program understands.
func TestTheManualsCommandsAreUnderstood(t *testing.T) {
	commands := regexp.MustCompile("(?:^|[\\s`/])parley ((?:serve|user|token|send|tail|version)\\b[^`\n>|]*)").FindAllStringSubmatch(operations(t), -1)
	if len(commands) < 15 {
		t.Errorf("found %d commands only", len(commands))
	}
	for _, m := range commands {
		var line commandLine
		args := strings.Fields(m[1])
		if len(args) == 2 && args[0] == "user" && args[1] != "list" {
			args = append(args, "somebody") // the text speaks of the command itself
		}
		if len(args) == 1 && (args[0] == "send" || args[0] == "tail") {
			args = append(args, "general")
		}
		if _, err := parser(t, &line).Parse(args); err != nil {
			t.Errorf("parley %s: %v", m[1], err)
		}
	}
}

func TestTheManualsFileIsTheCommandAboveIt(t *testing.T) {
	page := operations(t)
	block := regexp.MustCompile("(?ms)^A file with the same meaning as `parley ([^`]+)`:\n\n```json\n(.*?)^```$").FindStringSubmatch(page)
	if block == nil || !json.Valid([]byte(block[2])) {
		t.Fatalf("the page has no file, or no JSON: %q", block)
	}
	path := filepath.Join(t.TempDir(), "parley.json")
	if err := os.WriteFile(path, []byte(block[2]), 0o600); err != nil {
		t.Fatal(err)
	}
	var options, file commandLine
	if _, err := parser(t, &options).Parse(strings.Fields(block[1])); err != nil {
		t.Fatal(err)
	}
	if _, err := parser(t, &file).Parse([]string{"serve", "--config", path}); err != nil {
		t.Fatal(err)
	}
	if a, b := options.Serve.Serve, file.Serve.Serve; a.Addr != b.Addr || a.Guests != b.Guests || !slices.Equal(a.AllowedOrigin, b.AllowedOrigin) || a.Addr == "" {
		t.Errorf("the options are %+v, the file is %+v", a, b)
	}
}

package httpapi

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/problem"
)

func protocol(t *testing.T) string {
	t.Helper()
	file, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

// docs/protocol.md has a row for each route about accounts, and no row for a route that is not there.
func TestProtocolNamesTheRoutes(t *testing.T) {
	_, section, found := strings.Cut(protocol(t), "\n## REST: accounts\n")
	if !found {
		t.Fatal("docs/protocol.md has no section about accounts")
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z]+ /[^`? ]*)").FindAllStringSubmatch(section, -1) {
		named[m[1]] = true
	}
	f := newFixture(t, nil)
	for _, route := range f.handler.Routes {
		elsewhere := !strings.Contains(route, " /api/") || strings.HasSuffix(route, ".json") || strings.Contains(route, "/messages") ||
			strings.HasSuffix(route, " /api/rooms/{name}") && strings.HasPrefix(route, "GET") || strings.HasSuffix(route, "/read") || strings.HasSuffix(route, "/pins")
		if !named[route] && !elsewhere {
			t.Errorf("docs/protocol.md does not name %s", route)
		}
		delete(named, route)
	}
	for route := range named {
		t.Errorf("docs/protocol.md names %s, which there is not", route)
	}
}

func TestProtocolShowsASignIn(t *testing.T) {
	m := regexp.MustCompile("(?s)```json sign-in\n(.*?)\n```").FindStringSubmatch(protocol(t))
	if m == nil {
		t.Fatal("docs/protocol.md shows no sign-in")
	}
	var shown map[string]any
	if err := json.Unmarshal([]byte(m[1]), &shown); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, nil)
	f.account("bob", "battery staple", "")
	got := object(t, f.as("", "POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)
	for _, part := range [][2]map[string]any{{shown, got}, {shown["user"].(map[string]any), got["user"].(map[string]any)}} {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(part[0])), slices.Sorted(maps.Keys(part[1]))); diff != "" {
			t.Error(diff)
		}
	}
}

// Each code has the status that the table gives it.
func TestProtocolGivesEachCodeItsStatus(t *testing.T) {
	_, section, _ := strings.Cut(protocol(t), "\n## REST: accounts\n")
	got := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| ([0-9, ]+) \\| `([a-z_]+)`").FindAllStringSubmatch(section, -1) {
		got[m[2]] = m[1]
	}
	for code, status := range problem.Statuses() {
		if !strings.Contains(got[string(code)], strconv.Itoa(status)) {
			t.Errorf("docs/protocol.md gives %s the status %s, not %d", code, got[string(code)], status)
		}
	}
}

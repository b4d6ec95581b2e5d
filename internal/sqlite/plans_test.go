package sqlite_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/sqlite"
)

var (
	aliases = regexp.MustCompile(`(?:FROM|JOIN)\s+(?:messages|changes|reactions|message_edits|mentions|memberships|rooms|room_aliases|users|sessions|saved|blocks|thread_follows)\s+(\w+)`)
	scan    = regexp.MustCompile(`^SCAN (\w+)`)
)

// What is executed for every message, connection or list reads no table from one end to the other, and sorts nothing but what it
// shows or counts.
func TestHotStatementsReadOnlyWhatTheyShow(t *testing.T) {
	allowed := map[string][]string{
		"list of rooms": {"SCAN r USING INDEX rooms_listed", // the public ones, which it lists
			"USE TEMP B-TREE FOR ORDER BY", "USE TEMP B-TREE FOR json_group_array(ORDER BY)", "USE TEMP B-TREE FOR count(DISTINCT)"},
		"members of a few":          {"USE TEMP B-TREE FOR ORDER BY"},
		"unread mentions":           {"USE TEMP B-TREE FOR count(DISTINCT)"},
		"unread mentions of a room": {"USE TEMP B-TREE FOR count(DISTINCT)"},
		"mentions":                  {"USE TEMP B-TREE FOR DISTINCT", "USE TEMP B-TREE FOR ORDER BY"},                  // of two pages
		"threads":                   {"SCAN d", "USE TEMP B-TREE FOR ORDER BY", "USE TEMP B-TREE FOR count(DISTINCT)"}, // of the page
		"unread threads":            {"SCAN d", "USE TEMP B-TREE FOR ORDER BY", "USE TEMP B-TREE FOR count(DISTINCT)"},
		"how threads stand":         {"USE TEMP B-TREE FOR ORDER BY"}, // three people for each thread of a page
		"reactions":                 {"USE TEMP B-TREE FOR ORDER BY"}, // of a page
		"by e-mail":                 {"USE TEMP B-TREE FOR ORDER BY"}, // of those with the same address
	}
	for _, s := range sqlite.HotStatements(t, open(t, sqlite.Options{})) {
		var tables []string
		for _, found := range aliases.FindAllStringSubmatch(s.SQL, -1) {
			tables = append(tables, found[1])
		}
		for _, step := range s.Steps {
			scanned := scan.FindStringSubmatch(step)
			reads := scanned != nil && slices.Contains(tables, scanned[1])
			if (reads || strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "AUTOMATIC")) && !slices.Contains(allowed[s.Name], step) {
				t.Errorf("%s: %s", s.Name, step)
			}
		}
	}
}

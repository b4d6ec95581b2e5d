package sqlite_test

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/sqlite"
)

// What is asked for every message with an @, for every connection and every move of a cursor must not take longer the
// more people, rooms and mentions there are.
func TestMentionsAreFoundByIndex(t *testing.T) {
	const unread = "SEARCH x USING PRIMARY KEY (user=? AND room=? AND n>?)"
	plans := sqlite.MentionPlans(t, open(t, sqlite.Options{}))
	for name, steps := range map[string][]string{
		"names":        {"SEARCH u USING INDEX users_name (name_skeleton=?)"},
		"unread":       {unread},
		"of all rooms": {unread},
		"newest":       {"SEARCH x USING INDEX mentions_in_room (user=? AND room=? AND message>? AND message<?)", "SEARCH m USING INDEX messages_uid (room=? AND uid=?)"},
		"of a message": {"SEARCH mentions USING INDEX mentions_message (room=? AND seq=?)"},
	} {
		for _, step := range steps {
			if !strings.Contains(plans[name], step) {
				t.Errorf("%s: %s; want %s", name, plans[name], step)
			}
		}
		if strings.Contains(plans[name], "SCAN x") || strings.Contains(plans[name], "SCAN mentions") {
			t.Errorf("%s: %s reads all mentions", name, plans[name])
		}
	}
}

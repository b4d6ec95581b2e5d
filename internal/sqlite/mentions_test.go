package sqlite_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// In a room of ten thousand people few may mention all of them. It costs one row, and @here as many as there are people
// who are told apart.
func TestAMentionOfAllInARoomOfTenThousand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, sqlite.Options{Path: path})
	owner, ann := chattest.Member(t, s, chat.RoleOwner), chattest.Member(t, s, chat.RoleMember)
	r := chattest.Room(t, s, "")
	chattest.Stored(t, s, chattest.Read(r.ID, ann, 0, nil))
	db := raw(t, path)
	execute(t, db, `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
		INSERT INTO memberships (room, user, role, sees_from_seq, sees_after_n, read_n, read_version, joined, removed, banned, hides_n)
		SELECT room, randomblob(16), role, sees_from_seq, sees_after_n, read_n, read_version, joined, removed, banned, hides_n FROM c, memberships`, 10_000)
	here := make([]chat.UserID, chat.MaxHere+1)
	for i := range here {
		here[i] = chat.UserID(chattest.ID())
	}
	for _, c := range []struct {
		by   chat.Actor
		all  string
		here []chat.UserID
		code chat.Code
		rows int
	}{
		{ann, chat.MentionRoom, nil, chat.Forbidden, 0},
		{ann, chat.MentionHere, here, chat.Forbidden, 0},
		{owner, chat.MentionRoom, nil, "", 1},
		{owner, chat.MentionHere, here, "", 1},
		{owner, chat.MentionHere, here[1:], "", chat.MaxHere},
	} {
		execute(t, db, `DELETE FROM mentions`)
		op := chattest.Post(r.ID, c.by, "@"+c.all)
		op.Post.MentionsAll, op.Post.Here = c.all, c.here
		chattest.WantCode(t, chattest.Commit(t, s, op)[0].Err, c.code)
		var rows int
		if err := db.QueryRowContext(context.Background(), `SELECT count(*) FROM mentions`).Scan(&rows); err != nil || rows != c.rows {
			t.Errorf("@%s with %d there: %d rows, %v; want %d", c.all, len(c.here), rows, err, c.rows)
		}
	}
}

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

package sqlite_test

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// teamRows are 200 people in 50 rooms, 20 of them public, with 100,000 messages: each twentieth is a reply, each tenth mentions
// all, each thirtieth one person; a third have reactions. Everybody follows the threads that they are in, has saved some
// messages and has read each room to some place. The first of them follows nearly all threads, the last is in one room.
// Ids end with numbers.
var teamRows = []string{
	`CREATE TEMP VIEW numbers (i) AS WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 99999) SELECT i FROM c`,
	`INSERT INTO users (id, kind, name, name_skeleton, display, email, password_hash, role, created, disabled, rev)
		SELECT unhex(printf('%032x', i + 1)), 'member', 'user' || i, 'user' || i, '', '', '', 'member', 1, 0, 1 FROM numbers WHERE i < 200`,
	`INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created)
		SELECT unhex(printf('%032x', 1000 + i)), 'room' || i, iif(i < 20, 'public', 'private'), '', 2000, 1900, 1, 'e', 0, 1 FROM numbers WHERE i < 50`,
	`INSERT INTO memberships (room, user, role, sees_from_seq, read_n, read_version, joined, removed)
		SELECT unhex(printf('%032x', 1000 + i / 200)), unhex(printf('%032x', i % 200 + 1)), 'member', 0, 1900 - (i * 7919) % 400, 1, 1, 0
		FROM numbers WHERE i < 10000 AND (i / 200 < 20 OR (i / 200 + i) % 3 = 0)`,
	// Message i is in room i % 50, the (i / 50 + 1)th there; those with i / 50 % 20 = 19 are replies to one of five roots before them.
	`CREATE TEMP TABLE m AS SELECT i, unhex(printf('%032x', 1000 + i % 50)) AS room, i / 50 + 1 AS seq,
			iif(i / 50 % 20 = 19, NULL, i / 50 + 1 - (i / 50) / 20) AS n, unhex(printf('%032x', (i * 7919) % 200 + 1)) AS author,
			unhex(printf('%012x7%03x8%015x', 100000 + i, 0, i)) AS uid, iif(i / 50 % 20 = 19, i - 50 * (1 + i % 5), NULL) AS root FROM numbers`,
	`INSERT INTO messages (uid, room, seq, n, author, client_id, request_hash, created, body, thread)
		SELECT uid, room, seq, n, author, uid, x'00', 100000 + i, 'This is message number ' || i || ', about as long as they are in such a room.',
			iif(root IS NULL, NULL, unhex(printf('%012x7%03x8%015x', 100000 + root, 0, root))) FROM m ORDER BY i`,
	`UPDATE messages SET pinned = seq WHERE n % 100 = 0`,
	`INSERT INTO mentions (user, room, n, seq, origin, message, thread, author, created, named)
		SELECT iif(i % 10 = 7, x'', unhex(printf('%032x', i % 197 + 1))), room, coalesce(n, 0), seq, iif(root IS NULL, seq, root / 50 + 1), uid,
			iif(root IS NULL, NULL, unhex(printf('%012x7%03x8%015x', 100000 + root, 0, root))), author, 100000 + i, i % 10 <> 7 FROM m WHERE i % 10 = 7 OR i % 30 = 3`,
	`INSERT INTO reactions (message, emoji, user, seq) SELECT m.id, iif(u.value % 2, '👍', '🎉'), unhex(printf('%032x', u.value + 1)), m.seq
		FROM messages m JOIN json_each('[0,1,2,3,4,5]') u ON u.value < m.id % 6 WHERE m.id % 3 = 0`,
	`INSERT OR IGNORE INTO thread_follows (room, root, user, following, read_seq) SELECT room, thread, author, 1, seq - 40 FROM messages WHERE thread IS NOT NULL`,
	`INSERT OR IGNORE INTO thread_follows (room, root, user, following, read_seq) SELECT room, thread, unhex(printf('%032x', 1)), 1, seq - (seq % 400 = 20) FROM messages
		WHERE thread IS NOT NULL AND room < unhex(printf('%032x', 1040))`, // user0 follows nearly all of them
	`DELETE FROM memberships WHERE user = unhex(printf('%032x', 200)) AND room <> unhex(printf('%032x', 1005))`, // user199 is in room5 alone
	`INSERT INTO saved (user, room, message, at) SELECT unhex(printf('%032x', 1 + (i / 7) % 200)), room, uid, 1 FROM m WHERE i % 3 = 0`,
}

// BenchmarkLists measures what somebody asks for who opens the page, in a team of 200 people with 100,000 messages.
func BenchmarkLists(b *testing.B) {
	path := filepath.Join(b.TempDir(), "parley.db")
	db := raw(b, path)
	db.SetMaxOpenConns(1) // temporary tables are of one connection
	sqlite.MigrateTo(b, db, 11)
	for _, statement := range append([]string{`PRAGMA synchronous = OFF`}, teamRows...) {
		execute(b, db, statement)
	}
	s := open(b, sqlite.Options{Path: path})
	ctx := context.Background()
	id := func(n string) string { return "00000000-0000-0000-0000-" + strings.Repeat("0", 12-len(n)) + n }
	user, room := chat.UserID(id("1")), chat.RoomID(id("3ed")) // room5
	everything := uint64(math.MaxInt64)
	oldest := "00000001-9000-7000-8000-000000000000"
	for name, read := range map[string]func() (int, error){
		"rooms":   func() (int, error) { x, err := s.RoomStates(ctx, user); return len(x), err },
		"members": func() (int, error) { x, err := s.Members(ctx, room, "", 100); return len(x), err },
		"page": func() (int, error) {
			x, err := s.Page(ctx, room, chat.PageQuery{Reader: user})
			return len(x.Messages), err
		},
		"catch-up":       func() (int, error) { _, x, err := s.Entries(ctx, room, 1500, 500); return len(x), err },
		"mentions":       func() (int, error) { x, err := s.Mentions(ctx, user, "", 51); return len(x), err },
		"mentions/few":   func() (int, error) { x, err := s.Mentions(ctx, chat.UserID(id("c8")), "", 51); return len(x), err },
		"mentions/old":   func() (int, error) { x, err := s.Mentions(ctx, user, oldest, 51); return len(x), err },
		"threads":        func() (int, error) { x, err := s.Threads(ctx, user, false, everything, 51); return len(x), err },
		"threads/unread": func() (int, error) { x, err := s.Threads(ctx, user, true, everything, 51); return len(x), err },
		"threads/count":  func() (int, error) { n, _, err := s.UnreadThreads(ctx, user, 1); return int(n), err },
		"saved":          func() (int, error) { x, err := s.Saved(ctx, user, everything, 51); return len(x), err },
		"pins":           func() (int, error) { x, err := s.Pins(ctx, room, user); return len(x), err },
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				var err error
				if n, err = read(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
	by := chat.Actor{ID: user, Name: "user0", Kind: chat.KindMember}
	for name, thread := range map[string]string{"post": "", "reply": "reply"} {
		b.Run(name, func(b *testing.B) {
			if thread != "" {
				p, err := s.Page(ctx, room, chat.PageQuery{})
				if err != nil {
					b.Fatal(err)
				}
				thread = p.Messages[0].ID
			}
			for b.Loop() {
				op := chattest.Reply(room, by, thread, "one more")
				if o, err := s.Commit(ctx, []chat.Op{op}); err != nil || o[0].Err != nil {
					b.Fatal(err, o)
				}
			}
		})
	}
}

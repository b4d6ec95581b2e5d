package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
)

// WriterPragma reads a setting of the connection that writes.
func WriterPragma(t *testing.T, s *Store, name string) (value string) {
	t.Helper()
	if err := s.writer.conn.QueryRowContext(context.Background(), "PRAGMA "+name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// SetWriterPragma changes a setting of the connection that writes.
func SetWriterPragma(t *testing.T, s *Store, pragma string) {
	t.Helper()
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	if _, err := s.writer.conn.ExecContext(context.Background(), "PRAGMA "+pragma); err != nil {
		t.Fatal(err)
	}
}

// WriteWithReader tries to write on a connection that reads.
func WriteWithReader(s *Store) error {
	_, err := s.read.Exec("UPDATE rooms SET topic = 'mine'")
	return err
}

// Checkpoint does at once what the checkpointer does after commits, and returns the size of the log.
func Checkpoint(s *Store) int64 {
	s.check.checkpoint()
	return s.check.size()
}

// LogSize returns the size of the log.
func LogSize(s *Store) int64 { return s.check.size() }

// Plans says how SQLite answers the questions about accounts.
func Plans(t *testing.T, s *Store) map[string]string {
	t.Helper()
	reads := s.reads.all()
	plans := map[string]string{}
	for name, query := range map[string]string{
		"by e-mail": reads[&s.reads.byEmail], "by secret": reads[&s.reads.bySecret], "by external id": reads[&s.reads.byExternal], "any member": anyMember,
		"other owner": anyOtherOwner, "invitation": inviteByHash, "picture": pictureUsed,
		"message": reads[&s.reads.ofRoom.seqOf], "thread": reads[&s.reads.ofThread.before], "room": reads[&s.reads.ofRoom.before],
		"followed threads": threadsBefore(followed), "unread threads": unreadThreads, "saved": saved, "pins": reads[&s.reads.pins],
	} {
		plans[name] = plan(t, s, query, strings.Count(query, "?"))
	}
	return plans
}

// MentionPlans says how SQLite finds whom a message mentions, and who is mentioned where.
func MentionPlans(t *testing.T, s *Store) map[string]string {
	t.Helper()
	return map[string]string{
		"names": plan(t, s, userIDs, 1), "unread": plan(t, s, unreadMentions, 5), "newest": plan(t, s, newestMentions, 3),
		"of all rooms": plan(t, s, roomStates, 1), "of a message": plan(t, s, deleteMentions, 2),
	}
}

// RoomPlans says how SQLite finds the rooms of a list, by what name, and how many there are.
func RoomPlans(t *testing.T, s *Store) map[string]string {
	t.Helper()
	return map[string]string{
		"list": plan(t, s, roomStates, 1), "name": plan(t, s, s.reads.all()[&s.reads.roomByName], 1),
		"count": plan(t, s, countRooms, 0), "made": plan(t, s, countMade, 1),
	}
}

// A HotStatement is one that is executed for every message, connection or list, with the steps in which SQLite does it.
type HotStatement struct {
	Name, SQL string
	Steps     []string
}

// HotStatements lists them.
func HotStatements(t *testing.T, s *Store) []HotStatement {
	t.Helper()
	want, _ := wanted([]threadKey{{}, {}})
	named := map[string]string{
		roomStates: "list of rooms", membersOfFew: "members of a few", membersByName: "members", userIDs: "names", newestMentions: "mentions",
		deleteMentions: "forget mentions", threadsBefore(followed): "threads", threadsBefore(followedUnread): "unread threads",
		countUnreadThreads: "count of unread threads", unreadThreads: "names of unread threads", saved: "saved", reactionsTo: "reactions",
		messagesAbout: "messages of changes", messageByID: "message", notBlockedIn: "blocked", shownTo: "shown by a post",
		want + dressing: "what pages have beside", want + threadsWanted: "how threads stand",
		unreadMentions: "unread mentions", s.reads.all()[&s.reads.mentionsIn]: "unread mentions of a room", s.reads.all()[&s.reads.byEmail]: "by e-mail",
	}
	texts := slices.Collect(maps.Keys(named))
	for _, text := range s.reads.all() {
		texts = append(texts, text)
	}
	for _, p := range s.writer.all() {
		if p.to != &s.writer.begin && p.to != &s.writer.commit && p.to != &s.writer.rollback {
			texts = append(texts, p.sql)
		}
	}
	slices.Sort(texts)
	var all []HotStatement
	for _, text := range slices.Compact(texts) {
		name := cmp.Or(named[text], text)
		all = append(all, HotStatement{name, text, strings.Split(plan(t, s, text, parameters(text)), "; ")})
	}
	return all
}

var parameter = regexp.MustCompile(`\?(\d*)`)

// parameters is how many parameters a statement has.
func parameters(query string) (n int) {
	for _, p := range parameter.FindAllStringSubmatch(query, -1) {
		if nth, err := strconv.Atoi(p[1]); err == nil {
			n = max(n, nth)
		} else {
			n++
		}
	}
	return n
}

func plan(t *testing.T, s *Store, query string, args int) string {
	t.Helper()
	rows, err := s.read.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query, make([]any, args)...)
	steps, err := collect(rows, err, func(step *string) []any { return []any{new(int), new(int), new(int), step} })
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

// MigrateDown takes the schema of a database that nobody has open back to a version.
func MigrateDown(t *testing.T, db *sql.DB, version int64) {
	t.Helper()
	if _, err := migrationsOf(t, db).DownTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
}

// MigrateTo makes a new database of an older version.
func MigrateTo(t testing.TB, db *sql.DB, version int64) {
	t.Helper()
	if err := claim(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	if _, err := migrationsOf(t, db).UpTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
}

func migrationsOf(t testing.TB, db *sql.DB) *goose.Provider {
	t.Helper()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

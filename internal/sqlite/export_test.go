package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
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
		"followed threads": followed, "saved": saved, "pins": reads[&s.reads.pins],
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
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
}

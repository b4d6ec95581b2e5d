package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// raw opens the file as any other program would.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func execute(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space", "and?mark#and%41", "parley.db")
	s := open(t, sqlite.Options{Path: path})
	chattest.Stored(t, s, chattest.Post(chattest.Room(t, s, "").ID, chattest.Guest(), "hello"))
	for file, want := range map[string]os.FileMode{"": os.ModeDir | 0o700, "parley.db": 0o600, "parley.db-wal": 0o600, "parley.db-shm": 0o600} {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), file))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%q has mode %v; want %v", file, info.Mode(), want)
		}
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	r := chattest.Room(t, s, "")
	op := chattest.Post(r.ID, chattest.Guest(), "hello")
	first := chattest.Stored(t, s, op)[0]
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	s = open(t, sqlite.Options{Path: path})
	again := chattest.Stored(t, s, chattest.Retry(op), chattest.Post(r.ID, op.Post.Actor, "more"))
	if !again[0].Again || again[0].Event.ID() != first.Event.ID() || again[1].Event.Seq() != 2 || again[1].Event.Epoch != r.Epoch {
		t.Errorf("after opening it again: %+v", again)
	}
}

func TestRefusedFiles(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"text": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a SQLite database"},
		"another program's": {func(t *testing.T, path string) { execute(t, raw(t, path), "CREATE TABLE t (a)") }, "another program"},
		"marked by another": {func(t *testing.T, path string) { execute(t, raw(t, path), "PRAGMA application_id = 7") }, "another program"},
		"from the future": {func(t *testing.T, path string) {
			s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			execute(t, raw(t, path), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		}, "newer Parley"},
		"a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "cannot be written: is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "parley.db")
			c.prepare(t, path)
			s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
			if err == nil {
				t.Fatal("it opens", s.Close())
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("the error is %q; want %q and the path", err, c.want)
			}
		})
	}
}

func TestUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "parley.db"), filepath.Join(file, "deep", "parley.db"), ""} {
		s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
		if err == nil {
			t.Fatal("it opens", s.Close())
		}
		if path != "" && !strings.Contains(err.Error(), "data folder "+filepath.Dir(path)) {
			t.Errorf("the error is %q", err)
		}
	}
}

// Another program that writes to the same file must not lead to a hole or to a number given twice.
func TestTwoStoresOnOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	a, b := open(t, sqlite.Options{Path: path}), open(t, sqlite.Options{Path: path})
	r := chattest.Room(t, a, "")
	guest := chattest.Guest()
	for i := range 20 {
		s := []chat.Store{a, b}[i%2]
		o := chattest.Stored(t, s, chattest.Post(r.ID, guest, "hello"))[0]
		if o.Event.Seq() != uint64(i)+1 || o.Event.Message.N != uint64(i)+1 {
			t.Fatalf("message %d: %+v", i+1, o.Event.Message)
		}
	}
}

// Deleted messages keep their place and say nothing. What they said, now and before, is nowhere in the database's files once
// its log has been written back, which a deletion sees to by itself.
func TestTombstones(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, sqlite.Options{Path: path})
	r, by := chattest.Room(t, s, ""), chattest.Guest()
	const first, second, thumb = "first-secret", "second-secret", "👍🏿"
	op := chattest.Post(r.ID, by, strings.Repeat(first, 600)) // more than a page
	op.Post.HTML, op.Post.Renderer = "<p>"+first+"</p>", 1
	around := func() (ops []chat.Op) {
		for range 20 {
			ops = append(ops, chattest.Post(r.ID, by, strings.Repeat("hello ", 50)))
		}
		return ops
	}
	chattest.Stored(t, s, around()...)
	chattest.Stored(t, s, op)
	id := op.Post.ID
	edit := chattest.Edit(r.ID, by, id, second)
	edit.Change.HTML = "<p>" + second + "</p>"
	chattest.Stored(t, s, append(around(), edit, chattest.React(r.ID, by, chat.ChangeReact, id, thumb))...)
	sqlite.Checkpoint(s)
	found := func() (all []string) {
		for _, file := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{first, second, thumb} {
				if bytes.Contains(b, []byte(secret)) {
					all = append(all, filepath.Base(file)+" has "+secret)
				}
			}
		}
		return all
	}
	if len(found()) < 3 {
		t.Fatalf("before: %v", found())
	}
	chattest.Stored(t, s, chattest.Delete(r.ID, by, id, ""))
	sqlite.Checkpoint(s)
	if left := found(); len(left) > 0 {
		t.Errorf("after the deletion: %v", left)
	}
	again := chattest.Stored(t, s, chattest.Retry(op))[0]
	_, events, err := s.Entries(context.Background(), r.ID, 20, 1)
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	for _, m := range []*chat.Message{again.Event.Message, events[0].Message} {
		if !m.Deleted || m.Content != "" || m.HTML != "" || m.Seq != 21 || m.N != 21 {
			t.Errorf("the tombstone is %+v", m)
		}
	}
}

// Messages of a database from before they could change are what they were, in the same order.
func TestMigrationKeepsMessages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	r, by := chattest.Room(t, s, ""), chattest.Guest()
	ops := []chat.Op{chattest.Post(r.ID, by, "**one**"), chattest.Post(r.ID, by, "two"), chattest.Post(r.ID, by, "three")}
	ops[0].Post.HTML, ops[0].Post.Renderer = "<p>one</p>", 2
	chattest.Stored(t, s, ops...)
	chattest.Stored(t, s, chattest.Delete(r.ID, by, ops[1].Post.ID, ""))
	before, err := s.Page(context.Background(), r.ID, chat.PageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sqlite.MigrateDown(t, raw(t, path), 6)
	s = open(t, sqlite.Options{Path: path})
	after, err := s.Page(context.Background(), r.ID, chat.PageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	outcomes := chattest.Stored(t, s, chattest.Post(r.ID, by, "four"), chattest.Edit(r.ID, by, ops[2].Post.ID, "3"), chattest.Retry(ops[0]))
	if !outcomes[2].Again || outcomes[0].Event.Message.N != 4 {
		t.Errorf("after the migration: %+v", outcomes)
	}
	var key int
	if err := raw(t, path).QueryRow("SELECT max(id) FROM messages").Scan(&key); err != nil || key != 4 {
		t.Errorf("the last message is row %d, %v", key, err)
	}
}

// The settings that the promises stand on.
func TestConnectionSettings(t *testing.T) {
	s := open(t, sqlite.Options{})
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "wal_autocheckpoint": "0", "busy_timeout": "5000",
	} {
		if got := sqlite.WriterPragma(t, s, pragma); got != want {
			t.Errorf("the writer's %s is %s; want %s", pragma, got, want)
		}
	}
	for range 10 {
		if err := sqlite.WriteWithReader(s); err == nil {
			t.Fatal("a reader can write")
		}
	}
}

// A workspace that is full of rooms takes no more, and says so; a name that is taken is told first.
func TestRoomsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, sqlite.Options{Path: path})
	last := chattest.Room(t, s, "")
	execute(t, raw(t, path), `WITH RECURSIVE c(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
		INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created)
		SELECT randomblob(16), 'r' || i, kind, topic, seq, n, min_seq, epoch, archived, created FROM c, rooms`, chat.MaxRooms-1)
	one := chattest.Room(t, s, "")
	if _, err := s.CreateRoom(context.Background(), chattest.NewRoom(chat.RoomPublic), ""); chat.CodeOf(err) != chat.TooLarge {
		t.Errorf("room %d: %v", chat.MaxRooms+1, err)
	}
	if _, err := s.CreateRoom(context.Background(), one, ""); chat.CodeOf(err) != chat.Conflict {
		t.Errorf("a room that is there: %v", err)
	}
	if _, err := s.RoomByID(context.Background(), last.ID); err != nil {
		t.Error(err)
	}
}

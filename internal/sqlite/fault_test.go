package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// batchOf is a batch of messages that fills several pages.
func batchOf(room chat.RoomID, by chat.Actor, n int) []chat.Op {
	ops := make([]chat.Op, n)
	for i := range ops {
		ops[i] = chattest.Post(room, by, strings.Repeat("0123456789", 80))
	}
	return ops
}

// wantFull fails unless a batch meets a full disk, and nothing of it is there.
func wantFull(t *testing.T, s *sqlite.Store, room chat.RoomID, ops []chat.Op) {
	t.Helper()
	before, err := s.Head(context.Background(), room)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Commit(context.Background(), ops)
	if chat.CodeOf(err) != chat.Overloaded || !strings.Contains(err.Error(), "the disk is full: nothing was stored") {
		t.Fatalf("a full disk is %v", err)
	}
	after, err := s.Head(context.Background(), room)
	if err != nil || after != before {
		t.Errorf("the head was %+v and is %+v, %v", before, after, err)
	}
	outcomes, err := s.Lookup(context.Background(), ops)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if chat.CodeOf(o.Err) != chat.NotFound {
			t.Fatalf("op %d is there: %+v", i, o)
		}
	}
}

// wantGapless reads a whole room and fails unless its numbers are 1, 2, 3 to the head. It returns what it read.
func wantGapless(t *testing.T, s chat.Store, room chat.RoomID) []chat.Event {
	t.Helper()
	var all []chat.Event
	for {
		h, events, err := s.Entries(context.Background(), room, uint64(len(all)), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if e.Seq() != uint64(len(all)+i)+1 {
				t.Fatalf("entry %d has seq %d", len(all)+i+1, e.Seq())
			}
		}
		all = append(all, events...)
		if len(events) < 1000 {
			if h.Seq != uint64(len(all)) {
				t.Fatalf("the head is %d after %d entries", h.Seq, len(all))
			}
			return all
		}
	}
}

// noFatal is for tests in which the disk must not count as broken.
func noFatal(t *testing.T) func(error) {
	return func(err error) { t.Errorf("the process would have ended: %v", err) }
}

func TestFullDatabase(t *testing.T) {
	s := open(t, sqlite.Options{Fatal: noFatal(t)})
	r, guest := chattest.Room(t, s, ""), chattest.Guest()
	chattest.Stored(t, s, batchOf(r.ID, guest, 10)...)
	sqlite.SetWriterPragma(t, s, "max_page_count = 1") // which means: no more pages than there are
	ops := batchOf(r.ID, guest, 100)
	wantFull(t, s, r.ID, ops)
	wantFull(t, s, r.ID, ops)
	if _, err := s.CreateUser(context.Background(), bigUser(), chat.Admission{}); chat.CodeOf(err) != chat.Overloaded {
		t.Errorf("a user on a full disk: %v", err)
	}
	sqlite.SetWriterPragma(t, s, "max_page_count = 1000000")
	chattest.Stored(t, s, ops...)
	wantGapless(t, s, r.ID)
}

func bigUser() chat.User {
	u := chattest.NewUser(chat.KindMember, chat.RoleMember)
	u.Display = strings.Repeat("x", 1<<20)
	return u
}

// mountTmpfs makes a small file system. Only root can; where the tests must be complete, it is an error that it cannot.
func mountTmpfs(t *testing.T, size string, flags uintptr) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a tmpfs cannot be mounted: %v", err)
		}
		t.Skipf("a tmpfs cannot be mounted (that takes root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil { // busy, if a file has been left open
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	dir := mountTmpfs(t, "4m", 0)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte("x"), 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, sqlite.Options{Path: filepath.Join(dir, "parley.db"), Fatal: noFatal(t)})
	r, guest := chattest.Room(t, s, ""), chattest.Guest()
	stored := 0
	ops := batchOf(r.ID, guest, 50)
	// A log that could be written back makes room once more: the disk is full when nothing fits after that either.
	for fits := true; fits && stored < 10000; {
		sqlite.Checkpoint(s)
		fits = false
		for stored < 10000 {
			if _, err := s.Commit(context.Background(), ops); err != nil {
				break
			}
			fits = true
			stored += len(ops)
			ops = batchOf(r.ID, guest, 50)
		}
	}
	if stored == 0 || stored >= 10000 {
		t.Fatalf("the disk was full after %d messages", stored)
	}
	wantFull(t, s, r.ID, ops)
	if got := wantGapless(t, s, r.ID); len(got) != stored {
		t.Errorf("%d messages can be read; %d were stored", len(got), stored)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	outcomes := chattest.Stored(t, s, ops...)
	if outcomes[0].Event.Seq() != uint64(stored)+1 {
		t.Errorf("it goes on with %d after %d", outcomes[0].Event.Seq(), stored)
	}
	wantGapless(t, s, r.ID)
}

func TestReadOnlyFolder(t *testing.T) {
	dir := mountTmpfs(t, "1m", syscall.MS_RDONLY)
	s, err := sqlite.Open(context.Background(), sqlite.Options{Path: filepath.Join(dir, "parley.db")})
	if err == nil {
		t.Fatal("it opens", s.Close())
	}
	if want := "the data folder " + dir + " cannot be written: read-only file system"; err.Error() != want {
		t.Errorf("the error is %q; want %q", err, want)
	}
}

// A file that somebody has written over ends the process; if that is held up, nothing is written any more.
func TestBrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	first := open(t, sqlite.Options{Path: path})
	r, guest := chattest.Room(t, first, ""), chattest.Guest()
	for range 5 {
		chattest.Stored(t, first, batchOf(r.ID, guest, 200)...)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	const header = 80 * 4096 // leave the schema alone
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-header), header); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	var fatal []error
	s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path, Logger: slog.New(slog.DiscardHandler), Fatal: func(err error) { fatal = append(fatal, err) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for range 2 {
		if _, err := s.Commit(context.Background(), batchOf(r.ID, guest, 10)); chat.CodeOf(err) != chat.Internal {
			t.Errorf("a commit to a broken file: %v", err)
		}
	}
	if len(fatal) != 1 {
		t.Errorf("Fatal was called with %v", fatal)
	}
	if _, err := s.CreateUser(context.Background(), chattest.NewUser(chat.KindMember, chat.RoleMember), chat.Admission{}); chat.CodeOf(err) != chat.Internal {
		t.Errorf("a user in a broken file: %v", err)
	}
}

// The log does not grow for ever, and what was in it stays readable.
func TestLogIsTruncated(t *testing.T) {
	s := open(t, sqlite.Options{})
	r, guest := chattest.Room(t, s, ""), chattest.Guest()
	big := strings.Repeat("😀", chat.MaxContent)
	for range 3 { // 32 MB each
		ops := make([]chat.Op, 1000)
		for i := range ops {
			ops[i] = chattest.Post(r.ID, guest, big)
		}
		chattest.Stored(t, s, ops...)
	}
	if size := sqlite.Checkpoint(s); size > 64<<20 {
		t.Errorf("the log has %d bytes after a checkpoint", size)
	}
	if got := wantGapless(t, s, r.ID); len(got) != 3000 {
		t.Errorf("%d messages", len(got))
	}
	page, err := s.Page(context.Background(), r.ID, chat.PageQuery{Page: 60})
	if err != nil || fmt.Sprint(page.Messages[0].N) != "1" {
		t.Errorf("%v", err)
	}
}

// Whatever writes has its log written back, also where nobody ever says anything: users, sessions and rooms are stored
// one by one, and each of them takes pages of the log.
func TestLogOfOtherWritesIsWrittenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, sqlite.Options{Path: path})
	size := func() int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	for sqlite.LogSize(s) < 2<<20 {
		chattest.Room(t, s, "")
	}
	deadline := time.After(10 * time.Second)
	for size() == before {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatalf("the log has %d bytes and nobody writes them back", sqlite.LogSize(s))
		}
	}
}

package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// The test binary is also the process that dies: with these in its environment it writes to the database until it is
// killed, and prints what was acknowledged.
const (
	childPath  = "PARLEY_TEST_WRITE_TO"
	childRoom  = "PARLEY_TEST_ROOM"
	childLimit = "PARLEY_TEST_FILE_SIZE" // bytes that no file may exceed: a write beyond fails
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		writeUntilKilled(path, chat.RoomID(os.Getenv(childRoom)), os.Getenv(childLimit))
		return
	}
	flag.Parse()
	if os.Getenv("PARLEY_SOAK") == "" { // each check costs 0.1 s under the race detector
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	closeMillion()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// writeUntilKilled posts with many people at once and prints "client_id seq" of each acknowledged message.
func writeUntilKilled(path string, room chat.RoomID, limit string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	if limit != "" {
		limitFiles(limit)
	}
	service := chat.NewService(chat.Config{Store: s, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler)})
	r, err := service.RoomByID(ctx, room)
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	var out sync.Mutex
	var people sync.WaitGroup
	for range 8 {
		by := chattest.Guest()
		people.Go(func() {
			for range 100_000 {
				p := chat.NewMessage{Room: r.Name, ClientID: chattest.ID(), Content: strings.Repeat("x", 500)}
				o := chat.Wait(ctx, func(done func(chat.Outcome)) { service.Post(by, p, done) })
				if o.Err != nil {
					return
				}
				out.Lock()
				_, _ = os.Stdout.WriteString(p.ClientID + " " + strconv.FormatUint(o.Event.Seq(), 10) + "\n")
				out.Unlock()
			}
		})
	}
	people.Wait()
	os.Exit(4) // nobody has stopped it
}

// limitFiles makes every write beyond so many bytes of a file fail, which SQLite takes for an I/O error.
func limitFiles(bytes string) {
	n, err := strconv.ParseUint(bytes, 10, 64)
	if err != nil {
		os.Exit(3)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
		os.Exit(3)
	}
}

// child runs the test binary as a writer. acked gets each acknowledged client id and seq; when it returns false the
// child is killed with SIGKILL. child returns how it ended.
func child(t *testing.T, path string, room chat.RoomID, limit string, acked func(id string, seq uint64) bool) error {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childPath+"="+path, childRoom+"="+string(room), childLimit+"="+limit)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, killed := bufio.NewScanner(out), false
	for lines.Scan() {
		id, number, _ := strings.Cut(lines.Text(), " ")
		seq, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Errorf("the child says %q", lines.Text())
			continue
		}
		if !acked(id, seq) && !killed { // what it printed before it died was acknowledged, too: read on
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	return cmd.Wait()
}

// wantAcked fails unless each acknowledged message is in the room once, at its number.
func wantAcked(t *testing.T, path string, room chat.RoomID, acked map[string]uint64) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	stored := map[string]uint64{}
	for _, e := range wantGapless(t, s, room) {
		if stored[e.Message.ClientID] != 0 {
			t.Errorf("%s is there twice", e.Message.ClientID)
		}
		stored[e.Message.ClientID] = e.Seq()
	}
	for id, seq := range acked {
		if stored[id] != seq {
			t.Fatalf("%s was acknowledged as %d and is stored as %d", id, seq, stored[id])
		}
	}
}

func newFile(t *testing.T) (path string, room chat.RoomID) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "parley.db")
	s, err := sqlite.Open(context.Background(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	r := chattest.Room(t, s, "")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, r.ID
}

func TestKilledWhileCommitting(t *testing.T) {
	path, room := newFile(t)
	acked := map[string]uint64{}
	for round := range 5 {
		left := 200 + 137*round
		err := child(t, path, room, "", func(id string, seq uint64) bool {
			acked[id] = seq
			left--
			return left > 0
		})
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Fatalf("the child was not killed: %v", err)
		}
		wantAcked(t, path, room, acked)
	}
	if len(acked) < 1000 {
		t.Errorf("only %d messages were acknowledged", len(acked))
	}
}

// An I/O error while committing ends the process with status 1, and loses nothing that was acknowledged.
func TestIOErrorEndsTheProcess(t *testing.T) {
	path, room := newFile(t)
	acked := map[string]uint64{}
	err := child(t, path, room, strconv.Itoa(3<<20), func(id string, seq uint64) bool {
		acked[id] = seq
		return true
	})
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("the child ended with %v; want status 1", err)
	}
	if len(acked) == 0 {
		t.Error("nothing was acknowledged before")
	}
	wantAcked(t, path, room, acked)
}

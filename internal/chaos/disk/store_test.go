package disk_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/chaos/disk"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// testRoom is the one room of the stores here.
const testRoom = chat.RoomID("0190a8c0-2222-7000-8000-000000000001")

// openStore opens Parley's own store, with its room.
func openStore(path string) (*sqlite.Store, chat.Room, error) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		return nil, chat.Room{}, err
	}
	r, err := s.RoomByID(ctx, testRoom)
	if chat.CodeOf(err) == chat.NotFound {
		r = chattest.NewRoom(chat.RoomPublic)
		r.ID = testRoom
		r, err = s.CreateRoom(ctx, r, "")
	}
	return s, r, err
}

// storeWrite posts as eight people at once and prints "client_id seq" of each message that is acknowledged. Where one is
// refused because the disk is full it prints "full" and goes on with the same message when it is sent a line. It does not
// end.
func storeWrite(path string) error {
	s, room, err := openStore(path)
	if err != nil {
		return err
	}
	service := chat.NewService(chat.Config{Store: s, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler)})
	printed := func(line string) { _, _ = os.Stdout.WriteString(line + "\n") }
	var asking sync.Mutex
	answers := bufio.NewScanner(os.Stdin)
	var people sync.WaitGroup
	for range 8 {
		by := chattest.Guest()
		people.Go(func() {
			for {
				p := chat.NewMessage{Room: room.Name, ClientID: chattest.ID(), Content: strings.Repeat("x", 500)}
				for {
					o := chat.Wait(context.Background(), func(done func(chat.Outcome)) { service.Post(by, p, done) })
					if o.Err == nil {
						printed(fmt.Sprint(p.ClientID, " ", o.Event.Seq()))
						break
					}
					if e := (*chat.Error)(nil); !errors.As(o.Err, &e) || !strings.Contains(e.Message, "the disk is full") {
						return
					}
					asking.Lock()
					printed("full")
					answers.Scan()
					asking.Unlock()
				}
			}
		})
	}
	people.Wait()
	select {} // the process is about to end: the disk has failed
}

// storeRead prints "client_id seq" of each message.
func storeRead(path string) error {
	s, room, err := openStore(path)
	if err != nil {
		return err
	}
	for seq := uint64(0); ; {
		head, events, err := s.Entries(context.Background(), room.ID, seq, 1000)
		if err != nil {
			return err
		}
		for _, e := range events {
			if seq++; e.Seq() != seq {
				return fmt.Errorf("entry %d has the number %d", seq, e.Seq())
			}
			fmt.Println(e.Message.ClientID, seq)
		}
		if len(events) == 0 {
			if head.Seq != seq {
				return fmt.Errorf("the head is %d after %d entries", head.Seq, seq)
			}
			return s.Close()
		}
	}
}

// wantAcked fails unless each of these lines is in the store, and no message is there twice.
func wantAcked(t *testing.T, path string, acked []string) {
	t.Helper()
	out, err := ask(t, "store-read", path)
	if err != nil {
		t.Fatal(err, out)
	}
	stored, ids := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		id, _, _ := strings.Cut(line, " ")
		if ids[id] {
			t.Errorf("%s is there twice", id)
		}
		stored[line], ids[id] = true, true
	}
	for _, line := range acked {
		if !stored[line] {
			t.Fatalf("%q was acknowledged; %d of its kind are there", line, len(stored))
		}
	}
}

// Kill and power cut, again and again: nothing that was acknowledged is lost, also when a cut comes during recovery.
func TestStoreSurvivesCrashes(t *testing.T) {
	d := mount(t)
	path := filepath.Join(d.Dir(), "parley.db")
	var acked []string
	var total disk.Loss
	rounds := uint64(4)
	if os.Getenv("PARLEY_SOAK") != "" {
		rounds = 60
	}
	for seed := range rounds {
		acked = append(acked, until(t, 60+40*int(seed%4), "store-write", path)...)
		loss := crash(t, d, seed)
		total.Pages += loss.Pages
		if seed%3 == 2 {
			wantAcked(t, path, acked) // which recovers from the log, and is cut off after it
			crash(t, d, seed+1000)
		}
		wantAcked(t, path, acked)
	}
	if total.Pages == 0 {
		t.Error("the crashes lost nothing at all")
	}
}

// A disk without room refuses, loses nothing, and goes on when there is room again.
func TestStoreOnAFullDisk(t *testing.T) {
	d := mount(t)
	path := filepath.Join(d.Dir(), "parley.db")
	acked := until(t, 100, "store-write", path)
	wantAcked(t, path, acked)
	check(t, d.Full(300<<10))
	cmd := child(t, "store-write", path)
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	full, after := 0, 0
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if scan.Text() == "full" {
			if full++; full == 1 {
				check(t, d.Full(-1))
			}
			_, err := in.Write([]byte("\n"))
			check(t, err)
			continue
		}
		acked = append(acked, scan.Text())
		if after++; full > 0 && after > 500 {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if full == 0 {
		t.Error("the disk was never full")
	}
	crash(t, d, 7)
	wantAcked(t, path, acked)
}

// An fsync that fails ends the process with status 1. What was being written is not acknowledged; the rest is not lost,
// whatever the kernel has dropped.
func TestFailedSyncEndsTheStore(t *testing.T) {
	for n := range 3 {
		d := mount(t)
		path := filepath.Join(d.Dir(), "parley.db")
		acked := until(t, 50, "store-write", path)
		wantAcked(t, path, acked)
		d.FailSync(1 + 9*n) // while it opens, or after that
		out, err := ask(t, "store-write", path)
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Fatalf("fsync %d fails: the process ended with %v and said %q", 1+9*n, err, out)
		}
		for line := range strings.Lines(out) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "error:") {
				acked = append(acked, line)
			}
		}
		crash(t, d, uint64(n))
		wantAcked(t, path, acked)
		check(t, d.Unmount())
	}
}

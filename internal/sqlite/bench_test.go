package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// open opens a store in a folder of its own, closed with the test.
func open(t testing.TB, o sqlite.Options) *sqlite.Store {
	t.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), "parley.db")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := sqlite.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// serve runs a Service on the store, with accounts in it.
func serve(t testing.TB, store chat.Store, accounts int, observe func(chat.BatchStats)) (*chat.Service, []chat.Actor) {
	t.Helper()
	ctx := context.Background()
	s := chat.NewService(chat.Config{Store: store, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler), Observe: observe})
	t.Cleanup(func() {
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := s.EnsureRooms(ctx); err != nil {
		t.Fatal(err)
	}
	actors := make([]chat.Actor, accounts)
	for i := range actors {
		u, err := s.CreateUser(ctx, chat.NewUser{Name: fmt.Sprintf("user%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		actors[i] = u.Actor()
	}
	return s, actors
}

// BenchmarkPost measures durable messages of 100 bytes from Service.Post to their acknowledgement: 64 people in three
// rooms, each with so many sends open.
func BenchmarkPost(b *testing.B) {
	for _, window := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("open=%d", window), func(b *testing.B) { benchmarkPost(b, window) })
	}
}

func benchmarkPost(b *testing.B, window int) {
	var batches atomic.Int64
	s, actors := serve(b, open(b, sqlite.Options{}), 64, func(chat.BatchStats) { batches.Add(1) })
	rooms := []string{"general", "random", "help"}
	text := strings.Repeat("0123456789", 10)
	var next atomic.Int64
	var people sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	start := time.Now()
	for i, by := range actors {
		people.Go(func() {
			open := make(chan struct{}, window)
			for next.Add(1) <= int64(b.N) {
				open <- struct{}{}
				s.Post(by, chat.NewMessage{Room: rooms[i%3], Content: text}, func(o chat.Outcome) {
					if o.Err != nil {
						b.Error(o.Err)
					}
					<-open
				})
			}
			for range window {
				open <- struct{}{}
			}
		})
	}
	people.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "msgs/s")
	b.ReportMetric(float64(b.N)/float64(batches.Load()), "msgs/commit")
}

// million is a room of 1,000,000 messages, with a change after each thousandth, made once for all benchmarks.
var million struct {
	once  sync.Once
	dir   string
	store *sqlite.Store
	room  chat.RoomID
	err   error
}

// openMillion returns the store with the million. TestMain removes it.
func openMillion(b *testing.B) (*sqlite.Store, chat.RoomID) {
	b.Helper()
	million.once.Do(func() { million.err = makeMillion(b) })
	if million.err != nil {
		b.Fatal(million.err)
	}
	return million.store, million.room
}

func makeMillion(b *testing.B) (err error) {
	if million.dir, err = os.MkdirTemp("", "parley-million-*"); err != nil {
		return err
	}
	path := filepath.Join(million.dir, "parley.db")
	if million.store, err = sqlite.Open(context.Background(), sqlite.Options{Path: path, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	r := chattest.Room(b, million.store, "")
	million.room = r.ID
	guest := chattest.Guest()
	text := strings.Repeat("0123456789", 10)
	chattest.Stored(b, million.store, chattest.Post(r.ID, guest, text))
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)&_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// Message n has seq n + (n-1)/1000.
	for _, statement := range []string{
		`WITH RECURSIVE i (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM i WHERE n < 1000000)
			INSERT INTO messages (uid, room, seq, n, author, client_id, request_hash, created, body)
			SELECT randomblob(16), m.room, i.n + (i.n - 1) / 1000, i.n, m.author, CAST(unhex(printf('018f%012x', i.n)) || randomblob(8) AS BLOB), m.request_hash, m.created, m.body
			FROM i, messages m WHERE m.n = 1`,
		`WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 999)
			INSERT INTO changes (uid, room, seq, kind, actor, data, created)
			SELECT randomblob(16), m.room, i.n * 1001, 'topic', m.author, '{"topic":"x"}', m.created FROM i, messages m WHERE m.n = 1`,
		`UPDATE rooms SET n = 1000000, seq = 1000999`,
	} {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

// closeMillion is called at the end of the test binary.
func closeMillion() {
	if million.store != nil {
		_ = million.store.Close()
	}
	if million.dir != "" {
		_ = os.RemoveAll(million.dir)
	}
}

// BenchmarkPage reads pages of 50 out of 1,000,000 messages.
func BenchmarkPage(b *testing.B) {
	s, room := openMillion(b)
	middle := uint64(500_000)
	for _, c := range []struct {
		name string
		q    chat.PageQuery
	}{
		{"last", chat.PageQuery{}},
		{"first", chat.PageQuery{Page: 20_000}},
		{"before", chat.PageQuery{Before: &middle}},
		{"after", chat.PageQuery{After: &middle}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := s.Page(context.Background(), room, c.q)
				if err != nil || len(p.Messages) != chat.PageSize {
					b.Fatal(len(p.Messages), err)
				}
			}
		})
	}
}

// BenchmarkEntries reads 500 entries out of 1,000,999, as a client that resumes does.
func BenchmarkEntries(b *testing.B) {
	s, room := openMillion(b)
	for _, after := range []uint64{0, 500_000, 1_000_499} {
		b.Run(fmt.Sprintf("after=%d", after), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, events, err := s.Entries(context.Background(), room, after, 500)
				if err != nil || len(events) != 500 || events[499].Seq() != after+500 {
					b.Fatal(len(events), err)
				}
			}
		})
	}
}

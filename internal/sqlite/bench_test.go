package sqlite_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
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

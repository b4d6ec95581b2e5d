package hub

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// sink is a transport that takes everything at once, so that a benchmark sees the hub alone.
type sink struct{ bytes *atomic.Int64 }

func (k *sink) TryWrite(bufs [][]byte) (int, error) {
	n := 0
	for _, b := range bufs {
		n += len(b)
	}
	k.bytes.Add(int64(n))
	return n, nil
}
func (k *sink) Write(bufs [][]byte, _ time.Time) (int, error) { return k.TryWrite(bufs) }
func (k *sink) FrameEnd(chunk []byte, n int) int              { return n }
func (k *sink) CloseFrame(int, string) []byte                 { return []byte("bye") }
func (k *sink) Finish()                                       {}
func (k *sink) Abort()                                        {}

type plainEncoder struct{}

func (plainEncoder) Subscribed(string, Position, uint64) []byte { return nil }
func (plainEncoder) Reset(string, Position, uint64) []byte      { return nil }
func (plainEncoder) Skip(string, uint64) []byte                 { return nil }

// BenchmarkFanout publishes 160-byte entries to one topic, window at a time, and waits until every member has them.
func BenchmarkFanout(b *testing.B) {
	for _, members := range []int{1000, 10_000} {
		for _, window := range []int{1, 8} {
			b.Run(fmt.Sprintf("members=%d/window=%d", members, window), func(b *testing.B) { fanout(b, members, window) })
		}
	}
}

func fanout(b *testing.B, members, window int) {
	log := NewMemoryLog(64)
	h := New(Config{Log: log, Encoder: plainEncoder{}, Limits: Limits{PacePerMember: 1}})
	defer func() { _ = h.Shutdown(context.Background(), 1001, "") }()
	var got atomic.Int64
	for i := range members {
		s := h.NewSession(User{ID: fmt.Sprint(i), Name: fmt.Sprint(i)}, &sink{&got})
		if err := s.Subscribe(context.Background(), SubscribeRequest{Topic: "room", Hidden: true}); err != nil {
			b.Fatal(err)
		}
		defer s.Detach()
	}
	frame := make([]byte, 160)
	b.ReportAllocs()
	b.ResetTimer()
	want := int64(0)
	for i := 0; i < b.N; i += window {
		n := min(window, b.N-i)
		for range n {
			epoch, e := log.Append("room", func(uint64) Entry { return Entry{ID: "x", Frame: frame} })
			h.Publish("room", epoch, e)
		}
		want += int64(n * members * len(frame))
		for got.Load() < want {
			time.Sleep(time.Microsecond)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*members), "ns/delivery")
}

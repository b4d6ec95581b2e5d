package hubtest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub"
)

const (
	busPatience = 10 * time.Second       // after which what did not come is missing
	busAgain    = 100 * time.Millisecond // a bus may lose a message: it is published again after this
)

// RunBusSuite holds implementations of hub.Bus to their contract. fresh returns two nodes of one bus, for each test, and
// cleans up by t.Cleanup. What a bus may lose is published again, so that a lossy one passes too.
func RunBusSuite(t *testing.T, fresh func(t *testing.T) (a, b hub.Bus)) {
	for name, test := range map[string]func(t *testing.T, a, b hub.Bus){
		"the other node hears":              busOther,
		"nodes do not hear themselves":      busEcho,
		"topics are taken literally":        busTopics,
		"nothing comes after cancel":        busCancel,
		"one delivery at a time":            busSerial,
		"data arrives whole":                busSizes,
		"subscribe, cancel and publish mix": busMix,
		"a context that has ended":          busContext,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t)
			test(t, a, b)
		})
	}
}

// inbox collects copies of what is delivered.
type inbox struct {
	mu   sync.Mutex
	got  [][]byte
	bell chan struct{}
}

func listen(t *testing.T, b hub.Bus, topic string) (*inbox, func()) {
	t.Helper()
	in := &inbox{bell: make(chan struct{}, 1)}
	cancel, err := b.Subscribe(topic, func(data []byte) {
		in.mu.Lock()
		in.got = append(in.got, bytes.Clone(data))
		in.mu.Unlock()
		select {
		case in.bell <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatalf("Subscribe(%q): %v", topic, err)
	}
	flush(t, b)
	return in, cancel
}

func flush(t *testing.T, b hub.Bus) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), busPatience)
	defer stop()
	if err := b.Flush(ctx); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

func (in *inbox) has(data []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, g := range in.got {
		if bytes.Equal(g, data) {
			return true
		}
	}
	return false
}

// expect publishes data until it arrives.
func expect(t *testing.T, from hub.Bus, topic string, in *inbox, data []byte) {
	t.Helper()
	deadline := time.NewTimer(busPatience)
	defer deadline.Stop()
	again := time.NewTicker(busAgain)
	defer again.Stop()
	publish(t, from, topic, data)
	for !in.has(data) {
		select {
		case <-in.bell:
		case <-again.C:
			publish(t, from, topic, data)
		case <-deadline.C:
			t.Fatalf("%d bytes on %q did not arrive", len(data), topic)
		}
	}
}

func publish(t *testing.T, b hub.Bus, topic string, data []byte) {
	t.Helper()
	if err := b.Publish(topic, data); err != nil {
		t.Fatalf("Publish(%q, %d bytes): %v", topic, len(data), err)
	}
}

func busOther(t *testing.T, a, b hub.Bus) {
	atB, cancelB := listen(t, b, "room")
	defer cancelB()
	atA, cancelA := listen(t, a, "room")
	defer cancelA()
	expect(t, a, "room", atB, []byte("from a"))
	expect(t, b, "room", atA, []byte("from b"))
}

func busEcho(t *testing.T, a, b hub.Bus) {
	atA, cancelA := listen(t, a, "room")
	defer cancelA()
	atB, cancelB := listen(t, b, "room")
	defer cancelB()
	expect(t, a, "room", atB, []byte("mine"))
	expect(t, b, "room", atA, []byte("theirs")) // an echo would have come by now
	if atA.has([]byte("mine")) {
		t.Error("a node heard what it published itself")
	}
}

func busTopics(t *testing.T, a, b hub.Bus) {
	topics := []string{"room", "room.a", "room.*", "room.>", "*", ">", "room a", "room/ä日本", "user:1", "ROOM", "a\tb", "_"}
	boxes := map[string]*inbox{}
	for _, topic := range topics {
		in, cancel := listen(t, b, topic)
		defer cancel()
		boxes[topic] = in
	}
	for _, topic := range topics {
		expect(t, a, topic, boxes[topic], []byte(topic))
	}
	for topic, in := range boxes {
		for _, other := range topics {
			if other != topic && in.has([]byte(other)) {
				t.Errorf("what was published to %q reached %q", other, topic)
			}
		}
	}
}

func busCancel(t *testing.T, a, b hub.Bus) {
	var over atomic.Bool
	var late atomic.Int64
	cancel, err := b.Subscribe("room", func([]byte) {
		if over.Load() {
			late.Add(1)
		}
	})
	if err != nil {
		t.Fatalf("Subscribe: %v", err)
	}
	still, stop := listen(t, b, "room")
	defer stop()
	expect(t, a, "room", still, []byte("before"))
	cancel()
	over.Store(true)
	expect(t, a, "room", still, []byte("after"))
	if late.Load() > 0 {
		t.Error("something was delivered after cancel had returned")
	}
}

func busSerial(t *testing.T, a, b hub.Bus) {
	var inside, most, got atomic.Int64
	cancel, err := b.Subscribe("room", func([]byte) {
		if n := inside.Add(1); n > most.Load() {
			most.Store(n)
		}
		got.Add(1)
		inside.Add(-1)
	})
	if err != nil {
		t.Fatalf("Subscribe: %v", err)
	}
	defer cancel()
	in, stop := listen(t, b, "room")
	defer stop()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				_ = a.Publish("room", fmt.Append(nil, i))
			}
		})
	}
	wg.Wait()
	expect(t, a, "room", in, []byte("last"))
	if most.Load() > 1 {
		t.Errorf("%d deliveries to one subscription at once", most.Load())
	}
	if got.Load() == 0 {
		t.Error("nothing was delivered")
	}
}

func busSizes(t *testing.T, a, b hub.Bus) {
	in, cancel := listen(t, b, "room")
	defer cancel()
	for _, n := range []int{1, 125, 4096, 64 << 10, 256 << 10} {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(i*7 + n)
		}
		expect(t, a, "room", in, data)
	}
}

func busMix(t *testing.T, a, b hub.Bus) {
	var wg sync.WaitGroup
	for i := range 4 {
		topic := fmt.Sprintf("room%d", i%2)
		wg.Go(func() {
			for range 30 {
				cancel, err := b.Subscribe(topic, func([]byte) {})
				if err != nil {
					t.Errorf("Subscribe: %v", err)
					return
				}
				_ = a.Publish(topic, []byte("x"))
				cancel()
			}
		})
	}
	wg.Wait()
	in, cancel := listen(t, b, "room0")
	defer cancel()
	expect(t, a, "room0", in, []byte("still there"))
}

func busContext(t *testing.T, a, b hub.Bus) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	done := make(chan struct{})
	go func() { _ = b.Flush(ctx); close(done) }()
	select {
	case <-done:
	case <-time.After(busPatience):
		t.Fatal("Flush waits although its context has ended")
	}
	in, stop := listen(t, b, "room")
	defer stop()
	expect(t, a, "room", in, []byte("x"))
}

package hub_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// trickle lets a stalled peer take what is queued in small pieces, and says how much the session had queued at most.
func (m *member) trickle(piece int, between func()) {
	for range 10_000 {
		before := len(m.p.Frames())
		m.p.Take(piece)
		synctest.Wait()
		between()
		if len(m.p.Frames()) == before && m.w.h.Stats().Backlog == 0 {
			break
		}
	}
	m.p.Release()
}

func TestFiveThousandBehindComesInPieces(t *testing.T) {
	within(t, nil, func(w *world) {
		const n, size = 5000, 300
		for range n {
			w.log.add("room", sized(size))
		}
		ann := w.connect("ann")
		ann.p.Stall()
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		most, live := int64(0), 0
		ann.trickle(20_000, func() {
			most = max(most, w.h.Stats().Backlog)
			if live < 100 {
				w.post("room", sized(size)) // live traffic in between
				w.h.Broadcast("room", hubtest.Frame("typing %d", live), "")
				live++
			}
		})
		w.settle()
		var entries, typing []string
		for _, f := range ann.p.Drain()[1:] {
			if strings.HasPrefix(f, "typing") {
				typing = append(typing, f)
			} else {
				entries = append(entries, strings.SplitN(f, " x", 2)[0])
			}
		}
		if want := run("room", 1, uint64(n+live)); !slices.Equal(entries, want) {
			t.Errorf("the stream: %s", brief(entries))
		}
		if len(typing) != live {
			t.Errorf("%d of %d frames without a number reached a session that was catching up", len(typing), live)
		}
		if most > 256<<10 {
			t.Errorf("up to %d bytes were queued; two pieces are 262,144", most)
		}
		if w.h.Stats().Slow > 0 {
			t.Error("the session was closed as slow")
		}
	})
}

// Entries are read to be sent: of large ones, few go into a piece, and the rest would be read again for the next.
func TestAReplayReadsLittleMoreThanItSends(t *testing.T) {
	for _, size := range []int{100, 8000, 60_000} {
		within(t, nil, func(w *world) {
			const n = 600
			for range n {
				w.log.add("room", sized(size))
			}
			ann := w.connect("ann")
			ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
			w.settle()
			if got := len(ann.p.Drain()); got != n+1 {
				t.Errorf("%d frames came, want %d", got, n+1)
			}
			w.log.set(func() {
				if w.log.given > 3*n || w.log.reads > n {
					t.Errorf("of %d entries of %d bytes, %d were read, in %d reads", n, size, w.log.given, w.log.reads)
				}
			})
		})
	}
}

func TestManyTopicsBehindShareTheQueue(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.connect("ann")
		ann.p.Stall()
		const rooms, n = 20, 700
		for r := range rooms {
			topic := fmt.Sprint("room", r)
			w.join("bob", topic)
			for range n {
				w.post(topic, sized(500)) // more than a piece lies in the tail of each
			}
		}
		w.settle()
		for r := range rooms {
			topic := fmt.Sprint("room", r)
			ann.sub(hub.SubscribeRequest{Topic: topic, From: w.at(topic, 0)})
		}
		most := int64(0)
		ann.trickle(50_000, func() { most = max(most, w.h.Stats().Backlog) })
		w.settle()
		if slow := w.h.Stats().Slow; slow > 0 || most > 256<<10 {
			t.Fatalf("up to %d bytes were queued at once, %d sessions were closed as slow", most, slow)
		}
		got := ann.p.Drain()
		for r := range rooms {
			topic := fmt.Sprint("room", r)
			var of []string
			for _, f := range got {
				if strings.HasPrefix(f, topic+" ") {
					of = append(of, strings.SplitN(f, " x", 2)[0])
				}
			}
			if !slices.Equal(of, run(topic, 1, n)) {
				t.Fatalf("%s: %s", topic, brief(of))
			}
		}
	})
}

func TestTenThousandBehindIsTheLimit(t *testing.T) {
	within(t, nil, func(w *world) {
		for range 10_001 {
			w.log.add("room")
		}
		ann, bob := w.connect("ann"), w.connect("bob")
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 1)})
		ann.hears(append([]string{"subscribed room 1"}, run("room", 2, 10_001)...)...)
		bob.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		bob.hears("reset room 10001")
		w.post("room")
		bob.hears("room 10002")
	})
}

func TestPositionsThatTheLogDoesNotKnowAreAReset(t *testing.T) {
	for name, from := range map[string]hub.Position{
		"another epoch":              {Epoch: "e0", Seq: 3, ID: "e1-3"},
		"another epoch, from 0":      {Epoch: "e0"},
		"no epoch":                   {Seq: 3, ID: "e1-3"},
		"beyond the head":            {Epoch: "e1", Seq: 301, ID: "e1-301"},
		"far beyond the head":        {Epoch: "e1", Seq: ^uint64(0), ID: "x"},
		"a wrong id at the head":     {Epoch: "e1", Seq: 300, ID: "e0-300"},
		"a wrong id in the tail":     {Epoch: "e1", Seq: 299, ID: "e0-299"},
		"a wrong id before the tail": {Epoch: "e1", Seq: 2, ID: "e0-2"},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, nil, func(w *world) {
				w.join("bob", "room")
				w.posts("room", 300)
				w.settle()
				ann := w.connect("ann")
				ann.sub(hub.SubscribeRequest{Topic: "room", From: &from})
				ann.hears("reset room 300")
				w.post("room")
				ann.hears("room 301")
			})
		})
	}
}

func TestPositionThatIsRightIsNoReset(t *testing.T) {
	for _, seq := range []uint64{0, 1, 2, 44, 45, 299, 300} {
		t.Run(fmt.Sprint(seq), func(t *testing.T) {
			within(t, nil, func(w *world) {
				w.join("bob", "room")
				w.posts("room", 300)
				w.settle()
				ann := w.connect("ann")
				ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", seq)})
				ann.hears(append([]string{fmt.Sprint("subscribed room ", seq)}, run("room", seq+1, 300)...)...)
			})
		})
	}
}

// A session that comes from a node which was ahead knows entries that this node has not heard of.
func TestPositionAheadOfThisNode(t *testing.T) {
	within(t, nil, func(w *world) {
		bob := w.join("bob", "room")
		w.posts("room", 3)
		for range 2 {
			w.log.add("room") // published elsewhere
		}
		ann := w.connect("ann")
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 5)})
		ann.hears("subscribed room 5")
		bob.hears(run("room", 1, 5)...)
		w.post("room")
		ann.hears("room 6")
	})
}

func TestSlowResumeOfATrimmedLogIsAResetAndNeverAHole(t *testing.T) {
	within(t, nil, func(w *world) {
		log := hub.NewMemoryLog(300)
		h := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Logger: quiet, Limits: hub.Limits{TailEntries: 10, ReplayBytes: 8 << 10}})
		defer func() {
			if err := h.Shutdown(context.Background(), 1001, ""); err != nil {
				t.Error(err)
			}
		}()
		post := func() {
			epoch, e := log.Append("room", func(seq uint64) hub.Entry {
				return hub.Entry{ID: fmt.Sprint(seq), Frame: hubtest.Frame("room %d %s", seq, strings.Repeat("x", 200))}
			})
			h.Publish("room", epoch, e)
		}
		for range 290 {
			post()
		}
		first, err := log.Head(w.ctx, "room")
		if err != nil {
			t.Fatal(err)
		}
		s, p := hubtest.Connect(h, hub.User{ID: "ann"})
		p.Stall()
		from := &hub.Position{Epoch: first.Epoch}
		if err := s.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "room", From: from}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for range 700 {
			post()
		}
		p.Release()
		w.settle()
		post()
		w.settle()
		at, resets := uint64(0), 0
		for _, f := range p.Drain() {
			var seq uint64
			switch {
			case strings.HasPrefix(f, "reset"):
				resets++
				_, err = fmt.Sscanf(f, "reset room %d", &at)
			case strings.HasPrefix(f, "room"):
				if _, err = fmt.Sscanf(f, "room %d", &seq); seq != at+1 {
					t.Fatalf("entry %d came after %d", seq, at)
				}
				at = seq
			}
			if err != nil {
				t.Fatalf("%q: %v", f, err)
			}
		}
		if at != 991 || resets != 1 {
			t.Errorf("the stream ended at %d with %d resets, want 991 and 1", at, resets)
		}
	})
}

func TestLogFailsDuringAResume(t *testing.T) {
	within(t, nil, func(w *world) {
		for range 2000 {
			w.log.add("room")
		}
		ann, reads := w.connect("ann"), 0
		w.log.set(func() {
			w.log.onRead = func() {
				reads++
				w.log.set(func() { w.log.fail = nil })
				if reads%3 != 0 {
					w.log.set(func() { w.log.fail = errTest })
				}
			}
		})
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		time.Sleep(time.Minute)
		ann.hears(append([]string{"subscribed room 0"}, run("room", 1, 2000)...)...)
	})
}

func TestSubscribeErrors(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.connect("ann")
		w.log.set(func() { w.log.fail = errTest })
		if err := ann.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "room"}); !errors.Is(err, errTest) {
			t.Errorf("Log.Head fails: %v", err)
		}
		w.log.set(func() { w.log.fail = nil })
		for range 300 {
			w.log.add("room")
		}
		refuse := func(context.Context) (uint64, error) { return 0, errTest }
		if err := ann.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "room", Authorize: refuse}); !errors.Is(err, errTest) {
			t.Errorf("Authorize refuses: %v", err)
		}
		if ann.Subscribed("room") || w.h.Stats().Topics != 0 || w.h.Count("room") != 0 {
			t.Errorf("subscribed %v, %d topics, %d people", ann.Subscribed("room"), w.h.Stats().Topics, w.h.Count("room"))
		}
		w.log.set(func() { w.log.headGo = make(chan struct{}) })
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		if err := ann.Subscribe(ctx, hub.SubscribeRequest{Topic: "room"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a slow log and a short context: %v", err)
		}
		close(w.log.headGo)
		ann.Close(1000, "")
		if err := ann.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "room"}); !errors.Is(err, hub.ErrClosed) {
			t.Errorf("a closed session: %v", err)
		}
	})
}

func TestSubscribingAgainBeginsAnew(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.posts("room", 3)
		ann.hears(run("room", 1, 3)...)
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 1)})
		ann.hears("subscribed room 1", "room 2", "room 3")
		ann.sub(hub.SubscribeRequest{Topic: "room"})
		w.post("room")
		ann.hears("subscribed room 3", "room 4")
		if n := w.h.Count("room"); n != 1 || len(ann.Topics()) != 1 {
			t.Errorf("%d people, topics %q", n, ann.Topics())
		}
		ann.Unsubscribe("room")
		w.post("room")
		ann.hears()
	})
}

// A position that was right when the subscription was registered, in an epoch that ends before it begins.
func TestEpochChangesWhileASubscriptionIsAuthorised(t *testing.T) {
	within(t, nil, func(w *world) {
		for range 20 {
			w.log.add("room")
		}
		bob, ann := w.join("bob", "room"), w.connect("ann")
		ann.sub(hub.SubscribeRequest{Topic: "room", Authorize: func(context.Context) (uint64, error) {
			if w.log.epoch == "e1" {
				w.log.restart("e2", "room", 2)
				w.post("room")
				w.settle()
			}
			return 0, nil
		}})
		ann.hears("subscribed room 3")
		bob.hears("reset room 3")
		w.posts("room", 2)
		ann.hears("room 4", "room 5")
	})
}

package hub_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

func TestPublishesOutOfOrder(t *testing.T) {
	reversed := []int{8, 7, 6, 5, 4, 3, 2, 1}
	for name, order := range map[string][]int{
		"reversed": reversed,
		"doubled":  {1, 1, 2, 3, 2, 3, 4, 5, 6, 5, 7, 8, 8, 1},
		"swapped":  {2, 1, 4, 3, 6, 5, 8, 7},
		"late":     {2, 3, 4, 5, 6, 7, 8, 1},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, nil, func(w *world) {
				ann := w.join("ann", "room")
				var epoch string
				entries := make([]hub.Entry, 9)
				for i := 1; i <= 8; i++ {
					epoch, entries[i] = w.log.add("room")
				}
				for _, i := range order {
					w.h.Publish("room", epoch, entries[i])
				}
				ann.hears(run("room", 1, 8)...)
				if w.log.readCount() > 0 {
					t.Errorf("nothing was missing, yet the log was read %d times", w.log.readCount())
				}
			})
		})
	}
}

func TestDroppedPublishIsReadFromTheLogAfter50Milliseconds(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.log.add("room") // never published
		w.post("room")
		time.Sleep(49 * time.Millisecond)
		synctest.Wait()
		if got := ann.p.Frames(); len(got) > 0 || w.log.readCount() > 0 {
			t.Fatalf("after 49 ms %q was heard and the log read %d times", got, w.log.readCount())
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := ann.p.Drain(); !slices.Equal(got, run("room", 1, 2)) {
			t.Fatalf("after 51 ms %q was heard", got)
		}
	})
}

func TestTooManyEarlyEntriesAreReadAtOnce(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.log.add("room")
		w.posts("room", 300) // 256 are held, the rest only counted
		synctest.Wait()
		if got := ann.p.Drain(); !slices.Equal(got, run("room", 1, 301)) {
			t.Fatalf("heard %s without time passing", brief(got))
		}
	})
}

func TestLogThatFailsForAWhileDelaysAndLosesNothing(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.log.set(func() { w.log.fail = errTest })
		w.log.add("room")
		w.posts("room", 400)
		time.Sleep(30 * time.Second)
		ann.hears()
		if w.log.readCount() > 40 {
			t.Errorf("the failing log was asked %d times in 30 s", w.log.readCount())
		}
		w.log.set(func() { w.log.fail = nil })
		time.Sleep(3 * time.Second)
		w.posts("room", 1)
		ann.hears(run("room", 1, 402)...)
	})
}

func TestTopicOpenedDuringAPublish(t *testing.T) {
	within(t, nil, func(w *world) {
		w.log.headGo = make(chan struct{})
		w.log.add("room")
		ann, done := w.connect("ann"), make(chan error, 1)
		go func() { done <- ann.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "room"}) }()
		synctest.Wait()
		// 2 is published while the head is being read and is in it; 3 and 4 come after.
		w.post("room")
		synctest.Wait()
		epoch, e3 := w.log.add("room")
		close(w.log.headGo)
		synctest.Wait()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		w.h.Publish("room", epoch, e3)
		w.post("room")
		ann.hears("subscribed room 3", "room 4")
	})
}

// A publish that the head does not cover yet (it was read before the commit) must not be lost to who waits for the head.
func TestPublishOvertakesTheHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &staleHead{memlog: newLog(), stale: make(chan struct{})}
		log.add("room")
		h := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Logger: quiet})
		ann, p := hubtest.Connect(h, hub.User{ID: "ann"})
		done := make(chan error, 1)
		go func() { done <- ann.Subscribe(t.Context(), hub.SubscribeRequest{Topic: "room"}) }()
		synctest.Wait() // the head is read: 1
		for range 2 {
			epoch, e := log.add("room")
			h.Publish("room", epoch, e)
		}
		close(log.stale)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		got := p.Frames()
		ok := slices.Equal(got, []string{"subscribed room 3"}) || slices.Equal(got, []string{"subscribed room 1", "room 2", "room 3"})
		if !ok {
			t.Errorf("heard %q", got)
		}
		if err := h.Shutdown(t.Context(), 1001, ""); err != nil {
			t.Fatal(err)
		}
	})
}

func TestForeignEpochResetsEverybody(t *testing.T) {
	within(t, nil, func(w *world) {
		w.log.add("room")
		ann, bob := w.join("ann", "room"), w.join("bob", "room")
		w.posts("room", 5)
		ann.hears(run("room", 2, 6)...)
		bob.hears(run("room", 2, 6)...)
		w.log.restart("e2", "room", 3)
		w.post("room")
		ann.hears("reset room 4")
		bob.hears("reset room 4")
		w.h.Publish("room", "e1", hub.Entry{Seq: 7, ID: "e1-7", Frame: hubtest.Frame("from the past")})
		w.h.Publish("room", "e1", hub.Entry{Seq: 5, ID: "e1-5", Frame: hubtest.Frame("from the past")})
		ann.hears()
		w.post("room")
		ann.hears("room 5")
		bob.hears("room 5")
	})
}

func TestHoleThatNothingCanFillIsAReset(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.posts("room", 2)
		ann.hears(run("room", 1, 2)...)
		w.log.add("room")
		w.log.set(func() { w.log.minSeq = 4 })
		w.post("room")
		ann.hears("reset room 4")
		w.post("room")
		ann.hears("room 5")
	})
}

func TestLogThatHasDroppedEverythingIsAReset(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.log.add("room")
		w.log.set(func() { w.log.minSeq = 3 }) // retention has passed the head
		w.post("room")
		ann.hears("reset room 2")
		w.post("room")
		ann.hears("room 3")
	})
}

// unreliable is a node of a bus that loses, doubles and delays what it publishes, by the seed.
type unreliable struct {
	hub.Bus
	rnd  *rand.Rand
	held []func()
}

func (u *unreliable) Publish(topic string, data []byte) error {
	send := func() { _ = u.Bus.Publish(topic, slices.Clone(data)) }
	data = slices.Clone(data)
	switch u.rnd.IntN(6) {
	case 0: // lost
	case 1:
		send()
		send()
	case 2, 3:
		u.held = append(u.held, send)
	default:
		send()
	}
	for len(u.held) > u.rnd.IntN(4) {
		i := u.rnd.IntN(len(u.held))
		u.held[i]()
		u.held = slices.Delete(u.held, i, i+1)
	}
	return nil
}

func TestTwoHubsOnABusSeeEachNumberOnceInOrder(t *testing.T) {
	for _, lossy := range []bool{false, true} {
		t.Run(fmt.Sprint("lossy ", lossy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, bus := newLog(), hub.NewLocalBus()
				rnd := rand.New(rand.NewPCG(1, 2))
				var hubs []*hub.Hub
				var peers []*hubtest.Peer
				for i := range 2 {
					node := bus.Node()
					if lossy {
						node = &unreliable{Bus: node, rnd: rnd}
					}
					h := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Bus: node, Logger: quiet})
					s, p := hubtest.Connect(h, hub.User{ID: fmt.Sprint(i)})
					if err := s.Subscribe(t.Context(), hub.SubscribeRequest{Topic: "room"}); err != nil {
						t.Fatal(err)
					}
					hubs, peers = append(hubs, h), append(peers, p)
				}
				const n = 500
				for i := range n {
					epoch, e := log.add("room")
					hubs[rnd.IntN(2)].Publish("room", epoch, e)
					if i%50 == 0 {
						time.Sleep(time.Duration(rnd.IntN(100)) * time.Millisecond)
					}
				}
				for range 2 { // what shows the others that they lack the end
					epoch, e := log.add("room")
					hubs[0].Publish("room", epoch, e)
					hubs[1].Publish("room", epoch, e)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				for i, p := range peers {
					if got := p.Frames(); !slices.Equal(got, append([]string{"subscribed room 0"}, run("room", 1, n+2)...)) {
						t.Errorf("hub %d: %s", i, brief(got))
					}
					if err := hubs[i].Shutdown(t.Context(), 1001, ""); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestAckComesFromTheOtherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, bus := newLog(), hub.NewLocalBus()
		a := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Bus: bus.Node(), Logger: quiet})
		b := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Bus: bus.Node(), Logger: quiet})
		s, p := hubtest.Connect(b, hub.User{ID: "ann"})
		if err := s.Subscribe(t.Context(), hub.SubscribeRequest{Topic: "room"}); err != nil {
			t.Fatal(err)
		}
		if err := s.Begin(t.Context(), "room", "c1", false); err != nil {
			t.Fatal(err)
		}
		epoch, e := log.add("room", by("ann", "c1"))
		a.Publish("room", epoch, e)
		a.Broadcast("room", hubtest.Frame("spared"), "ann")
		a.Broadcast("room", hubtest.Frame("typing"), "bob")
		synctest.Wait()
		if got := p.Frames(); !slices.Equal(got, []string{"subscribed room 0", "ack c1 1", "typing"}) {
			t.Errorf("heard %q", got)
		}
		for _, h := range []*hub.Hub{a, b} {
			if err := h.Shutdown(t.Context(), 1001, ""); err != nil {
				t.Error(err)
			}
		}
	})
}

// What is published faster than it can be flushed is not kept in memory; it comes from the log after the flush.
func TestMoreThanATopicKeepsPendingComesFromTheLog(t *testing.T) {
	within(t, func(c *hub.Config) { c.Limits.QueueBytes = 16 << 20 }, func(w *world) {
		ann := w.join("ann", "room")
		var epoch string
		var all []hub.Entry
		for range 3000 {
			var e hub.Entry
			epoch, e = w.log.add("room", sized(1000))
			all = append(all, e)
		}
		for _, e := range all {
			w.h.Publish("room", epoch, e)
		}
		time.Sleep(10 * time.Second)
		w.settle()
		got := ann.p.Drain()
		for i, f := range got {
			got[i], _, _ = strings.Cut(f, " x")
		}
		if !slices.Equal(got, run("room", 1, 3000)) {
			t.Fatalf("heard %s", brief(got))
		}
	})
}

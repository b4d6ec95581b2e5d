package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// evictions notes what Config.Evicted is told.
type evictions struct {
	mu   sync.Mutex
	told []string
}

func (e *evictions) hook(c *hub.Config) {
	c.Evicted = func(s *hub.Session, topic string) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.told = append(e.told, s.User().ID+" "+topic)
		if s.Subscribed(topic) {
			e.told = append(e.told, "still subscribed")
		}
	}
}

func (e *evictions) are(t *testing.T, want ...string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.told, want) {
		t.Errorf("Evicted was told of %q, want %q", e.told, want)
	}
}

func TestKickInsideALiveChunk(t *testing.T) {
	var told evictions
	within(t, told.hook, func(w *world) {
		ann, bob := w.join("ann", "room"), w.join("bob", "room")
		w.posts("room", 2)
		w.post("room", evicts("ann", "nobody"))
		w.posts("room", 2) // all in one flush
		ann.hears(run("room", 1, 3)...)
		bob.hears(run("room", 1, 5)...)
		told.are(t, "ann room")
		if ann.Subscribed("room") || w.h.Count("room") != 1 {
			t.Errorf("subscribed %v, %d people", ann.Subscribed("room"), w.h.Count("room"))
		}
		w.h.Broadcast("room", hubtest.Frame("typing"), "")
		ann.hears()
	})
}

func TestKickEndsAllSessionsOfAUser(t *testing.T) {
	var told evictions
	within(t, told.hook, func(w *world) {
		a, b, bob := w.join("ann", "room", "hall"), w.join("ann", "room"), w.join("bob", "room")
		w.post("room", evicts("ann"))
		w.posts("room", 1)
		a.hears("room 1")
		b.hears("room 1")
		bob.hears("room 1", "room 2")
		w.post("hall")
		a.hears("hall 1")
		told.are(t, "ann room", "ann room")
	})
}

func TestKickWhileCatchingUp(t *testing.T) {
	for _, tail := range []int{1, 256} {
		t.Run(fmt.Sprint("tail ", tail), func(t *testing.T) {
			var told evictions
			within(t, func(c *hub.Config) { told.hook(c); c.Limits.TailEntries = tail }, func(w *world) {
				for range 700 {
					w.log.add("room", sized(500))
				}
				ann := w.connect("ann")
				ann.p.Stall()
				ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
				synctest.Wait()
				w.posts("room", 2)
				w.post("room", evicts("ann"))
				w.posts("room", 2)
				w.settle()
				told.are(t)
				ann.p.Release()
				w.settle()
				got := ann.p.Drain()
				if len(got) != 704 || got[703] != "room 703" {
					t.Fatalf("heard %s, want the kick at 703 as the last", brief(got))
				}
				told.are(t, "ann room")
				w.posts("room", 2)
				ann.hears()
			})
		})
	}
}

func TestReplayOverAnOldKickDoesNotEvict(t *testing.T) {
	var told evictions
	within(t, told.hook, func(w *world) {
		w.posts("room", 3)
		w.post("room", evicts("ann"))
		w.posts("room", 3) // and re-added since
		ann := w.connect("ann")
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 2)})
		ann.hears(append([]string{"subscribed room 2"}, run("room", 3, 7)...)...)
		w.post("room", evicts("ann"))
		w.post("room")
		ann.hears("room 8")
		told.are(t, "ann room")
	})
}

// The answer of Authorize is older than the kick, which the subscription must still meet, wherever its stream begins.
func TestKickWhileBeingAuthorised(t *testing.T) {
	for name, test := range map[string]struct {
		from func(w *world) *hub.Position
		want []string
	}{
		"from the head": {func(*world) *hub.Position { return nil }, []string{"subscribed room 3", "room 4"}},
		"resuming":      {func(w *world) *hub.Position { return w.at("room", 2) }, []string{"subscribed room 2", "room 3", "room 4"}},
		"reset":         {func(*world) *hub.Position { return &hub.Position{Epoch: "e0"} }, []string{"reset room 3", "room 4"}},
		"ahead":         {func(w *world) *hub.Position { return &hub.Position{Epoch: "e1", Seq: 5} }, []string{"reset room 3", "room 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			var told evictions
			within(t, told.hook, func(w *world) {
				w.join("bob", "room")
				w.posts("room", 3)
				w.settle()
				ann := w.connect("ann")
				ann.sub(hub.SubscribeRequest{Topic: "room", From: test.from(w), Authorize: func(context.Context) (uint64, error) {
					w.post("room", evicts("ann"))
					w.post("room")
					return 0, nil
				}})
				ann.hears(test.want...)
				told.are(t, "ann room")
			})
		})
	}
}

// members answers Authorize, as a database would.
type members struct {
	mu      sync.Mutex
	removed bool
	asked   int
}

func (m *members) authorize(context.Context) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	if m.removed {
		return 0, errTest
	}
	return 0, nil
}

func (m *members) remove() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removed = true
}

// A reset jumps over entries, and one of them may have been the kick.
func TestResetDoesNotJumpOverAKick(t *testing.T) {
	for name, jump := range map[string]func(w *world, kick func()){
		"a hole in a trimmed log": func(w *world, kick func()) {
			w.log.add("room")
			kick()
			w.log.set(func() { w.log.minSeq = 6 })
			w.log.add("room")
			w.post("room")
		},
		"a new epoch": func(w *world, kick func()) {
			kick()
			w.log.restart("e2", "room", 2)
			w.post("room")
		},
	} {
		for _, removed := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", removed ", removed), func(t *testing.T) {
				var told evictions
				within(t, told.hook, func(w *world) {
					var rights members
					ann, bob := w.connect("ann"), w.join("bob", "room")
					ann.sub(hub.SubscribeRequest{Topic: "room", Authorize: rights.authorize})
					w.posts("room", 3)
					w.settle()
					bob.p.Drain()
					ann.p.Drain()
					jump(w, func() {
						if removed {
							rights.remove()
							w.log.add("room", evicts("ann"))
						} else {
							w.log.add("room")
						}
					})
					w.settle()
					reset := bob.p.Drain()
					e := w.post("room")
					w.h.Broadcast("room", hubtest.Frame("typing"), "")
					bob.hears(fmt.Sprint("room ", e.Seq), "typing")
					if len(reset) != 1 || rights.asked != 2 {
						t.Fatalf("bob heard %q, Authorize was asked %d times; want a reset and 2", reset, rights.asked)
					}
					if removed {
						ann.hears(reset[0])
						told.are(t, "ann room")
					} else {
						ann.hears(reset[0], fmt.Sprint("room ", e.Seq), "typing")
						told.are(t)
					}
				})
			})
		}
	}
}

func TestResetWhileCatchingUpDoesNotJumpOverAKick(t *testing.T) {
	var told evictions
	within(t, func(c *hub.Config) { told.hook(c); c.Limits.TailEntries = 1 }, func(w *world) {
		var rights members
		for range 900 {
			w.log.add("room", sized(500))
		}
		ann := w.connect("ann")
		ann.p.Stall()
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0), Authorize: rights.authorize})
		synctest.Wait()
		rights.remove()
		w.post("room", evicts("ann"))
		w.posts("room", 2)
		w.settle()
		w.log.set(func() { w.log.minSeq = 903 }) // what ann still lacks is dropped, the kick at 901 with it
		ann.p.Release()
		w.settle()
		w.post("room")
		w.settle()
		got := ann.p.Drain()
		if last := got[len(got)-1]; last != "reset room 903" {
			t.Errorf("the last that ann heard is %q, want the reset", last)
		}
		told.are(t, "ann room")
	})
}

func TestSeesFromIsOneSkipToThePlace(t *testing.T) {
	within(t, nil, func(w *world) {
		w.posts("room", 50)
		from := func(n uint64) func(context.Context) (uint64, error) {
			return func(context.Context) (uint64, error) { return n, nil }
		}
		ann, bob := w.connect("ann"), w.connect("bob")
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0), Authorize: from(48)})
		ann.hears("subscribed room 0", "skip room 47", "room 48", "room 49", "room 50")
		bob.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 49), Authorize: from(53)}) // this node is behind the membership
		bob.hears("reset room 50")
		eve := w.connect("eve") // she has seen what she may not see any more
		eve.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 20), Authorize: from(48)})
		eve.hears("reset room 50")
		w.posts("room", 3)
		ann.hears(run("room", 51, 53)...)
		eve.hears(run("room", 51, 53)...)
		bob.hears("skip room 51", "skip room 52", "room 53")
	})
}

func TestHiddenOriginsAreSkipped(t *testing.T) {
	within(t, nil, func(w *world) {
		w.posts("room", 5)
		ann, bob := w.connect("ann"), w.join("bob", "room")
		ann.sub(hub.SubscribeRequest{Topic: "room", Authorize: func(context.Context) (uint64, error) { return 5, nil }})
		ann.hears("subscribed room 5")
		w.post("room", about(4))
		w.post("room", about(5))
		w.post("room", about(7))
		w.post("room")
		ann.hears("skip room 6", "room 7", "room 8", "room 9")
		bob.hears(run("room", 6, 9)...)
		// The same out of the log.
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 5), Authorize: func(context.Context) (uint64, error) { return 5, nil }})
		ann.hears("subscribed room 5", "skip room 6", "room 7", "room 8", "room 9")
	})
}

// After an entry that rewrites the past, whoever reads up on it gets it from the log; who was there has heard it as it was.
func TestRewrittenEntriesComeFromTheLog(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		w.posts("room", 3)
		ann.hears(run("room", 1, 3)...)
		w.log.set(func() { w.log.entries["room"][1].Frame = hubtest.Frame("room 2 rewritten") })
		w.post("room", func(e *hub.Entry) { e.Rewrites = true })
		w.post("room")
		ann.hears(run("room", 4, 5)...)
		read := w.log.readCount()
		bob, eve := w.connect("bob"), w.connect("eve")
		bob.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		bob.hears("subscribed room 0", "room 1", "room 2 rewritten", "room 3", "room 4", "room 5")
		if w.log.readCount() == read {
			t.Error("the past came from memory")
		}
		read = w.log.readCount()
		eve.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 4)})
		eve.hears("subscribed room 4", "room 5")
		if w.log.readCount() != read {
			t.Error("what came after the rewriting was read from the log")
		}
	})
}

func TestBroadcastSparesAUser(t *testing.T) {
	within(t, nil, func(w *world) {
		a, b, bob := w.join("ann", "room"), w.join("ann", "room"), w.join("bob", "room")
		w.post("room")
		w.h.Broadcast("room", hubtest.Frame("typing ann"), "ann")
		w.post("room")
		a.hears("room 1", "room 2")
		b.hears("room 1", "room 2")
		bob.hears("room 1", "typing ann", "room 2")
		w.h.BroadcastAll(hubtest.Frame("notice"))
		w.h.SendUser("ann", hubtest.Frame("for ann"))
		a.hears("notice", "for ann")
		b.hears("notice", "for ann")
		bob.hears("notice")
	})
}

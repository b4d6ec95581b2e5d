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

func frame(n int, name string) []byte {
	return hubtest.Frame("%s %s", name, strings.Repeat("x", n-len(name)-2))
}

// pour queues kib frames of 1 KiB.
func (m *member) pour(kib int) {
	for i := range kib {
		m.Send(frame(1<<10, fmt.Sprint("pour", i)))
	}
}

func closing(frames []string) string {
	if len(frames) == 0 {
		return ""
	}
	return frames[len(frames)-1]
}

func TestRoomsOfOneSessionShareAWrite(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "a", "b", "c", "d")
		ann.p.Stall() // the first write takes nothing: all that comes meanwhile goes together
		w.post("a")
		synctest.Wait()
		before := ann.p.Writes()
		for _, topic := range []string{"b", "c", "d", "a"} {
			w.post(topic)
		}
		synctest.Wait()
		ann.p.Release()
		w.settle()
		if n := ann.p.Writes() - before; n > 1 {
			t.Errorf("four rooms' frames took %d writes", n)
		}
		got := ann.p.Drain()
		slices.Sort(got)
		if want := []string{"a 1", "a 2", "b 1", "c 1", "d 1"}; !slices.Equal(got, want) {
			t.Errorf("heard %q", got)
		}
	})
}

func TestQueueOverItsBoundIsSlow(t *testing.T) {
	within(t, nil, func(w *world) {
		ann, bob := w.join("ann", "room"), w.join("bob", "room")
		ann.p.Stall()
		ann.pour(1023)
		synctest.Wait()
		if n := w.h.Stats().Slow; n != 0 || w.h.Stats().Backlog != 1023<<10 {
			t.Fatalf("below the bound %d sessions are slow, the backlog is %d", n, w.h.Stats().Backlog)
		}
		ann.pour(2)
		synctest.Wait()
		if st := w.h.Stats(); st.Slow != 1 {
			t.Fatalf("over the bound %d sessions are slow", st.Slow)
		}
		if ann.Subscribed("room") || ann.Send(hubtest.Frame("more")) {
			t.Error("a slow session is still subscribed or takes frames")
		}
		time.Sleep(4900 * time.Millisecond)
		if ann.p.Aborted() {
			t.Error("reset before 5 s")
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if !ann.p.Aborted() || len(ann.p.Frames()) > 0 {
			t.Errorf("after 5 s aborted is %v, %q was written", ann.p.Aborted(), brief(ann.p.Frames()))
		}
		<-ann.Done()
		w.post("room")
		bob.hears("room 1")
	})
}

func TestReaderThatStallsHalfAFrameIn(t *testing.T) {
	for _, blocking := range []bool{false, true} {
		for _, back := range []time.Duration{time.Second, 4900 * time.Millisecond, time.Minute} {
			t.Run(fmt.Sprint("blocking ", blocking, ", reads again after ", back), func(t *testing.T) {
				within(t, nil, func(w *world) {
					ann := w.join("ann", "room")
					if blocking {
						ann.p.Blocking()
					}
					ann.p.Take(1500)
					ann.pour(10)
					synctest.Wait()
					ann.pour(1100) // half of the second frame is out when the queue overflows
					synctest.Wait()
					if got := ann.p.Frames(); len(got) != 1 || len(ann.p.Half()) != 1500-1024 {
						t.Fatalf("%d frames and half of %d bytes were written", len(got), len(ann.p.Half()))
					}
					time.Sleep(back)
					ann.p.Release()
					w.settle()
					got := ann.p.Drain()
					if back > 5*time.Second {
						if !ann.p.Aborted() || len(got) != 1 {
							t.Errorf("aborted %v, heard %s", ann.p.Aborted(), brief(got))
						}
						return
					}
					// The rest of the frame and of what was being written with it, the close frame, nothing else.
					if closing(got) != "close 4004 slow" || !ann.p.Finished() || len(got) > 2+32+1 {
						t.Fatalf("finished %v, heard %s", ann.p.Finished(), brief(got))
					}
					for i, f := range got[:len(got)-1] {
						if f != strings.TrimSuffix(string(frame(1<<10, fmt.Sprint("pour", i))), "\n") {
							t.Fatalf("frame %d is not whole: %q…", i, f[:min(len(f), 30)])
						}
					}
				})
			})
		}
	}
}

// Slow just before the age limit of what is under way: the close frame still has its 5 s.
func TestCloseFrameOutlivesTheDeadlineOfTheWriteUnderWay(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.p.Take(1500)
		ann.pour(10)
		time.Sleep(29 * time.Second)
		ann.pour(1100)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if ann.p.Aborted() {
			t.Fatal("reset 3 s after it was found slow")
		}
		ann.p.Release()
		w.settle()
		if got := ann.p.Frames(); closing(got) != "close 4004 slow" {
			t.Errorf("heard %s", brief(got))
		}
	})
}

func TestByteOlderThan30SecondsIsSlow(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.p.Stall()
		ann.pour(1)
		time.Sleep(29900 * time.Millisecond)
		synctest.Wait()
		if w.h.Stats().Slow != 0 {
			t.Fatal("slow before 30 s")
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if w.h.Stats().Slow != 1 || ann.Subscribed("room") {
			t.Fatal("not slow after 30 s")
		}
		ann.p.Release()
		w.settle()
		if got := ann.p.Frames(); !slices.Equal(got, []string{"close 4004 slow"}) {
			t.Errorf("heard %s; nothing was half sent", brief(got))
		}
	})
}

// A reader that takes a little now and then never lets a write time out; its last byte still must not wait for ever.
func TestDrippingReaderIsSlowByTheAgeOfItsBytes(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.p.Stall()
		ann.pour(900)
		for range 29 { // 20 KiB a second: 580 KiB in 29 s
			time.Sleep(time.Second)
			ann.p.Take(20 << 10)
		}
		synctest.Wait()
		if w.h.Stats().Slow != 0 {
			t.Fatal("slow before any byte was 30 s old")
		}
		for range 2 {
			time.Sleep(time.Second)
			ann.p.Take(20 << 10)
		}
		synctest.Wait()
		if w.h.Stats().Slow != 1 {
			t.Fatal("bytes are older than 30 s and the session is not slow")
		}
	})
}

// A reader that is always a little behind is not slow, however long that lasts: no byte is old.
func TestReaderThatIsAlwaysALittleBehindIsNotSlow(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.p.Stall()
		ann.pour(100)
		for range 200 {
			time.Sleep(time.Second)
			ann.p.Take(10 << 10)
			ann.pour(10)
		}
		synctest.Wait()
		if w.h.Stats().Slow != 0 || w.h.Stats().Backlog == 0 {
			t.Errorf("slow %d, backlog %d", w.h.Stats().Slow, w.h.Stats().Backlog)
		}
		ann.p.Release()
	})
}

func TestBudgetOfTheHub(t *testing.T) {
	within(t, func(c *hub.Config) { c.Limits.Budget = 1 << 20 }, func(w *world) {
		var all []*member
		for i := range 20 {
			m := w.join(fmt.Sprint("m", i))
			m.p.Stall()
			m.pour(1)
			all = append(all, m)
		}
		synctest.Wait()
		for _, m := range all[:3] {
			m.pour(400)
		}
		synctest.Wait()
		if st := w.h.Stats(); st.Slow != 1 || st.Backlog > 1<<20 {
			t.Errorf("%d sessions are slow with a backlog of %d; one has to go", st.Slow, st.Backlog)
		}
		for _, m := range all[3:] { // who owes little is spared
			m.pour(20)
		}
		synctest.Wait()
		if st := w.h.Stats(); st.Slow != 1 {
			t.Errorf("%d sessions are slow", st.Slow)
		}
		for _, m := range all {
			m.p.Release()
		}
	})
}

func TestTwiceSlowInAMinuteIsAReset(t *testing.T) {
	within(t, nil, func(w *world) {
		slow := func() {
			m := w.join("ann")
			m.p.Stall()
			m.pour(1100)
			m.p.Release()
			<-m.Done()
		}
		resume := func() string {
			m := w.connect("ann")
			m.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 1)})
			w.settle()
			defer m.p.Abort()
			return m.p.Frames()[0]
		}
		w.posts("room", 3)
		slow()
		if got := resume(); got != "subscribed room 1" {
			t.Errorf("slow once: %q", got)
		}
		slow()
		if got := resume(); got != "reset room 3" {
			t.Errorf("slow twice: %q", got)
		}
		time.Sleep(time.Minute)
		if got := resume(); got != "subscribed room 1" {
			t.Errorf("a minute later: %q", got)
		}
	})
}

func TestCloseSaysWhatIsQueuedFirst(t *testing.T) {
	for _, blocking := range []bool{false, true} {
		within(t, nil, func(w *world) {
			ann := w.join("ann", "room")
			if blocking {
				ann.p.Blocking()
			}
			ann.p.Take(10)
			ann.Send(hubtest.Frame("a long frame"))
			ann.Send(hubtest.Frame("another"))
			ann.Close(4001, "token expired")
			ann.Close(4002, "not this one")
			synctest.Wait()
			if ann.p.Finished() || ann.p.Aborted() {
				t.Fatal("ended before all was written")
			}
			time.Sleep(4 * time.Second)
			ann.p.Release()
			ann.hears("a long frame", "another", "close 4001 token expired")
			if !ann.p.Finished() {
				t.Error("the transport was not finished")
			}
		})
	}
}

func TestBrokenConnectionIsAborted(t *testing.T) {
	for _, stalled := range []bool{false, true} {
		within(t, nil, func(w *world) {
			ann := w.join("ann", "room")
			if stalled {
				ann.p.Stall()
				ann.pour(10)
				synctest.Wait()
			}
			ann.p.Fail(errTest)
			w.post("room")
			<-ann.Done()
			if !ann.p.Aborted() || ann.Subscribed("room") {
				t.Errorf("aborted %v, subscribed %v", ann.p.Aborted(), ann.Subscribed("room"))
			}
		})
	}
}

// hookBus calls f inside the cancel of a subscription.
type hookBus struct {
	hub.Bus
	f func()
}

func (b *hookBus) Subscribe(topic string, deliver func([]byte)) (func(), error) {
	cancel, err := b.Bus.Subscribe(topic, deliver)
	return func() { cancel(); b.f() }, err
}

// The reader of a connection ends while somebody else subscribes its session.
func TestDetachLeavesNoSubscriptionBehind(t *testing.T) {
	bus := &hookBus{Bus: hub.NewLocalBus().Node()}
	within(t, func(c *hub.Config) { c.Bus = bus }, func(w *world) {
		s := w.h.NewSession(hub.User{ID: "ann"}, hubtest.NewPeer())
		if err := s.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "room"}); err != nil {
			t.Fatal(err)
		}
		first := true
		bus.f = func() { // Detach has just left the room
			if first {
				first = false
				_ = s.Subscribe(w.ctx, hub.SubscribeRequest{Topic: "hall"})
			}
		}
		s.Detach()
		w.settle()
		if n := w.h.Stats().Topics; n > 0 || w.h.Count("hall") > 0 {
			t.Errorf("%d topics are open with %d people, and nobody is connected", n, w.h.Count("hall"))
		}
	})
}

func TestShutdownWaitsForEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLog()
		h := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Logger: quiet})
		var peers []*hubtest.Peer
		for i := range 50 {
			s, p := hubtest.Connect(h, hub.User{ID: fmt.Sprint(i)})
			if err := s.Subscribe(t.Context(), hub.SubscribeRequest{Topic: "room"}); err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				p.Stall()
				time.AfterFunc(time.Second, p.Release)
			}
			peers = append(peers, p)
		}
		epoch, e := log.add("room")
		h.Publish("room", epoch, e)
		synctest.Wait()
		if err := h.Shutdown(t.Context(), 1001, "restart"); err != nil {
			t.Fatal(err)
		}
		for i, p := range peers {
			if got := p.Frames(); closing(got) != "close 1001 restart" || !p.Finished() || got[len(got)-2] != "room 1" {
				t.Errorf("peer %d heard %q", i, got)
			}
		}
		late := hubtest.NewPeer()
		s := h.NewSession(hub.User{ID: "late"}, late)
		if err := s.Subscribe(t.Context(), hub.SubscribeRequest{Topic: "room"}); !errors.Is(err, hub.ErrClosed) {
			t.Errorf("Subscribe after Shutdown: %v", err)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if !late.Aborted() {
			t.Error("a session that came after Shutdown is not ended")
		}
		s.Detach()
		h.Publish("room", epoch, e)
		h.Broadcast("room", hubtest.Frame("x"), "")
	})
}

func TestShutdownWithStuckPeersEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Config{Log: newLog(), Encoder: hubtest.Encoder{}, Logger: quiet})
		for i := range 4 {
			s, p := hubtest.Connect(h, hub.User{ID: fmt.Sprint(i)})
			p.Hang()
			if i > 0 {
				p.Stall()
				s.Send(hubtest.Frame("x"))
				synctest.Wait()
			}
			if i == 3 { // its reader is gone, its goodbye is not written yet
				s.Close(1000, "")
				s.Detach()
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := h.Shutdown(ctx, 1001, "restart"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		if d := time.Since(began); d != time.Second {
			t.Errorf("Shutdown took %v, its context ended after 1s", d)
		}
	})
}

// countingBus knows how many subscriptions are open.
type countingBus struct {
	hub.Bus
	open chan int
}

func (b *countingBus) Subscribe(topic string, f func([]byte)) (func(), error) {
	cancel, err := b.Bus.Subscribe(topic, f)
	b.open <- <-b.open + 1
	return func() { cancel(); b.open <- <-b.open - 1 }, err
}

func TestShutdownWhileATopicOpensLeavesTheBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, bus := newLog(), &countingBus{Bus: hub.NewLocalBus().Node(), open: make(chan int, 1)}
		bus.open <- 0
		log.headGo = make(chan struct{})
		h := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Bus: bus, Logger: quiet})
		s, _ := hubtest.Connect(h, hub.User{ID: "ann"})
		done := make(chan error, 1)
		go func() { done <- s.Subscribe(t.Context(), hub.SubscribeRequest{Topic: "room"}) }()
		synctest.Wait()
		if err := h.Shutdown(t.Context(), 1001, ""); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err == nil {
			t.Error("Subscribe succeeded on a hub that is shut down")
		}
		if n := <-bus.open; n != 0 {
			t.Errorf("%d subscriptions of the bus are open", n)
		}
	})
}

func TestFlushOfFiveThousandWhileMembersComeAndGo(t *testing.T) {
	within(t, nil, func(w *world) {
		const n = 5000
		members := make([]*member, n)
		for i := range members {
			members[i] = w.connect(fmt.Sprint(i))
			members[i].sub(hub.SubscribeRequest{Topic: "room", Hidden: true})
		}
		w.settle()
		var late []*member
		for round := range 10 {
			w.posts("room", 3)
			for i := round; i < n; i += 97 {
				members[i].Unsubscribe("room")
			}
			late = append(late, w.connect(fmt.Sprint("late", round)))
			late[round].sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0), Hidden: true})
			w.post("room", evicts(fmt.Sprint(96-round)))
			time.Sleep(time.Duration(round) * 20 * time.Millisecond)
		}
		w.settle()
		whole := append([]string{"subscribed room 0"}, run("room", 1, 40)...)
		for i, m := range members {
			got := m.p.Frames()
			left := i%97 < 10 || i > 86 && i < 97
			if len(got) > len(whole) || !slices.Equal(got, whole[:len(got)]) || !left && len(got) != len(whole) {
				t.Fatalf("member %d heard %s", i, brief(got))
			}
			if i == 96 && len(got) != 5 {
				t.Errorf("the member evicted at 4 heard %s", brief(got))
			}
		}
		for _, m := range late {
			if got := m.p.Frames(); !slices.Equal(got, whole) {
				t.Fatalf("a late member heard %s", brief(got))
			}
		}
	})
}

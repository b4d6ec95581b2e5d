package hub_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub"
)

// witness is a hub.Presence that writes down what it is told.
type witness struct {
	mu    sync.Mutex
	began time.Time
	told  []string
	lists []time.Duration
	// view is who each session believes to be there: the list it got and the changes since.
	view map[*hub.Session]map[string]bool
	h    *hub.Hub
}

func names(users []hub.User) string {
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return strings.Join(ids, ",")
}

func (v *witness) Changed(c hub.PresenceChange) {
	v.mu.Lock()
	defer v.mu.Unlock()
	line := fmt.Sprintf("+%s -%s =%d", names(c.Joined), names(c.Left), c.Count)
	if c.Coalesced {
		line += " coalesced"
	}
	if c.People != nil {
		v.lists = append(v.lists, time.Since(v.began))
	}
	v.told = append(v.told, line)
	for _, seen := range v.view {
		for _, u := range c.Joined {
			seen[u.ID] = true
		}
		for _, u := range c.Left {
			delete(seen, u.ID)
		}
	}
}

func (v *witness) Arrived(s *hub.Session, _ string, people []hub.User, count int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if people == nil {
		v.told = append(v.told, fmt.Sprintf("%s arrived, %d", s.User().ID, count))
		return
	}
	seen := map[string]bool{}
	for _, u := range people {
		seen[u.ID] = true
	}
	if v.view == nil {
		v.view = map[*hub.Session]map[string]bool{}
	}
	v.view[s] = seen
	v.told = append(v.told, fmt.Sprintf("%s arrived: %s", s.User().ID, names(people)))
}

// took returns what was told since the last time.
func (v *witness) took() []string {
	synctest.Wait()
	v.mu.Lock()
	defer v.mu.Unlock()
	told := v.told
	v.told = nil
	return told
}

func present(t *testing.T, change func(*hub.Config), test func(w *world, v *witness)) {
	t.Helper()
	v := &witness{}
	within(t, func(c *hub.Config) {
		v.began, c.Presence = time.Now(), v
		if change != nil {
			change(c)
		}
	}, func(w *world) { v.h = w.h; test(w, v) })
}

func (v *witness) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := v.took(); !slices.Equal(got, want) {
		t.Fatalf("presence was told\n%q, want\n%q", got, want)
	}
}

func TestPresenceIsPerPerson(t *testing.T) {
	present(t, nil, func(w *world, v *witness) {
		bob := w.join("bob", "room")
		v.expect(t, "+bob - =1", "bob arrived: bob")
		laptop := w.join("ann", "room")
		v.expect(t, "+ann - =2", "ann arrived: ann,bob")
		phone := w.join("ann", "room")
		v.expect(t, "ann arrived: ann,bob")
		ghost := w.connect("eve")
		ghost.sub(hub.SubscribeRequest{Topic: "room", Hidden: true})
		time.Sleep(2 * time.Second)
		v.took() // a list was due
		laptop.p.Abort()
		time.Sleep(5 * time.Second)
		v.expect(t)
		if people, n := w.h.People("room", 10); n != 2 || names(people) != "ann,bob" {
			t.Errorf("%d people: %s", n, names(people))
		}
		phone.Unsubscribe("room")
		time.Sleep(1900 * time.Millisecond)
		v.expect(t)
		time.Sleep(200 * time.Millisecond)
		v.expect(t, "+ -ann =1")
		ghost.Unsubscribe("room")
		bob.hears()
		v.expect(t)
		if people, n := w.h.People("room", 0); n != 1 || len(people) != 0 || w.h.Count("room") != 1 || w.h.Count("hall") != 0 {
			t.Errorf("%d of %d people, count %d", len(people), n, w.h.Count("room"))
		}
		if people, n := w.h.People("room", -1); n != 1 || len(people) != 0 {
			t.Errorf("with a limit of -1: %d of %d people", len(people), n)
		}
	})
}

func TestPresenceDoesNotFlap(t *testing.T) {
	present(t, nil, func(w *world, v *witness) {
		w.join("bob", "room")
		ann := w.join("ann", "room")
		time.Sleep(2 * time.Second)
		v.took()
		for range 20 {
			ann.p.Abort()
			time.Sleep(1500 * time.Millisecond)
			ann = w.join("ann", "room")
			ann.sub(hub.SubscribeRequest{Topic: "room"})
		}
		for _, line := range v.took() {
			if !strings.HasPrefix(line, "ann arrived: ann,bob") {
				t.Errorf("told %q", line)
			}
		}
	})
}

func TestEvictedPersonLeavesAtOnce(t *testing.T) {
	present(t, nil, func(w *world, v *witness) {
		w.join("bob", "room")
		w.join("ann", "room")
		w.join("ann", "room")
		time.Sleep(2 * time.Second)
		v.took()
		w.post("room", evicts("ann"))
		v.expect(t, "+ -ann =1")
	})
}

func TestNegativeGraceIsNone(t *testing.T) {
	present(t, func(c *hub.Config) { c.Limits.LeaveGrace = -1 }, func(w *world, v *witness) {
		w.join("bob", "room")
		ann := w.join("ann", "room")
		v.took()
		ann.Unsubscribe("room")
		v.expect(t, "+ -ann =1")
	})
}

func TestListsComeAtMostOnceASecond(t *testing.T) {
	present(t, nil, func(w *world, v *witness) {
		w.join("bob", "room")
		for i := range 60 {
			w.join(fmt.Sprint("m", i), "room")
			time.Sleep(90 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		v.mu.Lock()
		defer v.mu.Unlock()
		for i := 1; i < len(v.lists); i++ {
			if d := v.lists[i] - v.lists[i-1]; d < time.Second {
				t.Errorf("list %d came %v after the one before", i, d)
			}
		}
		if len(v.lists) < 5 || len(v.lists) > 8 {
			t.Errorf("%d lists in 5.4 s", len(v.lists))
		}
	})
}

func TestAboveTheCapChangesAreCoalesced(t *testing.T) {
	present(t, nil, func(w *world, v *witness) {
		var all []*member
		for i := range 100 {
			all = append(all, w.join(fmt.Sprintf("m%03d", i), "room"))
		}
		time.Sleep(3 * time.Second)
		v.took()
		all = append(all, w.join("n1", "room"))
		v.expect(t, "n1 arrived, 101", "+n1 - =101 coalesced")
		for i := range 9 {
			all = append(all, w.join(fmt.Sprint("o", i), "room"))
			time.Sleep(50 * time.Millisecond)
		}
		w.post("room", evicts("o3", "m000"))
		for _, line := range v.took() {
			if !strings.Contains(line, "arrived, 1") {
				t.Errorf("within the second: %q", line)
			}
		}
		time.Sleep(time.Second)
		v.expect(t, "+o0,o1,o2,o4,o5,o6,o7,o8 -m000 =108 coalesced") // o3 came and went: nobody need know
		for _, m := range all[90:] {
			m.p.Abort()
		}
		time.Sleep(5 * time.Second)
		got := v.took()
		if last := got[len(got)-1]; !strings.HasSuffix(last, "=89") || strings.Contains(last, "coalesced") {
			t.Errorf("below the cap again the last change is %q", last)
		}
	})
}

// Whoever takes the list it got on arrival and the changes since knows who is there.
func TestListAndChangesAreTheTruth(t *testing.T) {
	for seed := range uint64(20) {
		present(t, func(c *hub.Config) { c.Limits.PresenceCap = 12 }, func(w *world, v *witness) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			live := []*member{w.join("observer", "room")}
			check := func() {
				time.Sleep(3 * time.Second) // graces and paces run out
				synctest.Wait()
				v.mu.Lock()
				defer v.mu.Unlock()
				people, _ := w.h.People("room", 1000)
				for _, m := range live {
					seen := v.view[m.Session]
					if seen == nil {
						continue // it came when there were too many for a list
					}
					var got []string
					for id := range seen {
						got = append(got, id)
					}
					slices.Sort(got)
					if strings.Join(got, ",") != names(people) {
						t.Fatalf("seed %d: %s believes %v, there are %s", seed, m.User().ID, got, names(people))
					}
				}
			}
			for step := range 150 {
				switch k := rnd.IntN(10); {
				case k < 5 && len(live) < 25:
					var m *member
					name := fmt.Sprintf("p%02d", rnd.IntN(20))
					var wg sync.WaitGroup // at the same time as somebody else comes or goes
					wg.Go(func() { m = w.join2(name, "room") })
					if i := rnd.IntN(len(live)); i > 0 && k < 2 {
						gone := live[i]
						live = slices.Delete(live, i, i+1)
						wg.Go(func() { gone.Unsubscribe("room") })
					}
					wg.Wait()
					live = append(live, m)
				case k < 8 && len(live) > 1:
					i := 1 + rnd.IntN(len(live)-1)
					live[i].p.Abort()
					live = slices.Delete(live, i, i+1)
				case k == 8:
					id := fmt.Sprintf("p%02d", rnd.IntN(20))
					w.post("room", evicts(id))
					live = slices.DeleteFunc(live, func(m *member) bool { return m.User().ID == id })
				default:
					time.Sleep(time.Duration(rnd.IntN(2500)) * time.Millisecond)
				}
				if step%25 == 24 {
					check()
				}
			}
			check()
		})
	}
}

// join2 is join for another goroutine than the test's.
func (w *world) join2(name, topic string) *member {
	m := w.connect(name)
	if err := m.Subscribe(w.ctx, hub.SubscribeRequest{Topic: topic}); err != nil {
		w.t.Error(err)
	}
	return m
}

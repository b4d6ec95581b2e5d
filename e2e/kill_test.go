package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

var seedFlag = flag.Uint64("seed", 0, "plan of the kill test; 0 draws one")

const (
	kills   = 20
	people  = 10
	devices = 44 // with a socket, that send: people have several
	posters = 6  // that send over REST
	readers = 10 // that only read, and come and go
)

var killRooms = []string{"general", "random", "help", "garden"}

// TestKill: fifty clients send with retries over several rooms while the server is killed twenty times and readers come
// and go with resume. Then it is left in peace, and what everybody met must agree with what the rooms hold.
func TestKill(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("repeat this plan with -run TestKill -seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	c := gather(t, rng)
	c.begin()
	for i := range kills {
		c.killOnce(t, rng, i)
	}
	before := c.acks.Load()
	c.untilAcks(t, before+500) // and now it runs on, undisturbed
	h := c.end(t)
	t.Logf("%d messages, %d retries, %d resumed subscriptions, %d resets, %d closed as too slow; took %s",
		len(h.sends), c.retries.Load(), c.resumes.Load(), c.resets.Load(), c.slow.Load(), c.since().Round(time.Millisecond))
	c.judge(t, h)
	if resumes, retries := c.resumes.Load(), c.retries.Load(); resumes < kills*5 || retries < kills {
		t.Errorf("only %d subscriptions went on where others had ended, and %d messages were sent again: the kills hit nothing", resumes, retries)
	}
}

// killOnce lets the server live for a while, kills it and starts it again: most often under load, sometimes while it starts.
func (c *crowd) killOnce(t *testing.T, rng *rand.Rand, i int) {
	t.Helper()
	if i%4 == 3 {
		c.s.kill()
		if err := c.s.launch(c.s.serve()); err != nil {
			t.Fatal(err)
		}
		c.sleep(time.Duration(rng.Int64N(int64(300 * time.Millisecond))))
	} else {
		c.untilAcks(t, c.acks.Load()+1+rng.Int64N(100))
		c.sleep(time.Duration(rng.Int64N(int64(150 * time.Millisecond))))
	}
	c.s.kill()
	if err := c.s.tryStart(); err != nil {
		t.Fatalf("after kill %d: %v", i+1, err)
	}
}

// crowd is a load with all its members.
type crowd struct {
	*load
	devices []*device
	posters []*poster
	pagers  []*pager
	epochs  map[string]string
	token   string // somebody's, to look at everything with
}

// gather starts a server and plans who is there.
func gather(t *testing.T, rng *rand.Rand) *crowd {
	t.Helper()
	s := startServer(t, "--rate-limits", "off", "--log-level", "warn")
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	t.Cleanup(cancel)
	l := &load{s: s, ctx: ctx, start: time.Now(), pace: 150 * time.Millisecond, quiet: make(chan struct{}), finish: make(chan struct{})}
	names, tokens := s.users(people)
	c := &crowd{load: l, token: tokens[0], epochs: map[string]string{}}
	s.call(t, http.StatusCreated, "POST", "/api/rooms", tokens[0], object{"name": "garden"}, nil)
	for _, room := range killRooms {
		c.epochs[room] = s.page(t, c.token, "room="+room).Epoch
	}
	some := func() []string { // one to three rooms
		order := rng.Perm(len(killRooms))
		var rooms []string
		for _, i := range order[:1+rng.IntN(3)] {
			rooms = append(rooms, killRooms[i])
		}
		return rooms
	}
	own := func() *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), 2)) }
	for i := range devices + readers {
		who := i % people
		d := &device{load: l, name: fmt.Sprintf("%s/device%d", names[who], i), user: names[who], token: tokens[who], rng: own(), rooms: some()}
		switch {
		case i >= devices:
			d.name, d.stay = fmt.Sprintf("reader%d", i), 40
		case i%3 == 0:
			d.window = 8
		default:
			d.window = 1
		}
		if i < devices && i%5 == 0 {
			d.stay = 80
		}
		c.devices = append(c.devices, d)
	}
	for i := range posters {
		c.posters = append(c.posters, &poster{load: l, name: fmt.Sprintf("%s/rest%d", names[i], i), user: names[i], token: tokens[i], rng: own(), rooms: some()})
	}
	for _, room := range killRooms {
		c.pagers = append(c.pagers, &pager{load: l, name: "pager of " + room, token: tokens[1], room: room, rng: own()})
	}
	return c
}

// users adds people named after numbers, a few at a time.
func (s *server) users(n int) (names, tokens []string) {
	names, tokens = make([]string, n), make([]string, n)
	next := make(chan int)
	var adders sync.WaitGroup
	for range 2 {
		adders.Go(func() {
			for i := range next {
				names[i] = fmt.Sprintf("person %d", i)
				tokens[i] = s.user(names[i])
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	adders.Wait()
	return names, tokens
}

// begin lets everybody in.
func (c *crowd) begin() {
	c.start = time.Now()
	for _, d := range c.devices {
		if d.window > 0 {
			c.sending.Add(1)
		}
		c.present.Add(1)
		go d.live()
	}
	for _, p := range c.posters {
		c.sending.Add(1)
		c.present.Add(1)
		go p.live()
	}
	for _, p := range c.pagers {
		c.present.Add(1)
		go p.live()
	}
}

// untilAcks waits until there have been so many acks: the server serves again. A slow machine has time, as long as acks come.
func (c *crowd) untilAcks(t *testing.T, n int64) {
	t.Helper()
	last, at := c.acks.Load(), time.Now()
	for last < n {
		if !c.sleep(2 * time.Millisecond) {
			t.Fatalf("the time for all of it is over, at %d acks", last)
		}
		if now := c.acks.Load(); now > last {
			last, at = now, time.Now()
		} else if time.Since(at) > 2*patience {
			t.Fatalf("the crowd has come to a stand at %d acks", last)
		}
	}
}

// end lets everybody finish what they began and hear all that was said, sends them home and gathers what they met.
func (c *crowd) end(t *testing.T) history {
	t.Helper()
	close(c.quiet)
	c.sending.Wait()
	heads := map[string]uint64{}
	h := history{rooms: map[string]room{}}
	for _, name := range killRooms {
		r := c.dump(t, name)
		h.rooms[name], heads[name] = r, r.head
		if r.epoch != c.epochs[name] {
			t.Errorf("%s has another epoch than at the start", name)
		}
	}
	c.heads = heads
	close(c.finish)
	c.present.Wait()
	for _, d := range c.devices {
		for _, s := range d.sends {
			h.sends = append(h.sends, *s)
		}
		for _, r := range d.readings {
			h.readings = append(h.readings, *r)
		}
	}
	for _, p := range c.posters {
		for _, s := range p.sends {
			h.sends = append(h.sends, *s)
		}
	}
	for _, p := range c.pagers {
		h.readings = append(h.readings, p.met)
	}
	return h
}

// dump reads a room whole: over REST, and over a fresh socket that resumes from the start.
func (c *crowd) dump(t *testing.T, name string) room {
	t.Helper()
	var r room
	for more := true; more; {
		p := c.s.page(t, c.token, fmt.Sprintf("room=%s&after=%d", name, r.last()))
		for _, m := range p.Messages {
			r.rest = append(r.rest, entryOf(m))
		}
		r.epoch, r.head, more = p.Epoch, p.AsOf, p.HasMore
	}
	k := c.s.dial(t, "/ws", c.token)
	k.want("welcome")
	k.subscribe(position{Room: name, Epoch: r.epoch})
	if f := k.want("subscribed"); f.Seq != 0 {
		t.Fatalf("from the start: %s", f.raw)
	}
	for uint64(len(r.fresh)) < r.head {
		r.fresh = append(r.fresh, entryOf(k.want("message")))
	}
	k.leave()
	return r
}

func (r room) last() uint64 {
	if len(r.rest) == 0 {
		return 0
	}
	return r.rest[len(r.rest)-1].seq
}

// judge reports everything that broke a promise.
func (c *crowd) judge(t *testing.T, h history) {
	t.Helper()
	for _, p := range c.problems {
		t.Error(p)
	}
	found := check(h)
	for _, v := range found[:min(len(found), 50)] {
		t.Error(v)
	}
	for _, s := range h.sends {
		if s.acked == 0 {
			t.Errorf("%s sent %s until it was answered, and never was", s.sender, s.clientID)
		}
	}
	if c.resets.Load() > 0 && c.slow.Load() == 0 {
		t.Errorf("%d resets, though nobody was too far behind and no history was lost", c.resets.Load())
	}
	if len(h.sends) < 500 {
		t.Errorf("only %d messages were sent: too few to mean anything", len(h.sends))
	}
}

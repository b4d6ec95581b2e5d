package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// closeTooSlow is the code with which a reader that does not keep up is closed.
const closeTooSlow = 4004

// How a reader stands still, the N of a stall.
const (
	stallThrough  = iota // for the whole time: the server's goodbye is lost with the connection
	stallTillSlow        // until the server has given it up: it reads why. Nobody touches the process meanwhile
	stallTwice           // the same, and again at once, which is once too often
	stallKinds
)

// Each reader may have 1 MiB unread before it is too slow, and the kernel holds half of that besides. So that this comes
// to pass in seconds, senders say long things meanwhile; over the run as many bytes as maxShouted, and firstShouts at once.
const (
	maxShouted  = 64 << 20
	firstShouts = 4 << 20
)

// slowEvery is how often the server is asked whether it has given somebody up.
const slowEvery = 200 * time.Millisecond

// goodbyeTime is how long a reader may take to hear the server's goodbye, which is there for 5 s.
const goodbyeTime = 6 * time.Second

func (n *nemesis) stall(ctx context.Context, s strike) (string, error) {
	if s.N == stallThrough {
		return fmt.Sprintf("%d readers stood still", n.standStill(s.For)), nil
	}
	if !n.hold(ctx) { // a server that has just started has nothing unsent yet
		return "", nil
	}
	defer n.process.Unlock()
	times := 1
	if s.N == stallTwice {
		times = 2
	}
	still, slow, told := 0, 0, n.told()
	for begun := time.Now(); slow < times && time.Since(begun) < s.For && ctx.Err() == nil; {
		before := n.told()
		n.shouting.Add(1)
		still = n.standStill(s.For)
		if n.untilSlow(ctx, s.For) {
			slow++
		}
		n.shouting.Add(-1)
		n.standStill(0)
		n.untilTold(ctx, before+1)
	}
	return fmt.Sprintf("%d readers stood still; the server gave up %d times, and they heard of %d", still, slow, n.told()-told), nil
}

// standStill has the readers that do so read nothing for a time, from now, and says how many they are.
func (n *nemesis) standStill(long time.Duration) int {
	still := 0
	for _, d := range n.stallers() {
		d.stallUntil.Store(n.now() + int64(long))
		still++
	}
	return still
}

func (r *run) stallers() []*device {
	var all []*device
	for _, c := range r.clients {
		if d, ok := c.(*device); ok && d.form == "staller" {
			all = append(all, d)
		}
	}
	return all
}

// told is how often those who stand still have heard that they were too slow.
func (n *nemesis) told() int64 {
	var sum int64
	for _, d := range n.stallers() {
		sum += d.slow.Load()
	}
	return sum
}

// untilSlow waits until the server has given up somebody who did not keep up. It is false when that took too long.
func (n *nemesis) untilSlow(ctx context.Context, most time.Duration) bool {
	before := 0
	if u, err := n.server.Usage(ctx); err == nil {
		before = u.Slow
	}
	for begun := time.Now(); time.Since(begun) < most; {
		if !sleep(ctx, slowEvery) {
			return false
		}
		switch u, err := n.server.Usage(ctx); {
		case err != nil: // it is down, and will count anew
			before = 0
		case u.Slow > before:
			return true
		}
	}
	return false
}

// untilTold waits until those who were given up have heard of it, if the machine is fast enough for that.
func (n *nemesis) untilTold(ctx context.Context, times int64) {
	for begun := time.Now(); n.told() < times && time.Since(begun) < goodbyeTime; {
		if !sleep(ctx, slowEvery) {
			return
		}
	}
}

// shouts says whether what is said next is to be long.
func (r *run) shouts(rng *rand.Rand) bool {
	if r.shouting.Load() == 0 || rng.IntN(6) > 0 || !r.mayShout() {
		return false
	}
	r.shouted.Add(3 * longest)
	return true
}

// mayShout spreads what may be said over the run.
func (r *run) mayShout() bool {
	part := min(1, time.Since(r.start).Seconds()/r.Length.Seconds())
	return r.shouted.Load() < firstShouts+int64(part*maxShouted)
}

// tempo is the mean pause of a sender between two messages now.
func (r *run) tempo() time.Duration {
	if r.shouting.Load() > 0 && r.mayShout() {
		return quickest
	}
	return r.pace
}

// stall stands still if it was told to. It is true when the run has ended meanwhile. What was not heard in that time is no
// silence of the server's: the connection is not given up for it.
func (d *device) stall(ctx context.Context, ears *ears) bool {
	for d.now() < d.stallUntil.Load() && !isClosed(d.quiet) {
		if !sleep(ctx, 50*time.Millisecond) {
			return true
		}
		ears.hearNow()
	}
	return false
}

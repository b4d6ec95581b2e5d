package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/process"
	"github.com/parley-chat/parley/internal/chaos/proxy"
)

// termTime is how long a server may take to end after SIGTERM: ten seconds are promised, the rest is the machine's.
const termTime = 15 * time.Second

// nemesis carries out the plan. Faults of the process come one at a time; those of connections meet them and each other.
type nemesis struct {
	*run
	rng     *rand.Rand
	process sync.Mutex // whoever does something to the process
	cutAt   atomic.Int64
	watch   sync.WaitGroup // over half-open connections
	failed  chan error
}

// nemesis runs the plan, then leaves everything healed. The error says that the run cannot go on.
func (r *run) nemesis(ctx context.Context, rng *rand.Rand) error {
	n := &nemesis{run: r, rng: rng, failed: make(chan error, 1)}
	steps := r.script
	if names := r.possible(); steps == nil {
		steps = plan(rng, names, r.Length)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var under, guard sync.WaitGroup
	guard.Go(func() { n.guard(ctx) })
	begun := time.Now()
	for _, s := range append(steps, strike{At: r.Length}) {
		if !sleep(ctx, time.Until(begun.Add(s.At))) || len(n.failed) > 0 {
			break
		}
		if s.Kind != "" {
			under.Go(func() { n.strike(ctx, s) })
		}
	}
	if r.script != nil {
		under.Wait()
	}
	cancel()
	under.Wait()
	guard.Wait()
	n.watch.Wait()
	select {
	case err := <-n.failed:
		return err
	default:
	}
	return n.heal()
}

// strike makes one fault and writes it down.
func (n *nemesis) strike(ctx context.Context, s strike) {
	begun := n.now()
	detail, err := n.do(ctx, s)
	if err != nil {
		n.fail(fmt.Errorf("%s: %w", s, err))
		return
	}
	if detail == "" {
		return // it did not come to pass
	}
	n.say("%s: %s", s, detail)
	n.notes.Write(history.Op{Op: history.Fault, Form: s.Kind, Detail: detail, Invoke: begun, Return: n.now()})
}

func (n *nemesis) fail(err error) {
	select {
	case n.failed <- err:
	default:
	}
}

// do makes a fault and undoes it. It says what was done; "": nothing, the run was over before.
func (n *nemesis) do(ctx context.Context, s strike) (string, error) {
	switch s.Kind {
	case faultKill:
		return n.kill(ctx, s)
	case faultTerm:
		return n.term(ctx, s)
	case faultPause:
		return n.pause(ctx, s)
	case faultPoint:
		return n.failPoint(ctx, s)
	case faultClock:
		return n.clock(ctx, s)
	case faultPower:
		return n.power(ctx, s)
	case faultSync:
		return n.syncError(ctx, s)
	case faultWrite:
		return n.writeError(ctx, s)
	case faultFull:
		return n.full(ctx, s)
	case faultRemoval:
		return n.remove(ctx)
	case faultCut:
		return n.cut(ctx, s), nil
	case faultHalfOpen:
		return n.halfOpen(ctx, s), nil
	case faultStall:
		return n.stall(ctx, s)
	case faultStorm:
		return fmt.Sprintf("%d connections were reset", n.proxy.DropAll()), nil
	case faultDelay:
		return n.delay(ctx, s), nil
	}
	return "", fmt.Errorf("nothing is known of the fault %q", s.Kind)
}

// hold takes the process for one fault. It is false when the run was over before it was free.
func (n *nemesis) hold(ctx context.Context) bool {
	n.process.Lock()
	if ctx.Err() != nil {
		n.process.Unlock()
		return false
	}
	return true
}

// errNoStart ends a run whose server does not start again. It is the server's fault, and noted as such.
var errNoStart = errors.New("the server does not start again")

// restart starts the server again, also when the run is over: healing is part of the fault.
func (n *nemesis) restart(extra ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	if err := n.server.Start(ctx, extra...); err != nil {
		n.notes.Write(history.Op{Op: history.Unexpected, Detail: fmt.Sprintf("%v: %v", errNoStart, err), Return: n.now()})
		return fmt.Errorf("%w: %w", errNoStart, err)
	}
	return nil
}

func (n *nemesis) kill(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	n.server.Kill()
	if !s.Again {
		return "killed under load", n.restart()
	}
	l, err := n.server.Launch()
	if err != nil {
		return "", err
	}
	l.Expect()
	sleep(ctx, s.For)
	n.server.Kill()
	return "killed under load, and again while it started", n.restart()
}

func (n *nemesis) term(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	var again time.Duration
	detail := "SIGTERM"
	if s.Again {
		again, detail = s.For, "SIGTERM twice"
	}
	took, err := n.server.Terminate(termTime, again)
	if err != nil {
		n.notes.Write(history.Op{Op: history.Unexpected, Detail: err.Error(), Return: n.now()})
	}
	return fmt.Sprintf("%s; ended after %s", detail, took.Round(time.Millisecond)), n.restart()
}

func (n *nemesis) pause(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	if err := n.server.Pause(); err != nil {
		return "", err
	}
	sleep(ctx, s.For)
	return "stopped and continued", n.server.Resume()
}

// cutStep is by how much the place of the cut grows from connection to connection, in bytes: a prime, so that it falls on
// every part of a frame. What a client hears first is 500 to 5,000 bytes long.
const (
	cutStep = 37
	cutMost = 6000
)

func (n *nemesis) cut(ctx context.Context, s strike) string {
	if !n.hold(ctx) { // what is stopped or down has no frames to cut
		return ""
	}
	n.process.Unlock()
	before := n.proxy.Cuts()
	n.proxy.SetPlan(func() proxy.Plan {
		k := n.cutAt.Add(cutStep)
		d := proxy.ToClient
		if k%5 == 0 {
			d, k = proxy.ToServer, k/5
		}
		return proxy.Plan{Cut: &proxy.Cut{Direction: d, After: 1 + k%cutMost}}
	})
	n.proxy.DropAll()
	sleep(ctx, s.For)
	n.proxy.SetPlan(nil)
	return fmt.Sprintf("%d connections were reset after a byte each", n.proxy.Cuts()-before)
}

// halfOpen makes connections half-open and watches how long the server keeps them.
func (n *nemesis) halfOpen(ctx context.Context, s strike) string {
	dead := n.proxy.Swallow(s.N)
	begun := n.now()
	for _, one := range dead {
		if !one.Socket() {
			continue // an idle connection of a page may live for longer
		}
		n.watch.Go(func() {
			op := history.Op{Op: history.Fault, Form: faultHalfOpen, Detail: "its life", Invoke: begun, Result: history.Unknown}
			select {
			case <-one.ServerGaveUp():
				op.Result = history.Ok
			case <-ctx.Done(): // healing resets it
			}
			op.Return = n.now()
			n.notes.Write(op)
		})
	}
	return fmt.Sprintf("%d connections went dead", len(dead))
}

func (n *nemesis) delay(ctx context.Context, s strike) string {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(uint64(s.N), uint64(s.At)))
	draw := func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return time.Duration(rng.Int64N(int64(s.N))) * time.Millisecond
	}
	slowed := n.proxy.Delay(draw)
	sleep(ctx, s.For)
	n.proxy.Delay(func() time.Duration { return 0 })
	return fmt.Sprintf("%d connections were slow, each by up to %d ms", slowed, s.N)
}

// remove takes the last person out of everything. Whatever is begun a moment after it has been answered may not reach
// them (property 12).
func (n *nemesis) remove(ctx context.Context) (string, error) {
	n.process.Lock() // also when the run is over meanwhile: without it nothing could be said of property 12
	defer n.process.Unlock()
	p := n.people[len(n.people)-1]
	p.gone.Store(true)
	begun := n.now()
	if _, err := n.server.Command(context.WithoutCancel(ctx), "", "user", "disable", p.name, "--data", n.server.Data); err != nil {
		return "", err
	}
	n.notes.Write(history.Op{Op: history.Removed, User: p.name, Invoke: begun, Return: n.now()})
	return p.name + " was disabled", nil
}

// guard starts a server again that has ended by itself, which it may not.
func (n *nemesis) guard(ctx context.Context) {
	for ctx.Err() == nil {
		l := n.server.Life()
		select {
		case <-ctx.Done():
			return
		case <-l.Ended():
		}
		n.process.Lock()
		if l == n.server.Life() && ctx.Err() == nil {
			if err := n.revive(l); err != nil {
				n.fail(err)
				n.process.Unlock()
				return
			}
		}
		n.process.Unlock()
	}
}

func (n *nemesis) revive(l *process.Life) error {
	if !l.Wanted() {
		n.say("the server has ended by itself: %s", l.How())
		n.notes.Write(history.Op{Op: history.Unexpected, Detail: "the server has ended by itself: " + l.How(), Return: n.now()})
	}
	return n.restart()
}

// heal undoes what is left: whatever was half-open is reset, nothing is slow, the server runs.
func (n *nemesis) heal() error {
	n.proxy.SetPlan(nil)
	n.proxy.Delay(func() time.Duration { return 0 })
	n.proxy.DropAll()
	n.standStill(0)
	l := n.server.Life()
	if l == nil {
		return errors.New("there is no server")
	}
	if isClosed(l.Ended()) {
		if err := n.revive(l); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := n.server.Ready(ctx, n.server.Life()); err != nil {
		return err
	}
	n.say("healed")
	n.notes.Write(history.Op{Op: history.Healed, Return: n.now()})
	return nil
}

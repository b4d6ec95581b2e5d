package chaos

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/process"
	"github.com/parley-chat/parley/internal/chaos/property"
)

// aftermath is how long the crowd goes on talking after healing.
const aftermath = 2 * time.Second

// wind lets the crowd finish what it began and hear all that was said, asks what everybody believes, and sends them home.
// What does not come to its end is for the properties to tell; an error means that the server cannot even be asked.
func (r *run) wind(ctx context.Context) error {
	sleep(ctx, aftermath)
	close(r.quiet)
	if !wait(&r.sending, patience) {
		r.say("some senders were not answered within %s", patience)
	}
	r.notes.Write(history.Op{Op: history.Quiet, Return: r.now()})
	heads, err := r.readHeads(ctx)
	if err != nil {
		return err
	}
	r.heads = heads
	close(r.finish)
	if !wait(&r.hearing, patience) {
		r.say("some readers did not get to the end within %s", patience)
	}
	r.agree(ctx)
	close(r.settle)
	if !wait(&r.settling, settleAfter) {
		r.say("some readers could not say what they believe")
	}
	close(r.leave)
	if !wait(&r.leaving, settleAfter) {
		r.say("some clients did not leave")
	}
	r.agree(ctx)
	close(r.again)
	if !wait(&r.staying, settleAfter) {
		r.say("some readers could not say what they believe once others had left")
	}
	close(r.home)
	if !wait(&r.present, patience/2) {
		r.say("some clients did not go home")
	}
	return ctx.Err()
}

// agree gives what everybody believes the time to become the same.
func (r *run) agree(ctx context.Context) {
	direct := newAPI(r.server.Addr)
	defer direct.close()
	for begun := time.Now(); !r.agreed(ctx, direct) && time.Since(begun) < settleAfter; {
		if !sleep(ctx, 50*time.Millisecond) {
			return
		}
	}
}

// wait is false when it took longer than most. What it waits for goes on.
func wait(group *sync.WaitGroup, most time.Duration) bool {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(most):
		return false
	}
}

// readHeads asks for the last number of each room.
func (r *run) readHeads(ctx context.Context) (map[string]uint64, error) {
	direct := newAPI(r.server.Addr)
	defer direct.close()
	heads := map[string]uint64{}
	for _, room := range r.rooms {
		p, status, err := direct.after(ctx, r.people[0].token, room, 0, 1)
		if err != nil || status != 200 {
			return nil, fmt.Errorf("reading the end of %s: %d %w", room, status, err)
		}
		heads[room] = p.AsOf
	}
	return heads, nil
}

// agreed is true when every socket's list of who is there is everybody who is, and all of a person's devices have the
// cursors that the server has: what is still on its way to all of them is not agreed upon. It decides nothing but how long the
// run waits: the properties look at what was settled.
func (r *run) agreed(ctx context.Context, direct *api) bool {
	there := map[string][]string{}
	devices := r.sockets()
	for _, d := range devices {
		for _, room := range d.rooms {
			there[room] = append(there[room], d.person.name)
		}
	}
	read := map[string]uint64{}
	for _, d := range devices {
		online, cursors := d.view()
		for _, room := range d.rooms {
			slices.Sort(there[room])
			if !slices.Equal(online[room], slices.Compact(slices.Clone(there[room]))) {
				return false
			}
			key := d.person.name + " " + room
			if n, ok := read[key]; ok && n != cursors[room].n {
				return false
			}
			read[key] = cursors[room].n
		}
	}
	for _, who := range r.people {
		list, err := direct.list(ctx, who)
		if err != nil {
			return false
		}
		for _, room := range list {
			if n, ok := read[who.name+" "+room.Name]; ok && n != room.ReadN {
				return false
			}
		}
	}
	return true
}

// sockets are the devices of the people who are still there.
func (r *run) sockets() []*device {
	var all []*device
	for _, c := range r.clients {
		if d, ok := c.(*device); ok && !d.person.gone.Load() && !(d.person.first && isClosed(r.leave)) {
			all = append(all, d)
		}
	}
	return all
}

// returnAfter bounds how long it may take to give back what clients used.
const returnAfter = 20 * time.Second

// baseline notes what the server holds before anybody came.
func (r *run) baseline(ctx context.Context) process.Usage {
	u, err := r.server.Usage(ctx)
	r.sample("baseline", u, err)
	return u
}

func (r *run) sample(when string, u process.Usage, err error) {
	op := history.Op{Op: history.Sample, Form: when, Goroutines: u.Goroutines, FDs: u.FDs, Heap: u.Heap, Return: r.now()}
	if err != nil {
		op.Detail = err.Error()
	}
	r.notes.Write(op)
}

// returned waits until the server holds no more than at the start, or has had its time, and notes what it holds then.
func (r *run) returned(ctx context.Context, base process.Usage) {
	for begun := time.Now(); ; {
		u, err := r.server.Usage(ctx)
		near := err == nil && u.Goroutines <= base.Goroutines+property.MoreGoroutines && u.FDs <= base.FDs+property.MoreFDs && u.Heap <= base.Heap+property.MoreHeap
		if near || time.Since(begun) > returnAfter || !sleep(ctx, 200*time.Millisecond) {
			r.sample("end", u, err)
			return
		}
	}
}

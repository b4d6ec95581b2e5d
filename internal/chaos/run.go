package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/process"
	"github.com/parley-chat/parley/internal/chaos/proxy"
)

// run is one run while it goes on.
type run struct {
	Options
	meta    history.Meta
	server  *process.Server
	proxy   *proxy.Proxy
	medium  medium     // nil: the data lies where the machine keeps it
	disk    *disk.Disk // the same if it can lose things, otherwise nil
	backing string     // of the medium
	people  []*person
	rooms   []string
	pace    time.Duration   // mean pause of a sender between two messages
	notes   *history.Writer // of the nemesis
	start   time.Time

	quiet  chan struct{}     // closed: nobody begins a new message
	heads  map[string]uint64 // set before finish is closed
	finish chan struct{}     // closed: who has heard everything may say so
	settle chan struct{}     // closed: say what you believe, and go
	leave  chan struct{}     // closed: every second person leaves
	again  chan struct{}     // closed: whoever is still there says what they believe now
	home   chan struct{}     // closed: everybody leaves at once

	sending  sync.WaitGroup // senders that have not been told of all they said
	hearing  sync.WaitGroup // sockets that are not at the heads yet
	settling sync.WaitGroup // sockets that have not said what they believe
	leaving  sync.WaitGroup // sockets of those who leave first
	staying  sync.WaitGroup // sockets of the others that have not said what they believe now
	present  sync.WaitGroup // everybody
	acks     atomic.Int64

	shouting atomic.Int32 // stalls for which senders say long things
	shouted  atomic.Int64 // bytes of those

	clients []client
	base    process.Usage // before anybody came
}

// person has an account and several devices.
type person struct {
	name, id, token string
	first           bool        // leaves before the others at the end
	gone            atomic.Bool // taken out in the middle of the run
}

// client is a member of the crowd.
type client interface {
	live(ctx context.Context)
	close() error
}

// Run makes one run and judges it. The error says that it could not be made; what the server did wrong is in the report.
func Run(ctx context.Context, o Options) (*Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	made := o.Dir == ""
	if made {
		o.Dir, err = os.MkdirTemp("", "parley-chaos-")
	} else {
		err = os.MkdirAll(o.Dir, 0o700)
	}
	if err != nil {
		return nil, err
	}
	if err := empty(o.Dir); err != nil {
		return nil, err
	}
	if err := attack(ctx, o); err != nil {
		return nil, fmt.Errorf("the run could not be made (%s has what there is of it): %w", o.Dir, err)
	}
	report, err := Judge(o.Dir)
	if err != nil {
		return nil, err
	}
	if made && !o.Keep && report.Held() {
		return report, os.RemoveAll(o.Dir)
	}
	report.Dir = o.Dir
	return report, nil
}

// empty refuses a folder with another run in it.
func empty(dir string) error {
	there, err := os.ReadDir(dir)
	if err == nil && len(there) > 0 {
		err = fmt.Errorf("%s is not empty: give the run a folder of its own", dir)
	}
	return err
}

// attack makes the run and leaves its history.
func attack(ctx context.Context, o Options) (err error) {
	ctx, cancel := context.WithTimeout(ctx, o.Length+10*patience)
	defer cancel()
	r := &run{
		Options: o, start: time.Now(), quiet: make(chan struct{}), finish: make(chan struct{}), settle: make(chan struct{}), home: make(chan struct{}),
		leave: make(chan struct{}), again: make(chan struct{}),
		meta: history.Meta{Seed: o.Seed, Seconds: o.Length.Seconds(), Faults: o.Faults, Skipped: map[string]string{}, People: map[string]string{}},
	}
	r.pace = max(quickest, o.Length*time.Duration(o.Senders)/maxMessages)
	if r.notes, err = history.Create(o.Dir, "nemesis", "", "nemesis"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.notes.Close()) }()
	log, err := os.OpenFile(filepath.Join(o.Dir, "server.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	rng := rand.New(rand.NewPCG(o.Seed, 1))
	if err := r.prepare(ctx, log); err != nil {
		return err
	}
	defer func() {
		r.proxy.Close()
		r.server.Kill()
		err = errors.Join(err, r.unmount())
	}()
	r.base = r.baseline(ctx)
	if err := r.gather(rng); err != nil {
		return err
	}
	if err := history.WriteMeta(o.Dir, &r.meta); err != nil {
		return err
	}
	crowd, disperse := context.WithCancel(ctx)
	defer disperse()
	r.begin(crowd)
	failed := r.nemesis(ctx, rng)
	if failed == nil {
		failed = r.wind(ctx)
	}
	disperse()
	r.present.Wait()
	for _, c := range r.clients {
		failed = errors.Join(failed, c.close())
	}
	if errors.Is(failed, errNoStart) {
		r.say("%v", failed)
		return history.WriteMeta(o.Dir, &r.meta) // what there is will be judged
	}
	if failed != nil {
		return failed
	}
	if err := r.dumps(ctx); err != nil {
		return err
	}
	r.meta.Complete = true
	return history.WriteMeta(o.Dir, &r.meta)
}

// now is the time of the run's clock.
func (r *run) now() int64 { return int64(time.Since(r.start)) }

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.Log, "%6.1fs  %s\n", time.Since(r.start).Seconds(), fmt.Sprintf(format, args...))
}

// sleep is false when ctx has ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// between draws a duration around mean.
func between(rng *rand.Rand, mean time.Duration) time.Duration {
	return mean/2 + time.Duration(rng.Int64N(int64(mean)+1))
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

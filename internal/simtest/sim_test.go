package simtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/names"
)

// plan is what a seed decides before the first operation.
type plan struct {
	racing        bool
	rooms, people int
	devices       int
	steps         int
	commitFaults  int // per cent
	publishFaults int
	readFaults    bool
	guests        bool          // the last person is one
	newcomers     bool          // who is brought in again sees nothing of what was before
	tokenTTL      time.Duration // 0: tokens last
	limits        hub.Limits
	weights       []int // of operations
}

// maxSteps is how many operations a schedule has at most.
const maxSteps = 240

func newPlan(r *rand.Rand) *plan {
	p := &plan{
		racing: r.IntN(8) == 0, rooms: 1 + r.IntN(3), people: 3 + r.IntN(3), devices: 1 + r.IntN(2), steps: maxSteps/2 + r.IntN(maxSteps/2),
		commitFaults: pick(r, 0, 5, 20), publishFaults: pick(r, 0, 5, 30), readFaults: r.IntN(2) == 0,
		guests: r.IntN(2) == 0, tokenTTL: pick(r, 0, 7*time.Second, time.Minute),
		limits: hub.Limits{
			ResumeLimit: pick(r, 20, 60, 10_000),
			HoldEntries: pick(r, 2, 8, 256), TailEntries: pick(r, 2, 8, 256), Writers: 1,
		},
	}
	queue := pick(r, [2]int{48 << 10, 6 << 10}, [2]int{64 << 10, 8 << 10}, [2]int{1 << 20, 128 << 10}) // in the product's proportion
	p.limits.QueueBytes, p.limits.ReplayBytes = queue[0], queue[1]
	for range operations {
		p.weights = append(p.weights, 1+r.IntN(8))
	}
	p.newcomers = !p.racing && r.IntN(3) == 0
	return p
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// sim is one run. Everything in it belongs to the goroutine that runs it, but for results.
type sim struct {
	seed    uint64
	rng     *rand.Rand
	plan    *plan
	cuts    *cuts
	mutant  mutant
	step    int // under way
	disk    *disk
	actors  map[string]chat.Actor
	people  []chat.Actor // the first is the owner
	clients []*client
	rooms   []string

	srv           *server
	lives         int
	links         int
	subscriptions int
	ended         map[int]bool // processes that have been told to end, or have crashed
	sweep         sync.WaitGroup
	renamed       map[string]bool // rooms that somebody wanted to have another name
	calls         int             // how often a room was called by one of its names
	slow          int64           // sessions closed as slow by all processes
	sends         []*send
	byID          map[string]*send
	cursors       map[cursorKey]uint64
	moved         map[cursorMove]bool
	shown         map[shownKey]int // changes of messages that somebody has seen: how many subscriptions had been asked for by then

	mu      sync.Mutex
	results []result // of what runs in goroutines of its own

	trace  *trace
	failed error
}

type cursorKey struct {
	room, user string
	version    uint64
}

// cursorMove is a move of a cursor that names the version it has seen, and may therefore go back.
type cursorMove struct {
	cursorKey
	n uint64
}

// result is what came out of something that took time, in the order in which it was begun.
type result struct {
	no int
	f  func()
}

// randomness is what one part of a schedule draws from, whatever is left out before it.
func randomness(seed uint64, part int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x9a41e7+uint64(part)<<32))
}

// Parts of a schedule that are no steps.
const (
	partPlan   = -1
	partSettle = -2
)

func newSim(seed uint64, m mutant, c *cuts) *sim {
	rng := randomness(seed, partPlan)
	p := newPlan(rng)
	c.apply(p)
	s := &sim{
		seed: seed, rng: rng, plan: p, cuts: c, mutant: m, disk: newDisk(seed, p, m), actors: map[string]chat.Actor{},
		ended: map[int]bool{}, byID: map[string]*send{}, cursors: map[cursorKey]uint64{}, moved: map[cursorMove]bool{}, shown: map[shownKey]int{}, renamed: map[string]bool{}, trace: newTrace(),
	}
	s.rooms = []string{"general", "help", "random"}[:p.rooms]
	for i := range p.people {
		name := fmt.Sprintf("p%d", i)
		if p.guests && i == p.people-1 {
			g := chat.Actor{ID: chat.UserID(s.uuid()), Name: name, Kind: chat.KindGuest, Role: chat.RoleGuest}
			s.actors[name] = g
			s.people = append(s.people, g)
			continue
		}
		u := chat.User{
			ID: chat.UserID(s.uuid()), Kind: chat.KindMember, Name: name, NameSkeleton: names.Skeleton(name),
			Role: chat.RoleMember, Created: time.Now().UTC(),
		}
		s.disk.set(func(raw *chattest.Store) { u, _ = raw.CreateUser(context.Background(), u, chat.Admission{}) })
		s.actors[name] = u.Actor()
		s.people = append(s.people, u.Actor())
	}
	for _, name := range s.rooms {
		r := chat.Room{
			ID: chat.RoomID(s.uuid()), Name: name, Kind: chat.RoomPublic, MinSeq: 1, Created: time.Now().UTC(),
		}
		s.disk.rooms[name], s.disk.epochs[name] = r.ID, s.uuid()
		s.disk.set(func(raw *chattest.Store) {
			r.Epoch = s.disk.epochs[name]
			_, _ = raw.CreateRoom(context.Background(), r, "")
		})
	}
	for _, me := range s.people {
		for d := range p.devices + 1 {
			c := &client{sim: s, label: fmt.Sprintf("%s.%d", me.Name, d), me: me}
			if d == p.devices { // one more, on a room's own socket
				if s.rng.IntN(2) == 0 {
					continue
				}
				c.fixed, c.plain = pick(s.rng, s.rooms...), s.rng.IntN(2) == 0
			}
			for _, room := range s.rooms {
				c.views = append(c.views, &view{room: room, holds: holds{}})
			}
			if !s.cuts.without(c.label) {
				s.clients = append(s.clients, c)
			}
		}
	}
	return s
}

// uuid makes an id from the seed.
func (s *sim) uuid() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(s.rng.Uint32())
	}
	return chat.FormatUUID(b)
}

// run does the operations, heals everything, and checks. It returns what was wrong first.
func (s *sim) run() error {
	s.start()
	for step := 0; step < s.plan.steps && s.failed == nil; step++ {
		if !s.cuts.does(step) {
			continue
		}
		s.step, s.rng = step, randomness(s.seed, step)
		s.pass(time.Duration(1 + s.rng.IntN(3_000_000)))
		s.operate()
		if step%40 == 39 {
			s.checkAcked()
		}
	}
	if s.failed == nil {
		s.rng = randomness(s.seed, partSettle)
		s.settle()
	}
	s.tearDown()
	return s.failed
}

func (s *sim) start() {
	s.lives++
	s.srv = startServer(s.disk, s.lives, s.actors, s.plan)
	s.trace.op("the server starts")
}

// pass lets time pass and then reads what has come.
func (s *sim) pass(d time.Duration) {
	for d > 0 && s.failed == nil {
		piece := min(d, 4*time.Second) // pings want an answer
		d -= piece
		time.Sleep(piece)
		synctest.Wait()
		s.poll()
	}
}

func (s *sim) poll() {
	s.mu.Lock()
	results := s.results
	s.results = nil
	s.mu.Unlock()
	slices.SortFunc(results, func(a, b result) int { return a.no - b.no })
	for _, r := range results {
		r.f()
	}
	for _, c := range s.clients {
		if c.link != nil && s.failed == nil {
			c.link.poll()
			s.trace.flush()
		}
	}
}

// later runs call aside; what it returns is run by a later poll.
func (s *sim) later(call func(srv *server) func()) {
	if s.srv == nil {
		return
	}
	srv := s.srv
	s.trace.tasks++
	no := s.trace.tasks
	srv.tasks.Go(func() {
		if !s.plan.racing { // tasks of one instant begin one after another
			waitTurn(taskTurn)
			time.Sleep(time.Duration(no%turns) * turns)
		}
		f := call(srv)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.results = append(s.results, result{no, f})
	})
}

func (s *sim) fail(check, format string, args ...any) {
	if s.failed == nil {
		s.failed = &violation{check: check, text: fmt.Sprintf(format, args...)}
		s.trace.op("VIOLATION %v", s.failed)
	}
}

// violation is a promise that was not kept.
type violation struct{ check, text string }

func (v *violation) Error() string { return v.check + ": " + v.text }

func (s *sim) crash() {
	s.trace.op("the server crashes")
	s.ended[s.srv.life] = true
	s.slow += s.srv.gateway.Stats().Hub.Slow
	s.srv.crash(&s.sweep)
	s.srv = nil
}

// restart stops the server in order and starts another.
func (s *sim) restart() {
	s.trace.op("the server is told to stop")
	s.ended[s.srv.life] = true
	s.slow += s.srv.gateway.Stats().Hub.Slow
	srv, stopped := s.srv, false
	s.srv = nil
	s.sweep.Go(func() {
		err := srv.stop()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.results = append(s.results, result{0, func() {
			stopped = true
			if err != nil {
				s.fail("shutdown", "%v", err)
			}
		}})
	})
	for began := time.Now(); !stopped && s.failed == nil; {
		s.pass(200 * time.Millisecond)
		if time.Since(began) > 2*time.Minute {
			s.fail("shutdown", "the server does not stop")
		}
	}
	s.start()
}

// tearDown ends everything, whatever state it is in.
func (s *sim) tearDown() {
	if s.srv != nil {
		s.crash()
	}
	s.sweep.Wait()
	s.disk.coming.Wait()
	s.trace.flush()
}

// trace is what happened.
type trace struct {
	began time.Time
	tasks int
	block []string // what one poll of one link has brought
	lines []traceLine
	mixed []traceLine // without what has no fixed place: the same whenever a seed is run
}

type traceLine struct {
	at   time.Duration
	line string
}

// traceLines is how much of a trace is shown without being asked for.
const traceLines = 120

func newTrace() *trace { return &trace{began: time.Now()} }

func (t *trace) op(format string, args ...any) {
	t.flush()
	t.add(fmt.Sprintf(format, args...))
}

// frame notes a frame without its ids, which differ from run to run. What has no number has no fixed place among the rest.
func (t *trace) frame(l *link, f *frame) {
	line := fmt.Sprintf("  %s link %d < %s %s %d %s %s", l.c.label, l.no, f.Type, f.Room, f.Seq, f.Kind, f.Code)
	if f.Type == "ack" {
		line += fmt.Sprintf(" of send %d", l.c.sim.byID[f.ClientID].number())
	}
	t.block = append(t.block, line)
}

func (s *send) number() int {
	if s == nil {
		return 0
	}
	return s.no
}

func (t *trace) flush() {
	for _, line := range t.block {
		t.show(line)
	}
	slices.Sort(t.block)
	for _, line := range t.block {
		if !strings.Contains(line, " < online_users ") && !strings.Contains(line, " < user_presence ") && !strings.Contains(line, " < join ") && !strings.Contains(line, " < leave ") {
			t.mix(line)
		}
	}
	t.block = t.block[:0]
}

func (t *trace) add(line string) {
	t.show(line)
	t.mix(line)
}

func (t *trace) show(line string) {
	t.lines = append(t.lines, traceLine{time.Since(t.began), line})
}

func (t *trace) mix(line string) {
	t.mixed = append(t.mixed, traceLine{time.Since(t.began), line})
}

func (t *trace) tail() string {
	lines := t.lines
	if *oneSeed == 0 && len(lines) > 2*traceLines {
		lines = lines[max(0, len(lines)-traceLines):]
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%12.6f %s\n", l.at.Seconds(), l.line)
	}
	return b.String()
}

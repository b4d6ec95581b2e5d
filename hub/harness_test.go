package hub_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

var (
	seedFlag  = flag.Uint64("hub.seed", 0, "the one seed that the model test runs (0: many)")
	seedsFlag = flag.Uint64("hub.seeds", 300, "how many seeds the model test runs")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memlog is a Log whose past, present and failures a test sets.
type memlog struct {
	mu      sync.Mutex
	epoch   string
	entries map[string][]hub.Entry
	minSeq  uint64
	fail    error
	headGo  chan struct{} // Head waits for it
	reads   int
	given   int    // entries, by Read
	onRead  func() // called before each Read, without the lock
}

func newLog() *memlog { return &memlog{epoch: "e1", entries: map[string][]hub.Entry{}, minSeq: 1} }

// add appends to a topic without publishing.
func (l *memlog) add(topic string, change ...func(*hub.Entry)) (string, hub.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq := uint64(len(l.entries[topic]) + 1)
	e := hub.Entry{Seq: seq, ID: fmt.Sprintf("%s-%d", l.epoch, seq), Author: "someone", Frame: hubtest.Frame("%s %d", topic, seq)}
	for _, f := range change {
		f(&e)
	}
	l.entries[topic] = append(l.entries[topic], e)
	return l.epoch, e
}

func (l *memlog) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// restart is another incarnation of a topic: its first n entries, with other ids.
func (l *memlog) restart(epoch, topic string, n int) {
	l.set(func() { l.epoch, l.entries[topic] = epoch, nil })
	for range n {
		l.add(topic)
	}
}

func (l *memlog) readCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

func (l *memlog) head(topic string) hub.Head {
	es := l.entries[topic]
	h := hub.Head{Position: hub.Position{Epoch: l.epoch}, MinSeq: l.minSeq}
	if n := len(es); n > 0 {
		h.Seq, h.ID = es[n-1].Seq, es[n-1].ID
	}
	return h
}

func (l *memlog) Head(ctx context.Context, topic string) (hub.Head, error) {
	l.mu.Lock()
	wait := l.headGo
	l.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return hub.Head{}, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head(topic), l.fail
}

func (l *memlog) Read(_ context.Context, topic string, after uint64, limit int) (hub.Head, []hub.Entry, error) {
	l.mu.Lock()
	onRead := l.onRead
	l.mu.Unlock()
	if onRead != nil {
		onRead()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if l.fail != nil {
		return hub.Head{}, nil, l.fail
	}
	es := l.entries[topic]
	from := min(max(after, l.minSeq-1), uint64(len(es)))
	es = es[from:]
	es = es[:min(limit, len(es))]
	l.given += len(es)
	return l.head(topic), slices.Clone(es), nil
}

func by(author, client string) func(*hub.Entry) {
	return func(e *hub.Entry) {
		e.Author, e.ClientID, e.Ack = author, client, hubtest.Frame("ack %s %d", client, e.Seq)
	}
}

func about(origin uint64) func(*hub.Entry) { return func(e *hub.Entry) { e.Origin = origin } }
func evicts(users ...string) func(*hub.Entry) {
	return func(e *hub.Entry) { e.Evict = users }
}
func sized(n int) func(*hub.Entry) {
	return func(e *hub.Entry) {
		e.Frame = hubtest.Frame("%s", strings.TrimSuffix(string(e.Frame), "\n")+" "+strings.Repeat("x", n))
	}
}

// world is one hub and what a test needs around it, inside a synctest bubble.
type world struct {
	t   *testing.T
	log *memlog
	h   *hub.Hub
	ctx context.Context
}

// within runs a test of one hub in virtual time and shuts the hub down at its end.
func within(t *testing.T, change func(*hub.Config), test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, log: newLog(), ctx: t.Context()}
		cfg := hub.Config{Log: w.log, Encoder: hubtest.Encoder{}, Logger: quiet, SlowCode: 4004, SlowReason: "slow"}
		if change != nil {
			change(&cfg)
		}
		w.h = hub.New(cfg)
		defer w.end()
		test(w)
		w.settle()
	})
}

func (w *world) end() {
	if err := w.h.Shutdown(context.Background(), 1001, "over"); err != nil {
		w.t.Errorf("Shutdown: %v", err)
	}
	if st := w.h.Stats(); st.Sessions != 0 || st.Topics != 0 || st.Backlog != 0 {
		w.t.Errorf("after Shutdown there are %d sessions, %d topics, a backlog of %d", st.Sessions, st.Topics, st.Backlog)
	}
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// settle waits until nothing can move without time passing, and lets paces and holds run out.
func (w *world) settle() {
	synctest.Wait()
	time.Sleep(200 * time.Millisecond)
	synctest.Wait()
}

// post appends and publishes.
func (w *world) post(topic string, change ...func(*hub.Entry)) hub.Entry {
	epoch, e := w.log.add(topic, change...)
	w.h.Publish(topic, epoch, e)
	return e
}

func (w *world) posts(topic string, n int) {
	for range n {
		w.post(topic)
	}
}

type member struct {
	*hub.Session
	p *hubtest.Peer
	w *world
}

func (w *world) connect(name string) *member {
	s, p := hubtest.Connect(w.h, hub.User{ID: name, Name: name})
	return &member{s, p, w}
}

// join connects and subscribes at the head.
func (w *world) join(name string, topics ...string) *member {
	w.t.Helper()
	m := w.connect(name)
	for _, topic := range topics {
		m.sub(hub.SubscribeRequest{Topic: topic})
	}
	synctest.Wait()
	m.p.Drain()
	return m
}

func (m *member) sub(r hub.SubscribeRequest) {
	m.w.t.Helper()
	if err := m.Subscribe(m.w.ctx, r); err != nil {
		m.w.t.Fatalf("Subscribe(%+v): %v", r, err)
	}
}

// at is a position of the present epoch with the right id.
func (w *world) at(topic string, seq uint64) *hub.Position {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	p := &hub.Position{Epoch: w.log.epoch, Seq: seq}
	if seq > 0 && seq <= uint64(len(w.log.entries[topic])) {
		p.ID = w.log.entries[topic][seq-1].ID
	}
	return p
}

// hears fails unless the member has been sent exactly these frames since the last time.
func (m *member) hears(want ...string) {
	m.w.t.Helper()
	m.w.settle()
	if got := m.p.Drain(); !slices.Equal(got, want) {
		m.w.t.Fatalf("%s heard %s\nwant %s", m.User().ID, brief(got), brief(want))
	}
}

func brief(frames []string) string {
	short := make([]string, len(frames))
	for i, f := range frames {
		short[i] = f[:min(len(f), 40)]
	}
	if len(short) > 40 {
		return fmt.Sprintf("%q … %q (%d)", short[:20], short[len(short)-20:], len(short))
	}
	return fmt.Sprintf("%q (%d)", short, len(short))
}

// run is the frames of topic from the entry first to last.
func run(topic string, first, last uint64) []string {
	var frames []string
	for seq := first; seq <= last; seq++ {
		frames = append(frames, fmt.Sprintf("%s %d", topic, seq))
	}
	return frames
}

var errTest = errors.New("failing as the test wants")

// staleHead is a Log whose Head is read at once and answered when stale is closed.
type staleHead struct {
	*memlog
	stale chan struct{}
}

func (l *staleHead) Head(ctx context.Context, topic string) (hub.Head, error) {
	h, err := l.memlog.Head(ctx, topic)
	<-l.stale
	return h, err
}

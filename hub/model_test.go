package hub_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// The model test lets clients do at random what clients, networks and logs do, and holds every stream to the one promise:
// from its position on, each number once and in order, or a reset; every send answered once, at its place. A failing seed
// runs alone with -hub.seed.
func TestModel(t *testing.T) {
	first, n := uint64(1), *seedsFlag
	if testing.Short() || raceEnabled { // the detector makes it ten times slower
		n = min(n, 100)
	}
	if *seedFlag > 0 {
		first, n = *seedFlag, 1
	}
	for seed := first; seed < first+n; seed++ {
		synctest.Test(t, func(t *testing.T) {
			m := newModel(t, seed)
			defer m.shutdown()
			for m.step = range 120 {
				m.act()
				m.check()
			}
			m.finish()
		})
		if t.Failed() {
			t.Fatalf("run again with -hub.seed=%d", seed)
		}
	}
}

// epochEncoder tells epochs too, as real clients are told.
type epochEncoder struct{ hubtest.Encoder }

func (epochEncoder) Subscribed(topic string, p hub.Position, _ uint64) []byte {
	return hubtest.Frame("subscribed %s %d %s", topic, p.Seq, p.Epoch)
}

func (epochEncoder) Reset(topic string, p hub.Position, _ uint64) []byte {
	return hubtest.Frame("reset %s %d %s", topic, p.Seq, p.Epoch)
}

type model struct {
	t       *testing.T
	seed    uint64
	step    int
	rnd     *rand.Rand
	log     *memlog
	hubs    []*hub.Hub
	buses   []*unreliable
	topics  []string
	clients []*client
	later   []func()        // publishes and settlements that are on their way
	sends   []*send         // every send that is stored
	kicks   map[string]bool // "topic seq user"
	epochs  int
	ids     int
}

// send is a stored message of a user.
type send struct {
	user, topic, id string
	seq             uint64
	ack             []byte
	epoch           string
}

// client is one device of a user; it reconnects for ever.
type client struct {
	m       *model
	user    string
	s       *hub.Session
	p       *hubtest.Peer
	hub     *hub.Hub
	streams map[string]*stream
	open    map[string]*send // by client id: what has been opened on this connection
	due     map[string]int   // answers that it has not read yet
	trace   []string
}

// stream is what a client knows of a topic.
type stream struct {
	wanted  bool
	epoch   string
	cursor  uint64
	begun   bool   // it has a position
	asked   int    // subscriptions whose answer has not been read
	since   uint64 // the furthest end of the log when it was subscribed on this connection
	evicted bool   // an entry has ended it
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{t: t, seed: seed, rnd: rand.New(rand.NewPCG(seed, 1)), log: newLog(), kicks: map[string]bool{}, epochs: 1}
	bus := hub.NewLocalBus()
	for range 1 + m.rnd.IntN(3) {
		node := &unreliable{Bus: bus.Node(), rnd: m.rnd}
		m.buses = append(m.buses, node)
		m.hubs = append(m.hubs, hub.New(hub.Config{
			Log: m.log, Encoder: epochEncoder{}, Bus: &lockedBus{unreliable: node, turn: make(chan struct{}, 1)},
			Logger: quiet, SlowCode: 4004,
			Limits: hub.Limits{
				QueueBytes: 6 << 10, ReplayBytes: 600, ResumeLimit: 60, TailEntries: 1 + m.rnd.IntN(12), HoldEntries: 4,
				OpenSends: 8, PacePerMember: time.Duration(m.rnd.IntN(8)) * time.Millisecond, Writers: 2,
			},
		}))
	}
	for i := range 1 + m.rnd.IntN(3) {
		m.topics = append(m.topics, fmt.Sprint("t", i))
	}
	for i := range 2 + m.rnd.IntN(7) {
		c := &client{m: m, user: fmt.Sprint("u", i/2), streams: map[string]*stream{}}
		for _, topic := range m.topics {
			c.streams[topic] = &stream{}
		}
		m.clients = append(m.clients, c)
		c.connect()
	}
	return m
}

// lockedBus lets one publish at a time through, as the randomness of the bus is one sequence.
type lockedBus struct {
	*unreliable
	turn chan struct{}
}

func (b *lockedBus) Publish(topic string, data []byte) error {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	return b.unreliable.Publish(topic, data)
}

func (m *model) fatal(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf("seed %d, step %d: %s", m.seed, m.step, fmt.Sprintf(format, args...))
}

func pick[T any](m *model, from []T) T { return from[m.rnd.IntN(len(from))] }

// act does one thing at random.
func (m *model) act() {
	c, topic := pick(m, m.clients), pick(m, m.topics)
	switch k := m.rnd.IntN(100); {
	case k < 30:
		m.post(topic)
	case k < 42:
		c.send(topic)
	case k < 46:
		c.retry()
	case k < 58:
		c.subscribe(topic)
	case k < 61:
		c.unsubscribe(topic)
	case k < 66:
		c.p.Take(m.rnd.IntN(300))
	case k < 74:
		c.p.Release()
	case k < 79:
		c.p.Abort()
	case k < 80:
		c.s.Close(1000, "")
	case k < 82:
		m.kick(topic, pick(m, m.clients).user)
	case k < 84:
		m.log.set(func() { m.log.fail = errTest })
	case k < 88:
		m.log.set(func() { m.log.fail = nil })
	case k < 89 && m.seed%3 == 0:
		m.trim()
	case k < 90 && m.seed%4 == 0:
		m.newEpoch()
	case k < 92:
		for range 40 {
			m.post(topic)
		}
	default:
		time.Sleep(time.Duration(m.rnd.IntN(1+m.rnd.IntN(3000))) * time.Millisecond)
	}
	for len(m.later) > m.rnd.IntN(6) { // in any order
		i := m.rnd.IntN(len(m.later))
		f := m.later[i]
		m.later = slices.Delete(m.later, i, i+1)
		f()
	}
}

func (m *model) publish(topic, epoch string, e hub.Entry) {
	h := pick(m, m.hubs)
	if m.rnd.IntN(3) == 0 {
		m.later = append(m.later, func() { h.Publish(topic, epoch, e) })
		return
	}
	h.Publish(topic, epoch, e)
}

func (m *model) post(topic string) {
	epoch, e := m.log.add(topic, sized(m.rnd.IntN(60)))
	m.publish(topic, epoch, e)
}

func (m *model) kick(topic, user string) {
	epoch, e := m.log.add(topic, evicts(user))
	m.kicks[fmt.Sprintf("%s %s %d %s", epoch, topic, e.Seq, user)] = true
	m.publish(topic, epoch, e)
}

func (m *model) length(topic string) uint64 {
	m.log.mu.Lock()
	defer m.log.mu.Unlock()
	return uint64(len(m.log.entries[topic]))
}

func (m *model) trim() {
	least := m.length(m.topics[0])
	for _, topic := range m.topics {
		least = min(least, m.length(topic))
	}
	m.log.set(func() { m.log.minSeq = max(m.log.minSeq, least/2) })
}

// newEpoch is a restore of an older copy.
func (m *model) newEpoch() {
	m.epochs++
	kept := map[string]int{}
	for _, topic := range m.topics {
		kept[topic] = int(m.length(topic)) * (1 + m.rnd.IntN(3)) / 3
	}
	m.log.set(func() { m.log.minSeq = 1 })
	for _, topic := range m.topics {
		m.log.restart(fmt.Sprint("e", m.epochs), topic, kept[topic])
	}
	m.later = nil // the committer died with what it had to say
	for _, c := range m.clients {
		for _, s := range c.open {
			if s.seq > 0 {
				c.s.Settle(s.topic, s.id, s.seq, s.ack)
			}
		}
	}
	for _, topic := range m.topics {
		m.tellAll(topic)
	}
}

func (m *model) tellAll(topic string) {
	epoch, e := m.log.add(topic)
	for _, h := range m.hubs {
		h.Publish(topic, epoch, e)
	}
}

func (c *client) connect() {
	c.trace = append(c.trace, "[connect]")
	c.hub = pick(c.m, c.m.hubs)
	c.s, c.p = hubtest.Connect(c.hub, hub.User{ID: c.user, Name: c.user})
	if c.m.rnd.IntN(4) == 0 {
		c.p.Blocking()
	}
	c.open, c.due = map[string]*send{}, map[string]int{}
	for _, topic := range c.m.topics {
		st := c.streams[topic]
		st.asked, st.evicted, st.since = 0, false, 0
		if st.wanted {
			c.subscribe(topic)
		}
	}
}

func (c *client) subscribe(topic string) {
	st := c.streams[topic]
	r := hub.SubscribeRequest{Topic: topic}
	if st.begun && c.m.rnd.IntN(6) > 0 {
		r.From = &hub.Position{Epoch: st.epoch, Seq: st.cursor}
		if st.cursor > 0 {
			r.From.ID = fmt.Sprintf("%s-%d", st.epoch, st.cursor)
		}
	}
	st.wanted, st.evicted = true, false
	st.since = max(st.since, c.m.length(topic)) // the frames of the subscription before may not have been read yet
	st.asked++
	c.trace = append(c.trace, fmt.Sprintf("[subscribe %s from %v, log at %d]", topic, r.From, st.since))
	ctx, cancel := context.WithTimeout(c.m.t.Context(), time.Second)
	defer cancel()
	if err := c.s.Subscribe(ctx, r); err != nil {
		st.wanted = false
		st.asked--
		c.trace = append(c.trace, fmt.Sprintf("[%v]", err))
	}
}

func (c *client) unsubscribe(topic string) {
	c.streams[topic].wanted = false
	c.s.Unsubscribe(topic)
}

// send opens a send, stores it, and has it published and then settled, now or later.
func (c *client) send(topic string) {
	if len(c.due) >= 7 {
		return
	}
	c.m.ids++
	id := fmt.Sprint("c", c.m.ids)
	if err := c.s.Begin(c.m.t.Context(), topic, id, false); err != nil {
		return
	}
	s := &send{user: c.user, topic: topic, id: id}
	c.open[id], c.due[id] = s, 1
	if c.m.rnd.IntN(8) == 0 {
		c.s.Fail(topic, id, hubtest.Frame("refused %s", id))
		return
	}
	epoch, e := c.m.log.add(topic, by(c.user, id))
	s.seq, s.ack, s.epoch = e.Seq, e.Ack, epoch
	c.m.sends = append(c.m.sends, s)
	session, h := c.s, pick(c.m, c.m.hubs)
	told := func() {
		if c.m.rnd.IntN(5) > 0 { // else it is lost with its committer's node
			h.Publish(topic, epoch, e)
		}
		session.Settle(topic, id, e.Seq, e.Ack)
	}
	if c.m.rnd.IntN(2) == 0 {
		c.m.later = append(c.m.later, told)
	} else {
		told()
	}
}

// retry sends something again that was stored before, by any device of its user.
func (c *client) retry() {
	var mine []*send
	for _, s := range c.m.sends {
		if s.user == c.user && s.epoch == fmt.Sprint("e", c.m.epochs) {
			mine = append(mine, s)
		}
	}
	if len(mine) == 0 || len(c.due) >= 7 {
		return
	}
	s := pick(c.m, mine)
	if err := c.s.Begin(c.m.t.Context(), s.topic, s.id, false); err != nil {
		return // still open, or the session has ended
	}
	c.open[s.id] = s
	c.due[s.id]++
	session := c.s
	settle := func() { session.Settle(s.topic, s.id, s.seq, s.ack) }
	if c.m.rnd.IntN(2) == 0 {
		c.m.later = append(c.m.later, settle)
	} else {
		settle()
	}
}

// check reads what everybody has been sent, and reconnects whose connection has ended.
func (m *model) check() {
	synctest.Wait()
	for _, c := range m.clients {
		c.read()
		select {
		case <-c.s.Done():
			c.connect()
		default:
		}
	}
}

func (c *client) read() {
	for _, f := range c.p.Drain() {
		c.trace = append(c.trace, f[:min(len(f), 24)])
		c.frame(f)
	}
}

func (c *client) frame(f string) {
	fields := strings.Fields(f)
	var seq uint64
	number := func(s string) { _, _ = fmt.Sscan(s, &seq) }
	switch fields[0] {
	case "close":
	case "subscribed", "reset":
		st := c.streams[fields[1]]
		number(fields[2])
		st.cursor, st.epoch, st.begun = seq, fields[3], true
		st.asked = max(0, st.asked-1)
		st.evicted = st.evicted && !c.m.unsure()
	case "ack", "refused":
		c.answer(fields)
	default:
		number(fields[1])
		c.entry(fields[0], seq)
	}
}

// unsure: a reset in the middle of a stream is not to be told from one that answers a subscription, so in runs that have
// such resets the count of what was asked may be low.
func (m *model) unsure() bool { return m.epochs > 1 || m.seed%3 == 0 }

// entry is a numbered frame: it must be the next.
func (c *client) entry(topic string, seq uint64) {
	st := c.streams[topic]
	if !st.begun || seq != st.cursor+1 {
		c.fail("entry %s %d came after %d", topic, seq, st.cursor)
	}
	if st.evicted && st.asked == 0 {
		c.fail("entry %s %d came after an eviction", topic, seq)
	}
	st.cursor = seq
	if c.m.kicks[fmt.Sprintf("%s %s %d %s", st.epoch, topic, seq, c.user)] && seq > st.since && st.asked == 0 {
		st.evicted = true
		c.trace = append(c.trace, "[evicted]")
	}
}

// answer is an ack or a refusal: of an open send, once, and an ack never before what comes before it.
func (c *client) answer(fields []string) {
	id := fields[1]
	s := c.open[id]
	if c.due[id] == 0 {
		c.fail("%q answers no open send", fields)
	}
	if c.due[id]--; c.due[id] == 0 {
		delete(c.due, id)
	}
	if fields[0] == "refused" {
		return
	}
	var seq uint64
	if _, err := fmt.Sscan(fields[2], &seq); err != nil || seq != s.seq {
		c.fail("%q, but it is stored at %d", fields, s.seq)
	}
	st := c.streams[s.topic]
	switch {
	case s.epoch != st.epoch: // not in this stream
	case st.evicted: // directly, as not subscribed
	case st.begun && seq == st.cursor+1:
		c.entry(s.topic, seq)
	case !c.m.unsure() && seq > st.cursor && st.wanted && st.begun && st.asked == 0 && !st.evicted && c.s.Subscribed(s.topic):
		c.fail("%q overtook: the stream is at %d", fields, st.cursor)
	}
}

func (c *client) fail(format string, args ...any) {
	c.m.t.Helper()
	c.m.fatal("%s: %s\nit heard %q", c.user, fmt.Sprintf(format, args...), c.trace[max(0, len(c.trace)-60):])
}

// finish lets everything heal, and looks whether everybody has everything.
func (m *model) finish() {
	m.log.set(func() { m.log.fail = nil })
	for _, f := range m.later {
		f()
	}
	m.later = nil
	for range 3 { // slow sessions come back meanwhile
		for _, c := range m.clients {
			c.p.Release()
		}
		time.Sleep(10 * time.Second)
		m.check()
	}
	for _, topic := range m.topics {
		m.tellAll(topic)
	}
	time.Sleep(10 * time.Second)
	m.check()
	for _, c := range m.clients {
		for id, n := range c.due {
			c.fail("%d answers of %s, stored at %d in %s, never came", n, id, c.open[id].seq, c.open[id].topic)
		}
		for topic, st := range c.streams {
			if head := m.length(topic); c.s.Subscribed(topic) && st.cursor != head {
				c.fail("%s ends at %d, the log at %d", topic, st.cursor, head)
			}
			if st.wanted && !st.evicted && !c.s.Subscribed(topic) && len(m.kicks) == 0 {
				c.fail("the subscription of %s is gone", topic)
			}
		}
	}
}

func (m *model) shutdown() {
	for _, c := range m.clients {
		c.p.Release()
	}
	for _, h := range m.hubs {
		if err := h.Shutdown(context.Background(), 1001, ""); err != nil {
			m.t.Errorf("Shutdown: %v", err)
		}
		if st := h.Stats(); st.Sessions != 0 || st.Topics != 0 || st.Backlog != 0 {
			m.t.Errorf("seed %d: after Shutdown there are %d sessions, %d topics, a backlog of %d", m.seed, st.Sessions, st.Topics, st.Backlog)
		}
	}
}

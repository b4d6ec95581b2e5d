package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// topic is the live end of one log: its head, the entries that are not flushed yet, and who is subscribed.
type topic struct {
	hub   *Hub
	name  string
	ready chan struct{} // closed when the head is known, or could not be read (err)

	mu   sync.Mutex
	err  error // why it could not be opened; set before ready is closed
	open bool  // the head is known
	dead bool  // nobody is left; a new topic takes its place
	refs int   // subscriptions, and those about to be

	epoch  string
	head   uint64 // the last entry taken
	headID string
	minSeq uint64
	tail   tail

	hold      map[uint64]Entry // early entries
	holdFor   string           // the epoch of what is held before the head is known
	highest   uint64           // the highest number known to exist
	filling   bool             // a goroutine reads the gap
	reading   bool             // a goroutine reads the head after a foreign epoch
	fillAt    *time.Timer      // the gap is read when this fires
	fillArmed bool

	pending      []item // taken, not flushed
	pendingBytes int
	flushing     bool
	flushAt      *time.Timer
	armed        bool // flushAt will flush
	flushed      time.Time

	subs     []*subscription // nil where one left during a flush
	holes    int
	presence presence

	cancelBus func()
}

// item is something to flush: an entry, or a frame without a number.
type item struct {
	entry  Entry // Seq 0: ephemeral
	except string
}

// maxPending bounds the bytes that wait for a flush. What comes beyond is read from the Log afterwards.
const maxPending = 1 << 20

const openTimeout = 10 * time.Second

// openTopic returns the topic with one more reference, once its head is known.
func (h *Hub) openTopic(ctx context.Context, name string) (*topic, error) {
	h.mu.Lock()
	if h.stopping {
		h.mu.Unlock()
		return nil, ErrClosed
	}
	t := h.topics[name]
	if t == nil {
		t = &topic{hub: h, name: name, ready: make(chan struct{})}
		h.topics[name] = t
		if !h.spawn(t.load) {
			delete(h.topics, name)
			h.mu.Unlock()
			return nil, ErrClosed
		}
	}
	t.mu.Lock()
	t.refs++
	t.mu.Unlock()
	h.mu.Unlock()

	select {
	case <-t.ready:
		if t.err != nil {
			h.release(t)
			return nil, t.err
		}
		return t, nil
	case <-ctx.Done():
		h.release(t)
		return nil, ctx.Err()
	}
}

// release gives back a reference; the last one closes the topic.
func (h *Hub) release(t *topic) {
	h.mu.Lock()
	t.mu.Lock()
	t.refs--
	last := t.refs == 0
	var cancel func()
	if last {
		t.dead = true
		if h.topics[t.name] == t {
			delete(h.topics, t.name)
		}
		for _, timer := range []*time.Timer{t.fillAt, t.flushAt, t.presence.timer} {
			if timer != nil {
				timer.Stop()
			}
		}
		t.presence.stopLeaving()
		cancel, t.cancelBus = t.cancelBus, nil
	}
	t.mu.Unlock()
	h.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// load opens the topic: the bus first, then the head, so that nothing falls between.
func (t *topic) load() {
	defer close(t.ready)
	ctx, stop := context.WithTimeout(t.hub.ctx, openTimeout)
	defer stop()
	cancel, err := t.listen(ctx)
	var head Head
	if err == nil {
		head, err = t.hub.cfg.Log.Head(ctx, t.name)
	}
	t.mu.Lock()
	dead := t.dead
	switch {
	case err != nil:
		t.err = fmt.Errorf("opening topic %s: %w", t.name, err)
	case dead:
		t.err = ErrClosed
	default:
		t.cancelBus = cancel
		t.open = true
		t.begin(head)
	}
	failed := t.err != nil
	t.mu.Unlock()
	if failed && cancel != nil {
		cancel()
	}
	if failed && !dead {
		t.hub.drop(t) // nobody may find it any more
	}
}

func (t *topic) listen(ctx context.Context) (cancel func(), err error) {
	bus := t.hub.cfg.Bus
	if bus == nil {
		return nil, nil
	}
	if cancel, err = bus.Subscribe(t.name, t.deliver); err != nil {
		return nil, err
	}
	return cancel, bus.Flush(ctx)
}

// drop forgets a topic that could not be opened, so that the next one tries again.
func (h *Hub) drop(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[t.name] == t {
		delete(h.topics, t.name)
	}
}

// begin takes head as the state of the log, and then what is held for this epoch.
func (t *topic) begin(head Head) {
	t.epoch, t.head, t.headID, t.minSeq = head.Epoch, head.Seq, head.ID, head.MinSeq
	t.tail.reset()
	if t.holdFor != t.epoch {
		clear(t.hold)
		t.highest = t.head
	}
	t.holdFor = t.epoch
	t.highest = max(t.highest, t.head)
	t.takeHeld()
	t.armFill()
}

// publish takes an entry that came from this process or the bus.
func (t *topic) publish(epoch string, e Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.dead:
	case !t.open:
		if t.holdFor != epoch {
			clear(t.hold)
			t.holdFor, t.highest = epoch, 0
		}
		t.holdEarly(e)
	case epoch != t.epoch:
		t.readHead(epoch)
	case e.Seq <= t.head:
	case e.Seq == t.head+1 && t.pendingBytes < maxPending:
		t.take(e)
		t.takeHeld()
	default:
		t.holdEarly(e)
		t.armFill()
	}
}

// take makes e the head and puts it up for the next flush.
func (t *topic) take(e Entry) {
	t.head, t.headID = e.Seq, e.ID
	t.highest = max(t.highest, e.Seq)
	if e.Rewrites {
		t.tail.reset()
	}
	l := &t.hub.cfg.Limits
	t.tail.push(e, l.TailEntries, l.TailBytes)
	t.push(item{entry: e})
}

func (t *topic) push(it item) {
	if len(t.subs) == t.holes {
		return // nobody to tell: whoever comes reads the tail or the log
	}
	t.pending = append(t.pending, it)
	t.pendingBytes += len(it.entry.Frame)
	t.schedule()
}

func (t *topic) broadcast(frame []byte, except string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open && !t.dead && t.pendingBytes < maxPending {
		t.push(item{entry: Entry{Frame: frame}, except: except})
	}
}

func (t *topic) holdEarly(e Entry) {
	t.highest = max(t.highest, e.Seq)
	if len(t.hold) >= t.hub.cfg.Limits.HoldEntries {
		return // the log has it
	}
	if t.hold == nil {
		t.hold = map[uint64]Entry{}
	}
	t.hold[e.Seq] = e
}

// takeHeld takes held entries that have become the next ones, and forgets those that are no longer needed.
func (t *topic) takeHeld() {
	for len(t.hold) > 0 && t.pendingBytes < maxPending {
		e, ok := t.hold[t.head+1]
		if !ok {
			break
		}
		delete(t.hold, e.Seq)
		t.take(e)
	}
	for seq := range t.hold {
		if seq <= t.head {
			delete(t.hold, seq)
		}
	}
}

// armFill makes sure that a gap is read: soon if entries may just be late, at once if too many are held.
func (t *topic) armFill() {
	if t.highest <= t.head || t.filling || t.dead || !t.open || t.pendingBytes >= maxPending || fault.Mutant("gap-not-read") {
		return
	}
	wait := t.hub.cfg.Limits.HoldTime
	if len(t.hold) >= t.hub.cfg.Limits.HoldEntries {
		wait = 0
	}
	switch {
	case t.fillAt == nil:
		t.fillAt = time.AfterFunc(wait, t.startFill)
	case !t.fillArmed || wait == 0:
		t.fillAt.Reset(wait)
	}
	t.fillArmed = true
}

// noteLocked notes that the log has come to seq, whether or not its publication gets here.
func (t *topic) noteLocked(seq uint64) {
	if t.open && seq > t.highest {
		t.highest = seq
		t.armFill()
	}
}

func (t *topic) startFill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fillArmed = false
	if t.filling || t.dead || t.highest <= t.head {
		return
	}
	t.filling = t.hub.spawn(t.fill)
}

const (
	readEntries = 500 // entries read from the Log at a time, at most
	firstRead   = 100 // by a replay, until it knows how many go into a piece
	minRetry    = 50 * time.Millisecond
	maxRetry    = 2 * time.Second
)

// fill reads the Log from the head to the highest number known, again and again until it is there, or the log has said
// for seconds that it knows no such number.
func (t *topic) fill() {
	t.hub.stats.gapFills.Add(1)
	retry := minRetry
	for {
		t.mu.Lock()
		if t.dead || t.highest <= t.head || t.pendingBytes >= maxPending {
			t.filling = false // a flush arms it again when it has made room
			t.mu.Unlock()
			return
		}
		after, epoch, highest := t.head, t.epoch, t.highest
		t.mu.Unlock()

		head, entries, err := t.hub.readLog(t.hub.ctx, t.name, after, readEntries)

		t.mu.Lock()
		moved := t.takeRead(epoch, head, entries, err)
		if !moved && err == nil && retry == maxRetry && len(entries) == 0 && t.highest == highest {
			t.highest = t.head // the log has had time: the number was of another history
		}
		t.mu.Unlock()
		if moved {
			retry = minRetry
			continue
		}
		if !t.hub.pause(retry) {
			return
		}
		retry = min(2*retry, maxRetry)
	}
}

// takeRead takes what the log gave for epoch; it is false when that brought nothing new.
func (t *topic) takeRead(epoch string, head Head, entries []Entry, err error) bool {
	if err != nil || t.dead {
		return t.dead
	}
	if epoch != t.epoch {
		return true
	}
	if head.Epoch != t.epoch {
		t.restart(head)
		return true
	}
	t.minSeq = head.MinSeq
	if dropped(head, entries, t.head) {
		t.restart(head)
		return true
	}
	before := t.head
	for _, e := range entries {
		if e.Seq == t.head+1 && t.pendingBytes < maxPending {
			t.take(e)
		}
	}
	t.highest = max(t.highest, head.Seq)
	t.takeHeld()
	return t.head > before || t.pendingBytes >= maxPending
}

// dropped says whether the log no longer has the entry that follows after.
func dropped(head Head, entries []Entry, after uint64) bool {
	if len(entries) > 0 {
		return entries[0].Seq > after+1
	}
	return head.Seq > after && head.MinSeq > after+1
}

func (h *Hub) readLog(ctx context.Context, name string, after uint64, limit int) (Head, []Entry, error) {
	select {
	case h.reads <- struct{}{}:
	case <-ctx.Done():
		return Head{}, nil, ctx.Err()
	}
	defer func() { <-h.reads }()
	h.stats.logReads.Add(1)
	head, entries, err := h.cfg.Log.Read(ctx, name, after, limit)
	if err != nil && !errors.Is(err, context.Canceled) {
		h.cfg.Logger.Warn("reading the log failed", "topic", name, "after", after, "error", err)
	}
	return head, entries, err
}

// pause waits; it is false when the hub has ended.
func (h *Hub) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.ctx.Done():
		return false
	}
}

// readHead asks the log which epoch is right, after an entry of another one.
func (t *topic) readHead(epoch string) {
	if t.reading {
		return
	}
	t.reading = t.hub.spawn(func() {
		ctx, stop := context.WithTimeout(t.hub.ctx, openTimeout)
		defer stop()
		head, err := t.hub.cfg.Log.Head(ctx, t.name)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.reading = false
		if err != nil {
			t.hub.cfg.Logger.Warn("reading the head failed", "topic", t.name, "epoch", epoch, "error", err)
			return
		}
		if !t.dead && head.Epoch != t.epoch {
			t.restart(head)
		}
	})
}

// restart goes on from head and declares void whatever anybody holds: a new epoch, or a hole that nothing can fill.
func (t *topic) restart(head Head) {
	passed := head.Seq
	if head.Epoch != t.epoch {
		passed = ^uint64(0) // the numbers of what was stored in the old epoch will never come
	}
	t.pending, t.pendingBytes = nil, 0
	clear(t.hold)
	t.highest = 0
	t.begin(head)
	for _, sub := range t.subs {
		if sub != nil {
			sub.jumpLocked(passed)
		}
	}
}

// deliver takes what the bus brings.
func (t *topic) deliver(data []byte) {
	m, err := decodeEnvelope(data)
	switch {
	case err != nil:
		t.hub.stats.busErrors.Add(1)
	case m.entry.Seq == 0:
		t.broadcast(m.entry.Frame, m.except)
	default:
		t.publish(m.epoch, m.entry)
	}
}

package hub

import (
	"runtime"
	"time"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// A flush offers what is pending to every member. The first message of a quiet topic goes at once; a busy topic is
// flushed at most once per pace, which grows with its members, because frames per write are what a delivery costs.

const (
	flushBite  = 256       // members offered to before other topics get a turn
	batchBytes = 128 << 10 // entries joined into one chunk
	minPace    = 2 * time.Millisecond
)

// batch is what one flush offers: items in order, and their frames joined, shared by all members who get all of it.
type batch struct {
	items       []item
	chunk       []byte
	epoch       string
	first, last uint64 // numbers of its entries; 0 without entries
	special     bool   // some item is not for everybody: spared users, hidden origins, evictions
}

func (t *topic) pace() time.Duration {
	l := &t.hub.cfg.Limits
	p := time.Duration(len(t.subs)-t.holes) * l.PacePerMember
	if p < minPace {
		return 0
	}
	return min(p, l.MaxPace)
}

// schedule sees to it that what is pending is flushed. t.mu is held.
func (t *topic) schedule() {
	if t.flushing || t.armed || t.dead {
		return
	}
	if wait := t.pace() - time.Since(t.flushed); wait > 0 {
		t.armed = true
		if t.flushAt == nil {
			t.flushAt = time.AfterFunc(wait, t.flushDue)
		} else {
			t.flushAt.Reset(wait)
		}
		return
	}
	t.flushing = t.hub.spawn(t.flush)
}

func (t *topic) flushDue() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.armed = false
	if !t.flushing && !t.dead && len(t.pending) > 0 {
		t.flushing = t.hub.spawn(t.flush)
	}
}

func (t *topic) flush() {
	runtime.Gosched() // let those who are about to publish add theirs
	t.hub.stats.flushes.Add(1)
	var evicted []*subscription
	t.mu.Lock()
	t.flushed = time.Now()
	b := t.cutBatch()
	for i, n := 0, 0; i < len(t.subs) && b.epoch == t.epoch; i++ {
		sub := t.subs[i]
		if sub == nil {
			continue
		}
		if sub.offer(&b) {
			evicted = append(evicted, sub)
		}
		if n++; n%flushBite == 0 {
			t.mu.Unlock()
			t.hub.waitWriters()
			t.mu.Lock()
		}
	}
	t.flushing = false
	t.compact()
	if len(t.pending) > 0 {
		t.schedule()
	}
	t.takeHeld()
	t.armFill()
	t.mu.Unlock()
	for _, sub := range evicted {
		sub.afterEviction()
	}
}

func (h *Hub) waitWriters() {
	for _, sh := range h.shards {
		sh.waitLow()
	}
}

// cutBatch takes pending items up to about batchBytes and joins them.
func (t *topic) cutBatch() batch {
	b := batch{epoch: t.epoch}
	n, size := 0, 0
	for n < len(t.pending) && (n == 0 || size+len(t.pending[n].entry.Frame) <= batchBytes) {
		it := &t.pending[n]
		size += len(it.entry.Frame)
		if e := &it.entry; e.Seq > 0 {
			if b.first == 0 {
				b.first = e.Seq
			}
			b.last = e.Seq
			b.special = b.special || e.Origin > 0 || len(e.Evict) > 0
		} else {
			b.special = b.special || it.except != ""
		}
		n++
	}
	b.items = t.pending[:n:n]
	t.pending = t.pending[n:]
	if len(t.pending) == 0 {
		t.pending = nil
	}
	t.pendingBytes -= size
	if n == 1 {
		b.chunk = b.items[0].entry.Frame
		return b
	}
	b.chunk = make([]byte, 0, size)
	for i := range b.items {
		b.chunk = append(b.chunk, b.items[i].entry.Frame...)
	}
	return b
}

// compact closes the holes that leaving members have left during a flush.
func (t *topic) compact() {
	if t.holes == 0 {
		return
	}
	kept := t.subs[:0]
	for _, sub := range t.subs {
		if sub != nil {
			sub.index = len(kept)
			kept = append(kept, sub)
		}
	}
	clear(t.subs[len(kept):])
	t.subs, t.holes = kept, 0
}

// offer queues the batch, or what of it concerns this member, and moves the position. It is true when the batch has
// evicted the member. t.mu is held.
func (sub *subscription) offer(b *batch) (evicted bool) {
	s := sub.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.state == subDoubted {
		return false
	}
	whole := sub.state == subLive && !b.special && !sub.hasMineLocked(b) &&
		(b.first == 0 || sub.pos == b.first-1 && sub.seesFrom <= b.first)
	if whole {
		s.enqueueLocked(b.chunk)
		if b.last > 0 {
			sub.pos = b.last
		}
		return false
	}
	var own []byte
	for i := range b.items {
		it := &b.items[i]
		if it.entry.Seq == 0 {
			if it.except == "" || it.except != s.user.ID {
				own = append(own, it.entry.Frame...)
			}
			continue
		}
		if sub.state != subLive || it.entry.Seq <= sub.pos {
			continue
		}
		var last bool
		if own, last = sub.appendEntryLocked(own, &it.entry); last {
			evicted = true
			break
		}
	}
	s.enqueueLocked(own)
	if evicted {
		sub.endLocked(true)
	}
	return evicted
}

func (sub *subscription) hasMineLocked(b *batch) bool {
	s := sub.session
	if len(s.open) == 0 {
		return false
	}
	for i := range b.items {
		if s.isMineLocked(sub.topic.name, &b.items[i].entry) {
			return true
		}
	}
	return false
}

// appendEntryLocked appends what this member gets for the next entry and moves its position. last is true when the
// entry evicts it. t.mu and s.mu are held.
func (sub *subscription) appendEntryLocked(dst []byte, e *Entry) (_ []byte, last bool) {
	s, t := sub.session, sub.topic
	switch {
	case s.isMineLocked(t.name, e):
		dst = append(dst, s.takeSendLocked(t.name, e)...)
	case !sub.sees(e):
		dst = append(dst, t.hub.cfg.Encoder.Skip(t.name, e.Seq)...)
	default:
		dst = append(dst, e.Frame...)
	}
	sub.pos = e.Seq
	if e.Seq > sub.since && !fault.Mutant("removed-keeps-stream") {
		for _, user := range e.Evict {
			if user == s.user.ID {
				return dst, true
			}
		}
	}
	return dst, false
}

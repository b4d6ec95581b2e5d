package hub

import (
	"context"
	"time"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// subscription is a session's place in a topic. All fields but the first four are guarded by topic.mu.
type subscription struct {
	topic   *topic
	session *Session
	hidden  bool // not in presence
	// authorize may be nil. It is asked again after a reset: that jumps over entries, and one may have removed the user.
	authorize func(ctx context.Context) (seesFrom uint64, err error)

	index    int // in topic.subs
	state    uint8
	start    Position // the head when it was registered, before it was authorised
	pos      uint64   // the last entry queued, or declared void
	seesFrom uint64
	since    uint64 // evictions up to here were known when the subscription was authorised
	resets   uint32 // while it ran
	ahead    int    // entries that a replay reads from the Log next, firstRead if 0; of catchUp alone
}

const (
	subJoining  = iota // registered, not authorised yet: not in topic.subs
	subCatching        // behind: gets unnumbered frames live, entries by replay
	subLive            // gets entries by flush
	subDoubted         // reset, and not authorised again yet: gets nothing
	subEnded
)

func (sub *subscription) sees(e *Entry) bool {
	origin := e.Origin
	if origin == 0 {
		origin = e.Seq
	}
	return origin >= sub.seesFrom
}

// Subscribe begins or resumes the stream of a topic. It returns once Subscribed or Reset is queued; what has been missed
// follows by itself. Subscribing again to a topic begins its stream anew. Errors: ErrClosed, an error of
// SubscribeRequest.Authorize or of the Log, ctx's.
func (s *Session) Subscribe(ctx context.Context, r SubscribeRequest) error {
	s.Unsubscribe(r.Topic)
	t, err := s.hub.openTopic(ctx, r.Topic)
	if err != nil {
		return err
	}
	sub := &subscription{topic: t, session: s, hidden: r.Hidden, authorize: r.Authorize}
	if err := sub.register(); err != nil {
		s.hub.release(t)
		return err
	}
	for begun := false; !begun; {
		// Registered, the subscription meets every eviction after its start. So the answer of Authorize cannot be out of date; it
		// comes after the look at the position, which may lie beyond the start.
		known, err := sub.knows(ctx, r.From)
		if err == nil {
			err = sub.ask(ctx)
		}
		if err == nil {
			begun, err = sub.begin(r.From, known)
		}
		if err != nil {
			sub.leave()
			return err
		}
	}
	sub.replay()
	return nil
}

// ask has the owner of the hub say what the user may see.
func (sub *subscription) ask(ctx context.Context) (err error) {
	if sub.authorize != nil {
		sub.seesFrom, err = sub.authorize(ctx)
	}
	return err
}

func (sub *subscription) register() error {
	s, t := sub.session, sub.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != sessionOpen || t.dead {
		return ErrClosed
	}
	sub.startLocked()
	s.subs = append(s.subs, sub)
	return nil
}

func (sub *subscription) startLocked() {
	t := sub.topic
	sub.start = Position{Epoch: t.epoch, Seq: t.head, ID: t.headID}
	sub.pos, sub.since = t.head, t.head
}

// knows says whether the log still tells the same story up to from as the client has seen: the entry there has the same id.
func (sub *subscription) knows(ctx context.Context, from *Position) (bool, error) {
	if from == nil || from.Seq == 0 {
		return true, nil
	}
	t := sub.topic
	t.mu.Lock()
	if from.Epoch != t.epoch {
		t.mu.Unlock()
		return false, nil
	}
	if e := t.tail.entry(from.Seq); e != nil || from.Seq == t.head {
		id := t.headID
		if e != nil {
			id = e.ID
		}
		t.mu.Unlock()
		return from.ID == "" || from.ID == id, nil
	}
	old := t.head > from.Seq && t.head-from.Seq > uint64(t.hub.cfg.Limits.ResumeLimit)
	t.mu.Unlock()
	if old {
		return false, nil // a reset whatever its id
	}
	// It lies before the tail, or another node has it already.
	head, entries, err := t.hub.readLog(ctx, t.name, from.Seq-1, 1)
	if err != nil {
		return false, err
	}
	if head.Epoch != from.Epoch || len(entries) == 0 || entries[0].Seq != from.Seq {
		return false, nil
	}
	t.mu.Lock()
	if head.Epoch == t.epoch && head.Seq > t.highest {
		t.highest = head.Seq
		t.armFill()
	}
	t.mu.Unlock()
	return from.ID == "" || from.ID == entries[0].ID, nil
}

// begin puts the subscription at its position, tells the client, and counts the user as present. It is false when a new
// epoch has begun since the subscription was registered: then all is to be asked again.
func (sub *subscription) begin(from *Position, known bool) (begun bool, err error) {
	s, t := sub.session, sub.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if sub.state == subEnded || t.dead {
		return false, ErrClosed
	}
	if sub.start.Epoch != t.epoch {
		sub.startLocked()
		return false, nil
	}
	sub.state = subCatching
	sub.index = len(t.subs)
	t.subs = append(t.subs, sub)
	switch {
	case from == nil:
		s.Send(t.hub.cfg.Encoder.Subscribed(t.name, sub.start, t.minSeq))
	case known && sub.resumable(from):
		sub.pos = from.Seq
		s.mu.Lock()
		s.enqueueLocked(t.hub.cfg.Encoder.Subscribed(t.name, *from, t.minSeq))
		s.ackPassedLocked(t.name, sub.pos) // settled while this subscription was joining
		s.mu.Unlock()
	default: // not to the head: an eviction may lie between, and is to be met
		sub.resetLocked(sub.start, sub.start.Seq)
	}
	sub.since = max(sub.since, sub.seesFrom) // evictions before that were of an earlier membership
	if first := sub.seesFrom; first > 0 && sub.pos < first-1 && first-1 <= t.head {
		sub.pos = first - 1
		s.mu.Lock()
		s.enqueueLocked(t.hub.cfg.Encoder.Skip(t.name, sub.pos))
		s.ackPassedLocked(t.name, sub.pos)
		s.mu.Unlock()
	}
	t.arrive(sub)
	return true, nil
}

// resumable says whether what follows from can be replayed. A client that has seen something of before the first entry that
// the user may see now must forget it: no entry will tell when that changes.
func (sub *subscription) resumable(from *Position) bool {
	t := sub.topic
	if from.Epoch != t.epoch || from.Seq+1 < t.minSeq || from.Seq > 0 && from.Seq+1 < sub.seesFrom {
		return false
	}
	if from.Seq >= t.head {
		return true
	}
	return t.head-from.Seq <= uint64(t.hub.cfg.Limits.ResumeLimit) && !t.hub.slow.twice(sub.session.user.ID, time.Now())
}

// resetLocked declares what the client holds void and goes on after p. Sends stored up to passed are acked, as the stream
// will not come to them. t.mu is held.
func (sub *subscription) resetLocked(p Position, passed uint64) {
	t, s := sub.topic, sub.session
	t.hub.stats.resets.Add(1)
	sub.pos, sub.since = p.Seq, p.Seq
	s.mu.Lock()
	if !fault.Mutant("reset-swallowed") {
		s.enqueueLocked(t.hub.cfg.Encoder.Reset(t.name, p, t.minSeq))
	}
	s.ackPassedLocked(t.name, passed)
	s.mu.Unlock()
}

// jumpLocked resets a running subscription to the head, and stops it until it is authorised again. t.mu is held.
func (sub *subscription) jumpLocked(passed uint64) {
	t := sub.topic
	sub.resetLocked(Position{Epoch: t.epoch, Seq: t.head, ID: t.headID}, passed)
	sub.resets++
	if sub.authorize != nil && sub.state != subDoubted {
		sub.state = subDoubted
		t.hub.spawn(sub.confirm)
	}
}

// confirm asks again whether the user may see the topic, and goes on or ends the subscription like an eviction.
func (sub *subscription) confirm() {
	t, s := sub.topic, sub.session
	for {
		t.mu.Lock()
		resets := sub.resets
		t.mu.Unlock()
		seesFrom, err := t.hub.askAgain(sub)
		t.mu.Lock()
		switch {
		case sub.state != subDoubted:
			t.mu.Unlock()
			return
		case sub.resets != resets:
			t.mu.Unlock()
			continue // the answer may be older than the last jump
		case err != nil:
			s.mu.Lock()
			sub.endLocked(true)
			s.mu.Unlock()
			t.mu.Unlock()
			sub.afterEviction()
			return
		}
		sub.seesFrom = seesFrom
		sub.state = subCatching
		t.mu.Unlock()
		sub.replay()
		return
	}
}

// askAgain is one call of authorize; all members of a topic may be due at once, so they share the bound of the log's reads.
func (h *Hub) askAgain(sub *subscription) (seesFrom uint64, err error) {
	ctx, stop := context.WithTimeout(h.ctx, openTimeout)
	defer stop()
	select {
	case h.reads <- struct{}{}:
	case <-h.ctx.Done():
		return 0, ErrClosed
	}
	defer func() { <-h.reads }()
	return sub.authorize(ctx)
}

// endLocked ends the subscription inside the topic; the session's side follows in afterEviction or leave. t.mu and s.mu are held.
func (sub *subscription) endLocked(evicted bool) {
	t := sub.topic
	joined := sub.state != subJoining && sub.state != subEnded
	sub.state = subEnded
	sub.session.ackPassedLocked(t.name, ^uint64(0))
	if !joined {
		return
	}
	t.depart(sub, evicted)
	if t.flushing {
		t.subs[sub.index] = nil
		t.holes++
		return
	}
	last := len(t.subs) - 1
	moved := t.subs[last]
	t.subs[sub.index] = moved
	moved.index = sub.index
	t.subs[last] = nil
	t.subs = t.subs[:last]
}

// afterEviction finishes what endLocked began, without locks. Nobody is told when the session has left, or subscribed
// anew, by itself meanwhile.
func (sub *subscription) afterEviction() {
	if !sub.forget() {
		return
	}
	if f := sub.topic.hub.cfg.Evicted; f != nil {
		f(sub.session, sub.topic.name)
	}
}

// forget takes the subscription off its session and gives the topic back, once. It is false the second time.
func (sub *subscription) forget() (found bool) {
	s := sub.session
	s.mu.Lock()
	for i, o := range s.subs {
		if o == sub {
			last := len(s.subs) - 1
			s.subs[i] = s.subs[last]
			s.subs[last] = nil
			s.subs = s.subs[:last]
			found = true
			break
		}
	}
	s.mu.Unlock()
	if found {
		s.hub.release(sub.topic)
	}
	return found
}

// leave ends the subscription at the session's wish.
func (sub *subscription) leave() {
	t, s := sub.topic, sub.session
	t.mu.Lock()
	if sub.state != subEnded {
		s.mu.Lock()
		sub.endLocked(false)
		s.mu.Unlock()
	}
	t.mu.Unlock()
	sub.forget()
}

// Unsubscribe ends the stream of a topic; nothing of it is queued afterwards.
func (s *Session) Unsubscribe(topic string) {
	if sub := s.sub(topic); sub != nil {
		sub.leave()
	}
}

// Subscribed says whether the session is subscribed to topic.
func (s *Session) Subscribed(topic string) bool { return s.sub(topic) != nil }

// Topics returns what the session is subscribed to.
func (s *Session) Topics() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, len(s.subs))
	for i, sub := range s.subs {
		names[i] = sub.topic.name
	}
	return names
}

func (s *Session) leaveAll() {
	s.mu.Lock()
	subs := append([]*subscription(nil), s.subs...)
	s.mu.Unlock()
	for _, sub := range subs {
		sub.leave()
	}
}

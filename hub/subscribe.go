package hub

import (
	"context"
	"time"
)

// subscription is a session's place in a topic. All fields but the first three are guarded by topic.mu.
type subscription struct {
	topic   *topic
	session *Session
	hidden  bool // not in presence

	index    int // in topic.subs
	state    uint8
	pos      uint64 // the last entry queued, or declared void
	seesFrom uint64
	since    uint64 // evictions up to here were known when the subscription was authorised
}

const (
	subJoining  = iota // registered, not authorised yet: not in topic.subs
	subCatching        // behind: gets unnumbered frames live, entries by replay
	subLive            // gets entries by flush
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
	sub := &subscription{topic: t, session: s, hidden: r.Hidden}
	if err := sub.register(); err != nil {
		s.hub.release(t)
		return err
	}
	// From here on an eviction finds the subscription, so the answer of Authorize cannot be out of date.
	if r.Authorize != nil {
		seesFrom, err := r.Authorize(ctx)
		if err != nil {
			sub.leave()
			return err
		}
		sub.seesFrom = seesFrom
	}
	known, err := sub.knows(ctx, r.From)
	if err != nil {
		sub.leave()
		return err
	}
	if !sub.begin(r.From, known) {
		return ErrClosed
	}
	if live, more := sub.replayTail(); !live && more {
		s.hub.stats.replays.Add(1)
		s.hub.spawn(sub.catchUp)
	}
	return nil
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
	sub.pos, sub.since = t.head, t.head
	s.subs = append(s.subs, sub)
	return nil
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

// begin puts the subscription at its position, tells the client, and counts the user as present.
func (sub *subscription) begin(from *Position, known bool) bool {
	s, t := sub.session, sub.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if sub.state == subEnded || t.dead {
		return false
	}
	sub.state = subCatching
	sub.index = len(t.subs)
	t.subs = append(t.subs, sub)
	if from == nil {
		at := Position{Epoch: t.epoch, Seq: sub.pos}
		if sub.pos == t.head {
			at.ID = t.headID
		} else if e := t.tail.entry(sub.pos); e != nil {
			at.ID = e.ID
		}
		s.Send(t.hub.cfg.Encoder.Subscribed(t.name, at, t.minSeq))
	} else if known && sub.resumable(from) {
		sub.pos = from.Seq
		s.Send(t.hub.cfg.Encoder.Subscribed(t.name, *from, t.minSeq))
	} else {
		sub.resetLocked(t.head)
	}
	if first := sub.seesFrom; first > 0 && sub.pos < first-1 && first-1 <= t.head {
		sub.pos = first - 1
		s.Send(t.hub.cfg.Encoder.Skip(t.name, sub.pos))
	}
	t.arrive(sub)
	return true
}

// resumable says whether what follows from can be replayed.
func (sub *subscription) resumable(from *Position) bool {
	t := sub.topic
	if from.Epoch != t.epoch || from.Seq+1 < t.minSeq {
		return false
	}
	if from.Seq >= t.head {
		return true
	}
	return t.head-from.Seq <= uint64(t.hub.cfg.Limits.ResumeLimit) && !t.hub.slow.twice(sub.session.user.ID, time.Now())
}

// resetLocked declares what the client holds void and goes on from the head. Sends stored up to passed are acked, as the
// stream will not come to them. t.mu is held.
func (sub *subscription) resetLocked(passed uint64) {
	t, s := sub.topic, sub.session
	t.hub.stats.resets.Add(1)
	sub.pos, sub.since = t.head, t.head
	at := Position{Epoch: t.epoch, Seq: t.head, ID: t.headID}
	s.mu.Lock()
	s.enqueueLocked(t.hub.cfg.Encoder.Reset(t.name, at, t.minSeq))
	s.ackPassedLocked(t.name, passed)
	s.mu.Unlock()
}

// replayTail queues the next piece from memory. live: the subscription is at the head and gets flushes from now on;
// more: it is still behind and has not ended.
func (sub *subscription) replayTail() (live, more bool) {
	t, s := sub.topic, sub.session
	t.mu.Lock()
	if sub.state != subCatching {
		t.mu.Unlock()
		return false, false
	}
	evicted := false
	if i, ok := t.tail.after(sub.pos); ok && sub.pos < t.head {
		var piece []byte
		s.mu.Lock()
		for ; i < t.tail.n && !evicted && len(piece) < t.hub.cfg.Limits.ReplayBytes; i++ {
			piece, evicted = sub.appendEntryLocked(piece, t.tail.at(i))
		}
		s.enqueueLocked(piece)
		if evicted {
			sub.endLocked(true)
		}
		s.mu.Unlock()
	}
	if !evicted && sub.pos >= t.head {
		sub.state = subLive
		live = true
	}
	t.mu.Unlock()
	if evicted {
		sub.afterEviction()
	}
	return live, !live && !evicted
}

// catchUp replays until the subscription is live or has ended: from the tail where that reaches, else from the log, the
// next piece when half of the last one has been written.
func (sub *subscription) catchUp() {
	retry := minRetry
	for {
		if !sub.session.waitLow() {
			return
		}
		t := sub.topic
		t.mu.Lock()
		after, epoch := sub.pos, t.epoch
		_, inTail := t.tail.after(after)
		behind := sub.state == subCatching && after < t.head && !inTail
		t.mu.Unlock()
		if !behind {
			if _, more := sub.replayTail(); !more {
				return
			}
			continue
		}
		head, entries, err := t.hub.readLog(t.hub.ctx, t.name, after, readEntries)
		ok := err == nil && (len(entries) > 0 || dropped(head, entries, after))
		if ok {
			if !sub.replayRead(epoch, head, entries) {
				return
			}
			retry = minRetry
		} else if !t.hub.pause(retry) {
			return
		} else {
			retry = min(2*retry, maxRetry)
		}
	}
}

// replayRead queues entries that the log gave, as many as make a piece. It is false when the subscription has ended.
func (sub *subscription) replayRead(epoch string, head Head, entries []Entry) bool {
	t, s := sub.topic, sub.session
	t.mu.Lock()
	if sub.state != subCatching {
		t.mu.Unlock()
		return false
	}
	if head.Epoch != epoch || t.epoch != epoch {
		if head.Epoch != t.epoch {
			t.readHead(head.Epoch)
		}
		t.mu.Unlock()
		return t.hub.pause(minRetry)
	}
	if dropped(head, entries, sub.pos) {
		sub.resetLocked(t.head)
		t.mu.Unlock()
		return true
	}
	var piece []byte
	evicted := false
	s.mu.Lock()
	for i := range entries {
		if evicted || len(piece) >= t.hub.cfg.Limits.ReplayBytes {
			break
		}
		if entries[i].Seq == sub.pos+1 {
			piece, evicted = sub.appendEntryLocked(piece, &entries[i])
		}
	}
	s.enqueueLocked(piece)
	if evicted {
		sub.endLocked(true)
	}
	s.mu.Unlock()
	t.mu.Unlock()
	if evicted {
		sub.afterEviction()
	}
	return !evicted
}

// endLocked ends the subscription inside the topic; the session's side follows in afterEviction or leave. t.mu and s.mu are held.
func (sub *subscription) endLocked(evicted bool) {
	t := sub.topic
	joined := sub.state == subCatching || sub.state == subLive
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

// afterEviction finishes what endLocked began, without locks.
func (sub *subscription) afterEviction() {
	sub.forget()
	if f := sub.topic.hub.cfg.Evicted; f != nil {
		f(sub.session, sub.topic.name)
	}
}

// forget takes the subscription off its session and gives the topic back, once.
func (sub *subscription) forget() {
	s := sub.session
	found := false
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

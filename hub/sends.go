package hub

import (
	"context"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// sendKey names a send on a session.
type sendKey struct{ topic, clientID string }

// openSend is a send that the session has not been answered about.
type openSend struct {
	silent bool
	seq    uint64 // where it is stored, once known
	ack    []byte
}

// Begin opens a send: from now on the entry of this user and clientID in topic reaches this session as its ack, or not at
// all if silent. It waits while Limits.OpenSends are open, and while a send of the same id that the stream has answered
// is not settled, until ctx ends. ErrOpen: this send is open already, its answer is on the way; ErrClosed: the session has
// ended. Each successful Begin needs one Settle or Fail.
func (s *Session) Begin(ctx context.Context, topic, clientID string, silent bool) error {
	key := sendKey{topic, clientID}
	s.mu.Lock()
	for {
		if s.state != sessionOpen {
			s.mu.Unlock()
			return ErrClosed
		}
		if s.open[key] != nil {
			s.mu.Unlock()
			return ErrOpen
		}
		if _, late := s.answered[key]; !late && len(s.open) < s.hub.cfg.Limits.OpenSends {
			break
		}
		if s.slot == nil {
			s.slot = make(chan struct{})
		}
		slot := s.slot
		s.mu.Unlock()
		select {
		case <-slot:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.mu.Lock()
	}
	if s.open == nil {
		s.open = make(map[sendKey]*openSend)
	}
	s.open[key] = &openSend{silent: silent}
	s.mu.Unlock()
	return nil
}

// Settle says that a send is stored at seq. If the stream of its topic has not come that far, the ack comes there;
// if it has (a retry), or the topic is not subscribed, ack is queued now. It never waits. An entry that the topic has
// not heard of by now is read from the Log.
func (s *Session) Settle(topic, clientID string, seq uint64, ack []byte) {
	key := sendKey{topic, clientID}
	sub := s.sub(topic)
	if sub != nil {
		sub.topic.mu.Lock()
		defer sub.topic.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lateLocked(key) {
		return // the stream has told
	}
	o := s.open[key]
	if o == nil {
		return
	}
	if sub != nil && sub.state != subEnded && sub.pos < seq && !fault.Mutant("ack-out-of-place") {
		o.seq, o.ack = seq, ack
		sub.topic.noteLocked(seq)
		return
	}
	if !o.silent {
		s.enqueueLocked(ack)
	}
	s.closeSendLocked(key)
}

// Fail says that a send was refused, or that nobody knows what became of it; frame tells the client and may be nil. A
// send that the stream has answered by now stays answered: then nothing is queued, and Fail is false.
func (s *Session) Fail(topic, clientID string, frame []byte) bool {
	key := sendKey{topic, clientID}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lateLocked(key) || s.open[key] == nil {
		return false
	}
	s.closeSendLocked(key)
	s.enqueueLocked(frame)
	return true
}

func (s *Session) closeSendLocked(key sendKey) {
	delete(s.open, key)
	s.wakeBeginLocked()
}

func (s *Session) wakeBeginLocked() {
	if s.slot != nil {
		close(s.slot)
		s.slot = nil
	}
}

// lateLocked says whether the stream has answered the send already that its owner settles only now.
func (s *Session) lateLocked(key sendKey) bool {
	_, late := s.answered[key]
	if late {
		delete(s.answered, key)
		s.wakeBeginLocked()
	}
	return late
}

// takeSendLocked answers a send by its entry in the stream. It returns the frame to show, which may be empty. Until the
// send's owner has settled it, too, no other can begin under its id: it would be taken for this one.
func (s *Session) takeSendLocked(topic string, e *Entry) []byte {
	key := sendKey{topic, e.ClientID}
	o := s.open[key]
	if o.seq == 0 {
		if s.answered == nil {
			s.answered = make(map[sendKey]struct{})
		}
		s.answered[key] = struct{}{}
	}
	s.closeSendLocked(key)
	if o.silent {
		return nil
	}
	return e.Ack
}

// isMineLocked says whether e is the entry of a send that is open on this session.
func (s *Session) isMineLocked(topic string, e *Entry) bool {
	return len(s.open) > 0 && e.ClientID != "" && e.Author == s.user.ID && s.open[sendKey{topic, e.ClientID}] != nil
}

// ackPassedLocked queues the acks of stored sends that the stream of topic will not reach: it has jumped to upTo, or ended.
func (s *Session) ackPassedLocked(topic string, upTo uint64) {
	for key, o := range s.open {
		if key.topic != topic || o.seq == 0 || o.seq > upTo {
			continue
		}
		if !o.silent {
			s.enqueueLocked(o.ack)
		}
		s.closeSendLocked(key)
	}
}

func (s *Session) sub(topic string) *subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subLocked(topic)
}

func (s *Session) subLocked(topic string) *subscription {
	for _, sub := range s.subs {
		if sub.topic.name == topic {
			return sub
		}
	}
	return nil
}

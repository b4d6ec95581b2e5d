package hub

import (
	"sync"
	"time"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// Session is one connection of one user: a bounded queue of frames on the way to its transport, the topics it is
// subscribed to, and the sends it waits for. Subscribe, Unsubscribe and Begin are for one goroutine, the connection's
// reader; all other methods may be called concurrently. Frames that are handed over must not be changed afterwards.
//
// Over a websocket.Conn, the methods of its Handler map to the session's: Control to Send, CloseFrame to CloseFrame,
// Closed to Detach; Message is the program's own.
type Session struct {
	hub       *Hub
	user      User
	transport Transport
	shard     *shard
	tag       any
	done      chan struct{}

	mu        sync.Mutex
	state     uint8
	scheduled bool // in the shard's list, being written, or with a drainer
	writing   bool // a goroutine is inside the transport's Write or TryWrite
	backedUp  bool // with a drainer
	cut       bool // drop whole frames once the write under way returns
	detached  bool
	queue     []chunk // the first is sent up to off
	off       int
	queued    int       // unsent bytes
	since     time.Time // since when it is backed up
	goodbye   []byte    // the close frame, once known
	abort     *time.Timer
	replaying bool          // a topic is making its next piece of a replay
	low       chan struct{} // closed when the queue has become short; nil when nobody waits
	slot      chan struct{} // closed when a send is answered; nil when nobody waits
	subs      []*subscription
	open      map[sendKey]*openSend
	answered  map[sendKey]struct{} // sends that the stream has answered and nobody has settled yet
}

// chunk is some whole frames.
type chunk struct {
	bytes []byte
	at    time.Duration // when it was queued, by the hub's clock; 0: before the session was backed up
}

const (
	sessionOpen    = iota
	sessionClosing // the goodbye is queued, nothing else is taken
	sessionDead    // nothing will be written any more
)

// NewSession connects a user by a transport. The owner must call Detach when the transport has ended, however it
// ended. On a hub that is shutting down the session is closed at once.
func (h *Hub) NewSession(u User, t Transport) *Session {
	s := &Session{hub: h, user: u, transport: t, done: make(chan struct{})}
	s.shard = h.shards[int(h.next.Add(1))%len(h.shards)]
	h.sessionsMu.Lock()
	h.sessions[s] = struct{}{}
	h.users[u.ID] = append(h.users[u.ID], s)
	h.sessionsMu.Unlock()
	h.mu.Lock()
	stopping := h.stopping
	h.mu.Unlock()
	if stopping {
		s.Close(1001, "going away")
	}
	return s
}

// User returns whose session it is.
func (s *Session) User() User { return s.user }

// Tag returns what SetTag was given.
func (s *Session) Tag() any { return s.tag }

// SetTag keeps a value of the owner's with the session. It must be called before the session is shared.
func (s *Session) SetTag(v any) { s.tag = v }

// Done is closed by Detach, once the session is forgotten.
func (s *Session) Done() <-chan struct{} { return s.done }

// Send queues one frame behind what is queued; an empty one is none. It never waits. It is false when the session is
// closing, or closes because this frame makes it too slow.
func (s *Session) Send(frame []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enqueueLocked(frame)
}

// enqueueLocked takes a chunk of whole frames. A session that has too much unsent becomes slow instead.
func (s *Session) enqueueLocked(chunk []byte) bool {
	if s.state != sessionOpen {
		return false
	}
	n := len(chunk)
	if n == 0 {
		return true
	}
	limits := &s.hub.cfg.Limits
	if s.queued > 0 && s.queued+n > limits.QueueBytes {
		if fault.Mutant("drop-on-full-queue") {
			return false
		}
		s.slowLocked()
		return false
	}
	if s.backedUp && s.hub.backlog.Add(int64(n)) > limits.Budget && s.queued > 64<<10 {
		s.hub.backlog.Add(-int64(n))
		s.slowLocked()
		return false
	}
	s.push(chunk)
	return true
}

func (s *Session) push(frames []byte) {
	s.hub.stats.offered.Add(1)
	c := chunk{bytes: frames}
	if s.backedUp { // only then does its age matter
		c.at = time.Since(s.hub.began)
	}
	s.queue = append(s.queue, c)
	s.queued += len(frames)
	if !s.scheduled {
		s.scheduled = true
		s.shard.add(s)
	}
}

// unsent appends what is to be written next to bufs: up to about most bytes, ending between two frames.
func (s *Session) unsent(bufs [][]byte, most int) ([][]byte, int) {
	total := 0
	for i, c := range s.queue {
		chunk, from := c.bytes, 0
		if i == 0 {
			from = s.off
		}
		if room := most - total; len(chunk)-from > room {
			if room <= 0 {
				break
			}
			chunk = chunk[:s.transport.FrameEnd(chunk, from+room)]
		}
		bufs = append(bufs, chunk[from:])
		total += len(chunk) - from
	}
	return bufs, total
}

// wrote takes n written bytes off the queue.
func (s *Session) wrote(n int) {
	s.writing = false
	s.queued -= n
	s.hub.stats.written.Add(int64(n))
	if s.backedUp {
		s.hub.backlog.Add(-int64(n))
	}
	gone := 0
	for ; gone < len(s.queue); gone++ {
		left := len(s.queue[gone].bytes) - s.off
		if n < left {
			s.off += n
			break
		}
		n -= left
		s.off = 0
	}
	if gone > 0 {
		rest := copy(s.queue, s.queue[gone:])
		clear(s.queue[rest:])
		s.queue = s.queue[:rest]
	}
	if s.cut {
		s.cutLocked()
	}
	s.lowLocked()
}

// oldest is when the oldest unsent byte of a backed-up session was queued.
func (s *Session) oldest() time.Time {
	if len(s.queue) > 0 && s.queue[0].at > 0 {
		return s.hub.began.Add(s.queue[0].at)
	}
	return s.since
}

// shrink gives back a queue that has grown, so that an idle session is small.
func (s *Session) shrink() {
	if cap(s.queue) > 8 {
		s.queue = nil
	}
}

// unlockAfterWrite unlocks, and ends the transport if the goodbye was the last thing written.
func (s *Session) unlockAfterWrite() {
	finish := s.state == sessionClosing && s.queued == 0 && !s.cut && s.goodbye != nil
	if finish {
		s.state = sessionDead
		s.abort.Stop()
	}
	s.mu.Unlock()
	if finish {
		s.transport.Finish()
	}
}

// slowLocked ends a session that does not keep up: whole unsent frames are dropped, the close frame follows what is half
// sent, and the topics are left.
func (s *Session) slowLocked() {
	s.hub.stats.slow.Add(1)
	s.hub.slow.add(s.user.ID, time.Now())
	s.closeLocked(s.transport.CloseFrame(s.hub.cfg.SlowCode, s.hub.cfg.SlowReason), true)
	s.hub.spawn(s.leaveAll)
}

// closeLocked queues the goodbye and takes nothing more. With drop, whole frames that are unsent go.
func (s *Session) closeLocked(goodbye []byte, drop bool) {
	drop = drop || fault.Mutant("tail-dropped-on-close")
	s.state = sessionClosing
	s.goodbye = goodbye
	s.abort = time.AfterFunc(s.hub.cfg.Limits.CloseTimeout, s.expire)
	s.cut = drop
	switch {
	case !drop:
		s.pushGoodbye()
	case !s.writing:
		s.cutLocked()
	}
	s.wakeLocked()
}

// expire ends a goodbye that nobody took.
func (s *Session) expire() {
	s.transport.Abort()
}

func (s *Session) pushGoodbye() {
	if s.backedUp {
		s.hub.backlog.Add(int64(len(s.goodbye)))
	}
	s.push(s.goodbye)
}

// cutLocked keeps the rest of the frame that is half sent and puts the goodbye behind it.
func (s *Session) cutLocked() {
	s.cut = false
	keep, rest := s.queue[:0], 0
	if s.off > 0 {
		half := s.queue[0]
		half.bytes = half.bytes[:s.transport.FrameEnd(half.bytes, s.off)]
		if rest = len(half.bytes) - s.off; rest > 0 {
			keep = append(keep, half)
		} else {
			s.off = 0
		}
	}
	clear(s.queue[len(keep):])
	if s.backedUp {
		s.hub.backlog.Add(int64(rest - s.queued))
	}
	s.queue, s.queued = keep, rest
	s.pushGoodbye()
}

// failLocked gives up on the connection: it is broken.
func (s *Session) failLocked() {
	if s.backedUp {
		s.hub.backlog.Add(-int64(s.queued))
	}
	s.state = sessionDead
	clear(s.queue)
	s.queue, s.queued, s.off, s.cut = nil, 0, 0, false
	s.scheduled = s.backedUp
	s.wakeLocked()
	s.hub.spawn(s.transport.Abort)
}

// wakeLocked lets go of everyone who waits for this session.
func (s *Session) wakeLocked() {
	if s.low != nil {
		close(s.low)
		s.low = nil
	}
	if s.slot != nil {
		close(s.slot)
		s.slot = nil
	}
}

// Close says goodbye with a code behind what is queued and leaves all topics. The transport is ended once that is
// written, and reset after Limits.CloseTimeout at the latest. It does not wait for that; see Done. The first goodbye counts.
func (s *Session) Close(code int, reason string) {
	s.CloseFrame(s.transport.CloseFrame(code, reason))
}

// CloseFrame is Close with an encoded close frame, such as the echo of the peer's.
func (s *Session) CloseFrame(frame []byte) {
	s.mu.Lock()
	if s.state == sessionOpen {
		s.closeLocked(frame, false)
	}
	s.mu.Unlock()
	s.leaveAll()
}

// Detach says that the transport has ended. The session leaves its topics and is forgotten. It may be called twice.
func (s *Session) Detach() {
	s.mu.Lock()
	first := !s.detached
	s.detached = true
	if s.state == sessionOpen {
		s.state = sessionDead
	}
	saysGoodbye := s.state == sessionClosing // its timer aborts at the latest
	s.wakeLocked()
	s.mu.Unlock()
	s.leaveAll() // no subscription is registered any more
	if !first {
		return
	}
	if !saysGoodbye {
		s.transport.Abort() // frees a drainer
	}
	s.hub.forget(s)
	close(s.done)
}

func (h *Hub) forget(s *Session) {
	h.sessionsMu.Lock()
	defer h.sessionsMu.Unlock()
	delete(h.sessions, s)
	of := h.users[s.user.ID]
	for i, o := range of {
		if o == s {
			of[i] = of[len(of)-1]
			of[len(of)-1] = nil
			of = of[:len(of)-1]
			break
		}
	}
	if len(of) == 0 {
		delete(h.users, s.user.ID)
	} else {
		h.users[s.user.ID] = of
	}
}

// shortLocked says whether the queue is short enough for the next piece of a replay.
func (s *Session) shortLocked() bool { return s.queued <= s.hub.cfg.Limits.ReplayBytes/2 }

// beginReplay waits until the queue is short and no other topic of the session replays. It is false when the session has
// ended; after true, endReplay is due.
func (s *Session) beginReplay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.state == sessionOpen {
		if !s.replaying && s.shortLocked() {
			s.replaying = true
			return true
		}
		if s.low == nil {
			s.low = make(chan struct{})
		}
		low := s.low
		s.mu.Unlock()
		<-low
		s.mu.Lock()
	}
	return false
}

func (s *Session) endReplay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replaying = false
	s.lowLocked()
}

// lowLocked wakes who waits for a short queue, if it is short.
func (s *Session) lowLocked() {
	if s.low != nil && s.shortLocked() {
		close(s.low)
		s.low = nil
	}
}

package goclient

import (
	"context"
	"iter"
	"time"
)

// queueBytes is how much a subscription keeps for a consumer that is slower than its room, in bytes of memory, about.
const queueBytes = 1 << 20

// pace is the time between two questions about one room: a stream that never fits must not become a storm.
const pace = 250 * time.Millisecond

// state is what the server has been told about a subscription.
type state int

const (
	off    state = iota // nothing; the writer asks once askAt has come
	asked               // the answer is awaited
	live                // the stream runs
	paused              // the queue was full: nothing, until it is half empty
	gone                // there is no more
)

// Subscription is the stream of one room. Its methods may be called concurrently; each event goes to one caller.
type Subscription struct {
	c    *Client
	room string

	// Guarded by c.mu.
	state   state
	askAt   time.Time
	cursor  Position // behind the last entry that was taken into the queue; no Epoch: none is known yet
	jump    bool     // the next skip may stand for many entries
	queue   []queued
	bytes   int
	given   Position // behind the last event that Next returned
	err     error    // what Next returns once the queue is empty
	closed  bool
	started chan struct{} // closed by the first answer
	wake    chan struct{} // closed and replaced when there is news for Next
}

// queued is an event and where the stream stands behind it.
type queued struct {
	event Event
	after Position
}

// Subscribe begins the stream of a room behind a position; the zero Position means now. It returns when the server has
// answered, and waits for the connection while there is none; ctx bounds that and nothing else. The errors are an *Error
// (not_found, forbidden, …), ErrSubscribed, ErrClosed, ErrSignedOut or that of ctx.
//
// Everything behind the position comes exactly once and in order, whatever happens to the connection in between. If that
// is impossible, the first event is a *Reset.
func (c *Client) Subscribe(ctx context.Context, room string, from Position) (*Subscription, error) {
	if from.Epoch == "" && from != (Position{}) {
		return nil, &Error{Code: CodeInvalid, Message: "position has no epoch"}
	}
	s := &Subscription{c: c, room: room, cursor: from, given: from, started: make(chan struct{}), wake: make(chan struct{})}
	c.mu.Lock()
	switch {
	case c.err != nil:
		defer c.mu.Unlock()
		return nil, c.err
	case c.subs[room] != nil:
		c.mu.Unlock()
		return nil, ErrSubscribed
	}
	c.subs[room] = s
	c.kick()
	c.mu.Unlock()
	select {
	case <-s.started:
	case <-ctx.Done():
		s.Close()
		return nil, context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.state == gone && len(s.queue) == 0 {
		return nil, s.err
	}
	return s, nil
}

// Room is the room's name.
func (s *Subscription) Room() string { return s.room }

// Next returns the next event and waits for it if need be. The error of ctx leaves the subscription as it was. Every other
// error is final: an *Error when the room is no longer to be seen, ErrSignedOut, ErrClosed.
//
// A consumer may be slow. About 1 MiB of events is kept for it; past that the server is told to stop sending this room and
// to go on later from where it was, which loses nothing up to 10,000 entries; past those a *Reset comes. Other rooms and
// Send are not held up.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		event, wait, err := s.take()
		if wait == nil {
			return event, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
}

// take returns an event or the final error, or what to wait for.
func (s *Subscription) take() (Event, <-chan struct{}, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	switch {
	case s.closed:
		return nil, nil, ErrClosed
	case len(s.queue) > 0:
		q := s.queue[0]
		s.queue[0] = queued{}
		s.queue = s.queue[1:]
		s.bytes -= q.event.size()
		s.given = q.after
		if s.state == paused && s.bytes <= s.c.queueBytes/2 {
			s.state = off
			s.c.kick()
		}
		return q.event, nil, nil
	case s.err != nil:
		return nil, nil, s.err
	}
	return nil, s.wake, nil
}

// Events is Next in a loop: it yields events until an error, which is the last it yields, or until the loop is left. Another
// loop may go on later.
func (s *Subscription) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			event, err := s.Next(ctx)
			if !yield(event, err) || err != nil {
				return
			}
		}
	}
}

// Position is behind the last event that Next returned; before the first it is where the stream began. Store it once you
// are done with the event, and Subscribe goes on from there in the next run of your program.
func (s *Subscription) Position() Position {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.given
}

// Close ends the subscription. Next returns ErrClosed from then on, also where it waits.
func (s *Subscription) Close() {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.closed {
		return
	}
	s.closed, s.queue, s.bytes = true, nil, 0
	if s.state == asked || s.state == live {
		c.unsubscribe(s.room)
	}
	s.end(ErrClosed)
}

// end lets nothing more come. c.mu is held.
func (s *Subscription) end(err error) {
	if s.state == gone {
		return
	}
	s.state, s.err = gone, err
	if s.c.subs[s.room] == s {
		delete(s.c.subs, s.room)
	}
	s.answered()
	s.tell()
}

// answered lets Subscribe return. c.mu is held.
func (s *Subscription) answered() {
	select {
	case <-s.started:
	default:
		close(s.started)
	}
}

// tell wakes every Next. c.mu is held.
func (s *Subscription) tell() {
	close(s.wake)
	s.wake = make(chan struct{})
}

// askAgain has the writer ask for what is behind the cursor, after a pause. c.mu is held.
func (s *Subscription) askAgain(pause time.Duration) {
	s.state, s.askAt = off, time.Now().Add(pause)
	s.c.kick()
}

// push queues an event if there is room for it, and moves the cursor. If there is none, the stream pauses. c.mu is held.
func (s *Subscription) push(event Event, after Position) {
	if len(s.queue) > 0 && s.bytes+event.size() > s.c.queueBytes {
		s.state = paused
		s.c.unsubscribe(s.room)
		return
	}
	s.queue = append(s.queue, queued{event, after})
	s.bytes += event.size()
	s.cursor, s.jump = after, false
	s.tell()
}

// pass moves the cursor over what is no event. c.mu is held.
func (s *Subscription) pass(after Position) {
	s.cursor, s.jump = after, false
	if n := len(s.queue); n > 0 {
		s.queue[n-1].after = after
	} else {
		s.given = after
	}
}

// begin takes subscribed and reset. c.mu is held.
func (s *Subscription) begin(f *frame) {
	at := f.position(f.Epoch)
	known := s.cursor.Epoch != ""
	s.state, s.jump = live, true
	switch {
	case !known:
		s.cursor, s.given = at, at
	case f.Type == "reset" || f.Epoch != s.cursor.Epoch:
		s.push(&Reset{Room: s.room, Position: at}, at)
		s.jump = true
	case f.Seq > s.cursor.Seq:
		s.askAgain(pace)
	}
	s.answered()
}

// entry takes what has a number in the room. event is nil for what only moves the cursor. c.mu is held.
func (s *Subscription) entry(f *frame, event Event) {
	next := s.cursor.Seq + 1
	switch {
	case s.state != live || f.Seq < next:
		return
	case f.Seq > next && (!s.jump || f.Type != "skip"):
		s.askAgain(pace)
		return
	}
	after := f.position(s.cursor.Epoch)
	if event == nil {
		s.pass(after)
		return
	}
	s.push(event, after)
}

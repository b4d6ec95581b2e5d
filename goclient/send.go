package goclient

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// sendsOpen is how many messages of one connection may be unanswered, the protocol's limit.
const sendsOpen = 64

// send is a message that the server has not answered on this connection.
type send struct {
	room, content string
	answer        chan answer // nil: nobody waits any more
}

// answer ends one attempt to send.
type answer struct {
	ack  Ack
	err  *Error
	lost bool // the connection ended first
}

// NewClientID returns a client id for SendID: a UUID of version 7.
func NewClientID() string { return uuid.Must(uuid.NewV7()).String() }

// Send says something in a room and returns when the server has stored it. It goes on over lost connections, restarts and
// full servers, always under the same client id, so that the message is stored once; only ctx, Close and signing out end
// that. A subscription need not exist. Messages of one goroutine keep their order, and 64 may be under way at a time;
// further ones wait.
//
// The errors are an *Error when the server refuses the text or the room, *UnknownOutcomeError when the message may have
// been stored, and that of ctx, ErrClosed or ErrSignedOut when it was not.
func (c *Client) Send(ctx context.Context, room, text string) (Ack, error) {
	return c.SendID(ctx, room, text, NewClientID())
}

// SendID is Send under a client id of your own choice, any UUID: to repeat a message whose outcome is unknown, or to store
// the id before sending. The server stores at most one message of each id in a room, for ever; the same id with another
// text is refused with conflict.
func (c *Client) SendID(ctx context.Context, room, text, clientID string) (Ack, error) {
	id, err := uuid.Parse(clientID)
	switch {
	case err != nil || len(clientID) != 36:
		return Ack{}, &Error{Code: CodeInvalid, Message: fmt.Sprintf("client id %q is not a UUID", clientID)}
	case !utf8.ValidString(text):
		return Ack{}, &Error{Code: CodeInvalid, Message: "text is not valid UTF-8"}
	case room == "":
		return Ack{}, &Error{Code: CodeInvalid, Message: "room is missing"}
	}
	s := &sending{c: c, id: id.String(), send: send{room: room, content: strings.ReplaceAll(text, "\r\n", "\n")}}
	select {
	case c.places <- struct{}{}:
	case <-ctx.Done():
		return Ack{}, context.Cause(ctx)
	case <-c.done:
		return Ack{}, c.ended()
	}
	ack, err := s.run(ctx)
	if !s.left {
		<-c.places
	}
	return ack, err
}

// sending is one call of Send. It holds a place.
type sending struct {
	c  *Client
	id string
	send
	left  bool // the attempt that was given up has the place now
	maybe bool // the server may have stored it
}

func (s *sending) run(ctx context.Context) (Ack, error) {
	for attempt := 0; ; attempt++ {
		answers, err := s.begin(ctx)
		if err != nil {
			return Ack{}, s.failed(err)
		}
		var a answer
		select {
		case a = <-answers:
		case <-ctx.Done():
			if s.left = s.c.abandon(s.id); s.left {
				return Ack{}, &UnknownOutcomeError{ClientID: s.id, Err: context.Cause(ctx)}
			}
			a = <-answers
		}
		if a.lost {
			s.maybe = true
			continue
		}
		if a.err == nil {
			return a.ack, nil
		}
		if !a.err.Code.again() {
			return Ack{}, s.refused(a.err)
		}
		s.maybe = s.maybe || a.err.Code == CodeUnknownOutcome || a.err.Code == CodeInternal
		if err := sleep(ctx, max(a.err.RetryAfter, min(s.c.pause(attempt), 5*time.Second))); err != nil {
			return Ack{}, s.failed(err)
		}
	}
}

// refused says what a refusal means. What is wrong with the message itself was wrong in every attempt; a room that is
// closed now was perhaps open before.
func (s *sending) refused(e *Error) error {
	switch e.Code {
	case CodeInvalid, CodeTooLarge, CodeConflict:
		return e
	}
	return s.failed(e)
}

// failed says what is known about the message when nothing more can be done.
func (s *sending) failed(err error) error {
	if s.maybe {
		return &UnknownOutcomeError{ClientID: s.id, Err: err}
	}
	return err
}

// begin hands the message to the connection, and waits for one if there is none.
func (s *sending) begin(ctx context.Context) (<-chan answer, error) {
	c := s.c
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c.mu.Lock()
		if c.err != nil {
			defer c.mu.Unlock()
			return nil, c.err
		}
		open := c.sends[s.id]
		switch {
		case open != nil && (open.answer != nil || open.room != s.room || open.content != s.content):
			c.mu.Unlock()
			return nil, &Error{Code: CodeConflict, Message: "this client id is being used for another message"}
		case c.link != nil:
			defer c.mu.Unlock()
			message := encode(messageFrame{"message", s.room, s.content, s.id})
			if len(message) > c.link.frame {
				return nil, &Error{Code: CodeTooLarge, Message: fmt.Sprintf("the message has %d bytes as a frame; %d are allowed", len(message), c.link.frame)}
			}
			if open != nil {
				<-c.places // that of the call which gave up; ours takes over
			}
			attempt := s.send
			// Room for the answer, so that whoever has it need not wait.
			answers := make(chan answer, 1)
			attempt.answer = answers
			c.sends[s.id] = &attempt
			c.link.queue(message)
			return answers, nil
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// abandon leaves an open send to the connection: its answer, or the end, frees the place. It is false when the answer is
// there already.
func (c *Client) abandon(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sends[id]
	if s == nil {
		return false
	}
	s.answer = nil
	return true
}

// settle answers an open send. c.mu is held.
func (c *Client) settle(id string, a answer) {
	s := c.sends[id]
	if s == nil {
		return
	}
	delete(c.sends, id)
	if s.answer == nil {
		<-c.places
		return
	}
	s.answer <- a
}

// sleep waits, unless ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

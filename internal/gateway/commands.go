package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/wire"
)

// roomsPerJoin is how many rooms of one subscribe frame count as one join, so that coming back to fifty rooms in one
// frame is a single one.
const roomsPerJoin = 50

// own is the topic under which a connection keeps its place for writes that have no entry to wait for. No room has it.
const own = ""

// target finds the room that a frame means; on failure the client has been told.
func (c *conn) target(name, ref string) (chat.Room, bool) {
	room, err := c.resolve(name)
	if err != nil {
		c.fail(err, ref, "")
		return chat.Room{}, false
	}
	return room, true
}

// resolve finds a room by the name in a frame. On a room's own socket that is always its own.
func (c *conn) resolve(name string) (chat.Room, error) {
	if c.room.ID == "" {
		if name == "" {
			return chat.Room{}, chat.Errorf(chat.Invalid, "gateway", "room is missing")
		}
		return c.g.cfg.Service.Room(c.g.ctx, c.who.User, name)
	}
	if name == "" || name == c.room.Name {
		return c.room, nil
	}
	room, err := c.g.cfg.Service.Room(c.g.ctx, c.who.User, name) // it may have been renamed
	switch code := chat.CodeOf(err); {
	case err != nil && code != chat.NotFound && code != chat.Invalid:
		return chat.Room{}, err // nobody knows whether the name is its own: to be tried again
	case err != nil, room.ID != c.room.ID:
		return chat.Room{}, chat.Errorf(chat.Invalid, "gateway", "room must be %s on this connection", c.room.Name)
	}
	return c.room, nil
}

// post sends a message. Its answer comes in the room's stream, or as an error.
func (c *conn) post(cmd *wire.SendMessage) {
	room, ok := c.target(cmd.Room, cmd.Ref())
	if !ok {
		return
	}
	id, silent := chat.NewUUID(time.Now()), true
	if cmd.ClientID != "" {
		silent = false
		if id, ok = chat.NormalUUID(cmd.ClientID); !ok {
			c.fail(chat.Errorf(chat.Invalid, "gateway", "client_id is not a UUID"), cmd.Ref(), "")
			return
		}
	}
	topic := string(room.ID)
	err := c.session.Begin(c.g.ctx, topic, id, silent)
	if errors.Is(err, hub.ErrOpen) {
		c.postAgain(room, id, cmd)
		return
	}
	if err != nil {
		return // the connection has ended
	}
	if !c.g.sends.enter() {
		c.session.Fail(topic, id, c.g.errorFrame(errShutdown, cmd.Ref(), ""))
		return
	}
	c.saidIn(topic, time.Now())
	msg := chat.NewMessage{Room: room.Name, ClientID: id, Content: cmd.Content, Thread: cmd.Thread, Quote: cmd.Quote}
	c.g.cfg.Service.Post(c.who.User, msg, func(o chat.Outcome) {
		defer c.g.sends.leave()
		if o.Err != nil {
			refusal := c.g.errorFrame(o.Err, cmd.Ref(), "")
			if !c.session.Fail(topic, id, refusal) && chat.CodeOf(o.Err) == chat.Conflict {
				c.session.Send(refusal) // the stream has acked the first content under this client_id, not this one
			}
			return
		}
		var ack []byte
		if !silent {
			ack = c.g.encode(ackOf(o.Event.Message))
		}
		c.session.Settle(topic, id, o.Event.Seq(), ack)
	})
}

// postAgain handles a client_id that this connection has not been answered about yet. The same content is the same send:
// the one answer answers both. Another content is a conflict, which the store finds.
func (c *conn) postAgain(room chat.Room, id string, cmd *wire.SendMessage) {
	done, ok := c.beginOwn(cmd.Ref())
	if !ok {
		return
	}
	msg := chat.NewMessage{Room: room.Name, ClientID: id, Content: cmd.Content, Thread: cmd.Thread, Quote: cmd.Quote}
	c.g.cfg.Service.Post(c.who.User, msg, func(o chat.Outcome) {
		switch chat.CodeOf(o.Err) {
		case chat.Conflict, chat.Invalid, chat.TooLarge:
			done(c.g.errorFrame(o.Err, cmd.Ref(), ""))
		default:
			done(nil)
		}
	})
}

// beginOwn takes one of the connection's places for open writes, and waits while there is none. done gives it back and
// queues the answer, if there is one. It is false when the connection has ended or been refused.
func (c *conn) beginOwn(ref string) (done func(answer []byte), ok bool) {
	id := chat.NewUUID(time.Now())
	if c.session.Begin(c.g.ctx, own, id, true) != nil {
		return nil, false
	}
	if !c.g.sends.enter() {
		c.session.Fail(own, id, c.g.errorFrame(errShutdown, ref, ""))
		return nil, false
	}
	return func(answer []byte) {
		defer c.g.sends.leave()
		c.session.Fail(own, id, answer)
	}, true
}

// mayJoin asks for the joins that a number of rooms counts as.
func (g *Gateway) mayJoin(user chat.UserID, rooms int) error {
	if g.cfg.Limiter == nil {
		return nil
	}
	for ; rooms > 0; rooms -= roomsPerJoin {
		if after, ok := g.cfg.Limiter.Join(string(user)); !ok {
			return &chat.Error{Code: chat.RateLimited, Op: "gateway", Message: "too many joins at once", RetryAfter: after}
		}
	}
	return nil
}

// subscribeAll subscribes to each room on its own: what is refused does not hold up the others.
func (c *conn) subscribeAll(cmd *wire.Subscribe) {
	if err := c.g.mayJoin(c.who.User.ID, len(cmd.Rooms)); err != nil {
		c.fail(err, cmd.Ref(), "")
		return
	}
	for _, want := range cmd.Rooms {
		room, err := c.resolve(want.Room)
		if err == nil {
			err = c.subscribe(c.g.ctx, room, want.Position)
		}
		if errors.Is(err, hub.ErrClosed) {
			return
		}
		if err != nil {
			c.fail(err, cmd.Ref(), want.Room)
		}
	}
}

func (c *conn) subscribe(ctx context.Context, room chat.Room, at *wire.Position) error {
	topic := string(room.ID)
	if !c.session.Subscribed(topic) && len(c.session.Topics()) >= MaxTopics {
		return chat.Errorf(chat.TooLarge, "gateway", "one connection can be subscribed to %d rooms", MaxTopics)
	}
	r := hub.SubscribeRequest{Topic: topic, Authorize: func(ctx context.Context) (uint64, error) {
		return c.g.cfg.Service.MaySee(ctx, c.who.User, room.ID)
	}}
	if fault.Mutant("stale-membership") {
		r.Authorize = nil // whoever is connected was asked once
	}
	if at != nil {
		r.From = &hub.Position{Epoch: at.Epoch, Seq: at.Seq, ID: at.ID}
		if fault.Mutant("epoch-not-changed") {
			r.From.Epoch = room.Epoch
		}
	}
	return c.session.Subscribe(ctx, r)
}

// unsubscribe ends streams. Ending what never was is no error.
func (c *conn) unsubscribe(cmd *wire.Unsubscribe) {
	if c.room.ID != "" {
		c.fail(chat.Errorf(chat.Invalid, "gateway", "to leave the room, close this connection"), cmd.Ref(), "")
		return
	}
	for _, want := range cmd.Rooms {
		room, err := c.resolve(want.Room)
		if err != nil {
			c.fail(err, cmd.Ref(), want.Room)
			continue
		}
		c.session.Unsubscribe(string(room.ID))
	}
}

// markRead moves the person's cursor; all their connections learn of it.
func (c *conn) markRead(cmd *wire.MarkRead) {
	room, ok := c.target(cmd.Room, cmd.Ref())
	if !ok {
		return
	}
	if after, ok := c.reads.take(time.Now(), readEvery, readBurst); !ok {
		c.fail(&chat.Error{Code: chat.RateLimited, Message: "too many reads at once", RetryAfter: after}, cmd.Ref(), "")
		return
	}
	done, ok := c.beginOwn(cmd.Ref())
	if !ok {
		return
	}
	who := c.who.User // an auth frame may come before the answer
	c.g.cfg.Service.Read(who, room.Name, cmd.N, cmd.Version, func(o chat.Outcome) {
		now := func() []byte {
			return c.g.encode(readFrame(room.Name, o.Cursor))
		}
		switch chat.CodeOf(o.Err) {
		case "":
			c.g.CursorMoved(who.ID, room.Name, o.Cursor)
			done(nil)
		case chat.Conflict:
			done(c.g.errorFrame(o.Err, cmd.Ref(), ""))
			c.send(now())
		default:
			done(c.g.errorFrame(o.Err, cmd.Ref(), ""))
		}
	})
}

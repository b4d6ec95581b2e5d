package gateway

import (
	"maps"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	typingEvery = 2 * time.Second        // at most one typing frame per room and connection
	afterSaying = 500 * time.Millisecond // a typing frame that was overtaken by its message is dropped
	typingRooms = 16                     // rooms that a connection's state is kept for; in further ones it does not type

	// Where many type at once, a room is told of some of them: clients name three, and then say that it is several.
	typingEach = 100 * time.Millisecond // between two typing frames of a room in the long run
	typingMost = 20                     // and at once
)

// typing is what one connection does in one room. It begins anew once it is two seconds old.
type typing struct {
	topic string
	told  time.Time // of the last typing frame that the room was told
	said  time.Time // of the last message
	on    bool      // told, and neither taken back nor followed by a message
}

func (t *typing) stale(now time.Time) bool {
	return now.Sub(t.told) >= typingEvery && now.Sub(t.said) >= afterSaying
}

// typists says how often each room may be told that somebody types.
type typists struct {
	mu    sync.Mutex
	rooms map[string]bucket // those that have been told of late
	swept time.Time
}

func (t *typists) take(topic string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.swept) >= typingEvery {
		maps.DeleteFunc(t.rooms, func(_ string, b bucket) bool { return !now.Before(b.full) })
		t.swept = now
	}
	b := t.rooms[topic]
	_, ok := b.take(now, typingEach, typingMost)
	if t.rooms == nil {
		t.rooms = map[string]bucket{}
	}
	t.rooms[topic] = b
	return ok
}

// typingIn returns the state of a room; nil when the connection is busy in too many others.
func (c *conn) typingIn(topic string, now time.Time) *typing {
	var free *typing
	for i := range c.typing {
		t := &c.typing[i]
		if t.topic == topic {
			return t
		}
		if t.stale(now) {
			free = t
		}
	}
	if free == nil {
		if len(c.typing) == typingRooms {
			return nil
		}
		c.typing = append(c.typing, typing{})
		free = &c.typing[len(c.typing)-1]
	}
	*free = typing{topic: topic}
	return free
}

// saidIn notes a message. It ends typing without a frame of its own: receivers end it when they see the message.
func (c *conn) saidIn(topic string, now time.Time) {
	if t := c.typingIn(topic, now); t != nil {
		t.said, t.on = now, false
	}
}

func (c *conn) startTyping(cmd *wire.StartTyping) {
	topic, ok := c.typingTopic(cmd.Room, cmd.Ref())
	if !ok {
		return
	}
	now := time.Now()
	t := c.typingIn(topic, now)
	if t == nil || now.Sub(t.told) < typingEvery || now.Sub(t.said) < afterSaying || !c.g.typists.take(topic, now) {
		return
	}
	t.told, t.on = now, true
	c.g.hub.Broadcast(topic, c.g.encode(&wire.Typing{
		Room: c.g.roomName(topic), User: c.who.User.Name, UserID: string(c.who.User.ID),
	}), string(c.who.User.ID))
}

func (c *conn) endTyping(cmd *wire.EndTyping) {
	topic, ok := c.typingTopic(cmd.Room, cmd.Ref())
	if !ok {
		return
	}
	t := c.typingIn(topic, time.Now())
	if t == nil || !t.on {
		return
	}
	t.on = false
	c.g.hub.Broadcast(topic, c.g.encode(&wire.StopTyping{
		Room: c.g.roomName(topic), User: c.who.User.Name, UserID: string(c.who.User.ID),
	}), string(c.who.User.ID))
}

// typingTopic finds the room that a typing frame means. Who is not subscribed has not been let in.
func (c *conn) typingTopic(name, ref string) (string, bool) {
	room, ok := c.target(name, ref)
	if !ok {
		return "", false
	}
	if !c.session.Subscribed(string(room.ID)) {
		c.fail(chat.Errorf(chat.Invalid, "gateway", "room %s is not subscribed on this connection", room.Name), ref, "")
		return "", false
	}
	return string(room.ID), true
}

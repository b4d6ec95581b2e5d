package gateway

import (
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// change changes something about a message. What comes of it is in the room's stream; only a refusal is answered.
func (c *conn) change(cmd *wire.ChangeMessage) {
	room, ok := c.target(cmd.Room, cmd.Ref())
	if !ok {
		return
	}
	carryOut := c.changeOf(cmd, room.Name)
	if carryOut == nil {
		c.fail(chat.Errorf(chat.Invalid, "gateway", "there is no change of kind %q", cmd.Kind), cmd.Ref(), "")
		return
	}
	done, ok := c.beginOwn(cmd.Ref())
	if !ok {
		return
	}
	carryOut(func(o chat.Outcome) {
		if o.Err != nil {
			done(c.g.errorFrame(o.Err, cmd.Ref(), ""))
			return
		}
		done(nil)
	})
}

// changeOf returns what carries out a command; nil: there is no such change.
func (c *conn) changeOf(cmd *wire.ChangeMessage, room string) func(done func(chat.Outcome)) {
	service, by := c.g.cfg.Service, c.who.User
	switch kind := chat.ChangeKind(cmd.Kind); kind {
	case chat.ChangeEdit:
		return func(done func(chat.Outcome)) { service.EditMessage(by, room, cmd.Message, cmd.Data.Content, done) }
	case chat.ChangeDelete:
		return func(done func(chat.Outcome)) { service.DeleteMessage(by, room, cmd.Message, "", done) }
	case chat.ChangeReact, chat.ChangeUnreact:
		return func(done func(chat.Outcome)) {
			service.React(by, room, cmd.Message, cmd.Data.Emoji, kind == chat.ChangeReact, done)
		}
	case chat.ChangePin, chat.ChangeUnpin:
		return func(done func(chat.Outcome)) {
			service.Pin(by, room, cmd.Message, kind == chat.ChangePin, done)
		}
	}
	return nil
}

// dataOf is what a change tells beside the message that it is about: of a message always how it is now, so that frames which
// are replayed later lead to the same as those that were heard live.
func dataOf(c *chat.Change) wire.Object {
	m := c.Now
	if m == nil {
		return wire.Object(c.Data)
	}
	gone := m.Deleted && c.Kind != chat.ChangeDelete
	switch {
	case gone:
		return wire.ObjectOf(&wire.Gone{Deleted: true})
	case c.Kind == chat.ChangeEdit:
		return wire.ObjectOf(&wire.Edited{
			Content: m.Content, HTML: m.HTML, Edited: wire.Time{Time: m.Edited}, Mentions: ids(m.Mentions), MentionsAll: m.MentionsAll,
		})
	case c.Kind == chat.ChangeDelete:
		return wire.ObjectOf(&wire.Buried{Thread: m.Thread, Replies: repliesOf(m.Replies)})
	case c.Kind == chat.ChangePin || c.Kind == chat.ChangeUnpin:
		return wire.ObjectOf(&wire.Pinned{Pinned: m.Pinned})
	case len(m.Reactions) == 1:
		r := m.Reactions[0]
		return wire.ObjectOf(&wire.Reacted{Emoji: r.Emoji, Count: r.Count, First: r.First, Users: people(r.Users)})
	}
	return wire.Object(c.Data)
}

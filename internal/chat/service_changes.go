package chat

import (
	"context"
	"encoding/json"
)

// MessageStore reads single messages and what belongs to them. A message that the room does not have is NotFound.
type MessageStore interface {
	// Message reads a message as reader sees it: with its reactions and whether it is pinned.
	Message(ctx context.Context, room RoomID, id string, reader UserID) (Message, error)
	// Former lists what a message said before each of its edits, oldest first.
	Former(ctx context.Context, room RoomID, id string) ([]Former, error)
	// Reactions lists the reactions to a message, each with at most limit people, the earliest ones.
	Reactions(ctx context.Context, room RoomID, id string, reader UserID, limit int) ([]Reaction, error)
	// Pins lists the room's pinned messages as reader sees them, the one that was pinned last first.
	Pins(ctx context.Context, room RoomID, reader UserID) ([]Message, error)
}

// EditMessage changes what a message of by says: an entry of the room's sequence. Outcome.Again, without an Event, says
// that it says so already. Conflict when it was deleted, Forbidden for others than its author and where they may not post.
// RateLimited as Post. done is called as in Post; so it is for every change below.
func (s *Service) EditMessage(by Actor, room, id, content string, done func(Outcome)) {
	const op = "chat.EditMessage"
	content, err := cleanContent(op, content)
	if err != nil {
		done(Outcome{Err: err})
		return
	}
	m := Message{Content: content}
	s.rendering.bring(&m)
	s.changeMessage(op, ChangeEdit, by, room, id, done, func(ctx context.Context, r Room, c *ChangeOp) error {
		c.Content, c.HTML, c.Renderer = m.Content, m.HTML, m.Renderer
		mentioned, err := s.mentioned(ctx, r.ID, content)
		c.Mentions, c.MentionsAll, c.Here = mentioned.People, mentioned.All, mentioned.Here
		return err
	})
}

// DeleteMessage takes away what a message says, and all that belongs to it: an entry of the room's sequence. A tombstone
// stays in its place. Again when it is one already. Its author may, and who moderates the room or the workspace; that is
// noted in the audit log, with the reason, which may be "".
func (s *Service) DeleteMessage(by Actor, room, id, reason string, done func(Outcome)) {
	const op = "chat.DeleteMessage"
	if err := checkLine(op, "reason", reason, MaxReason); err != nil {
		done(Outcome{Err: err})
		return
	}
	s.changeMessage(op, ChangeDelete, by, room, id, done, func(_ context.Context, _ Room, c *ChangeOp) error {
		c.Reason = reason
		return nil
	})
}

// React puts a reaction of by on a message, or takes it back: an entry of the room's sequence. Again when it is so already.
// TooLarge for one more than MaxReactions different ones, Invalid for what is not one emoji.
func (s *Service) React(by Actor, room, id, emoji string, on bool, done func(Outcome)) {
	const op = "chat.React"
	err := CheckEmoji(emoji)
	if err == nil && s.cfg.React != nil {
		if after, ok := s.cfg.React(by.ID); !ok {
			err = &Error{Code: RateLimited, Message: "too many reactions at once", RetryAfter: after}
		}
	}
	if err != nil {
		done(Outcome{Err: withOp(op, err)})
		return
	}
	s.changeMessage(op, either(on, ChangeReact, ChangeUnreact), by, room, id, done, func(_ context.Context, _ Room, c *ChangeOp) error {
		data, err := json.Marshal(map[string]string{"emoji": emoji})
		c.Emoji, c.Data = emoji, string(data)
		return err
	})
}

// Pin pins a message to its room, or takes the pin out: an entry of the room's sequence. Again when it is so already.
// Whoever may write to the room may, but for guests. TooLarge for one more than MaxPins.
func (s *Service) Pin(by Actor, room, id string, on bool, done func(Outcome)) {
	s.changeMessage("chat.Pin", either(on, ChangePin, ChangeUnpin), by, room, id, done, nil)
}

func either(on bool, is, isNot ChangeKind) ChangeKind {
	if on {
		return is
	}
	return isNot
}

// changeMessage queues a change of a message, which fill completes if it is not nil. What it costs is what a message costs,
// but for reactions, which React counts.
func (s *Service) changeMessage(op string, kind ChangeKind, by Actor, room, id string, done func(Outcome), fill func(context.Context, Room, *ChangeOp) error) {
	id, ok := NormalUUID(id)
	if !ok {
		done(Outcome{Err: withOp(op, ErrNoMessage())})
		return
	}
	if kind != ChangeReact && kind != ChangeUnreact && !s.mayChange(op, by, done) {
		return
	}
	s.change(op, by, room, done, func(ctx context.Context, r Room) (ChangeOp, error) {
		c := ChangeOp{Change: Change{Kind: kind, Message: id, Data: "{}"}}
		if fill == nil {
			return c, nil
		}
		err := fill(ctx, r, &c)
		return c, err
	})
}

// Message reads a message as by sees it.
func (s *Service) Message(ctx context.Context, by Actor, room, id string) (Message, error) {
	const op = "chat.Message"
	_, _, m, err := s.message(ctx, op, by, room, id)
	return m, err
}

// message reads a message that by may see, with its room and by's membership.
func (s *Service) message(ctx context.Context, op string, by Actor, room, id string) (Room, *Membership, Message, error) {
	r, m, err := s.visible(ctx, op, by, room)
	if err != nil {
		return Room{}, nil, Message{}, err
	}
	id, ok := NormalUUID(id)
	if !ok {
		return Room{}, nil, Message{}, withOp(op, ErrNoMessage())
	}
	msg, err := s.store.Message(ctx, r.ID, id, by.ID)
	if err == nil {
		err = maySeeMessage(r, m, by.asUser(), &msg)
	}
	if err != nil {
		return Room{}, nil, Message{}, withOp(op, err)
	}
	s.rendering.bring(&msg)
	return r, m, msg, nil
}

// Edits lists what a message said before each of its edits, oldest first: for its author and who moderates the room or the
// workspace.
func (s *Service) Edits(ctx context.Context, by Actor, room, id string) ([]Former, error) {
	const op = "chat.Edits"
	r, m, msg, err := s.message(ctx, op, by, room, id)
	if err != nil {
		return nil, err
	}
	if err := MayReadEdits(r, m, by.asUser(), &msg); err != nil {
		return nil, withOp(op, err)
	}
	all, err := s.store.Former(ctx, r.ID, msg.ID)
	return all, withOp(op, err)
}

// maxReactorsListed bounds the people of each reaction in an answer of Reactions.
const maxReactorsListed = 1000

// Reactions lists the reactions to a message with those who gave them, of each at most the first thousand.
func (s *Service) Reactions(ctx context.Context, by Actor, room, id string) ([]Reaction, error) {
	const op = "chat.Reactions"
	r, _, msg, err := s.message(ctx, op, by, room, id)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Reactions(ctx, r.ID, msg.ID, by.ID, maxReactorsListed)
	return all, withOp(op, err)
}

// Pins lists a room's pinned messages, as far as by may see them, the one that was pinned last first.
func (s *Service) Pins(ctx context.Context, by Actor, room string) ([]Message, error) {
	const op = "chat.Pins"
	r, m, err := s.visible(ctx, op, by, room)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Pins(ctx, r.ID, by.ID)
	if err != nil {
		return nil, withOp(op, err)
	}
	seen := all[:0]
	for _, msg := range all {
		if maySeeMessage(r, m, by.asUser(), &msg) == nil {
			s.rendering.bring(&msg)
			seen = append(seen, msg)
		}
	}
	return seen, nil
}

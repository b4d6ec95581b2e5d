package chat

import (
	"context"
	"slices"
)

// What mistakes need that are more than a line. Nothing of it is in a program that was built without the tag faults.

// foresee guesses what the store will answer, as a committer might that hands out numbers itself. It is nil when some op is not
// a new message.
func (c *committer) foresee(ops []Op) []Outcome {
	ctx := context.Background()
	known, err := c.store.Lookup(ctx, ops)
	if err != nil {
		return nil
	}
	outcomes, last, epochs := make([]Outcome, len(ops)), map[RoomID]Message{}, map[RoomID]string{}
	for i, op := range ops {
		if op.Post == nil || CodeOf(known[i].Err) != NotFound {
			return nil
		}
		m, ok := last[op.Post.Room]
		if !ok {
			p, err := c.store.Page(ctx, op.Post.Room, PageQuery{Page: 1, Limit: 1})
			if err != nil {
				return nil
			}
			if m.Seq = p.AsOf; len(p.Messages) > 0 {
				m.N = p.Messages[0].N
			}
			epochs[op.Post.Room] = p.Epoch
		}
		seq, n := m.Seq+1, m.N
		m = op.Post.Message
		if m.Thread == "" {
			n++
		}
		m.Seq, m.N = seq, n
		last[m.Room] = m
		if m.Thread != "" {
			m.N = 0
		}
		outcomes[i].Event = Event{Epoch: epochs[m.Room], Message: &m}
	}
	return outcomes
}

// answerEarly tells callers what nobody knows yet, and takes care that they are not told again.
func (c *committer) answerEarly(batch []pending, ops []Op) {
	for i, o := range c.foresee(ops) {
		batch[i].done(o)
		batch[i].done = func(Outcome) {}
	}
}

// renamed gives messages another key, as if their senders meant new ones.
func renamed(ops []Op) []Op {
	ops = slices.Clone(ops)
	for i, op := range ops {
		if op.Post != nil {
			p := *op.Post
			p.ID, p.ClientID = NewUUID(p.Created), NewUUID(p.Created)
			ops[i].Post = &p
		}
	}
	return ops
}

// swapNumbers has two messages of one room, one behind the other, change places.
func swapNumbers(events []Event) {
	for i := range len(events) - 1 {
		if a, b := events[i].Message, events[i+1].Message; a != nil && b != nil && a.Room == b.Room {
			first, second := *b, *a
			first.Seq, second.Seq = a.Seq, b.Seq
			events[i].Message, events[i+1].Message = &first, &second
			return
		}
	}
}

// versionNow is the version that the cursor has anyway, so that any move of it is taken for an answer to that.
func (s *Service) versionNow(ctx context.Context, room RoomID, user UserID) *uint64 {
	m, err := s.membership(ctx, "chat.Read", room, user)
	if err != nil || m == nil {
		return nil
	}
	return &m.ReadVersion
}

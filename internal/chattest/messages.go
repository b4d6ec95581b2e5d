package chattest

import (
	"cmp"
	"context"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// given is one reaction.
type given struct {
	emoji string
	user  chat.UserID
	seq   uint64
}

// extras is what hangs on a message.
type extras struct {
	reactions []given
	former    []chat.Former
	pinned    uint64 // seq of the pin; 0: it is not
}

// find returns the message of a room as it is stored, and what hangs on it.
func (r *room) find(id string) (*chat.Message, *extras, error) {
	for _, e := range r.entries {
		if e.Message == nil || e.Message.ID != id {
			continue
		}
		x := r.extras[id]
		if x == nil {
			x = &extras{}
			r.extras[id] = x
		}
		return e.Message, x, nil
	}
	return nil, nil, chat.ErrNoMessage()
}

// changeMessage decides a change of a message and carries it out.
func (s *Store) changeMessage(c *chat.ChangeOp, at seen) chat.Outcome {
	if err := chat.MaySee(at.room.Room, at.m, at.user); err != nil {
		return refuse(err)
	}
	msg, x, err := at.room.find(c.Message)
	if err != nil {
		return refuse(err)
	}
	author := s.users[msg.Author]
	again, err := c.DecideMessage(s.facts(c, at, msg, x, author))
	if err == nil && !again && c.Kind.Reaches() {
		err = s.notBlocked(at.room.Room, at.user.ID)
	}
	if err == nil && !again && c.MentionsAll != msg.MentionsAll {
		err = s.mayMentionAll(at, c.MentionsAll)
	}
	if err == nil && !again && slices.ContainsFunc(at.room.entries, func(e chat.Event) bool { return e.ID() == c.ID }) {
		err = chat.Errorf(chat.Conflict, "", "this change is stored already")
	}
	if err != nil || again {
		return chat.Outcome{Err: err, Again: again && err == nil, Cursor: at.cursor()}
	}
	if at.guest {
		s.users[at.user.ID] = at.user
	}
	e := s.entry(c, at, author)
	s.carryOut(c, e.Change.Seq, at, msg, x)
	return chat.Outcome{Event: s.current(at.room, e), Cursor: at.cursor()}
}

func (s *Store) facts(c *chat.ChangeOp, at seen, msg *chat.Message, x *extras, author chat.User) *chat.MessageFacts {
	f := &chat.MessageFacts{
		Room: at.room.Room, By: at.user, Member: at.m, Message: *msg, Author: author, Theirs: s.member(c.Room, msg.Author), Edits: len(x.former),
	}
	f.Message.Pinned = x.pinned > 0
	for _, g := range x.reactions {
		if !slices.Contains(f.Emojis, g.emoji) {
			f.Emojis = append(f.Emojis, g.emoji)
		}
		f.Mine = f.Mine || g.emoji == c.Emoji && g.user == at.user.ID
	}
	for _, other := range at.room.extras {
		if other.pinned > 0 {
			f.Pins++
		}
	}
	return f
}

func (s *Store) carryOut(c *chat.ChangeOp, seq uint64, at seen, msg *chat.Message, x *extras) {
	by := at.user.ID
	switch c.Kind {
	case chat.ChangeEdit:
		written := msg.Created
		if !msg.Edited.IsZero() {
			written = msg.Edited
		}
		x.former = append(x.former, chat.Former{Content: msg.Content, At: written})
		msg.Content, msg.HTML, msg.Renderer, msg.Edited = c.Content, c.HTML, c.Renderer, c.Created
		wasAll := msg.MentionsAll
		msg.Mentions, msg.MentionsAll = c.Mentions, c.MentionsAll
		s.mentionAnew(msg, wasAll, chat.Mentioned{People: c.Mentions, All: c.MentionsAll, Here: c.Here})
	case chat.ChangeDelete:
		s.bury(c, at, msg, x)
	case chat.ChangeReact:
		x.reactions = append(x.reactions, given{c.Emoji, by, seq})
	case chat.ChangeUnreact:
		x.reactions = slices.DeleteFunc(x.reactions, func(g given) bool { return g.emoji == c.Emoji && g.user == by })
	case chat.ChangePin:
		x.pinned = seq
	case chat.ChangeUnpin:
		x.pinned = 0
	}
}

// bury makes a tombstone.
func (s *Store) bury(c *chat.ChangeOp, at seen, msg *chat.Message, x *extras) {
	*msg = chat.Message{
		ID: msg.ID, Room: msg.Room, RoomName: msg.RoomName, Seq: msg.Seq, N: msg.N, Author: msg.Author, UserName: msg.UserName,
		ClientID: msg.ClientID, Created: msg.Created, Deleted: true, Thread: msg.Thread, RootSeq: msg.RootSeq,
	}
	*x = extras{}
	for _, e := range at.room.entries {
		if e.Change != nil && e.Change.Message == msg.ID {
			e.Change.Data = "{}"
		}
	}
	s.unmention(msg.ID)
	s.unsave(msg.Room, msg.ID)
	s.settleReports(msg, at.user, c.Created)
}

// now is the message that a change is about, with the one reaction that it is about.
func (s *Store) now(r *room, c *chat.Change) *chat.Message {
	msg, x, err := r.find(c.Message)
	if err != nil {
		panic(err)
	}
	m := *msg
	m.UserName, m.Pinned = s.users[m.Author].Name, x.pinned > 0
	if c.Kind == chat.ChangeDelete && m.Thread != "" {
		m.Replies = s.replies(r, m.Thread)
	}
	if emoji := r.emojis[c.ID]; emoji != "" && !m.Deleted {
		m.Reactions = s.reactions(x, "", chat.MaxReactors, emoji)
		if m.Reactions == nil {
			m.Reactions = []chat.Reaction{{Emoji: emoji}}
		}
	}
	return &m
}

// reactions sums up those of one message, by their first; only those of one emoji if it is not "".
func (s *Store) reactions(x *extras, reader chat.UserID, limit int, emoji string) []chat.Reaction {
	var all []chat.Reaction
	for _, g := range x.reactions { // by seq
		if emoji != "" && g.emoji != emoji {
			continue
		}
		i := slices.IndexFunc(all, func(r chat.Reaction) bool { return r.Emoji == g.emoji })
		if i < 0 {
			i = len(all)
			all = append(all, chat.Reaction{Emoji: g.emoji, First: g.seq})
		}
		r := &all[i]
		r.Count++
		r.Me = r.Me || g.user == reader
		if len(r.Users) < limit {
			r.Users = append(r.Users, chat.Person{ID: g.user, Name: s.users[g.user].Name})
		}
	}
	return all
}

// withMessage runs f with a message of a room.
func (s *Store) withMessage(id chat.RoomID, message string, f func(*room, *chat.Message, *extras)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		return noRoom()
	}
	m, x, err := r.find(message)
	if err == nil {
		f(r, m, x)
	}
	return err
}

// Message reads a message; see chat.MessageStore.
func (s *Store) Message(_ context.Context, id chat.RoomID, message string, reader chat.UserID) (m chat.Message, err error) {
	err = s.withMessage(id, message, func(r *room, stored *chat.Message, _ *extras) {
		m = s.dressed(r, stored, reader)
	})
	return m, err
}

// Former lists what a message said before; see chat.MessageStore.
func (s *Store) Former(_ context.Context, id chat.RoomID, message string) (all []chat.Former, err error) {
	err = s.withMessage(id, message, func(_ *room, _ *chat.Message, x *extras) { all = slices.Clone(x.former) })
	return all, err
}

// Reactions lists those to a message; see chat.MessageStore.
func (s *Store) Reactions(_ context.Context, id chat.RoomID, message string, reader chat.UserID, limit int) (all []chat.Reaction, err error) {
	err = s.withMessage(id, message, func(_ *room, _ *chat.Message, x *extras) { all = s.reactions(x, reader, limit, "") })
	return all, err
}

// Pins lists a room's pinned messages; see chat.MessageStore.
func (s *Store) Pins(_ context.Context, id chat.RoomID, reader chat.UserID) ([]chat.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		return nil, noRoom()
	}
	var ms []chat.Message
	for _, e := range r.entries {
		if e.Message != nil && r.pinned(e.Message.ID) > 0 {
			ms = append(ms, s.dressed(r, e.Message, reader))
		}
	}
	slices.SortFunc(ms, func(a, b chat.Message) int { return cmp.Compare(r.pinned(b.ID), r.pinned(a.ID)) })
	return ms, nil
}

func (r *room) pinned(id string) uint64 {
	if x := r.extras[id]; x != nil {
		return x.pinned
	}
	return 0
}

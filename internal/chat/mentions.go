package chat

import (
	"context"
	"fmt"
)

// Bounds of mentions of everybody.
const (
	// MaxMentionAll is how many members a room may have in which everyone may mention all of them.
	MaxMentionAll = 100
	// MaxHere is how many people are remembered one by one as having been there; in a larger crowd MentionHere reaches all
	// members, as MentionRoom does, and costs one row.
	MaxHere = 500
)

// Everyone stands for all members of a room among those whom a message mentions.
const Everyone UserID = ""

// MentionStore keeps who was mentioned where. A mention of oneself is none, nor is one in a message that was deleted.
// Those of Everyone are for who was a member then. None is read by who may not see the message now.
type MentionStore interface {
	// UserIDs finds members and bots by the skeletons of their names; those that nobody has are left out.
	UserIDs(ctx context.Context, skeletons []string) (map[string]UserID, error)
	// UnreadMentions counts the top-level messages beyond the user's cursor that mention them.
	UnreadMentions(ctx context.Context, room RoomID, user UserID) (uint64, error)
	// Mentions returns messages that mention the user, replies in threads too, newest first by their ids, those below the
	// id before if it is not "", at most limit.
	Mentions(ctx context.Context, user UserID, before string, limit int) ([]Message, error)
	// SetNotify keeps what a user wants to hear of a room, and makes them a member who has read it all if they are none.
	SetNotify(ctx context.Context, c NotifyChange) (NotifyOutcome, error)
}

// Mentioned is what a message mentions.
type Mentioned struct {
	People []UserID // by name, in the order of the text, at most MaxMentions
	All    string   // MentionRoom, MentionHere or ""
	Here   []UserID // who was in the room when it was sent, if All is MentionHere
}

// ByAll returns whom a mention of all reaches: Everyone, or those who were there.
func (m Mentioned) ByAll() []UserID {
	switch {
	case m.All == MentionRoom, m.All == MentionHere && len(m.Here) > MaxHere:
		return []UserID{Everyone}
	case m.All == MentionHere:
		return m.Here
	}
	return nil
}

// mentioned reads whom content mentions.
func (s *Service) mentioned(ctx context.Context, room RoomID, content string) (m Mentioned, err error) {
	found := signs(content)
	if len(found) == 0 {
		return Mentioned{}, nil
	}
	var exists map[string]UserID
	if names := skeletons(found, s.cfg.Skeleton); len(names) > 0 {
		if exists, err = s.store.UserIDs(ctx, names); err != nil {
			return Mentioned{}, err
		}
	}
	m.People, m.All = resolve(found, exists)
	if m.All == MentionHere && s.cfg.Here != nil {
		m.Here = s.cfg.Here(room)
	}
	return m, nil
}

// MayMentionAll says whether by may mention all members of a room, or those who are there, when it has that many members.
func MayMentionAll(m *Membership, by User, all string, members int) error {
	switch {
	case all == "":
	case by.Kind == KindGuest:
		return &Error{Code: Forbidden, Message: fmt.Sprintf("guests may not mention @%s", all)}
	case members > MaxMentionAll && rank(m, by) == 0:
		return &Error{Code: Forbidden, Message: fmt.Sprintf(
			"only owners and moderators may mention @%s in a room of more than %d members", all, MaxMentionAll)}
	}
	return nil
}

// MentionsPage is a piece of what mentions somebody, newest first.
type MentionsPage struct {
	Messages []Message
	Next     string // the id to ask for what is older with; "" when there is no more
}

// Mentions lists the messages that mention by, newest first: as far as by may see them now. before is the id of a
// message, or "" for the newest; Invalid when it is none.
func (s *Service) Mentions(ctx context.Context, by Actor, before string, limit int) (MentionsPage, error) {
	const op = "chat.Mentions"
	if before != "" {
		id, ok := NormalUUID(before)
		if !ok {
			return MentionsPage{}, Errorf(Invalid, op, "before must be the id of a message, a UUID")
		}
		before = id
	}
	if limit < 0 || limit > PageSize {
		return MentionsPage{}, Errorf(Invalid, op, "limit must be between 1 and %d", PageSize)
	}
	if limit == 0 {
		limit = PageSize
	}
	ms, err := s.store.Mentions(ctx, by.ID, before, limit+1)
	if err != nil {
		return MentionsPage{}, withOp(op, err)
	}
	p := MentionsPage{Messages: ms}
	if len(ms) > limit {
		p.Messages = ms[:limit]
		p.Next = ms[limit-1].ID
	}
	for i := range p.Messages {
		s.rendering.bring(&p.Messages[i])
	}
	return p, nil
}

package chat

import "context"

// NotifyLevel says which messages of a room its member wants to be told of.
type NotifyLevel string

// Levels of notification. The server counts and sends the same whatever they are: pages and apps go by them.
const (
	NotifyDefault  NotifyLevel = "" // NotifyAll in direct rooms, NotifyMentions in others
	NotifyAll      NotifyLevel = "all"
	NotifyMentions NotifyLevel = "mentions"
	NotifyNothing  NotifyLevel = "nothing"
)

// NotifyChange is what somebody wants to hear of a room from now on; what is nil stays as it is.
type NotifyChange struct {
	Room  RoomID
	By    Actor
	Level *NotifyLevel
	Muted *bool
}

// NotifyOutcome is what a room is to its member after a NotifyChange.
type NotifyOutcome struct {
	Level  NotifyLevel
	Muted  bool
	Joined bool // they became a member by it
}

// Apply returns m as it is after c.
func (c NotifyChange) Apply(m Membership) Membership {
	if c.Level != nil {
		m.Notify = *c.Level
	}
	if c.Muted != nil {
		m.Muted = *c.Muted
	}
	return m
}

// MaySetNotify says whether by may say what they want to hear of the room. stored is false for a guest who has said
// nothing yet: there is no row to keep it with.
func MaySetNotify(r Room, m *Membership, by User, stored bool) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	if !stored {
		return &Error{Code: Forbidden, Message: "a guest who has said nothing yet has no settings"}
	}
	return nil
}

// SetNotify says which messages of a room by wants to be told of, and whether it is muted; what is nil stays as it is.
// By becomes a member of the room. Config.Notified is told of it.
func (s *Service) SetNotify(ctx context.Context, by Actor, room string, level *NotifyLevel, muted *bool) (RoomState, error) {
	const op = "chat.SetNotify"
	if level != nil {
		switch *level {
		case NotifyDefault, NotifyAll, NotifyMentions, NotifyNothing:
		default:
			return RoomState{}, Errorf(Invalid, op, "level must be all, mentions, nothing or empty for the default")
		}
	}
	if s.cfg.MoveRead != nil {
		if after, ok := s.cfg.MoveRead(by.ID); !ok {
			return RoomState{}, &Error{Code: RateLimited, Op: op, Message: "too many changes at once", RetryAfter: after}
		}
	}
	r, err := s.Room(ctx, by, room)
	if err != nil {
		return RoomState{}, err
	}
	o, err := s.store.SetNotify(ctx, NotifyChange{Room: r.ID, By: by, Level: level, Muted: muted})
	if err != nil {
		return RoomState{}, withOp(op, err)
	}
	if o.Joined && s.cfg.Joined != nil {
		s.cfg.Joined(r.ID, by.ID)
	}
	if s.cfg.Notified != nil {
		s.cfg.Notified(by.ID, r, o)
	}
	return s.RoomState(ctx, by, room)
}

package chat

import "fmt"

// The rules of what may be done to a message, pure as the others.

// maySeeMessage says whether by may see the room, and the message in it.
func maySeeMessage(r Room, m *Membership, by User, msg *Message) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	if m != nil && msg.Origin() < m.SeesFromSeq {
		return ErrNoMessage()
	}
	return nil
}

func undeleted(msg *Message) error {
	if msg.Deleted {
		return errDeleted()
	}
	return nil
}

// MayEdit says whether by may change what the message says: its author alone, who may still post.
func MayEdit(r Room, m *Membership, by User, msg *Message) error {
	if err := maySeeMessage(r, m, by, msg); err != nil {
		return err
	}
	if msg.Author != by.ID {
		return &Error{Code: Forbidden, Message: "only its author may edit a message"}
	}
	may := MayPost
	if msg.Thread != "" {
		may = MayReply
	}
	if err := may(r, m, by); err != nil {
		return err
	}
	return undeleted(msg)
}

// MayDelete says whether by may delete the message: its author, and whoever moderates the room or the workspace, unless the
// author's rights are above theirs. author is who wrote it, theirs the author's membership.
func MayDelete(r Room, m *Membership, by User, msg *Message, author User, theirs *Membership) error {
	if err := maySeeMessage(r, m, by, msg); err != nil {
		return err
	}
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	if msg.Author == by.ID {
		return nil
	}
	switch mine := rank(m, by); {
	case mine == 0:
		return &Error{Code: Forbidden, Message: "only its author, an owner or a moderator may delete a message"}
	case mine < rank(theirs, author):
		return &Error{Code: Forbidden, Message: "the author's rights are above yours"}
	}
	return nil
}

// MayReadEdits says whether by may read what the message said before: its author, and who moderates the room or the workspace.
func MayReadEdits(r Room, m *Membership, by User, msg *Message) error {
	if err := maySeeMessage(r, m, by, msg); err != nil {
		return err
	}
	if msg.Author != by.ID && rank(m, by) == 0 {
		return &Error{Code: Forbidden, Message: "only its author, an owner or a moderator may read what a message said before"}
	}
	return nil
}

// MayQuote says whether by may quote the message: who may see it.
func MayQuote(r Room, m *Membership, by User, msg *Message) error {
	return maySeeMessage(r, m, by, msg)
}

// MayReact says whether by may put a reaction on the message, or take theirs back.
func MayReact(r Room, m *Membership, by User, msg *Message) error {
	if err := maySeeMessage(r, m, by, msg); err != nil {
		return err
	}
	return MayReply(r, m, by)
}

// MayPin says whether by may pin the message, or take the pin out: who may write to the room, but no guest.
func MayPin(r Room, m *Membership, by User, msg *Message) error {
	if err := maySeeMessage(r, m, by, msg); err != nil {
		return err
	}
	if err := MayPost(r, m, by); err != nil {
		return err
	}
	if by.Kind == KindGuest {
		return &Error{Code: Forbidden, Message: "guests may not pin messages"}
	}
	return nil
}

// MessageFacts is what is true of a message when a change of it is decided, in the transaction that would carry it out.
type MessageFacts struct {
	Room    Room
	By      User        // who changes it
	Member  *Membership // theirs
	Message Message
	Author  User
	Theirs  *Membership // the author's
	Edits   int         // ChangeEdit: how often it was edited
	Emojis  []string    // ChangeReact: those on the message
	Mine    bool        // ChangeReact, ChangeUnreact: by has given this one
	Pins    int         // ChangePin: in the room
}

// DecideMessage says whether a change of a message may be carried out. again says that it would change nothing; then nothing is to
// be stored.
func (c *ChangeOp) DecideMessage(f *MessageFacts) (again bool, err error) {
	switch msg := &f.Message; c.Kind {
	case ChangeEdit:
		if err := MayEdit(f.Room, f.Member, f.By, msg); err != nil {
			return false, err
		}
		if msg.Content == c.Content {
			return true, nil
		}
		if f.Edits >= MaxEdits {
			return false, &Error{Code: TooLarge, Message: fmt.Sprintf("a message can be edited %d times", MaxEdits)}
		}
	case ChangeDelete:
		return msg.Deleted, MayDelete(f.Room, f.Member, f.By, msg, f.Author, f.Theirs)
	case ChangeReact:
		return c.decideReaction(f)
	case ChangeUnreact:
		return !f.Mine, MayReact(f.Room, f.Member, f.By, msg)
	case ChangePin:
		if err := MayPin(f.Room, f.Member, f.By, msg); err != nil {
			return false, err
		}
		if err := undeleted(msg); err != nil {
			return false, err
		}
		if !msg.Pinned && f.Pins >= MaxPins {
			return false, &Error{Code: TooLarge, Message: fmt.Sprintf("a room can have %d pinned messages", MaxPins)}
		}
		return msg.Pinned, nil
	case ChangeUnpin:
		return !msg.Pinned, MayPin(f.Room, f.Member, f.By, msg)
	}
	return false, nil
}

func (c *ChangeOp) decideReaction(f *MessageFacts) (again bool, err error) {
	if err := MayReact(f.Room, f.Member, f.By, &f.Message); err != nil {
		return false, err
	}
	if err := undeleted(&f.Message); err != nil {
		return false, err
	}
	for _, e := range f.Emojis {
		if e == c.Emoji {
			return f.Mine, nil
		}
	}
	if len(f.Emojis) >= MaxReactions {
		return false, &Error{Code: TooLarge, Message: fmt.Sprintf("a message can have %d different reactions", MaxReactions)}
	}
	return false, nil
}

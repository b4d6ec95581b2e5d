package chat

import "fmt"

// The rules of who may do what. They are pure functions: Service asks them with what it knows before a write is queued,
// stores ask them again inside the transaction with what is true there. A nil *Membership means that there is none.

// Rules' errors, without an Op: whoever asks adds its own.
func hidden() error { return &Error{Code: NotFound, Message: "there is no such room"} }

func removed() error { return &Error{Code: Forbidden, Message: "you were removed from this room"} }

// ErrDisabled refuses somebody whose account is disabled.
func ErrDisabled() error { return &Error{Code: Forbidden, Message: "this account is disabled"} }

// ErrManyRooms refuses a room beyond MaxRooms.
func ErrManyRooms() error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("there are %d rooms: no more can be made", MaxRooms)}
}

// MaySee says whether by may read the room and know of it. Public rooms are open to everyone who was not removed, others
// to their members; those who may not see them get NotFound.
func MaySee(r Room, m *Membership, by User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case m != nil && m.Removed && r.Kind == RoomPublic:
		return removed()
	case m != nil && m.Removed, m == nil && r.Kind != RoomPublic:
		return hidden()
	}
	return nil
}

// MayPost says whether by may write to the room.
func MayPost(r Room, m *Membership, by User) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	return open(r)
}

func open(r Room) error {
	if r.Archived {
		return &Error{Code: Forbidden, Message: "this room is archived"}
	}
	return nil
}

// MayArchive says whether by may archive the room, or bring it back.
func MayArchive(r Room, m *Membership, by User, archive bool) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	ownsIt := by.Kind != KindGuest && m != nil && !m.Removed && m.Role == RoleOwner
	switch {
	case by.Role != RoleOwner && by.Role != RoleModerator && !ownsIt:
		return &Error{Code: Forbidden, Message: "only an owner, a moderator or the room's owner may archive it or bring it back"}
	case archive && r.Archived:
		return &Error{Code: Conflict, Message: "this room is archived already"}
	case !archive && !r.Archived:
		return &Error{Code: Conflict, Message: "this room is not archived"}
	}
	return nil
}

// MayGovern says whether by may change other people's accounts and the workspace, and read the audit log.
func MayGovern(by User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case by.Role != RoleOwner:
		return &Error{Code: Forbidden, Message: "only an owner may do this"}
	}
	return nil
}

// MayInvite says whether by may make invitations, see them and end them.
func MayInvite(by User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case by.Role != RoleOwner && by.Role != RoleModerator:
		return &Error{Code: Forbidden, Message: "only owners and moderators may invite people"}
	}
	return nil
}

// MayModerate says whether by may see what is reported, and close it.
func MayModerate(by User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case by.Role != RoleOwner && by.Role != RoleModerator:
		return &Error{Code: Forbidden, Message: "only owners and moderators may see reports"}
	}
	return nil
}

// MayReport says whether by may report a message of the room that author wrote. Whether they may see the message is asked
// beside it.
func MayReport(r Room, m *Membership, by User, author UserID) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	switch {
	case by.Kind == KindGuest:
		return &Error{Code: Forbidden, Message: "guests may not report messages"}
	case by.ID == author:
		return &Error{Code: Invalid, Message: "this is your own message"}
	}
	return nil
}

// MayBlock says whether by may block who, or take it back.
func MayBlock(by, who User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case by.Kind == KindGuest:
		return &Error{Code: Forbidden, Message: "guests may not block people"}
	case by.ID == who.ID:
		return &Error{Code: Invalid, Message: "you cannot block yourself"}
	}
	return nil
}

// MayCreateRoom says whether by may make a public room.
func MayCreateRoom(by User) error {
	if by.Disabled {
		return ErrDisabled()
	}
	if by.Kind == KindGuest {
		return &Error{Code: Forbidden, Message: "guests may not create rooms"}
	}
	return nil
}

// MaySetTopic says whether by may change the topic.
func MaySetTopic(r Room, m *Membership, by User) error {
	if err := MayPost(r, m, by); err != nil {
		return err
	}
	if by.Kind == KindGuest {
		return &Error{Code: Forbidden, Message: "guests may not change the topic"}
	}
	return nil
}

// MayAddMember says whether by may bring somebody in, whose membership is subject so far. Whoever was removed comes back
// only through somebody who might have removed them.
func MayAddMember(r Room, m *Membership, by User, subject *Membership) error {
	if err := MayPost(r, m, by); err != nil {
		return err
	}
	switch {
	case by.Kind == KindGuest:
		return &Error{Code: Forbidden, Message: "guests may not add members"}
	case subject != nil && !subject.Removed:
		return &Error{Code: Conflict, Message: "this user is a member already"}
	case subject != nil && rank(m, by) == 0:
		return &Error{Code: Forbidden, Message: "only an owner or a moderator may bring back somebody who was removed"}
	}
	return nil
}

// MayRemoveMember says whether by may remove the user who, whose membership is subject. A public room knows everyone, so
// that somebody without a membership can be barred from it.
func MayRemoveMember(r Room, m *Membership, by User, subject *Membership, who User) error {
	if err := MayPost(r, m, by); err != nil {
		return err
	}
	switch mine, theirs := rank(m, by), rank(subject, who); {
	case mine == 0:
		return &Error{Code: Forbidden, Message: "only an owner or a moderator may remove members"}
	case by.ID != who.ID && mine <= theirs:
		return &Error{Code: Forbidden, Message: "this user's rights are not below yours"}
	case subject == nil && r.Kind != RoomPublic, subject != nil && subject.Removed:
		return &Error{Code: Conflict, Message: "this user is not a member"}
	}
	return nil
}

// rank orders people by what they may do in a room: the workspace's owners, its moderators, the room's owners and
// moderators, everybody else.
func rank(m *Membership, u User) int {
	switch {
	case u.Role == RoleOwner:
		return 3
	case u.Role == RoleModerator:
		return 2
	case m != nil && !m.Removed && (m.Role == RoleOwner || m.Role == RoleModerator):
		return 1
	}
	return 0
}

// MoveCursor applies a ReadOp to the cursor c of a room that ends at message n: it returns the cursor after it, and
// whether that has to be stored.
func MoveCursor(c Cursor, op ReadOp, n uint64) (Cursor, bool, error) {
	switch {
	case op.N > n:
		return c, false, Errorf(Invalid, "", "n is beyond the room's last message %d", n)
	case op.Version != nil && *op.Version != c.Version:
		return c, false, Errorf(Conflict, "", "version is not the cursor's version %d", c.Version)
	case op.N == c.N, op.Version == nil && op.N < c.N:
		return c, false, nil
	}
	return Cursor{N: op.N, Version: c.Version + 1}, true, nil
}

// AfterPosting is the author's own cursor once their message n is stored.
func AfterPosting(c Cursor, n uint64) Cursor {
	if n <= c.N {
		return c
	}
	return Cursor{N: n, Version: c.Version + 1}
}

// asUser is what is known of an actor without asking the store.
func (a Actor) asUser() User { return User{ID: a.ID, Name: a.Name, Kind: a.Kind, Role: a.Role} }

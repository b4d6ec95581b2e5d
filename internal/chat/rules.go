package chat

// The rules of who may do what. They are pure functions: Service asks them with what it knows before a write is queued,
// stores ask them again inside the transaction with what is true there. A nil *Membership means that there is none. Their errors
// have no Op: whoever asks adds its own. Those about rooms are in rules_rooms.go.

// ErrDisabled refuses somebody whose account is disabled.
func ErrDisabled() error { return &Error{Code: Forbidden, Message: "this account is disabled"} }

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

// MoveCursor applies a ReadOp to the cursor c of a room that ends at message n: it returns the cursor after it, and
// whether that has to be stored. It never comes to stand below from, the last message that its owner may not see.
func MoveCursor(c Cursor, op ReadOp, from, n uint64) (Cursor, bool, error) {
	op.N = max(op.N, min(from, n))
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

package chat

import (
	"fmt"
	"strings"
	"time"
)

// The rules of rooms. An invisible room is answered as one that does not exist, whatever is asked of it and by whichever of
// its names: hidden says word for word what a store says of a name that no room has.
func hidden() error { return forbid(NotFound, "there is no such room") }

func forbid(code Code, message string) error { return &Error{Code: code, Message: message} }

// ErrManyRooms refuses a room beyond MaxRooms.
func ErrManyRooms() error {
	return forbid(TooLarge, fmt.Sprintf("there are %d rooms: no more can be made", MaxRooms))
}

// ErrManyDirects refuses a direct room to somebody who has opened MaxDirects.
func ErrManyDirects() error {
	return forbid(TooLarge, fmt.Sprintf("you have opened %d direct rooms: no more can be made", MaxDirects))
}

// ErrNameTaken refuses a name that a room has or had. It says the same of rooms that the asker may not see: that a name is
// taken cannot be hidden from who asks for it.
func ErrNameTaken(name string) error {
	return forbid(Conflict, "there is a room named "+name+" already")
}

// MaySee says whether by may read the room and know of it. Public rooms are open to everyone who was not banned, others
// to their members; those who may not see them get NotFound.
func MaySee(r Room, m *Membership, by User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case r.Kind != RoomPublic && !m.isMember():
		return hidden()
	case m != nil && m.Banned:
		return forbid(Forbidden, "you were removed from this room")
	}
	return nil
}

// isMember tells a membership that stands.
func (m *Membership) isMember() bool { return m != nil && !m.Removed }

// MayReply says whether by may reply to something in the room. Whoever sees a room that is not archived may, also where only
// some may begin something.
func MayReply(r Room, m *Membership, by User) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	return open(r)
}

// open refuses an archived room.
func open(r Room) error {
	if r.Archived {
		return forbid(Forbidden, "this room is archived")
	}
	return nil
}

// MayPost says whether by may write a message that is no reply.
func MayPost(r Room, m *Membership, by User) error {
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	if r.ReadOnly && rank(m, by) == 0 {
		return forbid(Forbidden, "only owners and moderators write in this room; everybody may answer in threads")
	}
	return nil
}

// MayPostAt says whether by may write another message at now, or has to wait because of the room's slow mode.
func MayPostAt(r Room, m *Membership, by User, now time.Time) error {
	if r.SlowMode == 0 || m == nil || m.LastPost.IsZero() || rank(m, by) > 0 {
		return nil
	}
	slow := time.Duration(r.SlowMode) * time.Second
	wait := min(m.LastPost.Add(slow).Sub(now), slow) // the clock may have been set back
	if wait <= 0 {
		return nil
	}
	return &Error{Code: RateLimited, RetryAfter: wait, Message: fmt.Sprintf("this room is in slow mode: one message each %d seconds", r.SlowMode)}
}

// MayArchive says whether by may archive the room, or bring it back.
func MayArchive(r Room, m *Membership, by User, archive bool) error {
	if err := MaySee(r, m, by); err != nil {
		return err
	}
	switch {
	case r.Kind == RoomDirect:
		return fixed()
	case rank(m, by) < rankOwner:
		return forbid(Forbidden, "only an owner, a moderator or the room's owner may archive it or bring it back")
	case archive && r.Archived:
		return forbid(Conflict, "this room is archived already")
	case !archive && !r.Archived:
		return forbid(Conflict, "this room is not archived")
	}
	return nil
}

// fixed refuses every change of a direct room: it is what its people are.
func fixed() error {
	return forbid(Forbidden, "a direct room is for the people it was opened for, and cannot be changed")
}

// MayCreateRoom says whether by may make a room.
func MayCreateRoom(by User) error {
	if by.Disabled {
		return ErrDisabled()
	}
	if by.Kind == KindGuest {
		return forbid(Forbidden, "guests may not create rooms")
	}
	return nil
}

// MayOpenDirect says whether by may open a direct room with who in it.
func MayOpenDirect(by, who User) error {
	switch {
	case by.Disabled:
		return ErrDisabled()
	case by.Kind == KindGuest:
		return forbid(Forbidden, "guests may not open direct rooms")
	case who.Kind == KindGuest:
		return forbid(Forbidden, "guests cannot be in a direct room")
	case who.Disabled:
		return forbid(Forbidden, "this user's account is disabled")
	}
	return nil
}

// MaySetTopic says whether by may change the topic.
func MaySetTopic(r Room, m *Membership, by User) error {
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	switch {
	case r.Kind == RoomDirect:
		return fixed()
	case by.Kind == KindGuest:
		return forbid(Forbidden, "guests may not change the topic")
	case r.ReadOnly && rank(m, by) == 0:
		return forbid(Forbidden, "only owners and moderators may change the topic of this room")
	}
	return nil
}

// MayRename says whether by may give the room another name.
func MayRename(r Room, m *Membership, by User, name string) error {
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	switch {
	case r.Kind == RoomDirect:
		return fixed()
	case rank(m, by) < rankOwner:
		return forbid(Forbidden, "only an owner, a moderator or the room's owner may rename it")
	case name == r.Name:
		return forbid(Conflict, "this room has that name already")
	}
	return MayName(name)
}

// directPrefix begins the names of direct rooms, and no other room's.
const directPrefix = "dm-"

// MayName says whether a room that is not direct may have the name.
func MayName(name string) error {
	if err := CheckRoomName(name); err != nil {
		return err
	}
	if strings.HasPrefix(name, directPrefix) {
		return forbid(Invalid, "names beginning with "+directPrefix+" are for direct rooms")
	}
	return nil
}

// MaySet says whether by may give the room the settings that it has in next.
func MaySet(r Room, m *Membership, by User, next Room) error {
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	switch mine := rank(m, by); {
	case r.Kind == RoomDirect:
		return fixed()
	case mine == 0:
		return forbid(Forbidden, "only an owner or a moderator may change the settings of a room")
	case next.History != r.History && mine < rankOwner:
		return forbid(Forbidden, "only an owner, a moderator or the room's owner may say what new members see")
	case next == r:
		return forbid(Conflict, "these are the room's settings already")
	}
	return CheckSettings(next)
}

// CheckSettings checks the settings of a room, whoever wants them.
func CheckSettings(r Room) error {
	switch {
	case r.History != HistoryAll && r.History != HistoryJoined:
		return forbid(Invalid, "history must be all or joined")
	case r.History == HistoryJoined && r.Kind != RoomPrivate:
		return forbid(Invalid, "what was said in a public room is there for everybody: history must be all")
	case r.SlowMode < 0 || r.SlowMode > MaxSlowMode:
		return forbid(Invalid, fmt.Sprintf("slow_mode must be between 0 and %d seconds", MaxSlowMode))
	}
	return nil
}

// MayAddMember says whether by may bring in who, whose membership is subject so far. Whoever was banned comes back
// only through somebody who might have banned them; guests are in public rooms alone.
func MayAddMember(r Room, m *Membership, by User, subject *Membership, who User) error {
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	switch {
	case r.Kind == RoomDirect:
		return fixed()
	case by.Kind == KindGuest:
		return forbid(Forbidden, "guests may not add members")
	case r.Kind != RoomPublic && who.Kind == KindGuest:
		return forbid(Forbidden, "guests can be in public rooms alone")
	case subject.isMember():
		return forbid(Conflict, "this user is a member already")
	case subject != nil && subject.Banned && rank(m, by) == 0:
		return forbid(Forbidden, "only an owner or a moderator may bring back somebody who was removed")
	}
	return nil
}

// MayRemoveMember says whether by may remove the user who, whose membership is subject; oneself everybody may. A public
// room knows everyone, so that somebody without a membership can be banned from it, or leave it: it is in their list. A direct
// room is left by hiding it.
func MayRemoveMember(r Room, m *Membership, by User, subject *Membership, who User, ban bool) error {
	left := by.ID == who.ID
	may := MayReply
	if left {
		may = MaySee // an archived room can be left
	}
	if err := may(r, m, by); err != nil {
		return err
	}
	bans := ban && !left
	switch mine, theirs := rank(m, by), rank(subject, who); {
	case r.Kind == RoomDirect:
		return fixed()
	case left && !subject.isMember() && (subject != nil || r.Kind != RoomPublic):
		return forbid(Conflict, "you are not a member")
	case left:
		return nil
	case mine == 0:
		return forbid(Forbidden, "only an owner or a moderator may remove members")
	case mine <= theirs:
		return forbid(Forbidden, "this user's rights are not below yours")
	case bans && subject != nil && subject.Banned:
		return forbid(Conflict, "this user is banned already")
	case !subject.isMember() && !(bans && (r.Kind == RoomPublic || subject != nil)):
		return forbid(Conflict, "this user is not a member")
	}
	return nil
}

// MaySetRole says whether by may give the member who, whose membership is subject, another role in the room.
func MaySetRole(r Room, m *Membership, by User, subject *Membership, who User, role Role) error {
	if err := MayReply(r, m, by); err != nil {
		return err
	}
	ownsIt := by.Kind != KindGuest && m.isMember() && m.Role == RoleOwner
	switch {
	case r.Kind == RoomDirect:
		return fixed()
	case by.Role != RoleOwner && !ownsIt:
		return forbid(Forbidden, "only an owner or the room's owner may give roles in it")
	case role != RoleOwner && role != RoleModerator && role != RoleMember:
		return forbid(Invalid, "role must be owner, moderator or member")
	case !subject.isMember():
		return forbid(Conflict, "this user is not a member")
	case who.Kind == KindGuest:
		return forbid(Forbidden, "guests can have no role in a room")
	case subject.Role == role:
		return forbid(Conflict, "this user has that role already")
	}
	return nil
}

// Ranks that rules compare with.
const (
	rankModerator = iota + 1
	rankOwner
	rankWorkspaceModerator
	rankWorkspaceOwner
)

// rank orders people by what they may do in a room that they see: the workspace's owners, its moderators, the room's owners,
// its moderators; 0 is everybody else.
func rank(m *Membership, u User) int {
	switch {
	case u.Role == RoleOwner:
		return rankWorkspaceOwner
	case u.Role == RoleModerator:
		return rankWorkspaceModerator
	case u.Kind == KindGuest || !m.isMember():
		return 0
	case m.Role == RoleOwner:
		return rankOwner
	case m.Role == RoleModerator:
		return rankModerator
	}
	return 0
}

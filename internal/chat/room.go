package chat

import (
	"context"
	"time"
)

// MaxRooms is how many rooms a workspace can have. Everyone is told of all public ones whenever they connect.
const MaxRooms = 10_000

// RoomID is a UUID in its 36-character form. It is the hub's topic; names may change, ids never do.
type RoomID string

// RoomKind says who may see a room.
type RoomKind string

// Kinds of rooms. Only public ones can be made so far.
const (
	RoomPublic  RoomKind = "public"
	RoomPrivate RoomKind = "private"
	RoomDirect  RoomKind = "direct"
)

// Room is a place with one history.
type Room struct {
	ID       RoomID
	Name     string // [a-z0-9][a-z0-9-]{0,63}
	Kind     RoomKind
	Topic    string // at most 250 code points
	Seq      uint64 // number of the last entry: messages and changes share it
	N        uint64 // number of the last top-level message
	MinSeq   uint64 // the lowest entry still kept; 1 at first
	Epoch    string // changes when numbers may have been given twice (restore, lost tail)
	Archived bool
	Created  time.Time
}

// Membership is what a room knows of a user.
type Membership struct {
	Room        RoomID
	User        UserID
	Role        Role
	SeesFromSeq uint64 // entries below are hidden from this user
	ReadN       uint64 // messages up to here are read
	ReadVersion uint64 // grows with every write of ReadN
	Joined      time.Time
	Removed     bool // was removed and may not come back by themselves
	Notify      NotifyLevel
	Muted       bool
}

// Member is a membership with its user.
type Member struct {
	Membership
	UserName string
	Display  string
	UserKind UserKind
	Avatar   string // as User.Avatar
}

// Cursor is how far a user has read in a room.
type Cursor struct {
	N       uint64
	Version uint64
	// Mentions is how many messages beyond N mention the user. Where a cursor tells of what was posted it is not counted.
	Mentions uint64
}

// RoomState is a room as one user sees it.
type RoomState struct {
	Room
	Cursor Cursor
	Unread uint64 // Room.N - Cursor.N, 0 for someone without a membership
	Member bool

	Mentions uint64 // of the user, unread; also of someone without a membership
	Notify   NotifyLevel
	Muted    bool
}

// RoomStore keeps rooms and memberships.
type RoomStore interface {
	// CreateRoom stores r and makes creator (may be "") its first member with RoleOwner. Conflict when the name is taken;
	// ErrManyRooms when there are MaxRooms.
	CreateRoom(ctx context.Context, r Room, creator UserID) (Room, error)
	RoomByName(ctx context.Context, name string) (Room, error)
	RoomByID(ctx context.Context, id RoomID) (Room, error)
	// RoomStates lists the rooms that user may see, by name: public ones that are not archived, and those the user is in.
	RoomStates(ctx context.Context, user UserID) ([]RoomState, error)
	// Membership returns NotFound when there is none.
	Membership(ctx context.Context, room RoomID, user UserID) (Membership, error)
	// Members lists members by name, those after the given skeleton, at most limit. Removed ones are left out.
	Members(ctx context.Context, room RoomID, after string, limit int) ([]Member, error)
}

package chat

import (
	"context"
	"time"
)

// MaxRooms is how many rooms a workspace can have beside direct ones. Everyone is told of all public ones whenever they
// connect.
const MaxRooms = 10_000

// RoomID is a UUID in its 36-character form. It is the hub's topic; names may change, ids never do.
type RoomID string

// RoomKind says who may see a room. It never changes.
type RoomKind string

// Kinds of rooms.
const (
	RoomPublic  RoomKind = "public"  // everybody
	RoomPrivate RoomKind = "private" // its members; for others there is no such room
	RoomDirect  RoomKind = "direct"  // the people it was made for, who are its name: the same people have one such room
)

// History says what new members of a private room see of what was said before.
type History string

// The two kinds of History.
const (
	HistoryAll    History = "all"
	HistoryJoined History = "joined" // nothing: they see what comes from their joining on
)

// Limits of rooms.
const (
	MaxDirectOthers = 9     // people in a direct room beside the one who opens it
	MaxDirects      = 1000  // direct rooms that one person can have opened first
	MaxFirstMembers = 50    // people who are added to a room as it is made
	MaxOldNames     = 20    // names that a room can have had before
	MaxSlowMode     = 21600 // seconds between two messages of one person
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

	ReadOnly bool    // only owners and moderators begin something; everybody answers in threads
	History  History // HistoryAll but for private rooms
	SlowMode int     // seconds between two messages of one person; 0: none
}

// Membership is what a room knows of a user.
type Membership struct {
	Room        RoomID
	User        UserID
	Role        Role
	SeesFromSeq uint64 // entries below are hidden from this user
	SeesAfterN  uint64 // messages up to here are hidden from this user, and never unread
	ReadN       uint64 // messages up to here are read
	ReadVersion uint64 // grows with every write of ReadN
	Joined      time.Time
	Removed     bool // is no member any more
	Banned      bool // and may not come back by themselves
	// HidesN keeps a direct room out of this user's list while the room's N is at most this; -1: it is in the list.
	HidesN   int64
	LastPost time.Time // of their last message here; zero: there is none
	Notify   NotifyLevel
	Muted    bool
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
	Unread uint64 // messages after the cursor that the user may see, 0 for someone without a membership
	Member bool
	Left   bool     // a public room that the user has left
	Role   Role     // in the room, "" for someone without a membership
	People []Person // of a direct room: everybody but the user, by name

	Mentions uint64 // of the user, unread; also of someone without a membership
	Notify   NotifyLevel
	Muted    bool
}

// Opened is a direct room that somebody has opened.
type Opened struct {
	Room  Room
	Made  bool // there was none before
	Shown bool // it was not in their list before
}

// RoomStore keeps rooms and memberships.
type RoomStore interface {
	// CreateRoom stores r and makes creator (may be "") its first member with RoleOwner. Conflict when the name is, or was,
	// another room's; ErrManyRooms when there are MaxRooms, not counting direct ones.
	CreateRoom(ctx context.Context, r Room, creator UserID) (Room, error)
	// OpenDirect returns the direct room named r.Name, which it stores as r if there is none, with by and others as its
	// members. It comes into by's list; others are shown it with its first message. ErrManyRooms when by was the first to open
	// MaxDirects of them, NotFound when one of the others does not exist.
	OpenDirect(ctx context.Context, r Room, by UserID, others []UserID) (Opened, error)
	// HideRoom takes a direct room out of user's list until something is said in it. NotFound when they are not in it.
	HideRoom(ctx context.Context, room RoomID, user UserID) error
	// RoomByName also finds a room by a name that it once had; the Room has the one of now.
	RoomByName(ctx context.Context, name string) (Room, error)
	RoomByID(ctx context.Context, id RoomID) (Room, error)
	// RoomStates lists the rooms that user may see, by name: public ones that are not archived, also those that the user has
	// left, and those the user is in, but for direct ones that are hidden.
	RoomStates(ctx context.Context, user UserID) ([]RoomState, error)
	// Membership returns NotFound when there is none.
	Membership(ctx context.Context, room RoomID, user UserID) (Membership, error)
	// Members lists members by name, those after the given skeleton, at most limit. Removed ones are left out.
	Members(ctx context.Context, room RoomID, after string, limit int) ([]Member, error)
}

package chat

import (
	"context"
	"time"
)

// UserID is a UUID in its 36-character form.
type UserID string

// UserKind says what stands behind a user.
type UserKind string

// Kinds of users.
const (
	KindMember UserKind = "member" // has an account
	KindGuest  UserKind = "guest"  // came without one; has a row from the first message on
	KindBot    UserKind = "bot"
)

// Role is what a user may do in the whole workspace.
type Role string

// Roles.
const (
	RoleOwner     Role = "owner"
	RoleModerator Role = "moderator"
	RoleMember    Role = "member"
	RoleGuest     Role = "guest"
)

// User is a person, guest or bot.
type User struct {
	ID           UserID
	Kind         UserKind
	Name         string // 1–32 characters, unique by NameSkeleton among members
	NameSkeleton string // UTS 39 skeleton of the case-folded NFKC form; made by the caller, opaque here
	Display      string // "" means Name
	Email        string // never shown to others
	PasswordHash string // PHC string, "" when there is no password
	Role         Role
	Created      time.Time
	Disabled     bool
	Rev          uint64 // grows with each change that concerns this user in no room
}

// Actor is who does something: what the edge knows about the caller without asking the store. The store checks again
// inside the transaction.
type Actor struct {
	ID   UserID
	Name string
	Kind UserKind
	Role Role
}

// Actor returns u as the one who acts.
func (u User) Actor() Actor { return Actor{ID: u.ID, Name: u.Name, Kind: u.Kind, Role: u.Role} }

// MaxSessions is how many sign-ins of one user are kept. A further one takes the place of the oldest, which ends.
const MaxSessions = 200

// SessionID is the public id of a session, as tokens carry it (a UUID).
type SessionID string

// Session is one sign-in of a user. A token is valid while its session lives.
type Session struct {
	ID        SessionID
	User      UserID
	Created   time.Time
	LastSeen  time.Time
	UserAgent string
	Revoked   bool
}

// UserStore keeps users. Errors: Conflict when a member's NameSkeleton is taken, NotFound.
type UserStore interface {
	// CreateUser stores u. The first member ever stored gets RoleOwner in the same transaction; the stored user is returned.
	CreateUser(ctx context.Context, u User) (User, error)
	User(ctx context.Context, id UserID) (User, error)
	// UserBySkeleton finds a member or bot, never a guest.
	UserBySkeleton(ctx context.Context, skeleton string) (User, error)
	// Users lists members and bots by name skeleton, those after the given skeleton, at most limit.
	Users(ctx context.Context, after string, limit int) ([]User, error)
}

// SessionStore keeps sign-ins.
type SessionStore interface {
	// CreateSession stores s, and forgets the oldest others of its user beyond MaxSessions. NotFound when there is no such
	// user.
	CreateSession(ctx context.Context, s Session) error
	// Session returns the session and its user, or NotFound.
	Session(ctx context.Context, id SessionID) (Session, User, error)
	// RevokeSession marks it revoked; revoking twice is no error.
	RevokeSession(ctx context.Context, id SessionID) error
}

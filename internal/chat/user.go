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

	// KindOperator is whoever works on the server's own command line. No user is of this kind; see Operator.
	KindOperator UserKind = "operator"
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

	ExternalID   string // by which the host knows them; "": an account of Parley's own. No two users share one
	ExternalName string // what the host calls them, of which Name was made
	// Avatar is the path of their picture: on the host's site, beginning with a slash, or of one that is kept here, without;
	// "" for none.
	Avatar      string
	AvatarFrom  PictureFrom
	AvatarAsked time.Time // when Gravatar was asked about Email; zero: never

	Status   Status    // as it was set; see Status.At
	LastSeen time.Time // when their last connection ended; zero: never, or they do not share it
}

// Actor is who does something: what the edge knows about the caller without asking the store. The store checks again
// inside the transaction.
type Actor struct {
	ID   UserID
	Name string
	Kind UserKind
	Role Role
	// Email of a guest is stored with the row that their first message makes. It is empty for everyone else.
	Email string
}

// Operator acts for the server's command line, which may do what an owner may. It has no row: stores take its word for
// changes of accounts, and for nothing else. No edge that others can reach may ever hand it on.
var Operator = Actor{Name: "command line", Kind: KindOperator, Role: RoleOwner}

// Host acts for the server that Parley is part of, which says who its people are. Like the Operator it has no row, is
// believed, about the workspace too, and is never handed on to any edge; and it may also take the last owner's role, for roles are its to give.
var Host = Actor{Name: "host", Kind: KindOperator, Role: RoleOwner}

// IsOperator tells the Operator and the Host.
func (a Actor) IsOperator() bool { return a.Kind == KindOperator && a.ID == "" }

// Actor returns u as the one who acts.
func (u User) Actor() Actor {
	a := Actor{ID: u.ID, Name: u.Name, Kind: u.Kind, Role: u.Role}
	if u.Kind == KindGuest {
		a.Email = u.Email
	}
	return a
}

// Admission is how somebody comes to an account. The store looks at it in the transaction that makes the account.
type Admission struct {
	Invite []byte // InviteHash of an invitation's code, which is used up by one; nil: none
	First  bool   // Conflict unless nobody has an account yet
	By     string // for the audit log; see NewUser
}

// UserStore keeps users. Errors: Conflict when a member's NameSkeleton is taken, NotFound.
type UserStore interface {
	// CreateUser stores u. The first member ever stored gets RoleOwner in the same transaction, unless they have an ExternalID;
	// the stored user is returned. Conflict also when the ExternalID is taken.
	// Forbidden when the admission's invitation cannot be used, Conflict when somebody else was First: both before it is
	// looked whether the name is free, and nothing is used up when it is not. An account of a member or bot leaves
	// user_created in the audit log.
	CreateUser(ctx context.Context, u User, by Admission) (User, error)
	// UpdateUser changes one account as UserUpdate.Decide says, which it asks with the rows of its own transaction. The
	// sessions that end with it and the audit entry are written in that transaction, too; the Decision says which.
	UpdateUser(ctx context.Context, up UserUpdate) (Decision, error)
	User(ctx context.Context, id UserID) (User, error)
	// UserBySkeleton finds a member or bot, never a guest.
	UserBySkeleton(ctx context.Context, skeleton string) (User, error)
	// UserByExternalID finds the user whom the host knows by id, which is not "".
	UserByExternalID(ctx context.Context, id string) (User, error)
	// UserByEmail finds the oldest member with this address, which is compared without the case of ASCII letters.
	UserByEmail(ctx context.Context, email string) (User, error)
	// Users lists members and bots by name skeleton, those after the given skeleton, at most limit.
	Users(ctx context.Context, after string, limit int) ([]User, error)
	// AnyMember says whether anybody has an account.
	AnyMember(ctx context.Context) (bool, error)
}

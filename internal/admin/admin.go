// Package admin is what the command line can do to a server's data: manage accounts and make tokens. A running server does
// it for the command line over a Unix socket; without one the command line does it itself. Both ways are the same code,
// Local, behind the same interface, Commands.
//
// Whoever can open the socket may do everything here. It lies in a folder that only the server's own user can enter.
package admin

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// NewUser is an account to be made.
type NewUser struct {
	Name     string `json:"name"`
	Password string `json:"password"` // see auth.CheckPassword
	Role     string `json:"role"`     // owner, moderator or member; "" means member. The first account is the owner.
}

// User is an account that was made.
type User struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// TokenRequest asks for a token of a new session of somebody.
type TokenRequest struct {
	Name string        `json:"name"`
	TTL  time.Duration `json:"ttl"` // nanoseconds; 0 means auth.AccessTTL
}

// Token is an access token.
type Token struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// Commands is what can be done. Errors are *chat.Error.
type Commands interface {
	// AddUser makes an account. Conflict when the name is taken, Invalid or TooLarge for a name, password or role that
	// cannot be.
	AddUser(ctx context.Context, u NewUser) (User, error)
	// Users lists accounts by name, a page at a time.
	Users(ctx context.Context, r ListRequest) (UserList, error)
	// SetPassword gives an account another password and ends all of its sessions. NotFound when there is no such account,
	// Invalid or TooLarge for a password that cannot be.
	SetPassword(ctx context.Context, r PasswordRequest) (User, error)
	// SetDisabled disables an account, which ends all of its sessions, or enables it again. NotFound when there is no such
	// account, Conflict for the last owner's.
	SetDisabled(ctx context.Context, r DisabledRequest) (User, error)
	// Token signs a member in and returns their access token. NotFound when there is no such member.
	Token(ctx context.Context, t TokenRequest) (Token, error)
}

// Local does the commands in this process.
type Local struct {
	Chat      *chat.Service
	Passwords *auth.Passwords
	Tokens    *auth.Tokens
	Guests    *auth.Guests // nil: there are none
	Setup     *auth.Setup  // ends with the first account; nil: there is none
}

var _ Commands = (*Local)(nil)

// AddUser implements Commands.
func (l *Local) AddUser(ctx context.Context, u NewUser) (User, error) {
	hash, err := l.Passwords.Hash(ctx, u.Password)
	if err != nil {
		return User{}, err
	}
	if l.Guests != nil {
		release, err := l.Guests.Reserve(u.Name)
		if err != nil {
			return User{}, err
		}
		defer release()
	}
	made, err := l.Chat.CreateUser(ctx, chat.NewUser{Name: u.Name, PasswordHash: hash, Role: chat.Role(u.Role), By: chat.ByCommandLine})
	if err != nil {
		return User{}, err
	}
	l.Setup.Close()
	return userOf(made), nil
}

func userOf(u chat.User) User { return User{ID: string(u.ID), Name: u.Name, Role: string(u.Role)} }

// Token implements Commands.
func (l *Local) Token(ctx context.Context, t TokenRequest) (Token, error) {
	user, err := l.Chat.UserByName(ctx, t.Name)
	if err != nil {
		return Token{}, err
	}
	if t.TTL != 0 && (t.TTL < time.Second || t.TTL > auth.MaxTTL) { // before a session is opened for nothing
		return Token{}, chat.Errorf(chat.Invalid, "admin.Token", "ttl must be between 1s and %s", auth.MaxTTL)
	}
	session, err := l.Chat.OpenSession(ctx, user.ID, "parley token", nil)
	if err != nil {
		return Token{}, err
	}
	raw, expires, err := l.Tokens.Access(user.ID, session.ID, t.TTL)
	if err != nil {
		return Token{}, err
	}
	return Token{Token: raw, Expires: expires}, nil
}

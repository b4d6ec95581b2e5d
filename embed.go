package parley

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// ErrUnauthenticated is what an Authenticator answers, wrapped or as it is, about somebody who is not signed in, and a
// Checker about a session that has ended.
var ErrUnauthenticated = errors.New("parley: nobody is signed in")

// Authenticator says who sends a request: it makes the users of the host, the server that Parley is part of, the people of
// the chat. It is called for each request to the API and for each socket before its upgrade, concurrently, and within
// the five seconds that the request's context lives for. The path of the request's URL is without the folder that Parley
// lies under. It may read whatever it knows people by: a cookie, a header, on sockets a parameter of the query.
//
// An error that is ErrUnauthenticated is answered with 401 and sends the page to Config.SignInURL. Any other error, and a
// panic, is logged without the cookies and the header Authorization that came with the request, and answered with 503.
type Authenticator interface {
	Authenticate(r *http.Request) (Identity, error)
}

// AuthenticatorFunc is an Authenticator of a function.
type AuthenticatorFunc func(r *http.Request) (Identity, error)

// Authenticate implements Authenticator.
func (f AuthenticatorFunc) Authenticate(r *http.Request) (Identity, error) { return f(r) }

// Checker may be implemented by an Authenticator. Then each session with an open socket is looked up again, at least every
// 30 seconds: ErrUnauthenticated closes its sockets with 4002, and what else the Identity says now (name, role) holds
// from then on. On any other error nothing changes until the next time. Calls come one after another, with five seconds
// for each; while one hangs there is no other, and where they take long in all, a round takes longer than 30 seconds. Without a Checker, only Revoke and Identity.Expires end what is open.
type Checker interface {
	// Check is Authenticate for a session key that Authenticate gave out. The key in the answer may be left out.
	Check(ctx context.Context, sessionKey string) (Identity, error)
}

// Identity is who somebody is, as the host says. Apart from SessionKey and Expires it must be the same in all sessions of a
// person: each difference is taken for news, which is stored and closes their sockets.
type Identity struct {
	// ID is the host's own name of this person, 1 to 256 bytes: a number or UUID that is never given to anybody else. It
	// decides who they are here.
	ID string
	// Name is what they are called. Names in the chat are unique, 1 to 32 letters, digits and "-_. ": where another person
	// has it already, or nobody may have it, one is made of it, such as ann-2, which they keep until Name is another one.
	Name string
	// Display is how they want to be called, at most 64 characters; "" means Name.
	Display string
	// Avatar is the path of their picture on the host's site, such as "/avatars/7.png", which the page shows and `GET /api/users`
	// tells. Anything else than a path on the same site is left out.
	Avatar string
	// Role is what they may do; "" means RoleMember. Nobody becomes an owner but by this.
	Role Role
	// Expires is when the host's session ends by itself: their sockets close then, with 4001. The page asks for more a minute
	// before, and Authenticate then says until when. Zero: it does not end by itself.
	Expires time.Time
	// SessionKey names the session at the host, 1 to 4,096 bytes, for Revoke and Checker. Each sign-in has one of its own: a
	// key that belonged to somebody else is refused with 403. It is neither stored (a keyed hash is) nor logged.
	SessionKey string
}

// Role is what somebody may do in the whole workspace.
type Role string

// Roles.
const (
	RoleOwner     Role = "owner"     // everything: disable accounts, rename the workspace, read the audit log
	RoleModerator Role = "moderator" // archive rooms
	RoleMember    Role = "member"
)

// host is the Authenticator for the parts that ask, or nil.
func (c *core) host(set *settings) *auth.Host {
	if set.Authenticator == nil {
		return nil
	}
	cfg := auth.HostConfig{Chat: c.service, Tokens: c.tokens, Secret: c.key, Logger: set.Logger, Ask: func(r *http.Request) (auth.HostIdentity, error) {
		id, err := set.Authenticator.Authenticate(r)
		return id.internal(), strange(err)
	}}
	if checker, ok := set.Authenticator.(Checker); ok {
		cfg.Check = func(ctx context.Context, key string) (auth.HostIdentity, error) {
			id, err := checker.Check(ctx, key)
			return id.internal(), strange(err)
		}
	}
	return auth.NewHost(cfg)
}

func (id Identity) internal() auth.HostIdentity {
	return auth.HostIdentity{
		External: chat.External{ID: id.ID, Name: id.Name, Display: id.Display, Avatar: id.Avatar, Role: chat.Role(id.Role)},
		Expires:  id.Expires, Key: id.SessionKey,
	}
}

// strange is err as package auth knows it.
func strange(err error) error {
	if errors.Is(err, ErrUnauthenticated) {
		return fmt.Errorf("%w: %w", auth.ErrStranger, err)
	}
	return err
}

// Revoke ends a session of the host's: its sockets close with 4002 at once, and its key lets nobody in any more, also where
// a request with it is under way with an answer of the Authenticator from before. Call it after the host has ended the
// session itself: at a sign-out, a new password, a ban. That the key was never seen is no error. ctx must outlive a client
// that hangs up (context.WithoutCancel). It may be called from within the host's handlers, but not after Shutdown.
//
// It is no list of what is banned: a key that never came here is remembered for ten minutes, one that did for as long as
// the person has no 200 sessions after it. An Authenticator that would let an ended session in again, such as one that
// believes signed tokens until they end, must look its own list of revoked ones up.
func (s *Server) Revoke(ctx context.Context, sessionKey string) error {
	if s.host == nil {
		return errors.New("parley: there is nothing to revoke without an Authenticator")
	}
	return s.host.Revoke(ctx, sessionKey)
}

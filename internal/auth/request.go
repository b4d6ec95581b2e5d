package auth

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Sessions is what has to be asked of the sign-ins. chat.Service is one.
type Sessions interface {
	// Session returns a session that lives, and its user; Unauthenticated otherwise.
	Session(ctx context.Context, id chat.SessionID) (chat.Session, chat.User, error)
}

// Identity is who asks.
type Identity struct {
	User    chat.User      // of a guest: ID, Kind, Name and Role
	Session chat.SessionID // "" for a guest
	Expires time.Time      // when the token ends; zero for a guest who came by name alone
	// Claim is, for a guest on an upgrade route, a token with which the same guest comes back.
	Claim string
	// Release gives a guest's name free. It is set on upgrade routes, where it must be called when the connection has
	// closed or was never made; calling it again does nothing. Elsewhere it is nil.
	Release func()
}

// Authenticator finds out who asks. It may be used concurrently.
type Authenticator struct {
	tokens   *Tokens
	sessions Sessions
	guests   *Guests
}

// NewAuthenticator lets people in without an account when guests is not nil.
func NewAuthenticator(tokens *Tokens, sessions Sessions, guests *Guests) *Authenticator {
	return &Authenticator{tokens: tokens, sessions: sessions, guests: guests}
}

// Request finds out who makes a request: by the header Authorization alone. Unauthenticated when it says nothing valid.
func (a *Authenticator) Request(r *http.Request) (Identity, error) {
	raw, given, err := bearer(r)
	switch {
	case err != nil:
		return Identity{}, err
	case !given && r.URL.Query().Has("token"):
		return Identity{}, chat.Errorf(chat.Unauthenticated, "auth", "a token in the address is taken on /ws alone: send it in the header Authorization")
	case !given:
		return Identity{}, errNoToken
	}
	return a.Token(r.Context(), raw)
}

// Upgrade finds out who opens a socket: by the header Authorization, else by ?token=, else, with guests, by ?username=.
// What is given but wrong is refused, whatever else is given. Conflict for a guest's name in use.
func (a *Authenticator) Upgrade(r *http.Request) (Identity, error) {
	raw, given, err := bearer(r)
	if err != nil {
		return Identity{}, err
	}
	query := r.URL.Query()
	if !given && query.Has("token") {
		raw, given = query.Get("token"), true
	}
	switch {
	case given && a.guests != nil && a.isGuest(raw):
		return a.guestBack(r.Context(), raw)
	case given:
		return a.member(r.Context(), raw)
	case a.guests != nil && query.Has("username"):
		return a.guestIn(r.Context(), query.Get("username"))
	case query.Has("username"):
		return Identity{}, chat.Errorf(chat.Unauthenticated, "auth", "a token is needed: this server takes no guests")
	}
	return Identity{}, errNoToken
}

// Token finds out whose token this is: a member's, or, with guests, a guest's whose name nobody else has taken.
func (a *Authenticator) Token(ctx context.Context, raw string) (Identity, error) {
	if a.guests == nil || !a.isGuest(raw) {
		return a.member(ctx, raw)
	}
	claim, err := a.tokens.ParseGuest(raw)
	if err != nil {
		return Identity{}, err
	}
	if err := a.guests.Speaks(ctx, claim.ID, claim.Name); err != nil {
		return Identity{}, err
	}
	return Identity{User: guestUser(Guest{claim.ID, claim.Name}), Expires: claim.Expires}, nil
}

func (a *Authenticator) isGuest(raw string) bool {
	_, err := a.tokens.ParseGuest(raw)
	return err == nil
}

func (a *Authenticator) member(ctx context.Context, raw string) (Identity, error) {
	access, err := a.tokens.ParseAccess(raw)
	if err != nil {
		return Identity{}, err
	}
	_, user, err := a.sessions.Session(ctx, access.Session)
	if err != nil {
		return Identity{}, err
	}
	if user.ID != access.User {
		return Identity{}, errBadToken
	}
	return Identity{User: user, Session: access.Session, Expires: access.Expires}, nil
}

func (a *Authenticator) guestIn(ctx context.Context, name string) (Identity, error) {
	guest, leave, err := a.guests.Enter(ctx, name)
	if err != nil {
		return Identity{}, err
	}
	return a.guestHere(guest, leave)
}

func (a *Authenticator) guestBack(ctx context.Context, raw string) (Identity, error) {
	claim, err := a.tokens.ParseGuest(raw)
	if err != nil {
		return Identity{}, err
	}
	guest, leave, err := a.guests.Return(ctx, claim.ID, claim.Name)
	if err != nil {
		return Identity{}, err
	}
	return a.guestHere(guest, leave)
}

func (a *Authenticator) guestHere(guest Guest, leave func()) (Identity, error) {
	claim, _, err := a.tokens.Guest(guest.ID, guest.Name)
	if err != nil {
		leave()
		return Identity{}, err
	}
	return Identity{User: guestUser(guest), Claim: claim, Release: leave}, nil
}

func guestUser(g Guest) chat.User {
	return chat.User{ID: g.ID, Kind: chat.KindGuest, Name: g.Name, Role: chat.RoleGuest}
}

// bearer returns the token of the header Authorization. Another scheme, or two headers, is an error: what was meant is
// then not what would be checked.
func bearer(r *http.Request) (raw string, given bool, err error) {
	values := r.Header.Values("Authorization")
	switch len(values) {
	case 0:
		return "", false, nil
	case 1:
		scheme, token, ok := strings.Cut(values[0], " ")
		if ok && strings.EqualFold(scheme, "Bearer") {
			return strings.TrimSpace(token), true, nil
		}
	}
	return "", false, chat.Errorf(chat.Unauthenticated, "auth", "the header Authorization must be given once, as Bearer and a token")
}

package auth

import (
	"context"
	"net/http"
	"net/url"

	"github.com/parley-chat/parley/internal/chat"
)

// Upgrade finds out who opens a socket: by the header Authorization, else by ?token=, else by the cookie, else, with
// guests, by ?username=. What is given but wrong is refused, whatever else is given; only a cookie that is wrong does not
// keep a guest out, who cannot take it away. Conflict for a guest's name in use.
//
// A cookie goes with every request of a browser, whoever's page makes it. So it opens a socket only with exactly one
// Origin, Forbidden otherwise; whether that origin is allowed is the gateway's to say.
func (a *Authenticator) Upgrade(r *http.Request) (Identity, error) {
	raw, given, err := bearer(r)
	if err != nil {
		return Identity{}, err
	}
	query := r.URL.Query()
	if !given && query.Has("token") {
		raw, given = query.Get("token"), true
	}
	if given {
		return a.upgradeToken(r.Context(), raw)
	}
	if value, given := a.cookies.Session(r); given {
		who, err := a.upgradeCookie(r, value)
		if chat.CodeOf(err) != chat.Unauthenticated || a.guests == nil || !query.Has("username") {
			return who, err
		}
	}
	return a.upgradeName(r.Context(), query)
}

func (a *Authenticator) upgradeToken(ctx context.Context, raw string) (Identity, error) {
	if claim, ok := a.guestClaim(raw); ok {
		return a.guestBack(ctx, claim)
	}
	return a.Token(ctx, raw)
}

func (a *Authenticator) upgradeCookie(r *http.Request, value string) (Identity, error) {
	who, err := a.cookie(r.Context(), value)
	if err != nil {
		return Identity{}, err
	}
	if len(r.Header.Values("Origin")) != 1 {
		return Identity{}, chat.Errorf(chat.Forbidden, "auth", "a cookie opens a socket for a page alone: the header Origin must be given once; without a page send a token")
	}
	if who.User.Kind != chat.KindGuest {
		return who, nil
	}
	back, err := a.guestBack(r.Context(), GuestClaim{Guest{who.User.ID, who.User.Name, who.User.Email}, who.Expires})
	back.Cookie, back.Expires = err == nil, who.Expires
	return back, err
}

func (a *Authenticator) upgradeName(ctx context.Context, query url.Values) (Identity, error) {
	switch {
	case !query.Has("username"):
		return Identity{}, errNoToken
	case a.guests == nil:
		return Identity{}, chat.Errorf(chat.Unauthenticated, "auth", "a token is needed: this server takes no guests")
	}
	guest, leave, err := a.guests.Enter(ctx, query.Get("username"))
	if err != nil {
		return Identity{}, err
	}
	return a.guestHere(guest, leave)
}

// guestClaim returns what a guest's token says, if it is one and guests are let in.
func (a *Authenticator) guestClaim(raw string) (GuestClaim, bool) {
	if a.guests == nil || raw == "" {
		return GuestClaim{}, false
	}
	claim, err := a.tokens.ParseGuest(raw)
	return claim, err == nil
}

// guest lets a guest act without a connection. With Conflict it still says whose token this is.
func (a *Authenticator) guest(ctx context.Context, claim GuestClaim) (Identity, error) {
	if a.guests.Ended(claim.ID, a.tokens.Now()) {
		return Identity{}, errGuestEnded
	}
	who := Identity{User: guestUser(claim.Guest), Expires: claim.Expires}
	err := a.guests.Speaks(ctx, claim.ID, claim.Name)
	if err != nil && chat.CodeOf(err) != chat.Conflict {
		return Identity{}, err
	}
	return who, err
}

func (a *Authenticator) guestBack(ctx context.Context, claim GuestClaim) (Identity, error) {
	if a.guests.Ended(claim.ID, a.tokens.Now()) {
		return Identity{}, errGuestEnded
	}
	guest, leave, err := a.guests.Return(ctx, claim.Guest)
	if err != nil {
		return Identity{}, err
	}
	return a.guestHere(guest, leave)
}

func (a *Authenticator) guestHere(guest Guest, leave func()) (Identity, error) {
	claim, _, err := a.tokens.Guest(guest)
	if err != nil {
		leave()
		return Identity{}, err
	}
	return Identity{User: guestUser(guest), Claim: claim, Release: leave}, nil
}

func guestUser(g Guest) chat.User {
	return chat.User{ID: g.ID, Kind: chat.KindGuest, Name: g.Name, Role: chat.RoleGuest, Email: g.Email}
}

var errGuestEnded = chat.Errorf(chat.Unauthenticated, "auth", "this guest has signed out")

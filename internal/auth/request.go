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
	// SessionBySecret is Session for the secret of a cookie.
	SessionBySecret(ctx context.Context, secret []byte) (chat.Session, chat.User, error)
	// SessionSeen notes that a session is in use, now and then.
	SessionSeen(ctx context.Context, se chat.Session) error
}

// Identity is who asks.
type Identity struct {
	User    chat.User      // of a guest: ID, Kind, Name, Role and Email
	Session chat.SessionID // "" for a guest
	// Expires is when the token ends; zero for a guest who came by name alone. A member who came by the cookie is given the
	// life of an access token, so that a socket proves now and then that its session lives.
	Expires time.Time
	Cookie  bool // came by the cookie
	// Claim is, for a guest on an upgrade route, a token with which the same guest comes back.
	Claim string
	// Release gives a guest's name free. It is set on upgrade routes, where it must be called when the connection has
	// closed or was never made; calling it again does nothing. Elsewhere it is nil.
	Release func()

	// Ends is when the host's session ends, however often it is refreshed here; zero: that is not known.
	Ends time.Time
	// Alive asks the host whether its session goes on: Unauthenticated if not, any other error if it cannot tell. nil: there
	// is nobody to ask.
	Alive func(context.Context) error

	cookie string // the value of a member's cookie, by which they came
}

// AuthenticatorConfig is what an Authenticator is made of. Tokens and Sessions are required.
type AuthenticatorConfig struct {
	Tokens   *Tokens
	Sessions Sessions
	Guests   *Guests // nil: nobody is let in without an account
	Cookies  Cookies
	TokenTTL time.Duration // of who came by the cookie; 0 means AccessTTL
}

// Authenticator finds out who asks. It may be used concurrently.
type Authenticator struct {
	tokens   *Tokens
	sessions Sessions
	guests   *Guests
	cookies  Cookies
	ttl      time.Duration
}

// NewAuthenticator puts an Authenticator together.
func NewAuthenticator(cfg AuthenticatorConfig) *Authenticator {
	if cfg.TokenTTL == 0 {
		cfg.TokenTTL = AccessTTL
	}
	return &Authenticator{tokens: cfg.Tokens, sessions: cfg.Sessions, guests: cfg.Guests, cookies: cfg.Cookies, ttl: cfg.TokenTTL}
}

// Request finds out who makes a request: by the header Authorization, else by the cookie. What is given but wrong is
// refused, whatever else is given. Unauthenticated when nothing valid is said.
func (a *Authenticator) Request(r *http.Request) (Identity, error) {
	raw, given, err := bearer(r)
	switch {
	case err != nil:
		return Identity{}, err
	case given:
		return a.Token(r.Context(), raw)
	case r.URL.Query().Has("token"):
		return Identity{}, chat.Errorf(chat.Unauthenticated, "auth", "a token in the address is taken on /ws alone: send it in the header Authorization")
	}
	return a.byCookie(r)
}

// Refresher finds out who asks for fresh tokens: as Request does, except that an access token may have ended up to
// RefreshTime ago, as long as its session lives. A guest's token must not have ended, for no session stands behind it.
// With Conflict, for a guest whose name somebody else has by now, the Identity still says who asks: they may sign out.
func (a *Authenticator) Refresher(r *http.Request) (Identity, error) {
	raw, given, err := bearer(r)
	if err != nil || !given {
		if err == nil {
			return a.Request(r)
		}
		return Identity{}, err
	}
	if access, err := a.tokens.ParseLate(raw); err == nil {
		return a.member(r.Context(), access)
	}
	return a.Token(r.Context(), raw)
}

// Token finds out whose token this is: a member's, or, with guests, a guest's whose name nobody else has taken.
func (a *Authenticator) Token(ctx context.Context, raw string) (Identity, error) {
	if claim, ok := a.guestClaim(raw); ok {
		return a.guest(ctx, claim)
	}
	access, err := a.tokens.ParseAccess(raw)
	if err != nil {
		return Identity{}, err
	}
	return a.member(ctx, access)
}

func (a *Authenticator) byCookie(r *http.Request) (Identity, error) {
	value, given := a.cookies.Session(r)
	if !given {
		return Identity{}, errNoToken
	}
	return a.cookie(r.Context(), value)
}

// cookie finds out whose cookie this is.
func (a *Authenticator) cookie(ctx context.Context, value string) (Identity, error) {
	secret, token := parseCookie(value)
	if claim, ok := a.guestClaim(token); ok {
		who, err := a.guest(ctx, claim)
		who.Cookie = err == nil
		return who, err
	}
	if secret == nil {
		return Identity{}, errBadCookie
	}
	se, user, err := a.sessions.SessionBySecret(ctx, secret)
	if err != nil {
		return Identity{}, err
	}
	who := a.present(ctx, se, user)
	who.Expires, who.Cookie, who.cookie = a.tokens.Now().Add(a.ttl).Truncate(time.Second).UTC(), true, value
	return who, nil
}

func (a *Authenticator) member(ctx context.Context, access Access) (Identity, error) {
	se, user, err := a.sessions.Session(ctx, access.Session)
	if err != nil {
		return Identity{}, err
	}
	if user.ID != access.User {
		return Identity{}, errBadToken
	}
	who := a.present(ctx, se, user)
	who.Expires = access.Expires
	return who, nil
}

// present notes that the session is in use. Whether that can be noted now makes no difference to who asks; the next
// request tries again.
func (a *Authenticator) present(ctx context.Context, se chat.Session, user chat.User) Identity {
	_ = a.sessions.SessionSeen(ctx, se)
	return Identity{User: user, Session: se.ID}
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

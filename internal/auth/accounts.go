package auth

import (
	"context"
	"crypto/rand"
	"net/netip"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/names"
)

// Mode says who may make an account.
type Mode string

// Modes.
const (
	ModeInvite Mode = "invite" // who has an invitation
	ModeOpen   Mode = "open"   // everybody
	ModeClosed Mode = "closed" // nobody, but for the command line
)

// Throttle bounds tries. limit.Limiter is one.
type Throttle interface {
	// Guess asks for one try at an account's password. device names a device that has signed in to this account before, ""
	// for none: what strangers try does not hold it up. When it is too early, ok is false and retryAfter says when to come
	// again.
	Guess(account string, addr netip.Addr, device string) (retryAfter time.Duration, ok bool)
	// GiveBack says that the try which Guess has allowed was no guess: the password was right, or not looked at.
	GiveBack(account string, addr netip.Addr, device string)
	// Register asks for one new account or guest, or one look at an invitation.
	Register(addr netip.Addr) (retryAfter time.Duration, ok bool)
}

// Client is who tries to sign in, as far as the request tells; see Cookies.Client.
type Client struct {
	Addr       netip.Addr
	UserAgent  string
	Device     string // value of the device's cookie
	OldSession string // value of the session's cookie: that session ends when another begins
}

// SignIn is what somebody gets who has signed in.
type SignIn struct {
	Token     string // an access token, or a guest's
	Expires   time.Time
	User      chat.User
	Cookie    string // value of the session's cookie, "" for none
	CookieAge time.Duration
	Device    string // value of the device's cookie, "" when the browser keeps the one it has
}

// AccountsConfig is what Accounts is made of. Chat and Passwords are required, Tokens for everything but SetPassword.
type AccountsConfig struct {
	Chat      *chat.Service
	Tokens    *Tokens
	Passwords *Passwords
	Guests    *Guests       // nil: nobody is let in without an account
	Mode      Mode          // "" means ModeInvite
	Setup     *Setup        // nil: there is no set-up code
	Throttle  Throttle      // nil: no limits
	TokenTTL  time.Duration // of access tokens; 0 means AccessTTL
	// GuestEnded is told of each guest who has signed out, once no token of theirs works any more. It must not block; nil:
	// nobody is told.
	GuestEnded func(chat.UserID)
}

// Accounts lets people in and out. It may be used concurrently.
//
// Nothing that it answers tells whether an account exists, except to whoever knows its password or wants its name.
type Accounts struct {
	cfg AccountsConfig
}

// NewAccounts puts Accounts together.
func NewAccounts(cfg AccountsConfig) *Accounts {
	if cfg.Mode == "" {
		cfg.Mode = ModeInvite
	}
	if cfg.Throttle == nil {
		cfg.Throttle = unlimited{}
	}
	if cfg.GuestEnded == nil {
		cfg.GuestEnded = func(chat.UserID) {}
	}
	return &Accounts{cfg}
}

// Mode says who may make an account.
func (a *Accounts) Mode() Mode { return a.cfg.Mode }

// GuestsAllowed says whether people are let in without one.
func (a *Accounts) GuestsAllowed() bool { return a.cfg.Guests != nil }

// Refresh gives fresh tokens to whom Authenticator.Refresher has found. Who came by the cookie keeps it for longer; who
// came by a token gets none.
func (a *Accounts) Refresh(_ context.Context, who Identity) (SignIn, error) {
	if who.User.Kind == chat.KindGuest {
		return a.guestIn(Guest{who.User.ID, who.User.Name, who.User.Email}, who.Cookie)
	}
	ttl := a.cfg.TokenTTL
	if !who.Ends.IsZero() {
		if ttl == 0 {
			ttl = AccessTTL
		}
		ttl = max(time.Second, min(ttl, who.Ends.Sub(a.cfg.Tokens.Now())))
	}
	in, err := a.tokenFor(who.User, who.Session, ttl)
	if err == nil && who.Cookie {
		in.Cookie, in.CookieAge = who.cookie, chat.SessionIdle
	}
	return in, err
}

// Logout ends the session that who came by, or all that a guest has of tokens. Sockets close with it.
func (a *Accounts) Logout(ctx context.Context, who Identity) error {
	if who.User.Kind == chat.KindGuest {
		a.endGuest(who.User.ID)
		return nil
	}
	return a.cfg.Chat.RevokeSession(ctx, who.Session)
}

// GuestEnded says whether a guest has signed out, so that no token of theirs works any more.
func (a *Accounts) GuestEnded(id chat.UserID) bool {
	return a.cfg.Guests != nil && a.cfg.Guests.Ended(id, a.cfg.Tokens.Now())
}

func (a *Accounts) endGuest(id chat.UserID) {
	if a.cfg.Guests == nil {
		return
	}
	a.cfg.Guests.End(id, a.cfg.Tokens.Now())
	a.cfg.GuestEnded(id)
}

// Guest lets somebody in without an account. Forbidden where there are no guests, Conflict for a name in use, Invalid for
// a name or e-mail address that cannot be. The name is held by the connections that follow, not yet by this.
func (a *Accounts) Guest(ctx context.Context, c Client, name, email string) (SignIn, error) {
	const op = "auth.Accounts.Guest"
	if a.cfg.Guests == nil {
		return SignIn{}, chat.Errorf(chat.Forbidden, op, "this server takes no guests: sign in, or ask for an invitation")
	}
	if err := a.mayRegister(op, c.Addr); err != nil {
		return SignIn{}, err
	}
	email = strings.TrimSpace(email)
	if err := chat.CheckEmail(email); err != nil {
		return SignIn{}, err
	}
	guest, leave, err := a.cfg.Guests.Enter(ctx, name)
	if err != nil {
		return SignIn{}, err
	}
	leave()
	if err := a.endOld(ctx, c.OldSession); err != nil {
		return SignIn{}, err
	}
	guest.Email = email
	return a.guestIn(guest, true)
}

func (a *Accounts) guestIn(guest Guest, cookie bool) (SignIn, error) {
	token, expires, err := a.cfg.Tokens.Guest(guest)
	if err != nil {
		return SignIn{}, err
	}
	in := SignIn{Token: token, Expires: expires, User: guestUser(guest)}
	if cookie {
		in.Cookie, in.CookieAge = guestCookie+token, expires.Sub(a.cfg.Tokens.Now())
	}
	return in, nil
}

// open begins a new session of user and ends the one that the browser had: whoever planted that one, or sits before the
// same browser, has no part in the new one.
func (a *Accounts) open(ctx context.Context, c Client, user chat.User) (SignIn, chat.SessionID, error) {
	if err := a.endOld(ctx, c.OldSession); err != nil {
		return SignIn{}, "", err
	}
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	se, err := a.cfg.Chat.OpenSession(ctx, user.ID, c.UserAgent, secret)
	if err != nil {
		return SignIn{}, "", err
	}
	in, err := a.tokenFor(user, se.ID, a.cfg.TokenTTL)
	if err != nil {
		return SignIn{}, "", err
	}
	in.Cookie, in.CookieAge = memberCookie(secret), chat.SessionIdle
	in.Device, err = a.deviceFor(c.Device, user.ID)
	return in, se.ID, err
}

func (a *Accounts) tokenFor(user chat.User, session chat.SessionID, ttl time.Duration) (SignIn, error) {
	token, expires, err := a.cfg.Tokens.Access(user.ID, session, ttl)
	return SignIn{Token: token, Expires: expires, User: user}, err
}

// endOld ends what a browser's cookie stands for, if it stands for anything.
func (a *Accounts) endOld(ctx context.Context, cookie string) error {
	secret, token := parseCookie(cookie)
	if token != "" {
		if claim, err := a.cfg.Tokens.ParseGuest(token); err == nil {
			a.endGuest(claim.ID)
		}
		return nil
	}
	if secret == nil {
		return nil
	}
	se, _, err := a.cfg.Chat.SessionBySecret(ctx, secret)
	switch {
	case chat.CodeOf(err) == chat.Unauthenticated:
		return nil
	case err != nil:
		return err
	}
	return a.cfg.Chat.RevokeSession(ctx, se.ID)
}

// deviceFor returns the token by which a device is known that has signed in to user's account, "" when the one it has
// will do.
func (a *Accounts) deviceFor(raw string, user chat.UserID) (string, error) {
	now := a.cfg.Tokens.Now()
	id := chat.NewUUID(now)
	if d, err := a.cfg.Tokens.ParseDevice(raw); err == nil && d.User == user {
		if d.Expires.Sub(now) > DeviceTTL/2 {
			return "", nil
		}
		id = d.ID
	}
	token, _, err := a.cfg.Tokens.Device(id, user)
	return token, err
}

// knownDevice names the device if it has signed in to user's account before.
func (a *Accounts) knownDevice(raw string, user chat.UserID) string {
	d, err := a.cfg.Tokens.ParseDevice(raw)
	if err != nil || user == "" || d.User != user {
		return ""
	}
	return d.ID
}

// accountKey names what is guessed at, whether there is such an account or not. All spellings of a name are one, as they
// lead to one account. A name and an address are two even if they are the same person's: else a guesser who is held up
// would learn whose address it is.
func accountKey(nameOrEmail string) string {
	if isEmail(nameOrEmail) {
		return "email " + strings.ToLower(strings.TrimSpace(nameOrEmail))
	}
	if clean, err := names.Clean(nameOrEmail); err == nil {
		nameOrEmail = clean
	}
	return "name " + names.Skeleton(nameOrEmail)
}

// isEmail tells an address from a name, which has no @.
func isEmail(nameOrEmail string) bool { return strings.Contains(nameOrEmail, "@") }

func (a *Accounts) mayRegister(op string, addr netip.Addr) error {
	if after, ok := a.cfg.Throttle.Register(addr); !ok {
		return tooEarly(op, "too many people come in from this address: wait a moment", after)
	}
	return nil
}

func tooEarly(op, message string, after time.Duration) error {
	return &chat.Error{Code: chat.RateLimited, Op: op, Message: message, RetryAfter: after}
}

// unlimited is a Throttle that never says no.
type unlimited struct{}

func (unlimited) Guess(string, netip.Addr, string) (time.Duration, bool) { return 0, true }
func (unlimited) GiveBack(string, netip.Addr, string)                    {}
func (unlimited) Register(netip.Addr) (time.Duration, bool)              { return 0, true }

package auth

import (
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/parley-chat/parley/internal/chat"
)

// Lifetimes of tokens.
const (
	AccessTTL    = 15 * time.Minute
	GuestTTL     = 24 * time.Hour
	MaxTTL       = 30 * 24 * time.Hour  // the longest that is made, of those that let somebody in
	DeviceTTL    = 365 * 24 * time.Hour // of the word that a device has signed in before
	RefreshTime  = 30 * 24 * time.Hour  // after the end of an access token, within which it can be exchanged for a fresh one
	maxRemaining = 31 * 24 * time.Hour  // the longest that is believed
	maxDevice    = 366 * 24 * time.Hour // the same, of a device's
)

// maxToken bounds a token before it is looked at, in bytes. Ours have about 300.
const maxToken = 4096

const issuer = "parley"

// Types of tokens, in the claim "typ". One type never stands for another.
const (
	typeAccess = "access"
	typeGuest  = "guest"
	typeDevice = "device"
)

type claims struct {
	jwt.RegisteredClaims
	Type    string `json:"typ"`
	Session string `json:"sid,omitempty"`   // access
	Name    string `json:"name,omitempty"`  // guest
	Email   string `json:"email,omitempty"` // guest
}

// Access is what an access token says.
type Access struct {
	User    chat.UserID
	Session chat.SessionID
	Expires time.Time
}

// GuestClaim is what a guest's token says.
type GuestClaim struct {
	Guest
	Expires time.Time
}

// Device is what a device's token says: somebody has signed in to this account from it.
type Device struct {
	ID      string
	User    chat.UserID
	Expires time.Time
}

// Tokens makes and checks tokens: JWT, signed by HMAC-SHA256 with one key. It may be used concurrently.
type Tokens struct {
	key    []byte
	now    func() time.Time
	strict *jwt.Parser
	late   *jwt.Parser // takes what has ended up to RefreshTime ago
}

// NewTokens uses the given key of at least 32 bytes. now may be nil: then it is the system's clock, except that setting
// that back revives no token.
func NewTokens(key []byte, now func() time.Time) (*Tokens, error) {
	if len(key) < 32 {
		return nil, errors.New("auth: the token key must have at least 32 bytes")
	}
	if now == nil {
		now = systemClock()
	}
	rules := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(),
	}
	// Not jwt.WithLeeway, which would also take a token that is not valid yet.
	earlier := func() time.Time { return now().Add(-RefreshTime) }
	return &Tokens{
		key: key, now: now,
		strict: jwt.NewParser(append(rules[:len(rules):len(rules)], jwt.WithTimeFunc(now))...),
		late:   jwt.NewParser(append(rules[:len(rules):len(rules)], jwt.WithTimeFunc(earlier))...),
	}, nil
}

// Now is the time by which tokens live and end.
func (t *Tokens) Now() time.Time { return t.now() }

// Access signs a token for a session. ttl lies between one second and MaxTTL; 0 means AccessTTL.
func (t *Tokens) Access(user chat.UserID, session chat.SessionID, ttl time.Duration) (string, time.Time, error) {
	if ttl == 0 {
		ttl = AccessTTL
	}
	if ttl < time.Second || ttl > MaxTTL {
		return "", time.Time{}, chat.Errorf(chat.Invalid, "auth.Tokens", "ttl must be between 1s and %s", MaxTTL)
	}
	return t.sign(claims{Type: typeAccess, Session: string(session), RegisteredClaims: jwt.RegisteredClaims{Subject: string(user)}}, ttl)
}

// Guest signs a token with which the same guest comes back.
func (t *Tokens) Guest(g Guest) (string, time.Time, error) {
	return t.sign(claims{Type: typeGuest, Name: g.Name, Email: g.Email, RegisteredClaims: jwt.RegisteredClaims{Subject: string(g.ID)}}, GuestTTL)
}

// Device signs the word that the device id has signed in to an account. It lets nobody in.
func (t *Tokens) Device(id string, user chat.UserID) (string, time.Time, error) {
	return t.sign(claims{Type: typeDevice, RegisteredClaims: jwt.RegisteredClaims{Subject: string(user), ID: id}}, DeviceTTL)
}

func (t *Tokens) sign(c claims, ttl time.Duration) (string, time.Time, error) {
	const op = "auth.Tokens"
	now := t.now().Truncate(time.Second)
	expires := now.Add(ttl.Truncate(time.Second))
	c.Issuer, c.IssuedAt, c.ExpiresAt = issuer, jwt.NewNumericDate(now), jwt.NewNumericDate(expires)
	raw, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key)
	return raw, expires.UTC(), chat.WrapInternal(op, err)
}

// ParseAccess checks an access token. It does not ask whether the session lives. Every error is Unauthenticated.
func (t *Tokens) ParseAccess(raw string) (Access, error) { return t.parseAccess(t.strict, raw) }

// ParseLate is ParseAccess that also takes a token whose end is past by less than RefreshTime.
func (t *Tokens) ParseLate(raw string) (Access, error) { return t.parseAccess(t.late, raw) }

func (t *Tokens) parseAccess(p *jwt.Parser, raw string) (Access, error) {
	c, err := t.parse(p, raw, maxRemaining)
	if err != nil {
		return Access{}, err
	}
	if c.Type != typeAccess || c.Session == "" || c.Subject == "" {
		return Access{}, errBadToken
	}
	return Access{User: chat.UserID(c.Subject), Session: chat.SessionID(c.Session), Expires: c.ExpiresAt.UTC()}, nil
}

// ParseGuest checks a guest's token. Every error is Unauthenticated.
func (t *Tokens) ParseGuest(raw string) (GuestClaim, error) {
	c, err := t.parse(t.strict, raw, maxRemaining)
	if err != nil {
		return GuestClaim{}, err
	}
	if _, ok := chat.ParseUUID(c.Subject); !ok || c.Type != typeGuest || c.Name == "" {
		return GuestClaim{}, errBadToken
	}
	return GuestClaim{Guest{chat.UserID(c.Subject), c.Name, c.Email}, c.ExpiresAt.UTC()}, nil
}

// ParseDevice checks a device's token. Every error is Unauthenticated.
func (t *Tokens) ParseDevice(raw string) (Device, error) {
	c, err := t.parse(t.strict, raw, maxDevice)
	if err != nil {
		return Device{}, err
	}
	if _, ok := chat.ParseUUID(c.ID); !ok || c.Type != typeDevice || c.Subject == "" {
		return Device{}, errBadToken
	}
	return Device{ID: c.ID, User: chat.UserID(c.Subject), Expires: c.ExpiresAt.UTC()}, nil
}

// Why a token is refused. The one who sent it learns no more than this; in particular not what was wrong with a forged one.
var (
	errNoToken  = chat.Errorf(chat.Unauthenticated, "auth", "a token is needed")
	errBadToken = chat.Errorf(chat.Unauthenticated, "auth", "the token is not valid")
	errExpired  = chat.Errorf(chat.Unauthenticated, "auth", "the token has expired")
)

// parse verifies the signature and the times. Its key does not depend on the token, so kid, jku, jwk and x5u in a
// header lead nowhere.
func (t *Tokens) parse(p *jwt.Parser, raw string, most time.Duration) (*claims, error) {
	if raw == "" {
		return nil, errNoToken
	}
	// Decoders of base64 pass over line breaks, which would give one token many forms.
	if len(raw) > maxToken || strings.ContainsAny(raw, "\r\n") {
		return nil, errBadToken
	}
	var c claims
	token, err := p.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return t.key, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return nil, errExpired
	case err != nil || !token.Valid || c.ExpiresAt == nil:
		return nil, errBadToken
	case c.ExpiresAt.Sub(t.now()) > most:
		return nil, errBadToken // nobody here makes such; a clock that was set back does not revive an old one either
	}
	return &c, nil
}

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
	MaxTTL       = 30 * 24 * time.Hour // the longest that is made
	maxRemaining = 31 * 24 * time.Hour // the longest that is believed
)

// maxToken bounds a token before it is looked at, in bytes. Ours have about 300.
const maxToken = 4096

const issuer = "parley"

// Types of tokens, in the claim "typ". One type never stands for another.
const (
	typeAccess = "access"
	typeGuest  = "guest"
)

type claims struct {
	jwt.RegisteredClaims
	Type    string `json:"typ"`
	Session string `json:"sid,omitempty"`  // access
	Name    string `json:"name,omitempty"` // guest
}

// Access is what an access token says.
type Access struct {
	User    chat.UserID
	Session chat.SessionID
	Expires time.Time
}

// GuestClaim is what a guest's token says.
type GuestClaim struct {
	ID      chat.UserID
	Name    string
	Expires time.Time
}

// Tokens makes and checks tokens: JWT, signed by HMAC-SHA256 with one key. It may be used concurrently.
type Tokens struct {
	key    []byte
	now    func() time.Time
	parser *jwt.Parser
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
	return &Tokens{key: key, now: now, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(now),
	)}, nil
}

// Now is the time by which tokens live and end.
func (t *Tokens) Now() time.Time { return t.now() }

// Access signs a token for a session. ttl lies between one second and MaxTTL; 0 means AccessTTL.
func (t *Tokens) Access(user chat.UserID, session chat.SessionID, ttl time.Duration) (string, time.Time, error) {
	if ttl == 0 {
		ttl = AccessTTL
	}
	return t.sign(claims{Type: typeAccess, Session: string(session), RegisteredClaims: jwt.RegisteredClaims{Subject: string(user)}}, ttl)
}

// Guest signs a token with which the same guest comes back.
func (t *Tokens) Guest(id chat.UserID, name string) (string, time.Time, error) {
	return t.sign(claims{Type: typeGuest, Name: name, RegisteredClaims: jwt.RegisteredClaims{Subject: string(id)}}, GuestTTL)
}

func (t *Tokens) sign(c claims, ttl time.Duration) (string, time.Time, error) {
	const op = "auth.Tokens"
	if ttl < time.Second || ttl > MaxTTL {
		return "", time.Time{}, chat.Errorf(chat.Invalid, op, "ttl must be between 1s and %s", MaxTTL)
	}
	now := t.now().Truncate(time.Second)
	expires := now.Add(ttl.Truncate(time.Second))
	c.Issuer, c.IssuedAt, c.ExpiresAt = issuer, jwt.NewNumericDate(now), jwt.NewNumericDate(expires)
	raw, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key)
	return raw, expires.UTC(), chat.WrapInternal(op, err)
}

// ParseAccess checks an access token. It does not ask whether the session lives. Every error is Unauthenticated.
func (t *Tokens) ParseAccess(raw string) (Access, error) {
	c, err := t.parse(raw)
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
	c, err := t.parse(raw)
	if err != nil {
		return GuestClaim{}, err
	}
	if _, ok := chat.ParseUUID(c.Subject); !ok || c.Type != typeGuest || c.Name == "" {
		return GuestClaim{}, errBadToken
	}
	return GuestClaim{ID: chat.UserID(c.Subject), Name: c.Name, Expires: c.ExpiresAt.UTC()}, nil
}

// Why a token is refused. The one who sent it learns no more than this; in particular not what was wrong with a forged one.
var (
	errNoToken  = chat.Errorf(chat.Unauthenticated, "auth", "a token is needed")
	errBadToken = chat.Errorf(chat.Unauthenticated, "auth", "the token is not valid")
	errExpired  = chat.Errorf(chat.Unauthenticated, "auth", "the token has expired")
)

// parse verifies the signature and the times. Its key does not depend on the token, so kid, jku, jwk and x5u in a
// header lead nowhere.
func (t *Tokens) parse(raw string) (*claims, error) {
	if raw == "" {
		return nil, errNoToken
	}
	// Decoders of base64 pass over line breaks, which would give one token many forms.
	if len(raw) > maxToken || strings.ContainsAny(raw, "\r\n") {
		return nil, errBadToken
	}
	var c claims
	token, err := t.parser.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return t.key, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return nil, errExpired
	case err != nil || !token.Valid || c.ExpiresAt == nil:
		return nil, errBadToken
	case c.ExpiresAt.Sub(t.now()) > maxRemaining:
		return nil, errBadToken // nobody here makes such; a clock that was set back does not revive an old one either
	}
	return &c, nil
}

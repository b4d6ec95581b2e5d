package chat

import (
	"context"
	"crypto/sha256"
	"time"
)

// Bounds of sessions.
const (
	// MaxSessions is how many sign-ins of one user are kept. A further one takes the place of one that has ended, else of
	// the oldest, which ends.
	MaxSessions = 200
	// SessionIdle is how long a session lives that nobody uses.
	SessionIdle = 30 * 24 * time.Hour
	// SeenEvery is how often it is written down that a session is used, at most.
	SeenEvery = time.Hour

	minSecret = 16 // bytes of a cookie's secret: what can be guessed is refused
)

// SessionID is the public id of a session, as tokens carry it (a UUID).
type SessionID string

// Session is one sign-in of a user. A token is valid while its session lives; so is a cookie that carries its secret.
type Session struct {
	ID         SessionID
	User       UserID
	Created    time.Time
	LastSeen   time.Time // to within SeenEvery
	UserAgent  string
	Revoked    bool
	SecretHash []byte // SHA-256 of the cookie's secret; nil: it has tokens alone
}

// idle says whether nobody has used the session for so long that it has ended.
func (se Session) idle(now time.Time) bool { return now.Sub(se.LastSeen) > SessionIdle }

// SessionStore keeps sign-ins.
type SessionStore interface {
	// CreateSession stores s, and forgets others of its user beyond MaxSessions: those that are revoked or idle when s is
	// created, then the oldest. ended are the forgotten ones that were not revoked. NotFound when there is no such user,
	// Forbidden when they are disabled: so no session outlives the account's being disabled, whichever comes first. Conflict
	// when there is one with this ID or SecretHash.
	CreateSession(ctx context.Context, s Session) (ended []SessionID, err error)
	// Session returns the session and its user, or NotFound.
	Session(ctx context.Context, id SessionID) (Session, User, error)
	// SessionBySecret is Session for the one with this SecretHash. An index finds it: how long that takes may depend on the
	// hashes that are there, but nobody can choose a secret by the hash it has.
	SessionBySecret(ctx context.Context, hash []byte) (Session, User, error)
	// Sessions lists those of a user that are not revoked and were seen at since or later, last seen first.
	Sessions(ctx context.Context, user UserID, since time.Time) ([]Session, error)
	// SeeSession sets LastSeen to at, unless it is less than SeenEvery before it already, or the session is revoked.
	SeeSession(ctx context.Context, id SessionID, at time.Time) error
	// RevokeSession marks it revoked; revoking twice is no error.
	RevokeSession(ctx context.Context, id SessionID) error
	// RevokeSessions revokes all of a user but except, which may be "", and returns those that were not revoked before.
	RevokeSessions(ctx context.Context, user UserID, except SessionID) ([]SessionID, error)
}

// OpenSession signs user in. secret is what the browser's cookie will carry, at least 16 random bytes, of which only a
// hash is stored; nil: there is no cookie. Forbidden when the account is disabled.
//
// Whoever has compared a password before this must look at the user once more after it, and end the session if the
// password is another one now: it may have been changed meanwhile.
func (s *Service) OpenSession(ctx context.Context, user UserID, userAgent string, secret []byte) (Session, error) {
	const op = "chat.OpenSession"
	norm, ok := NormalUUID(string(user))
	if !ok {
		return Session{}, Errorf(Invalid, op, "user is not a UUID")
	}
	var hash []byte
	if secret != nil {
		if len(secret) < minSecret {
			return Session{}, Errorf(Invalid, op, "secret is shorter than %d bytes", minSecret)
		}
		hash = secretHash(secret)
	}
	now := s.now()
	se := Session{
		ID: SessionID(s.cfg.NewID()), User: UserID(norm), Created: now, LastSeen: now,
		UserAgent: cutText(userAgent, MaxUserAgent), SecretHash: hash,
	}
	ended, err := s.store.CreateSession(ctx, se)
	if err != nil {
		return Session{}, withOp(op, err)
	}
	s.sessionsEnded(ended...)
	return se, nil
}

func secretHash(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return sum[:]
}

// Session returns a session that lives, and its user. Unauthenticated when it is unknown, revoked or idle or the user is
// disabled.
func (s *Service) Session(ctx context.Context, id SessionID) (Session, User, error) {
	const op = "chat.Session"
	norm, ok := NormalUUID(string(id))
	if !ok {
		return Session{}, User{}, Errorf(Unauthenticated, op, "there is no such session")
	}
	se, u, err := s.store.Session(ctx, SessionID(norm))
	return s.living(op, se, u, err)
}

// SessionBySecret is Session for the secret of a cookie.
func (s *Service) SessionBySecret(ctx context.Context, secret []byte) (Session, User, error) {
	const op = "chat.SessionBySecret"
	if len(secret) < minSecret {
		return Session{}, User{}, Errorf(Unauthenticated, op, "there is no such session")
	}
	se, u, err := s.store.SessionBySecret(ctx, secretHash(secret))
	return s.living(op, se, u, err)
}

// living refuses a session that has ended.
func (s *Service) living(op string, se Session, u User, err error) (Session, User, error) {
	var refused string
	switch {
	case CodeOf(err) == NotFound:
		refused = "there is no such session"
	case err != nil:
		return Session{}, User{}, withOp(op, err)
	case se.Revoked && !s.mutant.on("token-outlives-session"):
		refused = "this session has been signed out"
	case u.Disabled:
		refused = "this account is disabled"
	case se.idle(s.now()):
		refused = "this session has ended, for it was not used for 30 days: sign in again"
	default:
		return se, u, nil
	}
	return Session{}, User{}, Errorf(Unauthenticated, op, "%s", refused)
}

// SessionSeen writes down that se is in use, at most once each SeenEvery.
func (s *Service) SessionSeen(ctx context.Context, se Session) error {
	now := s.now()
	if now.Sub(se.LastSeen) < SeenEvery {
		return nil
	}
	return withOp("chat.SessionSeen", s.store.SeeSession(ctx, se.ID, now))
}

// Sessions lists the sessions of user that live, last seen first.
func (s *Service) Sessions(ctx context.Context, user UserID) ([]Session, error) {
	ses, err := s.store.Sessions(ctx, user, s.now().Add(-SessionIdle))
	return ses, withOp("chat.Sessions", err)
}

// EndSession signs one session of user out. NotFound unless it is theirs and lives.
func (s *Service) EndSession(ctx context.Context, user UserID, id SessionID) error {
	const op = "chat.EndSession"
	se, _, err := s.Session(ctx, id)
	if CodeOf(err) == Unauthenticated || err == nil && se.User != user {
		return Errorf(NotFound, op, "there is no such session")
	}
	if err != nil {
		return withOp(op, err)
	}
	return s.RevokeSession(ctx, se.ID)
}

// EndSessions signs all sessions of user out but except, which may be "". It returns how many.
func (s *Service) EndSessions(ctx context.Context, user UserID, except SessionID) (int, error) {
	ended, err := s.store.RevokeSessions(ctx, user, except)
	if err != nil {
		return 0, withOp("chat.EndSessions", err)
	}
	s.sessionsEnded(ended...)
	return len(ended), nil
}

// RevokeSession signs a session out for ever. Revoking twice, or what never was, is no error.
func (s *Service) RevokeSession(ctx context.Context, id SessionID) error {
	norm, ok := NormalUUID(string(id))
	if !ok {
		return nil
	}
	if err := s.store.RevokeSession(ctx, SessionID(norm)); err != nil {
		return withOp("chat.RevokeSession", err)
	}
	s.sessionsEnded(SessionID(norm))
	return nil
}

func (s *Service) sessionsEnded(ids ...SessionID) {
	if s.cfg.SessionEnded == nil {
		return
	}
	for _, id := range ids {
		s.cfg.SessionEnded(id)
	}
}

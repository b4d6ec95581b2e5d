package chat

import (
	"context"
	"strings"
	"unicode/utf8"
)

// Limits of what people say about themselves.
const (
	MaxDisplay   = 64  // code points
	MaxEmail     = 254 // bytes
	MaxUserAgent = 256 // bytes; what is longer is cut
	MaxList      = 200 // users or members in one answer
)

// NewUser is what an account is made from.
type NewUser struct {
	Name         string // see CheckName
	Display      string // at most MaxDisplay code points; "" means Name
	Email        string // at most MaxEmail bytes, may be ""
	PasswordHash string // PHC string, may be ""
	Role         Role   // "" means RoleMember; the first member of a workspace becomes its owner whatever is asked
}

// CreateUser makes a member. Conflict when the name is in use or looks like one that is.
func (s *Service) CreateUser(ctx context.Context, nu NewUser) (User, error) {
	const op = "chat.CreateUser"
	name, err := s.cfg.CleanName(nu.Name)
	if err != nil {
		return User{}, withOp(op, err)
	}
	if err := checkLine(op, "display", nu.Display, MaxDisplay); err != nil {
		return User{}, err
	}
	if err := checkEmail(op, nu.Email); err != nil {
		return User{}, err
	}
	switch nu.Role {
	case "":
		nu.Role = RoleMember
	case RoleOwner, RoleModerator, RoleMember:
	default:
		return User{}, Errorf(Invalid, op, "role must be owner, moderator or member")
	}
	u, err := s.store.CreateUser(ctx, User{
		ID: UserID(s.cfg.NewID()), Kind: KindMember, Name: name, NameSkeleton: s.cfg.Skeleton(name),
		Display: nu.Display, Email: nu.Email, PasswordHash: nu.PasswordHash, Role: nu.Role, Created: s.now(),
	})
	return u, withOp(op, err)
}

func checkEmail(op, email string) error {
	if len(email) > MaxEmail {
		return Errorf(Invalid, op, "email is longer than %d bytes", MaxEmail)
	}
	if email == "" {
		return nil
	}
	if err := checkLine(op, "email", email, MaxEmail); err != nil {
		return err
	}
	if at := strings.LastIndexByte(email, '@'); at < 1 || at == len(email)-1 || strings.ContainsAny(email, " ,<>") {
		return Errorf(Invalid, op, "email is not an address")
	}
	return nil
}

// User returns the user with this id.
func (s *Service) User(ctx context.Context, id UserID) (User, error) {
	const op = "chat.User"
	norm, ok := NormalUUID(string(id))
	if !ok {
		return User{}, Errorf(Invalid, op, "user is not a UUID")
	}
	u, err := s.store.User(ctx, UserID(norm))
	return u, withOp(op, err)
}

// UserByName finds a member or bot by a name that is theirs or looks like it; never a guest.
func (s *Service) UserByName(ctx context.Context, name string) (User, error) {
	const op = "chat.UserByName"
	name, err := s.cfg.CleanName(name)
	if err != nil {
		return User{}, Errorf(NotFound, op, "there is no user of this name")
	}
	u, err := s.store.UserBySkeleton(ctx, s.cfg.Skeleton(name))
	return u, withOp(op, err)
}

// Users lists members and bots by name skeleton, those that come after the given name or skeleton; limit 0 means MaxList.
func (s *Service) Users(ctx context.Context, after string, limit int) ([]User, error) {
	const op = "chat.Users"
	after, limit, err := s.listArgs(op, after, limit)
	if err != nil {
		return nil, err
	}
	us, err := s.store.Users(ctx, after, limit)
	return us, withOp(op, err)
}

// listArgs checks where a list of people begins and how long it is.
func (s *Service) listArgs(op, after string, limit int) (string, int, error) {
	if len(after) > 1024 || !utf8.ValidString(after) {
		return "", 0, Errorf(Invalid, op, "after is not a name")
	}
	if limit < 0 || limit > MaxList {
		return "", 0, Errorf(Invalid, op, "limit must be between 1 and %d", MaxList)
	}
	if limit == 0 {
		limit = MaxList
	}
	if after != "" {
		after = s.cfg.Skeleton(after)
	}
	return after, limit, nil
}

// OpenSession signs user in.
func (s *Service) OpenSession(ctx context.Context, user UserID, userAgent string) (Session, error) {
	const op = "chat.OpenSession"
	u, err := s.User(ctx, user)
	if err != nil {
		return Session{}, err
	}
	if u.Disabled {
		return Session{}, Errorf(Forbidden, op, "this account is disabled")
	}
	now := s.now()
	se := Session{ID: SessionID(s.cfg.NewID()), User: u.ID, Created: now, LastSeen: now, UserAgent: cutText(userAgent, MaxUserAgent)}
	if err := s.store.CreateSession(ctx, se); err != nil {
		return Session{}, withOp(op, err)
	}
	return se, nil
}

// Session returns a session that lives, and its user. Unauthenticated when it is unknown or revoked or the user is disabled.
func (s *Service) Session(ctx context.Context, id SessionID) (Session, User, error) {
	const op = "chat.Session"
	norm, ok := NormalUUID(string(id))
	if !ok {
		return Session{}, User{}, Errorf(Unauthenticated, op, "there is no such session")
	}
	se, u, err := s.store.Session(ctx, SessionID(norm))
	switch {
	case CodeOf(err) == NotFound:
		return Session{}, User{}, Errorf(Unauthenticated, op, "there is no such session")
	case err != nil:
		return Session{}, User{}, withOp(op, err)
	case se.Revoked:
		return Session{}, User{}, Errorf(Unauthenticated, op, "this session has been signed out")
	case u.Disabled:
		return Session{}, User{}, Errorf(Unauthenticated, op, "this account is disabled")
	}
	return se, u, nil
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
	if s.cfg.SessionEnded != nil {
		s.cfg.SessionEnded(SessionID(norm))
	}
	return nil
}

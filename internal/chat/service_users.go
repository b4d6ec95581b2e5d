package chat

import (
	"context"
	"unicode/utf8"
)

// Limits of what people say about themselves.
const (
	MaxDisplay   = 64  // code points
	MaxEmail     = 254 // bytes
	MaxUserAgent = 256 // bytes; what is longer is cut
	MaxList      = 200 // users or members in one answer
)

// How an account came to be, as the audit log says it.
const (
	BySetup        = "setup"
	ByInvite       = "invite"
	ByRegistration = "registration"
	ByCommandLine  = "command line"
	ByHost         = "host"
)

// NewUser is what an account is made from. Whether somebody may come with neither Invite nor First is not asked here: the
// command line may, and strangers where registration is open.
type NewUser struct {
	Name         string // see CheckName
	Display      string // at most MaxDisplay code points; "" means Name
	Email        string // see CheckEmail; may be ""
	PasswordHash string // PHC string, may be ""
	Role         Role   // "" means RoleMember; the first member of a workspace becomes its owner whatever is asked
	Invite       string // code of an invitation that is used up by one, in the same transaction; "": none
	First        bool   // Conflict unless nobody has an account yet
	By           string // one of the first four above; "": what First and Invite say, else ByCommandLine
}

// CreateUser makes a member. Conflict when the name is in use or looks like one that is, Forbidden when the invitation is
// not valid (any more).
func (s *Service) CreateUser(ctx context.Context, nu NewUser) (User, error) {
	const op = "chat.CreateUser"
	name, err := s.cfg.CleanName(nu.Name)
	if err != nil {
		return User{}, withOp(op, err)
	}
	display, err := cleanDisplay(op, nu.Display)
	if err != nil {
		return User{}, err
	}
	email, err := cleanEmail(op, nu.Email)
	if err != nil {
		return User{}, err
	}
	if nu.Role == "" {
		nu.Role = RoleMember
	}
	if err := checkRole(op, nu.Role); err != nil {
		return User{}, err
	}
	by, err := nu.admission()
	if err != nil {
		return User{}, withOp(op, err)
	}
	u, err := s.store.CreateUser(ctx, User{
		ID: UserID(s.cfg.NewID()), Kind: KindMember, Name: name, NameSkeleton: s.cfg.Skeleton(name),
		Display: display, Email: email, PasswordHash: nu.PasswordHash, Role: nu.Role, Created: s.now(),
	}, by)
	if err != nil {
		return User{}, withOp(op, err)
	}
	s.setUp.Store(true)
	return u, nil
}

// admission is what the store has to know of how somebody comes.
func (nu NewUser) admission() (Admission, error) {
	a := Admission{First: nu.First, By: nu.By}
	if nu.Invite != "" {
		if a.Invite = InviteHash(nu.Invite); a.Invite == nil {
			return Admission{}, ErrInvite()
		}
	}
	switch {
	case a.By != "":
	case nu.First:
		a.By = BySetup
	case nu.Invite != "":
		a.By = ByInvite
	default:
		a.By = ByCommandLine
	}
	return a, nil
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

// UserByEmail finds the oldest account with this address, which is compared without the case of ASCII letters. Nobody has
// proved that an address is theirs: it is good for signing in with a password, and for nothing else.
func (s *Service) UserByEmail(ctx context.Context, email string) (User, error) {
	const op = "chat.UserByEmail"
	email, err := cleanEmail(op, email)
	if err != nil || email == "" {
		return User{}, Errorf(NotFound, op, "there is no user with this e-mail address")
	}
	u, err := s.store.UserByEmail(ctx, email)
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

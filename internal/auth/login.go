package auth

import (
	"context"
	"net/netip"

	"github.com/parley-chat/parley/internal/chat"
)

// errWrong is the one answer to a name that nobody has, an account without a password, and a wrong password.
var errWrong = chat.Errorf(chat.Unauthenticated, "auth.Accounts.Login", "the name or the password is wrong")

var errNotCurrent = chat.Errorf(chat.Forbidden, "auth.Accounts.ChangePassword", "the current password is wrong")

// Login signs a member in by name or e-mail address. Unauthenticated when either is wrong, Forbidden for a disabled account
// whose password is right, RateLimited before anything is computed, Overloaded when too many sign in at once.
func (a *Accounts) Login(ctx context.Context, c Client, nameOrEmail, password string) (SignIn, error) {
	user, err := a.find(ctx, nameOrEmail)
	if err != nil {
		return SignIn{}, err
	}
	try := try{account: accountKey(nameOrEmail), addr: c.Addr, device: a.knownDevice(c.Device, user.ID)}
	right, err := a.verify(ctx, try, user.PasswordHash, password)
	switch {
	case err != nil:
		return SignIn{}, err
	case !right:
		return SignIn{}, errWrong
	case user.Disabled:
		return SignIn{}, chat.Errorf(chat.Forbidden, "auth.Accounts.Login", "this account is disabled: ask an owner of this workspace")
	}
	in, err := a.openRight(ctx, c, user, password)
	if err != nil {
		return SignIn{}, err
	}
	a.strengthen(ctx, user, password)
	return in, nil
}

// openRight is open for a user whose hash was that of password a moment ago, and gives no session if it is not any more.
func (a *Accounts) openRight(ctx context.Context, c Client, user chat.User, password string) (SignIn, error) {
	in, session, err := a.open(ctx, c, user)
	if err != nil {
		return SignIn{}, err
	}
	if err := a.stillRight(ctx, user, password); err != nil {
		if ended := a.cfg.Chat.RevokeSession(context.WithoutCancel(ctx), session); ended != nil {
			return SignIn{}, ended
		}
		return SignIn{}, err
	}
	return in, nil
}

// find returns the member who is meant, and for nobody a user without a password, against whose hash nothing is right.
func (a *Accounts) find(ctx context.Context, nameOrEmail string) (chat.User, error) {
	byWhat := a.cfg.Chat.UserByName
	if isEmail(nameOrEmail) {
		byWhat = a.cfg.Chat.UserByEmail
	}
	user, err := byWhat(ctx, nameOrEmail)
	switch {
	case chat.CodeOf(err) == chat.NotFound:
		return chat.User{}, nil
	case err != nil:
		return chat.User{}, err
	case user.Kind != chat.KindMember:
		return chat.User{}, nil
	}
	return user, nil
}

// try is one guess, for the Throttle.
type try struct {
	account string
	addr    netip.Addr
	device  string // "" for a stranger's; who has signed in is known by their session
}

// verify compares a password if it is not too early for that.
func (a *Accounts) verify(ctx context.Context, t try, hash, password string) (bool, error) {
	if after, ok := a.cfg.Throttle.Guess(t.account, t.addr, t.device); !ok {
		return false, tooEarly("auth.Accounts", "too many tries: wait a moment", after)
	}
	passwords := a.cfg.Passwords
	if t.device != "" {
		passwords = passwords.known()
	}
	right, err := passwords.Verify(ctx, hash, password)
	if right || err != nil {
		a.cfg.Throttle.GiveBack(t.account, t.addr, t.device)
	}
	return right, err
}

// stillRight looks once more after a session was opened: a password that was changed in between has ended all sessions
// but this one.
func (a *Accounts) stillRight(ctx context.Context, was chat.User, password string) error {
	now, err := a.cfg.Chat.User(ctx, was.ID)
	if err != nil || now.PasswordHash == was.PasswordHash {
		return err
	}
	right, err := a.cfg.Passwords.Verify(ctx, now.PasswordHash, password) // or it was only made stronger
	if err == nil && !right {
		err = errWrong
	}
	return err
}

// strengthen replaces a hash that costs less than one of today. What stands in the way of that is no reason to keep
// somebody out who has signed in: the next sign-in tries again.
func (a *Accounts) strengthen(ctx context.Context, user chat.User, password string) {
	if !a.cfg.Passwords.Weaker(user.PasswordHash) {
		return
	}
	if hash, err := a.cfg.Passwords.Hash(ctx, password); err == nil {
		_ = a.cfg.Chat.UpgradeHash(ctx, user.ID, user.PasswordHash, hash)
	}
}

// ChangePassword replaces a member's password by another one: all of their sessions end, a new one begins. Forbidden when
// current is wrong, Invalid or TooLarge for a next that CheckPassword refuses, RateLimited and Overloaded as in Login.
func (a *Accounts) ChangePassword(ctx context.Context, c Client, who Identity, current, next string) (SignIn, error) {
	const op = "auth.Accounts.ChangePassword"
	if who.User.Kind != chat.KindMember {
		return SignIn{}, chat.Errorf(chat.Forbidden, op, "only who has an account has a password")
	}
	if err := CheckPassword(next); err != nil {
		return SignIn{}, err
	}
	user, err := a.cfg.Chat.User(ctx, who.User.ID)
	if err != nil {
		return SignIn{}, err
	}
	right, err := a.verify(ctx, try{account: "id " + string(user.ID), addr: c.Addr, device: string(who.Session)}, user.PasswordHash, current)
	switch {
	case err != nil:
		return SignIn{}, err
	case !right:
		return SignIn{}, errNotCurrent
	}
	hash, err := a.cfg.Passwords.known().Hash(ctx, next)
	if err != nil {
		return SignIn{}, err
	}
	err = a.cfg.Chat.ChangePassword(ctx, user.ID, user.PasswordHash, hash)
	switch {
	case chat.CodeOf(err) == chat.Conflict:
		return SignIn{}, errNotCurrent // any more
	case err != nil:
		return SignIn{}, err
	}
	user.PasswordHash = hash
	return a.openRight(ctx, c, user, next)
}

// SetPassword gives somebody a password from the command line, and ends all of their sessions.
func (a *Accounts) SetPassword(ctx context.Context, user chat.UserID, password string) error {
	hash, err := a.cfg.Passwords.known().Hash(ctx, password)
	if err != nil {
		return err
	}
	operator := chat.Operator
	return a.cfg.Chat.SetPassword(ctx, user, hash, &operator)
}

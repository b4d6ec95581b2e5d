package auth

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/names"
)

// Registration is an account that somebody wants.
type Registration struct {
	Name, Display, Password, Email string

	Invite string // code of an invitation, "" for none
	Setup  string // set-up code, "" for none
}

// Register makes an account and signs its owner in. Forbidden says what would let them in; Conflict means that the name is
// in use; Invalid and TooLarge name the field. The first account is the owner's, whatever let it in.
//
// What can be refused without computing a hash is refused first, so that strangers cannot have hashes computed.
func (a *Accounts) Register(ctx context.Context, c Client, r Registration) (SignIn, error) {
	const op = "auth.Accounts.Register"
	if err := a.mayRegister(op, c.Addr); err != nil {
		return SignIn{}, err
	}
	nu, err := a.admit(ctx, op, r)
	if err != nil {
		return SignIn{}, err
	}
	if nu.Name, err = a.freeName(ctx, op, r.Name); err != nil {
		return SignIn{}, err
	}
	if err := chat.CheckEmail(r.Email); err != nil {
		return SignIn{}, err
	}
	if a.cfg.Guests != nil {
		release, err := a.cfg.Guests.Reserve(nu.Name)
		if err != nil {
			return SignIn{}, err
		}
		defer release()
	}
	if nu.PasswordHash, err = a.cfg.Passwords.Hash(ctx, r.Password); err != nil {
		return SignIn{}, err
	}
	nu.Display, nu.Email = r.Display, r.Email
	user, err := a.cfg.Chat.CreateUser(ctx, nu)
	if err != nil {
		return SignIn{}, err
	}
	a.cfg.Setup.Close() // whoever it was: somebody has an account now
	in, _, err := a.open(ctx, c, user)
	return in, err
}

// admit says by what right somebody may make an account. The store looks again when it makes it.
func (a *Accounts) admit(ctx context.Context, op string, r Registration) (chat.NewUser, error) {
	if r.Setup != "" {
		if _, err := a.cfg.Setup.Check(r.Setup); err != nil {
			return chat.NewUser{}, chat.Errorf(chat.Forbidden, op, "this set-up link is not valid any more: start the server again for a new one, or sign in if somebody has an account already")
		}
		return chat.NewUser{First: true, By: chat.BySetup}, nil
	}
	some, err := a.cfg.Chat.SetUp(ctx)
	switch {
	case err != nil:
		return chat.NewUser{}, err
	case !some && a.cfg.Mode != ModeOpen:
		return chat.NewUser{}, chat.Errorf(chat.Forbidden, op, "nobody has set this workspace up yet: open the set-up link that the server has printed")
	case a.cfg.Mode == ModeClosed:
		return chat.NewUser{}, chat.Errorf(chat.Forbidden, op, "nobody can register here: ask whoever runs this server for an account")
	case r.Invite != "":
		_, err := a.cfg.Chat.InviteByCode(ctx, r.Invite)
		if chat.CodeOf(err) == chat.NotFound {
			err = chat.Errorf(chat.Forbidden, op, "this invitation is not valid (any more): ask for a new one")
		}
		return chat.NewUser{Invite: r.Invite, By: chat.ByInvite}, err
	case a.cfg.Mode != ModeOpen:
		return chat.NewUser{}, chat.Errorf(chat.Forbidden, op, "an invitation is needed: ask somebody of this workspace for the link")
	}
	return chat.NewUser{By: chat.ByRegistration}, nil
}

// freeName returns the name as it will be stored if nobody has it yet; the store looks again.
func (a *Accounts) freeName(ctx context.Context, op, name string) (string, error) {
	name, err := names.Clean(name)
	if err != nil {
		return "", err
	}
	_, err = a.cfg.Chat.UserByName(ctx, name)
	switch {
	case chat.CodeOf(err) == chat.NotFound:
		return name, nil
	case err != nil:
		return "", err
	}
	return "", chat.Errorf(chat.Conflict, op, "this name is in use: choose another")
}

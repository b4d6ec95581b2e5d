package chat

import (
	"context"
	"time"
)

// PictureFrom says where somebody's picture comes from.
type PictureFrom string

// The places that pictures come from.
const (
	PictureNone     PictureFrom = ""         // there is none, or it lies on the host's site
	PictureOwn      PictureFrom = "own"      // uploaded by the user; without a path: they want none
	PictureGravatar PictureFrom = "gravatar" // fetched by the server for their e-mail address
)

// PictureChange gives somebody another picture.
type PictureChange struct {
	Path string // as User.Avatar; "" takes the picture away
	From PictureFrom
	// With PictureGravatar, which never takes the place of what the user has uploaded: the address it is for, which must be
	// the user's still, and when it was asked for.
	Email string
	Asked time.Time
}

// apply makes the change to u, unless it comes too late.
func (p *PictureChange) apply(u *User) {
	if p.From != PictureGravatar {
		from := p.From
		if p.Path == "" && u.AvatarFrom == PictureGravatar {
			from = PictureOwn // who takes that away wants none, not the same again
		}
		u.Avatar, u.AvatarFrom, u.AvatarAsked = p.Path, from, time.Time{}
		return
	}
	if u.AvatarFrom == PictureOwn || u.Email == "" || FoldEmail(u.Email) != FoldEmail(p.Email) {
		return
	}
	u.Avatar, u.AvatarFrom, u.AvatarAsked = p.Path, PictureGravatar, p.Asked
	if p.Path == "" {
		u.AvatarFrom = PictureNone
	}
}

// readdress gives u another address. A picture that was fetched for the old one goes.
func (u *User) readdress(email string) {
	if FoldEmail(u.Email) != FoldEmail(email) {
		u.AvatarAsked = time.Time{}
		if u.AvatarFrom == PictureGravatar {
			u.Avatar, u.AvatarFrom = "", PictureNone
		}
	}
	u.Email = email
}

// PictureStore is the part of a Store that knows which pictures are in use.
type PictureStore interface {
	// PictureUsed says whether somebody's Avatar is path, which is not "".
	PictureUsed(ctx context.Context, path string) (bool, error)
	// DropPictures takes the pictures away that come from one place, and forgets when they were asked for.
	DropPictures(ctx context.Context, from PictureFrom) error
}

// SetPicture makes the picture at path the user's own; "" takes their picture away.
func (s *Service) SetPicture(ctx context.Context, user UserID, path string) (User, error) {
	change := PictureChange{Path: path, From: PictureOwn}
	if path == "" {
		change.From = PictureNone
	}
	return s.update(ctx, "chat.SetPicture", UserUpdate{User: user, By: Actor{ID: user}, Picture: &change})
}

// SetGravatar keeps what Gravatar answered now about the user's e-mail address: a picture, or "" for none. It changes
// nothing if the user has another address by now, or has uploaded a picture.
func (s *Service) SetGravatar(ctx context.Context, user UserID, email, path string, asked time.Time) (User, error) {
	change := PictureChange{Path: path, From: PictureGravatar, Email: email, Asked: asked.UTC().Truncate(time.Millisecond)}
	return s.update(ctx, "chat.SetGravatar", UserUpdate{User: user, By: Operator, Picture: &change})
}

// PictureUsed says whether the picture at path is somebody's.
func (s *Service) PictureUsed(ctx context.Context, path string) (bool, error) {
	used, err := s.store.PictureUsed(ctx, path)
	return used, withOp("chat.PictureUsed", err)
}

// DropGravatars takes away what was fetched from Gravatar.
func (s *Service) DropGravatars(ctx context.Context) error {
	return withOp("chat.DropGravatars", s.store.DropPictures(ctx, PictureGravatar))
}

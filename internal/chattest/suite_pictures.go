package chattest

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// pictured is ann, whose picture changes, in a store with others.
type pictured struct {
	t         *testing.T
	s         chat.Store
	ann       chat.User
	bob       chat.Actor
	gravatar  chat.PictureChange
	own, none chat.PictureChange
}

func newPictured(t *testing.T, s chat.Store) *pictured {
	t.Helper()
	p := &pictured{t: t, s: s, bob: Member(t, s, chat.RoleMember), ann: NewUser(chat.KindMember, chat.RoleMember)}
	p.ann.Email = "ann@example.org"
	if _, err := s.CreateUser(ctx, p.ann, chat.Admission{}); err != nil {
		t.Fatal(err)
	}
	p.own = chat.PictureChange{Path: "o", From: chat.PictureOwn}
	p.gravatar = chat.PictureChange{Path: "g", From: chat.PictureGravatar, Email: "ANN@example.org", Asked: now()}
	return p
}

func (p *pictured) change(by chat.Actor, c chat.PictureChange) (chat.Decision, error) {
	return p.s.UpdateUser(ctx, chat.UserUpdate{User: p.ann.ID, By: by, At: now(), Picture: &c})
}

func (p *pictured) set(by chat.Actor, c chat.PictureChange) chat.Decision {
	p.t.Helper()
	d, err := p.change(by, c)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

func (p *pictured) shows(what, path string, from chat.PictureFrom, asked time.Time) chat.User {
	p.t.Helper()
	u, err := p.s.User(ctx, p.ann.ID)
	if err != nil || u.Avatar != path || u.AvatarFrom != from || !u.AvatarAsked.Equal(asked) {
		p.t.Errorf("%s: %q from %q, asked %v, %v", what, u.Avatar, u.AvatarFrom, u.AvatarAsked, err)
	}
	return u
}

func testPictures(t *testing.T, s chat.Store) {
	p := newPictured(t, s)
	used := func(path string, want bool) {
		t.Helper()
		if got, err := s.PictureUsed(ctx, path); err != nil || got != want {
			t.Errorf("PictureUsed(%q): %v, %v", path, got, err)
		}
	}
	for _, by := range []chat.Actor{p.bob, chat.Operator, chat.Host} {
		_, err := p.change(by, p.own)
		WantCode(t, err, chat.Forbidden)
	}
	_, err := p.change(p.ann.Actor(), p.gravatar)
	WantCode(t, err, chat.Forbidden)
	if d := p.set(p.ann.Actor(), p.own); !d.Shown || d.Standing {
		t.Errorf("a picture: %+v", d)
	}
	if u := p.shows("an own picture", "o", chat.PictureOwn, time.Time{}); u.Rev != p.ann.Rev+1 {
		t.Errorf("rev %d", u.Rev)
	}
	used("o", true)
	used("g", false)
	used("", false)
	if d := p.set(chat.Operator, p.gravatar); d.Changed {
		t.Errorf("Gravatar takes the place of what was uploaded: %+v", d)
	}
	if err := s.DropPictures(ctx, chat.PictureGravatar); err != nil {
		t.Fatal(err)
	}
	p.shows("an own picture", "o", chat.PictureOwn, time.Time{})
	p.set(p.ann.Actor(), p.none)
	p.shows("taken away", "", chat.PictureNone, time.Time{})
	used("o", false)
}

func testGravatars(t *testing.T, s chat.Store) {
	p := newPictured(t, s)
	if d := p.set(chat.Operator, p.gravatar); !d.Shown || d.Standing {
		t.Errorf("a picture from Gravatar: %+v", d)
	}
	p.shows("from Gravatar", "g", chat.PictureGravatar, p.gravatar.Asked)
	if err := s.DropPictures(ctx, chat.PictureGravatar); err != nil {
		t.Fatal(err)
	}
	p.shows("dropped", "", chat.PictureNone, time.Time{})

	p.set(chat.Operator, p.gravatar)
	p.set(p.ann.Actor(), p.none)
	p.shows("Gravatar's taken away", "", chat.PictureOwn, time.Time{})
	if d := p.set(chat.Operator, p.gravatar); d.Changed {
		t.Errorf("Gravatar's comes again: %+v", d)
	}
	p.set(p.ann.Actor(), p.own) // an own picture and then none: Gravatar's may come again
	p.set(p.ann.Actor(), p.none)
	p.set(chat.Operator, p.gravatar)
	p.shows("Gravatar's again", "g", chat.PictureGravatar, p.gravatar.Asked)

	email := "new@example.org"
	if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: p.ann.ID, By: p.ann.Actor(), At: now(), Email: &email}); err != nil {
		t.Fatal(err)
	}
	p.shows("with another address", "", chat.PictureNone, time.Time{})
	if d := p.set(chat.Operator, p.gravatar); d.Changed {
		t.Errorf("a picture of the old address: %+v", d)
	}
	nothing := p.gravatar
	nothing.Path, nothing.Email = "", email
	p.set(chat.Operator, nothing)
	p.shows("Gravatar has none", "", chat.PictureNone, p.gravatar.Asked)
}

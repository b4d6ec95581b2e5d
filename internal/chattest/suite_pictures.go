package chattest

import (
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// sitter is somebody whose picture changes, and what a test asks of it.
type sitter struct {
	t *testing.T
	s chat.Store
	u chat.User
}

func newSitter(t *testing.T, s chat.Store) *sitter {
	t.Helper()
	u := NewUser(chat.KindMember, chat.RoleMember)
	u, err := s.CreateUser(ctx, u, chat.Admission{})
	if err != nil {
		t.Fatal(err)
	}
	return &sitter{t, s, u}
}

// gravatar is a picture that was found by the address of the sitter.
func (p *sitter) gravatar(asked time.Time) chat.PictureChange {
	return chat.PictureChange{Path: "g", From: chat.PictureGravatar, Email: strings.ToUpper(p.u.Email), Asked: asked}
}

func (p *sitter) change(by chat.Actor, c chat.PictureChange) (chat.Decision, error) {
	return p.s.UpdateUser(ctx, chat.UserUpdate{User: p.u.ID, By: by, At: now(), Picture: &c})
}

func (p *sitter) mustChange(by chat.Actor, c chat.PictureChange) {
	p.t.Helper()
	if _, err := p.change(by, c); err != nil {
		p.t.Fatal(err)
	}
}

func (p *sitter) dropGravatars() {
	p.t.Helper()
	if err := p.s.DropPictures(ctx, chat.PictureGravatar); err != nil {
		p.t.Fatal(err)
	}
}

// shows wants a picture, and says when it was asked for and the row's revision.
func (p *sitter) shows(what, path string, from chat.PictureFrom) chat.User {
	p.t.Helper()
	u, err := p.s.User(ctx, p.u.ID)
	if err != nil || u.Avatar != path || u.AvatarFrom != from {
		p.t.Errorf("%s: %q from %q, %v", what, u.Avatar, u.AvatarFrom, err)
	}
	return u
}

func (p *sitter) used(path string, want bool) {
	p.t.Helper()
	if got, err := p.s.PictureUsed(ctx, path); err != nil || got != want {
		p.t.Errorf("PictureUsed(%q): %v, %v", path, got, err)
	}
}

func testPictures(t *testing.T, s chat.Store) {
	p, asked := newSitter(t, s), now()
	d, err := p.change(chat.Operator, p.gravatar(asked))
	if err != nil || !d.Shown || d.Standing {
		t.Errorf("a picture from Gravatar: %+v, %v", d, err)
	}
	if u := p.shows("from Gravatar", "g", chat.PictureGravatar); !u.AvatarAsked.Equal(asked) || u.Rev != p.u.Rev+1 {
		t.Errorf("asked %v, rev %d", u.AvatarAsked, u.Rev)
	}
	p.used("g", true)
	p.used("h", false)

	own := chat.PictureChange{Path: "o", From: chat.PictureOwn}
	for _, by := range []chat.Actor{newSitter(t, s).u.Actor(), chat.Operator, chat.Host} {
		_, err := p.change(by, own)
		WantCode(t, err, chat.Forbidden)
	}
	_, err = p.change(p.u.Actor(), p.gravatar(asked))
	WantCode(t, err, chat.Forbidden)
	p.mustChange(p.u.Actor(), own)
	p.used("g", false)
	if d, err := p.change(chat.Operator, p.gravatar(asked)); err != nil || d.Changed {
		t.Errorf("Gravatar takes the place of what was uploaded: %+v, %v", d, err)
	}
	p.dropGravatars()
	p.shows("an own picture", "o", chat.PictureOwn)
	p.mustChange(p.u.Actor(), chat.PictureChange{})
	p.shows("taken away", "", chat.PictureNone)
}

func testGravatarsThatGo(t *testing.T, s chat.Store) {
	p := newSitter(t, s)
	p.mustChange(chat.Operator, p.gravatar(now()))
	p.dropGravatars()
	if u := p.shows("dropped", "", chat.PictureNone); !u.AvatarAsked.IsZero() {
		t.Errorf("asked at %v", u.AvatarAsked)
	}

	old := p.gravatar(now())
	p.mustChange(chat.Operator, old)
	email := "new-" + p.u.Email
	if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: p.u.ID, By: p.u.Actor(), At: now(), Email: &email}); err != nil {
		t.Fatal(err)
	}
	if u := p.shows("with another address", "", chat.PictureNone); !u.AvatarAsked.IsZero() {
		t.Errorf("asked at %v", u.AvatarAsked)
	}
	if d, err := p.change(chat.Operator, old); err != nil || d.Changed {
		t.Errorf("a picture of the old address: %+v, %v", d, err)
	}
}

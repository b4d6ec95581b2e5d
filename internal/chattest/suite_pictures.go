package chattest

import (
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func testPictures(t *testing.T, s chat.Store) {
	ann, bob := NewUser(chat.KindMember, chat.RoleMember), NewUser(chat.KindMember, chat.RoleMember)
	ann.Email = "ann@example.org"
	for _, u := range []chat.User{bob, ann} {
		if _, err := s.CreateUser(ctx, u, chat.Admission{}); err != nil {
			t.Fatal(err)
		}
	}
	change := func(by chat.Actor, p chat.PictureChange) (chat.Decision, error) {
		return s.UpdateUser(ctx, chat.UserUpdate{User: ann.ID, By: by, At: now(), Picture: &p})
	}
	used := func(path string, want bool) {
		t.Helper()
		if got, err := s.PictureUsed(ctx, path); err != nil || got != want {
			t.Errorf("PictureUsed(%q): %v, %v", path, got, err)
		}
	}
	shows := func(what, path string, from chat.PictureFrom) chat.User {
		t.Helper()
		u, err := s.User(ctx, ann.ID)
		if err != nil || u.Avatar != path || u.AvatarFrom != from {
			t.Errorf("%s: %q from %q, %v", what, u.Avatar, u.AvatarFrom, err)
		}
		return u
	}
	asked := now()
	gravatar := chat.PictureChange{Path: "g", From: chat.PictureGravatar, Email: "ANN@example.org", Asked: asked}
	d, err := change(chat.Operator, gravatar)
	if err != nil || !d.Shown || d.Standing {
		t.Errorf("a picture from Gravatar: %+v, %v", d, err)
	}
	if u := shows("from Gravatar", "g", chat.PictureGravatar); !u.AvatarAsked.Equal(asked) || u.Rev != ann.Rev+1 {
		t.Errorf("asked %v, rev %d", u.AvatarAsked, u.Rev)
	}
	used("g", true)
	used("h", false)

	own := chat.PictureChange{Path: "o", From: chat.PictureOwn}
	for _, by := range []chat.Actor{bob.Actor(), chat.Operator, chat.Host} {
		_, err := change(by, own)
		WantCode(t, err, chat.Forbidden)
	}
	_, err = change(ann.Actor(), gravatar)
	WantCode(t, err, chat.Forbidden)
	if _, err = change(ann.Actor(), own); err != nil {
		t.Fatal(err)
	}
	used("g", false)
	if d, err := change(chat.Operator, gravatar); err != nil || d.Changed {
		t.Errorf("Gravatar takes the place of what was uploaded: %+v, %v", d, err)
	}
	if err := s.DropPictures(ctx, chat.PictureGravatar); err != nil {
		t.Fatal(err)
	}
	shows("an own picture", "o", chat.PictureOwn)

	if _, err = change(ann.Actor(), chat.PictureChange{}); err != nil {
		t.Fatal(err)
	}
	shows("taken away", "", chat.PictureNone)
	if _, err = change(chat.Operator, gravatar); err != nil {
		t.Fatal(err)
	}
	if err := s.DropPictures(ctx, chat.PictureGravatar); err != nil {
		t.Fatal(err)
	}
	if u := shows("dropped", "", chat.PictureNone); !u.AvatarAsked.IsZero() {
		t.Errorf("asked at %v", u.AvatarAsked)
	}

	if _, err = change(chat.Operator, gravatar); err != nil {
		t.Fatal(err)
	}
	email := "new@example.org"
	if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: ann.ID, By: ann.Actor(), At: now(), Email: &email}); err != nil {
		t.Fatal(err)
	}
	if u := shows("with another address", "", chat.PictureNone); !u.AvatarAsked.IsZero() {
		t.Errorf("asked at %v", u.AvatarAsked)
	}
	if d, err := change(chat.Operator, gravatar); err != nil || d.Changed {
		t.Errorf("a picture of the old address: %+v, %v", d, err)
	}
}

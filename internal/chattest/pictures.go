package chattest

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// PictureUsed says whether somebody has this picture; see chat.PictureStore.
func (s *Store) PictureUsed(_ context.Context, path string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.Avatar == path && path != "" {
			return true, nil
		}
	}
	return false, nil
}

// DropPictures takes away the pictures that come from one place; see chat.PictureStore.
func (s *Store) DropPictures(_ context.Context, from chat.PictureFrom) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, u := range s.users {
		if u.AvatarFrom == from {
			u.Avatar, u.AvatarFrom, u.AvatarAsked = "", chat.PictureNone, time.Time{}
			u.Rev++
			s.users[id] = u
		}
	}
	return nil
}

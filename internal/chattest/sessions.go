package chattest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// CreateSession stores a sign-in; see chat.SessionStore.
func (s *Store) CreateSession(_ context.Context, se chat.Session) (ended []chat.SessionID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.user(se.User)
	if err != nil {
		return nil, err
	}
	if u.Disabled {
		return nil, chat.ErrDisabled()
	}
	var others []chat.Session
	for _, o := range s.sessions {
		if o.ID == se.ID || se.SecretHash != nil && bytes.Equal(o.SecretHash, se.SecretHash) {
			return nil, chat.Errorf(chat.Conflict, "", "there is a session with this id or secret already")
		}
		if o.User == se.User && o.ID != se.ID {
			others = append(others, o)
		}
	}
	over := func(o chat.Session) int {
		if o.Revoked || o.LastSeen.Before(se.Created.Add(-chat.SessionIdle)) {
			return 1
		}
		return 0
	}
	for len(others) >= chat.MaxSessions {
		o := slices.MaxFunc(others, func(a, b chat.Session) int {
			return cmp.Or(over(a)-over(b), b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
		})
		others = slices.DeleteFunc(others, func(other chat.Session) bool { return other.ID == o.ID })
		delete(s.sessions, o.ID)
		if !o.Revoked {
			ended = append(ended, o.ID)
		}
	}
	s.sessions[se.ID] = se
	return ended, nil
}

// Session returns a session and its user.
func (s *Store) Session(_ context.Context, id chat.SessionID) (chat.Session, chat.User, error) {
	return s.session(func(se chat.Session) bool { return se.ID == id })
}

// SessionBySecret finds a session by the hash of its secret.
func (s *Store) SessionBySecret(_ context.Context, hash []byte) (chat.Session, chat.User, error) {
	return s.session(func(se chat.Session) bool { return se.SecretHash != nil && bytes.Equal(se.SecretHash, hash) })
}

func (s *Store) session(is func(chat.Session) bool) (chat.Session, chat.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, se := range s.sessions {
		if is(se) {
			return se, s.users[se.User], nil
		}
	}
	return chat.Session{}, chat.User{}, chat.Errorf(chat.NotFound, "", "there is no such session")
}

// Sessions lists what lives of a user; see chat.SessionStore.
func (s *Store) Sessions(_ context.Context, user chat.UserID, since time.Time) ([]chat.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []chat.Session
	for _, se := range s.sessions {
		if se.User == user && !se.Revoked && !se.LastSeen.Before(since) {
			all = append(all, se)
		}
	}
	slices.SortFunc(all, func(a, b chat.Session) int {
		return cmp.Or(b.LastSeen.Compare(a.LastSeen), b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
	return all, nil
}

// SeeSession moves LastSeen; see chat.SessionStore.
func (s *Store) SeeSession(_ context.Context, id chat.SessionID, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if se, ok := s.sessions[id]; ok && !se.Revoked && at.Sub(se.LastSeen) >= chat.SeenEvery {
		se.LastSeen = at
		s.sessions[id] = se
	}
	return nil
}

// RevokeSession marks a session as ended.
func (s *Store) RevokeSession(_ context.Context, id chat.SessionID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if se, ok := s.sessions[id]; ok {
		se.Revoked = true
		s.sessions[id] = se
	}
	return nil
}

// RevokeSessions ends all sessions of a user but one.
func (s *Store) RevokeSessions(_ context.Context, user chat.UserID, except chat.SessionID) ([]chat.SessionID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revokeAll(user, except), nil
}

func (s *Store) revokeAll(user chat.UserID, except chat.SessionID) (ended []chat.SessionID) {
	for id, se := range s.sessions {
		if se.User == user && id != except && !se.Revoked {
			se.Revoked = true
			s.sessions[id] = se
			ended = append(ended, id)
		}
	}
	return ended
}

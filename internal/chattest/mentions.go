package chattest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// mention is that a message mentions a user, or chat.Everyone.
type mention struct {
	user    chat.UserID
	room    chat.RoomID
	n, seq  uint64
	origin  uint64
	message string
	author  chat.UserID
	created time.Time
	named   bool
}

// concerns says whether a mention concerns the user with the membership m, nil if there is none: it does not if they have
// blocked its author.
func (s *Store) concerns(x mention, user chat.UserID, m *chat.Membership) bool {
	_, blocked := s.blocks[blockKey{user, x.author}]
	return !blocked && x.concerns(user, m)
}

// concerns says whether it is meant for the user, and for them to see.
func (x mention) concerns(user chat.UserID, m *chat.Membership) bool {
	switch {
	case x.author == user, m != nil && x.origin < m.SeesFromSeq:
		return false
	case x.user == chat.Everyone:
		return m != nil && !m.Removed && !x.created.Before(m.Joined)
	}
	return x.user == user
}

func (s *Store) mayMentionAll(at seen, all string) error {
	members := 0
	for key, m := range s.members {
		if key.room == at.room.ID && !m.Removed {
			members++
		}
	}
	return chat.MayMentionAll(at.m, at.user, all, members)
}

// mention stores whom a message mentions.
func (s *Store) mention(msg *chat.Message, by chat.Mentioned) {
	put := func(users []chat.UserID, named bool) {
		for _, user := range users {
			if user != msg.Author && !slices.ContainsFunc(s.mentions, func(x mention) bool { return x.user == user && x.message == msg.ID }) {
				s.mentions = append(s.mentions, mention{user: user, room: msg.Room, n: msg.N, seq: msg.Seq, origin: msg.Origin(), message: msg.ID,
					author: msg.Author, created: msg.Created, named: named})
			}
		}
	}
	put(by.People, true)
	put(by.ByAll(), false)
}

// mentionAnew stores whom a message mentions after an edit.
func (s *Store) mentionAnew(msg *chat.Message, wasAll string, by chat.Mentioned) {
	s.mentions = slices.DeleteFunc(s.mentions, func(x mention) bool {
		return x.message == msg.ID && (x.named || wasAll == "" || wasAll != by.All)
	})
	s.mention(msg, by)
}

// unmention forgets whom a message mentions.
func (s *Store) unmention(message string) {
	s.mentions = slices.DeleteFunc(s.mentions, func(x mention) bool { return x.message == message })
}

// unreadMentions counts messages of a room beyond n.
func (s *Store) unreadMentions(room chat.RoomID, user chat.UserID, n uint64) uint64 {
	m := s.member(room, user)
	found := map[uint64]bool{}
	for _, x := range s.mentions {
		if x.room == room && x.n > n && s.concerns(x, user, m) {
			found[x.n] = true
		}
	}
	return uint64(len(found))
}

// UserIDs finds members and bots by skeletons; see chat.MentionStore.
func (s *Store) UserIDs(_ context.Context, skeletons []string) (map[string]chat.UserID, error) {
	ids := map[string]chat.UserID{}
	for _, u := range s.named() {
		if slices.Contains(skeletons, u.NameSkeleton) {
			ids[u.NameSkeleton] = u.ID
		}
	}
	return ids, nil
}

// UnreadMentions counts the mentions beyond a cursor; see chat.MentionStore.
func (s *Store) UnreadMentions(_ context.Context, room chat.RoomID, user chat.UserID) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[room] == nil {
		return 0, noRoom()
	}
	return s.unreadMentions(room, user, s.cursorOf(room, user).N), nil
}

// Mentions lists messages that mention somebody; see chat.MentionStore.
func (s *Store) Mentions(_ context.Context, user chat.UserID, before string, limit int) ([]chat.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ms []chat.Message
	for _, x := range s.mentions {
		r, m := s.rooms[x.room], s.member(x.room, user)
		if !s.concerns(x, user, m) || chat.MaySee(r.Room, m, chat.User{}) != nil || before != "" && x.message >= before {
			continue
		}
		if !slices.ContainsFunc(ms, func(m chat.Message) bool { return m.ID == x.message }) {
			ms = append(ms, s.dressed(r, r.entries[x.seq-1].Message, user))
		}
	}
	slices.SortFunc(ms, func(a, b chat.Message) int { return strings.Compare(b.ID, a.ID) })
	return ms[:min(limit, len(ms))], nil
}

// SetNotify keeps what somebody wants to hear of a room; see chat.MentionStore.
func (s *Store) SetNotify(_ context.Context, c chat.NotifyChange) (chat.NotifyOutcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := s.meet(c.Room, c.By)
	if err != nil {
		return chat.NotifyOutcome{}, err
	}
	if err := chat.MaySetNotify(at.room.Room, at.m, at.user, !at.guest); err != nil {
		return chat.NotifyOutcome{}, err
	}
	if at.joins() {
		s.setCursor(at, chat.Cursor{N: at.room.N, Version: at.cursor().Version + 1}, time.Time{})
	}
	key := memberKey{c.Room, at.user.ID}
	s.members[key] = c.Apply(s.members[key])
	return chat.NotifyOutcome{Level: s.members[key].Notify, Muted: s.members[key].Muted, Joined: at.joins()}, nil
}

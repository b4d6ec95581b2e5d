package chattest

import (
	"context"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

// CreateRoom stores r; see chat.RoomStore.
func (s *Store) CreateRoom(_ context.Context, r chat.Room, creator chat.UserID) (chat.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[r.ID] != nil || s.roomNamed(r.Name) != nil {
		return chat.Room{}, chat.ErrNameTaken(r.Name)
	}
	counted := 0
	for _, r := range s.rooms {
		if r.Kind != chat.RoomDirect {
			counted++
		}
	}
	if counted >= chat.MaxRooms {
		return chat.Room{}, chat.ErrManyRooms()
	}
	if creator != "" {
		if _, err := s.user(creator); err != nil {
			return chat.Room{}, chat.Errorf(chat.Unauthenticated, "", "there is no such user")
		}
		s.members[memberKey{r.ID, creator}] = chat.Membership{Room: r.ID, User: creator, Role: chat.RoleOwner, Joined: r.Created, HidesN: -1}
	}
	s.rooms[r.ID] = newRoom(r, "")
	return r, nil
}

// newRoom is a room without entries; maker is whoever opened a direct one.
func newRoom(r chat.Room, maker chat.UserID) *room {
	return &room{Room: r, maker: maker, extras: map[string]*extras{}, emojis: map[string]string{}}
}

// OpenDirect finds or makes a direct room; see chat.RoomStore.
func (s *Store) OpenDirect(_ context.Context, r chat.Room, by chat.UserID, others []chat.UserID) (chat.Opened, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.roomNamed(r.Name); old != nil {
		m := s.members[memberKey{old.ID, by}]
		shown := m.HidesN >= int64(old.N)
		if shown {
			m.HidesN = -1
			s.members[memberKey{old.ID, by}] = m
		}
		return chat.Opened{Room: old.Room, Shown: shown}, nil
	}
	made := 0
	for _, r := range s.rooms {
		if r.maker == by {
			made++
		}
	}
	if made >= chat.MaxDirects {
		return chat.Opened{}, chat.ErrManyDirects()
	}
	for _, id := range others {
		if _, err := s.user(id); err != nil {
			return chat.Opened{}, err
		}
		if _, blocked := s.blocks[blockKey{id, by}]; blocked {
			return chat.Opened{}, chat.ErrBlocked()
		}
	}
	s.rooms[r.ID] = newRoom(r, by)
	s.members[memberKey{r.ID, by}] = chat.Membership{Room: r.ID, User: by, Role: chat.RoleMember, Joined: r.Created, HidesN: -1}
	for _, id := range others {
		s.members[memberKey{r.ID, id}] = chat.Membership{Room: r.ID, User: id, Role: chat.RoleMember, Joined: r.Created}
	}
	return chat.Opened{Room: r, Made: true, Shown: true}, nil
}

// HideRoom takes a direct room out of a list; see chat.RoomStore.
func (s *Store) HideRoom(_ context.Context, id chat.RoomID, user chat.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, m := s.rooms[id], s.member(id, user)
	if r == nil || m == nil || r.Kind != chat.RoomDirect {
		return noRoom()
	}
	m.HidesN = int64(r.N)
	s.members[memberKey{id, user}] = *m
	return nil
}

// RoomByName returns the room that has this name or had it.
func (s *Store) RoomByName(_ context.Context, name string) (chat.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.roomNamed(name); r != nil {
		return r.Room, nil
	}
	return chat.Room{}, noRoom()
}

// roomNamed finds a room by a name that it has or had; nil: none.
func (s *Store) roomNamed(name string) *room {
	for _, r := range s.rooms {
		if r.Name == name {
			return r
		}
	}
	return s.rooms[s.aliases[name]]
}

// notBlocked refuses what somebody says in a direct room of two when the other one has blocked them.
func (s *Store) notBlocked(r chat.Room, by chat.UserID) error {
	people := s.people(r.ID)
	if r.Kind != chat.RoomDirect || len(people) != 2 {
		return nil
	}
	if _, blocked := s.blocks[blockKey{chat.Others(people, by)[0].ID, by}]; blocked {
		return chat.ErrBlocked()
	}
	return nil
}

// mayTake says whether a room may have the name.
func (s *Store) mayTake(r *room, name string) error {
	if other := s.roomNamed(name); other != nil && other != r {
		return chat.ErrNameTaken(name)
	}
	old := 0
	for alias, id := range s.aliases {
		if id == r.ID && alias != name {
			old++
		}
	}
	if old >= chat.MaxOldNames {
		return chat.Errorf(chat.TooLarge, "", "this room has had too many names")
	}
	return nil
}

// shownByPost is whose list a direct room comes into with a message; nil: nobody's.
func (s *Store) shownByPost(r chat.Room, m *chat.Message) *chat.Showing {
	if r.Kind != chat.RoomDirect || m.Thread != "" {
		return nil
	}
	people := s.people(r.ID)
	var to []chat.UserID
	for _, p := range people {
		if s.members[memberKey{r.ID, p.ID}].HidesN == int64(m.N)-1 {
			to = append(to, p.ID)
		}
	}
	if to == nil {
		return nil
	}
	return &chat.Showing{Room: r, To: to, People: people}
}

// shownByChange is whose list a room comes into, or has another name in, with a change; nil: nobody's.
func (s *Store) shownByChange(r chat.Room, c *chat.Change) *chat.Showing {
	switch {
	case c.Kind == chat.ChangeMemberAdded:
		return &chat.Showing{Room: r, To: []chat.UserID{c.Subject}}
	case c.Kind == chat.ChangeRenamed && r.Kind == chat.RoomPublic:
		return &chat.Showing{Room: r, Was: c.Was()}
	case c.Kind == chat.ChangeRenamed:
		var to []chat.UserID
		for key, m := range s.members {
			if key.room == r.ID && !m.Removed {
				to = append(to, key.user)
			}
		}
		return &chat.Showing{Room: r, Was: c.Was(), To: to}
	}
	return nil
}

// RoomByID returns the room with this id.
func (s *Store) RoomByID(_ context.Context, id chat.RoomID) (chat.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[id]; r != nil {
		return r.Room, nil
	}
	return chat.Room{}, noRoom()
}

func noRoom() error { return chat.Errorf(chat.NotFound, "", "there is no such room") }

// RoomStates lists the rooms that user may see; see chat.RoomStore.
func (s *Store) RoomStates(_ context.Context, user chat.UserID) ([]chat.RoomState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var states []chat.RoomState
	for _, r := range s.rooms {
		m := s.member(r.ID, user)
		st := chat.StateOf(r.Room, m)
		switch listed := r.Kind == chat.RoomPublic && !r.Archived; {
		case m != nil && m.Banned, !st.Member && !listed:
			continue
		case r.Kind == chat.RoomDirect && int64(r.N) <= m.HidesN:
			continue
		case r.Kind == chat.RoomDirect:
			st.People = chat.Others(s.people(r.ID), user)
		}
		st.Mentions = s.unreadMentions(r.ID, user, s.cursorOf(r.ID, user).N)
		states = append(states, st)
	}
	slices.SortFunc(states, func(a, b chat.RoomState) int { return strings.Compare(a.Name, b.Name) })
	return states, nil
}

// people are those of a direct room, by name.
func (s *Store) people(room chat.RoomID) []chat.Person {
	var us []chat.User
	for key := range s.members {
		if key.room == room {
			us = append(us, s.users[key.user])
		}
	}
	slices.SortFunc(us, func(a, b chat.User) int { return strings.Compare(a.NameSkeleton, b.NameSkeleton) })
	people := make([]chat.Person, len(us))
	for i, u := range us {
		people[i] = chat.Person{ID: u.ID, Name: u.Name}
	}
	return people
}

// Membership returns what a room knows of a user.
func (s *Store) Membership(_ context.Context, room chat.RoomID, user chat.UserID) (chat.Membership, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.members[memberKey{room, user}]
	if !ok {
		return chat.Membership{}, chat.Errorf(chat.NotFound, "", "there is no such membership")
	}
	return m, nil
}

// Members lists members by name; see chat.RoomStore.
func (s *Store) Members(_ context.Context, room chat.RoomID, after string, limit int) ([]chat.Member, error) {
	us := s.named()
	s.mu.Lock()
	defer s.mu.Unlock()
	var ms []chat.Member
	for _, u := range us {
		m, ok := s.members[memberKey{room, u.ID}]
		if ok && !m.Removed && u.NameSkeleton > after && len(ms) < limit {
			ms = append(ms, chat.Member{Membership: m, UserName: u.Name, Display: u.Display, UserKind: u.Kind, Avatar: u.Avatar})
		}
	}
	return ms, nil
}

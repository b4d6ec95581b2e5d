package chattest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Store is a chat.Store in memory. It is safe for concurrent use.
type Store struct {
	mu       sync.Mutex
	users    map[chat.UserID]chat.User
	sessions map[chat.SessionID]chat.Session
	rooms    map[chat.RoomID]*room
	members  map[memberKey]chat.Membership
	posts    map[postKey]stored
	invites  map[chat.InviteID]chat.Invite
	mentions []mention
	audit    []chat.AuditEntry // audit[i] has the id i+1
	space    chat.Workspace
	follows  map[followKey]follow
	saves    []saved
	saved    uint64            // saves so far
	places   map[string]uint64 // of each message among all, by its id

	preferences   map[chat.UserID]chat.Preferences
	blocks        map[blockKey]time.Time
	reports       []chat.Report // in the order of their making
	announcements []announcement

	onCommit func([]chat.Op)
	faults   []Fault
	lookups  []error
}

type memberKey struct {
	room chat.RoomID
	user chat.UserID
}

type postKey struct {
	clientID string
	author   chat.UserID
	room     chat.RoomID
}

type stored struct {
	event chat.Event
	hash  [16]byte
}

// room has its entries in order: entries[i] has seq i+1.
type room struct {
	chat.Room
	entries []chat.Event
	extras  map[string]*extras // by the message's id
	emojis  map[string]string  // of reactions, by the change's id
}

var _ chat.Store = (*Store)(nil)

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		users:    map[chat.UserID]chat.User{},
		sessions: map[chat.SessionID]chat.Session{},
		rooms:    map[chat.RoomID]*room{},
		members:  map[memberKey]chat.Membership{},
		posts:    map[postKey]stored{},
		invites:  map[chat.InviteID]chat.Invite{},
		space:    chat.FirstWorkspace,
		follows:  map[followKey]follow{},
		places:   map[string]uint64{},

		preferences: map[chat.UserID]chat.Preferences{},
		blocks:      map[blockKey]time.Time{},
	}
}

// Close does nothing.
func (s *Store) Close() error { return nil }

// User returns the user with this id.
func (s *Store) User(_ context.Context, id chat.UserID) (chat.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.user(id)
}

func (s *Store) user(id chat.UserID) (chat.User, error) {
	u, ok := s.users[id]
	if !ok {
		return chat.User{}, chat.Errorf(chat.NotFound, "", "there is no such user")
	}
	return u, nil
}

// UserBySkeleton finds a member or bot by name.
func (s *Store) UserBySkeleton(_ context.Context, skeleton string) (chat.User, error) {
	for _, u := range s.named() {
		if u.NameSkeleton == skeleton {
			return u, nil
		}
	}
	return chat.User{}, chat.Errorf(chat.NotFound, "", "there is no such user")
}

// Users lists members and bots by name; see chat.UserStore.
func (s *Store) Users(_ context.Context, after string, limit int) ([]chat.User, error) {
	us := slices.DeleteFunc(s.named(), func(u chat.User) bool { return u.NameSkeleton <= after })
	return us[:min(limit, len(us))], nil
}

// named returns members and bots by name skeleton.
func (s *Store) named() []chat.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var us []chat.User
	for _, u := range s.users {
		if u.Kind != chat.KindGuest {
			us = append(us, u)
		}
	}
	slices.SortFunc(us, func(a, b chat.User) int { return strings.Compare(a.NameSkeleton, b.NameSkeleton) })
	return us
}

// Disable marks a user as disabled.
func (s *Store) Disable(id chat.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[id]
	u.Disabled = true
	s.users[id] = u
}

// CreateRoom stores r; see chat.RoomStore.
func (s *Store) CreateRoom(_ context.Context, r chat.Room, creator chat.UserID) (chat.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.rooms {
		if other.ID == r.ID || other.Name == r.Name {
			return chat.Room{}, chat.Errorf(chat.Conflict, "", "there is a room named %s already", r.Name)
		}
	}
	if len(s.rooms) >= chat.MaxRooms {
		return chat.Room{}, chat.ErrManyRooms()
	}
	if creator != "" {
		if _, err := s.user(creator); err != nil {
			return chat.Room{}, chat.Errorf(chat.Unauthenticated, "", "there is no such user")
		}
		s.members[memberKey{r.ID, creator}] = chat.Membership{Room: r.ID, User: creator, Role: chat.RoleOwner, Joined: r.Created}
	}
	s.rooms[r.ID] = &room{Room: r, extras: map[string]*extras{}, emojis: map[string]string{}}
	return r, nil
}

// RoomByName returns the room of this name.
func (s *Store) RoomByName(_ context.Context, name string) (chat.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		if r.Name == name {
			return r.Room, nil
		}
	}
	return chat.Room{}, noRoom()
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
		m, ok := s.members[memberKey{r.ID, user}]
		if ok && m.Removed || !ok && (r.Kind != chat.RoomPublic || r.Archived) {
			continue
		}
		st := chat.StateOf(r.Room, nil)
		if ok {
			st = chat.StateOf(r.Room, &m)
		}
		st.Mentions = s.unreadMentions(r.ID, user, st.Cursor.N)
		states = append(states, st)
	}
	slices.SortFunc(states, func(a, b chat.RoomState) int { return strings.Compare(a.Name, b.Name) })
	return states, nil
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

// now is when something happens that brings no time of its own.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// SeesFrom hides from a member what comes before an entry of a room.
func (s *Store) SeesFrom(room chat.RoomID, user chat.UserID, seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := memberKey{room, user}
	m, ok := s.members[key]
	if !ok {
		m = chat.Membership{Room: room, User: user, Role: chat.RoleMember, Joined: now()}
	}
	m.SeesFromSeq = seq
	s.members[key] = m
}

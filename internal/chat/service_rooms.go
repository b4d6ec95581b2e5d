package chat

import (
	"context"
	"slices"
)

// newRoom is a room as it begins.
func (s *Service) newRoom(name, topic string, kind RoomKind) Room {
	return Room{
		ID: RoomID(s.cfg.NewID()), Name: name, Kind: kind, Topic: topic, MinSeq: 1, Epoch: s.cfg.NewID(), Created: s.now(), History: HistoryAll,
	}
}

// NewRoom is a room that somebody wants to make.
type NewRoom struct {
	Name    string
	Topic   string
	Kind    RoomKind // "": RoomPublic
	History History  // "": HistoryAll
	Members []UserID // who are added once it is made, at most MaxFirstMembers; somebody who cannot be is an error before
}

// CreateRoom makes a public or private room, with by as its owner. Conflict when the name is, or was, another room's, Forbidden
// for guests, RateLimited for who makes them too fast, TooLarge when there are MaxRooms.
func (s *Service) CreateRoom(ctx context.Context, by Actor, n NewRoom) (Room, error) {
	const op = "chat.CreateRoom"
	if n.Kind == "" {
		n.Kind = RoomPublic
	}
	r := s.newRoom(n.Name, n.Topic, n.Kind)
	if n.History != "" {
		r.History = n.History
	}
	members, err := s.firstMembers(ctx, op, by, r, n.Members)
	if err == nil {
		err = s.mayMake(op, by, r)
	}
	if err != nil {
		return Room{}, withOp(op, err)
	}
	err = s.changeLists(ctx, op, func() (err error) {
		if r, err = s.store.CreateRoom(ctx, r, by.ID); err != nil {
			return err
		}
		sh := Showing{Room: r}
		if r.Kind != RoomPublic {
			sh.To = []UserID{by.ID}
		}
		s.cfg.RoomShown(sh)
		if s.cfg.Joined != nil {
			s.cfg.Joined(r.ID, by.ID)
		}
		return nil
	})
	if err != nil {
		return Room{}, err
	}
	for _, id := range members {
		if o := Wait(ctx, func(done func(Outcome)) { s.addMember(op, by, r.Name, id, done) }); o.Err != nil {
			return Room{}, withOp(op, o.Err)
		}
	}
	return r, nil
}

// firstMembers are the ids of those who are to be added to a new room, each once and without its maker's.
func (s *Service) firstMembers(ctx context.Context, op string, by Actor, r Room, ids []UserID) ([]UserID, error) {
	if len(ids) > MaxFirstMembers {
		return nil, Errorf(Invalid, op, "members must be at most %d people", MaxFirstMembers)
	}
	var members []UserID
	for _, id := range ids {
		who, err := s.User(ctx, id)
		if err != nil {
			return nil, err
		}
		if who.ID == by.ID || slices.Contains(members, who.ID) {
			continue
		}
		if err := MayAddMember(r, &Membership{Role: RoleOwner}, by.asUser(), nil, who); err != nil {
			return nil, err
		}
		members = append(members, who.ID)
	}
	return members, nil
}

func (s *Service) mayMake(op string, by Actor, r Room) error {
	if err := MayCreateRoom(by.asUser()); err != nil {
		return err
	}
	if err := MayName(r.Name); err != nil {
		return err
	}
	if r.Kind != RoomPublic && r.Kind != RoomPrivate {
		return Errorf(Invalid, op, "kind must be public or private")
	}
	if err := CheckSettings(r); err != nil {
		return err
	}
	if err := checkLine(op, "topic", r.Topic, MaxTopic); err != nil {
		return err
	}
	return s.askNewRoom(op, by)
}

func (s *Service) askNewRoom(op string, by Actor) error {
	return s.askNew(op, by, "too many new rooms at once")
}

// askNewName counts a new name of a room as a new room: as many people are told.
func (s *Service) askNewName(op string, by Actor) error {
	return s.askNew(op, by, "too many new rooms and names at once")
}

func (s *Service) askNew(op string, by Actor, tooMany string) error {
	if s.cfg.NewRoom == nil {
		return nil
	}
	if after, ok := s.cfg.NewRoom(by.ID); !ok {
		return &Error{Code: RateLimited, Op: op, Message: tooMany, RetryAfter: after}
	}
	return nil
}

// Room returns what seldom changes of a room: ID, Name, Kind, Epoch and Created. It is cached; RoomState has the rest. Names
// that it once had lead to it, too. NotFound also for a room that by may not know of, Invalid for a name that no room can have.
func (s *Service) Room(ctx context.Context, by Actor, name string) (Room, error) {
	const op = "chat.Room"
	r, err := s.identity(ctx, op, name)
	if err != nil {
		return Room{}, err
	}
	if r.Kind != RoomPublic {
		m, err := s.membership(ctx, op, r.ID, by.ID)
		if err != nil {
			return Room{}, err
		}
		if err := MaySee(r, m, by.asUser()); err != nil {
			return Room{}, withOp(op, err)
		}
	}
	return r, nil
}

// RoomByID returns what seldom changes of a room, cached, whoever asks.
func (s *Service) RoomByID(ctx context.Context, id RoomID) (Room, error) {
	if r, ok := s.rooms.byID(id); ok {
		return r, nil
	}
	const op = "chat.RoomByID"
	if _, ok := ParseUUID(string(id)); !ok {
		return Room{}, Errorf(NotFound, op, "there is no such room")
	}
	before := s.rooms.renames()
	r, err := s.store.RoomByID(ctx, id)
	if err != nil {
		return Room{}, withOp(op, err)
	}
	return s.rooms.add(r, r.Name, before), nil
}

// identity resolves a name, whoever asks.
func (s *Service) identity(ctx context.Context, op, name string) (Room, error) {
	if r, ok := s.rooms.byName(name); ok {
		return r, nil
	}
	if err := CheckRoomName(name); err != nil {
		return Room{}, withOp(op, err)
	}
	before := s.rooms.renames()
	r, err := s.store.RoomByName(ctx, name)
	if err == nil && r.Name != name && s.mutant.on("old-name-lost") {
		err = Errorf(NotFound, op, "there is no such room")
	}
	if err != nil {
		return Room{}, withOp(op, err)
	}
	return s.rooms.add(r, name, before), nil
}

// membership returns nil when there is none.
func (s *Service) membership(ctx context.Context, op string, room RoomID, user UserID) (*Membership, error) {
	m, err := s.store.Membership(ctx, room, user)
	switch {
	case CodeOf(err) == NotFound:
		return nil, nil
	case err != nil:
		return nil, withOp(op, err)
	}
	return &m, nil
}

// MaySee says whether by may read the room now, and the first entry they see (0: all). Nothing of it is cached.
func (s *Service) MaySee(ctx context.Context, by Actor, room RoomID) (seesFrom uint64, err error) {
	const op = "chat.MaySee"
	r, err := s.RoomByID(ctx, room)
	if err != nil {
		return 0, err
	}
	m, err := s.membership(ctx, op, room, by.ID)
	if err != nil {
		return 0, err
	}
	if err := MaySee(r, m, by.asUser()); err != nil {
		return 0, withOp(op, err)
	}
	if m == nil {
		return 0, nil
	}
	return m.SeesFromSeq, nil
}

// visible resolves a name for somebody who wants to read it.
func (s *Service) visible(ctx context.Context, op string, by Actor, name string) (Room, *Membership, error) {
	r, err := s.identity(ctx, op, name)
	if err != nil {
		return Room{}, nil, err
	}
	m, err := s.membership(ctx, op, r.ID, by.ID)
	if err != nil {
		return Room{}, nil, err
	}
	if err := MaySee(r, m, by.asUser()); err != nil {
		return Room{}, nil, withOp(op, err)
	}
	return r, m, nil
}

// RoomState returns a room as by sees it now.
func (s *Service) RoomState(ctx context.Context, by Actor, name string) (RoomState, error) {
	const op = "chat.RoomState"
	id, m, err := s.visible(ctx, op, by, name)
	if err != nil {
		return RoomState{}, err
	}
	r, err := s.store.RoomByID(ctx, id.ID)
	if err != nil {
		return RoomState{}, withOp(op, err)
	}
	st := StateOf(r, m)
	if r.Kind == RoomDirect {
		people, err := s.people(ctx, r.ID)
		if err != nil {
			return RoomState{}, withOp(op, err)
		}
		st.People = Others(people, by.ID)
	}
	st.Mentions, err = s.store.UnreadMentions(ctx, id.ID, by.ID)
	return st, withOp(op, err)
}

// people are those of a direct room, by name.
func (s *Service) people(ctx context.Context, room RoomID) ([]Person, error) {
	ms, err := s.store.Members(ctx, room, "", MaxDirectOthers+1)
	people := make([]Person, len(ms))
	for i, m := range ms {
		people[i] = Person{ID: m.User, Name: m.UserName}
	}
	return people, err
}

// Others returns the people but one.
func Others(people []Person, but UserID) []Person {
	return slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.ID == but })
}

// StateOf is a room as the user with the membership m sees it, but for the mentions and the People, which it does not know
// of; m may be nil.
func StateOf(r Room, m *Membership) RoomState {
	st := RoomState{Room: r}
	switch {
	case m.isMember():
		st.Member, st.Role = true, m.Role
		st.Cursor = Cursor{N: m.ReadN, Version: m.ReadVersion}
		// The cursor may have been read after the room, when it stood at a later message.
		st.Unread = r.N - min(r.N, max(m.ReadN, m.SeesAfterN))
		st.Notify, st.Muted = m.Notify, m.Muted
	case m != nil:
		st.Left = true
	}
	return st
}

// RoomStates lists the rooms that by may see, by name, but not those that they have left.
func (s *Service) RoomStates(ctx context.Context, by Actor) ([]RoomState, error) {
	rs, err := s.store.RoomStates(ctx, by.ID)
	rs = slices.DeleteFunc(rs, func(st RoomState) bool { return st.Left })
	return rs, withOp("chat.RoomStates", err)
}

// BrowseRooms lists the public rooms that are not archived, by name, also those that by has left.
func (s *Service) BrowseRooms(ctx context.Context, by Actor) ([]RoomState, error) {
	rs, err := s.store.RoomStates(ctx, by.ID)
	rs = slices.DeleteFunc(rs, func(st RoomState) bool { return st.Kind != RoomPublic || st.Archived })
	return rs, withOp("chat.BrowseRooms", err)
}

// Members lists the members of a room by name skeleton, those that come after the given name or skeleton; limit 0 means
// MaxList.
func (s *Service) Members(ctx context.Context, by Actor, room string, after string, limit int) ([]Member, error) {
	const op = "chat.Members"
	after, limit, err := s.listArgs(op, after, limit)
	if err != nil {
		return nil, err
	}
	r, _, err := s.visible(ctx, op, by, room)
	if err != nil {
		return nil, err
	}
	ms, err := s.store.Members(ctx, r.ID, after, limit)
	return ms, withOp(op, err)
}

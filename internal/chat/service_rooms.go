package chat

import (
	"context"
	"encoding/json"
	"sync"
)

// newRoom is a public room as it begins.
func (s *Service) newRoom(name, topic string) Room {
	return Room{ID: RoomID(s.cfg.NewID()), Name: name, Kind: RoomPublic, Topic: topic, MinSeq: 1, Epoch: s.cfg.NewID(), Created: s.now()}
}

// CreateRoom makes a public room, with by as its owner. Conflict when the name is taken, Forbidden for guests, RateLimited
// for who makes them too fast, TooLarge when there are MaxRooms.
func (s *Service) CreateRoom(ctx context.Context, by Actor, name, topic string) (Room, error) {
	const op = "chat.CreateRoom"
	if err := MayCreateRoom(by.asUser()); err != nil {
		return Room{}, withOp(op, err)
	}
	if err := CheckRoomName(name); err != nil {
		return Room{}, withOp(op, err)
	}
	if err := checkLine(op, "topic", topic, MaxTopic); err != nil {
		return Room{}, err
	}
	if s.cfg.NewRoom != nil {
		if after, ok := s.cfg.NewRoom(by.ID); !ok {
			return Room{}, &Error{Code: RateLimited, Op: op, Message: "too many new rooms at once", RetryAfter: after}
		}
	}
	r, err := s.store.CreateRoom(ctx, s.newRoom(name, topic), by.ID)
	if err != nil {
		return Room{}, withOp(op, err)
	}
	if s.cfg.RoomAdded != nil {
		s.cfg.RoomAdded(r)
	}
	if s.cfg.Joined != nil {
		s.cfg.Joined(r.ID, by.ID)
	}
	return r, nil
}

// Room returns what never changes of a room: ID, Name, Kind, Epoch and Created. It is cached; RoomState has the rest. NotFound
// also for a room that by may not know of, Invalid for a name that no room can have.
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

// RoomByID returns what never changes of a room, cached, whoever asks.
func (s *Service) RoomByID(ctx context.Context, id RoomID) (Room, error) {
	if r, ok := s.rooms.byID(id); ok {
		return r, nil
	}
	const op = "chat.RoomByID"
	if _, ok := ParseUUID(string(id)); !ok {
		return Room{}, Errorf(NotFound, op, "there is no such room")
	}
	r, err := s.store.RoomByID(ctx, id)
	if err != nil {
		return Room{}, withOp(op, err)
	}
	return s.rooms.add(r), nil
}

// identity resolves a name, whoever asks.
func (s *Service) identity(ctx context.Context, op, name string) (Room, error) {
	if r, ok := s.rooms.byName(name); ok {
		return r, nil
	}
	if err := CheckRoomName(name); err != nil {
		return Room{}, withOp(op, err)
	}
	r, err := s.store.RoomByName(ctx, name)
	if err != nil {
		return Room{}, withOp(op, err)
	}
	return s.rooms.add(r), nil
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
	st.Mentions, err = s.store.UnreadMentions(ctx, id.ID, by.ID)
	return st, withOp(op, err)
}

// StateOf is a room as the user with the membership m sees it, but for the mentions, which it does not know of; m may be nil.
func StateOf(r Room, m *Membership) RoomState {
	st := RoomState{Room: r}
	if m != nil && !m.Removed {
		st.Member = true
		st.Cursor = Cursor{N: m.ReadN, Version: m.ReadVersion}
		// The cursor may have been read after the room, when it stood at a later message.
		st.Unread = r.N - min(r.N, m.ReadN)
		st.Notify, st.Muted = m.Notify, m.Muted
	}
	return st
}

// RoomStates lists the rooms that by may see, by name.
func (s *Service) RoomStates(ctx context.Context, by Actor) ([]RoomState, error) {
	rs, err := s.store.RoomStates(ctx, by.ID)
	return rs, withOp("chat.RoomStates", err)
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

// SetTopic changes the topic of a room: an entry of its sequence. Members may, guests may not. "" takes the topic away.
func (s *Service) SetTopic(by Actor, room, topic string, done func(Outcome)) {
	const op = "chat.SetTopic"
	if err := checkLine(op, "topic", topic, MaxTopic); err != nil {
		done(Outcome{Err: err})
		return
	}
	s.change(op, by, room, done, func(_ context.Context, r Room) (ChangeOp, error) {
		data, err := json.Marshal(map[string]string{"topic": topic})
		return ChangeOp{Change: Change{Kind: ChangeTopic, Data: string(data)}, Topic: topic}, err
	})
}

// SetArchived archives a room, or brings it back: an entry of its sequence. In an archived room nobody can say or change
// anything, and who is no member is not shown it any more. Owners, moderators and the room's owner may; Conflict when it is
// so already.
func (s *Service) SetArchived(by Actor, room string, archived bool, done func(Outcome)) {
	kind := ChangeUnarchived
	if archived {
		kind = ChangeArchived
	}
	s.change("chat.SetArchived", by, room, done, func(context.Context, Room) (ChangeOp, error) {
		data, err := json.Marshal(map[string]bool{"archived": archived})
		return ChangeOp{Change: Change{Kind: kind, Data: string(data)}}, err
	})
}

// AddMember makes user a member of a room: an entry of its sequence. Conflict when they are one already. Any member may
// do it, but only an owner or moderator for somebody who was removed.
func (s *Service) AddMember(by Actor, room string, user UserID, done func(Outcome)) {
	s.changeMember("chat.AddMember", ChangeMemberAdded, by, room, user, done)
}

// RemoveMember takes user out of a room: an entry of its sequence, and the last they see of it. It also bars them from
// coming back by themselves, in public rooms too, where somebody without a membership can be barred. The workspace's owners
// and moderators and the room's owner may do it, to those whose rights are below theirs.
func (s *Service) RemoveMember(by Actor, room string, user UserID, done func(Outcome)) {
	s.changeMember("chat.RemoveMember", ChangeMemberRemoved, by, room, user, done)
}

func (s *Service) changeMember(op string, kind ChangeKind, by Actor, room string, user UserID, done func(Outcome)) {
	s.change(op, by, room, done, func(ctx context.Context, r Room) (ChangeOp, error) {
		who, err := s.User(ctx, user)
		if err != nil {
			return ChangeOp{}, err
		}
		data, err := json.Marshal(map[string]string{"user": who.Name, "user_id": string(who.ID)})
		return ChangeOp{Change: Change{Kind: kind, Subject: who.ID, Data: string(data)}}, err
	})
}

// change queues a change of a room that build describes.
func (s *Service) change(op string, by Actor, room string, done func(Outcome), build func(context.Context, Room) (ChangeOp, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	r, err := s.Room(ctx, by, room)
	if err != nil {
		done(Outcome{Err: withOp(op, err)})
		return
	}
	c, err := build(ctx, r)
	if err != nil {
		done(Outcome{Err: withOp(op, err)})
		return
	}
	c.ID, c.Room, c.RoomName, c.Actor, c.UserName, c.Created, c.By = s.cfg.NewID(), r.ID, r.Name, by.ID, by.Name, s.now(), by
	s.committer.enqueue(Op{Change: &c}, len(c.Data)+len(c.Topic)+len(c.Content)+len(c.HTML), done)
}

// maxCachedRooms bounds the cache of rooms. Past it the cache begins anew: a workspace with that many rooms in use pays
// one read by index for each of them now and then.
const maxCachedRooms = 10000

// roomCache keeps what never changes of rooms. Only rooms that exist are kept, so that asking for others cannot fill it.
type roomCache struct {
	mu    sync.RWMutex
	ids   map[RoomID]Room
	names map[string]Room
}

func newRoomCache() *roomCache {
	return &roomCache{ids: map[RoomID]Room{}, names: map[string]Room{}}
}

func (c *roomCache) byID(id RoomID) (Room, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.ids[id]
	return r, ok
}

func (c *roomCache) byName(name string) (Room, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.names[name]
	return r, ok
}

func (c *roomCache) add(r Room) Room {
	r = Room{ID: r.ID, Name: r.Name, Kind: r.Kind, Epoch: r.Epoch, Created: r.Created}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ids) >= maxCachedRooms {
		clear(c.ids)
		clear(c.names)
	}
	c.ids[r.ID], c.names[r.Name] = r, r
	return r
}

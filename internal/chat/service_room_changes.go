package chat

import "context"

// SetTopic changes the topic of a room: an entry of its sequence. Members may, guests may not. "" takes the topic away.
func (s *Service) SetTopic(by Actor, room, topic string, done func(Outcome)) {
	const op = "chat.SetTopic"
	if err := checkLine(op, "topic", topic, MaxTopic); err != nil {
		done(Outcome{Err: err})
		return
	}
	if !s.mayChange(op, by, done) {
		return
	}
	s.change(op, by, room, done, func(context.Context, Room) (ChangeOp, error) {
		return ChangeOp{Change: Change{Kind: ChangeTopic, Data: object(map[string]any{"topic": topic})}, Topic: topic}, nil
	})
}

// SetArchived archives a room, or brings it back: an entry of its sequence. In an archived room nobody can say or change
// anything, and who is no member is not shown it any more. Owners, moderators and the room's owner may; Conflict when it is
// so already.
func (s *Service) SetArchived(by Actor, room string, archived bool, done func(Outcome)) {
	const op = "chat.SetArchived"
	if !s.mayChange(op, by, done) {
		return
	}
	kind := ChangeUnarchived
	if archived {
		kind = ChangeArchived
	}
	s.change(op, by, room, done, func(context.Context, Room) (ChangeOp, error) {
		return ChangeOp{Change: Change{Kind: kind, Data: object(map[string]any{"archived": archived})}}, nil
	})
}

// Rename gives a room another name: an entry of its sequence. The names that it had lead to it for good. The room's owner may,
// and the workspace's owners and moderators. Conflict when the name is, or was, another room's.
func (s *Service) Rename(by Actor, room, name string, done func(Outcome)) {
	const op = "chat.Rename"
	if err := MayName(name); err != nil {
		done(Outcome{Err: withOp(op, err)})
		return
	}
	if err := s.askNewName(op, by); err != nil { // everybody is told
		done(Outcome{Err: err})
		return
	}
	s.change(op, by, room, s.orForget(done), func(context.Context, Room) (ChangeOp, error) {
		return ChangeOp{Change: Change{Kind: ChangeRenamed}, Name: name}, nil
	})
}

// orForget empties the cache of rooms when nobody knows whether one was renamed.
func (s *Service) orForget(done func(Outcome)) func(Outcome) {
	return func(o Outcome) {
		if CodeOf(o.Err) == UnknownOutcome {
			s.rooms.forget()
		}
		done(o)
	}
}

// Set gives a room other settings: an entry of its sequence. Whoever has a role in it may, but what new members see is for
// the room's owner and the workspace's owners and moderators to say. Conflict when it has them already.
func (s *Service) Set(by Actor, room string, settings Settings, done func(Outcome)) {
	const op = "chat.Set"
	if !s.mayChange(op, by, done) {
		return
	}
	s.change(op, by, room, done, func(context.Context, Room) (ChangeOp, error) {
		return ChangeOp{Change: Change{Kind: ChangeSettings}, Settings: settings}, nil
	})
}

// AddMember makes user a member of a room: an entry of its sequence. Conflict when they are one already. Any member may
// do it, but only an owner or moderator for somebody who was banned.
func (s *Service) AddMember(by Actor, room string, user UserID, done func(Outcome)) {
	const op = "chat.AddMember"
	if s.mayChange(op, by, done) {
		s.addMember(op, by, room, user, done)
	}
}

func (s *Service) addMember(op string, by Actor, room string, user UserID, done func(Outcome)) {
	s.changeMember(op, by, room, user, done, ChangeOp{Change: Change{Kind: ChangeMemberAdded}})
}

// RemoveMember takes user out of a room: an entry of its sequence, and the last they see of it. With Removal.Ban it also
// bars them from coming back by themselves, in public rooms too, where somebody without a membership can be banned. Everybody
// may leave; others are removed by the workspace's owners and moderators and the room's, if their rights are below theirs.
// Leaving a direct room only hides it, until something is said in it.
func (s *Service) RemoveMember(by Actor, room string, user UserID, how Removal, done func(Outcome)) {
	const op = "chat.RemoveMember"
	if err := checkLine(op, "reason", how.Reason, MaxReason); err != nil {
		done(Outcome{Err: err})
		return
	}
	if !s.mayChange(op, by, done) {
		return
	}
	if id, ok := NormalUUID(string(user)); ok && UserID(id) == by.ID {
		if hidden, err := s.hideDirect(op, by, room); hidden || err != nil {
			done(Outcome{Err: err})
			return
		}
	}
	s.changeMember(op, by, room, user, done, ChangeOp{Change: Change{Kind: ChangeMemberRemoved}, Removal: how})
}

// SetMemberRole gives a member another role in the room: an entry of its sequence. The room's owners may, and the workspace's.
// Conflict when they have it already.
func (s *Service) SetMemberRole(by Actor, room string, user UserID, role Role, done func(Outcome)) {
	const op = "chat.SetMemberRole"
	if !s.mayChange(op, by, done) {
		return
	}
	s.changeMember(op, by, room, user, done, ChangeOp{Change: Change{Kind: ChangeRole}, Role: role})
}

func (s *Service) changeMember(op string, by Actor, room string, user UserID, done func(Outcome), c ChangeOp) {
	s.change(op, by, room, done, func(ctx context.Context, r Room) (ChangeOp, error) {
		who, err := s.User(ctx, user)
		if err != nil {
			return ChangeOp{}, err
		}
		c.Subject, c.Data = who.ID, object(about(who))
		return c, nil
	})
}

// mayChange refuses, by done, who changes rooms too fast: each change costs what a message costs.
func (s *Service) mayChange(op string, by Actor, done func(Outcome)) bool {
	if s.cfg.Limiter == nil {
		return true
	}
	after, ok := s.cfg.Limiter.Send(by.ID, by.Kind)
	if !ok {
		done(Outcome{Err: &Error{Code: RateLimited, Op: op, Message: "too many changes at once", RetryAfter: after}})
	}
	return ok
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
	s.committer.enqueue(Op{Change: &c}, len(c.Data)+len(c.Topic)+len(c.Removal.Reason)+len(c.Content)+len(c.HTML), done)
}

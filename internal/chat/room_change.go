package chat

import (
	"encoding/json"
	"time"
)

// Settings are those of a room that a ChangeSettings gives another value; nil leaves one as it is.
type Settings struct {
	ReadOnly *bool
	History  *History
	SlowMode *int // seconds
}

// Removal says how somebody is removed from a room.
type Removal struct {
	Reason string // at most MaxReason code points
	Ban    bool   // they may not come back by themselves
}

// Showing is told to people who may not be subscribed to a room: that it is in their list from now on, or has another name.
type Showing struct {
	Room   Room
	Was    string   // the name before; "": the room has come into the list
	To     []UserID // nil: everybody, which is for public rooms alone
	People []Person // everybody in a direct room
}

// Meeting is what a change of a room meets in the transaction that stores it.
type Meeting struct {
	Room   Room
	By     User
	Mine   *Membership // By's; nil: none
	Who    User        // whom the change is about; the zero User when it is about nobody
	Theirs *Membership // Who's; nil: none
}

// Effect is what a change does.
type Effect struct {
	Data   string      // of its entry
	Room   Room        // afterwards, but for Seq. Whether a new name is free is for the store to say
	Member *Membership // Who's, afterwards; nil: as before
}

// Was is the name of the room before a ChangeRenamed.
func (c *Change) Was() string {
	var data struct{ Was string }
	if json.Unmarshal([]byte(c.Data), &data) != nil {
		return ""
	}
	return data.Was
}

// IsAboutSomebody says whether a change of this kind has a Subject.
func (k ChangeKind) IsAboutSomebody() bool {
	return k == ChangeMemberAdded || k == ChangeMemberRemoved || k == ChangeRole
}

// Decide says whether the change, which is not of a message, is allowed by what it meets, and what it does. Data that does not depend on that stays as
// it is.
func (c *ChangeOp) Decide(at Meeting) (Effect, error) {
	e := Effect{Data: c.Data, Room: at.Room}
	var err error
	switch c.Kind {
	case ChangeTopic:
		err = MaySetTopic(at.Room, at.Mine, at.By)
		e.Room.Topic = c.Topic
	case ChangeArchived, ChangeUnarchived:
		e.Room.Archived = c.Kind == ChangeArchived
		err = MayArchive(at.Room, at.Mine, at.By, e.Room.Archived)
	case ChangeRenamed:
		err = MayRename(at.Room, at.Mine, at.By, c.Name)
		e.Room.Name = c.Name
		e.Data = object(map[string]any{"name": c.Name, "was": at.Room.Name})
	case ChangeSettings:
		e.Room = c.Settings.applied(at.Room)
		err = MaySet(at.Room, at.Mine, at.By, e.Room)
		e.Data = object(map[string]any{"read_only": e.Room.ReadOnly, "history": e.Room.History, "slow_mode": e.Room.SlowMode})
	case ChangeMemberAdded:
		err = MayAddMember(at.Room, at.Mine, at.By, at.Theirs, at.Who)
		e.Member = c.added(at)
	case ChangeMemberRemoved:
		err = MayRemoveMember(at.Room, at.Mine, at.By, at.Theirs, at.Who, c.Removal.Ban)
		e.Member, e.Data = c.removed(at)
	case ChangeRole:
		err = MaySetRole(at.Room, at.Mine, at.By, at.Theirs, at.Who, c.Role)
		e.Member, e.Data = c.withRole(at)
	default:
		err = Errorf(Invalid, "", "there is no change of kind %q", c.Kind)
	}
	return e, err
}

// Change says whether the room has other settings than these.
func (s Settings) Change(r Room) bool { return s.applied(r) != r }

// applied is the room with these settings.
func (s Settings) applied(r Room) Room {
	if s.ReadOnly != nil {
		r.ReadOnly = *s.ReadOnly
	}
	if s.History != nil {
		r.History = *s.History
	}
	if s.SlowMode != nil {
		r.SlowMode = *s.SlowMode
	}
	return r
}

// added is the membership of somebody who was brought in. What was said before is read for whoever is new, and not to be
// seen where the room says so.
func (c *ChangeOp) added(at Meeting) *Membership {
	m := NewMembership(at.Room.ID, at.Who, c.Created)
	if at.Theirs == nil {
		m.ReadN, m.ReadVersion = at.Room.N, 1
	} else {
		m = *at.Theirs
		m.Joined = c.Created
	}
	m.Removed, m.Banned, m.SeesFromSeq, m.SeesAfterN = false, false, 0, 0
	if at.Room.Kind == RoomPrivate && at.Room.History == HistoryJoined {
		m.SeesFromSeq, m.SeesAfterN = at.Room.Seq+1, at.Room.N
		if m.ReadN != at.Room.N {
			m.ReadN, m.ReadVersion = at.Room.N, m.ReadVersion+1
		}
	}
	return &m
}

// removed is the membership of somebody who is a member no more; who comes back is an ordinary one.
func (c *ChangeOp) removed(at Meeting) (*Membership, string) {
	m := NewMembership(at.Room.ID, at.Who, c.Created)
	if at.Theirs != nil {
		m = *at.Theirs
	}
	left := at.By.ID == at.Who.ID
	m.Removed, m.Banned, m.Role = true, c.Removal.Ban && !left, ordinary(at.Who.Kind)
	data := about(at.Who)
	if left {
		data["left"] = true
	} else if c.Removal.Reason != "" {
		data["reason"] = c.Removal.Reason
	}
	if m.Banned {
		data["banned"] = true
	}
	return &m, object(data)
}

func (c *ChangeOp) withRole(at Meeting) (*Membership, string) {
	if at.Theirs == nil {
		return nil, ""
	}
	m := *at.Theirs
	m.Role = c.Role
	data := about(at.Who)
	data["role"], data["was"] = m.Role, at.Theirs.Role
	return &m, object(data)
}

// NewMembership is that of somebody who has just come into a room.
func NewMembership(room RoomID, u User, joined time.Time) Membership {
	return Membership{Room: room, User: u.ID, Role: ordinary(u.Kind), Joined: joined, HidesN: -1}
}

// ordinary is the role of somebody who came into a room without one.
func ordinary(kind UserKind) Role {
	if kind == KindGuest {
		return RoleGuest
	}
	return RoleMember
}

func about(u User) map[string]any { return map[string]any{"user": u.Name, "user_id": string(u.ID)} }

// object writes data as JSON. What is given can always be written: names, numbers and booleans.
func object(data map[string]any) string {
	b, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return string(b)
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// batch is what one transaction has read and changed of rooms, users and memberships. Each row is read once and written
// once, however many ops touch it; messages and changes are written at once.
type batch struct {
	w       *writer
	now     time.Time
	rooms   map[chat.RoomID]*roomRow
	users   map[chat.UserID]*userRow
	members map[memberKey]*memberRow
	threads map[threadKey]*chat.Replies // as they stand; never changed once they are here
}

type memberKey struct {
	room chat.RoomID
	user chat.UserID
}

type roomRow struct {
	chat.Room
	key   []byte
	dirty bool
}

type userRow struct {
	chat.User
	key    []byte
	stored bool
}

type memberRow struct {
	chat.Membership
	room, user    []byte
	stored, dirty bool
}

func newBatch(w *writer, now time.Time) *batch {
	return &batch{w: w, now: now, rooms: map[chat.RoomID]*roomRow{}, users: map[chat.UserID]*userRow{}, members: map[memberKey]*memberRow{}, threads: map[threadKey]*chat.Replies{}}
}

// apply carries out one op. A *chat.Error refuses this op alone and has changed nothing; any other error fails the batch.
func (b *batch) apply(op chat.Op) (chat.Outcome, error) {
	switch {
	case op.Post != nil:
		return b.post(op.Post)
	case op.Change != nil:
		return b.change(op.Change)
	case op.Read != nil:
		return b.read(op.Read)
	case op.Mark != nil:
		return b.mark(op.Mark)
	}
	return chat.Outcome{}, chat.Errorf(chat.Invalid, "sqlite.Commit", "an empty op")
}

func (b *batch) room(id chat.RoomID) (*roomRow, error) {
	if r := b.rooms[id]; r != nil {
		return r, nil
	}
	r := &roomRow{key: blob(id)}
	err := b.w.room.QueryRowContext(context.Background(), r.key).Scan(roomFields(&r.Room)...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, chat.Errorf(chat.NotFound, "sqlite.Commit", "there is no such room")
	}
	if err != nil {
		return nil, err
	}
	b.rooms[id] = r
	return r, nil
}

// user returns the row of an actor, or, for a guest who has none yet, the row they will get.
func (b *batch) user(a chat.Actor) (*userRow, error) {
	u, err := b.storedUser(a.ID)
	if chat.CodeOf(err) != chat.NotFound {
		return u, err
	}
	key := blob(a.ID)
	if a.Kind != chat.KindGuest || key == nil {
		return nil, chat.Errorf(chat.Unauthenticated, "sqlite.Commit", "there is no such user")
	}
	u = &userRow{key: key, User: chat.User{ID: a.ID, Kind: chat.KindGuest, Name: a.Name, Email: a.Email, Role: chat.RoleGuest, Created: b.now}}
	b.users[a.ID] = u
	return u, nil
}

func (b *batch) storedUser(id chat.UserID) (*userRow, error) {
	if u := b.users[id]; u != nil {
		return u, nil
	}
	u := &userRow{key: blob(id), stored: true}
	err := b.w.user.QueryRowContext(context.Background(), u.key).Scan(userFields(&u.User)...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, chat.Errorf(chat.NotFound, "sqlite.Commit", "there is no such user")
	}
	if err != nil {
		return nil, err
	}
	b.users[id] = u
	return u, nil
}

// keep stores a guest's row before their first message.
func (b *batch) keep(u *userRow) error {
	if u.stored {
		return nil
	}
	if err := exec(b.w.insertGuest, userValues(u.User)...); err != nil {
		return err
	}
	u.stored = true
	return nil
}

func userValues(u chat.User) []any {
	return []any{blob(u.ID), string(u.Kind), u.Name, u.NameSkeleton, u.Display, u.Email, u.PasswordHash, string(u.Role),
		millis(u.Created), u.Disabled, int64(u.Rev), u.ExternalID, u.ExternalName, u.Avatar, string(u.AvatarFrom), maybeMillis(u.AvatarAsked)}
}

// member returns the membership of u in r, or the one they will get with their first post or read.
func (b *batch) member(r *roomRow, u *userRow) (*memberRow, error) {
	key := memberKey{r.ID, u.ID}
	if m := b.members[key]; m != nil {
		return m, nil
	}
	m := &memberRow{room: r.key, user: u.key, stored: true}
	err := b.w.member.QueryRowContext(context.Background(), r.key, u.key).Scan(memberFields(&m.Membership)...)
	if errors.Is(err, sql.ErrNoRows) {
		m.stored, err = false, nil
		m.Membership = chat.Membership{Room: r.ID, User: u.ID, Role: ordinary(u.Kind), Joined: b.now}
	}
	if err != nil {
		return nil, err
	}
	b.members[key] = m
	return m, nil
}

// ordinary is the role of somebody who came into a room by themselves.
func ordinary(kind chat.UserKind) chat.Role {
	if kind == chat.KindGuest {
		return chat.RoleGuest
	}
	return chat.RoleMember
}

// known is the membership as the rules see it: nil if there is none.
func (m *memberRow) known() *chat.Membership {
	if !m.stored {
		return nil
	}
	return &m.Membership
}

func (m *memberRow) cursor() chat.Cursor { return chat.Cursor{N: m.ReadN, Version: m.ReadVersion} }

// move sets the cursor, making the membership if there is none.
func (m *memberRow) move(c chat.Cursor) {
	m.ReadN, m.ReadVersion = c.N, c.Version
	m.stored, m.dirty = true, true
}

// add makes it an ordinary membership that sees everything.
func (m *memberRow) add() {
	if m.Removed {
		m.Removed, m.SeesFromSeq = false, 0
	}
	m.stored, m.dirty = true, true
}

// remove takes the membership away, with its role: who comes back is an ordinary member.
func (m *memberRow) remove() {
	m.Removed = true
	if m.Role != chat.RoleGuest {
		m.Role = chat.RoleMember
	}
	m.stored, m.dirty = true, true
}

// flush writes the rows that changed.
func (b *batch) flush() error {
	for _, r := range b.rooms {
		if !r.dirty {
			continue
		}
		if err := exec(b.w.updateRoom, r.Topic, r.Archived, int64(r.Seq), int64(r.N), r.key); err != nil {
			return err
		}
	}
	for _, m := range b.members {
		if !m.dirty {
			continue
		}
		if err := exec(b.w.upsertMember, m.room, m.user, string(m.Role), int64(m.SeesFromSeq), int64(m.ReadN), int64(m.ReadVersion), millis(m.Joined), m.Removed); err != nil {
			return err
		}
	}
	return nil
}

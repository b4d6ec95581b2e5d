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
	m := &memberRow{stored: true}
	err := b.w.member.QueryRowContext(context.Background(), r.key, u.key).Scan(memberFields(&m.Membership)...)
	if errors.Is(err, sql.ErrNoRows) {
		m.stored, err = false, nil
		m.Membership = chat.NewMembership(r.ID, u.User, b.now)
	}
	if err != nil {
		return nil, err
	}
	b.members[key] = m
	return m, nil
}

// known is the membership as the rules see it: nil if there is none.
func (m *memberRow) known() *chat.Membership {
	if !m.stored {
		return nil
	}
	return &m.Membership
}

func (m *memberRow) cursor() chat.Cursor { return chat.Cursor{N: m.ReadN, Version: m.ReadVersion} }

// joins says whether a post or a read makes its author a member: of a public room, which is all that strangers see.
func (m *memberRow) joins() bool { return !m.stored || m.Removed }

// move sets the cursor, and makes a member of whoever is none.
func (m *memberRow) move(c chat.Cursor, now time.Time) {
	if m.Removed {
		m.Removed, m.Joined = false, now
	}
	m.ReadN, m.ReadVersion = c.N, c.Version
	m.stored, m.dirty = true, true
}

// become sets the whole membership.
func (m *memberRow) become(to chat.Membership) {
	m.Membership = to
	m.stored, m.dirty = true, true
}

// flush writes the rows that changed.
func (b *batch) flush() error {
	for _, r := range b.rooms {
		if !r.dirty {
			continue
		}
		if err := exec(b.w.updateRoom, r.Name, r.Topic, r.Archived, r.ReadOnly, string(r.History), r.SlowMode, int64(r.Seq), int64(r.N), r.key); err != nil {
			return err
		}
	}
	for _, m := range b.members {
		if !m.dirty {
			continue
		}
		if err := exec(b.w.upsertMember, memberValues(m.Membership)...); err != nil {
			return err
		}
	}
	return nil
}

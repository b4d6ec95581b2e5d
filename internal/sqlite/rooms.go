package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
)

// How many rooms count towards the limit, and how many direct ones somebody has made. An expression must read exactly as in the
// migration to be answered by the index.
const (
	countRooms = `SELECT count(*) FROM rooms WHERE kind <> 'direct'`
	countMade  = `SELECT count(*) FROM rooms WHERE maker = ?`
)

// CreateRoom stores r; see chat.RoomStore.
func (s *Store) CreateRoom(_ context.Context, r chat.Room, creator chat.UserID) (chat.Room, error) {
	const op = "sqlite.CreateRoom"
	if blob(r.ID) == nil {
		return chat.Room{}, chat.Errorf(chat.Invalid, op, "the id of a room must be a UUID")
	}
	err := s.writer.transact(op, func() error {
		taken, err := s.writer.nameTaken(r.Name, nil)
		if err != nil {
			return err
		}
		if taken {
			return chat.ErrNameTaken(r.Name)
		}
		var rooms int
		if err := s.writer.queryRow(countRooms).Scan(&rooms); err != nil {
			return err
		}
		if rooms >= chat.MaxRooms {
			return chat.ErrManyRooms()
		}
		if err := s.writer.insertRoom(r, nil); err != nil || creator == "" {
			return err
		}
		return s.writer.insertMember(chat.Membership{Room: r.ID, User: creator, Role: chat.RoleOwner, Joined: r.Created, HidesN: -1}, chat.Unauthenticated)
	})
	if err != nil {
		return chat.Room{}, err
	}
	return r, nil
}

// insertRoom stores a room whose name is free; maker is of direct rooms.
func (w *writer) insertRoom(r chat.Room, maker []byte) error {
	err := w.exec(`INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created, read_only, history, slow_mode, maker)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, blob(r.ID), r.Name, string(r.Kind), r.Topic, int64(r.Seq), int64(r.N), int64(r.MinSeq), r.Epoch,
		r.Archived, millis(r.Created), r.ReadOnly, string(r.History), r.SlowMode, maker)
	if isUnique(err) {
		return chat.ErrNameTaken(r.Name)
	}
	return err
}

// insertMember stores a membership; unknown is what it means that there is no such user.
func (w *writer) insertMember(m chat.Membership, unknown chat.Code) error {
	err := w.exec(`INSERT INTO memberships (room, user, role, sees_from_seq, sees_after_n, read_n, read_version, joined, removed, banned, hides_n, last_post)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, memberValues(m)...)
	if isForeignKey(err) || blob(m.User) == nil {
		return chat.Errorf(unknown, "sqlite.rooms", "there is no such user")
	}
	return err
}

// OpenDirect finds or makes a direct room; see chat.RoomStore.
func (s *Store) OpenDirect(_ context.Context, r chat.Room, by chat.UserID, others []chat.UserID) (o chat.Opened, err error) {
	const op = "sqlite.OpenDirect"
	err = s.writer.transact(op, func() error {
		err := s.writer.queryRow(`SELECT `+roomColumns+` FROM rooms r WHERE r.name = ?`, r.Name).Scan(roomFields(&o.Room)...)
		if errors.Is(err, sql.ErrNoRows) {
			o = chat.Opened{Room: r, Made: true, Shown: true}
			return s.writer.makeDirect(r, by, others)
		}
		if err != nil {
			return err
		}
		shown, err := s.writer.changed(`UPDATE memberships SET hides_n = -1 WHERE room = ? AND user = ? AND hides_n >= ?`, blob(o.Room.ID), blob(by), int64(o.Room.N))
		o.Shown = shown
		return err
	})
	if err != nil {
		return chat.Opened{}, err
	}
	return o, nil
}

// makeDirect stores a direct room. Whoever opens it has it in their list at once, the others from its first message on.
func (w *writer) makeDirect(r chat.Room, by chat.UserID, others []chat.UserID) error {
	var made int
	if err := w.queryRow(countMade, blob(by)).Scan(&made); err != nil {
		return err
	}
	if made >= chat.MaxDirects {
		return chat.ErrManyDirects()
	}
	if err := w.insertRoom(r, blob(by)); err != nil {
		return err
	}
	m := chat.Membership{Room: r.ID, User: by, Role: chat.RoleMember, Joined: r.Created, HidesN: -1}
	if err := w.insertMember(m, chat.Unauthenticated); err != nil {
		return err
	}
	for _, other := range others {
		if is, err := w.blocks(other, by); err != nil || is {
			return cmp.Or(err, chat.ErrBlocked())
		}
		m.User, m.HidesN = other, 0
		if err := w.insertMember(m, chat.NotFound); err != nil {
			return err
		}
	}
	return nil
}

const notBlockedIn = `SELECT EXISTS (SELECT 1 FROM memberships m JOIN blocks b ON b.user = m.user AND b.blocked = ?2 WHERE m.room = ?1)
		AND (SELECT count(*) FROM memberships WHERE room = ?1) = 2`

// notBlocked refuses what somebody says in a direct room of two when the other one has blocked them.
func (w *writer) notBlocked(room, user []byte) error {
	var blocked bool
	err := w.queryRow(notBlockedIn, room, user).Scan(&blocked)
	if err == nil && blocked {
		err = chat.ErrBlocked()
	}
	return err
}

// HideRoom takes a direct room out of a list; see chat.RoomStore.
func (s *Store) HideRoom(_ context.Context, room chat.RoomID, user chat.UserID) error {
	const op = "sqlite.HideRoom"
	return s.writer.transact(op, func() error {
		done, err := s.writer.changed(`UPDATE memberships SET hides_n = r.n FROM rooms r
			WHERE r.id = memberships.room AND r.kind = 'direct' AND memberships.room = ? AND memberships.user = ?`, blob(room), blob(user))
		if err == nil && !done {
			err = chat.Errorf(chat.NotFound, op, "there is no such room")
		}
		return err
	})
}

// RoomByName returns the room of this name.
func (s *Store) RoomByName(ctx context.Context, name string) (chat.Room, error) {
	return s.oneRoom(ctx, "sqlite.RoomByName", s.reads.roomByName, name)
}

// RoomByID returns the room with this id.
func (s *Store) RoomByID(ctx context.Context, id chat.RoomID) (chat.Room, error) {
	return s.oneRoom(ctx, "sqlite.RoomByID", s.reads.roomByID, blob(id))
}

func (s *Store) oneRoom(ctx context.Context, op string, stmt *sql.Stmt, key any) (r chat.Room, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = stmt.QueryRowContext(ctx, key).Scan(roomFields(&r)...)
	return r, found(op, err, "there is no such room")
}

// stateColumns need rooms r and memberships m, which may be missing.
const stateColumns = roomColumns + `, m.room IS NOT NULL, coalesce(m.removed, 0), coalesce(m.role, ''), coalesce(m.read_n, 0), coalesce(m.read_version, 0),
	coalesce(m.sees_after_n, 0), coalesce(m.notify, ''), coalesce(m.muted, 0), ` + roomMentions

// roomStates finds the rooms of a list by two indexes: the public ones, and the memberships of the user.
const roomStates = `SELECT ` + stateColumns + `, '' FROM rooms r LEFT JOIN memberships m ON m.room = r.id AND m.user = ?1
		WHERE r.kind = 'public' AND r.archived = 0 AND coalesce(m.banned, 0) = 0
	UNION ALL SELECT ` + stateColumns + `, iif(r.kind = 'direct', (SELECT json_group_array(json_object('id', hex(u.id), 'name', u.name) ORDER BY u.name_skeleton)
			FROM memberships o JOIN users u ON u.id = o.user WHERE o.room = r.id AND o.user <> ?1), '')
		FROM memberships m JOIN rooms r ON r.id = m.room
		WHERE m.user = ?1 AND m.removed = 0 AND NOT (r.kind = 'public' AND r.archived = 0) AND (r.kind <> 'direct' OR r.n > m.hides_n)
	ORDER BY 2`

// stateRow is a row of roomStates.
type stateRow struct {
	room     chat.Room
	m        chat.Membership
	has      bool // a membership
	people   peopleList
	mentions uint64
}

// RoomStates lists the rooms that user may see; see chat.RoomStore.
func (s *Store) RoomStates(ctx context.Context, user chat.UserID) ([]chat.RoomState, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, roomStates, blob(user))
	found, err := collect(rows, err, func(r *stateRow) []any {
		return append(roomFields(&r.room), &r.has, &r.m.Removed, &r.m.Role, &r.m.ReadN, &r.m.ReadVersion, &r.m.SeesAfterN,
			&r.m.Notify, &r.m.Muted, &r.mentions, &r.people)
	})
	states := make([]chat.RoomState, len(found))
	for i := range found {
		m := &found[i].m
		if !found[i].has {
			m = nil
		}
		states[i] = chat.StateOf(found[i].room, m)
		states[i].People, states[i].Mentions = found[i].people, found[i].mentions
	}
	return states, translate("sqlite.RoomStates", err)
}

// peopleList scans the people of a direct room, a JSON array; ” is none.
type peopleList []chat.Person

// Scan implements sql.Scanner.
func (p *peopleList) Scan(v any) error {
	text, ok := v.(string)
	if !ok || text == "" {
		return nil
	}
	var list []struct{ ID, Name string }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err
	}
	for _, one := range list {
		id, err := hex.DecodeString(one.ID)
		if err != nil || len(id) != 16 {
			return fmt.Errorf("the id %q is not 16 bytes", one.ID)
		}
		*p = append(*p, chat.Person{ID: chat.UserID(chat.FormatUUID([16]byte(id))), Name: one.Name})
	}
	return nil
}

// Membership returns what a room knows of a user.
func (s *Store) Membership(ctx context.Context, room chat.RoomID, user chat.UserID) (m chat.Membership, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.reads.membership.QueryRowContext(ctx, blob(room), blob(user)).Scan(memberFields(&m)...)
	return m, found("sqlite.Membership", err, "there is no such membership")
}

// The people u who are in a room as m are found among all people by name, or, where they are few, by the room.
const (
	memberFacts   = `SELECT ` + memberColumns + `, u.name, u.display, u.kind, u.avatar FROM `
	membersByName = memberFacts + `users u CROSS JOIN memberships m ON m.room = ?1 AND m.user = u.id AND m.removed = 0
		WHERE u.kind <> 'guest' AND u.name_skeleton > ?2 ORDER BY u.name_skeleton LIMIT ?3`
	membersOfFew = memberFacts + `memberships m CROSS JOIN users u ON u.id = m.user
		WHERE m.room = ?1 AND m.removed = 0 AND u.kind <> 'guest' AND u.name_skeleton > ?2 ORDER BY u.name_skeleton LIMIT ?3`
	few           = 500
	hasFewMembers = `SELECT count(*) < ?2 FROM (SELECT 1 FROM memberships WHERE room = ?1 LIMIT ?2)`
)

// Members lists members by name; see chat.RoomStore.
func (s *Store) Members(ctx context.Context, room chat.RoomID, after string, limit int) ([]chat.Member, error) {
	const op = "sqlite.Members"
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	var isSmall bool
	if err := s.read.QueryRowContext(ctx, hasFewMembers, blob(room), few).Scan(&isSmall); err != nil {
		return nil, translate(op, err)
	}
	query := membersByName
	if isSmall {
		query = membersOfFew
	}
	rows, err := s.read.QueryContext(ctx, query, blob(room), after, limit)
	ms, err := collect(rows, err, func(m *chat.Member) []any {
		return append(memberFields(&m.Membership), &m.UserName, &m.Display, &m.UserKind, &m.Avatar)
	})
	return ms, translate(op, err)
}

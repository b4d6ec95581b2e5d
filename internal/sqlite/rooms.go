package sqlite

import (
	"context"
	"database/sql"

	"github.com/parley-chat/parley/internal/chat"
)

// CreateRoom stores r; see chat.RoomStore.
func (s *Store) CreateRoom(_ context.Context, r chat.Room, creator chat.UserID) (chat.Room, error) {
	const op = "sqlite.CreateRoom"
	if blob(r.ID) == nil {
		return chat.Room{}, chat.Errorf(chat.Invalid, op, "the id of a room must be a UUID")
	}
	err := s.writer.transact(op, func() error {
		var rooms int
		if err := s.writer.conn.QueryRowContext(context.Background(), `SELECT count(*) FROM rooms`).Scan(&rooms); err != nil {
			return err
		}
		_, err := s.writer.conn.ExecContext(context.Background(), `INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, blob(r.ID), r.Name, string(r.Kind), r.Topic, int64(r.Seq), int64(r.N), int64(r.MinSeq), r.Epoch,
			r.Archived, millis(r.Created))
		if isUnique(err) {
			return chat.Errorf(chat.Conflict, op, "there is a room named %s already", r.Name)
		}
		if rooms >= chat.MaxRooms {
			return chat.ErrManyRooms()
		}
		if err != nil || creator == "" {
			return err
		}
		err = exec(s.writer.upsertMember, blob(r.ID), blob(creator), string(chat.RoleOwner), 0, 0, 0, millis(r.Created), false)
		if isForeignKey(err) {
			return chat.Errorf(chat.Unauthenticated, op, "there is no such user")
		}
		return err
	})
	if err != nil {
		return chat.Room{}, err
	}
	return r, nil
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

// roomStates of user ?1, with what they have unread.
const roomStates = `SELECT ` + roomColumns + `, m.room IS NOT NULL, coalesce(m.read_n, 0), coalesce(m.read_version, 0),
	coalesce(m.notify, ''), coalesce(m.muted, 0), ` + roomMentions + `
	FROM rooms r LEFT JOIN memberships m ON m.room = r.id AND m.user = ?1
	WHERE m.removed = 0 OR m.room IS NULL AND r.kind = 'public' AND r.archived = 0
	ORDER BY r.name`

// RoomStates lists the rooms that user may see; see chat.RoomStore.
func (s *Store) RoomStates(ctx context.Context, user chat.UserID) ([]chat.RoomState, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, roomStates, blob(user))
	states, err := collect(rows, err, func(st *chat.RoomState) []any {
		return append(roomFields(&st.Room), &st.Member, &st.Cursor.N, &st.Cursor.Version, &st.Notify, &st.Muted, &st.Mentions)
	})
	for i := range states {
		if st := &states[i]; st.Member {
			st.Unread = st.N - min(st.N, st.Cursor.N)
		}
	}
	return states, translate("sqlite.RoomStates", err)
}

// Membership returns what a room knows of a user.
func (s *Store) Membership(ctx context.Context, room chat.RoomID, user chat.UserID) (m chat.Membership, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.reads.membership.QueryRowContext(ctx, blob(room), blob(user)).Scan(memberFields(&m)...)
	return m, found("sqlite.Membership", err, "there is no such membership")
}

// Members lists members by name; see chat.RoomStore.
func (s *Store) Members(ctx context.Context, room chat.RoomID, after string, limit int) ([]chat.Member, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `SELECT `+memberColumns+`, u.name, u.display, u.kind, u.avatar
		FROM users u CROSS JOIN memberships m ON m.room = ? AND m.user = u.id AND m.removed = 0
		WHERE u.kind <> 'guest' AND u.name_skeleton > ? ORDER BY u.name_skeleton LIMIT ?`, blob(room), after, limit)
	ms, err := collect(rows, err, func(m *chat.Member) []any {
		return append(memberFields(&m.Membership), &m.UserName, &m.Display, &m.UserKind, &m.Avatar)
	})
	return ms, translate("sqlite.Members", err)
}

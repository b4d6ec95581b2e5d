package sqlite

import (
	"context"
	"database/sql"

	"github.com/parley-chat/parley/internal/chat"
)

// CreateUser stores u; see chat.UserStore.
func (s *Store) CreateUser(ctx context.Context, u chat.User) (chat.User, error) {
	const op = "sqlite.CreateUser"
	if blob(u.ID) == nil {
		return chat.User{}, chat.Errorf(chat.Invalid, op, "the id of a user must be a UUID")
	}
	err := s.writer.transact(op, func() error {
		if u.Kind == chat.KindMember {
			var others bool
			if err := s.writer.conn.QueryRowContext(context.Background(), `SELECT EXISTS (SELECT 1 FROM users WHERE kind = 'member')`).Scan(&others); err != nil {
				return err
			}
			if !others {
				u.Role = chat.RoleOwner
			}
		}
		_, err := s.writer.conn.ExecContext(context.Background(), insertUser, userValues(u)...)
		if isUnique(err) {
			return chat.Errorf(chat.Conflict, op, "the name %s is taken, or looks like one that is", u.Name)
		}
		return err
	})
	if err != nil {
		return chat.User{}, err
	}
	return u, nil
}

// User returns the user with this id.
func (s *Store) User(ctx context.Context, id chat.UserID) (chat.User, error) {
	return s.oneUser(ctx, "sqlite.User", s.reads.user, blob(id))
}

// UserBySkeleton finds a member or bot by name.
func (s *Store) UserBySkeleton(ctx context.Context, skeleton string) (chat.User, error) {
	return s.oneUser(ctx, "sqlite.UserBySkeleton", s.reads.bySkeleton, skeleton)
}

func (s *Store) oneUser(ctx context.Context, op string, stmt *sql.Stmt, key any) (u chat.User, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = stmt.QueryRowContext(ctx, key).Scan(userFields(&u)...)
	return u, found(op, err, "there is no such user")
}

// Users lists members and bots by name; see chat.UserStore.
func (s *Store) Users(ctx context.Context, after string, limit int) ([]chat.User, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.kind <> 'guest' AND u.name_skeleton > ?
		ORDER BY u.name_skeleton LIMIT ?`, after, limit)
	us, err := collect(rows, err, userFields)
	return us, translate("sqlite.Users", err)
}

// CreateSession stores a sign-in.
func (s *Store) CreateSession(_ context.Context, se chat.Session) error {
	const op = "sqlite.CreateSession"
	return s.writer.transact(op, func() error {
		_, err := s.writer.conn.ExecContext(context.Background(), `INSERT INTO sessions (id, user, created, last_seen, user_agent, revoked)
			VALUES (?, ?, ?, ?, ?, ?)`, blob(se.ID), blob(se.User), millis(se.Created), millis(se.LastSeen), se.UserAgent, se.Revoked)
		if isForeignKey(err) {
			return chat.Errorf(chat.NotFound, op, "there is no such user")
		}
		if err != nil {
			return err
		}
		// The new one is spared even if the clock was set back and makes it the oldest.
		_, err = s.writer.conn.ExecContext(context.Background(), `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
			WHERE user = ? AND id <> ? ORDER BY created DESC, id DESC LIMIT -1 OFFSET ?)`, blob(se.User), blob(se.ID), chat.MaxSessions-1)
		return err
	})
}

// Session returns a session and its user.
func (s *Store) Session(ctx context.Context, id chat.SessionID) (se chat.Session, u chat.User, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	fields := append([]any{scanID(&se.ID), scanID(&se.User), moment{&se.Created}, moment{&se.LastSeen}, &se.UserAgent, &se.Revoked}, userFields(&u)...)
	err = s.reads.session.QueryRowContext(ctx, blob(id)).Scan(fields...)
	return se, u, found("sqlite.Session", err, "there is no such session")
}

// RevokeSession marks a session as ended.
func (s *Store) RevokeSession(_ context.Context, id chat.SessionID) error {
	return s.writer.transact("sqlite.RevokeSession", func() error {
		_, err := s.writer.conn.ExecContext(context.Background(), `UPDATE sessions SET revoked = 1 WHERE id = ?`, blob(id))
		return err
	})
}

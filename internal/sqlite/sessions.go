package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

const sessionColumns = `s.id, s.user, s.created, s.last_seen, s.user_agent, s.revoked, s.secret_hash`

func sessionFields(se *chat.Session) []any {
	return []any{scanID(&se.ID), scanID(&se.User), moment{&se.Created}, moment{&se.LastSeen}, &se.UserAgent, &se.Revoked, &se.SecretHash}
}

// CreateSession stores a sign-in; see chat.SessionStore.
func (s *Store) CreateSession(_ context.Context, se chat.Session) (ended []chat.SessionID, err error) {
	const op = "sqlite.CreateSession"
	err = s.writer.transact(op, func() error {
		var disabled bool
		err := s.writer.queryRow(`SELECT disabled FROM users WHERE id = ?`, blob(se.User)).Scan(&disabled)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return chat.Errorf(chat.NotFound, op, "there is no such user")
		case err != nil:
			return err
		case disabled:
			return chat.ErrDisabled()
		}
		if err := s.writer.exec(`INSERT INTO sessions (id, user, created, last_seen, user_agent, revoked, secret_hash)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, blob(se.ID), blob(se.User), millis(se.Created), millis(se.LastSeen), se.UserAgent, se.Revoked,
			se.SecretHash); isUnique(err) {
			return chat.Errorf(chat.Conflict, op, "there is a session with this id or secret already")
		} else if err != nil {
			return err
		}
		// The new one is spared even if the clock was set back and makes it the oldest.
		rows, err := s.writer.conn.QueryContext(context.Background(), `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
			WHERE user = ? AND id <> ? ORDER BY revoked OR last_seen < ?, created DESC, id DESC LIMIT -1 OFFSET ?) RETURNING id, revoked`,
			blob(se.User), blob(se.ID), millis(se.Created.Add(-chat.SessionIdle)), chat.MaxSessions-1)
		gone, err := collect(rows, err, func(o *chat.Session) []any { return []any{scanID(&o.ID), &o.Revoked} })
		for _, o := range gone {
			if !o.Revoked {
				ended = append(ended, o.ID)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return ended, nil
}

// Session returns a session and its user.
func (s *Store) Session(ctx context.Context, id chat.SessionID) (chat.Session, chat.User, error) {
	return s.oneSession(ctx, "sqlite.Session", s.reads.session, blob(id))
}

// SessionBySecret finds a session by the hash of its secret.
func (s *Store) SessionBySecret(ctx context.Context, hash []byte) (chat.Session, chat.User, error) {
	return s.oneSession(ctx, "sqlite.SessionBySecret", s.reads.bySecret, hash)
}

func (s *Store) oneSession(ctx context.Context, op string, stmt *sql.Stmt, key []byte) (se chat.Session, u chat.User, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = stmt.QueryRowContext(ctx, key).Scan(append(sessionFields(&se), userFields(&u)...)...)
	return se, u, found(op, err, "there is no such session")
}

// Sessions lists what lives of a user; see chat.SessionStore.
func (s *Store) Sessions(ctx context.Context, user chat.UserID, since time.Time) ([]chat.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions s WHERE s.user = ? AND s.revoked = 0 AND s.last_seen >= ?
		ORDER BY s.last_seen DESC, s.created DESC, s.id DESC`, blob(user), millis(since))
	all, err := collect(rows, err, sessionFields)
	return all, translate("sqlite.Sessions", err)
}

// SeeSession moves last_seen; see chat.SessionStore.
func (s *Store) SeeSession(_ context.Context, id chat.SessionID, at time.Time) error {
	return s.writer.transact("sqlite.SeeSession", func() error {
		return s.writer.exec(`UPDATE sessions SET last_seen = ? WHERE id = ? AND revoked = 0 AND last_seen <= ?`,
			millis(at), blob(id), millis(at.Add(-chat.SeenEvery)))
	})
}

// RevokeSession marks a session as ended.
func (s *Store) RevokeSession(_ context.Context, id chat.SessionID) error {
	return s.writer.transact("sqlite.RevokeSession", func() error {
		return s.writer.exec(`UPDATE sessions SET revoked = 1 WHERE id = ?`, blob(id))
	})
}

// RevokeSessions ends all sessions of a user but one.
func (s *Store) RevokeSessions(_ context.Context, user chat.UserID, except chat.SessionID) (ended []chat.SessionID, err error) {
	err = s.writer.transact("sqlite.RevokeSessions", func() error {
		ended, err = s.writer.revokeAll(user, except)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ended, nil
}

// revokeAll ends all sessions of a user but except, which may be "", in the transaction under way.
func (w *writer) revokeAll(user chat.UserID, except chat.SessionID) ([]chat.SessionID, error) {
	rows, err := w.conn.QueryContext(context.Background(), `UPDATE sessions SET revoked = 1 WHERE user = ? AND revoked = 0 AND id IS NOT ?
		RETURNING id`, blob(user), blob(except))
	return collect(rows, err, func(id *chat.SessionID) []any { return []any{scanID(id)} })
}

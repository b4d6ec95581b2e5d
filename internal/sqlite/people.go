package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Preferences returns what somebody wants; see chat.PeopleStore.
func (s *Store) Preferences(ctx context.Context, user chat.UserID) (chat.Preferences, error) {
	const op = "sqlite.Preferences"
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	var stored string
	err := s.read.QueryRowContext(ctx, `SELECT preferences FROM users WHERE id = ?`, blob(user)).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Preferences{}, nil
	}
	if err != nil {
		return chat.Preferences{}, translate(op, err)
	}
	p, err := chat.ParsePreferences(stored)
	return p, translate(op, err)
}

// SetPreferences replaces what somebody wants; see chat.PeopleStore.
func (s *Store) SetPreferences(_ context.Context, user chat.UserID, p chat.Preferences) error {
	const op = "sqlite.SetPreferences"
	return s.writer.transact(op, func() error {
		if _, err := s.writer.actor(op, chat.Actor{ID: user}); err != nil {
			return err
		}
		return s.writer.exec(`UPDATE users SET preferences = ?, last_seen = iif(?, last_seen, NULL) WHERE id = ?`, p.JSON(), p.ShareLastSeen, blob(user))
	})
}

// LastSeen notes when people went; see chat.PeopleStore.
func (s *Store) LastSeen(_ context.Context, users []chat.UserID, at time.Time) (sharing []chat.UserID, err error) {
	err = s.writer.transact("sqlite.LastSeen", func() error {
		for _, u := range users {
			var id chat.UserID
			err := s.writer.queryRow(`UPDATE users SET last_seen = ? WHERE id = ? AND preferences ->> 'share_last_seen' = 1 RETURNING id`,
				millis(at), blob(u)).Scan(scanID(&id))
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			sharing = append(sharing, id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sharing, nil
}

// Blocks lists whom somebody has blocked; see chat.PeopleStore.
func (s *Store) Blocks(ctx context.Context, user chat.UserID) ([]chat.Block, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `SELECT b.blocked, u.name, u.display, b.created FROM blocks b JOIN users u ON u.id = b.blocked
		WHERE b.user = ? ORDER BY b.created DESC, b.blocked`, blob(user))
	bs, err := collect(rows, err, func(b *chat.Block) []any {
		return []any{scanID(&b.User), &b.Name, &b.Display, moment{&b.Created}}
	})
	return bs, translate("sqlite.Blocks", err)
}

// SetBlock blocks somebody or takes it back; see chat.PeopleStore.
func (s *Store) SetBlock(_ context.Context, by chat.Actor, user chat.UserID, blocked bool, at time.Time) error {
	const op = "sqlite.SetBlock"
	w := s.writer
	return w.transact(op, func() error {
		u, err := w.actor(op, by)
		if err != nil {
			return err
		}
		var who chat.User
		if err := w.user.QueryRowContext(context.Background(), blob(user)).Scan(userFields(&who)...); err != nil {
			return found(op, err, "there is no such user")
		}
		if err := chat.MayBlock(u, who); err != nil {
			return err
		}
		was, err := w.blocks(u.ID, who.ID)
		if err != nil || was == blocked {
			return err
		}
		if !blocked {
			err = w.exec(`DELETE FROM blocks WHERE user = ? AND blocked = ?`, blob(u.ID), blob(who.ID))
		} else {
			err = w.block(u.ID, who.ID, at)
		}
		if err != nil {
			return err
		}
		return w.note(chat.AuditBlock(u, who, blocked, at))
	})
}

// block stores a block, in the transaction under way.
func (w *writer) block(user, blocked chat.UserID, at time.Time) error {
	var many int
	if err := w.queryRow(`SELECT count(*) FROM blocks WHERE user = ?`, blob(user)).Scan(&many); err != nil {
		return err
	}
	if many >= chat.MaxBlocks {
		return chat.ErrManyBlocks()
	}
	return w.exec(`INSERT INTO blocks (user, blocked, created) VALUES (?, ?, ?)`, blob(user), blob(blocked), millis(at))
}

// blocks says whether user has blocked another one, in the transaction under way.
func (w *writer) blocks(user, other chat.UserID) (is bool, err error) {
	err = w.queryRow(`SELECT EXISTS (SELECT 1 FROM blocks WHERE user = ? AND blocked = ?)`, blob(user), blob(other)).Scan(&is)
	return is, err
}

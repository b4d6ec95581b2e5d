package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
)

// Lookup says what became of ops whose commit broke off; see chat.Journal.
func (s *Store) Lookup(ctx context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	const op = "sqlite.Lookup"
	outcomes := make([]chat.Outcome, len(ops))
	err := s.reading(ctx, op, func(ctx context.Context, tx *sql.Tx) error {
		for i, o := range ops {
			outcome, err := s.lookup(ctx, tx, o)
			switch refused := (*chat.Error)(nil); {
			case errors.Is(err, sql.ErrNoRows):
				outcome.Err = chat.Errorf(chat.NotFound, op, "it is not stored")
			case errors.As(err, &refused):
				outcome.Err = refused
			case err != nil:
				return err
			}
			outcomes[i] = outcome
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// lookup returns sql.ErrNoRows for what is not stored.
func (s *Store) lookup(ctx context.Context, tx *sql.Tx, op chat.Op) (o chat.Outcome, err error) {
	var room chat.RoomID
	var user chat.UserID
	var r chat.Room
	switch {
	case op.Post != nil:
		room, user = op.Post.Room, op.Post.Author
	case op.Change != nil:
		room, user = op.Change.Room, op.Change.By.ID
	case op.Read != nil:
		room, user = op.Read.Room, op.Read.By.ID
	default:
		return o, sql.ErrNoRows
	}
	if err := tx.StmtContext(ctx, s.reads.roomByID).QueryRowContext(ctx, blob(room)).Scan(roomFields(&r)...); err != nil {
		return o, err
	}
	m := chat.Membership{}
	err = tx.StmtContext(ctx, s.reads.membership).QueryRowContext(ctx, blob(room), blob(user)).Scan(memberFields(&m)...)
	if err != nil && (op.Read != nil || !errors.Is(err, sql.ErrNoRows)) {
		return o, err
	}
	o.Cursor = chat.Cursor{N: m.ReadN, Version: m.ReadVersion}
	o.Event.Epoch = r.Epoch
	switch {
	case op.Post != nil:
		stored, hash, err := scanMessage(tx.QueryRowContext(ctx, findMessage, blob(op.Post.ClientID), blob(user), blob(room)))
		if err != nil {
			return chat.Outcome{}, err
		}
		if hash != op.Post.RequestHash {
			return chat.Outcome{}, errReused()
		}
		stored.RoomName = r.Name
		if err := withThreads(ctx, tx, []*chat.Message{&stored}); err != nil {
			return chat.Outcome{}, err
		}
		o.Event.Message, o.Again = &stored, stored.ID != op.Post.ID
		o.Showing, err = shownByPost(tx, r, &stored)
		return o, err
	case op.Change != nil:
		c := chat.Change{RoomName: r.Name}
		if err := tx.QueryRowContext(ctx, findChange, blob(op.Change.ID)).Scan(changeFields(&c)...); err != nil {
			return chat.Outcome{}, err
		}
		if err := present(ctx, tx, blob(room), &c); err != nil {
			return chat.Outcome{}, err
		}
		o.Event.Change = &c
		o.Showing, err = shownByChange(tx, r, &c)
		return o, err
	case o.Cursor.N == op.Read.N, op.Read.Version == nil && o.Cursor.N > op.Read.N:
		o.Event = chat.Event{}
		err = tx.StmtContext(ctx, s.reads.mentionsIn).QueryRowContext(ctx, blob(user), blob(room)).Scan(&o.Cursor.Mentions)
		return o, err
	}
	return chat.Outcome{}, sql.ErrNoRows
}

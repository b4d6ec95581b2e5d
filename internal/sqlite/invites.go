package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// An invitation needs its maker: fromInvites. usableInvites is chat.Invite.Usable at the time that is its argument.
const (
	inviteColumns = `i.id, i.code_hash, i.created_by, u.name, i.created, i.expires, i.max_uses, i.uses, i.revoked`
	fromInvites   = ` FROM invites i JOIN users u ON u.id = i.created_by WHERE `
	usableInvites = `i.revoked = 0 AND (i.expires IS NULL OR i.expires > ?) AND (i.max_uses = 0 OR i.uses < i.max_uses)
		AND u.disabled = 0 AND u.role IN ('owner', 'moderator')`
)

func inviteFields(i *chat.Invite) []any {
	return []any{scanID(&i.ID), &i.CodeHash, scanID(&i.CreatedBy), &i.CreatedByName, moment{&i.Created}, moment{&i.Expires}, &i.MaxUses, &i.Uses, &i.Revoked}
}

// CreateInvite stores an invitation; see chat.InviteStore.
func (s *Store) CreateInvite(_ context.Context, by chat.Actor, i chat.Invite, most int) (chat.Invite, error) {
	const op = "sqlite.CreateInvite"
	err := s.writer.transact(op, func() error {
		u, err := s.writer.actor(op, by)
		if err != nil {
			return err
		}
		if err := chat.MayInvite(u); err != nil {
			return err
		}
		var living int
		if err := s.writer.queryRow(`SELECT count(*)`+fromInvites+usableInvites, millis(i.Created)).Scan(&living); err != nil {
			return err
		}
		if living >= most {
			return chat.ErrManyInvites(most)
		}
		i.CreatedBy, i.CreatedByName = u.ID, u.Name
		expires := sql.NullInt64{Int64: millis(i.Expires), Valid: !i.Expires.IsZero()}
		if err := s.writer.exec(`INSERT INTO invites (id, code_hash, created_by, created, expires, max_uses, uses, revoked)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, blob(i.ID), i.CodeHash, blob(i.CreatedBy), millis(i.Created), expires, i.MaxUses, i.Uses, i.Revoked); err != nil {
			return err
		}
		return s.writer.note(i.AuditCreated(u))
	})
	if err != nil {
		return chat.Invite{}, err
	}
	return i, nil
}

// Invites lists invitations; see chat.InviteStore.
func (s *Store) Invites(ctx context.Context, now time.Time) ([]chat.Invite, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `SELECT `+inviteColumns+fromInvites+usableInvites+` ORDER BY i.created DESC, i.id DESC`, millis(now))
	all, err := collect(rows, err, inviteFields)
	return all, translate("sqlite.Invites", err)
}

// InviteByHash finds an invitation; see chat.InviteStore.
func (s *Store) InviteByHash(ctx context.Context, hash []byte, now time.Time) (i chat.Invite, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.read.QueryRowContext(ctx, inviteByHash, hash, millis(now)).Scan(inviteFields(&i)...)
	return i, found("sqlite.InviteByHash", err, noInvite)
}

const (
	inviteByHash = `SELECT ` + inviteColumns + fromInvites + `i.code_hash = ? AND ` + usableInvites
	noInvite     = "there is no such invitation (any more)"
)

// RevokeInvite ends an invitation; see chat.InviteStore.
func (s *Store) RevokeInvite(_ context.Context, by chat.Actor, id chat.InviteID, now time.Time) error {
	const op = "sqlite.RevokeInvite"
	return s.writer.transact(op, func() error {
		u, err := s.writer.actor(op, by)
		if err != nil {
			return err
		}
		if err := chat.MayInvite(u); err != nil {
			return err
		}
		var i chat.Invite
		err = s.writer.queryRow(`SELECT `+inviteColumns+fromInvites+`i.id = ? AND `+usableInvites, blob(id), millis(now)).Scan(inviteFields(&i)...)
		if err != nil {
			return found(op, err, noInvite)
		}
		if err := s.writer.exec(`UPDATE invites SET revoked = 1 WHERE id = ?`, blob(id)); err != nil {
			return err
		}
		return s.writer.note(i.AuditRevoked(u, now))
	})
}

// redeem uses an invitation up by one, in the transaction under way.
func (w *writer) redeem(hash []byte, now time.Time) (chat.InviteID, error) {
	var i chat.Invite
	err := w.queryRow(inviteByHash, hash, millis(now)).Scan(inviteFields(&i)...)
	if errors.Is(err, sql.ErrNoRows) {
		return "", chat.ErrInvite()
	}
	if err != nil {
		return "", err
	}
	return i.ID, w.exec(`UPDATE invites SET uses = uses + 1 WHERE id = ?`, blob(i.ID))
}

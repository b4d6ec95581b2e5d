package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"
)

// Bounds of invitations.
const (
	InviteTime    = 7 * 24 * time.Hour   // how long one is valid unless something else is asked for
	MaxInviteTime = 365 * 24 * time.Hour // the longest that can be asked for
	MaxInviteUses = 10_000
	MaxInvites    = 1000 // that can be used at one time

	inviteCode = 26 // characters of a code: 128 random bits in base 32
)

// InviteID is a UUID. Unlike the code it is no secret.
type InviteID string

// Invite lets people make an account. Its code is known to whoever made it and to those they gave it to; here is its
// hash alone.
type Invite struct {
	ID            InviteID
	CodeHash      []byte
	CreatedBy     UserID
	CreatedByName string
	Created       time.Time
	Expires       time.Time // zero: never
	MaxUses       int       // 0: no limit
	Uses          int
	Revoked       bool
}

// Usable says whether the invitation can be used now. maker is who made it: with their right to invite, their
// invitations are gone, or they would let themselves in again under another name.
func (i Invite) Usable(now time.Time, maker User) bool {
	return !i.Revoked && (i.Expires.IsZero() || now.Before(i.Expires)) && (i.MaxUses == 0 || i.Uses < i.MaxUses) && MayInvite(maker) == nil
}

// NewInvite is what an invitation is made from.
type NewInvite struct {
	For     time.Duration // 0: InviteTime; at least a second, at most MaxInviteTime
	MaxUses int           // 0: no limit; at most MaxInviteUses
}

// InviteStore keeps invitations. All of its methods know only those that are Usable at the time they are given.
type InviteStore interface {
	// CreateInvite stores i, made by by, and returns it with the maker's name. ErrManyInvites when there are most already,
	// Forbidden for who may not invite.
	CreateInvite(ctx context.Context, by Actor, i Invite, most int) (Invite, error)
	// Invites lists them, newest first.
	Invites(ctx context.Context, now time.Time) ([]Invite, error)
	// InviteByHash finds one, or NotFound.
	InviteByHash(ctx context.Context, hash []byte, now time.Time) (Invite, error)
	// RevokeInvite ends one for ever. NotFound, Forbidden for who may not invite.
	RevokeInvite(ctx context.Context, by Actor, id InviteID, now time.Time) error
}

// CreateInvite makes an invitation. Its code is returned here and nowhere else. Owners and moderators may; TooLarge when
// there are MaxInvites.
func (s *Service) CreateInvite(ctx context.Context, by Actor, n NewInvite) (Invite, string, error) {
	const op = "chat.CreateInvite"
	switch {
	case n.For == 0:
		n.For = InviteTime
	case n.For < time.Second || n.For > MaxInviteTime:
		return Invite{}, "", Errorf(Invalid, op, "an invitation must be valid for at least 1 second and at most 365 days")
	}
	if n.MaxUses < 0 || n.MaxUses > MaxInviteUses {
		return Invite{}, "", Errorf(Invalid, op, "max_uses must be between 1 and %d, or 0 for no limit", MaxInviteUses)
	}
	code, now := newCode(), s.now()
	i, err := s.store.CreateInvite(ctx, by, Invite{
		ID: InviteID(s.cfg.NewID()), CodeHash: InviteHash(code), CreatedBy: by.ID,
		Created: now, Expires: now.Add(n.For).Truncate(time.Millisecond), MaxUses: n.MaxUses,
	}, MaxInvites)
	if err != nil {
		return Invite{}, "", withOp(op, err)
	}
	return i, code, nil
}

// Invites lists the invitations that can be used, newest first. For owners and moderators.
func (s *Service) Invites(ctx context.Context, by Actor) ([]Invite, error) {
	const op = "chat.Invites"
	u, err := s.current(ctx, op, by)
	if err != nil {
		return nil, err
	}
	if err := MayInvite(u); err != nil {
		return nil, withOp(op, err)
	}
	is, err := s.store.Invites(ctx, s.now())
	return is, withOp(op, err)
}

// RevokeInvite ends an invitation. Owners and moderators may. NotFound when it cannot be used anyway.
func (s *Service) RevokeInvite(ctx context.Context, by Actor, id InviteID) error {
	const op = "chat.RevokeInvite"
	norm, ok := NormalUUID(string(id))
	if !ok {
		return Errorf(NotFound, op, "there is no such invitation")
	}
	return withOp(op, s.store.RevokeInvite(ctx, by, InviteID(norm), s.now()))
}

// InviteByCode finds an invitation that can be used now. NotFound for every other, whatever the reason.
func (s *Service) InviteByCode(ctx context.Context, code string) (Invite, error) {
	const op = "chat.InviteByCode"
	hash := InviteHash(code)
	if hash == nil {
		return Invite{}, Errorf(NotFound, op, "this invitation is not valid (any more)")
	}
	i, err := s.store.InviteByHash(ctx, hash, s.now())
	return i, withOp(op, err)
}

// ErrInvite is the one answer to an invitation that does not let anyone in: it does not tell whether there ever was one.
func ErrInvite() error {
	return &Error{Code: Forbidden, Message: "this invitation is not valid (any more): ask for a new one"}
}

// ErrNotFirst refuses an account for which nobody else may have one yet.
func ErrNotFirst() error {
	return &Error{Code: Conflict, Message: "somebody has an account already: sign in, or ask for an invitation"}
}

// ErrManyInvites refuses an invitation beyond the limit.
func ErrManyInvites(limit int) error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("there are %d invitations: revoke some before you make another one", limit)}
}

const codeLetters = "abcdefghijklmnopqrstuvwxyz234567"

var codeEncoding = base32.NewEncoding(codeLetters).WithPadding(base32.NoPadding)

func newCode() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return codeEncoding.EncodeToString(b[:])
}

// InviteHash is the form in which the code of an invitation is stored and looked up: SHA-256 of its 26 characters in
// lower case. nil for what is no code. A fast hash does: 128 random bits are beyond guessing.
func InviteHash(code string) []byte {
	if len(code) != inviteCode {
		return nil
	}
	code = strings.ToLower(code)
	if strings.Trim(code, codeLetters) != "" {
		return nil
	}
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

package chat

import (
	"context"
	"fmt"
	"time"
)

// MaxBlocks is how many people one person can block.
const MaxBlocks = 1000

// Block is somebody from whom a person wants to hear nothing: they cannot write to them in a direct room of the two, and
// their mentions do not count. Elsewhere their messages come as everybody's do, and clients fold them. Nobody is told that
// they are blocked.
type Block struct {
	User    UserID // who is blocked
	Name    string
	Display string
	Created time.Time
}

// ErrManyBlocks refuses a block beyond MaxBlocks.
func ErrManyBlocks() error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("you have blocked %d people: no more can be blocked", MaxBlocks)}
}

// ErrBlocked refuses what somebody does not want from by.
func ErrBlocked() error {
	return &Error{Code: Forbidden, Message: "this person takes no messages from you"}
}

// Reaches says whether a change of a message shows something new to the others of a room: an edit, a reaction, a pin. Taking
// something back does not.
func (k ChangeKind) Reaches() bool {
	return k == ChangeEdit || k == ChangeReact || k == ChangePin
}

// Blocks lists whom by has blocked, newest first.
func (s *Service) Blocks(ctx context.Context, by Actor) ([]Block, error) {
	bs, err := s.store.Blocks(ctx, by.ID)
	return bs, withOp("chat.Blocks", err)
}

// SetBlock blocks user for by, or takes it back. For who has an account; NotFound when there is no such user.
func (s *Service) SetBlock(ctx context.Context, by Actor, user UserID, blocked bool) error {
	const op = "chat.SetBlock"
	norm, ok := NormalUUID(string(user))
	if !ok {
		return Errorf(NotFound, op, "there is no such user")
	}
	return withOp(op, s.store.SetBlock(ctx, by, UserID(norm), blocked, s.now()))
}

// AuditBlock is the entry that it leaves in the log when by blocks who, or takes it back.
func AuditBlock(by, who User, blocked bool, at time.Time) AuditEntry {
	action := AuditUserUnblocked
	if blocked {
		action = AuditUserBlocked
	}
	return entryBy(by, at, action).about(string(who.ID), who.Name)
}

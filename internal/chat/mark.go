package chat

import (
	"context"
	"fmt"
	"time"
)

// MaxSaved is how many messages somebody can have saved for later.
const MaxSaved = 1000

// MarkKind is what somebody notes about a message.
type MarkKind string

// Kinds of marks. None of them is an entry of a room.
const (
	MarkFollow MarkKind = "follow" // the thread below it is followed, or not
	MarkRead   MarkKind = "read"   // the thread below it is read up to a reply
	MarkSave   MarkKind = "save"   // it is saved for later, or not
)

// MarkOp notes something about a message for one person alone.
type MarkOp struct {
	Room    RoomID
	By      Actor
	Message string
	Kind    MarkKind
	On      bool   // MarkFollow, MarkSave: or take it back
	Seq     uint64 // MarkRead: only ever moves forward
	At      time.Time
}

// Mark is how somebody's mark stands.
type Mark struct {
	Room    string // its name
	Message string
	Kind    MarkKind
	On      bool
	Seq     uint64 // MarkRead
	Unread  uint64 // MarkRead: replies of others after Seq that are not deleted
	Changed bool   // by the MarkOp
}

// SavedMessage is a message that somebody has saved.
type SavedMessage struct {
	Message Message // as on a page of its room
	At      time.Time
	Place   uint64 // among all that was ever saved
}

// SavedStore lists what somebody has saved and may see now.
type SavedStore interface {
	// Saved lists what has a Place below before, the newest first, at most limit.
	Saved(ctx context.Context, user UserID, before uint64, limit int) ([]SavedMessage, error)
}

// MayMark says whether somebody who may see the room r, with the membership m, may note something about its message msg, which
// has so many replies that stand.
func MayMark(r Room, m *Membership, op MarkOp, msg Message, replies int) error {
	switch {
	case m != nil && msg.Origin() < m.SeesFromSeq:
		return ErrNoMessage()
	case op.Kind != MarkSave && msg.Thread != "":
		return ErrNoRoot()
	case op.Kind == MarkRead && op.Seq > r.Seq:
		return Errorf(Invalid, "", "seq is beyond the room's last number %d", r.Seq)
	case op.On && msg.Deleted && (op.Kind == MarkSave || replies == 0):
		return errDeleted()
	}
	return nil
}

// MarkOfNobody is what a mark comes to of a guest who has no row yet to keep it in: a cursor is said to be where it was
// asked for, as in rooms, and what is taken back was never there.
func MarkOfNobody(op MarkOp, room string) (Mark, error) {
	if op.On {
		return Mark{}, Errorf(Forbidden, "", "guests can keep something from their first message on")
	}
	return Mark{Room: room, Message: op.Message, Kind: op.Kind, Seq: op.Seq}, nil
}

// ErrManySaved refuses to save more than MaxSaved messages.
func ErrManySaved() error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("you have saved %d messages: no more can be", MaxSaved)}
}

// Follow queues that by follows the thread below a message, or does not any more. It stays so until they reply there. NotFound
// for a message that is not in the room or that by may not see, Invalid for a reply, Conflict for what was deleted and has no
// replies. done is called as in Post, with the Outcome's Mark.
func (s *Service) Follow(by Actor, room, message string, following bool, done func(Outcome)) {
	s.noteMark("chat.Follow", by, room, MarkOp{Message: message, Kind: MarkFollow, On: following}, done)
}

// ReadThread queues that by has read the thread below a message up to the entry seq of the room: forward only. Invalid for a seq
// beyond the room's last. Otherwise as Follow.
func (s *Service) ReadThread(by Actor, room, message string, seq uint64, done func(Outcome)) {
	s.noteMark("chat.ReadThread", by, room, MarkOp{Message: message, Kind: MarkRead, Seq: seq}, done)
}

// Save queues that by wants to find a message again, or does not any more. TooLarge past MaxSaved, Conflict for what was
// deleted. Otherwise as Follow, but replies can be saved too.
func (s *Service) Save(by Actor, room, message string, saved bool, done func(Outcome)) {
	s.noteMark("chat.Save", by, room, MarkOp{Message: message, Kind: MarkSave, On: saved}, done)
}

func (s *Service) noteMark(op string, by Actor, room string, mark MarkOp, done func(Outcome)) {
	if s.cfg.MoveRead != nil {
		if after, ok := s.cfg.MoveRead(by.ID); !ok {
			done(Outcome{Err: &Error{Code: RateLimited, Op: op, Message: "too many of these at once", RetryAfter: after}})
			return
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	r, err := s.Room(ctx, by, room)
	if err != nil {
		done(Outcome{Err: withOp(op, err)})
		return
	}
	id, ok := NormalUUID(mark.Message)
	if !ok {
		done(Outcome{Err: withOp(op, ErrNoMessage())})
		return
	}
	mark.Room, mark.By, mark.Message, mark.At = r.ID, by, id, s.now()
	s.committer.enqueue(Op{Mark: &mark}, 0, func(o Outcome) {
		o.Err = withOp(op, o.Err)
		done(o)
	})
}

// Saved is a page of what by has saved for later and may see now, the newest first. before is the next of the page before it,
// 0 for the first; next is 0 when nothing is left.
func (s *Service) Saved(ctx context.Context, by Actor, before uint64) (ms []SavedMessage, next uint64, err error) {
	const op = "chat.Saved"
	if before, err = checkBefore(op, before); err != nil {
		return nil, 0, err
	}
	ms, err = s.store.Saved(ctx, by.ID, before, PageSize+1)
	if err != nil {
		return nil, 0, withOp(op, err)
	}
	if len(ms) > PageSize {
		ms = ms[:PageSize]
		next = ms[PageSize-1].Place
	}
	for i := range ms {
		s.rendering.bring(&ms[i].Message)
	}
	return ms, next, nil
}

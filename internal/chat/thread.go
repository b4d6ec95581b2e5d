package chat

import (
	"context"
	"math"
	"time"
)

// MaxUnreadThreads is how many threads with something unread are named at once; how many there are is counted beyond it.
const MaxUnreadThreads = 500

// A thread is a message, its root, with the replies to it. A reply is an entry of the room's sequence and has no n: it is on
// no page of the room, moves nobody's cursor there and counts nowhere as unread but in its thread, for those who follow it.
//
// Whoever replies follows. Who wrote the root follows from the first reply on, unless they have said that they do not want to.

// ThreadState is a thread as one user sees it.
type ThreadState struct {
	Root      Message // as on a page of its room
	Following bool
	ReadSeq   uint64 // replies up to here are read
	Unread    uint64 // replies of others after ReadSeq that are not deleted
	Mentions  uint64 // of those that are unread, how many mention the user
	Place     uint64 // among all threads, by their newest reply
}

// UnreadThread is a thread that somebody follows and has not read to its end.
type UnreadThread struct {
	RoomName string
	Root     string // id of the message
	Unread   uint64
}

// ThreadStore lists the threads that somebody follows and may see, and that have a reply which is not deleted.
type ThreadStore interface {
	// Threads lists those with a Place below before, the one with the newest reply first, at most limit; with unread only those
	// that have something unread.
	Threads(ctx context.Context, user UserID, unread bool, before uint64, limit int) ([]ThreadState, error)
	// UnreadThreads counts those that have something unread, and names the first ones in the order of Threads, at most limit.
	UnreadThreads(ctx context.Context, user UserID, limit int) (n uint64, first []UnreadThread, err error)
}

// ThreadList is a page of the threads that somebody follows, the one with the newest reply first.
type ThreadList struct {
	Threads []ThreadState
	Unread  uint64 // threads with something unread, on whichever page
	Next    uint64 // to give as before; 0 when nothing is left
}

// Threads is a page of the threads that by follows; with unread, of those that have something unread. before is the Next of the
// page before it, 0 for the first.
func (s *Service) Threads(ctx context.Context, by Actor, unread bool, before uint64) (list ThreadList, err error) {
	const op = "chat.Threads"
	if before, err = checkBefore(op, before); err != nil {
		return ThreadList{}, err
	}
	if list.Threads, err = s.store.Threads(ctx, by.ID, unread, before, PageSize+1); err != nil {
		return ThreadList{}, withOp(op, err)
	}
	if len(list.Threads) > PageSize {
		list.Threads = list.Threads[:PageSize]
		list.Next = list.Threads[PageSize-1].Place
	}
	for i := range list.Threads {
		s.rendering.bring(&list.Threads[i].Root)
	}
	list.Unread, _, err = s.store.UnreadThreads(ctx, by.ID, 1)
	return list, withOp(op, err)
}

// UnreadThreads counts the threads that by follows and has not read, and names at most MaxUnreadThreads of them.
func (s *Service) UnreadThreads(ctx context.Context, by Actor) (n uint64, first []UnreadThread, err error) {
	n, first, err = s.store.UnreadThreads(ctx, by.ID, MaxUnreadThreads)
	return n, first, withOp("chat.UnreadThreads", err)
}

// checkBefore checks where a page of a list begins that goes from large numbers to small ones; 0 is the beginning.
func checkBefore(op string, before uint64) (uint64, error) {
	switch {
	case before > math.MaxInt64:
		return 0, Errorf(Invalid, op, "before must be between 1 and %d", int64(math.MaxInt64))
	case before == 0:
		return math.MaxInt64, nil
	}
	return before, nil
}

// MayReplyTo says whether whoever may reply in the room and has the membership m there may reply to root, which has so many
// replies that stand.
func MayReplyTo(m *Membership, root Message, replies int) error {
	switch {
	case m != nil && root.Seq < m.SeesFromSeq:
		return ErrNoMessage()
	case root.Thread != "":
		return ErrNoRoot()
	case root.Deleted && replies == 0:
		return errDeleted()
	}
	return nil
}

// ErrNoRoot says that a reply is no root of a thread.
func ErrNoRoot() *Error {
	return Errorf(Invalid, "", "this message is a reply itself: the thread is that of the message it replies to")
}

func errDeleted() *Error { return Errorf(Conflict, "", "this message was deleted") }

// With is the thread r after one more reply.
func (r Replies) With(by Person, seq uint64, at time.Time) *Replies {
	users := append(make([]Person, 0, MaxRepliers), by)
	for _, p := range r.Users {
		if p.ID != by.ID && len(users) < MaxRepliers {
			users = append(users, p)
		}
	}
	return &Replies{Count: r.Count + 1, LastSeq: seq, Last: at, Users: users}
}

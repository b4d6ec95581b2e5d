package chat

import (
	"context"
	"math"
	"slices"
)

// Read queues a move of by's cursor in room to message n. With a version, which must be the cursor's, n may also be
// lower ("mark unread"); Conflict says that it was another, with the cursor of now in the Outcome. Without one the cursor
// only moves forward. n beyond the room's last message is Invalid; RateLimited carries RetryAfter. done is called as in Post.
//
// A guest who has not posted yet has no row to keep a cursor in: the Outcome says what was asked for, and nothing is kept.
func (s *Service) Read(by Actor, room string, n uint64, version *uint64, done func(Outcome)) {
	const op = "chat.Read"
	if s.cfg.MoveRead != nil {
		if after, ok := s.cfg.MoveRead(by.ID); !ok {
			done(Outcome{Err: &Error{Code: RateLimited, Op: op, Message: "too many reads at once", RetryAfter: after}})
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
	if version == nil && s.mutant.on("cursor-regress") {
		version = s.versionNow(ctx, r.ID, by.ID)
	}
	s.committer.enqueue(Op{Read: &ReadOp{Room: r.ID, By: by, N: n, Version: version}}, 0, done)
}

// Page reads a piece of a room's history, as far as by may see it.
func (s *Service) Page(ctx context.Context, by Actor, room string, q PageQuery) (Page, error) {
	const op = "chat.Page"
	q, err := q.Normal()
	if err != nil {
		return Page{}, withOp(op, err)
	}
	r, m, err := s.visible(ctx, op, by, room)
	if err != nil {
		return Page{}, err
	}
	seesFrom := uint64(0)
	if m != nil {
		seesFrom = m.SeesFromSeq
	}
	if q.After != nil && seesFrom > 0 && *q.After < seesFrom-1 {
		from := seesFrom - 1
		q.After = &from
	}
	q.Reader = by.ID
	p, err := s.store.Page(ctx, r.ID, q)
	if err != nil {
		return Page{}, withOp(op, err)
	}
	if q.Thread != "" && p.RootSeq < seesFrom {
		return Page{}, withOp(op, ErrNoMessage())
	}
	if p = p.from(seesFrom, q); q.Around != "" && !slices.ContainsFunc(p.Messages, func(m Message) bool { return m.ID == q.Around }) {
		return Page{}, withOp(op, ErrNoMessage())
	}
	for i := range p.Messages {
		s.rendering.bring(&p.Messages[i])
	}
	return p, nil
}

// ErrNoMessage says that a room has no message with the id asked for, or none that the asker may see.
func ErrNoMessage() *Error { return Errorf(NotFound, "", "there is no such message in this room") }

// Normal fills in the defaults and refuses what is out of range in any room.
func (q PageQuery) Normal() (PageQuery, error) {
	set := 0
	for _, is := range []bool{q.Page != 0, q.Before != nil, q.After != nil, q.Around != ""} {
		if is {
			set++
		}
	}
	switch {
	case set > 1:
		return q, Errorf(Invalid, "", "only one of page, before, after and around may be given")
	case q.Limit < 0 || q.Limit > PageSize:
		return q, Errorf(Invalid, "", "limit must be between 1 and %d", PageSize)
	case q.Page > MaxPage:
		return q, Errorf(Invalid, "", "page must be between 1 and %d", MaxPage)
	case q.Before != nil && (*q.Before == 0 || *q.Before > math.MaxInt64):
		return q, Errorf(Invalid, "", "before must be between 1 and %d", int64(math.MaxInt64))
	case q.After != nil && *q.After > math.MaxInt64:
		return q, Errorf(Invalid, "", "after must be at most %d", int64(math.MaxInt64))
	}
	if q.Around != "" {
		id, ok := NormalUUID(q.Around)
		if !ok {
			return q, Errorf(Invalid, "", "around must be the id of a message, a UUID")
		}
		q.Around = id
	}
	if q.Thread != "" {
		id, ok := NormalUUID(q.Thread)
		switch {
		case !ok:
			return q, Errorf(Invalid, "", "thread must be the id of a message, a UUID")
		case q.Page != 0:
			return q, Errorf(Invalid, "", "page is of a room: in a thread only before, after and around may be given")
		case set == 0:
			q.Before, set = new(uint64), 1
			*q.Before = math.MaxInt64
		}
		q.Thread = id
	}
	if set == 0 {
		q.Page = 1
	}
	if q.Limit == 0 {
		q.Limit = PageSize
	}
	return q, nil
}

// from hides what lies before seesFrom.
func (p Page) from(seesFrom uint64, q PageQuery) Page {
	hidden := 0
	for hidden < len(p.Messages) && p.Messages[hidden].Seq < seesFrom {
		hidden++
	}
	if hidden > 0 {
		p.Messages = p.Messages[hidden:]
	}
	if seesFrom > 0 && q.After == nil && (hidden > 0 || len(p.Messages) == 0 || p.Messages[0].Seq == seesFrom) {
		p.HasMore = false
	}
	return p
}

// Head reads where a room's sequence ends.
func (s *Service) Head(ctx context.Context, room RoomID) (Head, error) {
	h, err := s.store.Head(ctx, room)
	return h, withOp("chat.Head", err)
}

// Entries reads the events after seq, in order and without a hole, at most limit, and the head of the same moment. It
// asks nobody for permission: it is for the log behind the hub.
func (s *Service) Entries(ctx context.Context, room RoomID, after uint64, limit int) (Head, []Event, error) {
	h, es, err := s.store.Entries(ctx, room, after, limit)
	for _, e := range es {
		if m := e.Text(); m != nil {
			s.rendering.bring(m)
		}
	}
	return h, es, withOp("chat.Entries", err)
}

package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// WholeStreams checks this: what a client heard of a room is a piece of it, each entry as the room has it or, of a message that was
// changed, had it at some time, without a hole: from where it
// asked to resume, across as many connections as it took, to the end of the room if it stayed to the end. Only a reset, or
// a client that gives no position, begins anew; a reset has a cause, and a position that the room does not have gets one.
// A REST reader's pages follow each other in the same way.
func WholeStreams(h *history.History) []Violation {
	var found []Violation
	slow := slowEnds(h)
	for _, c := range h.Clients {
		if c.Form == "dump" || c.Form == "nemesis" || c.Form == "poster" || c.Form == "changer" {
			continue
		}
		s := &streams{h: h, c: c, slow: slow[c.User], rooms: map[string]*stream{}}
		for i := range c.Ops {
			s.take(&c.Ops[i])
		}
		found = append(found, s.found...)
	}
	return found
}

// streams follows all rooms of one client.
type streams struct {
	h     *history.History
	c     *history.Client
	rooms map[string]*stream
	slow  []int64
	found []Violation
}

// stream is where a client is in one room.
type stream struct {
	started bool
	seq     uint64
	epoch   string
	asked   *history.Op // the subscribe that has no answer yet
}

func (s *streams) report(op *history.Op, format string, args ...any) {
	s.found = append(s.found, Violation{Client: s.c.Name, Room: op.Room, Seq: op.Seq, ClientID: op.ClientID, At: op.Return, Detail: fmt.Sprintf(format, args...)})
}

func (s *streams) of(room string) *stream {
	if s.rooms[room] == nil {
		s.rooms[room] = &stream{}
	}
	return s.rooms[room]
}

func (s *streams) take(op *history.Op) {
	switch op.Op {
	case history.Closed:
		for _, st := range s.rooms {
			st.asked = nil
		}
	case history.Subscribe:
		s.of(op.Room).asked = op
	case history.Subscribed:
		s.begin(op)
	case history.Reset:
		s.reset(op)
	case history.Page:
		s.page(op)
	case history.Entry:
		s.entry(op)
	case history.Settled:
		s.end(op)
	}
}

// begin: a stream that was asked for with a position begins there, and that is where the client was. One that the client
// has made up is nowhere in the room.
func (s *streams) begin(op *history.Op) {
	st := s.of(op.Room)
	if a := st.asked; a != nil && a.Placed {
		if op.Seq != a.Seq || op.Epoch != a.Epoch {
			s.report(op, "resumed in %s; asked for was %d in %s", op.Epoch, a.Seq, a.Epoch)
		}
		if st.started && st.seq != a.Seq && a.Form == "" {
			s.report(op, "the run itself resumed at %d, having been at %d", a.Seq, st.seq)
		}
		if d := s.h.Dumps[op.Room][history.SQL]; d != nil {
			if why := foreign(d, a); why != "" {
				s.report(op, "was resumed from there, though %s", why)
			}
		}
	}
	*st = stream{started: true, seq: op.Seq, epoch: op.Epoch}
}

// reset: it must have a cause.
func (s *streams) reset(op *history.Op) {
	st := s.of(op.Room)
	d := s.h.Dumps[op.Room][history.SQL]
	if a := st.asked; a != nil && d != nil && resetCause(d, a, op, s.slow) == "" {
		s.report(op, "was told to load afresh, though its position %d is good and it was not too far behind", a.Seq)
	}
	*st = stream{started: true, seq: op.Seq, epoch: op.Epoch}
}

func (s *streams) page(op *history.Op) {
	st := s.of(op.Room)
	if st.started && op.Seq != st.seq {
		s.report(op, "the run itself asked for the page after %d, having been at %d", op.Seq, st.seq)
	}
	st.started, st.seq, st.epoch = true, op.Seq, op.Epoch
}

// entry: the next number, and what the room has there. Nobody but REST may pass over an entry, and only over changes.
func (s *streams) entry(op *history.Op) {
	st := s.of(op.Room)
	d := s.h.Dumps[op.Room][history.SQL]
	switch {
	case !st.started:
		s.report(op, "was heard before the stream began")
	case op.Form == "skip":
		if op.Seq <= st.seq {
			s.report(op, "was skipped after %d", st.seq)
		}
	case op.Form == "page":
		for next := st.seq + 1; next < op.Seq; next++ {
			if e := d.At(next); e == nil || e.Code == "" {
				s.report(op, "came after %d over REST; %d is missing", st.seq, next)
				break
			}
		}
		if op.Seq <= st.seq {
			s.report(op, "came after %d over REST", st.seq)
		}
	case op.Seq != st.seq+1:
		s.report(op, "came after %d", st.seq)
	}
	st.seq = op.Seq
	if op.Form != "skip" {
		s.compare(op, d.At(op.Seq))
	}
}

func (s *streams) compare(op, there *history.Op) {
	switch {
	case there == nil:
		s.report(op, "was heard and is not in the room")
	case op.ID != there.ID || op.ClientID != there.ClientID || op.N != there.N || op.Code != there.Code:
		s.report(op, "was heard as %s with n %d; the room has %s of %s with n %d", op.ID, op.N, there.ID, there.ClientID, there.N)
	case (op.Form == "message" || op.Form == "page") && (op.User != there.User || op.Hash != there.Hash && !s.changed(op, there)):
		s.report(op, "was heard as %s by %s; the room has %s by %s", op.Hash, op.User, there.Hash, there.User)
	case op.Form == "ack" && there.User != s.c.User:
		s.report(op, "was acknowledged to %s; it is by %s", s.c.User, there.User)
	}
}

// changed says that what was heard and what is there are one message before and after it was changed.
func (s *streams) changed(op, there *history.Op) bool {
	m := s.h.ByID[there.ClientID]
	return m != nil && m.Said(op.Hash) && m.Said(there.Hash)
}

// end: whoever stayed to the end has heard everything.
func (s *streams) end(op *history.Op) {
	st, d := s.of(op.Room), s.h.Dumps[op.Room][history.SQL]
	if d != nil && st.seq != d.Head.Seq {
		s.report(op, "stayed to the end and is at %d; the room is at %d", st.seq, d.Head.Seq)
	}
}

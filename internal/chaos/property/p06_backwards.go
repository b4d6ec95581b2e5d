package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// NeverBackwards checks this: nobody meets a lower number of a room after a higher one, but for a stream that begins anew where they
// asked for it; what a page or a fresh subscription says of the room's head never falls; and the epoch stays, for no run
// restores anything.
func NeverBackwards(h *history.History) []Violation {
	var found []Violation
	for _, c := range h.Clients {
		if c.Form == "dump" || c.Form == "nemesis" {
			continue
		}
		t := &times{c: c, rooms: map[string]*highest{}}
		for i := range c.Ops {
			t.take(&c.Ops[i])
		}
		found = append(found, t.found...)
	}
	return found
}

// times follows what one client knows of the time in each room.
type times struct {
	c     *history.Client
	rooms map[string]*highest
	found []Violation
}

// highest is the latest that a client has met of a room.
type highest struct {
	epoch  string
	head   uint64 // of what it was told
	seq    uint64 // in the present stream
	placed bool   // the open subscription gave a position
}

func (t *times) report(op *history.Op, format string, args ...any) {
	t.found = append(t.found, Violation{Client: t.c.Name, Room: op.Room, Seq: op.Seq, At: op.Return, Detail: fmt.Sprintf(format, args...)})
}

func (t *times) take(op *history.Op) {
	if op.Room == "" {
		return
	}
	r := t.rooms[op.Room]
	if r == nil {
		r = &highest{}
		t.rooms[op.Room] = r
	}
	switch op.Op {
	case history.Subscribe:
		r.placed = op.Placed
	case history.Subscribed, history.Reset:
		t.epoch(r, op)
		if !r.placed || op.Op == history.Reset {
			t.head(r, op, op.Seq, "a subscription begins at")
		}
		r.seq = op.Seq
	case history.Page:
		t.epoch(r, op)
		t.head(r, op, op.AsOf, "a page is as of")
	case history.Answer:
		r.head = max(r.head, op.Seq)
	case history.Entry:
		if op.Form == "page" {
			return
		}
		if op.Seq <= r.seq {
			t.report(op, "was met after %d", r.seq)
		}
		r.seq, r.head = op.Seq, max(r.head, op.Seq)
	}
}

func (t *times) epoch(r *highest, op *history.Op) {
	if r.epoch != "" && r.epoch != op.Epoch {
		t.report(op, "the epoch was %s and is %s", r.epoch, op.Epoch)
		*r = highest{}
	}
	r.epoch = op.Epoch
}

func (t *times) head(r *highest, op *history.Op, head uint64, what string) {
	if head < r.head {
		t.report(op, "%s %d; the client had heard of %d", what, head, r.head)
	}
	r.head = max(r.head, head)
}

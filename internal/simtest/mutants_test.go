package simtest

import (
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// mutant is a promise that the simulation's own wrappers break, to see that the checks notice.
type mutant string

const (
	none             mutant = ""
	ackBeforeCommit  mutant = "ack before commit"   // a crash loses the last commit
	replayDropsOne   mutant = "replay drops one"    // of the entries after a resume
	entryTwice       mutant = "an entry twice"      //
	entriesSwapped   mutant = "two entries swapped" //
	ackOutOfPlace    mutant = "ack out of place"    // it comes behind the next entry
	staleMembership  mutant = "stale membership"    // the store answers as before any removal
	noEviction       mutant = "no eviction"         // a removal ends no stream
	retryStoredTwice mutant = "retry stored twice"
	pageTooNew       mutant = "page too new" // as_of names an entry that the page cannot have
)

// caughtBy says which checks may notice a mutant.
var caughtBy = map[mutant][]string{
	ackBeforeCommit:  {"acked", "stream", "resume"},
	replayDropsOne:   {"stream"},
	entryTwice:       {"stream"},
	entriesSwapped:   {"stream", "ack place"},
	ackOutOfPlace:    {"stream", "ack place"},
	staleMembership:  {"removed"},
	noEviction:       {"removed"},
	retryStoredTwice: {"ack", "acked", "stored", "conflict", "liveness"},
	pageTooNew:       {"page"},
}

// mangle is the way of a frame from the socket to the client.
func (l *link) mangle(f *frame) {
	sim := l.c.sim
	st := l.streams[f.Room]
	entry := f.numbered() && st != nil && !l.c.plain
	rarely := func() bool { return sim.disk.dice("mangle")>>40%8 == 0 }
	switch {
	case l.late != nil && entry && l.late.Room == f.Room:
		l.receive(f)
		late := l.late
		l.late = nil
		l.receive(late)
		return
	case sim.mutant == replayDropsOne && entry && st.replaying:
		st.replaying = false
		return
	case sim.mutant == entryTwice && entry && rarely():
		l.receive(f)
	case sim.mutant == entriesSwapped && entry && l.late == nil && rarely():
		l.late = f
		return
	case sim.mutant == ackOutOfPlace && f.Type == "ack" && st != nil && st.streaming && f.Seq == st.pos+1 && l.late == nil && rarely():
		l.late = f
		return
	}
	l.receive(f)
}

// renamed gives a new client id to what is stored already.
func renamed(ops []chat.Op, raw *chattest.Store) []chat.Op {
	ops = slices.Clone(ops)
	for i, op := range ops {
		if op.Post == nil {
			continue
		}
		if o, err := raw.Lookup(nil, []chat.Op{op}); err == nil && o[0].Err == nil { //nolint:staticcheck // it does not use its context
			p := *op.Post
			p.ClientID, p.ID = chat.NewUUID(p.Created), chat.NewUUID(p.Created)
			ops[i].Post = &p
		}
	}
	return ops
}

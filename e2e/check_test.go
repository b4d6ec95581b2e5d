package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// soundHistory is a run in which everything went well: three people take turns in two rooms; one reader is there from the
// start, one comes back once, one is reset once, and an author met its own messages as acks.
func soundHistory() history {
	const each = 12
	h := history{rooms: map[string]room{}}
	for _, name := range []string{"general", "random"} {
		r := room{epoch: "e", head: each}
		for i := range each {
			user := []string{"ann", "bob", "cyd"}[i%3]
			e := entry{
				seq: uint64(i + 1), n: uint64(i + 1), id: fmt.Sprintf("id-%s-%d", name, i), clientID: fmt.Sprintf("client-%s-%d", name, i),
				user: user, content: fmt.Sprintf("%s says %d in %s", user, i, name),
			}
			r.rest = append(r.rest, e)
			h.sends = append(h.sends, send{
				sender: user + "/phone", user: user, room: name, clientID: e.clientID, content: e.content, ordered: true,
				begun: time.Duration(10*i+1) * time.Millisecond, acked: time.Duration(10*i+9) * time.Millisecond, ack: asAck(e),
			})
		}
		r.fresh = slices.Clone(r.rest)
		h.rooms[name] = r
		all := r.rest
		h.readings = append(h.readings,
			reading{"steady", name, []run{{entries: slices.Clone(all)}}},
			reading{"back again", name, []run{{after: 2, entries: slices.Clone(all[2:7])}, {after: 7, entries: slices.Clone(all[7:])}}},
			reading{"reset", name, []run{{entries: slices.Clone(all[:3])}, {reset: true, after: 8, entries: slices.Clone(all[8:])}}},
			reading{"author", name, []run{{after: 5, entries: []entry{all[5], asAck(all[6]), all[7], all[8], asAck(all[9]), all[10], all[11]}}}},
		)
	}
	return h
}

func asAck(e entry) entry { return entry{seq: e.seq, n: e.n, id: e.id, clientID: e.clientID} }

func (h history) reading(reader string) *reading {
	for i := range h.readings {
		if h.readings[i].reader == reader {
			return &h.readings[i]
		}
	}
	panic("no reader " + reader)
}

// inDump changes what REST and a fresh socket both show of general.
func (h history) inDump(change func([]entry) []entry) {
	r := h.rooms["general"]
	r.rest = change(slices.Clone(r.rest))
	r.fresh = slices.Clone(r.rest)
	h.rooms["general"] = r
}

func renumber(all []entry) []entry {
	for i := range all {
		all[i].seq, all[i].n = uint64(i+1), uint64(i+1)
	}
	return all
}

func TestCheckPassesASoundHistory(t *testing.T) {
	if found := check(soundHistory()); len(found) != 0 {
		t.Fatalf("found fault with a sound history: %v", found)
	}
}

// Each of these is what a server with a certain mistake would leave behind.
var unsound = []struct {
	mistake string
	rule    string
	change  func(h history)
}{
	{"the last acknowledged message is gone after a crash", "lost", func(h history) {
		h.inDump(func(all []entry) []entry { return all[:len(all)-1] })
		r := h.rooms["general"]
		r.head--
		h.rooms["general"] = r
	}},
	{"an acknowledged message in the middle is gone, and the others have moved up", "lost", func(h history) {
		h.inDump(func(all []entry) []entry { return renumber(slices.Delete(all, 4, 5)) })
	}},
	{"a retry made a second message", "duplicate", func(h history) {
		h.inDump(func(all []entry) []entry {
			again := all[3]
			again.id = "another id"
			return renumber(append(all, again))
		})
	}},
	{"a retry got another number than the message has", "ack", func(h history) { h.sends[3].ack.seq = 6 }},
	{"two acks of one message differ", "ack", func(h history) { h.sends[3].twice = "something else" }},
	{"an ack gave an id that is not the message's", "ack", func(h history) { h.sends[3].ack.id = "another id" }},
	{"two messages of one sender were stored in the wrong order", "sender order", func(h history) {
		h.inDump(func(all []entry) []entry {
			all[3], all[6] = all[6], all[3]
			return renumber(all)
		})
	}},
	{"a message overtook one that had been acknowledged", "real time", func(h history) {
		h.inDump(func(all []entry) []entry {
			all[3], all[4] = all[4], all[3]
			return renumber(all)
		})
	}},
	{"a number was given and not used", "hole", func(h history) {
		h.inDump(func(all []entry) []entry {
			for i := 6; i < len(all); i++ {
				all[i].seq++
			}
			return all
		})
	}},
	{"n skipped one", "hole", func(h history) {
		h.inDump(func(all []entry) []entry { all[len(all)-1].n++; return all })
	}},
	{"the head lies beyond the last message", "hole", func(h history) {
		r := h.rooms["general"]
		r.head++
		h.rooms["general"] = r
	}},
	{"a message that nobody sent", "foreign", func(h history) {
		h.inDump(func(all []entry) []entry { all[5].clientID = "nobody's"; return all })
	}},
	{"a message under another's name", "foreign", func(h history) {
		h.inDump(func(all []entry) []entry { all[5].user = "ann"; return all })
	}},
	{"a content that changed", "foreign", func(h history) {
		h.inDump(func(all []entry) []entry { all[5].content += "!"; return all })
	}},
	{"a message in another room than it was sent to", "foreign", func(h history) {
		h.sends[4].room, h.sends[4].acked = "random", 0
	}},
	{"resume leaves one out", "stream", func(h history) {
		u := &h.reading("back again").runs[1]
		u.entries = u.entries[1:]
	}},
	{"resume goes on from a place further on", "stream", func(h history) {
		u := &h.reading("back again").runs[1]
		u.after, u.entries = u.after+1, u.entries[1:]
	}},
	{"resume tells one again", "backwards", func(h history) {
		r := h.reading("back again")
		last := r.runs[0].entries[len(r.runs[0].entries)-1]
		r.runs[1].entries = slices.Insert(r.runs[1].entries, 0, last)
	}},
	{"resume goes on from an earlier place", "backwards", func(h history) {
		r := h.reading("back again")
		last := r.runs[0].entries[len(r.runs[0].entries)-1]
		r.runs[1].after, r.runs[1].entries = last.seq-1, slices.Insert(r.runs[1].entries, 0, last)
	}},
	{"a live stream leaves one out", "stream", func(h history) {
		u := &h.reading("steady").runs[0]
		u.entries = slices.Delete(u.entries, 5, 6)
	}},
	{"a live stream tells one twice", "backwards", func(h history) {
		u := &h.reading("steady").runs[0]
		u.entries = slices.Insert(u.entries, 5, u.entries[4])
	}},
	{"a live stream swaps two", "stream", func(h history) {
		e := h.reading("steady").runs[0].entries
		e[5], e[6] = e[6], e[5]
	}},
	{"two readers see two orders", "stream", func(h history) {
		e := h.reading("steady").runs[0].entries
		e[5].id, e[6].id = e[6].id, e[5].id
	}},
	{"a reader saw a message that was gone later", "stream", func(h history) {
		h.reading("steady").runs[0].entries[7].content = "said before the crash"
	}},
	{"an ack took the place of another's message", "stream", func(h history) {
		e := h.reading("author").runs[0].entries
		e[1].clientID = "client-general-7"
	}},
	{"the last message never came", "behind", func(h history) {
		u := &h.reading("steady").runs[0]
		u.entries = u.entries[:len(u.entries)-1]
	}},
	{"a stream went silent after a reset", "behind", func(h history) { h.reading("reset").runs[1].entries = nil }},
	{"a fresh socket gets less than REST", "fresh", func(h history) {
		r := h.rooms["general"]
		r.fresh = r.fresh[1:]
		h.rooms["general"] = r
	}},
	{"a fresh socket gets another order than REST", "fresh", func(h history) {
		f := h.rooms["general"].fresh
		f[2], f[3] = f[3], f[2]
	}},
}

func TestCheckNotices(t *testing.T) {
	for _, u := range unsound {
		t.Run(u.mistake, func(t *testing.T) {
			h := soundHistory()
			u.change(h)
			found := check(h)
			if !slices.ContainsFunc(found, func(v violation) bool { return v.rule == u.rule }) {
				t.Errorf("want a violation of %q, found %v", u.rule, found)
			}
		})
	}
}

// A sender that was refused once may stand in another order; one that was not may not.
func TestCheckExcusesWhoWasRefused(t *testing.T) {
	h := soundHistory()
	for i := range h.sends {
		h.sends[i].ordered, h.sends[i].acked = false, 0
	}
	h.readings = nil
	h.inDump(func(all []entry) []entry {
		all[3], all[6] = all[6], all[3]
		return renumber(all)
	})
	if found := check(h); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

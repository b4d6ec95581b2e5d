package property

import (
	"cmp"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// After how many entries, and after its person was too slow how often in a minute, a client may be told to load afresh.
const (
	tooFarBehind = 10000
	tooOftenSlow = 2
)

// memoryTail is how many entries of a room a server keeps in memory at most: who is further behind is served by the database.
const memoryTail = 256

// When the connections ended that made their person one who is too slow too often, seen from a reset because of it: within
// the minute before, but a client that stands still may find out late.
const (
	slowBefore = int64(65 * time.Second)
	slowAfter  = int64(45 * time.Second)
)

// slowEnds are the times at which each person's connections ended that may have been too slow. Who does not read does not
// read why it was closed either.
func slowEnds(h *history.History) map[string][]int64 {
	all := map[string][]int64{}
	for _, c := range h.Clients {
		for _, op := range c.Ops {
			if op.Op == history.Closed && (op.Code == "4004" || op.Code == "cut" && c.Form == "staller") {
				all[c.User] = append(all[c.User], op.Return)
			}
		}
	}
	return all
}

// foreign says what is wrong with a position that a client has asked to resume from; "": the room has it.
func foreign(d *history.RoomDump, asked *history.Op) string {
	there := d.At(asked.Seq)
	switch {
	case asked.Epoch != d.Head.Epoch:
		return "its epoch is not the room's"
	case asked.Seq == 0:
		return ""
	case there == nil:
		return "the room has no such number"
	case asked.ID != "" && asked.ID != there.ID:
		return "another entry has that number"
	}
	return ""
}

// resetCause says why a client was told to load afresh; "": for no reason that is known.
func resetCause(d *history.RoomDump, asked, reset *history.Op, slow []int64) string {
	if why := foreign(d, asked); why != "" {
		return why
	}
	if reset.Seq > asked.Seq+tooFarBehind {
		return "it was too far behind"
	}
	often := 0
	for _, at := range slow {
		if at >= reset.Return-slowBefore && at <= reset.Return+slowAfter {
			often++
		}
	}
	if often >= tooOftenSlow {
		return "it was too slow too often"
	}
	return ""
}

// Comebacks counts the answers to clients that came back with a position: resumes by what had been before, those of them
// that were beyond what a server has in memory once more, and resets by their cause.
func Comebacks(h *history.History) (resumes, resets map[string]int) {
	resumes, resets = map[string]int{}, map[string]int{}
	heads, slow := knownHeads(h), slowEnds(h)
	for _, c := range h.Clients {
		asked, last := map[string]*history.Op{}, "a cut"
		for i := range c.Ops {
			op := &c.Ops[i]
			switch op.Op {
			case history.Closed:
				if last = "a cut"; op.Code == "4004" {
					last = "being too slow"
				} else if op.Code != "cut" {
					last = "a goodbye"
				}
				clear(asked)
			case history.Subscribe:
				asked[op.Room] = op
			case history.Subscribed, history.Reset:
				a, d := asked[op.Room], h.Dumps[op.Room][history.SQL]
				delete(asked, op.Room)
				switch {
				case a == nil || !a.Placed:
				case op.Op == history.Subscribed:
					resumes[from(a, last)]++
					if behind(heads[op.Room], a) > memoryTail {
						resumes["beyond what is in memory"]++
					}
				case d == nil:
					resets["not known, for want of a dump"]++
				default:
					resets[cmp.Or(resetCause(d, a, op, slow[c.User]), "none")]++
				}
			}
		}
	}
	return resumes, resets
}

// from says where a client that came back had been.
func from(asked *history.Op, last string) string {
	if asked.Form != "" {
		return "an older position"
	}
	return "after " + last
}

// head is how far a room was known to be at a time.
type head struct {
	at  int64
	seq uint64
}

// knownHeads are, for each room, the acknowledgements in their order, each with the highest number until then.
func knownHeads(h *history.History) map[string][]head {
	all := map[string][]head{}
	for _, m := range h.Sends {
		for _, a := range m.Answers {
			if a.Result == history.Ok {
				all[m.Room] = append(all[m.Room], head{a.Return, a.Seq})
			}
		}
	}
	for _, heads := range all {
		slices.SortFunc(heads, func(a, b head) int { return cmp.Compare(a.at, b.at) })
		for i := 1; i < len(heads); i++ {
			heads[i].seq = max(heads[i].seq, heads[i-1].seq)
		}
	}
	return all
}

// behind is how many entries a client was behind when it asked, at least.
func behind(heads []head, asked *history.Op) uint64 {
	i, _ := slices.BinarySearchFunc(heads, asked.Invoke, func(h head, at int64) int { return cmp.Compare(h.at, at) })
	if i == 0 || heads[i-1].seq < asked.Seq {
		return 0
	}
	return heads[i-1].seq - asked.Seq
}

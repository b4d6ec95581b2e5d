package property

import (
	"fmt"
	"math"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// window is how many entries porcupine looks at together. Each window stands for itself: in a history that can be put in one
// order, so can any stretch of numbers, from the state before it on.
const window = 200

// windowTime bounds the search in one window. Each step fits in one place only, so it ends at once; a window that does not
// is a violation, too: nothing may pass because nobody looked.
const windowTime = 20 * time.Second

// OneOrder checks this: sends and reads of a room can be put in one order that agrees with real time: a message that was begun after
// another had been acknowledged stands behind it, and a page tells of exactly what was stored at one moment while it was
// asked for (linearizability, by porcupine).
func OneOrder(h *history.History) []Violation {
	var found []Violation
	for _, room := range h.Meta.Rooms {
		d := h.Dumps[room][history.SQL]
		if d == nil {
			continue
		}
		found = append(found, overtaken(h, room, d)...)
		looks := map[uint64][]read{} // by what they saw
		for _, r := range reads(h, room) {
			looks[r.asOf] = append(looks[r.asOf], r)
		}
		for from := 0; from < len(d.Entries); from += window {
			part := d.Entries[from:min(from+window, len(d.Entries))]
			if porcupine.CheckOperationsTimeout(room1(part[0].Seq-1), operations(h, part, looks), windowTime) != porcupine.Ok {
				found = append(found, Violation{Room: room, Seq: part[0].Seq, Detail: fmt.Sprintf("and the %d entries behind it cannot be put in an order that agrees with real time", len(part)-1)})
			}
		}
	}
	return found
}

// overtaken names the messages that stand behind one which was begun only after they had been acknowledged.
func overtaken(h *history.History, room string, d *history.RoomDump) []Violation {
	var found []Violation
	var latest *history.Message // of those so far, the one that was begun last
	for _, e := range d.Entries {
		m := h.ByID[e.ClientID]
		if m == nil {
			continue
		}
		if latest != nil && m.Acked != 0 && m.Acked < latest.Invoke {
			found = append(found, Violation{
				Client: m.Client, Room: room, Seq: e.Seq, ClientID: e.ClientID, At: m.Acked, Detail: fmt.Sprintf("was acknowledged before %s was begun and stands behind it", latest.ClientID),
			})
		}
		if latest == nil || m.Invoke > latest.Invoke {
			latest = m
		}
	}
	return found
}

// room1 is a room as a state machine: a number that sends raise by one and reads see.
func room1(start uint64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(state, input, output any) (bool, any) {
			now, seq := state.(uint64), output.(uint64)
			if input.(string) == "read" {
				return seq == now, now
			}
			return seq == now+1, seq
		},
	}
}

// operations are what porcupine is to order: a message from its first attempt to its first acknowledgement, or without an
// end where none came; a change, of which the clients' histories do not tell, at any time; and the reads that saw one of
// these numbers but the last, behind which others may have come.
func operations(h *history.History, part []history.Op, looks map[uint64][]read) []porcupine.Operation {
	var all []porcupine.Operation
	for i, e := range part {
		op := porcupine.Operation{ClientId: i, Input: "send", Output: e.Seq, Call: 0, Return: math.MaxInt64}
		if m := h.ByID[e.ClientID]; m != nil {
			op.Call = m.Invoke
			if m.Acked != 0 {
				op.Return = m.Acked
			}
		}
		all = append(all, op)
		for _, r := range looks[e.Seq] {
			all = append(all, porcupine.Operation{ClientId: i, Input: "read", Output: r.asOf, Call: r.invoke, Return: r.at})
		}
	}
	return all
}

package property

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// ReadAfterAck checks this: whatever is asked of a room after one of its messages was acknowledged, by whomever and to whomever, is true
// at that message or later; and a page holds each message from where it was asked for on.
func ReadAfterAck(h *history.History) []Violation {
	var found []Violation
	for _, room := range h.Meta.Rooms {
		found = append(found, stale(room, reads(h, room), acks(h, room))...)
	}
	for _, c := range h.Clients {
		found = append(found, pages(h, c)...)
	}
	return found
}

// read is a look at a room: it began at a time and says how far the room was.
type read struct {
	client string
	invoke int64
	asOf   uint64
	at     int64
}

// reads are all looks at a room: pages, and subscriptions without a position. One that a room's own socket begins with was
// asked for by opening the socket.
func reads(h *history.History, room string) []read {
	var all []read
	for _, c := range h.Clients {
		var opened, asked int64
		fresh := false
		for _, op := range c.Ops {
			switch {
			case op.Op == history.Open:
				opened = op.Invoke
			case op.Room != room:
			case op.Op == history.Page:
				all = append(all, read{c.Name, op.Invoke, op.AsOf, op.Return})
			case op.Op == history.Subscribe:
				fresh, asked = !op.Placed, op.Invoke
				if c.Form == "room-socket" {
					asked = opened
				}
			case op.Op == history.Subscribed && fresh:
				all = append(all, read{c.Name, asked, op.Seq, op.Return})
				fresh = false
			}
		}
	}
	return all
}

func acks(h *history.History, room string) []history.Op {
	var all []history.Op
	for _, m := range h.Sends {
		for _, a := range m.Answers {
			if a.Result == history.Ok && m.Room == room {
				all = append(all, a)
			}
		}
	}
	return all
}

// stale finds the reads that are older than an acknowledgement before them.
func stale(room string, reads []read, acks []history.Op) []Violation {
	slices.SortFunc(reads, func(a, b read) int { return cmp.Compare(a.invoke, b.invoke) })
	slices.SortFunc(acks, func(a, b history.Op) int { return cmp.Compare(a.Return, b.Return) })
	var found []Violation
	var latest history.Op
	next := 0
	for _, r := range reads {
		for ; next < len(acks) && acks[next].Return < r.invoke; next++ {
			if acks[next].Seq > latest.Seq {
				latest = acks[next]
			}
		}
		if r.asOf < latest.Seq {
			found = append(found, Violation{
				Client: r.client, Room: room, Seq: r.asOf, At: r.at, Detail: fmt.Sprintf("is how far the room was said to be; %d had been acknowledged to %s at %.3fs", latest.Seq, latest.Client, float64(latest.Return)/1e9),
			})
		}
	}
	return found
}

// pages holds each page of a client against the database: it begins with the first message behind the number that was asked
// for, and leaves none out.
func pages(h *history.History, c *history.Client) []Violation {
	var found []Violation
	for i, op := range c.Ops {
		d := h.Dumps[op.Room][history.SQL]
		if op.Op != history.Page || d == nil {
			continue
		}
		from, _ := slices.BinarySearchFunc(d.Entries, op.Seq+1, func(e history.Op, seq uint64) int { return cmp.Compare(e.Seq, seq) })
		want := d.Entries[from:]
		for _, got := range c.Ops[i+1 : min(len(c.Ops), i+1+op.Count)] {
			for len(want) > 0 && want[0].Code != "" {
				want = want[1:]
			}
			if len(want) == 0 || got.ID != want[0].ID || got.Seq != want[0].Seq {
				found = append(found, Violation{Client: c.Name, Room: op.Room, Seq: got.Seq, At: op.Return, Detail: fmt.Sprintf("stands in the page after %d at the wrong place", op.Seq)})
				break
			}
			want = want[1:]
		}
		if op.Count == 0 {
			for _, e := range want {
				if e.Code == "" && e.Seq <= op.AsOf {
					found = append(found, Violation{Client: c.Name, Room: op.Room, Seq: e.Seq, At: op.Return, Detail: fmt.Sprintf("is missing: the page after %d is empty as of %d", op.Seq, op.AsOf)})
					break
				}
			}
		}
	}
	return found
}

package property

import (
	"fmt"
	"slices"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// NoHoles checks this: a room's numbers run from 1 to its head without a hole, and so does n along its messages; the epoch is one;
// and SQL, REST and a fresh socket show the same. REST shows messages alone, the others changes as well; the socket shows what
// is behind the position that was asked for.
func NoHoles(h *history.History) []Violation {
	var found []Violation
	for _, room := range h.Meta.Rooms {
		dumps := h.Dumps[room]
		for _, source := range history.Sources {
			if dumps[source] == nil || dumps[source].Head.Op == "" {
				found = append(found, Violation{Room: room, Detail: "there is no dump from " + source})
			}
		}
		base := dumps[history.SQL]
		if base == nil {
			continue
		}
		found = append(found, holes(room, base)...)
		for _, source := range []string{history.REST, history.Socket} {
			if d := dumps[source]; d != nil {
				found = append(found, differ(room, source, d, base)...)
			}
		}
	}
	return found
}

func holes(room string, d *history.RoomDump) []Violation {
	var found []Violation
	seq, n := uint64(0), uint64(0)
	for _, e := range d.Entries {
		if e.Seq != seq+1 {
			found = append(found, Violation{Room: room, Seq: e.Seq, Detail: fmt.Sprintf("comes after %d", seq)})
		}
		seq = e.Seq
		if e.Code != "" {
			continue
		}
		if e.N != n+1 {
			found = append(found, Violation{Room: room, Seq: e.Seq, Detail: fmt.Sprintf("has n %d after n %d", e.N, n)})
		}
		n = e.N
	}
	if d.Head.Seq != seq || d.Head.N != n {
		found = append(found, Violation{
			Room: room, Seq: seq, Detail: fmt.Sprintf("with n %d is the last entry; the room says that %d with n %d is", n, d.Head.Seq, d.Head.N),
		})
	}
	return found
}

// differ says where a dump first is not what the database has.
func differ(room, source string, d, base *history.RoomDump) []Violation {
	if d.Head.Epoch != base.Head.Epoch || d.Head.Seq != base.Head.Seq {
		return []Violation{{Room: room, Seq: d.Head.Seq, Detail: fmt.Sprintf("in %s is the head of %s in %s; SQL has %d in %s", d.Head.Epoch, room, source, base.Head.Seq, base.Head.Epoch)}}
	}
	want := base.Entries
	if source == history.REST {
		want = slices.DeleteFunc(slices.Clone(want), func(e history.Op) bool { return e.Code != "" })
	}
	if asked := d.Head.AsOf; asked > 0 {
		want = slices.DeleteFunc(slices.Clone(want), func(e history.Op) bool { return e.Seq <= asked })
	}
	for i := range max(len(want), len(d.Entries)) {
		if i >= len(want) || i >= len(d.Entries) || !same(want[i], d.Entries[i]) {
			v := Violation{Room: room, Detail: fmt.Sprintf("%s has %d entries, SQL %d; they differ at place %d", source, len(d.Entries), len(want), i+1)}
			if i < len(want) {
				v.Seq = want[i].Seq
			}
			return []Violation{v}
		}
	}
	return nil
}

// same compares what every dump knows of an entry.
func same(a, b history.Op) bool {
	return a.Seq == b.Seq && a.N == b.N && a.ID == b.ID && a.ClientID == b.ClientID && a.User == b.User && a.Hash == b.Hash && a.Code == b.Code
}

package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// UnreadConverges checks this: in the end a person's cursor in a room, and what is unread behind it, are the same in the database, over
// REST, on a fresh socket and on every device that stayed; it lies at or behind every message of their own that was
// acknowledged; and at no time did one version of a cursor mean two places.
func UnreadConverges(h *history.History) []Violation {
	type key struct{ user, room string }
	var found []Violation
	at := map[string]map[key]history.Op{}
	for _, op := range h.Of(history.Unread) {
		if at[op.Form] == nil {
			at[op.Form] = map[key]history.Op{}
		}
		at[op.Form][key{op.User, op.Room}] = op
	}
	for _, source := range []string{history.REST, history.Socket} {
		for k, got := range at[source] {
			want := at[history.SQL][k]
			if got.N != want.N || got.Version != want.Version || got.Unread != want.Unread {
				found = append(found, Violation{
					Client: k.user, Room: k.room, Detail: fmt.Sprintf("%s has n %d, version %d, %d unread; SQL has %d, %d, %d", source, got.N, got.Version, got.Unread, want.N, want.Version, want.Unread),
				})
			}
		}
	}
	for k, c := range at[history.SQL] {
		if d := h.Dumps[k.room][history.SQL]; d != nil && c.N+c.Unread != d.Head.N {
			found = append(found, Violation{Client: k.user, Room: k.room, Detail: fmt.Sprintf("has read up to %d and has %d unread of %d", c.N, c.Unread, d.Head.N)})
		}
	}
	for _, op := range h.Of(history.Settled) {
		k := key{userOf(h, op.Client), op.Room}
		if want := at[history.SQL][k]; op.Form == "" && op.N != want.N {
			found = append(found, Violation{Client: op.Client, Room: op.Room, At: op.Return, Detail: fmt.Sprintf("believes that its person has read up to %d; it is %d", op.N, want.N)})
		}
	}
	for _, m := range h.Sends {
		for _, a := range m.Answers {
			c, known := at[history.SQL][key{m.User, m.Room}]
			if a.Result == history.Ok && known && c.N < a.N {
				found = append(found, Violation{Client: m.Client, Room: m.Room, Seq: a.Seq, Detail: fmt.Sprintf("was said by %s, whose cursor stands before it, at n %d", m.User, c.N)})
			}
		}
	}
	return append(found, versions(h)...)
}

// versions: whoever was told of a version of a cursor was told of the same place.
func versions(h *history.History) []Violation {
	type key struct {
		user, room string
		version    uint64
	}
	var found []Violation
	places := map[key]uint64{}
	for _, c := range h.Clients {
		for _, op := range c.Ops {
			if op.Op != history.Cursor {
				continue
			}
			k := key{c.User, op.Room, op.Version}
			if n, known := places[k]; known && n != op.N {
				found = append(found, Violation{Client: c.Name, Room: op.Room, At: op.Return, Detail: fmt.Sprintf("version %d of the cursor is n %d here and was %d elsewhere", op.Version, op.N, n)})
			}
			places[k] = op.N
		}
	}
	return found
}

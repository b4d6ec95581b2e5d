package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// NothingForeign checks this: each message of a dump was sent, to that room, by that person, with that content or one that it was
// changed to, and was not refused;
// and nobody was answered who had not asked.
func NothingForeign(h *history.History) []Violation {
	var found []Violation
	for room, dumps := range h.Dumps {
		for source, d := range dumps {
			for _, e := range d.Entries {
				if e.Code != "" {
					continue // a change
				}
				v := Violation{Client: e.User, Room: room, Seq: e.Seq, ClientID: e.ClientID}
				m := h.ByID[e.ClientID]
				switch {
				case m == nil:
					v.Detail = "is in " + source + " and nobody sent it"
				case m.Room != room || m.User != e.User:
					v.Detail = fmt.Sprintf("is in %s; %s sent it to %s", source, m.User, m.Room)
				case !m.Said(e.Hash):
					v.Detail = fmt.Sprintf("has the content %s in %s; sent was %s", e.Hash, source, m.Hash)
				case m.Refused():
					v.Detail = "is in " + source + " and was refused"
				default:
					continue
				}
				found = append(found, v)
			}
		}
	}
	for _, a := range h.Of(history.Answer) {
		if m := h.ByID[a.ClientID]; m == nil || m.Client != a.Client {
			found = append(found, Violation{Client: a.Client, Room: a.Room, Seq: a.Seq, ClientID: a.ClientID, At: a.Return, Detail: "was answered and not asked"})
		}
	}
	return found
}

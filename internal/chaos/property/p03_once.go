package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// OncePerClientID checks this: each client id, and each id, stands in a dump at most once, over all rooms, however often it was sent;
// and two acknowledgements of one message say the same.
func OncePerClientID(h *history.History) []Violation {
	var found []Violation
	for _, source := range history.Sources {
		seen := map[string]string{}
		for room, dumps := range h.Dumps {
			if dumps[source] == nil {
				continue
			}
			for _, e := range dumps[source].Entries {
				place := fmt.Sprintf("%s %d", room, e.Seq)
				for _, id := range []string{"id " + e.ID, "client id " + e.ClientID} {
					if id == "client id " {
						continue // a change
					}
					if other, twice := seen[id]; twice {
						found = append(found, Violation{Room: room, Seq: e.Seq, ClientID: e.ClientID, Detail: fmt.Sprintf("%s is also at %s in %s", id, other, source)})
					}
					seen[id] = place
				}
			}
		}
	}
	for _, m := range h.Sends {
		if m.Twice {
			found = append(found, Violation{Client: m.Client, Room: m.Room, ClientID: m.ClientID, Detail: "the run itself used this client id twice"})
		}
		var first *history.Op
		for i := range m.Answers {
			switch a := &m.Answers[i]; {
			case a.Result != history.Ok:
			case first == nil:
				first = a
			case a.Seq != first.Seq || a.ID != first.ID || a.N != first.N:
				found = append(found, Violation{
					Client: m.Client, Room: m.Room, Seq: a.Seq, ClientID: m.ClientID, At: a.Return, Detail: fmt.Sprintf("was acknowledged before at %d as %s", first.Seq, first.ID),
				})
			}
		}
	}
	return found
}

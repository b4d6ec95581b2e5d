package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// AcksAreThere checks this: every message that was acknowledged stands in every dump of its room, under the number, the n and the id
// that the acknowledgement gave, however often it was acknowledged.
func AcksAreThere(h *history.History) []Violation {
	var found []Violation
	for _, m := range h.Sends {
		for _, a := range m.Answers {
			if a.Result != history.Ok {
				continue
			}
			for _, source := range history.Sources {
				d := h.Dumps[m.Room][source]
				if d != nil && a.Seq <= d.Head.AsOf {
					continue // not asked for
				}
				e := d.At(a.Seq)
				v := Violation{Client: m.Client, Room: m.Room, Seq: a.Seq, ClientID: m.ClientID, At: a.Return}
				switch {
				case e == nil:
					v.Detail = "was acknowledged and is not in " + source
				case e.ClientID != m.ClientID:
					v.Detail = fmt.Sprintf("was acknowledged; %s has there %s", source, e.ClientID)
				case e.ID != a.ID || e.N != a.N:
					v.Detail = fmt.Sprintf("was acknowledged as %s with n %d; %s has there %s with n %d", a.ID, a.N, source, e.ID, e.N)
				default:
					continue
				}
				found = append(found, v)
			}
		}
	}
	return found
}

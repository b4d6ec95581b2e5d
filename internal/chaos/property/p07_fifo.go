package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// SenderOrder checks this: one client's messages stand in a room in the order in which it sent them first, also when it does not wait for
// one's answer before it sends the next, and across connections. Only where one was refused for a time while others were
// open may they come in another order.
func SenderOrder(h *history.History) []Violation {
	places := map[string]uint64{} // by client id
	for _, dumps := range h.Dumps {
		if d := dumps[history.SQL]; d != nil {
			for _, e := range d.Entries {
				places[e.ClientID] = e.Seq
			}
		}
	}
	var found []Violation
	last := map[string]*history.Message{} // by client and room
	for _, m := range h.Sends {
		line := m.Client + "\x00" + m.Room
		place, stored := places[m.ClientID]
		if m.Loose || !stored {
			continue
		}
		if before := last[line]; before != nil && place <= places[before.ClientID] {
			found = append(found, Violation{
				Client: m.Client, Room: m.Room, Seq: place, ClientID: m.ClientID, At: m.Invoke,
				Detail: fmt.Sprintf("stands before %s at %d, which was sent before it", before.ClientID, places[before.ClientID]),
			})
		}
		last[line] = m
	}
	return found
}

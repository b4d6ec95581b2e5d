package property

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// LiveWithin is how soon a message must be answered once there are no more faults: connections are opened again within a
// second or so, the rest is what a busy machine adds.
const LiveWithin = 20 * time.Second

// LivesAgain checks this: after healing, sends succeed: every message that was open then, or was begun later, is answered with certainty
// within LiveWithin; and every socket gets to the end of its rooms.
func LivesAgain(h *history.History) []Violation {
	gone := map[string]bool{}
	for _, r := range h.Removals() {
		gone[r.User] = gone[r.User] || r.Room == ""
	}
	var found []Violation
	healed, succeeded := h.First(history.Healed).Return, false
	for _, m := range h.Sends {
		succeeded = succeeded || m.Acked > healed
		from := max(healed, m.Invoke)
		switch {
		case gone[m.User] || m.Acked != 0 && m.Acked <= from+int64(LiveWithin):
		case m.Acked != 0:
			found = append(found, Violation{Client: m.Client, Room: m.Room, ClientID: m.ClientID, At: m.Acked, Detail: fmt.Sprintf("was acknowledged %.1fs after it could have been", float64(m.Acked-from)/1e9)})
		case !m.Resolved():
			found = append(found, Violation{Client: m.Client, Room: m.Room, ClientID: m.ClientID, At: m.Invoke, Detail: fmt.Sprintf("was sent %d times and never answered", m.Attempts)})
		}
	}
	if !succeeded {
		found = append(found, Violation{At: healed, Detail: "no send has succeeded since then, when all was healed"})
	}
	for _, c := range h.Clients {
		if (c.Form == "device" || c.Form == "room-socket" || c.Form == "staller") && !gone[c.User] && !settles(c) {
			found = append(found, Violation{Client: c.Name, At: healed, Detail: "has not come to the end of its rooms"})
		}
	}
	return found
}

func settles(c *history.Client) bool {
	for i := len(c.Ops) - 1; i >= 0; i-- {
		if c.Ops[i].Op == history.Settled {
			return true
		}
	}
	return false
}

// wasHealed is why a run has no subject for LivesAgain.
func wasHealed(h *history.History) string {
	if h.First(history.Healed) == nil {
		return "the run ended before it was healed"
	}
	return ""
}

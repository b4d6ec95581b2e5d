package property

import "github.com/parley-chat/parley/internal/chaos/history"

// Expected checks this: no client was told what it may never be told, and the server did nothing it may never do: end by itself, take
// too long to stop, break the WebSocket protocol, close with a code that means a fault.
func Expected(h *history.History) []Violation {
	var found []Violation
	for _, op := range h.Of(history.Unexpected) {
		found = append(found, Violation{Client: op.Client, Room: op.Room, At: op.Return, Detail: op.Detail})
	}
	return found
}

package property

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// How much more than at the start a server may hold when everybody has gone: the connections of its own pools, caches, the
// connection that asks.
const (
	MoreGoroutines = 20
	MoreFDs        = 20
	MoreHeap       = 64 << 20 // bytes
)

// GivesBack checks this: when everybody has gone, the server holds about as many goroutines, descriptors and as much heap as before
// anybody came.
func GivesBack(h *history.History) []Violation {
	base, end := samples(h)
	var found []Violation
	grew := func(what string, before, after, most int64) {
		if after > before+most {
			found = append(found, Violation{At: end.Return, Detail: fmt.Sprintf("%s: %d at the start, %d when all had gone", what, before, after)})
		}
	}
	grew("goroutines", int64(base.Goroutines), int64(end.Goroutines), MoreGoroutines)
	grew("descriptors", int64(base.FDs), int64(end.FDs), MoreFDs)
	grew("bytes of heap", base.Heap, end.Heap, MoreHeap)
	return found
}

func samples(h *history.History) (base, end history.Op) {
	for _, op := range h.Of(history.Sample) {
		if op.Form == "baseline" {
			base = op
		} else {
			end = op
		}
	}
	return base, end
}

// measured is why a run has no subject for GivesBack.
func measured(h *history.History) string {
	base, end := samples(h)
	switch {
	case base.Op == "" || end.Op == "":
		return "what the server holds was not measured"
	case base.Detail != "" || end.Detail != "":
		return "what the server holds could not be measured: " + base.Detail + end.Detail
	}
	return ""
}

package property

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// afterRemoval is how long sockets may outlive their account: one second is promised on one node, the rest is what a busy
// machine adds. Time in which the server was stopped or down does not count.
const afterRemoval = 2 * time.Second

// RemovedSeeNothing checks this: who was removed from a room hears nothing of it behind the entry that says so. Who was taken out of
// everything is not let in any more, and hears nothing that was begun after that.
func RemovedSeeNothing(h *history.History) []Violation {
	var found []Violation
	for _, gone := range h.Removals() {
		until := gone.Return + int64(afterRemoval+paused(h, gone.Return, gone.Return+int64(time.Minute)))
		for _, c := range h.Clients {
			if c.User != gone.User || c.Form == "nemesis" || c.Form == "dump" {
				continue
			}
			for i := range c.Ops {
				if v := breach(h, &gone, &c.Ops[i], until); v != "" {
					op := c.Ops[i]
					found = append(found, Violation{Client: c.Name, Room: op.Room, Seq: op.Seq, At: op.Return, Detail: v})
				}
			}
		}
	}
	return found
}

// breach says what is wrong with a record of somebody who is gone; "": nothing.
func breach(h *history.History, gone, op *history.Op, until int64) string {
	if gone.Room != "" {
		if op.Op == history.Entry && op.Form != "skip" && op.Room == gone.Room && op.Seq > gone.Seq {
			return fmt.Sprintf("reached %s, who was removed at %d", gone.User, gone.Seq)
		}
		return ""
	}
	switch {
	case op.Op == history.Entry:
		if m := h.ByID[op.ClientID]; m != nil && m.Invoke > until {
			return fmt.Sprintf("was begun at %.3fs and reached %s, who was taken out at %.3fs", float64(m.Invoke)/1e9, gone.User, float64(gone.Return)/1e9)
		}
	case (op.Op == history.Open || op.Op == history.Page) && op.Invoke > until:
		return fmt.Sprintf("%s was let in, who was taken out at %.3fs", gone.User, float64(gone.Return)/1e9)
	case op.Op == history.Answer && op.Result == history.Ok:
		if m := h.ByID[op.ClientID]; m != nil && m.Invoke > until {
			return fmt.Sprintf("was accepted from %s, who was taken out at %.3fs", gone.User, float64(gone.Return)/1e9)
		}
	}
	return ""
}

// somebodyRemoved is why a run has no subject for RemovedSeeNothing.
func somebodyRemoved(h *history.History) string {
	if len(h.Removals()) == 0 {
		return "nobody was taken out in this run"
	}
	return ""
}

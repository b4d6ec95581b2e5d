package property

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// halfOpenLife is how long a server may take a dead connection for a living one: 40 s of silence, and what a busy machine
// adds.
const halfOpenLife = 45 * time.Second

// Presence checks this: in the end every socket in a room has the same list of who is there: exactly those who are; and
// again when every second person has left. When all of them have gone, somebody who comes finds nobody else. A half-open connection is given up after 45 s in which the server ran.
func Presence(h *history.History) []Violation {
	there := map[string][]string{}
	settled := h.Of(history.Settled)
	for _, op := range settled {
		if op.Form != "after" {
			there[op.Form+op.Room] = append(there[op.Form+op.Room], userOf(h, op.Client))
		}
	}
	for room, users := range there {
		slices.Sort(users)
		there[room] = slices.Compact(users)
	}
	var found []Violation
	for _, op := range settled {
		want := []string{op.User}
		if op.Form != "after" {
			want = there[op.Form+op.Room]
		}
		if !slices.Equal(op.Users, want) {
			found = append(found, Violation{
				Client: op.Client, Room: op.Room, At: op.Return, Detail: fmt.Sprintf("was told that there are %s; there are %s", strings.Join(op.Users, ", "), strings.Join(want, ", ")),
			})
		}
	}
	for _, f := range h.Of(history.Fault) {
		if f.Form != "half-open" || f.Result == "" {
			continue
		}
		if life := time.Duration(f.Return-f.Invoke) - paused(h, f.Invoke, f.Return); life > halfOpenLife {
			found = append(found, Violation{At: f.Invoke, Detail: fmt.Sprintf("a half-open connection was kept for %s", life.Round(time.Millisecond))})
		}
	}
	return found
}

func userOf(h *history.History, client string) string {
	for _, c := range h.Clients {
		if c.Name == client {
			return c.User
		}
	}
	return ""
}

// paused is how long, between two times, the server was stopped or down.
func paused(h *history.History, from, to int64) time.Duration {
	var sum int64
	for _, f := range h.Of(history.Fault) {
		switch f.Form {
		case "pause", "kill", "term", "fail-point", "power-loss", "fsync-error", "write-error":
			sum += max(0, min(f.Return, to)-max(f.Invoke, from))
		}
	}
	return time.Duration(sum)
}

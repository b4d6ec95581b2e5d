package hub

import (
	"sync"
	"sync/atomic"
	"time"
)

// Stats are counts since the hub began, and Sessions, Topics and Backlog as of now.
type Stats struct {
	Sessions int   // connected
	Topics   int   // open
	Backlog  int64 // unsent bytes of sessions that do not keep up at the moment

	Published int64 // entries handed to Publish here
	Offered   int64 // frames or joined chunks put into session queues
	Written   int64 // bytes written
	Flushes   int64 // rounds over a topic's members
	Slow      int64 // sessions closed for being too slow
	Resets    int64 // subscriptions told to load afresh
	Replays   int64 // subscriptions that had something to catch up on
	LogReads  int64 // reads of the Log
	GapFills  int64 // times a missing entry was looked for in the Log
	BusErrors int64 // publishes that the Bus refused
}

type counters struct {
	published, offered, written, flushes, slow, resets, replays, logReads, gapFills, busErrors atomic.Int64
}

// Stats returns the hub's counts.
func (h *Hub) Stats() Stats {
	h.sessionsMu.RLock()
	sessions := len(h.sessions)
	h.sessionsMu.RUnlock()
	h.mu.Lock()
	topics := len(h.topics)
	h.mu.Unlock()
	c := &h.stats
	return Stats{
		Sessions: sessions, Topics: topics, Backlog: h.backlog.Load(),
		Published: c.published.Load(), Offered: c.offered.Load(), Written: c.written.Load(), Flushes: c.flushes.Load(),
		Slow: c.slow.Load(), Resets: c.resets.Load(), Replays: c.replays.Load(), LogReads: c.logReads.Load(),
		GapFills: c.gapFills.Load(), BusErrors: c.busErrors.Load(),
	}
}

// slowHistory remembers who was closed as slow in the last minute: twice means that replaying does not help them.
type slowHistory struct {
	mu   sync.Mutex
	last map[string][2]time.Time // user -> the last two closes, the older first
}

const (
	slowSpan    = time.Minute
	slowHistMax = 4096
)

func (h *slowHistory) add(user string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == nil || len(h.last) >= slowHistMax {
		kept := map[string][2]time.Time{}
		for u, t := range h.last {
			if now.Sub(t[1]) < slowSpan && len(kept) < slowHistMax/2 {
				kept[u] = t
			}
		}
		h.last = kept
	}
	h.last[user] = [2]time.Time{h.last[user][1], now}
}

func (h *slowHistory) twice(user string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.last[user]
	return ok && !t[0].IsZero() && now.Sub(t[0]) < slowSpan
}

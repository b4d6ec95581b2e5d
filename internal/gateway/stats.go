package gateway

import (
	"sync/atomic"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/wire"
)

// other counts what has a type that the protocol does not know, so that clients cannot make labels.
const other = "other"

// text counts messages that came as bare text on a room's socket.
const text = "text"

// Stats are counters since the start.
type Stats struct {
	Hub         hub.Stats
	Connections int               // now
	FramesIn    map[string]uint64 // by type; bare text is "text", what cannot be read "other"
	FramesOut   map[string]uint64 // by type, counted once however many get them
}

// Stats returns the counters.
func (g *Gateway) Stats() Stats {
	g.mu.RLock()
	n := len(g.conns)
	g.mu.RUnlock()
	return Stats{Hub: g.hub.Stats(), Connections: n, FramesIn: g.counts.in.read(), FramesOut: g.counts.out.read()}
}

// tally counts by type. The set of types is fixed when it is made.
type tally map[string]*atomic.Uint64

type counters struct{ in, out tally }

func newCounters() *counters {
	return &counters{
		in: newTally(wire.TypeMessage, wire.TypeSubscribe, wire.TypeUnsubscribe, wire.TypeTyping, wire.TypeStopTyping,
			wire.TypeRead, wire.TypeAuth, wire.TypeActivity, text, other),
		out: newTally(wire.TypeMessage, wire.TypeAck, wire.TypeChange, wire.TypeSkip, wire.TypeSubscribed, wire.TypeReset, wire.TypeTyping,
			wire.TypeStopTyping, wire.TypeJoin, wire.TypeLeave, wire.TypeOnlineUsers, wire.TypePresenceDelta, wire.TypeRead, wire.TypeRoomPrefs,
			wire.TypeWelcome, wire.TypeAuth, wire.TypeRoomAdded, wire.TypeRoomRemoved, wire.TypeRoomRenamed, wire.TypeUserChanged, wire.TypeThreadRead, wire.TypeThreadFollow, wire.TypeSaved, wire.TypeUserPresence, wire.TypePreferences, wire.TypeAnnouncement, wire.TypeAnnouncementEnded, wire.TypeGoodbye, wire.TypeError, other),
	}
}

func newTally(types ...string) tally {
	t := tally{}
	for _, typ := range types {
		t[typ] = new(atomic.Uint64)
	}
	return t
}

func (t tally) add(typ string) {
	n, ok := t[typ]
	if !ok {
		n = t[other]
	}
	n.Add(1)
}

func (t tally) read() map[string]uint64 {
	m := make(map[string]uint64, len(t))
	for typ, n := range t {
		m[typ] = n.Load()
	}
	return m
}

package hub

import (
	"context"
	"time"
)

// User is who a session belongs to. Several sessions of one ID are one person for presence. The hub checks neither field.
type User struct {
	ID   string // what Entry.Author, Entry.Evict and Hub.SendUser name
	Name string // for whoever shows it; presence sorts by it
}

// Position is a place in a topic's log: the entry numbered Seq, whose id is ID, in the log's incarnation Epoch.
// Seq 0 (with an empty ID) is the place before the first entry. A log that may have lost numbers it had given (emptied,
// restored from a backup) must begin another Epoch.
type Position struct {
	Epoch string
	Seq   uint64
	ID    string
}

// Entry is one numbered item of a topic. Entries are immutable: the hub shares them between sessions and goroutines.
type Entry struct {
	Seq uint64 // 1, 2, 3, … without a hole
	ID  string // unique in the topic; tells a lost tail from the past
	// Frame is what sessions get, encoded as the transport writes it.
	Frame []byte

	// Author and ClientID name the send that made the entry. The session on which that send is open gets Ack in the
	// entry's place, or nothing if the send was opened silently.
	Author   string // User.ID
	ClientID string
	Ack      []byte

	// Origin is the entry this one is about (an edit, a reaction), 0 for itself. A subscription that sees from a later
	// number gets a skip instead.
	Origin uint64
	// Rewrites says that entries before this one read differently from now on (an edit, a deletion). The hub forgets those
	// that it has in memory: whoever gets them later gets what the Log has by then.
	Rewrites bool
	// Evict names users whose subscriptions end with this entry: it is the last they get.
	Evict []string
}

// Head is where a topic's log begins and ends.
type Head struct {
	Position
	MinSeq uint64 // the lowest entry that can still be read; 1 or 0 when nothing was dropped
}

// Log is where entries are read from when they are no longer in memory. Everything published must be readable from it
// before it is published. All methods may be called concurrently.
type Log interface {
	// Head returns where topic ends. A topic that the log does not know is an error, which Session.Subscribe returns. One
	// without entries has an Epoch, Seq 0 and no ID.
	Head(ctx context.Context, topic string) (Head, error)
	// Read returns the entries after the given number, in order and without a hole between them, at most limit, and the
	// head as of the same moment. Fewer than limit entries means that the last one is the head; after the head, or beyond
	// it, there are none, and no error. What the log has dropped (below Head.MinSeq) is left out at the beginning.
	Read(ctx context.Context, topic string, after uint64, limit int) (Head, []Entry, error)
}

// Bus carries what is published on one node to the others. Nothing is stored and anything may be lost, doubled or
// reordered: receivers mend that from the Log. All methods may be called concurrently.
type Bus interface {
	// Publish hands data to every other node that has subscribed to topic, not to this one. It never waits for them. It may
	// keep data but must not change it. The hub counts an error in Stats.BusErrors and goes on.
	Publish(topic string, data []byte) error
	// Subscribe calls deliver, from one goroutine at a time, for what other nodes publish to topic, until cancel has
	// returned. deliver must not keep data. A topic is any string, of which no part is a pattern.
	Subscribe(topic string, deliver func(data []byte)) (cancel func(), err error)
	// Flush returns when the subscriptions made before it are known to every node that can be reached.
	Flush(ctx context.Context) error
}

// Encoder makes the frames that the hub itself has to say. It is called with locks held, for different topics
// concurrently: it must be quick and must not call the hub. minSeq is the topic's Head.MinSeq: a client that scrolls back
// finds nothing below it. What an Encoder returns must not be changed afterwards; nothing at all sends no frame.
type Encoder interface {
	// Subscribed says that the stream of topic begins after p.
	Subscribed(topic string, p Position, minSeq uint64) []byte
	// Reset says that the client must load topic afresh; the stream goes on after p.
	Reset(topic string, p Position, minSeq uint64) []byte
	// Skip moves the client's position to seq without showing anything: that entry is about one the user may not see.
	Skip(topic string, seq uint64) []byte
}

// Transport is the writing side of one connection. The hub calls Write and TryWrite from one goroutine at a time and
// never both at once; the other methods at any time. websocket.Conn is one.
type Transport interface {
	// TryWrite writes what the connection takes at once without blocking and returns how much that was: 0 if it can
	// never promise not to block.
	TryWrite(bufs [][]byte) (int, error)
	// Write writes everything, or fails at the deadline; it returns how much was written.
	Write(bufs [][]byte, deadline time.Time) (int, error)
	// FrameEnd returns where the frame ends of which byte n-1 of chunk is a part; chunk begins with a frame.
	// It is n itself when n lies between two frames.
	FrameEnd(chunk []byte, n int) int
	// CloseFrame encodes a coded goodbye.
	CloseFrame(code int, reason string) []byte
	// Finish is called once the goodbye has been written: it waits a moment for the peer's, then closes. It does not block.
	Finish()
	// Abort closes at once. It may be called more than once and after Finish.
	Abort()
}

// PresenceChange says who came and went in a topic. Above Limits.PresenceCap people, changes come at most once a
// second and together.
type PresenceChange struct {
	Topic  string
	Joined []User
	Left   []User
	Count  int // people there now
	// People is who is there now, sorted by name, whenever a list is due, else nil: at most once a second, never above
	// Limits.PresenceCap. The callee must not change it.
	People []User
	// Coalesced is true for a topic above Limits.PresenceCap.
	Coalesced bool
}

// Presence is told who is where. The hub calls it outside of its locks, in order for each topic, and what it broadcasts from
// inside these calls reaches every session in that order. What it sends to a session does not wait for the topic's next
// flush: whoever is sent a list in Arrived may hear afterwards of changes that the list has already, and must not take
// them twice. It is told of this process's sessions alone. Different topics are told concurrently; while a call lasts,
// the changes of its own topic queue up.
type Presence interface {
	// Changed is called when users have come or gone, and when a list that had to wait is due, then with nobody in Joined and
	// Left. Left is told Limits.LeaveGrace after a user's last session has ended.
	Changed(PresenceChange)
	// Arrived is called when s has subscribed: people is who is there (with s; nil above Limits.PresenceCap), sorted by name.
	// The callee must not change it.
	Arrived(s *Session, topic string, people []User, count int)
}

// SubscribeRequest asks for a topic.
type SubscribeRequest struct {
	Topic string // any string
	// From is the last entry the client has; nil begins at the head, with only what comes from now on.
	From *Position
	// Authorize is called once the subscription is registered, so that a removal cannot fall between the question and the
	// answer. It returns the first entry the user may see (0: all). An error ends the subscription. nil allows everything.
	// It is called again, from another goroutine, after a reset in the middle of the stream, which may have jumped over a
	// removal; nothing is sent until it has answered, and an error ends the subscription like an eviction.
	Authorize func(ctx context.Context) (seesFrom uint64, err error)
	// Hidden leaves the session out of presence.
	Hidden bool
}

package hub

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrClosed is returned by a session that has been closed or detached, and by every session once Shutdown has begun.
	ErrClosed = errors.New("hub: session or hub is closed")
	// ErrOpen is returned by Session.Begin for a send that is under way.
	ErrOpen = errors.New("hub: a send with this id is open on this session")
)

// Limits bound what a hub keeps and how long it waits. Zero values mean the defaults in brackets. Sizes are those of frames
// as they go on the connection.
type Limits struct {
	QueueBytes   int           // unsent bytes of one session; past it the session is slow [1 MiB]
	QueueAge     time.Duration // age of a session's oldest unsent byte; past it the session is slow [30 s]
	Budget       int64         // unsent bytes of all backed-up sessions; past it those with more than 64 KiB are slow [256 MiB]
	CloseTimeout time.Duration // from a coded close to the reset of the connection [5 s]
	OpenSends    int           // sends of one session that are not answered yet; Begin waits beyond [64]

	ResumeLimit int // entries that a resume replays; further behind is a reset [10,000]
	ReplayBytes int // one piece of a replay; the next follows when half of it is written [128 KiB]

	HoldTime    time.Duration // how long an early entry waits for those before it [50 ms]
	HoldEntries int           // early entries kept for one topic [256]
	TailEntries int           // latest entries kept in memory for one topic [256]
	TailBytes   int           // the same in bytes [128 KiB]

	// PacePerMember times the members of a topic is the shortest time between two flushes of it; below 2 ms there is none,
	// above MaxPace it stays there [20 µs, 100 ms]. A quiet topic flushes at once whatever its size.
	PacePerMember time.Duration
	MaxPace       time.Duration

	LeaveGrace  time.Duration // from a user's last session leaving to the room being told; negative: none [2 s]
	PresenceCap int           // people in a topic up to which each arrival is told at once, with lists [100]

	Writers int // goroutines that write sessions [GOMAXPROCS]
}

func (l *Limits) setDefaults() {
	def(&l.QueueBytes, 1<<20)
	def(&l.QueueAge, 30*time.Second)
	def(&l.Budget, 256<<20)
	def(&l.CloseTimeout, 5*time.Second)
	def(&l.OpenSends, 64)
	def(&l.ResumeLimit, 10_000)
	def(&l.ReplayBytes, 128<<10)
	def(&l.HoldTime, 50*time.Millisecond)
	def(&l.HoldEntries, 256)
	def(&l.TailEntries, 256)
	def(&l.TailBytes, 128<<10)
	def(&l.PacePerMember, 20*time.Microsecond)
	def(&l.MaxPace, 100*time.Millisecond)
	def(&l.LeaveGrace, 2*time.Second)
	def(&l.PresenceCap, 100)
	def(&l.Writers, runtime.GOMAXPROCS(0))
}

func def[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// Config is what a hub is made of. Log and Encoder are required, both or neither: a hub without them has no entries, for a
// server that uses Broadcast and Send alone.
type Config struct {
	Log      Log
	Encoder  Encoder
	Bus      Bus      // nil: this process is alone
	Presence Presence // nil: nobody asks who is there
	// Evicted is told, with no lock held, that an entry has ended a subscription; the entry is queued by then. May be nil.
	Evicted func(s *Session, topic string)
	Limits  Limits
	// SlowCode and SlowReason close a session that does not keep up [1013 "too slow"].
	SlowCode   int
	SlowReason string
	Logger     *slog.Logger // nil: slog.Default
}

// Hub connects sessions and topics. All its methods may be called concurrently. It is made by [New].
type Hub struct {
	cfg    Config
	ctx    context.Context // ends with the hub
	cancel context.CancelFunc
	began  time.Time

	mu       sync.Mutex // taken before topic.mu, which is taken before Session.mu
	topics   map[string]*topic
	stopping bool // no new sessions and subscriptions

	sessionsMu sync.RWMutex
	sessions   map[*Session]struct{}
	users      map[string][]*Session

	shards  []*shard
	next    atomic.Uint32 // shard of the next session
	backlog atomic.Int64  // unsent bytes of backed-up sessions
	reads   chan struct{} // bounds reads of the Log for replays and gaps
	slow    slowHistory
	stats   counters

	tasks    sync.WaitGroup
	tasksMu  sync.Mutex
	finished bool // no new goroutines
	drainers map[*Session]struct{}
}

// logReads bounds the reads of the Log that are under way at once.
const logReads = 8

// New returns a hub that runs until Shutdown, which the caller owes. It panics if Config has a Log without an Encoder, or
// the other way round.
func New(cfg Config) *Hub {
	cfg.Limits.setDefaults()
	if (cfg.Log == nil) != (cfg.Encoder == nil) {
		panic("hub: Config.Log and Config.Encoder are required, both or neither")
	}
	if cfg.Log == nil && cfg.Encoder == nil {
		cfg.Log, cfg.Encoder = NewMemoryLog(1), silent{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.SlowCode == 0 {
		cfg.SlowCode, cfg.SlowReason = 1013, "too slow"
	}
	h := &Hub{
		cfg:      cfg,
		topics:   map[string]*topic{},
		sessions: map[*Session]struct{}{},
		users:    map[string][]*Session{},
		reads:    make(chan struct{}, logReads),
		drainers: map[*Session]struct{}{},
		began:    time.Now(),
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	for range cfg.Limits.Writers {
		sh := newShard(h)
		h.shards = append(h.shards, sh)
		h.spawn(sh.run)
	}
	return h
}

// silent is the Encoder of a hub without entries: there are no positions to tell of.
type silent struct{}

func (silent) Subscribed(string, Position, uint64) []byte { return nil }
func (silent) Reset(string, Position, uint64) []byte      { return nil }
func (silent) Skip(string, uint64) []byte                 { return nil }

// spawn runs f in a goroutine that Shutdown waits for. It is false, and f does not run, once the hub has ended.
func (h *Hub) spawn(f func()) bool {
	h.tasksMu.Lock()
	defer h.tasksMu.Unlock()
	if h.finished {
		return false
	}
	h.tasks.Add(1)
	go func() {
		defer h.tasks.Done()
		f()
	}()
	return true
}

// Publish hands the topic an entry that its Log already holds. Entries may come in any order, more than once or
// not at all: the topic delivers each once and in order, reading what is missing. It never waits for I/O. Without
// subscribers here, only the Bus hears of it.
func (h *Hub) Publish(name, epoch string, e Entry) {
	h.stats.published.Add(1)
	if t := h.lookup(name); t != nil {
		t.publish(epoch, e)
	}
	h.toBus(name, func() []byte { return appendEntry(nil, epoch, &e) })
}

// Broadcast hands a frame that has no number to whoever is subscribed to the topic when it is flushed, at most
// Limits.MaxPace later, but to no session of the user exceptUser ("" spares nobody). It is not stored, not replayed, and
// may be lost: between nodes, and when 1 MiB waits for the topic's flush. It never waits. The frame must not be changed
// afterwards.
func (h *Hub) Broadcast(name string, frame []byte, exceptUser string) {
	if t := h.lookup(name); t != nil {
		t.broadcast(frame, exceptUser)
	}
	h.toBus(name, func() []byte { return appendEphemeral(nil, frame, exceptUser) })
}

func (h *Hub) toBus(name string, encode func() []byte) {
	if h.cfg.Bus == nil {
		return
	}
	if err := h.cfg.Bus.Publish(name, encode()); err != nil {
		h.stats.busErrors.Add(1) // receivers find the gap by its number
	}
}

// BroadcastAll queues a frame to every session of this process, whatever it is subscribed to. It never waits; the Bus does
// not hear of it.
func (h *Hub) BroadcastAll(frame []byte) {
	for _, s := range h.AllSessions() {
		s.Send(frame)
	}
}

// SendUser queues a frame to each session that the user has in this process. It never waits; the Bus does not hear of it.
func (h *Hub) SendUser(userID string, frame []byte) {
	for _, s := range h.Sessions(userID) {
		s.Send(frame)
	}
}

// Sessions returns the sessions of a user in this process, in no particular order. The slice is the caller's.
func (h *Hub) Sessions(userID string) []*Session {
	h.sessionsMu.RLock()
	defer h.sessionsMu.RUnlock()
	return append([]*Session(nil), h.users[userID]...)
}

// AllSessions returns every session of this process, in no particular order. The slice is the caller's.
func (h *Hub) AllSessions() []*Session {
	h.sessionsMu.RLock()
	defer h.sessionsMu.RUnlock()
	all := make([]*Session, 0, len(h.sessions))
	for s := range h.sessions {
		all = append(all, s)
	}
	return all
}

func (h *Hub) lookup(name string) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[name]
}

// Shutdown closes every session with the code and waits until all of them have left and every goroutine of the hub has
// ended. When ctx ends first, what is left is reset and ctx's error returned.
func (h *Hub) Shutdown(ctx context.Context, code int, reason string) error {
	h.mu.Lock()
	h.stopping = true
	h.mu.Unlock()
	all := h.AllSessions()
	for _, s := range all {
		s.Close(code, reason)
	}
	late := false
	for _, s := range all {
		select {
		case <-s.Done():
			continue
		default:
		}
		select {
		case <-s.Done():
		case <-ctx.Done():
			late = true
			s.transport.Abort()
			s.Detach()
		}
	}
	h.cancel()
	for _, sh := range h.shards {
		sh.stop()
	}
	h.tasksMu.Lock()
	h.finished = true
	h.tasksMu.Unlock()
	if !h.waitTasks(ctx) || late {
		return ctx.Err()
	}
	return nil
}

// waitTasks waits for every goroutine. When ctx ends first, connections that are being written to are reset, also those
// whose reader has left already, and it is false.
func (h *Hub) waitTasks(ctx context.Context) bool {
	ended := make(chan struct{})
	go func() {
		h.tasks.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
	}
	h.tasksMu.Lock()
	stuck := slices.Collect(maps.Keys(h.drainers))
	h.tasksMu.Unlock()
	for _, s := range stuck {
		s.transport.Abort()
	}
	<-ended
	return false
}

// draining notes which sessions have a drainer.
func (h *Hub) draining(s *Session, now bool) {
	h.tasksMu.Lock()
	defer h.tasksMu.Unlock()
	if now {
		h.drainers[s] = struct{}{}
	} else {
		delete(h.drainers, s)
	}
}

package parley

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parley-chat/parley/internal/chat"
)

// Message is something said in a room.
type Message struct {
	ID         string // UUID
	Room       string // name, now
	RoomID     string // UUID, which stays when the name changes
	Seq        uint64 // its place among the entries of the room, from 1 on; numbers in between are changes, which are no messages
	UserID     string // UUID of the author
	User       string // name of the author
	ExternalID string // Identity.ID of the author, "" for who has an account of Parley's own, and for guests
	Content    string // plain text as it was written, never HTML: escape it
	Thread     string // ID of the message of the room that it replies to, "" if it is no reply
	Time       time.Time
}

// Membership is that somebody came into a room or was removed from it: for good, not that they are looking at it now.
type Membership struct {
	Kind       MembershipKind
	Room       string // name, now
	RoomID     string // UUID
	UserID     string // UUID of whom it is about
	User       string
	ExternalID string // Identity.ID of whom it is about, "" as in Message
	By         string // name of who did it: their own when they came by themselves
	Time       time.Time
}

// MembershipKind says how a membership began or ended.
type MembershipKind string

// Kinds of Membership.
const (
	MembershipJoined  MembershipKind = "joined"  // by themselves: they made the room, or read or wrote in it for the first time
	MembershipAdded   MembershipKind = "added"   // by somebody else
	MembershipRemoved MembershipKind = "removed" // by somebody who may; if they were banned, they cannot come back by themselves
	MembershipLeft    MembershipKind = "left"    // by themselves; By is their own name
)

// maxHooked is how many events wait for a hook of the host's; further ones are dropped.
const maxHooked = 1000

// hooks calls the host's functions from a goroutine of its own, one event after another.
type hooks struct {
	message    func(Message)
	membership func(Membership)
	log        *slog.Logger
	queue      chan hooked
	stop       chan struct{}
	done       chan struct{}
	dropped    prometheus.Counter
	panics     prometheus.Counter

	mu      sync.Mutex
	missing int // dropped since the queue was last taken from

	// Of the goroutine alone.
	service *chat.Service
	last    map[chat.RoomID]uint64 // seq of the last event of a room
}

// hooked is an entry of a room, or somebody who joined one.
type hooked struct {
	event chat.Event
	room  chat.RoomID
	user  chat.UserID
	at    time.Time
}

// newHooks returns nil when the host wants to hear nothing.
func newHooks(set *settings, r prometheus.Registerer) *hooks {
	if set.OnMessage == nil && set.OnMembership == nil {
		return nil
	}
	h := &hooks{
		message: set.OnMessage, membership: set.OnMembership, log: set.Logger, last: map[chat.RoomID]uint64{},
		queue: make(chan hooked, maxHooked), stop: make(chan struct{}), done: make(chan struct{}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_hook_dropped_total", Help: "Events that the host's OnMessage and OnMembership never heard of, for they were too slow.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_hook_panics_total", Help: "Calls of the host's OnMessage and OnMembership that panicked.",
		}),
	}
	r.MustRegister(h.dropped, h.panics)
	return h
}

// run begins to call. The caller owes a close.
func (h *hooks) run(service *chat.Service) {
	h.service = service
	go func() {
		defer close(h.done)
		for {
			select {
			case e := <-h.queue:
				h.call(e)
			case <-h.stop:
				h.rest()
				return
			}
		}
	}()
}

// rest calls for what is left in the queue.
func (h *hooks) rest() {
	for {
		select {
		case e := <-h.queue:
			h.call(e)
		default:
			return
		}
	}
}

// close lets the host hear what has queued, until ctx ends.
func (h *hooks) close(ctx context.Context) error {
	close(h.stop)
	select {
	case <-h.done:
		return nil
	case <-ctx.Done():
		return inTime(h.log, "the host's hooks were not done in time", ctx.Err())
	}
}

// after returns a publish that also queues what was committed for the host. It never waits, and h may be nil.
func (h *hooks) after(publish func([]chat.Event)) func([]chat.Event) {
	if h == nil {
		return publish
	}
	return func(events []chat.Event) {
		publish(events)
		for _, e := range events {
			if h.isWanted(e) {
				h.add(hooked{event: e, room: e.Room()})
			}
		}
	}
}

// isWanted keeps out of the queue what nobody hears: a busy room must not crowd out who comes and goes.
func (h *hooks) isWanted(e chat.Event) bool {
	if e.Message != nil {
		return h.message != nil
	}
	return h.membership != nil && membershipKinds[e.Change.Kind] != ""
}

// membershipKinds are the changes that are about a membership.
var membershipKinds = map[chat.ChangeKind]MembershipKind{chat.ChangeMemberAdded: MembershipAdded, chat.ChangeMemberRemoved: MembershipRemoved}

// joined queues that somebody has joined a room. It never waits, and h may be nil.
func (h *hooks) joined(room chat.RoomID, user chat.UserID) {
	if h == nil || h.membership == nil {
		return
	}
	h.add(hooked{room: room, user: user, at: wallClock()})
}

func (h *hooks) add(e hooked) {
	select {
	case h.queue <- e:
		return
	default:
	}
	h.dropped.Inc()
	h.mu.Lock()
	h.missing++
	first := h.missing == 1
	h.mu.Unlock()
	if first {
		h.log.Warn("OnMessage or OnMembership is too slow: events are dropped", "waiting", maxHooked)
	}
}

// caughtUp says how much was dropped, once there is room again.
func (h *hooks) caughtUp() {
	h.mu.Lock()
	missing := h.missing
	h.missing = 0
	h.mu.Unlock()
	if missing > 0 {
		h.log.Warn("OnMessage and OnMembership never hear of some events", "dropped", missing)
	}
}

// call hands an event to the host, whatever that does.
func (h *hooks) call(e hooked) {
	defer func() {
		if v := recover(); v != nil {
			h.panics.Inc()
			h.log.Error("OnMessage or OnMembership panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	if len(h.queue) < maxHooked/2 {
		h.caughtUp()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	switch m := e.event.Message; {
	case m != nil && h.message != nil && h.isNext(e):
		h.message(Message{
			ID: m.ID, Room: m.RoomName, RoomID: string(m.Room), Seq: m.Seq, UserID: string(m.Author), User: m.UserName,
			ExternalID: h.user(ctx, m.Author).ExternalID, Content: m.Content, Thread: m.Thread, Time: m.Created,
		})
	case m == nil && h.membership != nil:
		if told, ok := h.told(ctx, e); ok {
			h.membership(told)
		}
	}
}

// isNext keeps the order: what was published again after a commit of unknown outcome is left out.
func (h *hooks) isNext(e hooked) bool {
	if e.event.Seq() <= h.last[e.room] {
		return false
	}
	h.last[e.room] = e.event.Seq()
	return true
}

// told is what the host hears of a membership; ok is false for what was told already.
func (h *hooks) told(ctx context.Context, e hooked) (m Membership, ok bool) {
	if e.user != "" {
		room, err := h.service.RoomByID(ctx, e.room)
		if err != nil {
			h.log.Error("the name of a room cannot be read", "room_id", e.room, "err", err)
		}
		u := h.user(ctx, e.user)
		return Membership{
			Kind: MembershipJoined, Room: room.Name, RoomID: string(e.room), UserID: string(e.user), User: u.Name, ExternalID: u.ExternalID, By: u.Name, Time: e.at,
		}, true
	}
	c := e.event.Change
	if !h.isNext(e) {
		return Membership{}, false
	}
	kind := membershipKinds[c.Kind]
	if kind == MembershipRemoved && c.Actor == c.Subject {
		kind = MembershipLeft
	}
	u := h.user(ctx, c.Subject)
	return Membership{
		Kind: kind, Room: c.RoomName, RoomID: string(c.Room), UserID: string(c.Subject), User: u.Name, ExternalID: u.ExternalID, By: c.UserName, Time: c.Created,
	}, true
}

func (h *hooks) user(ctx context.Context, id chat.UserID) chat.User {
	u, err := h.service.User(ctx, id)
	if err != nil {
		h.log.Error("a user cannot be read", "user_id", id, "err", err)
	}
	return u
}

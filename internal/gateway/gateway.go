package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/wire"
)

// Close codes of Parley's own; docs/protocol.md lists them.
const (
	CloseTokenExpired   = 4001
	CloseSessionRevoked = 4002
	CloseRemoved        = 4003
	CloseTooSlow        = 4004
	CloseIdle           = 4005
	CloseFlood          = 4006
)

// MaxTopics is how many rooms one connection can be subscribed to.
const MaxTopics = 1000

// sendsOpen is how many unanswered messages one connection may have before it is not read any more.
const sendsOpen = 64

// Identity is who a connection belongs to and for how long.
type Identity struct {
	User    chat.Actor
	Session chat.SessionID // looked up again and again; "" is never looked up
	Expires time.Time      // zero: never
	// Alive is asked now and then, while the session lives here, whether it still lives wherever else it began: an error that
	// is Unauthenticated ends the connection, any other one says nothing; after three of those in a row the others are asked
	// in the next round. It may wait, but must return when the context ends. nil: nobody to ask.
	Alive func(context.Context) error
	Claim string // told in welcome as token: with it a guest claims their name back
	// Release is called once the connection has ended, also when it never began. May be nil.
	Release func()
}

// Limiter decides how often a person may join rooms.
type Limiter interface {
	// Join asks for one join of the person named by key. When it is too early, ok is false and retryAfter says when to
	// come again.
	Join(key string) (retryAfter time.Duration, ok bool)
}

// Config is what a Gateway is made of. Service, Publisher, Authenticate and Verify are required.
type Config struct {
	Service   *chat.Service
	Publisher *Publisher // the one whose Publish Service was given
	// Authenticate says who is asking. Its errors are answered before the upgrade.
	Authenticate func(*http.Request) (Identity, error)
	// Verify says whose token came in an auth frame. It leaves Release nil.
	Verify func(ctx context.Context, token string) (Identity, error)
	// GuestEnded says whether a guest has signed out. It is asked of each new connection of theirs, which Publisher.GuestEnded
	// may have missed; nil: none has.
	GuestEnded func(chat.UserID) bool
	// AllowOrigin decides whether a page may open connections; nil: websocket.SameHost.
	AllowOrigin func(*http.Request) bool
	Limiter     Limiter // nil: no limits
	// MaxSockets is how many connections one person may have at the same time; 0: no limit.
	MaxSockets int
	// FrameRate is how many frames a second one connection may send in the long run, of whatever kind, and FrameBurst how
	// many at once; past it the connection is closed with CloseFlood. FrameRate 0: no limit.
	FrameRate  int
	FrameBurst int
	Bus        hub.Bus // nil: this process is alone
	HubLimits  hub.Limits
	PingAfter  time.Duration // a quiet connection is pinged; 0: websocket's default
	IdleAfter  time.Duration // a silent connection is closed; 0: websocket's default
	// RecheckEvery is the time between two looks at whether the sessions behind the connections still live; 0: 20 s.
	RecheckEvery time.Duration
	// Now is the clock by which Identity.Expires is meant; nil: time.Now.
	Now    func() time.Time
	Logger *slog.Logger // nil: slog.Default
}

// Gateway serves the WebSocket endpoints. All its methods may be called concurrently.
type Gateway struct {
	cfg     Config
	hub     *hub.Hub
	log     *slog.Logger
	counts  *counters
	ctx     context.Context // ends with the gateway
	cancel  context.CancelFunc
	upgrade *websocket.Options
	roster  *roster
	typists typists
	sends   gate           // writes that the service has not answered
	tasks   sync.WaitGroup // readers, and the rechecks

	mu       sync.RWMutex
	conns    map[*hub.Session]*conn
	sockets  map[chat.UserID]int // connections of each person, and those about to be; only with MaxSockets
	draining bool                // no new connections
}

// New starts a gateway with a hub of its own. The caller owes a Shutdown.
func New(cfg Config) *Gateway {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.AllowOrigin == nil {
		cfg.AllowOrigin = websocket.SameHost
	}
	if cfg.RecheckEvery == 0 {
		cfg.RecheckEvery = 20 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.HubLimits.OpenSends = sendsOpen
	g := &Gateway{cfg: cfg, log: cfg.Logger, counts: cfg.Publisher.counts, conns: map[*hub.Session]*conn{}, sockets: map[chat.UserID]int{}}
	g.upgrade, g.roster = g.upgradeOptions(), newRoster(g)
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.hub = hub.New(hub.Config{
		Log:        NewLog(cfg.Service),
		Encoder:    encoder{g},
		Bus:        cfg.Bus,
		Presence:   presence{g},
		Evicted:    g.evicted,
		Limits:     cfg.HubLimits,
		SlowCode:   CloseTooSlow,
		SlowReason: "too slow",
		Logger:     cfg.Logger,
	})
	cfg.Publisher.gate.Store(g)
	g.tasks.Go(g.roster.run)
	g.tasks.Go(func() { g.everySoOften(g.recheck) })
	g.tasks.Go(func() { g.everySoOften(g.recheckElsewhere) })
	return g
}

// encode makes a frame as it goes on the socket.
func (g *Gateway) encode(f wire.Frame) []byte {
	g.counts.out.add(f.FrameType())
	return websocket.Text(f.Append(nil))
}

// roomName returns the name of a topic's room. The name is cached by the service; should it be unknown all the same,
// the room's id stands in for it.
func (g *Gateway) roomName(topic string) string {
	room, err := g.cfg.Service.RoomByID(g.ctx, chat.RoomID(topic))
	if err != nil {
		g.log.Error("the name of a room cannot be read", "room_id", topic, "err", err)
		return topic
	}
	return room.Name
}

// add registers a connection. It is false when the gateway is shutting down.
func (g *Gateway) add(c *conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.draining {
		return false
	}
	g.conns[c.session] = c
	g.tasks.Add(1)
	g.roster.say(c, wire.ActivityActive)
	return true
}

func (g *Gateway) remove(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c.session)
	g.roster.leave(c)
}

// enter counts one more connection of a person. The caller owes leave.
func (g *Gateway) enter(user chat.UserID) (leave func(), err error) {
	if g.cfg.MaxSockets <= 0 {
		return func() {}, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sockets[user] >= g.cfg.MaxSockets {
		return nil, &chat.Error{Code: chat.RateLimited, Op: "gateway", RetryAfter: 10 * time.Second,
			Message: fmt.Sprintf("you have %d connections: close one first", g.cfg.MaxSockets)}
	}
	g.sockets[user]++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.sockets[user]--; g.sockets[user] == 0 {
			delete(g.sockets, user)
		}
	}), nil
}

// all returns the connections of now.
func (g *Gateway) all() []*conn {
	g.mu.RLock()
	defer g.mu.RUnlock()
	all := make([]*conn, 0, len(g.conns))
	for _, c := range g.conns {
		all = append(all, c)
	}
	return all
}

func (g *Gateway) conn(s *hub.Session) *conn {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.conns[s]
}

// sendUser queues a frame to each connection of a person.
func (g *Gateway) sendUser(user chat.UserID, frame []byte) {
	sessions := g.hub.Sessions(string(user))
	if len(sessions) > 1 && fault.Mutant("lost-unread") {
		sessions = sessions[:1]
	}
	for _, s := range sessions {
		// A session that is not here yet will read its state later than what frame tells.
		if c := g.conn(s); c != nil {
			c.send(frame)
		}
	}
}

// sendAll queues a frame to every connection that is not one room's own.
func (g *Gateway) sendAll(f wire.Frame) {
	frame := g.encode(f)
	for _, c := range g.all() {
		if c.room.ID == "" {
			c.send(frame)
		}
	}
}

// CursorMoved tells all connections of a person where their cursor in a room stands now. It does not block.
func (g *Gateway) CursorMoved(user chat.UserID, room string, now chat.Cursor) {
	g.sendUser(user, g.encode(readFrame(room, now)))
}

func readFrame(room string, c chat.Cursor) *wire.Read {
	return &wire.Read{Room: room, N: c.N, Version: c.Version, Mentions: c.Mentions}
}

// evicted is told by the hub that an entry has ended a subscription. On /ws the entry itself tells the client.
func (g *Gateway) evicted(s *hub.Session, topic string) {
	if c := g.conn(s); c != nil && topic == string(c.room.ID) {
		s.Close(CloseRemoved, "removed")
	}
}

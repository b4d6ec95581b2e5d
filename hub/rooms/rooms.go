package rooms

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
)

// Close codes of connections that end for other reasons than RFC 6455 has.
const (
	CloseExpired      = 4001 // User.Expires has come
	CloseDisconnected = 4002 // Disconnect was called
	CloseTooSlow      = 4004 // too much was waiting to be read
	CloseIdle         = 4005 // nothing came for 40 s, not even an answer to the ping
	CloseFlood        = 4006 // too many control frames or fragments
)

const (
	protocol  = "parley.v1"
	sendsOpen = 64  // unanswered messages of one connection; beyond it is not read
	maxRooms  = 200 // rooms that one connection can be subscribed to

	joinRate     = 10 // rooms that a user may enter, a second
	joinBurst    = 100
	roomsPerJoin = 50 // so many rooms in one subscribe frame count as one join

	// Clients are told to come back after a time between these, each after its own, so that they do not come all at once.
	reconnectMin = 500 * time.Millisecond
	reconnectMax = 5 * time.Second
)

// Server is a set of rooms and the people in them, made by [New]. As an http.Handler it is the socket of one room, whose
// name is the path value "name": net/http, chi and echo's WrapHandler set it, for another router call r.SetPathValue before.
// All its methods may be called concurrently.
type Server struct {
	opts    Options
	log     *hub.MemoryLog
	hub     *hub.Hub
	upgrade *websocket.Options
	sends   *limiter
	joins   *limiter
	ctx     context.Context // ends with the server
	cancel  context.CancelFunc
	readers sync.WaitGroup
	stop    sync.Once

	mu       sync.Mutex
	rooms    map[string]*room
	stopping bool // no new connections
}

// New starts a server. The caller owes a Shutdown. It panics if Options cannot be right: Authenticate is missing, no room
// can exist, or a name in Rooms breaks their rule.
func New(o Options) *Server {
	o.setDefaults()
	if o.CheckOrigin == nil {
		o.CheckOrigin = websocket.SameHost
	}
	s := &Server{
		opts:  o,
		log:   hub.NewMemoryLog(o.History),
		sends: newLimiter(o.Rate, o.Burst),
		joins: newLimiter(joinRate, joinBurst),
		rooms: map[string]*room{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, name := range o.Rooms {
		s.rooms[name] = &room{name: name, users: 1} // never the last to leave
	}
	s.upgrade = &websocket.Options{
		CheckOrigin:  func(*http.Request) bool { return true }, // asked before, by serve
		Subprotocols: []string{protocol},
		MaxMessage:   maxFrame,
		IdleCode:     CloseIdle,
		FloodCode:    CloseFlood,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			writeProblem(w, status, &refusal{code: codeInvalid, message: reason.Error()})
		},
	}
	s.hub = hub.New(hub.Config{
		Log:        s.log,
		Encoder:    encoder{s.log},
		Presence:   presence{s},
		Limits:     hub.Limits{OpenSends: sendsOpen, TailEntries: min(o.History, 256), ResumeLimit: o.History},
		SlowCode:   CloseTooSlow,
		SlowReason: "too slow",
		Logger:     o.Logger,
	})
	return s
}

// Register mounts both sockets, GET /ws and GET /ws/room/{name}, and says so in the log.
func (s *Server) Register(mux *http.ServeMux) {
	mux.Handle("GET /ws", s.Site())
	mux.Handle("GET /ws/room/{name}", s)
	s.opts.Logger.Info("rooms: mounted", "routes", "GET /ws, GET /ws/room/{name}")
}

// Broadcast says something in a room in the server's name: a message of SystemName, numbered and kept as any other.
// Errors: ErrNotFound if the room does not exist or, with Options.Open, nobody is in it; a content that a user could not
// send either.
func (s *Server) Broadcast(room, content string) error {
	content, refused := cleanContent(content, s.opts.MaxContent)
	if refused != nil {
		return errors.New("rooms: " + refused.message)
	}
	r := s.acquire(room, false)
	if r == nil {
		return ErrNotFound
	}
	defer s.release(r)
	s.publish(r, Message{ID: newID(time.Now()), Room: room, User: SystemName, Content: content, Timestamp: now()})
	return nil
}

// BroadcastAll says something to every connection, whatever rooms it is in: a message of SystemName with an empty room
// and without a number (seq 0). It is not kept. Who has several connections hears it on each, with the same id. The error
// is that of a content that a user could not send either.
func (s *Server) BroadcastAll(content string) error {
	content, refused := cleanContent(content, s.opts.MaxContent)
	if refused != nil {
		return errors.New("rooms: " + refused.message)
	}
	m := Message{ID: newID(time.Now()), User: SystemName, Content: content, Timestamp: now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hub.BroadcastAll(m.frame())
	return nil
}

// Online returns who is in a room, sorted by name, each person once. It is empty for a room that does not exist.
func (s *Server) Online(room string) []User {
	people, _ := s.hub.People(room, math.MaxInt)
	users := make([]User, len(people))
	for i, p := range people {
		users[i] = User{ID: p.ID, Name: p.Name}
	}
	return users
}

// Disconnect closes all connections of a user with 4002. Options.Authenticate decides whether they may come back.
func (s *Server) Disconnect(userID string) {
	for _, session := range s.hub.Sessions(userID) {
		session.Close(CloseDisconnected, "disconnected")
	}
}

// Shutdown takes no more connections, tells everyone when to come back, closes all connections with 1001 and waits until
// they have ended. When ctx ends first, what is left is reset and ctx's error returned; later calls do nothing.
func (s *Server) Shutdown(ctx context.Context) error {
	var err error
	s.stop.Do(func() {
		s.mu.Lock()
		s.stopping = true
		for _, r := range s.rooms {
			r.stopForgetting()
		}
		s.mu.Unlock()
		for _, session := range s.hub.AllSessions() { // no other can come any more
			wait := reconnectMin + rand.N(reconnectMax-reconnectMin)
			session.Send(encode(goodbyeFrame{"goodbye", wait.Milliseconds()}))
		}
		hurry := context.AfterFunc(ctx, s.cancel) // so that OnMessage ends too
		defer hurry()
		err = s.hub.Shutdown(ctx, websocket.CloseGoingAway, "server stopping")
		s.cancel()
		ended := make(chan struct{})
		go func() { s.readers.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-ctx.Done(): // an OnMessage does not heed its context
			err = ctx.Err()
		}
	})
	return err
}

// now is the time as messages carry it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Rooms-by-name is a chat server for clients that speak plain text. README.md describes its address and its frames.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
)

const (
	maxText   = 512              // bytes of a client's frame; past it the connection is closed with 1009
	maxQueue  = 256 * 1024       // unsent bytes of a client, 256 full frames with their names; past it it is removed
	writeWait = 10 * time.Second // how long a frame may wait for a client that takes nothing
	pingAfter = 54 * time.Second // of silence
	pongBy    = 60 * time.Second // of silence; without an answer the connection is closed then
	smallRoom = 100              // members up to which every change brings a list; above, one a second
)

// server is the rooms. The hub has who is in which; a room without members is nowhere.
type server struct {
	hub   *hub.Hub
	seats sync.Map // seat -> the *client that has it
}

type seat struct{ room, name string }

func newServer() *server {
	s := &server{}
	limits := hub.Limits{QueueBytes: maxQueue, QueueAge: writeWait, LeaveGrace: -1, PresenceCap: math.MaxInt}
	s.hub = hub.New(hub.Config{Presence: s, Limits: limits})
	return s
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range []string{"GET /ws", "GET /ws/{$}", "GET /ws/{room}"} {
		mux.HandleFunc(pattern, s.join)
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"status":"ok"}`)
	})
	return mux
}

// join lets a client into a room. The name is taken before the upgrade, so that of two at once one gets 409.
func (s *server) join(w http.ResponseWriter, r *http.Request) {
	at := seat{room: r.PathValue("room"), name: r.URL.Query().Get("username")}
	if wrong := cmp.Or(check("room", at.room), check("username", at.name)); wrong != "" {
		refuse(w, http.StatusBadRequest, wrong)
		return
	}
	c := &client{server: s, at: at, in: make(chan struct{}), out: make(chan struct{})}
	if _, taken := s.seats.LoadOrStore(at, c); taken {
		refuse(w, http.StatusConflict, "username is in use in this room")
		return
	}
	conn, err := websocket.Upgrade(w, r, &websocket.Options{MaxMessage: maxText, PingAfter: pingAfter, IdleAfter: pongBy})
	if err != nil {
		s.free(at)
		return // it has been answered
	}
	c.session = s.hub.NewSession(hub.User{ID: at.name, Name: at.name}, conn)
	c.session.SetTag(c)
	if c.session.Subscribe(context.Background(), hub.SubscribeRequest{Topic: at.room}) == nil {
		<-c.in // so that the room hears of the client before it hears from it
	} else {
		s.free(at) // the server is stopping, and the client is told so
	}
	go conn.Serve(c)
}

func (s *server) free(at seat) {
	if c, found := s.seats.LoadAndDelete(at); found {
		close(c.(*client).out)
	}
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	fmt.Fprint(w, why)
}

// check says what is wrong with a name, "" if nothing. Lists of names are joined by commas, so no name may have one.
func check(field, name string) string {
	odd := func(r rune) bool { return r == ',' || r == utf8.RuneError || !unicode.IsPrint(r) }
	switch {
	case name == "":
		return "room and username are required"
	case utf8.RuneCountInString(name) > 64 || strings.TrimSpace(name) != name || strings.ContainsFunc(name, odd):
		return field + " must have at most 64 characters, none of them a comma, a control or an invisible one, and no space at an end"
	}
	return ""
}

// tell sends everyone in a room a frame.
func (s *server) tell(room, typ, content, username string) {
	frame, _ := json.Marshal(map[string]string{"type": typ, "content": content, "room": room, "username": username})
	s.hub.Broadcast(room, websocket.Text(frame), "")
}

// Changed implements hub.Presence: it tells a room who came and went, also those who were removed for being slow.
func (s *server) Changed(c hub.PresenceChange) {
	for _, u := range c.Left {
		s.tell(c.Topic, "user_left", u.Name+" left the room", u.Name)
		s.free(seat{c.Topic, u.Name})
	}
	for _, u := range c.Joined {
		s.tell(c.Topic, "user_joined", u.Name+" joined the room", u.Name)
	}
	if c.People == nil && c.Count <= smallRoom {
		c.People, _ = s.hub.People(c.Topic, math.MaxInt)
	}
	if c.People != nil {
		names := make([]string, len(c.People))
		for i, u := range c.People {
			names[i] = u.Name
		}
		s.tell(c.Topic, "online_users", strings.Join(names, ","), "")
	}
}

// Arrived implements hub.Presence. It follows the Changed that tells of the session.
func (s *server) Arrived(session *hub.Session, _ string, _ []hub.User, _ int) {
	close(session.Tag().(*client).in)
}

// client is one connection: a websocket.Handler.
type client struct {
	server  *server
	at      seat
	session *hub.Session
	in, out chan struct{} // closed when the room has been told of its coming, its going
}

// Message relays what a client says. One that has been removed is heard no more.
func (c *client) Message(op websocket.Opcode, text []byte) {
	switch {
	case op != websocket.OpText:
		c.session.Close(websocket.CloseUnsupported, "text frames only")
	case c.session.Subscribed(c.at.room):
		c.server.tell(c.at.room, "chat", string(text), c.at.name)
	}
}

func (c *client) Control(frame []byte) { c.session.Send(frame) }
func (c *client) Closed(error)         { c.session.Detach() }

// CloseFrame has the client out of the room and its name free before the goodbye, so that it can come back at once.
func (c *client) CloseFrame(frame []byte) {
	c.session.Unsubscribe(c.at.room)
	<-c.out
	c.session.CloseFrame(frame)
}

// run serves until ctx ends, then says goodbye to everyone.
func run(ctx context.Context, addr string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	s := newServer()
	web := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = web.Shutdown(context.Background()) })()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	// Who does not answer the goodbye is cut off after Limits.CloseTimeout, five seconds.
	return s.hub.Shutdown(context.Background(), websocket.CloseGoingAway, "server stopping")
}

func main() {
	addr := flag.String("addr", ":8080", "where to listen, `host:port`; port 0 takes a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "rooms-by-name:", err)
		os.Exit(1)
	}
}

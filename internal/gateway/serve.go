package gateway

import (
	"net/http"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/problem"
	"github.com/parley-chat/parley/internal/wire"
)

// ServeAll serves GET /ws: all rooms of a person on one connection, none of them subscribed at first.
func (g *Gateway) ServeAll(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(chat.Actor) (chat.Room, error) { return chat.Room{}, nil })
}

// ServeRoom serves GET /ws/room/{name}: a connection that is subscribed to one room before the client's first byte is
// read.
func (g *Gateway) ServeRoom(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(who chat.Actor) (chat.Room, error) {
		room, err := g.cfg.Service.Room(r.Context(), who, r.PathValue("name"))
		if err != nil {
			return chat.Room{}, err
		}
		if _, err := g.cfg.Service.MaySee(r.Context(), who, room.ID); err != nil {
			return chat.Room{}, err
		}
		return room, g.mayJoin(who.ID, 1)
	})
}

// serve asks, in this order: who (401), from which page (403), which room (404). Only then is the request upgraded.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, find func(chat.Actor) (chat.Room, error)) {
	who, err := g.cfg.Authenticate(r)
	if err != nil {
		g.refuse(w, r, chat.Actor{}, err)
		return
	}
	begun := false
	defer func() {
		if !begun && who.Release != nil {
			who.Release()
		}
	}()
	if !g.cfg.AllowOrigin(r) {
		g.refuse(w, r, who.User, chat.Errorf(chat.Forbidden, "gateway", "pages of this origin may not connect"))
		return
	}
	room, err := find(who.User)
	if err != nil {
		g.refuse(w, r, who.User, err)
		return
	}
	if g.closing() {
		g.refuse(w, r, who.User, errShutdown)
		return
	}
	leave, err := g.enter(who.User.ID)
	if err != nil {
		g.refuse(w, r, who.User, err)
		return
	}
	who.Release = afterwards(who.Release, leave)
	ws, err := websocket.Upgrade(w, r, g.upgrade)
	if err != nil {
		g.log.Info("socket refused", "path", loggedPath(r), "user_id", who.User.ID, "err", err)
		return
	}
	g.log.Info("socket opened", "path", loggedPath(r), "user_id", who.User.ID, "user", who.User.Name)
	begun = g.connect(ws, who, room)
}

// afterwards calls first, which may be nil, and then next.
func afterwards(first, next func()) func() {
	if first == nil {
		return next
	}
	return func() {
		first()
		next()
	}
}

// upgradeOptions is how connections are made, for all of them.
func (g *Gateway) upgradeOptions() *websocket.Options {
	return &websocket.Options{
		CheckOrigin:  func(*http.Request) bool { return true }, // asked before, by serve
		Subprotocols: []string{wire.Protocol},
		MaxMessage:   wire.MaxFrame,
		PingAfter:    g.cfg.PingAfter,
		IdleAfter:    g.cfg.IdleAfter,
		IdleCode:     CloseIdle,
		FloodCode:    CloseFlood,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			problem.New(status, problem.Code(status), reason.Error()).Write(w)
		},
	}
}

// loggedPath is what the log shows of a request's address: not the query, where tokens are, and of the path no name that
// no room can have. Those are as long as strangers like, and a client that writes & for ? has its token there.
func loggedPath(r *http.Request) string {
	name := r.PathValue("name")
	switch {
	case name == "":
		return "/ws"
	case chat.CheckRoomName(name) != nil:
		return "/ws/room/..."
	}
	return "/ws/room/" + name
}

// refuse answers a request that is not upgraded, and logs it without its token.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, who chat.Actor, err error) {
	g.log.Info("socket refused", "path", loggedPath(r), "user_id", who.ID, "code", chat.CodeOf(err))
	g.problem(w, err)
}

// connect gives a connection to its reader. It is false when the gateway has begun to shut down meanwhile.
func (g *Gateway) connect(ws *websocket.Conn, who Identity, room chat.Room) bool {
	c := g.newConn(ws, who, room)
	if !g.add(c) {
		c.session.Detach() // ends ws
		return false
	}
	c.begin(g.ctx)
	go func() {
		defer g.tasks.Done()
		ws.Serve(c)
	}()
	return true
}

func (g *Gateway) newConn(t hub.Transport, who Identity, room chat.Room) *conn {
	c := &conn{g: g, who: who, room: room}
	c.session = g.hub.NewSession(hub.User{ID: string(who.User.ID), Name: who.User.Name}, t)
	return c
}

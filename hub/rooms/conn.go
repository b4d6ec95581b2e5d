package rooms

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
)

// conn is one connection. But for what mu guards, it belongs to the connection's reader.
type conn struct {
	server  *Server
	session *hub.Session
	who     User
	room    string        // the room of a room's own socket; "" on the site's
	request *http.Request // what auth frames ask Authenticate with; nil if the user does not expire
	rooms   map[string]*membership

	mu      sync.Mutex
	expires time.Time
	expiry  *time.Timer
	ended   bool
}

// membership is a room that the connection is subscribed to.
type membership struct {
	room  *room
	typed time.Time // when the room was last told of typing
	said  time.Time // of the last message
	on    bool      // told of typing, and neither taken back nor followed by a message
}

const (
	typingEvery = 2 * time.Second        // at most one typing frame for each room
	afterSaying = 500 * time.Millisecond // a typing frame that was overtaken by its message is dropped
)

// begin enters the room of a room's own socket.
func (c *conn) begin() {
	c.arm(c.who.Expires)
	if c.room == "" {
		return
	}
	if refused := c.enter(c.room, nil); refused != nil {
		c.session.Close(websocket.CloseInternal, refused.message)
	}
}

// welcome makes the first frame.
func (c *conn) welcome() []byte {
	rooms := []string{c.room}
	if c.room == "" {
		rooms = slices.DeleteFunc(slices.Clone(c.server.opts.Rooms), func(name string) bool {
			return c.server.mayEnter(c.who, name) != nil
		})
	}
	f := welcomeFrame{
		Type: "welcome", Protocol: protocol, User: c.who.Name, UserID: c.who.ID, Kind: "member", ExpiresAt: stamp{c.who.Expires},
		Limits: limitsField{Content: c.server.opts.MaxContent, Frame: maxFrame, Rooms: maxRooms, Subscribe: maxSubscribe, SendsOpen: sendsOpen},
		Rooms:  make([]welcomeRoom, len(rooms)),
	}
	for i, name := range rooms {
		head, _ := c.server.log.Head(c.server.ctx, name) // never fails
		f.Rooms[i] = welcomeRoom{Room: name, RoomID: name, Epoch: head.Epoch, Seq: head.Seq, N: head.Seq, ReadN: head.Seq, Kind: "public"}
	}
	return encode(f)
}

// Message implements websocket.Handler.
func (c *conn) Message(op websocket.Opcode, payload []byte) {
	if op != websocket.OpText {
		c.session.Close(websocket.CloseUnsupported, "text frames only")
		return
	}
	if c.room != "" && (len(payload) == 0 || payload[0] != '{') {
		c.say(&command{typ: "message", content: string(payload)})
		return
	}
	cmd, refused := decode(payload)
	if refused != nil {
		c.session.Send(refused.frame())
		return
	}
	switch cmd.typ {
	case "message":
		c.say(cmd)
	case "typing", "stop_typing":
		c.typing(cmd)
	case "subscribe":
		c.subscribe(cmd)
	case "unsubscribe":
		c.unsubscribe(cmd)
	case "auth":
		c.authenticate(cmd)
	}
}

// Control implements websocket.Handler.
func (c *conn) Control(frame []byte) { c.session.Send(frame) }

// CloseFrame implements websocket.Handler.
func (c *conn) CloseFrame(frame []byte) { c.session.CloseFrame(frame) }

// Closed implements websocket.Handler.
func (c *conn) Closed(err error) {
	c.session.Detach()
	c.mu.Lock()
	c.ended = true
	if c.expiry != nil {
		c.expiry.Stop()
	}
	c.mu.Unlock()
	for _, m := range c.rooms {
		c.server.release(m.room)
	}
	c.server.opts.Logger.Info("rooms: disconnected", "user_id", c.who.ID, "room", c.room, "err", err)
}

// fail tells the client why a frame was refused. name is for frames that name several rooms.
func (c *conn) fail(why *refusal, cmd *command, name string) {
	why.ref, why.room = cmd.ref(), name
	c.session.Send(why.frame())
}

// resolve checks the name of a room in a frame. On a room's own socket that is always its own.
func (c *conn) resolve(name string) (string, *refusal) {
	if c.room == "" && name == "" {
		return "", invalid("room is missing")
	}
	if c.room != "" && name != "" && name != c.room {
		return "", invalid("room must be %s on this connection", c.room)
	}
	return cmp.Or(name, c.room), nil
}

// member finds the room that a frame is said in. Who is not subscribed has not been let in.
func (c *conn) member(name string) (*membership, *refusal) {
	name, refused := c.resolve(name)
	if refused != nil {
		return nil, refused
	}
	m := c.rooms[name]
	if m == nil || !c.session.Subscribed(name) {
		if refused := c.server.mayEnter(c.who, name); refused != nil {
			return nil, refused
		}
		return nil, invalid("room %s is not subscribed on this connection", name)
	}
	return m, nil
}

// say sends a message. Its answer comes in the room's stream, or as an error.
func (c *conn) say(cmd *command) {
	in, refused := c.member(cmd.room)
	var content, clientID string
	if refused == nil {
		content, refused = cleanContent(cmd.content, c.server.opts.MaxContent)
	}
	if refused == nil && cmd.clientID != "" {
		var ok bool
		if clientID, ok = normalUUID(cmd.clientID); !ok {
			refused = invalid("client_id is not a UUID")
		}
	}
	if refused == nil {
		if wait := c.server.sends.take(c.who.ID, 1); wait > 0 {
			refused = limited(wait, "messages at once")
		}
	}
	if refused != nil {
		c.fail(refused, cmd, "")
		return
	}
	m := Message{ID: newID(time.Now()), Room: in.room.name, User: c.who.Name, UserID: c.who.ID, Content: content,
		Timestamp: now(), ClientID: clientID}
	send, topic := cmp.Or(clientID, m.ID), in.room.name
	switch err := c.session.Begin(c.server.ctx, topic, send, clientID == ""); {
	case errors.Is(err, hub.ErrOpen):
		if in.room.conflicts(&m) {
			c.fail(conflict(), cmd, "")
		}
		return // the one answer answers both
	case err != nil:
		return // the connection has ended
	}
	in.said, in.on = time.Now(), false
	seq, ack, refused := c.server.post(in.room, m)
	if refused != nil {
		refused.ref = cmd.ref()
		frame := refused.frame()
		if !c.session.Fail(topic, send, frame) && refused.code == codeConflict {
			c.session.Send(frame) // the stream has acked the first content under this client_id, not this one
		}
		return
	}
	c.session.Settle(topic, send, seq, ack)
}

// typing tells the others of the room. A message ends typing without a frame of its own.
func (c *conn) typing(cmd *command) {
	in, refused := c.member(cmd.room)
	if refused != nil {
		c.fail(refused, cmd, "")
		return
	}
	now := time.Now()
	switch {
	case cmd.typ == "stop_typing" && !in.on:
		return
	case cmd.typ == "typing" && (now.Sub(in.typed) < typingEvery || now.Sub(in.said) < afterSaying):
		return
	case cmd.typ == "typing":
		in.typed, in.on = now, true
	default:
		in.on = false
	}
	c.server.hub.Broadcast(in.room.name, encode(personFrame{cmd.typ, in.room.name, c.who.Name, c.who.ID}), c.who.ID)
}

// subscribe enters each room on its own: what is refused does not hold up the others.
func (c *conn) subscribe(cmd *command) {
	joins := (len(cmd.rooms) + roomsPerJoin - 1) / roomsPerJoin
	if wait := c.server.joins.take(c.who.ID, joins); wait > 0 {
		c.fail(limited(wait, "joins at once"), cmd, "")
		return
	}
	for _, p := range cmd.rooms {
		name, refused := c.resolve(p.room)
		if refused == nil {
			refused = c.server.mayEnter(c.who, name)
		}
		if refused == nil {
			refused = c.enter(name, p.from)
		}
		if refused != nil {
			c.fail(refused, cmd, p.room)
		}
	}
}

// enter subscribes to a room that the user may enter.
func (c *conn) enter(name string, from *hub.Position) *refusal {
	m := c.rooms[name]
	if m == nil {
		if len(c.rooms) >= maxRooms {
			return &refusal{code: codeTooLarge, message: "one connection can be subscribed to 200 rooms"}
		}
		r := c.server.acquire(name, true)
		if r == nil {
			return &refusal{code: codeNotFound, message: "there is no such room"}
		}
		m = &membership{room: r}
		c.rooms[name] = m
	}
	err := c.session.Subscribe(c.server.ctx, hub.SubscribeRequest{Topic: name, From: from})
	if err == nil {
		return nil
	}
	delete(c.rooms, name)
	c.server.release(m.room)
	if !errors.Is(err, hub.ErrClosed) {
		c.server.opts.Logger.Error("rooms: subscribing failed", "room", name, "user_id", c.who.ID, "err", err)
	}
	return &refusal{code: codeInternal, message: "something went wrong on the server"} // unheard if the connection is closed
}

// unsubscribe leaves rooms. Leaving what never was entered is no error.
func (c *conn) unsubscribe(cmd *command) {
	if c.room != "" {
		c.fail(invalid("to leave the room, close this connection"), cmd, "")
		return
	}
	for _, p := range cmd.rooms {
		if m := c.rooms[p.room]; m != nil {
			c.session.Unsubscribe(p.room)
			delete(c.rooms, p.room)
			c.server.release(m.room)
		}
	}
}

// authenticate extends the connection with a fresh token of the same person.
func (c *conn) authenticate(cmd *command) {
	if c.request == nil {
		c.fail(invalid("this connection does not expire"), cmd, "")
		return
	}
	if wait := c.server.joins.take(c.who.ID, 1); wait > 0 {
		c.fail(limited(wait, "tokens at once"), cmd, "")
		return
	}
	r := c.request.Clone(c.server.ctx)
	r.Header.Set("Authorization", "Bearer "+cmd.token)
	fresh, err := c.server.opts.Authenticate(r)
	if err == nil {
		err = fresh.check()
	}
	if err != nil {
		c.server.opts.Logger.Info("rooms: token refused", "user_id", c.who.ID, "reason", err)
		c.fail(&refusal{code: codeUnauthenticated, message: "the token is not valid"}, cmd, "")
		return
	}
	if fresh.ID != c.who.ID {
		c.fail(&refusal{code: codeForbidden, message: "the token belongs to another person"}, cmd, "")
		return
	}
	c.arm(fresh.Expires)
	c.session.Send(encode(authFrame{"auth", stamp{fresh.Expires}}))
}

// arm sets when the connection ends by itself.
func (c *conn) arm(expires time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expires = expires
	if c.expiry != nil {
		c.expiry.Stop()
		c.expiry = nil
	}
	if !expires.IsZero() && !c.ended {
		c.expiry = time.AfterFunc(time.Until(expires), c.expireIfDue)
	}
}

// expireIfDue also catches a timer that an auth frame was too late to stop.
func (c *conn) expireIfDue() {
	c.mu.Lock()
	due := !c.expires.IsZero() && !time.Now().Before(c.expires)
	c.mu.Unlock()
	if due {
		c.session.Close(CloseExpired, "token expired")
	}
}

package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// conn is one connection. What the first block holds never changes; mu guards the second; the third belongs to the
// connection's reader.
type conn struct {
	g       *Gateway
	session *hub.Session
	room    chat.Room // the room of a room's own socket; zero on /ws

	mu       sync.Mutex
	who      Identity // written by the reader alone, which may read it without mu
	expiry   *time.Timer
	welcomed bool
	ended    bool
	held     [][]byte // for after welcome

	typing []typing
	reads  bucket
	frames bucket
}

// beginTime bounds what a new connection reads before it is served.
const beginTime = 10 * time.Second

// begin says welcome, and subscribes a room's own socket to its room. On failure the session is being closed.
func (c *conn) begin(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, beginTime)
	defer cancel()
	states, err := c.states(ctx)
	if err == nil {
		err = c.stillSignedIn(ctx)
	}
	if err != nil {
		c.refuse(err)
		return
	}
	c.welcome(states, c.announcements(ctx))
	c.arm()
	if c.room.ID != "" {
		if err := c.subscribe(ctx, c.room, nil); err != nil {
			c.refuse(err)
		}
	}
}

// states reads the rooms that welcome tells of.
func (c *conn) states(ctx context.Context) ([]chat.RoomState, error) {
	if c.room.ID == "" {
		return c.g.cfg.Service.RoomStates(ctx, c.who.User)
	}
	s, err := c.g.cfg.Service.RoomState(ctx, c.who.User, c.room.Name)
	return []chat.RoomState{s}, err
}

// refuse closes a connection that cannot begin, though its upgrade was granted.
func (c *conn) refuse(err error) {
	if errors.Is(err, hub.ErrClosed) {
		return // it has been told why
	}
	switch chat.CodeOf(err) {
	case chat.Unauthenticated:
		c.session.Close(CloseSessionRevoked, "session revoked")
	case chat.NotFound, chat.Forbidden:
		c.session.Close(CloseRemoved, "removed")
	default:
		c.g.log.Error("a connection could not begin", "user_id", c.who.User.ID, "err", err)
		c.session.Close(websocket.CloseInternal, "something went wrong on the server")
	}
}

// announcements reads what everybody is told now. A connection is not refused because that cannot be read.
func (c *conn) announcements(ctx context.Context) []chat.Announcement {
	if c.room.ID != "" {
		return nil
	}
	list, err := c.g.cfg.Service.Announcements(ctx)
	if err != nil {
		c.g.log.Error("the announcements cannot be read", "user_id", c.who.User.ID, "err", err)
	}
	return list
}

func (c *conn) welcome(states []chat.RoomState, announced []chat.Announcement) {
	f := &wire.Welcome{
		Protocol: wire.Protocol, User: c.who.User.Name, UserID: string(c.who.User.ID), Kind: string(c.who.User.Kind),
		ExpiresAt: wire.Time{Time: c.who.Expires}, Token: c.who.Claim,
		Limits: wire.Limits{
			Content: chat.MaxContent, Frame: wire.MaxFrame, Rooms: MaxTopics, Subscribe: wire.MaxRooms, SendsOpen: sendsOpen,
		},
		Rooms: make([]wire.WelcomeRoom, len(states)),
	}
	for i, s := range states {
		f.Rooms[i] = wire.WelcomeRoom{
			Room: s.Name, RoomID: string(s.ID), Epoch: s.Epoch, Seq: s.Seq, N: s.N,
			ReadN: s.Cursor.N, ReadVersion: s.Cursor.Version, Unread: s.Unread,
			Kind: string(s.Kind), Role: string(s.Role), ReadOnly: s.ReadOnly, SlowMode: s.SlowMode, People: persons(s.People),
			Mentions: s.Mentions, Notify: string(s.Notify), Muted: s.Muted,
		}
		if s.History != chat.HistoryAll {
			f.Rooms[i].History = string(s.History)
		}
	}
	frame := c.g.encode(f)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session.Send(frame)
	for _, a := range announced { // before what is held, which may take one back
		c.session.Send(c.g.encode(announcementFrame(a)))
	}
	for _, frame := range c.held {
		c.session.Send(frame)
	}
	c.held, c.welcomed = nil, true
}

// send queues a frame, behind welcome.
func (c *conn) send(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.welcomed {
		c.held = append(c.held, frame)
		return
	}
	c.session.Send(frame)
}

// identity returns who it is, for other goroutines than the reader.
func (c *conn) identity() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who
}

// Message implements websocket.Handler: it takes what the client says. It may wait while many sends are open.
func (c *conn) Message(op websocket.Opcode, payload []byte) {
	if c.floods() {
		// Whatever else comes until the connection has ended is not looked at: the bucket does not fill that fast.
		c.session.Close(CloseFlood, "too many frames")
		return
	}
	if op != websocket.OpText {
		c.session.Close(websocket.CloseUnsupported, "text frames only")
		return
	}
	if c.room.ID != "" && (len(payload) == 0 || payload[0] != '{') {
		c.g.counts.in.add(text)
		c.post(&wire.SendMessage{Content: string(payload)})
		return
	}
	cmd, err := wire.Decode(payload)
	if err != nil {
		c.g.counts.in.add(other)
		c.fail(err, "", "")
		return
	}
	c.g.counts.in.add(cmd.CommandType())
	c.do(cmd)
}

// floods counts a frame, and says whether it is one too many. Frames that are wrong count as well: each costs an answer.
func (c *conn) floods() bool {
	rate := c.g.cfg.FrameRate
	if rate <= 0 {
		return false
	}
	_, ok := c.frames.take(time.Now(), time.Second/time.Duration(rate), c.g.cfg.FrameBurst)
	return !ok
}

func (c *conn) do(cmd wire.Command) {
	switch cmd := cmd.(type) {
	case *wire.SendMessage:
		c.post(cmd)
	case *wire.Subscribe:
		c.subscribeAll(cmd)
	case *wire.Unsubscribe:
		c.unsubscribe(cmd)
	case *wire.StartTyping:
		c.startTyping(cmd)
	case *wire.EndTyping:
		c.endTyping(cmd)
	case *wire.MarkRead:
		c.markRead(cmd)
	case *wire.SetActivity:
		c.g.roster.say(c, cmd.State)
	case *wire.ChangeMessage:
		c.change(cmd)
	case *wire.Authenticate:
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
	c.g.remove(c)
	c.mu.Lock()
	c.ended = true
	if c.expiry != nil {
		c.expiry.Stop()
	}
	c.mu.Unlock()
	c.g.log.Debug("socket closed", "user_id", c.who.User.ID, "room", c.room.Name, "err", err)
	if c.who.Release != nil {
		c.who.Release()
	}
}

package simtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wsclient"
)

// send is one message that somebody wants to say, however often it is tried.
type send struct {
	no       int
	clientID string // "" from plain clients
	room     string
	author   chat.Actor
	body     string
	thread   string // id of the message that it replies to; ""
	link     *link  // of the first try; nil over REST
	retried  bool
	acked    bool
	seq, n   uint64
	id       string
}

// client is one device of a person. It keeps what "Keeping in step" tells it to keep, over all its connections.
type client struct {
	sim   *sim
	label string
	me    chat.Actor
	fixed string // the room of a client that uses /ws/room/{name}
	plain bool   // gives no client ids and does not look at numbers
	views []*view
	link  *link
	open  []*send // sent and not answered for good

	session *session // nil for guests
}

// view is what a client has of a room.
type view struct {
	room  string
	want  bool
	known bool // there is a cursor
	epoch string
	seq   uint64
	id    string
	name  string // that it has read of, where it has read of one
	holds holds
}

type position struct {
	Room  string `json:"room"`
	Epoch string `json:"epoch,omitempty"`
	Seq   uint64 `json:"seq"`
	ID    string `json:"id,omitempty"`
	wrong bool   // the server must answer with reset
	none  bool   // no position was given
	ended bool   // unsubscribe was sent behind it
	call  string // what the room is called in the frame; "": as here
	sees  uint64 // the first entry that they see when it is asked
	asked int    // the number of subscriptions that were asked before
}

func (p position) MarshalJSON() ([]byte, error) {
	if p.call != "" {
		p.Room = p.call
	}
	if p.none {
		return json.Marshal(p.Room)
	}
	type plain position
	return json.Marshal(plain(p))
}

// link is one connection of a client, and what the server owes it.
type link struct {
	c       *client
	no      int
	life    int // of the server
	p       *pipe
	buf     []byte
	up      bool // 101 was read
	welcome bool
	dead    bool
	ending  bool // the client has said goodbye
	stalled bool // the client does not read
	lagged  bool // it was, once
	cutIn   int  // numbered frames to come before the cut; negative: none
	streams map[string]*stream
	sends   map[string]*attempt
	late    *frame // held back by a mutant

	session  *session
	outFirst bool        // it was signed out before this was opened
	expires  time.Time   // of its token; zero: never
	renewed  []time.Time // the ends of fresh tokens that are not answered
	told     map[string]uint64
}

// stream is a subscription as the client sees it.
type stream struct {
	asked     []position // not answered yet
	streaming bool
	ended     bool // unsubscribe was sent
	evicted   bool
	unsure    bool // it may have ended with a removal
	replaying bool
	pos       uint64
	sees      uint64 // entries that are about earlier ones must not come
	begun     int    // when it was asked, in subscriptions
	present   map[string]bool
}

// loose says that the server may just be ending or beginning the stream.
func (st *stream) loose() bool { return st.ended || st.unsure || len(st.asked) > 0 }

// attempt is a send on one link.
type attempt struct {
	*send
	tries    int
	answers  int
	strict   bool // its ack must stand in the stream
	conflict bool // another body: must not be acked
	besides  int  // conflicts that may come beside the answers: see ack
}

// frame is any frame of the server.
type frame struct {
	Type     string `json:"type"`
	Room     string `json:"room"`
	RoomID   string `json:"room_id"`
	Was      string `json:"was"` // of room_renamed
	ID       string `json:"id"`
	Seq      uint64 `json:"seq"`
	N        uint64 `json:"n"`
	User     string `json:"user"`
	UserID   string `json:"user_id"`
	Content  string `json:"content"`
	ClientID string `json:"client_id"`
	Kind     string `json:"kind"`
	Thread   string `json:"thread"`
	Replies  *struct {
		Count   int    `json:"count"`
		LastSeq uint64 `json:"last_seq"`
	} `json:"replies"`
	Epoch   string   `json:"epoch"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Ref     string   `json:"ref"`
	Users   []string `json:"users"`
	Count   int      `json:"count"`
	Version uint64   `json:"version"`
	Expires string   `json:"expires_at"`
	Rooms   []struct {
		Room    string `json:"room"`
		N       uint64 `json:"n"`
		ReadN   uint64 `json:"read_n"`
		Version uint64 `json:"read_version"`
		Unread  uint64 `json:"unread"`
	} `json:"rooms"`
	Deleted bool `json:"deleted"`
	Data    struct {
		UserID  string `json:"user_id"`
		Content string `json:"content"`
		Deleted bool   `json:"deleted"`
		Pinned  bool   `json:"pinned"`
		Emoji   string `json:"emoji"`
		Name    string `json:"name"` // of renamed
		Count   int    `json:"count"`
	} `json:"data"`
}

func (f *frame) numbered() bool { return f.Type == "message" || f.Type == "change" || f.Type == "skip" }

func (c *client) view(room string) *view {
	for _, v := range c.views {
		if v.room == room {
			return v
		}
	}
	panic("no room " + room)
}

func (c *client) live() bool {
	return c.link != nil && !c.link.dead && c.link.welcome && !c.link.ending
}

// connect opens a connection, if there is a server.
func (c *client) connect() {
	s := c.sim
	if s.srv == nil {
		return
	}
	s.links++
	token, expires := c.token()
	c.link = &link{
		c: c, no: s.links, life: s.srv.life, p: s.srv.dial(token, c.fixedName()), cutIn: -1,
		streams: map[string]*stream{}, sends: map[string]*attempt{}, told: map[string]uint64{},
		session: c.session, outFirst: c.session != nil && !c.session.ended.IsZero(), expires: expires,
	}
	if c.fixed != "" {
		c.view(c.fixed).want = true
		c.link.stream(c.fixed).asked = []position{s.asked(c, position{Room: c.fixed, none: true})}
	}
	s.trace.op("%s connects as link %d", c.label, c.link.no)
}

// fixedName is what the client calls the room whose socket it uses.
func (c *client) fixedName() string {
	if c.fixed == "" {
		return ""
	}
	return c.sim.call(c.fixed)
}

func (l *link) stream(room string) *stream {
	st := l.streams[room]
	if st == nil {
		st = &stream{}
		l.streams[room] = st
	}
	return st
}

// say sends one command.
func (l *link) say(v any) { l.p.put(l.command(v)) }

func (l *link) command(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return wsclient.AppendFrame(nil, wsclient.Text, true, b)
}

// subscribe asks for rooms at positions.
func (l *link) subscribe(at ...position) {
	for i, p := range at {
		st := l.stream(p.Room)
		at[i].call = l.c.sim.call(p.Room)
		st.asked = append(st.asked, l.c.sim.asked(l.c, p))
		l.loosen(p.Room)
	}
	l.say(map[string]any{"type": "subscribe", "rooms": at})
}

func (l *link) loosen(room string) {
	for _, a := range l.sends {
		if a.room == room {
			a.strict = false
		}
	}
}

// post encodes a try of a send.
func (l *link) post(s *send, body string) []byte {
	cmd := map[string]any{"type": "message", "room": l.c.sim.call(s.room), "content": body}
	if s.thread != "" {
		cmd["thread"] = s.thread
	}
	if s.clientID == "" {
		return l.command(cmd)
	}
	cmd["client_id"] = s.clientID
	a, first := l.sends[s.clientID], s.link == l && !s.retried
	if a == nil {
		a = &attempt{send: s}
		l.sends[s.clientID] = a
	}
	st := l.stream(s.room)
	a.tries++
	a.conflict = body != s.body
	a.strict = a.tries == 1 && first && st.streaming && !st.loose() && !st.evicted
	return l.command(cmd)
}

// poll reads what has come.
func (l *link) poll() {
	if l.dead || l.stalled {
		return
	}
	b, ended := l.p.take()
	l.buf = append(l.buf, b...)
	for !l.dead && l.step() {
	}
	if ended && !l.dead {
		l.dead = true
		l.ended()
	}
	l.mayBe()
}

// step takes one thing off the buffer.
func (l *link) step() bool {
	if !l.up {
		for i := 0; i+4 <= len(l.buf); i++ {
			if string(l.buf[i:i+4]) == "\r\n\r\n" {
				if string(l.buf[:12]) != "HTTP/1.1 101" {
					l.fail("handshake", "the answer is %q", l.buf[:i])
				}
				l.up, l.buf = true, l.buf[i+4:]
				return true
			}
		}
		return false
	}
	op, payload, n := parseFrame(l.buf)
	if n == 0 {
		return false
	}
	l.buf = l.buf[n:]
	switch op {
	case wsclient.Text:
		f := &frame{}
		if err := json.Unmarshal(payload, f); err != nil {
			l.fail("frame", "%v in %q", err, payload)
			return false
		}
		l.unname(f)
		if l.cutIn >= 0 && (f.numbered() || f.Type == "ack") {
			if l.cutIn == 0 { // inside this frame
				l.c.sim.trace.op("%s is cut inside a frame", l.c.label)
				l.p.cut()
				l.dead = true
				return false
			}
			l.cutIn--
		}
		l.mangle(f)
	case wsclient.Ping:
		l.p.put(wsclient.AppendFrame(nil, wsclient.Pong, true, payload))
	case wsclient.CloseOp:
		l.closed(payload)
	default:
		l.fail("frame", "opcode %d", op)
	}
	return true
}

// parseFrame takes one unmasked frame; n is 0 while it is incomplete.
func parseFrame(b []byte) (op byte, payload []byte, n int) {
	if len(b) < 2 {
		return 0, nil, 0
	}
	size, head := int(b[1]), 2
	switch {
	case size == 126 && len(b) >= 4:
		size, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case size == 127 && len(b) >= 10:
		size, head = int(binary.BigEndian.Uint64(b[2:])), 10
	case size >= 126:
		return 0, nil, 0
	}
	if len(b) < head+size {
		return 0, nil, 0
	}
	return b[0] & 0x0f, b[head : head+size], head + size
}

// closed handles a close frame: it must be one that the client has earned.
func (l *link) closed(payload []byte) {
	code := 1005
	if len(payload) >= 2 {
		code = int(binary.BigEndian.Uint16(payload))
	}
	l.dead = true
	l.c.sim.trace.op("%s link %d is closed with %d", l.c.label, l.no, code)
	if !l.ending {
		l.p.put(wsclient.AppendFrame(nil, wsclient.CloseOp, true, payload[:min(2, len(payload))]))
	}
	l.p.end()
	sim := l.c.sim
	_, removed := sim.everRemoved(l.c.fixed, l.c.me.ID)
	ok := map[int]bool{
		1000: l.ending,
		1001: sim.ended[l.life],
		1011: sim.plan.readFaults,
		4001: l.expired(0),
		4002: l.session.endedBy(0),
		4003: l.c.fixed != "" && removed,
		4004: l.lagged || sim.plan.limits.QueueBytes < 1<<20, // which one instant can fill
		4005: l.lagged,
	}[code]
	if st := l.streams[l.c.fixed]; code == 4003 && st != nil && st.streaming && !st.evicted && !st.unsure {
		l.fail("removed", "closed for a removal that it was not shown")
	}
	if !ok {
		l.fail("close", "closed with %d %q for no reason", code, payload[min(2, len(payload)):])
	}
}

// ended handles a connection that ended without a close frame.
func (l *link) ended() {
	sim := l.c.sim
	sim.trace.op("%s link %d has ended", l.c.label, l.no)
	l.p.mu.Lock()
	status := l.p.status
	l.p.mu.Unlock()
	switch {
	case l.ending, l.lagged, sim.ended[l.life]:
	case status == 401 && (l.expired(0) || l.session.endedBy(0)):
	case status == 403:
		if _, is := sim.everRemoved(l.c.fixed, l.c.me.ID); !is {
			l.fail("handshake", "refused with 403 for no reason")
		}
	case status == 500 && sim.plan.readFaults:
	default:
		l.fail("close", "ended without a close frame, status %d", status)
	}
}

func (l *link) fail(check, format string, args ...any) {
	l.c.sim.fail(check, "%s link %d: %s", l.c.label, l.no, fmt.Sprintf(format, args...))
}

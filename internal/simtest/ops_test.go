package simtest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// operations is everything that can happen, each with what it needs.
var operations = []struct {
	name   string
	weight int // beside the seed's own
	do     func(*sim)
}{
	{"connect", 6, (*sim).opConnect},
	{"subscribe", 6, (*sim).opSubscribe},
	{"send", 10, (*sim).opSend},
	{"burst", 4, (*sim).opBurst},
	{"retry", 4, (*sim).opRetry},
	{"conflict", 1, (*sim).opConflict},
	{"rest post", 3, (*sim).opRestPost},
	{"page", 3, (*sim).opPage},
	{"load first", 2, (*sim).opLoadFirst},
	{"read", 2, (*sim).opRead},
	{"edit", 2, (*sim).opEdit},
	{"delete", 1, (*sim).opDelete},
	{"react", 2, (*sim).opReact},
	{"pin", 1, (*sim).opPin},
	{"topic or name", 1, (*sim).opTopic},
	{"remove", 1, (*sim).opRemove},
	{"add", 2, (*sim).opAdd},
	{"unsubscribe", 1, (*sim).opUnsubscribe},
	{"typing", 1, (*sim).opTyping},
	{"goodbye", 1, (*sim).opGoodbye},
	{"cut", 2, (*sim).opCut},
	{"cut upwards", 1, (*sim).opCutUpwards},
	{"silence", 1, (*sim).opSilence},
	{"stall", 2, (*sim).opStall},
	{"read again", 3, (*sim).opReadAgain},
	{"moments", 3, func(s *sim) { s.pass(time.Duration(1 + s.rng.IntN(400_000_000))) }},
	{"seconds", 1, func(s *sim) { s.pass(time.Duration(1 + s.rng.IntN(12_000_000_000))) }},
	{"sign out", 1, (*sim).opSignOut},
	{"fresh token", 2, (*sim).opFreshToken},
	{"crash", 1, (*sim).opCrash},
	{"restore", 1, (*sim).opRestore},
	{"restart", 1, (*sim).opRestart},
}

func (s *sim) operate() {
	total := 0
	for i, op := range operations {
		total += op.weight * s.plan.weights[i]
	}
	at := s.rng.IntN(total)
	for i, op := range operations {
		if at -= op.weight * s.plan.weights[i]; at < 0 {
			op.do(s)
			return
		}
	}
}

// client picks one that fits, or nil.
func (s *sim) client(fits func(*client) bool) *client {
	if len(s.clients) == 0 { // all are left out
		return nil
	}
	from := s.rng.IntN(len(s.clients))
	for i := range s.clients {
		if c := s.clients[(from+i)%len(s.clients)]; fits(c) {
			return c
		}
	}
	return nil
}

func (s *sim) liveClient() *client { return s.client((*client).live) }

// roomOf picks a room that the client can talk to.
func (s *sim) roomOf(c *client) string {
	if c.fixed != "" {
		return c.fixed
	}
	return pick(s.rng, s.rooms...)
}

func (s *sim) opConnect() {
	c := s.client(func(c *client) bool { return c.link == nil || c.link.dead })
	if c == nil || s.srv == nil {
		return
	}
	if c.session == nil || c.session.signing && s.rng.IntN(4) > 0 {
		c.signIn() // else it tries whether it is known still
	}
	c.connect()
	if s.rng.IntN(4) > 0 {
		s.pass(time.Duration(1 + s.rng.IntN(2_000_000)))
		c.resume()
	}
}

// resume is rule 6: all rooms with their cursors in one frame, and every unanswered message again.
func (c *client) resume() {
	if !c.live() {
		return
	}
	var at []position
	for _, v := range c.views {
		if c.fixed == "" && v.want {
			at = append(at, v.position())
		}
	}
	if len(at) > 0 {
		c.sim.trace.op("%s resumes %v", c.label, short(at))
		c.link.subscribe(at...)
	}
	for _, s := range c.open {
		c.retry(s)
	}
}

func (v *view) position() position {
	return position{Room: v.room, Epoch: v.epoch, Seq: v.seq, ID: v.id, none: !v.known}
}

func short(at []position) string {
	var b strings.Builder
	for _, p := range at {
		fmt.Fprintf(&b, " %s@%d", p.Room, p.Seq)
		if p.none {
			b.WriteString("(none)")
		}
		if p.wrong {
			b.WriteString("(wrong)")
		}
	}
	return b.String()
}

func (s *sim) opSubscribe() {
	c := s.client(func(c *client) bool { return c.live() && c.fixed == "" })
	if c == nil {
		return
	}
	v := c.views[s.rng.IntN(len(c.views))]
	v.want = true
	p := v.position()
	switch {
	case s.rng.IntN(4) == 0:
		p = position{Room: v.room, none: true}
	case v.known && v.seq > 0 && s.rng.IntN(4) == 0:
		p.wrong = true
		switch s.rng.IntN(3) {
		case 0:
			p.Epoch = s.uuid()
		case 1:
			p.ID = s.uuid()
		case 2:
			p.Seq += 5000
		}
	}
	s.trace.op("%s subscribes%s", c.label, short([]position{p}))
	c.link.subscribe(p)
}

func (s *sim) opUnsubscribe() {
	c := s.client(func(c *client) bool { return c.live() && c.fixed == "" })
	if c == nil {
		return
	}
	room := pick(s.rng, s.rooms...)
	s.trace.op("%s unsubscribes %s", c.label, room)
	c.view(room).want = false
	st := c.link.stream(room)
	st.ended = true
	if n := len(st.asked); n > 0 {
		st.asked[n-1].ended = true
	}
	c.link.loosen(room)
	c.link.say(map[string]any{"type": "unsubscribe", "rooms": []string{s.call(room)}})
}

func (s *sim) opTyping() {
	c := s.liveClient()
	if c == nil {
		return
	}
	c.link.say(map[string]any{"type": pick(s.rng, "typing", "stop_typing"), "room": s.call(s.roomOf(c))})
}

// newSend makes a message that nobody has said before.
func (s *sim) newSend(me chat.Actor, room string, plain bool) *send {
	m := &send{no: len(s.sends) + 1, room: room, author: me}
	m.body = fmt.Sprintf("%d by %s in %s ", m.no, me.Name, room) + strings.Repeat("x", pick(s.rng, 0, 10, 300, 2000))
	if !plain {
		m.thread = s.rootFor(m)
		m.clientID = s.uuid()
		s.byID[m.clientID] = m
	}
	s.sends = append(s.sends, m)
	return m
}

func (c *client) first(room string) (*send, []byte) {
	m := c.sim.newSend(c.me, room, c.plain)
	m.link = c.link
	if !c.plain {
		c.open = append(c.open, m)
	}
	return m, c.link.post(m, m.body)
}

func (s *sim) opSend() {
	if c := s.liveClient(); c != nil {
		m, b := c.first(s.roomOf(c))
		s.trace.op("%s sends %d to %s", c.label, m.no, m.room)
		c.link.p.put(b)
	}
}

// opBurst sends many without waiting for an ack.
func (s *sim) opBurst() {
	c := s.liveClient()
	if c == nil {
		return
	}
	room, n := s.roomOf(c), 2+s.rng.IntN(pick(s.rng, 6, 20, 90))
	for range n {
		if s.rng.IntN(4) == 0 {
			room = s.roomOf(c)
		}
		_, b := c.first(room)
		c.link.p.put(b)
	}
	s.trace.op("%s sends %d at once, up to %d", c.label, n, len(s.sends))
}

func (c *client) retry(m *send) {
	if a := c.link.sends[m.clientID]; a != nil && a.conflict && a.answers < a.tries {
		return
	}
	c.sim.trace.op("%s sends %d to %s again", c.label, m.no, m.room)
	m.retried = true
	c.link.p.put(c.link.post(m, m.body))
}

// opRetry repeats what is not answered, and now and then what is.
func (s *sim) opRetry() {
	c := s.client(func(c *client) bool { return c.live() && !c.plain })
	if c == nil {
		return
	}
	if m := s.ackedSend(c); m != nil && s.rng.IntN(3) == 0 {
		c.retry(m)
		return
	}
	if len(c.open) > 0 {
		c.retry(c.open[s.rng.IntN(len(c.open))])
	}
}

// ackedSend picks one of the person's that this client can send again.
func (s *sim) ackedSend(c *client) *send {
	if len(s.sends) == 0 {
		return nil
	}
	for range 10 {
		m := s.sends[s.rng.IntN(len(s.sends))]
		if m.acked && m.author == c.me && m.clientID != "" && (c.fixed == "" || c.fixed == m.room) {
			if a := c.link.sends[m.clientID]; a == nil || a.answers == a.tries {
				return m
			}
		}
	}
	return nil
}

func (s *sim) opConflict() {
	c := s.client(func(c *client) bool { return c.live() && !c.plain })
	if c == nil {
		return
	}
	if m := s.ackedSend(c); m != nil {
		s.trace.op("%s sends something else as %d", c.label, m.no)
		m.retried = true
		c.link.p.put(c.link.post(m, "not "+m.body))
	}
}

func (s *sim) opRead() {
	c := s.liveClient()
	if c == nil {
		return
	}
	room := s.roomOf(c)
	h := s.disk.head(room)
	n := uint64(0)
	for seq := h.Seq; seq > 0 && n == 0; seq-- {
		if e, ok := s.disk.entry(room, seq); ok && e.Message != nil {
			n = e.Message.N
		}
	}
	if n == 0 {
		return
	}
	cmd := map[string]any{"type": "read", "room": s.call(room), "n": 1 + s.rng.Uint64N(n)}
	if s.rng.IntN(3) == 0 {
		version := s.disk.cursor(room, c.me.ID).Version
		if s.rng.IntN(3) == 0 {
			version = s.rng.Uint64N(4)
		}
		cmd["version"] = version
		s.moved[cursorMove{cursorKey{room, c.me.Name, version}, cmd["n"].(uint64)}] = true
	}
	c.link.say(cmd)
}

func (s *sim) opGoodbye() {
	if c := s.liveClient(); c != nil {
		s.trace.op("%s says goodbye", c.label)
		c.link.ending = true
		c.link.p.put([]byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8})
	}
}

// opCut cuts a connection, often inside one of the next frames.
func (s *sim) opCut() {
	c := s.liveClient()
	switch {
	case c == nil:
	case s.rng.IntN(2) == 0:
		c.link.cutIn = s.rng.IntN(12)
	default:
		s.trace.op("%s is cut", c.label)
		c.link.p.cut()
		c.link.dead = true
	}
}

// opCutUpwards cuts a connection after the first bytes of what it sends.
func (s *sim) opCutUpwards() {
	c := s.liveClient()
	if c == nil {
		return
	}
	whole := s.rng.IntN(5)
	for range whole {
		_, b := c.first(s.roomOf(c))
		c.link.p.put(b)
	}
	_, b := c.first(s.roomOf(c))
	k := s.rng.IntN(len(b))
	s.trace.op("%s is cut after sending %d messages and %d of %d bytes", c.label, whole, k, len(b))
	c.link.p.put(b[:k])
	s.pass(time.Duration(s.rng.IntN(500_000))) // what came in whole may have been taken
	if !c.link.dead {
		c.link.p.cut()
		c.link.dead = true
	}
}

// opSilence: the network forgets a connection. The client gives it up, the server does not know.
func (s *sim) opSilence() {
	if c := s.liveClient(); c != nil {
		s.trace.op("%s goes silent", c.label)
		c.link.p.silence()
		c.link.dead = true
	}
}

func (s *sim) opStall() {
	if c := s.client(func(c *client) bool { return c.live() && !c.link.stalled }); c != nil {
		s.trace.op("%s reads no more", c.label)
		c.link.stalled, c.link.lagged = true, true
		c.link.p.stall(true)
	}
}

func (s *sim) opReadAgain() {
	if c := s.client(func(c *client) bool { return c.link != nil && c.link.stalled }); c != nil {
		s.trace.op("%s reads again", c.label)
		c.link.stalled = false
		c.link.p.stall(false)
	}
}

func (s *sim) opCrash() {
	if s.srv == nil || s.rng.IntN(3) > 0 {
		return
	}
	s.crash()
	s.pass(time.Duration(1 + s.rng.IntN(1_500_000_000)))
	s.checkAcked()
	s.start()
}

func (s *sim) opRestart() {
	if s.srv != nil && s.rng.IntN(4) == 0 {
		s.restart()
	}
}

const restTimeout = 2 * time.Minute

func (s *sim) opRestPost() {
	me := pick(s.rng, s.people...)
	m := s.newSend(me, pick(s.rng, s.rooms...), false)
	for _, c := range s.clients {
		if c.me == me && !c.plain && (c.fixed == "" || c.fixed == m.room) {
			c.open = append(c.open, m) // which goes on where REST gives up
			break
		}
	}
	s.trace.op("%s posts %d to %s", me.Name, m.no, m.room)
	s.restPost(m)
}

func (s *sim) restPost(m *send) {
	called := s.call(m.room)
	s.later(func(srv *server) func() {
		ctx, cancel := context.WithTimeout(context.Background(), restTimeout)
		defer cancel()
		o := chat.Wait(ctx, func(done func(chat.Outcome)) {
			srv.service.Post(m.author, chat.NewMessage{Room: called, ClientID: m.clientID, Content: m.body, Thread: m.thread}, done)
		})
		return func() {
			s.trace.op("post %d: %v", m.no, chat.CodeOf(o.Err))
			if code := chat.CodeOf(o.Err); code == chat.NotFound || code == chat.Conflict {
				s.rootless(m)
			}
			if o.Err == nil {
				s.acked(m, o.Event.Seq(), o.Event.Message.N, o.Event.ID())
			}
		}
	})
}

// change does something to a room aside.
func (s *sim) change(what string, call func(svc *chat.Service, done func(chat.Outcome))) {
	s.trace.op("%s", what)
	s.later(func(srv *server) func() {
		ctx, cancel := context.WithTimeout(context.Background(), restTimeout)
		defer cancel()
		o := chat.Wait(ctx, func(done func(chat.Outcome)) { call(srv.service, done) })
		return func() { s.trace.op("%s: %v", what, chat.CodeOf(o.Err)) }
	})
}

func (s *sim) opTopic() {
	room, n := pick(s.rng, s.rooms...), s.rng.IntN(1000)
	if n%3 > 0 {
		s.rename(room, n/3)
		return
	}
	called, topic := s.call(room), fmt.Sprint("topic ", n)
	s.change("topic of "+room, func(svc *chat.Service, done func(chat.Outcome)) { svc.SetTopic(s.people[0], called, topic, done) })
}

func (s *sim) opRemove() {
	room, who := pick(s.rng, s.rooms...), s.people[1+s.rng.IntN(len(s.people)-1)]
	called := s.call(room)
	s.change("remove "+who.Name+" from "+room, func(svc *chat.Service, done func(chat.Outcome)) {
		svc.RemoveMember(s.people[0], called, who.ID, chat.Removal{Ban: true}, done)
	})
}

func (s *sim) opAdd() {
	room, who := pick(s.rng, s.rooms...), s.people[1+s.rng.IntN(len(s.people)-1)]
	if _, is := s.disk.removed(room, who.ID); is {
		called := s.call(room)
		s.change("add "+who.Name+" to "+room, func(svc *chat.Service, done func(chat.Outcome)) {
			svc.AddMember(s.people[0], called, who.ID, done)
		})
	}
}

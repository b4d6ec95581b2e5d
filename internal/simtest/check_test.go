package simtest

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// The promises, by the names under which the checks report them:
//
//	acked       what was acked is stored once, with the acked id and numbers and the sender's words, and can be read at once
//	stored      nothing is stored that nobody sent, twice, by somebody who was removed, or with a hole in seq or n
//	fifo        what one connection sent is stored in the order of sending
//	stream      each number once, in order, without a hole, as it is stored (also: resume, cursor, ack, ack place)
//	removed     nothing after the removal reaches somebody who was removed
//	cursor      a version of a read cursor is one number, goes back only for who has seen it, and all devices are told
//	session     who was signed out, or whose token has expired, is out a second later
//	page        a page is what was stored at its as_of, which is not older than the question
//	rewritten   what was edited or deleted is not said again in a stream that begins after that was seen
//	named       every name of a room leads to it, and to no other
//	hidden      who was brought in sees nothing of what was before, and no change of it
//	converged   what a client holds of messages in the end is what a fresh load gives
//	presence    who is told to be there is there
//	liveness    once everything is well, everybody has everything and can send
//	shutdown    nothing is left behind
//
// welcome, close, handshake, error, conflict and frame: the server says only what it has a reason for.

// compare holds a frame against the store.
func (s *sim) compare(l *link, f *frame) {
	e, ok := s.disk.entry(f.Room, f.Seq)
	if !ok {
		l.fail("stream", "%s %d is not stored", f.Room, f.Seq)
		return
	}
	same := f.ID == e.ID()
	switch {
	case f.Type == "skip":
		same = true
	case e.Message != nil:
		m := e.Message
		same = same && f.Type == "message" && f.N == m.N && f.UserID == string(m.Author) && f.ClientID == m.ClientID && f.Thread == m.Thread
		s.compareMessage(l, f)
		s.compareThread(l, f)
	default:
		same = same && f.Type == "change" && f.Kind == string(e.Change.Kind) && f.UserID == string(e.Change.Actor) && f.Data.Name == newName(e.Change)
		if same && e.Change.Kind.IsOfMessage() {
			s.compareChange(l, f, e.Change)
		}
	}
	s.compareSight(l, f, e)
	if !same {
		l.fail("stream", "%s %d is not as it is stored: %+v", f.Room, f.Seq, f)
	}
}

// acked notes an answer; from now on the message must be there.
func (s *sim) acked(m *send, seq, n uint64, id string) {
	if m.acked && (m.seq != seq || m.n != n || m.id != id) {
		s.fail("acked", "send %d was acked as %d and as %d", m.no, m.seq, seq)
	}
	m.acked, m.seq, m.n, m.id = true, seq, n, id
	s.isStored(m)
	for _, c := range s.clients {
		c.open = slices.DeleteFunc(c.open, func(o *send) bool { return o == m })
	}
}

func (s *sim) isStored(m *send) {
	e, ok := s.disk.entry(m.room, m.seq)
	if !ok || e.Message == nil {
		s.fail("acked", "send %d was acked as %s %d, which is not there", m.no, m.room, m.seq)
		return
	}
	if got := e.Message; got.ID != m.id || got.N != m.n || got.ClientID != m.clientID || s.disk.original(got) != m.body || !s.disk.nowIs(got) || got.Author != m.author.ID || got.Thread != m.thread {
		s.fail("acked", "send %d was acked as %s %d, which is something else", m.no, m.room, m.seq)
	}
}

func (s *sim) checkAcked() {
	for _, m := range s.sends {
		if m.acked {
			s.isStored(m)
		}
	}
}

// everRemoved says whether user was ever taken out of room, and is out now.
func (s *sim) everRemoved(room string, user chat.UserID) (now, ever bool) {
	_, now = s.disk.removed(room, user)
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return now, len(s.disk.removal[memberKey{room, user}]) > 0
}

// resetDue says whether a good position may be answered with reset all the same.
func (s *sim) resetDue(p position, room string) bool {
	if s.srv == nil || s.srv.gateway.Stats().Hub.Slow >= 2 {
		return true
	}
	return s.disk.head(room).Seq-p.Seq > uint64(s.plan.limits.ResumeLimit)
}

// page reads a page aside and judges it; then gets it if the person may see the room.
func (s *sim) page(me chat.Actor, room string, q chat.PageQuery, then func(chat.Page)) {
	floor, called := s.disk.head(room).Seq, s.call(room)
	s.later(func(srv *server) func() {
		ctx, cancel := context.WithTimeout(context.Background(), restTimeout)
		defer cancel()
		p, err := srv.service.Page(ctx, me, called, q)
		return func() {
			if err != nil {
				s.pageRefused(me, room, q.Thread, err)
				return
			}
			s.trace.op("%s has a page of %s as of %d", me.Name, room, p.AsOf)
			if head := s.disk.head(room).Seq; p.AsOf < floor || p.AsOf > head {
				s.fail("page", "as_of %d of %s, which was at %d before and at %d after", p.AsOf, room, floor, head)
				return
			}
			if s.isAsOf(p, room); !s.hides(room, me.ID, 1) {
				s.judge(p, room, q)
			}
			if then != nil {
				then(p)
			}
		}
	})
}

func (s *sim) pageRefused(me chat.Actor, room, thread string, err error) {
	_, ever := s.everRemoved(room, me.ID)
	switch code := chat.CodeOf(err); {
	case code == chat.NotFound && thread != "" && (!s.isThere(room, thread) || s.hides(room, me.ID, s.disk.versions(thread)[0].seq)):
	case code == chat.Forbidden && ever, code == chat.Internal && (s.plan.readFaults || len(s.ended) > 0):
	default:
		s.fail("page", "%s is refused a page of %s: %v", me.Name, room, err)
	}
}

// judge compares a page with the store as it was then.
func (s *sim) judge(p chat.Page, room string, q chat.PageQuery) {
	var want []chat.Message
	for _, e := range s.disk.entries(room) {
		if m := e.Message; m != nil && m.Thread == q.Thread && m.Seq <= p.AsOf && (q.Before == nil || m.Seq < *q.Before) && (q.After == nil || m.Seq > *q.After) {
			want = append(want, *m)
		}
	}
	limit, total := q.Limit, len(want)
	if q.After != nil {
		want = want[:min(limit, total)]
	} else {
		last := total - int(max(q.Page, 1)-1)*limit
		want = want[max(0, last-limit):max(0, last)]
	}
	if !slices.EqualFunc(want, p.Messages, func(a, b chat.Message) bool {
		return a.ID == b.ID && a.Seq == b.Seq && a.N == b.N
	}) {
		s.fail("page", "a page of %s as of %d, %+v, has %d messages that are not the %d stored", room, p.AsOf, q, len(p.Messages), len(want))
	}
}

func (s *sim) opPage() {
	room := pick(s.rng, s.rooms...)
	q := chat.PageQuery{Limit: pick(s.rng, 3, 10, 50)}
	head := s.disk.head(room).Seq
	around := s.rng.Uint64N(head+1) + 1
	switch s.rng.IntN(3) {
	case 0:
		q.Page = 1 + s.rng.Uint64N(3)
	case 1:
		q.Before = &around
	default:
		around = min(around, head)
		q.After = &around
	}
	if root := s.rootOf(room, int(head)); q.Page == 0 && head%2 == 0 {
		q.Thread = root
	}
	s.page(pick(s.rng, s.people...), room, q, nil)
}

// load reads the page that a fresh view shows, and joins it with the stream: rules 4 and 5.
func (s *sim) load(c *client, v *view) {
	if c.plain {
		return
	}
	s.page(c.me, v.room, chat.PageQuery{Page: 1, Limit: chat.PageSize}, func(p chat.Page) {
		if v.known && p.AsOf > v.seq {
			v.join(p)
		}
	})
}

// join moves the cursor to where the page was read.
func (v *view) join(p chat.Page) {
	v.known, v.epoch, v.seq, v.id, v.name = true, p.Epoch, p.AsOf, "", ""
	v.holds.join(p)
	if n := len(p.Messages); n > 0 && p.Messages[n-1].Seq == p.AsOf {
		v.id = p.Messages[n-1].ID
	}
}

// opLoadFirst loads the page before it subscribes.
func (s *sim) opLoadFirst() {
	c := s.client(func(c *client) bool { return c.live() && c.fixed == "" })
	if c == nil {
		return
	}
	v := c.view(pick(s.rng, s.rooms...))
	s.page(c.me, v.room, chat.PageQuery{Page: 1, Limit: chat.PageSize}, func(p chat.Page) {
		if !c.live() {
			return
		}
		v.want = true
		v.join(p)
		s.trace.op("%s subscribes %s from its page", c.label, v.room)
		c.link.subscribe(v.position())
	})
}

// settle heals everything, brings everybody back, and checks that all is well.
func (s *sim) settle() {
	s.trace.op("everything is healed")
	s.disk.mu.Lock()
	s.disk.healed = true
	s.disk.mu.Unlock()
	if s.srv == nil {
		s.start()
	}
	for _, c := range s.clients {
		if c.link != nil {
			c.link.stalled, c.link.cutIn = false, -1
			if !c.link.dead {
				c.link.p.stall(false)
			}
		}
		for _, v := range c.views {
			v.want = c.fixed == "" || v.room == c.fixed
		}
	}
	s.pass(60 * time.Second) // half-open connections are found out, outcomes looked up
	for round := 0; round < 10 && s.failed == nil && (round < 2 || !s.allWell()); round++ {
		s.bringBack()
		s.pass(3 * time.Second)
	}
	if s.failed == nil && !s.allWell() {
		s.fail("liveness", "after all is healed: %s", s.unwell())
	}
	s.lastSends()
	s.checkCursors()
	if s.failed == nil {
		s.checkPresence()
		s.checkAcked()
		s.dump()
	}
	if s.failed == nil {
		s.restart()
	}
}

// out says that the client cannot be in room now.
func (c *client) out(room string) bool {
	_, is := c.sim.disk.removed(room, c.me.ID)
	return is
}

func (s *sim) bringBack() {
	for _, c := range s.clients {
		switch {
		case c.fixed != "" && c.out(c.fixed):
		case c.link == nil || c.link.dead:
			if c.session == nil || c.session.signing {
				c.signIn()
			}
			c.connect()
			s.pass(10 * time.Millisecond)
			c.resume()
		case c.live():
			c.link.renew()
			for _, v := range c.views {
				if st := c.link.stream(v.room); c.fixed == "" && !c.out(v.room) && (!st.streaming || st.evicted || st.loose()) && len(st.asked) == 0 {
					c.link.subscribe(v.position())
				}
			}
			for _, m := range c.open {
				c.retry(m)
			}
		}
	}
}

func (s *sim) allWell() bool { return s.unwell() == "" }

// unwell says who lacks what.
func (s *sim) unwell() string {
	for _, c := range s.clients {
		c.open = slices.DeleteFunc(c.open, func(m *send) bool { return c.out(m.room) })
		if c.fixed != "" && c.out(c.fixed) {
			continue
		}
		if !c.live() {
			return c.label + " is not connected"
		}
		if len(c.open) > 0 {
			return c.label + " has messages that are not acked"
		}
		for _, m := range slices.SortedFunc(maps.Values(c.link.sends), func(a, b *attempt) int { return a.no - b.no }) {
			if m.answers == 0 || m.conflict {
				return c.label + " has a message without an answer"
			}
		}
		for _, v := range c.views {
			if !v.want || c.out(v.room) {
				continue
			}
			if st := c.link.stream(v.room); !st.streaming || st.evicted || st.loose() {
				return c.label + " is not subscribed to " + v.room
			}
		}
	}
	return ""
}

// lastSends: everybody can send to every room, and everybody gets it.
func (s *sim) lastSends() {
	if s.failed != nil {
		return
	}
	for _, c := range s.clients {
		for _, v := range c.views {
			if v.want && !c.out(v.room) && c.live() {
				_, b := c.first(v.room)
				c.link.p.put(b)
				s.pass(time.Millisecond)
			}
		}
	}
	s.pass(5 * time.Second)
	if s.failed == nil && !s.allWell() {
		s.fail("liveness", "after the last sends: %s", s.unwell())
	}
	for _, c := range s.clients {
		for _, v := range c.views {
			if !v.want || c.out(v.room) || !c.live() || s.failed != nil {
				continue
			}
			head, st := s.disk.head(v.room).Seq, c.link.stream(v.room)
			for c.plain && st.pos < head {
				if e, ok := s.disk.entry(v.room, st.pos+1); !ok || e.Message == nil || e.Message.Author != c.me.ID {
					break
				}
				st.pos++ // its own, of which it hears nothing
			}
			if st.pos != head || !c.plain && v.seq != head {
				s.fail("liveness", "%s is at %d in %s, its cursor at %d, and the room at %d", c.label, st.pos, v.room, v.seq, head)
			}
			if !c.plain {
				s.checkHolds(c, v)
				s.checkName(c, v)
			}
		}
	}
}

func (c *client) inRoom(room string) bool {
	if !c.live() {
		return false
	}
	st := c.link.stream(room)
	return st.streaming && !st.evicted && !st.loose()
}

// checkPresence compares who is there with what the server says and what each client was told.
func (s *sim) checkPresence() {
	for _, room := range s.rooms {
		there := map[string]bool{}
		for _, c := range s.clients {
			if c.inRoom(room) {
				there[c.me.Name] = true
			}
		}
		online := map[string]bool{}
		people, count := s.srv.gateway.Online(s.disk.rooms[room], 100)
		for _, p := range people {
			online[p.Name] = true
		}
		if !maps.Equal(there, online) || count != len(there) {
			s.fail("presence", "in %s are %v, and the server says %v", room, there, online)
		}
		for _, c := range s.clients {
			if c.inRoom(room) && !maps.Equal(there, c.link.stream(room).present) {
				s.fail("presence", "in %s are %v, and %s was told %v", room, there, c.label, c.link.stream(room).present)
			}
		}
	}
}

// dump reads every room as it is stored in the end.
func (s *sim) dump() {
	byBody := map[string]*send{}
	for _, m := range s.sends {
		byBody[m.body] = m
	}
	stored := map[*send]uint64{}
	for _, room := range s.rooms {
		n := uint64(0)
		for i, e := range s.disk.entries(room) {
			if e.Seq() != uint64(i)+1 {
				s.fail("stored", "%s has %d where %d should be", room, e.Seq(), i+1)
			}
			m := e.Message
			if m == nil {
				continue
			}
			if m.Thread == "" {
				n++
			}
			if is := m.Thread == ""; is && m.N != n || !is && m.N != 0 {
				s.fail("stored", "%s %d has n %d; it is the %dth message", room, m.Seq, m.N, n)
			}
			from := byBody[s.disk.original(m)]
			switch {
			case from == nil, from.room != room, from.author.ID != m.Author, from.clientID != "" && from.clientID != m.ClientID:
				s.fail("stored", "nobody sent %s %d", room, m.Seq)
				continue
			case stored[from] != 0:
				s.fail("stored", "send %d is stored as %d and as %d", from.no, stored[from], m.Seq)
			case s.wasOut(room, m.Author, m.Seq):
				s.fail("stored", "%s %d was sent by somebody who was removed", room, m.Seq)
			}
			stored[from] = m.Seq
		}
	}
	s.checkOrder(stored)
}

// wasOut says whether user was out of room when entry seq was stored.
func (s *sim) wasOut(room string, user chat.UserID, seq uint64) bool {
	out := false
	for _, r := range s.disk.removal[memberKey{room, user}] {
		if r.seq < seq {
			out = r.removed
		}
	}
	return out
}

// checkOrder: what was sent once on one connection is stored in the order of sending, unless its commit broke off and came
// through when later ones had been stored.
func (s *sim) checkOrder(stored map[*send]uint64) {
	type way struct {
		l    *link
		room string
	}
	last := map[way]*send{}
	for _, m := range s.sends {
		if m.link == nil || m.retried || stored[m] == 0 || s.disk.late[m.body] {
			continue
		}
		w := way{m.link, m.room}
		if before := last[w]; before != nil && stored[before] > stored[m] {
			s.fail("fifo", "send %d is stored as %d and send %d, sent later, as %d", before.no, stored[before], m.no, stored[m])
		}
		last[w] = m
	}
}

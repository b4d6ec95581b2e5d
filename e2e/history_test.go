package e2e

import (
	"fmt"
	"slices"
	"time"
)

// history is what all clients of a run did and met, and what the rooms hold at its end.
type history struct {
	sends    []send
	readings []reading
	rooms    map[string]room
}

// send is one message from its first attempt on, however often it was tried. Times count from the start of the run.
type send struct {
	sender   string // a connection's owner: one line of sends, in the order of history.sends
	user     string
	room     string
	clientID string
	content  string
	begun    time.Duration
	acked    time.Duration // of the first ack; 0: none came
	ack      entry         // what the acks said; of it only seq, n, id and clientID
	twice    string        // set when two acks differed: what the second said
	ordered  bool          // no attempt was refused meanwhile, so the sender's order must hold
}

// entry is a message as somebody met it.
type entry struct {
	seq, n                      uint64
	id, clientID, user, content string
}

// reading is all that one reader met of one room.
type reading struct {
	reader string
	room   string
	runs   []run
}

// run is a part of a reading, from a place in the room on. Unless it begins with a reset it must go on where the run
// before it ended.
type run struct {
	reset   bool
	after   uint64
	entries []entry // of an ack in the stream only seq, n, id and clientID are known
}

// room is what a room holds at the end: over REST, and over a fresh socket that resumes from the start.
type room struct {
	epoch string
	head  uint64
	rest  []entry
	fresh []entry
}

// violation is a promise that a history breaks. Rules are: lost, ack, foreign, duplicate, hole, sender order, real time,
// fresh, stream, backwards, behind.
type violation struct{ rule, detail string }

func (v violation) String() string { return v.rule + ": " + v.detail }

// checker holds what is looked up again and again.
type checker struct {
	h     history
	byID  map[string]send             // by client id
	at    map[string]map[uint64]entry // by room and seq, from REST
	found []violation
}

// check returns what of the promises a history breaks: every acknowledged message is there once, where its ack said;
// there is nothing that nobody sent; the numbers have no hole; there is one order for all, which is each sender's own and
// never goes against time; every reader's stream is a piece of it without a hole and ends at its end.
func check(h history) []violation {
	c := &checker{h: h, byID: map[string]send{}, at: map[string]map[uint64]entry{}}
	for _, s := range h.sends {
		if _, twice := c.byID[s.clientID]; twice {
			c.report("duplicate", "the run itself used client id %s twice", s.clientID)
		}
		c.byID[s.clientID] = s
	}
	seen := map[string]string{}
	for name, r := range h.rooms {
		c.numbers(name, r)
		c.contents(name, r, seen)
		c.freshOf(name, r)
		c.realTime(name, r)
	}
	c.acks()
	c.senderOrder()
	for _, r := range h.readings {
		c.stream(r)
	}
	return c.found
}

func (c *checker) report(rule, format string, args ...any) {
	c.found = append(c.found, violation{rule, fmt.Sprintf(format, args...)})
}

// numbers: seq runs from 1 to the head and n beside it, both without a hole. The runs make messages only.
func (c *checker) numbers(name string, r room) {
	c.at[name] = map[uint64]entry{}
	next := uint64(1)
	for _, e := range r.rest {
		if e.seq != next || e.n != next {
			c.report("hole", "%s: seq %d and n %d where %d comes next", name, e.seq, e.n, next)
		}
		next = e.seq + 1
		c.at[name][e.seq] = e
	}
	if next != r.head+1 {
		c.report("hole", "%s ends at %d and says that its head is %d", name, next-1, r.head)
	}
}

// contents: each message was sent, by that person, to that room, with that content; and is there once.
func (c *checker) contents(name string, r room, seen map[string]string) {
	for _, e := range r.rest {
		s, known := c.byID[e.clientID]
		if !known || s.room != name || s.user != e.user || s.content != e.content {
			c.report("foreign", "%s holds %d %q by %s with client id %q, which nobody sent so", name, e.seq, e.content, e.user, e.clientID)
		}
		place := fmt.Sprintf("%s %d", name, e.seq)
		for _, id := range []string{"client id " + e.clientID, "id " + e.id} {
			if other, twice := seen[id]; twice {
				c.report("duplicate", "%s at %s and at %s", id, other, place)
			}
			seen[id] = place
		}
	}
}

func (c *checker) freshOf(name string, r room) {
	if !slices.Equal(r.rest, r.fresh) {
		i := 0
		for i < min(len(r.rest), len(r.fresh)) && r.rest[i] == r.fresh[i] {
			i++
		}
		c.report("fresh", "%s: a fresh socket has %d messages, REST %d; they differ at place %d", name, len(r.fresh), len(r.rest), i)
	}
}

// acks: what was acknowledged is there, under the id and the numbers that the ack gave.
func (c *checker) acks() {
	for _, s := range c.h.sends {
		if s.twice != "" {
			c.report("ack", "%s was acknowledged as %+v and as %s", s.clientID, s.ack, s.twice)
		}
		if s.acked == 0 {
			continue
		}
		e, there := c.at[s.room][s.ack.seq]
		switch {
		case !there || e.clientID != s.clientID && !c.holds(s):
			c.report("lost", "%s in %s was acknowledged at %d and is not there", s.clientID, s.room, s.ack.seq)
		case e.clientID != s.clientID || e.id != s.ack.id || e.n != s.ack.n:
			c.report("ack", "%s in %s was acknowledged as %+v; there stands %+v", s.clientID, s.room, s.ack, e)
		}
	}
}

func (c *checker) holds(s send) bool {
	return slices.ContainsFunc(c.h.rooms[s.room].rest, func(e entry) bool { return e.clientID == s.clientID })
}

// senderOrder: one connection's messages stand in the order in which it sent them. One that sends on before the last is
// acknowledged is held to it as well, unless something was refused on the way.
func (c *checker) senderOrder() {
	places := map[string]uint64{}
	for name, r := range c.h.rooms {
		for _, e := range r.rest {
			places[name+" "+e.clientID] = e.seq
		}
	}
	last := map[string]uint64{}
	for _, s := range c.h.sends {
		place, there := places[s.room+" "+s.clientID]
		if !s.ordered || !there {
			continue
		}
		line := s.sender + " " + s.room
		if place <= last[line] {
			c.report("sender order", "%s stands at %d in %s; %s sent it after the one at %d", s.clientID, place, s.room, s.sender, last[line])
		}
		last[line] = place
	}
}

// realTime: a message that was begun after another had been acknowledged stands behind it.
func (c *checker) realTime(name string, r room) {
	var latest send // of those so far, the one that was begun last
	for _, e := range r.rest {
		s, known := c.byID[e.clientID]
		if !known {
			continue
		}
		if s.acked != 0 && s.acked < latest.begun {
			c.report("real time", "%s: %s was acknowledged before %s was begun, and stands behind it at %d", name, s.clientID, latest.clientID, e.seq)
		}
		if s.begun > latest.begun {
			latest = s
		}
	}
}

// stream: what a reader met is a piece of the room from where it began to the end, each number once and in order.
func (c *checker) stream(r reading) {
	var pos uint64
	for i, u := range r.runs {
		switch {
		case i == 0 || u.reset:
		case u.after < pos:
			c.report("backwards", "%s in %s went on after %d, having been at %d", r.reader, r.room, u.after, pos)
		case u.after > pos:
			c.report("stream", "%s in %s went on after %d, having been at %d", r.reader, r.room, u.after, pos)
		}
		pos = u.after
		for _, e := range u.entries {
			switch {
			case e.seq <= pos:
				c.report("backwards", "%s in %s met %d after %d", r.reader, r.room, e.seq, pos)
			case e.seq != pos+1:
				c.report("stream", "%s in %s met %d after %d", r.reader, r.room, e.seq, pos)
			}
			pos = e.seq
			c.met(r, e)
		}
	}
	if head := c.h.rooms[r.room].head; pos != head {
		c.report("behind", "%s in %s is at %d at the end, the room at %d", r.reader, r.room, pos, head)
	}
}

// met: the reader saw at this number what the room holds there.
func (c *checker) met(r reading, e entry) {
	there := c.at[r.room][e.seq]
	if e.user == "" { // an ack tells neither who nor what
		there.user, there.content = "", ""
	}
	if e != there {
		c.report("stream", "%s in %s met %+v where the room holds %+v", r.reader, r.room, e, there)
	}
}

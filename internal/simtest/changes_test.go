package simtest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// Messages that change: what each of them said at which number, what is told of it, and what clients make of that.

// version is what a message is from a number of its room on.
type version struct {
	seq       uint64
	content   string
	deleted   bool
	pinned    bool
	reactions map[string]int // emoji: people
}

// shown says where a change of a message was first seen by a client; a replay that begins later must not go back behind it.
type shownKey struct {
	room string
	seq  uint64
}

// versions of a message, oldest first; nil when nothing is known of it.
func (d *disk) versions(id string) []version {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.history[id]
}

// noteVersions notes what became of messages. d.mu is held.
func (d *disk) noteVersions(outcomes []chat.Outcome) {
	for _, o := range outcomes {
		if o.Err != nil || o.Again {
			continue
		}
		if m := o.Event.Message; m != nil {
			d.history[m.ID] = []version{{seq: m.Seq, content: m.Content}}
		}
		c := o.Event.Change
		if c == nil || !c.Kind.IsOfMessage() {
			continue
		}
		before := d.history[c.Message]
		v := before[len(before)-1]
		v.seq, v.reactions = c.Seq, maps.Clone(v.reactions)
		switch c.Kind {
		case chat.ChangeEdit:
			v.content = c.Now.Content
		case chat.ChangeDelete:
			v = version{seq: c.Seq, deleted: true}
		case chat.ChangePin, chat.ChangeUnpin:
			v.pinned = c.Kind == chat.ChangePin
		default:
			if v.reactions == nil {
				v.reactions = map[string]int{}
			}
			r := c.Now.Reactions[0]
			if v.reactions[r.Emoji] = r.Count; r.Count == 0 {
				delete(v.reactions, r.Emoji)
			}
		}
		d.history[c.Message] = append(before, v)
	}
}

// at is the version that counts at a number.
func at(versions []version, seq uint64) version {
	v := version{}
	for _, w := range versions {
		if w.seq <= seq {
			v = w
		}
	}
	return v
}

// original is what a message said at first.
func (d *disk) original(m *chat.Message) string {
	if vs := d.versions(m.ID); len(vs) > 0 {
		return vs[0].content
	}
	return m.Content
}

// nowIs says whether m is what its last version says.
func (d *disk) nowIs(m *chat.Message) bool {
	vs := d.versions(m.ID)
	return len(vs) > 0 && m.Content == vs[len(vs)-1].content && m.Deleted == vs[len(vs)-1].deleted
}

// compareMessage: a message says what it said at its number or later, and in a stream that began after a change of it was
// seen, nothing that the change has taken away.
func (s *sim) compareMessage(l *link, f *frame) {
	vs := s.disk.versions(f.ID)
	for i, v := range vs {
		if v.content != f.Content || v.deleted != f.Deleted {
			continue
		}
		next := slices.IndexFunc(vs[i:], func(w version) bool { return w.content != v.content || w.deleted != v.deleted })
		if next < 0 {
			return
		}
		seen, was := s.shown[shownKey{f.Room, vs[i+next].seq}]
		if !was || seen >= l.stream(f.Room).begun {
			return
		}
	}
	l.fail("rewritten", "%s %d says %.40q (deleted: %v), which it does not any more", f.Room, f.Seq, f.Content, f.Deleted)
}

// compareChange: a change tells how the message is at its number or later.
func (s *sim) compareChange(l *link, f *frame, c *chat.Change) {
	if _, was := s.shown[shownKey{f.Room, f.Seq}]; !was {
		s.shown[shownKey{f.Room, f.Seq}] = s.subscriptions
	}
	vs := s.disk.versions(c.Message)
	i := slices.IndexFunc(vs, func(v version) bool { return v.seq == f.Seq })
	if i < 0 || f.Message != c.Message {
		l.fail("stream", "%s %d is about a message that it does not change", f.Room, f.Seq)
		return
	}
	for _, v := range vs[i:] {
		ok := f.Data.Deleted && v.deleted
		switch c.Kind {
		case chat.ChangeEdit:
			ok = ok || !f.Data.Deleted && !v.deleted && f.Data.Content == v.content
		case chat.ChangeDelete:
			ok = v.deleted && f.Data.Content == ""
		case chat.ChangePin, chat.ChangeUnpin:
			ok = ok || !f.Data.Deleted && f.Data.Pinned == v.pinned
		default:
			ok = ok || !f.Data.Deleted && f.Data.Count == v.reactions[f.Data.Emoji]
		}
		if ok {
			return
		}
	}
	l.fail("stream", "%s %d, %s, tells %+v of a message that is %+v", f.Room, f.Seq, f.Kind, f.Data, vs[i:])
}

// holds is what a client has of the messages of a room, by their ids.
type holds map[string]version

// take lets a frame that is the next after the cursor change what is held.
func (h holds) take(f *frame, own *send) {
	m, held := h[f.Message]
	switch {
	case f.Type == "message":
		h[f.ID] = version{content: f.Content, deleted: f.Deleted}
	case f.Type == "ack":
		h[f.ID] = own.asAcked(f)
	case f.Type != "change" || !held || m.deleted:
	case f.Kind == string(chat.ChangeDelete), f.Data.Deleted:
		h[f.Message] = version{deleted: true}
	case f.Kind == string(chat.ChangeEdit):
		m.content = f.Data.Content
		h[f.Message] = m
	case f.Kind == string(chat.ChangePin), f.Kind == string(chat.ChangeUnpin):
		m.pinned = f.Data.Pinned
		h[f.Message] = m
	case f.Data.Emoji != "":
		m.reactions = maps.Clone(m.reactions)
		if m.reactions == nil {
			m.reactions = map[string]int{}
		}
		if m.reactions[f.Data.Emoji] = f.Data.Count; f.Data.Count == 0 {
			delete(m.reactions, f.Data.Emoji)
		}
		h[f.Message] = m
	}
}

// asAcked is what an ack says of a message that the client itself has sent.
func (s *send) asAcked(f *frame) version {
	switch {
	case f.Deleted:
		return version{deleted: true}
	case f.Content != "":
		return version{content: f.Content}
	case s == nil:
		return version{}
	}
	return version{content: s.body}
}

// join takes in a page.
func (h holds) join(p chat.Page) {
	clear(h)
	for _, m := range p.Messages {
		h[m.ID] = versionOf(&m)
	}
}

func versionOf(m *chat.Message) version {
	v := version{content: m.Content, deleted: m.Deleted, pinned: m.Pinned}
	for _, r := range m.Reactions {
		if v.reactions == nil {
			v.reactions = map[string]int{}
		}
		v.reactions[r.Emoji] = r.Count
	}
	return v
}

func (v version) same(w version) bool {
	return v.content == w.content && v.deleted == w.deleted && v.pinned == w.pinned && maps.Equal(v.reactions, w.reactions)
}

// checkHolds: what a client holds is what a fresh load would give it.
func (s *sim) checkHolds(c *client, v *view) {
	for _, id := range slices.Sorted(maps.Keys(v.holds)) {
		vs := s.disk.versions(id)
		if len(vs) == 0 {
			s.fail("converged", "%s holds a message of %s that is not there", c.label, v.room)
			return
		}
		if now := vs[len(vs)-1]; !now.same(v.holds[id]) {
			s.fail("converged", "%s holds of %s %d %+v, and a fresh load gives %+v", c.label, v.room, vs[0].seq, v.holds[id], now)
			return
		}
	}
}

// isAsOf: the messages of a page are as they were at its as_of.
func (s *sim) isAsOf(p chat.Page, room string) {
	for _, m := range p.Messages {
		if v, is := at(s.disk.versions(m.ID), p.AsOf), versionOf(&m); !v.same(is) {
			s.fail("page", "a page of %s as of %d has %d as %+v; it was %+v", room, p.AsOf, m.Seq, is, v)
		}
	}
}

// stored picks a message that somebody has said.
func (s *sim) storedSend() *send {
	for range min(10, len(s.sends)) {
		if m := s.sends[s.rng.IntN(len(s.sends))]; m.acked {
			return m
		}
	}
	return nil
}

// alter changes a message, over a socket of by's if there is one, else aside.
func (s *sim) alter(by chat.Actor, m *send, kind chat.ChangeKind, data map[string]any) {
	c := s.client(func(c *client) bool { return c.live() && c.me == by && (c.fixed == "" || c.fixed == m.room) })
	if c != nil && s.rng.IntN(3) > 0 {
		s.trace.op("%s: %s of %d", c.label, kind, m.no)
		c.link.say(map[string]any{"type": "change", "room": s.call(m.room), "kind": string(kind), "message": m.id, "data": data})
		return
	}
	room, id := s.call(m.room), m.id
	s.change(fmt.Sprintf("%s: %s of %d", by.Name, kind, m.no), func(svc *chat.Service, done func(chat.Outcome)) {
		switch kind {
		case chat.ChangeEdit:
			svc.EditMessage(by, room, id, data["content"].(string), done)
		case chat.ChangeDelete:
			svc.DeleteMessage(by, room, id, "", done)
		case chat.ChangePin, chat.ChangeUnpin:
			svc.Pin(by, room, id, kind == chat.ChangePin, done)
		default:
			svc.React(by, room, id, data["emoji"].(string), kind == chat.ChangeReact, done)
		}
	})
}

func (s *sim) opEdit() {
	if m := s.storedSend(); m != nil {
		s.alter(m.author, m, chat.ChangeEdit, map[string]any{"content": fmt.Sprint("edited ", s.rng.IntN(5), " ", m.no)})
	}
}

func (s *sim) opDelete() {
	if m := s.storedSend(); m != nil {
		s.alter(m.author, m, chat.ChangeDelete, map[string]any{})
	}
}

func (s *sim) opReact() {
	if m := s.storedSend(); m != nil {
		kind := pick(s.rng, chat.ChangeReact, chat.ChangeReact, chat.ChangeUnreact)
		s.alter(pick(s.rng, s.people...), m, kind, map[string]any{"emoji": pick(s.rng, "👍", "🎉")})
	}
}

func (s *sim) opPin() {
	if m := s.storedSend(); m != nil {
		s.alter(pick(s.rng, s.people...), m, pick(s.rng, chat.ChangePin, chat.ChangeUnpin), map[string]any{})
	}
}

// seesFrom is the first entry of a room that somebody sees who was brought in again, in a seed where such people see nothing
// of what was before. 0: all.
func (d *disk) seesFrom(room string, user chat.UserID) uint64 {
	if !d.plan.newcomers {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	rs := d.removal[memberKey{room, user}]
	if len(rs) == 0 || rs[len(rs)-1].removed {
		return 0
	}
	return rs[len(rs)-1].seq
}

// newcomer makes the store hide what was before from somebody who was brought in. d.mu is held.
func (d *disk) newcomer(raw *chattest.Store, c *chat.Change) {
	if d.plan.newcomers && c.Kind == chat.ChangeMemberAdded {
		raw.SeesFrom(c.Room, c.Subject, c.Seq)
	}
}

// origin is the number of the entry that one must have been there for to see e.
func (s *sim) origin(e chat.Event) uint64 {
	switch {
	case e.Message != nil:
		return e.Message.Origin()
	case e.Change.Now != nil:
		return e.Change.Now.Origin()
	}
	return e.Change.Seq
}

// compareSight: a newcomer is shown nothing of what was before, and everybody all the rest.
func (s *sim) compareSight(l *link, f *frame, e chat.Event) {
	from := l.stream(f.Room).sees
	switch {
	case f.Type == "skip" && !s.hides(f.Room, l.c.me.ID, s.origin(e)):
		l.fail("stream", "a skip of %s %d, which they may see", f.Room, f.Seq)
	case f.Type != "skip" && s.origin(e) < from:
		l.fail("hidden", "%s %d is about %d, and they see from %d on", f.Room, f.Seq, s.origin(e), from)
	}
}

// asked notes what counts when a subscription is asked for.
func (s *sim) asked(c *client, p position) position {
	s.subscriptions++
	p.asked, p.sees = s.subscriptions, s.disk.seesFrom(p.Room, c.me.ID)
	return p
}

// hides says whether an entry was hidden from somebody at any time.
func (s *sim) hides(room string, user chat.UserID, seq uint64) bool {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	return s.disk.plan.newcomers && slices.ContainsFunc(s.disk.removal[memberKey{room, user}], func(r removal) bool { return !r.removed && seq < r.seq })
}

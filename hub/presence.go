package hub

import (
	"cmp"
	"slices"
	"time"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// presence knows which users have a session in a topic. Its changes leave through a queue that one goroutine empties
// without locks, so that the callee sees them in order and may call the hub.
type presence struct {
	people  map[string]*person
	queue   []presenceItem
	pumping bool

	timer   *time.Timer // tells what was put off
	armed   bool
	told    time.Time // of the last list, or the last coalesced change
	listDue bool
	joined  map[string]User // put off
	left    map[string]User
}

type person struct {
	user     User
	sessions int
	leaving  *time.Timer // after the last session left: the room is told when it fires
}

// presenceItem is an arrival if session is set, else a change.
type presenceItem struct {
	change  PresenceChange
	session *Session
}

// listPace is the shortest time between two lists, or two coalesced changes, to a whole topic.
const listPace = time.Second

// arrive counts a subscription's user in. t.mu is held.
func (t *topic) arrive(sub *subscription) {
	if sub.hidden {
		return
	}
	u, ps := sub.session.user, &t.presence
	p := ps.people[u.ID]
	switch {
	case p == nil:
		if ps.people == nil {
			ps.people = map[string]*person{}
		}
		ps.people[u.ID] = &person{user: u, sessions: 1}
		t.presenceChanged(u, true)
	default:
		if p.leaving != nil {
			p.leaving.Stop()
			p.leaving = nil
		}
		p.sessions++
	}
	t.tell(presenceItem{session: sub.session, change: PresenceChange{People: t.peopleList(), Count: len(ps.people)}})
}

// depart counts it out: at once, or after a moment in which it may come back. t.mu is held.
func (t *topic) depart(sub *subscription, atOnce bool) {
	if sub.hidden {
		return
	}
	p := t.presence.people[sub.session.user.ID]
	if p == nil {
		return
	}
	if p.sessions--; p.sessions > 0 || fault.Mutant("presence-never-leaves") {
		return
	}
	if grace := t.hub.cfg.Limits.LeaveGrace; grace > 0 && !atOnce {
		p.leaving = time.AfterFunc(grace, func() { t.departed(p) })
		return
	}
	t.gone(p)
}

func (t *topic) departed(p *person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dead && p.sessions == 0 && t.presence.people[p.user.ID] == p {
		t.gone(p)
	}
}

func (t *topic) gone(p *person) {
	delete(t.presence.people, p.user.ID)
	t.presenceChanged(p.user, false)
}

func (ps *presence) stopLeaving() {
	for _, p := range ps.people {
		if p.leaving != nil {
			p.leaving.Stop()
		}
	}
}

// presenceChanged tells of one user, or puts it off in a large topic. t.mu is held.
func (t *topic) presenceChanged(u User, joined bool) {
	ps := &t.presence
	if t.hub.cfg.Presence == nil {
		return
	}
	ps.put(u, joined)
	if len(ps.people) > t.hub.cfg.Limits.PresenceCap {
		t.tellLater()
		return
	}
	c := ps.takeChange(t.name)
	ps.listDue = true
	if time.Since(ps.told) >= listPace {
		t.addList(&c)
	} else {
		t.tellLater()
	}
	t.tell(presenceItem{change: c})
}

// put notes that a user came or went; the one undoes the other.
func (ps *presence) put(u User, joined bool) {
	to, from := &ps.joined, ps.left
	if !joined {
		to, from = &ps.left, ps.joined
	}
	if _, undone := from[u.ID]; undone {
		delete(from, u.ID)
		return
	}
	if *to == nil {
		*to = map[string]User{}
	}
	(*to)[u.ID] = u
}

func (ps *presence) takeChange(topic string) PresenceChange {
	c := PresenceChange{Topic: topic, Joined: byName(ps.joined), Left: byName(ps.left), Count: len(ps.people)}
	clear(ps.joined)
	clear(ps.left)
	return c
}

func byName(users map[string]User) []User {
	if len(users) == 0 {
		return nil
	}
	list := make([]User, 0, len(users))
	for _, u := range users {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b User) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

func (t *topic) addList(c *PresenceChange) {
	c.People = t.peopleList()
	t.presence.told = time.Now()
	t.presence.listDue = false
}

// peopleList is nil in a topic too large for lists.
func (t *topic) peopleList() []User {
	ps := &t.presence
	if len(ps.people) > t.hub.cfg.Limits.PresenceCap {
		return nil
	}
	list := make([]User, 0, len(ps.people))
	for _, p := range ps.people {
		list = append(list, p.user)
	}
	slices.SortFunc(list, func(a, b User) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

func (t *topic) tellLater() {
	ps := &t.presence
	if ps.armed {
		return
	}
	ps.armed = true
	wait := max(0, listPace-time.Since(ps.told))
	if ps.timer == nil {
		ps.timer = time.AfterFunc(wait, t.tellDue)
	} else {
		ps.timer.Reset(wait)
	}
}

// tellDue tells what was put off: a change of a large topic, or the list of a small one.
func (t *topic) tellDue() {
	t.mu.Lock()
	defer t.mu.Unlock()
	ps := &t.presence
	ps.armed = false
	if t.dead {
		return
	}
	large := len(ps.people) > t.hub.cfg.Limits.PresenceCap
	changed := len(ps.joined)+len(ps.left) > 0
	if !changed && (large || !ps.listDue) {
		return
	}
	c := ps.takeChange(t.name)
	c.Coalesced = large
	ps.told = time.Now()
	if !large {
		t.addList(&c)
	}
	t.tell(presenceItem{change: c})
}

// tell queues an item for the pump. t.mu is held.
func (t *topic) tell(it presenceItem) {
	ps := &t.presence
	if t.hub.cfg.Presence == nil {
		return
	}
	ps.queue = append(ps.queue, it)
	if !ps.pumping {
		ps.pumping = t.hub.spawn(t.pump)
	}
}

func (t *topic) pump() {
	ps, to := &t.presence, t.hub.cfg.Presence
	for {
		t.mu.Lock()
		items := ps.queue
		ps.queue = nil
		ps.pumping = len(items) > 0
		t.mu.Unlock()
		if len(items) == 0 {
			return
		}
		for _, it := range items {
			if it.session != nil {
				to.Arrived(it.session, t.name, it.change.People, it.change.Count)
			} else {
				to.Changed(it.change)
			}
		}
	}
}

// People returns who is present in a topic, sorted by name, at most limit of them (nobody if it is below 1), and how many
// there are.
func (h *Hub) People(name string, limit int) ([]User, int) {
	t := h.lookup(name)
	if t == nil {
		return nil, 0
	}
	t.mu.Lock()
	users := make(map[string]User, len(t.presence.people))
	for id, p := range t.presence.people {
		users[id] = p.user
	}
	t.mu.Unlock()
	list := byName(users)
	return list[:max(0, min(limit, len(list)))], len(users)
}

// Count returns how many people are present in a topic.
func (h *Hub) Count(name string) int {
	t := h.lookup(name)
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.presence.people)
}

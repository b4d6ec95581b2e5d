package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	rosterPace = time.Second // the shortest time between two tellings; longer with each thousand of people
	rosterMost = 200         // people in one telling; the others wait for the next
	goneAfter  = time.Second // who comes back before has never been away: pages are reloaded
	noteTime   = 2 * time.Second
)

// roster knows what everybody was told of the state of each person who has an account. A person's state is that of their
// connections together: do not disturb if any says so, else online if they are active on any, else away; offline
// without one. Changes are told together, once a second, and only those that are one by then: somebody who flaps is told once a
// second, somebody who reloads a page not at all. Guests have no state.
type roster struct {
	g    *Gateway
	wake chan struct{} // capacity 1: somebody waits to be told

	mu      sync.Mutex
	people  map[chat.UserID]*whereabouts
	waiting []chat.UserID // whose state may have changed, each once, in the order in which it did
}

// whereabouts is somebody who is connected, or of whom everybody was last told that they are.
type whereabouts struct {
	says    map[*conn]string // what each connection says they do
	left    time.Time        // when the last one ended
	told    string
	waiting bool
}

func newRoster(g *Gateway) *roster {
	return &roster{g: g, wake: make(chan struct{}, 1), people: map[chat.UserID]*whereabouts{}}
}

func (w *whereabouts) state() string {
	state := wire.StateOffline
	for _, says := range w.says {
		switch {
		case says == wire.ActivityDND:
			return wire.StateDND
		case says == wire.ActivityActive:
			state = wire.StateOnline
		case state == wire.StateOffline:
			state = wire.StateAway
		}
	}
	return state
}

// say notes what a connection's person does there. Before the first activity frame that is active.
func (r *roster) say(c *conn, activity string) {
	who := c.identity().User
	if who.Kind == chat.KindGuest {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.people[who.ID]
	if w == nil {
		w = &whereabouts{says: map[*conn]string{}, told: wire.StateOffline}
		r.people[who.ID] = w
	}
	w.says[c] = activity
	r.look(who.ID, w)
}

// leave notes the end of a connection.
func (r *roster) leave(c *conn) {
	id := c.identity().User.ID
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.people[id]
	if w == nil {
		return
	}
	if delete(w.says, c); len(w.says) == 0 {
		w.left = time.Now()
	}
	r.look(id, w)
}

// look has somebody told of if there is anything to tell. r.mu is held.
func (r *roster) look(id chat.UserID, w *whereabouts) {
	if w.waiting || w.state() == w.told && len(w.says) > 0 {
		return
	}
	w.waiting = true
	r.waiting = append(r.waiting, id)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// State returns what everybody was last told of somebody.
func (g *Gateway) State(user chat.UserID) string {
	g.roster.mu.Lock()
	defer g.roster.mu.Unlock()
	if w := g.roster.people[user]; w != nil {
		return w.told
	}
	return wire.StateOffline
}

// run tells of changes until the gateway ends.
func (r *roster) run() {
	for {
		select {
		case <-r.wake:
		case <-r.g.ctx.Done():
			return
		}
		for more := true; more; {
			if !r.g.pause(r.pace()) {
				return
			}
			more = r.tell(rosterMost, goneAfter)
		}
	}
}

func (r *roster) pace() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return rosterPace * time.Duration(1+len(r.people)/1000)
}

// tell tells everybody of at most so many people. Who has been gone for less than grace waits on. more says whether
// somebody waits.
func (r *roster) tell(most int, grace time.Duration) (more bool) {
	states, gone := r.take(most, grace)
	if len(gone) > 0 {
		r.note(states, gone)
	}
	if len(states) > 0 {
		r.g.sendAll(&wire.UserPresence{People: states})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) > 0
}

// take returns the states to be told, and which of those people have gone.
func (r *roster) take(most int, grace time.Duration) (states []wire.PersonState, gone []chat.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting := r.waiting
	r.waiting = nil
	for i, id := range waiting {
		w := r.people[id]
		if len(states) == most {
			r.waiting = append(r.waiting, waiting[i:]...)
			break
		}
		if len(w.says) == 0 && time.Since(w.left) < grace {
			r.waiting = append(r.waiting, id)
			continue
		}
		w.waiting = false
		if state := w.state(); state != w.told {
			w.told = state
			states = append(states, wire.PersonState{UserID: string(id), State: state})
		}
		if len(w.says) == 0 {
			delete(r.people, id)
			gone = append(gone, id)
		}
	}
	return states, gone
}

// note stores when people went, and adds it to the states of those who share it.
func (r *roster) note(states []wire.PersonState, gone []chat.UserID) {
	ctx, cancel := context.WithTimeout(context.Background(), noteTime)
	defer cancel()
	at, sharing, err := r.g.cfg.Service.WentAway(ctx, gone)
	if err != nil {
		r.g.log.Error("when people were last here cannot be stored", "people", len(gone), "err", err)
		return
	}
	shares := make(map[string]bool, len(sharing))
	for _, id := range sharing {
		shares[string(id)] = true
	}
	for i := range states {
		if s := &states[i]; s.State == wire.StateOffline && shares[s.UserID] {
			s.LastSeen = wire.Time{Time: at}
		}
	}
}

// end stores when those went who were here to the end. All connections have ended by then.
func (r *roster) end() { r.tell(len(r.people), 0) }

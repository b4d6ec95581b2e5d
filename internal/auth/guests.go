package auth

import (
	"context"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

const (
	maxGuests = 10000   // who are connected at the same time
	maxEnded  = 100_000 // who have signed out within GuestTTL and are remembered
)

// Names is what is known of names. All functions must be set.
type Names struct {
	Clean    func(name string) (string, error) // brings a name to its stored form, or refuses it
	Skeleton func(name string) string          // the form in which names are compared
	// Taken says whether a member or bot has a name that is this one or looks like it.
	Taken func(ctx context.Context, name string) (bool, error)
}

// Guests knows who is here without an account, by name. A name is held from the first connection of its guest to the
// end of the last. It may be used concurrently.
type Guests struct {
	names Names
	newID func() string

	mu   sync.Mutex
	held map[string]*holding // by skeleton
	// Who has signed out, until their last token has ended by itself; queue has them in that order.
	ended map[chat.UserID]time.Time
	queue []chat.UserID
}

type holding struct {
	id   chat.UserID // "" while the name is reserved for an account that is being made
	uses int
}

// Guest is somebody who is here without an account.
type Guest struct {
	ID    chat.UserID
	Name  string
	Email string // as they gave it, "" for none; nobody else is shown it
}

// NewGuests knows nobody yet. newID makes UUIDs.
func NewGuests(names Names, newID func() string) *Guests {
	return &Guests{names: names, newID: newID, held: map[string]*holding{}, ended: map[chat.UserID]time.Time{}}
}

// Enter lets a new guest in under a name that nobody has. The caller owes leave, once the connection has closed; calling
// it again does nothing. Invalid for a name that nobody may have, Conflict for one in use, Overloaded when the house is full.
func (g *Guests) Enter(ctx context.Context, name string) (guest Guest, leave func(), err error) {
	return g.enter(ctx, "auth.Guests.Enter", Guest{ID: chat.UserID(g.newID()), Name: name})
}

// Return lets a guest in again who has proved to be this one, also while an earlier connection of theirs still stands.
// Conflict when somebody else has the name by now.
func (g *Guests) Return(ctx context.Context, who Guest) (guest Guest, leave func(), err error) {
	return g.enter(ctx, "auth.Guests.Return", who)
}

// enter takes the name first and asks the accounts afterwards, as Reserve does it the other way round: whichever of the
// two comes first is seen by the other.
func (g *Guests) enter(ctx context.Context, op string, who Guest) (Guest, func(), error) {
	name, err := g.names.Clean(who.Name)
	if err != nil {
		return Guest{}, nil, err
	}
	leave, err := g.hold(op, g.names.Skeleton(name), who.ID)
	if err != nil {
		return Guest{}, nil, err
	}
	taken, err := g.names.Taken(ctx, name)
	if err == nil && taken {
		err = inUse(op)
	}
	if err != nil {
		leave()
		return Guest{}, nil, err
	}
	who.Name = name
	return who, leave, nil
}

func inUse(op string) error {
	return chat.Errorf(chat.Conflict, op, "this name is in use: choose another")
}

func (g *Guests) hold(op, skeleton string, id chat.UserID) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.held[skeleton]
	switch {
	case h == nil && len(g.held) >= maxGuests:
		return nil, chat.Errorf(chat.Overloaded, op, "too many guests are here")
	case h == nil:
		h = &holding{id: id}
		g.held[skeleton] = h
	case h.id != id || id == "":
		return nil, inUse(op)
	}
	h.uses++
	return sync.OnceFunc(func() { g.release(skeleton, h) }), nil
}

func (g *Guests) release(skeleton string, h *holding) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if h.uses--; h.uses == 0 {
		delete(g.held, skeleton)
	}
}

// Speaks says whether the guest id may act under name without a connection: nobody else has it now. Conflict otherwise.
func (g *Guests) Speaks(ctx context.Context, id chat.UserID, name string) error {
	_, leave, err := g.enter(ctx, "auth.Guests.Speaks", Guest{ID: id, Name: name})
	if err == nil {
		leave()
	}
	return err
}

// Reserve keeps guests from taking a name while an account is made with it. The caller owes release, once the account
// is stored or refused. Conflict when a guest has the name.
func (g *Guests) Reserve(name string) (release func(), err error) {
	clean, err := g.names.Clean(name)
	if err != nil {
		return nil, err
	}
	return g.hold("auth.Guests.Reserve", g.names.Skeleton(clean), "")
}

// End makes every token of the guest id worthless, for good: it is remembered until the last that can have been made has
// ended. When far too many sign out, those who did so first are forgotten.
func (g *Guests) End(id chat.UserID, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, twice := g.ended[id]; twice {
		return
	}
	for len(g.queue) > 0 && (len(g.queue) >= maxEnded || !now.Before(g.ended[g.queue[0]])) {
		delete(g.ended, g.queue[0])
		g.queue = g.queue[1:]
	}
	g.ended[id] = now.Add(GuestTTL + time.Minute) // a token may just be in the making
	g.queue = append(g.queue, id)
}

// Ended says whether the guest id has signed out.
func (g *Guests) Ended(id chat.UserID, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	until, ok := g.ended[id]
	return ok && now.Before(until)
}

package auth

import (
	"context"
	"sync"

	"github.com/parley-chat/parley/internal/chat"
)

// maxGuests bounds the guests who are connected at the same time.
const maxGuests = 10000

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
}

type holding struct {
	id   chat.UserID // "" while the name is reserved for an account that is being made
	uses int
}

// Guest is somebody who is here without an account.
type Guest struct {
	ID   chat.UserID
	Name string
}

// NewGuests knows nobody yet. newID makes UUIDs.
func NewGuests(names Names, newID func() string) *Guests {
	return &Guests{names: names, newID: newID, held: map[string]*holding{}}
}

// Enter lets a new guest in under a name that nobody has. The caller owes leave, once the connection has closed; calling
// it again does nothing. Invalid for a name that nobody may have, Conflict for one in use, Overloaded when the house is full.
func (g *Guests) Enter(ctx context.Context, name string) (guest Guest, leave func(), err error) {
	return g.enter(ctx, "auth.Guests.Enter", chat.UserID(g.newID()), name)
}

// Return lets a guest in again who has proved to be id, also while an earlier connection of theirs still stands.
// Conflict when somebody else has the name by now.
func (g *Guests) Return(ctx context.Context, id chat.UserID, name string) (guest Guest, leave func(), err error) {
	return g.enter(ctx, "auth.Guests.Return", id, name)
}

// enter takes the name first and asks the accounts afterwards, as Reserve does it the other way round: whichever of the
// two comes first is seen by the other.
func (g *Guests) enter(ctx context.Context, op string, id chat.UserID, name string) (Guest, func(), error) {
	name, err := g.names.Clean(name)
	if err != nil {
		return Guest{}, nil, err
	}
	leave, err := g.hold(op, g.names.Skeleton(name), id)
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
	return Guest{ID: id, Name: name}, leave, nil
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
	_, leave, err := g.enter(ctx, "auth.Guests.Speaks", id, name)
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

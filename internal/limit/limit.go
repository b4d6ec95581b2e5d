// Package limit says how often somebody may do something: token buckets for each person and address, and for tries at
// passwords.
//
// A bucket that has filled up again is as good as a new one and is forgotten, so memory is bounded by who was busy just
// now, and by a fixed number of buckets beyond that.
package limit

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/chat"
)

// Default rates. A guest has half of Sends.
const (
	Sends     = 20  // messages a second and person
	SendBurst = 200 // messages at once
	Joins     = 10  // a second and person, and at once
	Connects  = 20  // a second and address, and at once

	Reads     = 20  // cursor moves a second and person, over sockets and REST together
	ReadBurst = 200 // and at once

	Reactions     = 5   // put on messages and taken back, a second and person
	ReactionBurst = 100 // and at once

	Rooms     = 20               // made by one person at once
	RoomEvery = 30 * time.Second // and then one each

	Profiles     = 20              // changes of what others see of one person, at once
	ProfileEvery = 6 * time.Second // and then one each

	Sockets = 100 // of one person at the same time

	// Frames of whatever kind, a second and connection, and at once. A person in a hundred rooms with all of the other
	// limits used up stays far below.
	Frames     = 100
	FrameBurst = 2000

	// maxBuckets bounds each kind of bucket: about 20 MB.
	maxBuckets = 100_000
)

// Options of a Limiter.
type Options struct {
	Off bool             // no limits at all
	Now func() time.Time // nil: time.Now, whose monotonic reading does not follow a clock that is set back
}

// Limiter keeps the buckets. It is safe for concurrent use.
type Limiter struct {
	off                            bool
	now                            func() time.Time
	sends, guests, joins, connects *buckets
	rooms, reads, registers        *buckets
	profiles, reactions            *buckets
	guesses                        *guesses
}

var _ chat.Limiter = (*Limiter)(nil)

// New returns a Limiter with full buckets.
func New(o Options) *Limiter {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Limiter{
		off: o.Off, now: o.Now,
		sends:     newBuckets(Sends, SendBurst),
		guests:    newBuckets(Sends/2, SendBurst/2),
		joins:     newBuckets(Joins, Joins),
		connects:  newBuckets(Connects, Connects),
		reads:     newBuckets(Reads, ReadBurst),
		reactions: newBuckets(Reactions, ReactionBurst),
		rooms:     newBuckets(rate.Every(RoomEvery), Rooms),
		profiles:  newBuckets(rate.Every(ProfileEvery), Profiles),
		registers: newBuckets(rate.Every(RegisterEvery), Registrations),
		guesses:   newGuesses(),
	}
}

// Send asks for one message of user; see chat.Limiter.
func (l *Limiter) Send(user chat.UserID, kind chat.UserKind) (retryAfter time.Duration, ok bool) {
	if kind == chat.KindGuest {
		return l.ask(l.guests, string(user))
	}
	return l.ask(l.sends, string(user))
}

// Join asks for one subscription of the person or connection named by key.
func (l *Limiter) Join(key string) (retryAfter time.Duration, ok bool) { return l.ask(l.joins, key) }

// Read asks for one move of a cursor of user; see chat.Config.
func (l *Limiter) Read(user chat.UserID) (retryAfter time.Duration, ok bool) {
	return l.ask(l.reads, string(user))
}

// React asks for one reaction of user, put on a message or taken back; see chat.Config.
func (l *Limiter) React(user chat.UserID) (retryAfter time.Duration, ok bool) {
	return l.ask(l.reactions, string(user))
}

// NewRoom asks for one room that user wants to make; see chat.Config.
func (l *Limiter) NewRoom(user chat.UserID) (retryAfter time.Duration, ok bool) {
	return l.ask(l.rooms, string(user))
}

// Profile asks for one change of what others see of user: each is told to everybody.
func (l *Limiter) Profile(user chat.UserID) (retryAfter time.Duration, ok bool) {
	return l.ask(l.profiles, string(user))
}

// Connect asks for one connection from addr. IPv6 addresses of one /64 count as one: that is what one customer has.
func (l *Limiter) Connect(addr netip.Addr) (retryAfter time.Duration, ok bool) {
	return l.ask(l.connects, network(addr).String())
}

// Sockets is how many connections one person may have at the same time; 0 for no limit.
func (l *Limiter) Sockets() int {
	if l.off {
		return 0
	}
	return Sockets
}

// FrameRate is how many frames a second one connection may send; 0 for no limit.
func (l *Limiter) FrameRate() int {
	if l.off {
		return 0
	}
	return Frames
}

func network(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if !addr.Is6() {
		return addr
	}
	p, err := addr.Prefix(64)
	if err != nil {
		return addr
	}
	return p.Addr()
}

func (l *Limiter) ask(b *buckets, key string) (time.Duration, bool) {
	if l.off {
		return 0, true
	}
	return b.take(l.now(), key)
}

// buckets are those of one kind.
type buckets struct {
	rate  rate.Limit
	burst int
	max   int

	mu    sync.Mutex
	keys  map[string]*rate.Limiter
	swept time.Time
}

func newBuckets(perSecond rate.Limit, burst int) *buckets {
	return &buckets{rate: perSecond, burst: burst, max: maxBuckets, keys: map[string]*rate.Limiter{}}
}

// take takes a token from the bucket of key, or says when there will be one.
func (b *buckets) take(now time.Time, key string) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.keys[key]
	if l == nil {
		b.makeRoom(now)
		l = rate.NewLimiter(b.rate, b.burst)
		b.keys[key] = l
	}
	if l.AllowN(now, 1) {
		return 0, true
	}
	missing := 1 - l.TokensAt(now)
	return max(time.Duration(missing/float64(b.rate)*float64(time.Second)), time.Millisecond), false
}

// makeRoom forgets the buckets that are full, about as often as it takes an empty one to fill. If there are too many that
// are not, any one goes.
func (b *buckets) makeRoom(now time.Time) {
	every := time.Duration(float64(b.burst) / float64(b.rate) * float64(time.Second))
	if since := now.Sub(b.swept); since >= every || len(b.keys) >= b.max && since >= time.Second {
		b.swept = now
		for key, l := range b.keys {
			if l.TokensAt(now) >= float64(b.burst) {
				delete(b.keys, key)
			}
		}
	}
	for key := range b.keys {
		if len(b.keys) < b.max {
			return
		}
		delete(b.keys, key)
	}
}

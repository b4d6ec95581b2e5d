package limit

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

// Rates of tries at passwords and of new accounts.
const (
	AccountTries      = 10 // at one account, from one address or one known device: at once
	AccountTriesEvery = 10 * time.Second
	StrangerTries     = 100 // at one account, from all devices that have never signed in to it: at once
	StrangerEvery     = 6 * time.Second
	AddressTries      = 60 // from one address, at whatever accounts: at once, and that many a minute
	AddressTriesEvery = time.Second
	Registrations     = 100 // accounts, guests and looks at invitations from one address: at once
	RegisterEvery     = 6 * time.Second
)

// guesses are the levels of tries at passwords. One lock covers them: a try draws on several levels or on none, so that
// somebody who is held back by one cannot empty the others.
type guesses struct {
	mu                         sync.Mutex
	near, far, known, addr, in *levels
}

func newGuesses() *guesses {
	return &guesses{
		near:  newLevels(AccountTries, AccountTriesEvery),
		far:   newLevels(StrangerTries, StrangerEvery),
		known: newLevels(AccountTries, AccountTriesEvery),
		addr:  newLevels(AddressTries, AddressTriesEvery),
		in:    newLevels(AddressTries, AddressTriesEvery),
	}
}

// draw is one token of a level.
type draw struct {
	from *levels
	key  levelKey
}

// draws are what a try costs. What devices that are known try has an allowance of its own also by address, and each account
// its own: neither a stranger nor a colleague behind the same address uses it up. The last of the draws is the address's.
func (g *guesses) draws(account string, addr netip.Addr, device string) []draw {
	from := network(addr).String()
	if device != "" {
		return []draw{{g.known, keyOf(account, device)}, {g.in, keyOf(account, from)}}
	}
	return []draw{{g.near, keyOf(account, from)}, {g.far, keyOf(account)}, {g.addr, keyOf(from)}}
}

// Guess asks for one try at an account's password from addr. device names a device that is known to have signed in to
// this very account before, "" for none: it draws on a level of its own, which strangers cannot empty. A try that is
// refused costs nothing.
func (l *Limiter) Guess(account string, addr netip.Addr, device string) (retryAfter time.Duration, ok bool) {
	if l.off {
		return 0, true
	}
	l.guesses.mu.Lock()
	defer l.guesses.mu.Unlock()
	now := l.now()
	all := l.guesses.draws(account, addr, device)
	for _, d := range all {
		retryAfter = max(retryAfter, d.from.wait(now, d.key))
	}
	if retryAfter > 0 {
		return retryAfter, false
	}
	for _, d := range all {
		d.from.add(now, d.key, -1)
	}
	return 0, true
}

// GiveBack says that the try which Guess has just allowed was no guess, such as a right password: the account's levels
// get their tokens back. The address's do not, because they bound the hashing that one address can ask for.
func (l *Limiter) GiveBack(account string, addr netip.Addr, device string) {
	if l.off {
		return
	}
	l.guesses.mu.Lock()
	defer l.guesses.mu.Unlock()
	now := l.now()
	all := l.guesses.draws(account, addr, device)
	for _, d := range all[:len(all)-1] {
		d.from.add(now, d.key, 1)
	}
}

// Register asks for one new account, guest or look at an invitation from addr.
func (l *Limiter) Register(addr netip.Addr) (retryAfter time.Duration, ok bool) {
	return l.ask(l.registers, network(addr).String())
}

// levelKey names a level. It is a hash, so that names of any length take the same memory.
type levelKey [16]byte

// keyOf keeps ("a", "bc") and ("ab", "c") apart.
func keyOf(parts ...string) levelKey {
	h := sha256.New()
	for _, p := range parts {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return levelKey(h.Sum(nil)[:16])
}

// level is how many tokens there were at a time.
type level struct {
	tokens float64
	at     time.Time
}

// levels are token buckets that can be looked at before anything is taken, and to which tokens can be given back. They
// are not safe for concurrent use.
type levels struct {
	burst float64
	every time.Duration // one token each
	max   int
	keys  map[levelKey]level
	swept time.Time
}

func newLevels(burst int, every time.Duration) *levels {
	return &levels{burst: float64(burst), every: every, max: maxBuckets, keys: map[levelKey]level{}}
}

// tokens is what there is now. A clock that was set back adds nothing.
func (v *levels) tokens(now time.Time, l level) float64 {
	passed := max(now.Sub(l.at), 0)
	return min(v.burst, l.tokens+float64(passed)/float64(v.every))
}

// wait is how long it takes until there is a token; 0 when there is one.
func (v *levels) wait(now time.Time, key levelKey) time.Duration {
	l, ok := v.keys[key]
	if !ok {
		return 0
	}
	missing := 1 - v.tokens(now, l)
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing*float64(v.every)), time.Millisecond)
}

// add puts n tokens in, or takes them out.
func (v *levels) add(now time.Time, key levelKey, n float64) {
	l, ok := v.keys[key]
	if !ok {
		if n > 0 {
			return // full, and forgotten
		}
		v.makeRoom(now)
		l = level{v.burst, now}
	}
	v.keys[key] = level{min(v.burst, v.tokens(now, l)+n), now}
}

// makeRoom forgets the levels that are full, about as often as it takes an empty one to fill. If there are too many that
// are not, any one goes.
func (v *levels) makeRoom(now time.Time) {
	every := time.Duration(v.burst) * v.every
	if since := now.Sub(v.swept); since >= every || len(v.keys) >= v.max && since >= time.Second {
		v.swept = now
		for key, l := range v.keys {
			if v.tokens(now, l) >= v.burst {
				delete(v.keys, key)
			}
		}
	}
	for key := range v.keys {
		if len(v.keys) < v.max {
			return
		}
		delete(v.keys, key)
	}
}

package limit

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var (
	home   = netip.MustParseAddr("192.0.2.1")
	office = netip.MustParseAddr("198.51.100.1")
)

// stranger is the nth address from which somebody guesses.
func stranger(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

func TestTriesFromOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		ask := func() (time.Duration, bool) { return l.Guess("ann", home, "") }
		if got := passes(50, ask); got != AccountTries {
			t.Errorf("at once: %d, want %d", got, AccountTries)
		}
		after, ok := ask()
		if ok || after <= 0 || after > AccountTriesEvery {
			t.Errorf("empty: %v, %v", after, ok)
		}
		time.Sleep(after)
		if got := passes(5, ask); got != 1 {
			t.Errorf("after retry_after: %d, want 1", got)
		}
		if _, ok := l.Guess("ann", office, ""); !ok {
			t.Error("another address waits for this one")
		}
		if _, ok := l.Guess("bob", home, ""); !ok {
			t.Error("another account waits for this one")
		}
	})
}

func TestTriesOfOneAddressAtManyAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		next := 0
		ask := func() (time.Duration, bool) { next++; return l.Guess(fmt.Sprint("user", next), home, "") }
		if got := passes(1000, ask); got != AddressTries {
			t.Errorf("at once: %d, want %d", got, AddressTries)
		}
		time.Sleep(10 * time.Second)
		if got := passes(1000, ask); got != 10 {
			t.Errorf("in ten seconds: %d, want 10", got)
		}
	})
}

// Attack 41: ten thousand guesses at one account, each from another address.
func TestAttack41StrangersAreSlowedAndTheOwnersDeviceIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		n := 0
		ask := func() (time.Duration, bool) { n++; return l.Guess("ann", stranger(n), "") }
		if got := passes(10_000, ask); got != StrangerTries {
			t.Errorf("at once: %d of 10000, want %d", got, StrangerTries)
		}
		time.Sleep(time.Minute)
		if got := passes(10_000, ask); got != 10 {
			t.Errorf("in a minute: %d of 10000, want 10", got)
		}
		if _, ok := l.Guess("ann", home, ""); ok {
			t.Error("a device that nobody knows is let through under attack")
		}
		device := func() (time.Duration, bool) { return l.Guess("ann", home, "ann's phone") }
		if got := passes(50, device); got != AccountTries {
			t.Errorf("ann's own phone under attack: %d, want %d", got, AccountTries)
		}
		if _, ok := l.Guess("ann", office, "ann's laptop"); !ok {
			t.Error("one device waits for the other")
		}
	})
}

// Attack 41: the guesser sits behind the owner's address.
func TestAttack41AStrangerBehindTheSameAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		n := 0
		passes(1000, func() (time.Duration, bool) { n++; return l.Guess(fmt.Sprint("user", n), home, "") })
		if _, ok := l.Guess("ann", home, ""); ok {
			t.Error("the address is not used up")
		}
		if _, ok := l.Guess("ann", home, "ann's phone"); !ok {
			t.Error("ann's own phone is locked out by a neighbour")
		}
	})
}

// Attack 41: who uses the address up has an account, and a device that is known.
func TestAttack41AColleagueBehindTheSameAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		passes(1000, func() (time.Duration, bool) {
			after, ok := l.Guess("eve", office, "eve's phone")
			if ok {
				l.GiveBack("eve", office, "eve's phone") // the password was right
			}
			return after, ok
		})
		if _, ok := l.Guess("ann", office, "ann's phone"); !ok {
			t.Error("ann's own phone is locked out by a colleague")
		}
	})
}

// Somebody who is held back by one level must not empty another: else one address would lock everybody else out.
func TestAttack41ARefusedTryCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		passes(10_000, func() (time.Duration, bool) { return l.Guess("ann", home, "") })
		n := 0
		got := passes(1000, func() (time.Duration, bool) { n++; return l.Guess("ann", stranger(n), "") })
		if want := StrangerTries - AccountTries; got != want {
			t.Errorf("%d tries were left to others, want %d", got, want)
		}
	})
}

func TestARightPasswordCostsTheAccountNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		for _, device := range []string{"", "phone"} {
			ask := func() (time.Duration, bool) {
				after, ok := l.Guess("ann", home, device)
				if ok {
					l.GiveBack("ann", home, device)
				}
				return after, ok
			}
			if got := passes(1000, ask); got != AddressTries {
				t.Errorf("device %q: %d right ones at once, want %d: the address bounds the hashing", device, got, AddressTries)
			}
			time.Sleep(time.Hour)
			l.GiveBack("ann", home, device) // of nothing that was taken: no more than full
			if got := passes(50, func() (time.Duration, bool) { return l.Guess("ann", home, device) }); got != AccountTries {
				t.Errorf("device %q: %d wrong ones at once, want %d", device, got, AccountTries)
			}
		}
	})
}

// Attack 35: keys are not joined by a separator that a name may hold.
func TestAttack35KeysOfTriesDoNotCollide(t *testing.T) {
	if keyOf("a", "bc") == keyOf("ab", "c") || keyOf("a", "") == keyOf("a") || keyOf("a\x00b") == keyOf("a", "b") {
		t.Error("two keys are one")
	}
}

func TestMemoryOfTriesIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		g := l.guesses
		all := []*levels{g.near, g.far, g.known, g.addr, g.in}
		for _, v := range all {
			v.max = 100
		}
		for i := range 5000 {
			if _, ok := l.Guess(fmt.Sprint("user", i), stranger(i), ""); !ok {
				t.Fatal("a newcomer is refused")
			}
			l.Guess(fmt.Sprint("user", i), stranger(i), "device")
		}
		for i, v := range all {
			if n := len(v.keys); n > 100 {
				t.Errorf("level %d: %d keys", i, n)
			}
		}
		time.Sleep(time.Hour)
		l.Guess("one more", home, "")
		l.Guess("one more", home, "device")
		for i, v := range all {
			if n := len(v.keys); n != 1 {
				t.Errorf("level %d: %d keys an idle hour later", i, n)
			}
		}
	})
}

func TestAClockThatIsSetBackGivesNothing(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	l := New(Options{Now: func() time.Time { return now }})
	ask := func() (time.Duration, bool) { return l.Guess("ann", home, "") }
	passes(50, ask)
	now = now.Add(-24 * time.Hour)
	if _, ok := ask(); ok {
		t.Error("a try was given")
	}
}

func TestRegistrations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		ask := func() (time.Duration, bool) { return l.Register(home) }
		if got := passes(500, ask); got != Registrations {
			t.Errorf("at once: %d, want %d", got, Registrations)
		}
		if _, ok := l.Register(office); !ok {
			t.Error("another address waits for this one")
		}
		time.Sleep(time.Minute)
		if got := passes(500, ask); got != 10 {
			t.Errorf("in a minute: %d, want 10", got)
		}
	})
}

func TestTriesWithoutLimits(t *testing.T) {
	l := New(Options{Off: true})
	if got := passes(5000, func() (time.Duration, bool) { return l.Guess("ann", home, "") }); got != 5000 {
		t.Errorf("%d of 5000", got)
	}
	l.GiveBack("ann", home, "")
	if got := passes(5000, func() (time.Duration, bool) { return l.Register(home) }); got != 5000 {
		t.Errorf("%d of 5000", got)
	}
	if len(l.guesses.near.keys)+len(l.registers.keys) != 0 {
		t.Error("it keeps levels")
	}
}

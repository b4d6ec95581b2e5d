package auth

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/limit"
)

// resetHash is what an operator has set meanwhile.
const resetHash = "$argon2id$set-by-the-operator"

// reset is what the command line does, without the hashing.
func (h *house) reset(t *testing.T, user chat.UserID) {
	t.Helper()
	operator := chat.Operator
	if err := h.chat.SetPassword(t.Context(), user, resetHash, &operator); err != nil {
		t.Error(err)
	}
}

// Who knows the old password changes it at the moment at which the operator sets another one: the operator's stays, and
// nobody who knows the old one has a session.
func TestAttack41AChangeOfPasswordTakesNoResetBack(t *testing.T) {
	for _, when := range []string{"while the new one is hashed", "before the session is opened"} {
		t.Run(when, func(t *testing.T) {
			h := newHouse(t, nil)
			ann := h.member(t, "ann", "", goodPassword)
			who, err := h.byBearer(h.login(t, h.home, "ann", goodPassword).Token)
			if err != nil {
				t.Fatal(err)
			}
			if when == "before the session is opened" {
				h.onEnded = func() { h.reset(t, ann.ID) }
			} else {
				compute, n := h.cfg.Passwords.compute, 0
				h.cfg.Passwords.compute = func(p Params, password string, salt []byte, size uint32) []byte {
					if n++; n == 2 {
						h.reset(t, ann.ID)
					}
					return compute(p, password, salt, size)
				}
			}
			in, err := h.ChangePassword(t.Context(), h.home, who, goodPassword, "evil horse 2")
			if err == nil {
				t.Errorf("the change went through; its session lives: %v", h.lives(t, in))
			}
			if u, err := h.chat.User(t.Context(), ann.ID); err != nil || u.PasswordHash != resetHash {
				t.Errorf("stored is %q, %v", u.PasswordHash, err)
			}
			if left, err := h.chat.Sessions(t.Context(), ann.ID); err != nil || len(left) != 0 {
				t.Errorf("sessions that live: %v, %v", left, err)
			}
		})
	}
}

// Strangers from very many addresses fill the queue before the hashes, which no limit on an address or account prevents.
// Who has signed in on this device before, or is signed in, does not wait in theirs.
func TestAttack41AStormOfStrangersKeepsNobodyOutOnTheirOwnDevice(t *testing.T) {
	h := newHouse(t, nil)
	h.member(t, "ann", "", goodPassword)
	first := h.login(t, h.home, "ann", goodPassword)
	h.cfg.Passwords.waiting.Store(maxQueue)
	if _, err := h.Login(t.Context(), h.home, "ann", goodPassword); chat.CodeOf(err) != chat.Overloaded {
		t.Errorf("a stranger: %v", err)
	}
	phone := h.home
	phone.Device = first.Device
	in, err := h.Login(t.Context(), phone, "ann", goodPassword)
	if err != nil {
		t.Fatalf("ann's own phone: %v", err)
	}
	who, err := h.byBearer(in.Token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ChangePassword(t.Context(), phone, who, goodPassword, goodPassword+"!"); err != nil {
		t.Errorf("a change of password: %v", err)
	}
	if n := h.cfg.Passwords.inner.Load(); n != 0 {
		t.Errorf("%d wait for ever", n)
	}
}

// Strangers behind the same address have used up its tries: who is signed in changes their password all the same, and
// guesses at it no faster than a stranger does.
func TestAttack41NeighboursKeepNobodyFromChangingTheirPassword(t *testing.T) {
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
	h.member(t, "ann", "", goodPassword)
	who, err := h.byBearer(h.login(t, h.home, "ann", goodPassword).Token)
	if err != nil {
		t.Fatal(err)
	}
	for n := range limit.AddressTries {
		_, _ = h.Login(t.Context(), h.home, fmt.Sprint("user", n), "wrong horse")
	}
	if _, err := h.Login(t.Context(), h.home, "ann", goodPassword); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("the address is not used up: %v", err)
	}
	for range limit.AccountTries - 1 {
		if _, err := h.ChangePassword(t.Context(), h.home, who, "wrong horse", "battery staple"); chat.CodeOf(err) != chat.Forbidden {
			t.Fatalf("a wrong one: %v", err)
		}
	}
	in, err := h.ChangePassword(t.Context(), h.home, who, goodPassword, "battery staple")
	if err != nil {
		t.Fatal(err)
	}
	if who, err = h.byBearer(in.Token); err != nil {
		t.Fatal(err)
	}
	for n := range limit.AccountTries + 1 {
		_, err := h.ChangePassword(t.Context(), h.home, who, "wrong horse", "battery staple")
		if want := map[bool]chat.Code{true: chat.RateLimited, false: chat.Forbidden}[n == limit.AccountTries]; chat.CodeOf(err) != want {
			t.Errorf("guess %d: %v, want %s", n, err, want)
		}
	}
}

// A device that is known is next, however many strangers wait.
func TestAttack41AKnownDeviceOvertakesStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPasswords(cheap)
		var mu sync.Mutex
		var order []string
		var wg sync.WaitGroup
		enter := func(who string, p *Passwords) {
			wg.Go(func() {
				leave, err := p.enter(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Second)
				mu.Lock()
				order = append(order, who)
				mu.Unlock()
				leave()
			})
			synctest.Wait()
		}
		for range maxQueue {
			enter("stranger", p)
		}
		enter("known", p.known())
		wg.Wait()
		if at := slices.Index(order, "known"); at > 2*cap(p.slots) || len(order) != maxQueue+1 {
			t.Errorf("%d of %d strangers were before", at, maxQueue)
		}
	})
}

package auth

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// A token that has expired stays so when the wall clock is set back, and one that lives goes on living.
func TestClockThatIsSet(t *testing.T) {
	c := newClock()
	var passed time.Duration
	wait := func(d time.Duration) { c.t, passed = c.t.Add(d), passed+d }
	tokens, err := NewTokens(testKey, steady(c.now, func() time.Duration { return passed }))
	if err != nil {
		t.Fatal(err)
	}
	valid := func(raw string) bool {
		_, err := tokens.ParseAccess(raw)
		if err != nil && chat.CodeOf(err) != chat.Unauthenticated {
			t.Fatal(err)
		}
		return err == nil
	}
	issue := func() string {
		raw, _, err := tokens.Access(someUser, someSession, AccessTTL)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	old := issue()
	wait(AccessTTL)
	if valid(old) {
		t.Fatal("it does not expire")
	}
	c.t = c.t.Add(-time.Hour)
	if valid(old) {
		t.Error("a clock that was set back by an hour revives an expired token")
	}
	fresh := issue()
	if !valid(fresh) {
		t.Error("no token lives on a clock that was set back")
	}
	wait(AccessTTL)
	if valid(fresh) {
		t.Error("a token of a clock that was set back does not expire")
	}
	fresh = issue()
	c.t = c.t.Add(2 * time.Hour) // forward, or the machine slept
	if valid(fresh) {
		t.Error("a clock that was set forward is not followed")
	}
}

func TestSystemClock(t *testing.T) {
	now := systemClock()
	before := time.Now().Round(0)
	if got := now(); got.Before(before) || got.After(time.Now().Round(0).Add(time.Minute)) {
		t.Errorf("it is %v, not %v", got, before)
	}
}

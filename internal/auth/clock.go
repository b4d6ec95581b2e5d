package auth

import (
	"time"

	"github.com/parley-chat/parley/internal/fault"
)

// steady is a clock that shows the wall clock's time, but at least what it showed when it was made plus what has passed
// since. So a wall clock that is set back revives no token that has expired meanwhile; one that is set forward, or that
// went on while the machine slept, is followed.
func steady(wall func() time.Time, passed func() time.Duration) func() time.Time {
	begun := wall()
	return func() time.Time {
		now, least := wall(), begun.Add(passed())
		if now.Before(least) {
			return least
		}
		return now
	}
}

// systemClock is a steady clock of this process.
func systemClock() func() time.Time {
	begun := time.Now()
	// Without its monotonic reading a time is compared by the wall clock.
	wall := func() time.Time { return time.Now().Round(0).Add(fault.ClockOffset()) }
	return steady(wall, func() time.Duration { return time.Since(begun) })
}

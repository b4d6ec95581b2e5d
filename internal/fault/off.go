//go:build !faults

package fault

import "time"

// Enabled says whether this program was built with the tag faults.
const Enabled = false

// Mutant says whether the mistake of this name is to be made: never.
func Mutant(string) bool { return false }

// Point is a place where the process can be made to die.
func Point(string) {}

// ClockOffset is what the wall clock is to be set forward by: nothing.
func ClockOffset() time.Duration { return 0 }

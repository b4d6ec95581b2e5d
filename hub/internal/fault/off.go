//go:build !faults

package fault

// Enabled says whether this program was built with the tag faults.
const Enabled = false

// Mutant says whether the mistake of this name is to be made: never.
func Mutant(string) bool { return false }

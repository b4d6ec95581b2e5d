//go:build !faults

package chat

// mutants says which mistakes are to be made: none.
type mutants func(name string) bool

func (mutants) on(string) bool { return false }

//go:build faults

package chat

// mutants says which mistakes are to be made: those that Config.Mutant names.
type mutants func(name string) bool

func (m mutants) on(name string) bool { return m != nil && m(name) }

// Package fault is where the product can be made to fail on purpose, to see that the tests notice: mistakes in its code
// (mutants), places where the process dies (points), and a wall clock that jumps.
//
// It is there with the build tag faults alone. Without the tag everything here is a constant or an empty function, which
// the compiler removes together with what it guards; a test compares the machine code. With the tag a program
// behaves as without it until a variable of its environment says otherwise:
//
//	PARLEY_MUTANT=name,name     make these mistakes; mutants.go lists them
//	PARLEY_FAIL_AT=point:N      die by SIGKILL when the point is reached for the N-th time
//	PARLEY_CLOCK_FILE=path      set the wall clock forward or back by the Go duration in this file, which may change
//
// hub/internal/fault is the part of it that the hub needs, which is a library of its own. chat, which imports the standard
// library only, is handed Mutant in its Config.
package fault

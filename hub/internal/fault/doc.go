// Package fault switches mistakes on in the hub and its WebSocket server, to see that the tests notice them. Without the
// build tag faults Enabled is a constant false and Mutant a function that the compiler removes together with what
// it guards.
//
// It is internal/fault once more in a few lines, for the hub is a library that imports the standard library only.
package fault

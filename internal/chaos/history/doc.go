// Package history is what a run of the checker leaves behind: each client's operations, the faults, the measurements and
// the dumps, as JSON lines that are written while the run goes on. A run that was cut off can be judged by them.
//
// A file holds what one client did, in the order in which it did it; its first record says who it is. Times are
// nanoseconds from the start of the run on one monotonic clock, so that they can be compared across files.
//
// What was asked and what was answered are two records: a send whose client died in between is there, without an answer.
package history

//go:build race

package simtest

// raceEnabled says that the race detector watches, and slows everything down.
const raceEnabled = true

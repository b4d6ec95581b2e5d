//go:build race

package websocket

// raceEnabled: sync.Pool then forgets on purpose, so that allocations cannot be counted.
const raceEnabled = true

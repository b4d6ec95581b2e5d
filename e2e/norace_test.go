//go:build !race

package e2e

// raceDetector says that the tests, and so the binary, have the race detector.
const raceDetector = false

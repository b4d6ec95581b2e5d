// Package e2e holds the tests that start the real parley binary and speak to it from outside: over HTTP, over WebSockets
// by a client that shares no code with the server, with signals, and with full disks.
//
// What has to be true of every run, however often the server is killed, stands in history_test.go as a function from a
// recorded history to the promises it breaks. The kill test records one and asks it; check_test.go proves that it notices.
//
// The binary is built once per run, with the race detector in make soak. The kill test prints its seed; it takes
// one with -seed, which repeats the plan (who sends where, when the server dies) but not the interleaving.
package e2e

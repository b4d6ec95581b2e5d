// Package chaos tries to break what Parley promises, from outside: it starts real server processes, lets a crowd of its own
// clients send, read, come and go, does to processes, connections and disks what the world does to them, then leaves the
// server in peace and compares what every client was told with what is there.
//
// The clients share no code with the product: WebSocket and JSON are all they know. Each writes down what it asked and what
// it was answered (package history); the promises are functions of those records (package property). An answer that does
// not come is unknown, never a failure: the message is sent again with the same client id until it is certain.
//
// The seed decides the plan: which faults, when, how long; who is in which rooms; how long messages are. It does not decide
// how the operating system schedules processes, so the same seed is the same attack and not the same run.
package chaos

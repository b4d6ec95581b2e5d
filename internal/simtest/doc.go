// Package simtest runs many clients against the whole server in one process, under virtual time, and checks what it
// promises. It has no code but tests.
//
// One run belongs to one seed. The seed gives the people, the limits of the hub, the weights of the operations, each
// operation, and how long each read, commit and publication takes and how it fails. The gateway's connections, the hub,
// the service and its committer are the real ones; the store is chattest's behind a wrapper that delays and breaks, the
// sockets are pipes in memory that can stall, be cut inside a frame, or go silent. The whole process crashes
// and comes back with what the store had committed.
//
// The clients follow "Keeping in step" of docs/protocol.md and believe nothing: each frame is compared with the store and with
// the place in the stream where it must stand. Once in a while, and at the end when everything has been healed, what was
// acknowledged is compared with what is stored. check_test.go names the promises.
//
//	go test ./internal/simtest                                   the usual seeds, in the order 1, 2, 3, …
//	go test ./internal/simtest -simtest.runs 20000 -timeout 1h   soak: that many seeds from a random first one, which is printed
//	go test ./internal/simtest -simtest.seed 77 -v               one seed again, with its trace
//
// # What a seed determines
//
// Every operation waits until the server has nothing left to do at that instant, and everything that takes time takes its own
// number of nanoseconds. So what a client has received at each moment depends on the seed alone, and a failing seed
// fails again; a test compares the traces of two runs. One seed in eight is "racing": there the server's
// goroutines meet within one instant, as the scheduler likes. Such a seed repeats its operations, faults and times, but
// perhaps not the interleaving; run it a few times (-count). The same holds from where a session was closed as slow: how
// much of its queue had gone by then depends on where join and leave frames stood in it; and acknowledgements that come beside a
// stream within one instant have no order among themselves. With -race some more seeds can differ: the
// detector shuffles goroutines.
//
// Each operation draws from randomness of its own, so that operations can be left out. That is how a failing schedule is made
// short (shrink_test.go): the short one is printed with the command that runs it again.
//
// The checks are checked, too: a run can be told to break one promise (mutants_test.go), and must then fail. With the build
// tag faults so can the product's own code (product_mutants_test.go); docs/testing.md tells how all of it is used.
package simtest

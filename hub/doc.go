// Package hub delivers numbered messages to many connections: it is the engine under Parley's rooms, and nothing in it
// knows what a chat is.
//
// A topic is a log: entries numbered 1, 2, 3, … that are readable from a [Log] before they are published. A [Session]
// is one connection of one user. It subscribes to topics, and for each of them it meets every number exactly once and in
// order, from the position it names or from the head on.
//
// # Invariants
//
// Live, late, lost and resumed entries are one mechanism. A subscription has a position. The only thing that ever
// happens to it is that the entry after its position is queued and the position moves on by one, or that the
// position is declared void with a reset. So there is no hole, no repetition and no reordering to be mended anywhere else.
//
// A published entry is taken by the topic when it is the next. A lower number is dropped, a higher one held for a moment
// and then the gap is read from the Log. What does not fit into a topic's memory is not kept: it is read from the Log later.
//
// The acknowledgement of a send stands in the stream at its entry's place: the session on which the send is open
// gets the ack there instead of the entry. So an ack never overtakes what came before it.
//
// A slow reader harms only itself. Nothing here waits for a connection: a session has a bounded queue, and one that
// does not keep up is closed with a code, to resume later.
//
// # Locks
//
// Hub.mu comes before topic.mu, which comes before Session.mu. Log, Bus, Presence and Config.Evicted are called
// with none of them held. Transport.Write and TryWrite are called without a lock, by the one goroutine that writes the
// session at that time; Encoder, Transport.FrameEnd and CloseFrame are called under locks and must not call the hub.
package hub

// Package hubtest helps to test programs that are built on package hub: a [Peer] is the far end of a connection inside the
// process, and [RunLogSuite] and [RunBusSuite] hold a Log and a Bus to their contracts.
//
// Frames are lines here: each ends with a newline and holds no other, so that what a session was sent reads as text.
// Everything works in real time and inside a testing/synctest bubble.
package hubtest

import (
	"fmt"

	"github.com/parley-chat/parley/hub"
)

// Frame is a line as a frame of a [Peer].
func Frame(format string, args ...any) []byte { return fmt.Appendf(nil, format+"\n", args...) }

// Encoder says what a hub has to say in lines: "subscribed room 5", "reset room 7", "skip room 3".
type Encoder struct{}

// Subscribed implements hub.Encoder.
func (Encoder) Subscribed(topic string, p hub.Position, _ uint64) []byte {
	return Frame("subscribed %s %d", topic, p.Seq)
}

// Reset implements hub.Encoder.
func (Encoder) Reset(topic string, p hub.Position, _ uint64) []byte {
	return Frame("reset %s %d", topic, p.Seq)
}

// Skip implements hub.Encoder.
func (Encoder) Skip(topic string, seq uint64) []byte { return Frame("skip %s %d", topic, seq) }

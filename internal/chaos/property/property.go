// Package property is what Parley promises, as functions of a history. Each stands in its own file and knows nothing but the
// records: not how they came to be, and not the product.
//
// A property that finds nothing has held in this run, which is all that a run can say. A property whose subject the run
// did not have is not judged, and never counts as held.
package property

import (
	"fmt"
	"strings"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// Violation is one place in a history where a promise was broken.
type Violation struct {
	Client   string `json:"client,omitempty"`
	Room     string `json:"room,omitempty"`
	Seq      uint64 `json:"seq,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	At       int64  `json:"at_ns,omitempty"` // by the run's clock
	Detail   string `json:"detail"`
}

func (v Violation) String() string {
	var b strings.Builder
	if v.At > 0 {
		fmt.Fprintf(&b, "%.3fs ", float64(v.At)/1e9)
	}
	if v.Client != "" {
		b.WriteString(v.Client + ": ")
	}
	if v.Room != "" {
		b.WriteString(v.Room + " ")
	}
	if v.Seq > 0 {
		fmt.Fprintf(&b, "%d ", v.Seq)
	}
	if v.ClientID != "" {
		b.WriteString(v.ClientID + " ")
	}
	return b.String() + v.Detail
}

// Property is one promise.
type Property struct {
	Number   int
	Name     string
	NotYet   string // why there is no subject for it so far; then it has no Check
	NeedsEnd bool   // it speaks of the dumps, or of what was settled
	Check    func(h *history.History) []Violation
	Needs    func(h *history.History) string // why this run has no subject for it; nil: every run has
}

// Blind says why this run has no subject for the property; "": it has.
func (p Property) Blind(h *history.History) string {
	if p.Needs == nil {
		return ""
	}
	return p.Needs(h)
}

// All are the properties in their order.
var All = []Property{
	{Number: 0, Name: "every answer is one that the protocol allows", Check: Expected},
	{Number: 1, Name: "whatever was acknowledged is there", NeedsEnd: true, Check: AcksAreThere},
	{Number: 2, Name: "nothing is there that nobody sent, and nothing is altered", NeedsEnd: true, Check: NothingForeign},
	{Number: 3, Name: "a client id makes one message", NeedsEnd: true, Check: OncePerClientID},
	{Number: 4, Name: "numbers have no hole; SQL, REST and a socket show the same", NeedsEnd: true, Check: NoHoles},
	{Number: 5, Name: "every stream is a whole piece of the room between resets", NeedsEnd: true, Check: WholeStreams},
	{Number: 6, Name: "nobody goes back in time", Check: NeverBackwards},
	{Number: 7, Name: "a sender's messages keep their order", NeedsEnd: true, Check: SenderOrder},
	{Number: 8, Name: "whoever reads after an acknowledgement sees it", NeedsEnd: true, Check: ReadAfterAck},
	{Number: 9, Name: "one order agrees with real time (porcupine)", NeedsEnd: true, Check: OneOrder},
	{Number: 10, Name: "who is there converges", NeedsEnd: true, Check: Presence},
	{Number: 11, Name: "cursors and unread counts converge", NeedsEnd: true, Check: UnreadConverges},
	{Number: 12, Name: "who was taken out sees nothing later", Check: RemovedSeeNothing, Needs: somebodyRemoved},
	{Number: 13, Name: "webhooks come at least once, twice with the same id", NotYet: "there are no webhooks"},
	{Number: 14, Name: "goroutines, descriptors and heap go back", NeedsEnd: true, Check: GivesBack, Needs: measured},
	{Number: 15, Name: "sends succeed soon after healing", Check: LivesAgain, Needs: wasHealed},
	{Number: 16, Name: "changed messages are shown as they are now", NeedsEnd: true, Check: ChangesHold, Needs: somethingChanged},
}

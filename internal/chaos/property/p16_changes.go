package property

import (
	"fmt"
	"math"
	"slices"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// ChangesHold checks this: in the end every dump has of each message what the last change of it made of it, and nothing of one that
// was deleted; the database and REST have the reactions that were given and not taken back; a page or a stream that was begun after a change was certain does not tell what the message said before; and
// every change is answered with certainty in the end.
func ChangesHold(h *history.History) []Violation {
	var found []Violation
	for room, dumps := range h.Dumps {
		for source, d := range dumps {
			for _, e := range d.Entries {
				m := h.ByID[e.ClientID]
				if m != nil && source != history.Socket {
					found = append(found, reactions(m, &e, source)...)
				}
				if m != nil && len(m.Changes) > 0 && !slices.Contains(m.Shows(math.MaxInt64), e.Hash) {
					found = append(found, Violation{Client: m.Client, Room: room, Seq: e.Seq, ClientID: e.ClientID, Detail: fmt.Sprintf("is %s in %s, %s", e.Hash, source, last(m))})
				}
			}
		}
	}
	for _, c := range h.Clients {
		if c.Form != "dump" && c.Form != "nemesis" {
			found = append(found, outdated(h, c)...)
		}
	}
	return append(found, unanswered(h)...)
}

// reactions compares those that a dump has of a message with what became of each.
func reactions(m *history.Message, e *history.Op, source string) []Violation {
	var found []Violation
	report := func(reaction, what string) {
		found = append(found, Violation{Client: m.Client, Room: m.Room, Seq: e.Seq, ClientID: m.ClientID, Detail: fmt.Sprintf("the reaction %q %s in %s", reaction, what, source)})
	}
	may, must := m.Reacts()
	for _, r := range e.Users {
		if !slices.Contains(may, r) {
			report(r, "stands")
		}
	}
	for _, r := range must {
		if !slices.Contains(e.Users, r) {
			report(r, "is missing")
		}
	}
	return found
}

// last says what is known of a message's text.
func last(m *history.Message) string {
	text := "which was sent as " + m.Hash
	for _, a := range m.Changes {
		if a.Speaks() && a.Done != 0 {
			text = fmt.Sprintf("of which %s to %s was certain at %.3fs", a.Code, a.Hash, float64(a.Done)/1e9)
		}
	}
	return text
}

// outdated finds what a client was shown of messages that had been changed before it began to look. What a room's own socket
// begins with was asked for by opening the socket.
func outdated(h *history.History, c *history.Client) []Violation {
	var found []Violation
	var opened int64
	begun := map[string]int64{}
	for _, op := range c.Ops {
		switch {
		case op.Op == history.Open:
			opened = op.Invoke
		case op.Op == history.Subscribe && c.Form == "room-socket":
			begun[op.Room] = opened
		case op.Op == history.Subscribe || op.Op == history.Page:
			begun[op.Room] = op.Invoke
		case op.Op == history.Entry && (op.Form == "message" || op.Form == "page"):
			m := h.ByID[op.ClientID]
			if m != nil && len(m.Changes) > 0 && !slices.Contains(m.Shows(begun[op.Room]), op.Hash) {
				found = append(found, Violation{
					Client: c.Name, Room: op.Room, Seq: op.Seq, ClientID: op.ClientID, At: op.Return,
					Detail: fmt.Sprintf("was told as %s by what was asked for at %.3fs, %s", op.Hash, float64(begun[op.Room])/1e9, last(m)),
				})
			}
		}
	}
	return found
}

// unanswered finds the changes of which nobody ever learned what became of them.
func unanswered(h *history.History) []Violation {
	var found []Violation
	for _, m := range h.Sends {
		for _, a := range m.Changes {
			if a.Done == 0 && a.Failed == 0 {
				found = append(found, Violation{Client: m.Client, Room: m.Room, ClientID: m.ClientID, At: a.Invoke, Detail: fmt.Sprintf("%s was tried %d times and never answered", a.Code, a.Attempts)})
			}
		}
	}
	return found
}

// somethingChanged is why a run has no subject for ChangesHold.
func somethingChanged(h *history.History) string {
	for _, m := range h.Sends {
		for _, a := range m.Changes {
			if a.Speaks() && a.Done != 0 {
				return ""
			}
		}
	}
	return "no message was changed in this run"
}

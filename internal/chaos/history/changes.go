package history

import "slices"

// What can be done to a message.
const (
	Edit    = "edit"
	Delete  = "delete"
	React   = "react"
	Unreact = "unreact"
)

// Alteration is one change of a message from its first attempt on, however often it was tried.
type Alteration struct {
	Op // of the first attempt

	Done     int64 // Return of the Ok; 0: none came
	Attempts int
	Failed   int // attempts that were certainly refused
	// Late: the outcome of an attempt is unknown. It may take effect at any time, even behind the change after it.
	Late bool
}

// Refused says that it can be known to have changed nothing.
func (a *Alteration) Refused() bool { return a.Failed == a.Attempts }

// Speaks says that it is about what the message says.
func (a *Alteration) Speaks() bool { return a.Code == Edit || a.Code == Delete }

// Reaction is how a dump writes that somebody reacts to a message.
func Reaction(emoji, user string) string { return emoji + " " + user }

// Reacts are the reactions that the message may have in the end, and of those the ones that it must have. Its own client alone
// reacts to it.
func (m *Message) Reacts() (may, must []string) {
	type state struct{ on, off bool } // which of the two it may be
	now, late, gone := map[string]state{}, map[string]state{}, false
	for _, a := range m.Changes {
		to := state{on: a.Code == React, off: a.Code == Unreact}
		switch {
		case a.Refused() || a.Code == Edit:
		case a.Code == Delete && a.Done != 0:
			return nil, nil
		case a.Code == Delete:
			gone = true
		case a.Done == 0:
			before, known := now[a.Detail]
			now[a.Detail] = state{before.on || to.on, before.off || to.off || !known}
		default:
			now[a.Detail] = to
			if a.Late {
				late[a.Detail] = state{late[a.Detail].on || to.on, late[a.Detail].off || to.off}
			}
		}
	}
	for emoji, s := range now {
		if s.on || late[emoji].on {
			may = append(may, Reaction(emoji, m.User))
		}
		if s.on && !s.off && !late[emoji].off && !gone {
			must = append(must, Reaction(emoji, m.User))
		}
	}
	return may, must
}

// indexChanges expects each change to be certain before its client begins the next, and its message to be its client's.
func (h *History) indexChanges(c *Client) {
	var open *Alteration
	for _, op := range c.Ops {
		switch {
		case op.Op == Change && open != nil && open.ID == op.ID && open.Code == op.Code && open.Hash == op.Hash && open.Detail == op.Detail:
			open.Attempts++
		case op.Op == Change:
			if open != nil {
				open.Late = true
			}
			open = &Alteration{Op: op, Attempts: 1}
			if m := h.ByID[op.ClientID]; m != nil {
				m.Changes = append(m.Changes, open)
			}
		case op.Op == Changed && open != nil && op.Result == Unknown:
			open.Late = true
		case op.Op == Changed && open != nil:
			if op.Result == Ok {
				open.Done = op.Return
			} else {
				open.Failed++
			}
			open = nil
		}
	}
	if open != nil {
		open.Late = true
	}
}

// Said is true when the message may have said this at some time: what was sent, or what a change made of it.
func (m *Message) Said(hash string) bool {
	return hash == m.Hash || slices.ContainsFunc(m.Changes, func(a *Alteration) bool { return a.Speaks() && !a.Refused() && a.Hash == hash })
}

// Shows are the hashes of what the message may say to whoever begins to look at this time. What was certainly changed before
// does not say what it said; what was certainly deleted says nothing ever after.
func (m *Message) Shows(begun int64) []string {
	now, late := []string{m.Hash}, []string(nil)
	for _, a := range m.Changes {
		switch {
		case !a.Speaks() || a.Refused():
			continue
		case a.Done == 0 || a.Done >= begun:
			now = append(now, a.Hash)
		case a.Code == Delete:
			return []string{a.Hash}
		default:
			now = []string{a.Hash}
		}
		if a.Late {
			late = append(late, a.Hash)
		}
	}
	return append(now, late...)
}

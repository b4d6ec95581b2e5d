package history

import (
	"cmp"
	"slices"
)

// The sources of dumps.
const (
	SQL    = "sql"
	REST   = "rest"
	Socket = "socket"
)

// Sources are the three dumps that a whole run has of each room.
var Sources = []string{SQL, REST, Socket}

// History is a whole run. After Clients was changed, Index must be called.
type History struct {
	Meta    Meta
	Clients []*Client

	// By Index:
	Dumps map[string]map[string]*RoomDump // by room and source
	Sends []*Message                      // each client's in its order
	ByID  map[string]*Message             // by client id
}

// Client is one client's records in their order.
type Client struct {
	Name, User, Form string
	Ops              []Op
}

// RoomDump is a room as one source shows it at the end. What SQL has is in the order of its numbers, the others in the
// order in which they came.
type RoomDump struct {
	Head    Op // of Kind Dump
	Entries []Op

	bySeq map[uint64]*Op
}

// At returns the entry with this number; nil: there is none.
func (d *RoomDump) At(seq uint64) *Op {
	if d == nil {
		return nil
	}
	return d.bySeq[seq]
}

func (d *RoomDump) index(source string) {
	if source == SQL {
		slices.SortStableFunc(d.Entries, func(a, b Op) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	d.bySeq = make(map[uint64]*Op, len(d.Entries))
	for i := range d.Entries {
		d.bySeq[d.Entries[i].Seq] = &d.Entries[i]
	}
}

// Message is one message from its first attempt on, however often it was tried.
type Message struct {
	Client, User, Room, ClientID, Hash string

	Place    int   // among its client's messages
	Invoke   int64 // of the first attempt
	Acked    int64 // Return of the first Ok; 0: none came
	Attempts int
	Answers  []Op
	Twice    bool // the run itself used the client id for two messages
	// Loose: something was refused, to be tried again, while it was open beside others of its client: their order is not
	// promised.
	Loose bool
	// Changes of it, in the order in which they were asked for: each was certain before the next began.
	Changes []*Alteration
}

// Refused says that it can be known not to have been stored: every attempt was answered, and with a failure.
func (m *Message) Refused() bool {
	if len(m.Answers) == 0 || len(m.Answers) != m.Attempts {
		return false
	}
	return !slices.ContainsFunc(m.Answers, func(a Op) bool { return a.Result != Fail })
}

// Resolved says that it was answered with certainty.
func (m *Message) Resolved() bool { return m.Acked != 0 || m.Refused() }

// Index works out what the records say together.
func (h *History) Index() {
	h.Dumps, h.Sends, h.ByID = map[string]map[string]*RoomDump{}, nil, map[string]*Message{}
	for _, c := range h.Clients {
		h.indexSends(c)
		h.indexChanges(c)
		for _, op := range c.Ops {
			switch op.Op {
			case Dump:
				h.dump(op).Head = op
			case Dumped:
				d := h.dump(op)
				d.Entries = append(d.Entries, op)
			}
		}
	}
	for _, dumps := range h.Dumps {
		for source, d := range dumps {
			d.index(source)
		}
	}
}

func (h *History) dump(op Op) *RoomDump {
	if h.Dumps[op.Room] == nil {
		h.Dumps[op.Room] = map[string]*RoomDump{}
	}
	d := h.Dumps[op.Room][op.Form]
	if d == nil {
		d = &RoomDump{}
		h.Dumps[op.Room][op.Form] = d
	}
	return d
}

func (h *History) indexSends(c *Client) {
	var open []*Message
	place := 0
	for _, op := range c.Ops {
		switch op.Op {
		case Send:
			m := h.ByID[op.ClientID]
			if m == nil {
				m = &Message{Client: c.Name, User: c.User, Room: op.Room, ClientID: op.ClientID, Hash: op.Hash, Place: place, Invoke: op.Invoke}
				place++
				h.ByID[op.ClientID] = m
				h.Sends = append(h.Sends, m)
				open = append(open, m)
			}
			m.Twice = m.Twice || m.Client != c.Name || m.Hash != op.Hash || m.Room != op.Room
			m.Attempts++
		case Answer:
			m := h.ByID[op.ClientID]
			if m == nil {
				continue // property 2 speaks of it
			}
			m.Answers = append(m.Answers, op)
			if op.Result == Ok && m.Acked == 0 {
				m.Acked = op.Return
			}
			if op.Result == Unknown && op.Code != "" && len(open) > 1 {
				for _, o := range open {
					o.Loose = true
				}
			}
			if op.Result != Unknown {
				open = slices.DeleteFunc(open, func(o *Message) bool { return o == m })
			}
		}
	}
}

// Of returns all records of a kind, client by client.
func (h *History) Of(kind Kind) []Op {
	var all []Op
	for _, c := range h.Clients {
		for _, op := range c.Ops {
			if op.Op == kind {
				all = append(all, op)
			}
		}
	}
	return all
}

// First returns the first record of a kind; nil: there is none.
func (h *History) First(kind Kind) *Op {
	for _, c := range h.Clients {
		for i := range c.Ops {
			if c.Ops[i].Op == kind {
				return &c.Ops[i]
			}
		}
	}
	return nil
}

// Removals are who was taken out, from where and when. Those of a room stand in its dump; those from everywhere in the
// nemesis' records.
func (h *History) Removals() []Op {
	all := h.Of(Removed)
	for room, dumps := range h.Dumps {
		if dumps[SQL] == nil {
			continue
		}
		for _, e := range dumps[SQL].Entries {
			if e.Code == "member_removed" {
				all = append(all, Op{Op: Removed, User: e.Detail, Room: room, Seq: e.Seq})
			}
		}
	}
	return all
}

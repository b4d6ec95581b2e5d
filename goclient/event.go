package goclient

import (
	"encoding/json"
	"time"
)

// Position is a place in a room's history: behind the entry Seq, whose id is ID, in the history Epoch. It may be stored, as
// JSON if you like, and given to Subscribe later or elsewhere: what comes then is everything behind it.
//
// The zero value means now. The entries of a room, messages and changes, are numbered 1, 2, 3, … without a hole and in the
// same order for everyone; Seq 0 is before the first. Epoch changes when a server is restored from a backup: positions of
// before are void then. ID may be "" where it is not known; a tail that a restored server has lost then may go unnoticed.
type Position struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	ID    string `json:"id,omitempty"`
}

// Event is something that happened in a room: a *Message, a *Change or a *Reset. Ignore other types: a later version may
// have more.
type Event interface{ size() int }

// Message is something that somebody said, the client's own user included.
type Message struct {
	Room     string    `json:"room"`
	ID       string    `json:"id"`
	Seq      uint64    `json:"seq"`         // its place in the room
	N        uint64    `json:"n,omitempty"` // its place among the room's top-level messages; 0 of a reply
	User     string    `json:"user"`
	UserID   string    `json:"user_id"`        // stays when the name changes
	Content  string    `json:"content"`        // plain text, 1 to 8,000 code points; "" if Deleted
	HTML     string    `json:"html,omitempty"` // Content as Markdown, rendered by the server; "" if plain. docs/protocol.md lists what may be in it
	Time     time.Time `json:"timestamp"`
	ClientID string    `json:"client_id,omitempty"` // the sender's choice
	Deleted  bool      `json:"deleted,omitempty"`

	Edited      time.Time `json:"edited,omitzero"`        // when Content last changed; zero: never
	Thread      string    `json:"thread,omitempty"`       // id of the message that it is a reply to
	Quote       string    `json:"quote,omitempty"`        // id of the message of the room that it quotes
	Mentions    []string  `json:"mentions,omitempty"`     // ids of people
	MentionsAll string    `json:"mentions_all,omitempty"` // "room", "here" or ""
	Replies     *Replies  `json:"replies,omitempty"`      // with a reply: those to the message it is a reply to
}

// Replies sums up a thread.
type Replies struct {
	Count   int       `json:"count"`
	LastSeq uint64    `json:"last_seq"`
	Last    time.Time `json:"last"`
	Users   []Person  `json:"users"` // at most 3, the latest first
}

// Person is somebody with the name of now.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Change is an entry of a room that is no message, such as a new topic or a removed member; docs/protocol.md lists the
// kinds. Ignore a Kind that you do not know.
type Change struct {
	Room    string          `json:"room"`
	Seq     uint64          `json:"seq"`
	ID      string          `json:"id"`
	Kind    string          `json:"kind"`
	Message string          `json:"message,omitempty"` // id of the message that it is about
	User    string          `json:"user"`              // who did it
	UserID  string          `json:"user_id"`
	Data    json.RawMessage `json:"data,omitempty"` // an object, by Kind
	Time    time.Time       `json:"timestamp"`
}

// Reset says that entries were left out: the position was of another history, or more than 10,000 entries ago. What you
// hold of the room may be wrong. Load what you need with History; what comes next comes behind Position.
type Reset struct {
	Room     string   `json:"room"`
	Position Position `json:"position"`
}

// Ack says that a message is stored for good.
type Ack struct {
	ClientID string    `json:"client_id"`
	ID       string    `json:"id"`
	Seq      uint64    `json:"seq"`
	N        uint64    `json:"n"`
	Time     time.Time `json:"timestamp"`
}

// User is who a client speaks for.
type User struct {
	ID   string // stays when the name changes
	Name string
	Kind string // member, guest or bot
}

// overhead is what an event takes besides its texts, in bytes, about.
const overhead = 400

func (m *Message) size() int {
	return overhead + len(m.Room) + len(m.ID) + len(m.User) + len(m.UserID) + len(m.Content) + len(m.HTML) + len(m.ClientID)
}

func (c *Change) size() int {
	return overhead + len(c.Room) + len(c.ID) + len(c.Kind) + len(c.Message) + len(c.User) + len(c.UserID) + len(c.Data)
}

func (r *Reset) size() int {
	return overhead + len(r.Room) + len(r.Position.Epoch) + len(r.Position.ID)
}

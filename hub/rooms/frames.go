package rooms

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
)

// The frames that go out. Their fields, names and order are those of Parley's own server: a test holds both to the same
// golden lines.

type messageFrame struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	ID        string `json:"id"`
	Seq       uint64 `json:"seq"`
	N         uint64 `json:"n"`
	User      string `json:"user"`
	UserID    string `json:"user_id"`
	Content   string `json:"content"`
	Timestamp stamp  `json:"timestamp"`
	ClientID  string `json:"client_id,omitempty"`
}

type ackFrame struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	ClientID  string `json:"client_id"`
	ID        string `json:"id"`
	Seq       uint64 `json:"seq"`
	N         uint64 `json:"n"`
	Timestamp stamp  `json:"timestamp"`
}

type skipFrame struct {
	Type string `json:"type"`
	Room string `json:"room"`
	Seq  uint64 `json:"seq"`
}

// beginFrame is subscribed and reset.
type beginFrame struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	RoomID string `json:"room_id"`
	Epoch  string `json:"epoch"`
	Seq    uint64 `json:"seq"`
	ID     string `json:"id,omitempty"`
	MinSeq uint64 `json:"min_seq"`
}

// personFrame is typing, stop_typing, join and leave.
type personFrame struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	User   string `json:"user"`
	UserID string `json:"user_id"`
}

type onlineFrame struct {
	Type  string   `json:"type"`
	Room  string   `json:"room"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

type deltaFrame struct {
	Type   string   `json:"type"`
	Room   string   `json:"room"`
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
	Count  int      `json:"count"`
}

type welcomeFrame struct {
	Type      string        `json:"type"`
	Protocol  string        `json:"protocol"`
	User      string        `json:"user"`
	UserID    string        `json:"user_id"`
	Kind      string        `json:"kind"`
	ExpiresAt stamp         `json:"expires_at,omitzero"`
	Limits    limitsField   `json:"limits"`
	Rooms     []welcomeRoom `json:"rooms"`
}

type limitsField struct {
	Content   int `json:"content"`
	Frame     int `json:"frame"`
	Rooms     int `json:"rooms"`
	Subscribe int `json:"subscribe"`
	SendsOpen int `json:"sends_open"`
}

// welcomeRoom has cursors in Parley's server. Here nobody's reading is kept: everything counts as read.
type welcomeRoom struct {
	Room        string `json:"room"`
	RoomID      string `json:"room_id"`
	Epoch       string `json:"epoch"`
	Seq         uint64 `json:"seq"`
	N           uint64 `json:"n"`
	ReadN       uint64 `json:"read_n"`
	ReadVersion uint64 `json:"read_version"`
	Unread      uint64 `json:"unread"`
	Kind        string `json:"kind"`
}

type authFrame struct {
	Type      string `json:"type"`
	ExpiresAt stamp  `json:"expires_at,omitzero"`
}

type goodbyeFrame struct {
	Type           string `json:"type"`
	ReconnectAfter int64  `json:"reconnect_after"` // milliseconds
}

type errorFrame struct {
	Type       string `json:"type"`
	Code       string `json:"code"`
	Message    string `json:"message"`
	Ref        string `json:"ref,omitempty"`
	Room       string `json:"room,omitempty"`
	RetryAfter int64  `json:"retry_after,omitempty"` // milliseconds
}

// stamp is written as RFC 3339 in UTC with milliseconds.
type stamp struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t stamp) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z07:00"`), nil
}

// encodeJSON leaves <, > and & as they are: the frames are no HTML.
func encodeJSON(frame any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(frame); err != nil {
		panic(err) // a frame has nothing that cannot be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// encode makes the frame as it goes on the socket.
func encode(frame any) []byte { return websocket.Text(encodeJSON(frame)) }

// frame is m as everybody sees it. All entries of a room are messages, so n is seq.
func (m *Message) frame() []byte {
	return encode(messageFrame{Type: "message", Room: m.Room, ID: m.ID, Seq: m.Seq, N: m.Seq, User: m.User, UserID: m.UserID,
		Content: m.Content, Timestamp: stamp{m.Timestamp}, ClientID: m.ClientID})
}

// ack is m as its sender sees it; nil if the sender did not ask.
func (m *Message) ack() []byte {
	if m.ClientID == "" {
		return nil
	}
	return encode(ackFrame{Type: "ack", Room: m.Room, ClientID: m.ClientID, ID: m.ID, Seq: m.Seq, N: m.Seq, Timestamp: stamp{m.Timestamp}})
}

// encoder says what the hub itself has to say.
type encoder struct{ log *hub.MemoryLog }

// Subscribed implements hub.Encoder.
func (e encoder) Subscribed(room string, p hub.Position, _ uint64) []byte {
	return e.begin("subscribed", room, p)
}

// Reset implements hub.Encoder.
func (e encoder) Reset(room string, p hub.Position, _ uint64) []byte {
	return e.begin("reset", room, p)
}

// begin asks the log where it begins: it drops its oldest entries without telling the hub.
func (e encoder) begin(typ, room string, p hub.Position) []byte {
	head, _ := e.log.Head(context.Background(), room) // never fails
	return encode(beginFrame{typ, room, room, p.Epoch, p.Seq, p.ID, head.MinSeq})
}

// Skip implements hub.Encoder.
func (encoder) Skip(room string, seq uint64) []byte { return encode(skipFrame{"skip", room, seq}) }

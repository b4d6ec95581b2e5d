package wire

import "fmt"

// Command is what a client says: one of the types below.
type Command interface {
	// CommandType returns the value of the field "type".
	CommandType() string
	// Ref returns what an answer to this frame refers to: the client_id, else the type.
	Ref() string
}

// SendMessage says something in a room.
type SendMessage struct {
	Type     string `json:"type"`
	Room     string `json:"room,omitempty"` // may be left out on a room's own socket
	Content  string `json:"content"`
	ClientID string `json:"client_id,omitempty"` // none: no ack
	Thread   string `json:"thread,omitempty"`    // id of the message that it replies to
	Quote    string `json:"quote,omitempty"`     // id of a message of the room that it quotes
}

// Subscribe asks for the streams of rooms.
type Subscribe struct {
	Type  string         `json:"type"`
	Rooms []RoomPosition `json:"rooms"`
}

// Unsubscribe ends the streams of rooms.
type Unsubscribe struct {
	Type  string         `json:"type"`
	Rooms []RoomPosition `json:"rooms"`
}

// RoomPosition is a room with the last entry that the client has of it; without a Position the stream begins with what
// comes from now on.
type RoomPosition struct {
	Room string `json:"room"`
	*Position
}

// Position is an entry of a room: its number, its id, and the epoch in which it had that number. Seq 0 has no id;
// elsewhere it may be left out by a client that does not know it (the cursor is a skip, or a page's as_of).
type Position struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	ID    string `json:"id,omitempty"`
}

// StartTyping says that the person is typing.
type StartTyping struct {
	Type string `json:"type"`
	Room string `json:"room,omitempty"`
}

// EndTyping says that the person has stopped typing.
type EndTyping struct {
	Type string `json:"type"`
	Room string `json:"room,omitempty"`
}

// MarkRead moves the person's cursor to message N of a room. With a Version, the one that the client has seen, it may
// also move back; without one it only moves forward.
type MarkRead struct {
	Type    string  `json:"type"`
	Room    string  `json:"room,omitempty"`
	N       uint64  `json:"n"`
	Version *uint64 `json:"version,omitempty"`
}

// ChangeMessage changes something about a message: edit, delete, react, unreact, pin, unpin. What comes of it is a Change in
// the room's stream; there is no other answer.
type ChangeMessage struct {
	Type    string     `json:"type"`
	Room    string     `json:"room,omitempty"`
	Kind    string     `json:"kind"`
	Message string     `json:"message"` // its id
	Data    ChangeData `json:"data,omitzero"`
}

// ChangeData is what a ChangeMessage needs to know beside the message.
type ChangeData struct {
	Content string `json:"content,omitempty"` // edit
	Emoji   string `json:"emoji,omitempty"`   // react, unreact
}

// Authenticate extends the connection with a fresh token of the same person.
type Authenticate struct {
	Type  string `json:"type"`
	Token string `json:"token"`
}

// CommandType returns "message".
func (*SendMessage) CommandType() string { return TypeMessage }

// CommandType returns "subscribe".
func (*Subscribe) CommandType() string { return TypeSubscribe }

// CommandType returns "unsubscribe".
func (*Unsubscribe) CommandType() string { return TypeUnsubscribe }

// CommandType returns "typing".
func (*StartTyping) CommandType() string { return TypeTyping }

// CommandType returns "stop_typing".
func (*EndTyping) CommandType() string { return TypeStopTyping }

// CommandType returns "read".
func (*MarkRead) CommandType() string { return TypeRead }

// CommandType returns "change".
func (*ChangeMessage) CommandType() string { return TypeChange }

// CommandType returns "auth".
func (*Authenticate) CommandType() string { return TypeAuth }

// Ref returns the client_id, or "message".
func (c *SendMessage) Ref() string {
	if c.ClientID != "" {
		return c.ClientID
	}
	return TypeMessage
}

// Ref returns "subscribe".
func (*Subscribe) Ref() string { return TypeSubscribe }

// Ref returns "unsubscribe".
func (*Unsubscribe) Ref() string { return TypeUnsubscribe }

// Ref returns "typing".
func (*StartTyping) Ref() string { return TypeTyping }

// Ref returns "stop_typing".
func (*EndTyping) Ref() string { return TypeStopTyping }

// Ref returns "read".
func (*MarkRead) Ref() string { return TypeRead }

// Ref returns "change".
func (*ChangeMessage) Ref() string { return TypeChange }

// Ref returns "auth".
func (*Authenticate) Ref() string { return TypeAuth }

// CodeInvalid is the code of every Error.
const CodeInvalid = "invalid"

// Error is what Decode refuses a frame with. Message is written for the author of the client.
type Error struct {
	Code    string // CodeInvalid
	Field   string // the field that is wrong, such as "rooms[2].seq"; "" for the frame as a whole
	Ref     string // the frame's client_id or type, where it has one
	Message string
}

func (e *Error) Error() string { return e.Message }

func invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

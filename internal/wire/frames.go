package wire

import "time"

// Time is written as RFC 3339 in UTC with milliseconds, such as 2026-01-31T09:30:00.000Z.
type Time struct{ time.Time }

// MarshalJSON writes the one form that the protocol knows.
func (t Time) MarshalJSON() ([]byte, error) { return appendTime(nil, t), nil }

// Frame is what a server says. Type in each struct is for reading; Append writes the right one whatever it holds.
// Strings that are not valid UTF-8 come out with U+FFFD in place of what is not.
type Frame interface {
	// Append appends the frame as JSON to dst.
	Append(dst []byte) []byte
	// FrameType returns the value of the field "type".
	FrameType() string
}

// Message is something said in a room, live, replayed or resumed: the bytes are the same.
type Message struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	ID        string `json:"id"`
	Seq       uint64 `json:"seq"`
	N         uint64 `json:"n,omitempty"` // none of a reply
	User      string `json:"user"`
	UserID    string `json:"user_id"`
	Content   string `json:"content"`
	HTML      string `json:"html,omitempty"` // the content as Markdown, rendered; none where it is plain
	Timestamp Time   `json:"timestamp"`
	ClientID  string `json:"client_id,omitempty"`
	Deleted   bool   `json:"deleted,omitempty"` // the content is gone

	Edited      Time     `json:"edited,omitzero"`        // when the content last changed
	Thread      string   `json:"thread,omitempty"`       // id of the message that it is a reply to
	Quote       string   `json:"quote,omitempty"`        // id of the message of the room that it quotes
	Mentions    []string `json:"mentions,omitempty"`     // ids of people, at most 50
	MentionsAll string   `json:"mentions_all,omitempty"` // room or here
	Replies     *Replies `json:"replies,omitempty"`      // with a reply: those to its root, after it
}

// Replies sums up a thread.
type Replies struct {
	Count   int      `json:"count"`
	LastSeq uint64   `json:"last_seq"`
	Last    Time     `json:"last"`
	Users   []Person `json:"users"` // at most 3, the latest first
}

// Person is somebody with the name of now.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Ack tells the connection that sent a message that it is stored. It stands in the message's place in the stream.
type Ack struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	ClientID  string `json:"client_id"`
	ID        string `json:"id"`
	Seq       uint64 `json:"seq"`
	N         uint64 `json:"n,omitempty"`
	HTML      string `json:"html,omitempty"` // as in the message
	Timestamp Time   `json:"timestamp"`

	Edited      Time     `json:"edited,omitzero"`   // it has changed since it was sent
	Content     string   `json:"content,omitempty"` // to this
	Deleted     bool     `json:"deleted,omitempty"` // or is gone
	Thread      string   `json:"thread,omitempty"`
	Mentions    []string `json:"mentions,omitempty"`
	MentionsAll string   `json:"mentions_all,omitempty"`
	Replies     *Replies `json:"replies,omitempty"`
}

// Change is an entry of a room that is no message. Kinds may be added: an unknown one only moves the cursor.
type Change struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	Seq       uint64 `json:"seq"`
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Message   string `json:"message,omitempty"` // id of the message it is about
	User      string `json:"user"`              // who did it
	UserID    string `json:"user_id"`
	Data      Object `json:"data,omitempty"`
	Timestamp Time   `json:"timestamp"`
}

// Skip stands for an entry that this person may not see.
type Skip struct {
	Type string `json:"type"`
	Room string `json:"room"`
	Seq  uint64 `json:"seq"`
}

// Subscribed says where the stream of a room begins: the next entry is the one after Seq.
type Subscribed struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	RoomID string `json:"room_id"`
	Epoch  string `json:"epoch"`
	Seq    uint64 `json:"seq"`
	ID     string `json:"id,omitempty"` // of the entry at Seq; none at 0
	MinSeq uint64 `json:"min_seq"`
}

// Reset is Subscribed for a client that must load the room afresh.
type Reset struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	RoomID string `json:"room_id"`
	Epoch  string `json:"epoch"`
	Seq    uint64 `json:"seq"`
	ID     string `json:"id,omitempty"`
	MinSeq uint64 `json:"min_seq"`
}

// Typing says that someone else has begun to type. It is not stored.
type Typing struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	User   string `json:"user"`
	UserID string `json:"user_id"`
}

// StopTyping takes a Typing back.
type StopTyping struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	User   string `json:"user"`
	UserID string `json:"user_id"`
}

// Join says that someone else is now there.
type Join struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	User   string `json:"user"`
	UserID string `json:"user_id"`
}

// Leave says that someone else is there no more.
type Leave struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	User   string `json:"user"`
	UserID string `json:"user_id"`
}

// OnlineUsers is who is in a room, by name. In a room of more than 100 people Users is empty and Count tells.
type OnlineUsers struct {
	Type  string   `json:"type"`
	Room  string   `json:"room"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// PresenceDelta takes the place of Join and Leave in a large room. The lists hold at most 100 names each.
type PresenceDelta struct {
	Type   string   `json:"type"`
	Room   string   `json:"room"`
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
	Count  int      `json:"count"`
}

// Read is how far the person has read in a room, on whichever device.
type Read struct {
	Type    string `json:"type"`
	Room    string `json:"room"`
	N       uint64 `json:"n"`
	Version uint64 `json:"version"`

	Mentions uint64 `json:"mentions,omitempty"` // messages beyond N that mention the person
}

// RoomPrefs is what the person wants to hear of a room, set on whichever device.
type RoomPrefs struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	Notify string `json:"notify"` // all, mentions, nothing; "" is the default
	Muted  bool   `json:"muted"`
}

// Welcome is the first frame of every connection.
type Welcome struct {
	Type      string        `json:"type"`
	Protocol  string        `json:"protocol"`
	User      string        `json:"user"`
	UserID    string        `json:"user_id"`
	Kind      string        `json:"kind"`
	ExpiresAt Time          `json:"expires_at,omitzero"` // none: the connection does not expire
	Token     string        `json:"token,omitempty"`     // guests: claims the name back
	Limits    Limits        `json:"limits"`
	Rooms     []WelcomeRoom `json:"rooms"`
}

// Limits are what this connection is held to.
type Limits struct {
	Content   int `json:"content"`    // code points of a message
	Frame     int `json:"frame"`      // bytes of a frame
	Rooms     int `json:"rooms"`      // rooms one connection can be subscribed to
	Subscribe int `json:"subscribe"`  // rooms in one subscribe or unsubscribe
	SendsOpen int `json:"sends_open"` // unanswered messages; beyond it the server reads on when one is answered
}

// WelcomeRoom is a room that the person can see.
type WelcomeRoom struct {
	Room        string   `json:"room"`
	RoomID      string   `json:"room_id"`
	Epoch       string   `json:"epoch"`
	Seq         uint64   `json:"seq"`
	N           uint64   `json:"n"`
	ReadN       uint64   `json:"read_n"`
	ReadVersion uint64   `json:"read_version"`
	Unread      uint64   `json:"unread"`
	Mentions    uint64   `json:"mentions,omitempty"` // of the unread messages, those that mention the person
	Notify      string   `json:"notify,omitempty"`   // as in RoomPrefs
	Muted       bool     `json:"muted,omitempty"`
	Kind        string   `json:"kind"`
	Role        string   `json:"role,omitempty"` // the person's own, in the room
	ReadOnly    bool     `json:"read_only,omitempty"`
	History     string   `json:"history,omitempty"`   // joined; none: all
	SlowMode    int      `json:"slow_mode,omitempty"` // seconds between two messages of one person
	People      []Person `json:"people,omitempty"`    // of a direct room: everybody else
}

// AuthOK answers an auth frame: the connection now lives until ExpiresAt.
type AuthOK struct {
	Type      string `json:"type"`
	ExpiresAt Time   `json:"expires_at,omitzero"`
}

// RoomAdded says that a room has come into the person's list: a new public one, one that they were added to, or a direct
// one in which something was said.
type RoomAdded struct {
	Type   string   `json:"type"`
	Room   string   `json:"room"`
	RoomID string   `json:"room_id"`
	Topic  string   `json:"topic"`
	Kind   string   `json:"kind"`
	People []Person `json:"people,omitempty"` // of a direct room: everybody else
}

// RoomRemoved says that a room has gone from the person's list: they left it, were removed, or have hidden it.
type RoomRemoved struct {
	Type   string `json:"type"`
	Room   string `json:"room"`
	RoomID string `json:"room_id"`
}

// RoomRenamed says that a room has another name, to every connection that may see it. For a moment frames may still come
// with the old one.
type RoomRenamed struct {
	Type   string `json:"type"`
	RoomID string `json:"room_id"`
	Room   string `json:"room"`
	Was    string `json:"was"`
}

// UserChanged says how somebody is to be shown from now on, to connections that are not one room's own.
type UserChanged struct {
	Type    string  `json:"type"`
	UserID  string  `json:"user_id"`
	User    string  `json:"user"`
	Display string  `json:"display"`
	Avatar  string  `json:"avatar,omitempty"` // path of their picture; none: they have none
	Status  *Status `json:"status,omitempty"` // none: they have none
}

// Goodbye comes before the server restarts.
type Goodbye struct {
	Type           string `json:"type"`
	ReconnectAfter int64  `json:"reconnect_after"` // milliseconds to wait, chosen at random for each connection
}

// ErrorFrame says what was wrong with a frame. The connection stays.
type ErrorFrame struct {
	Type       string `json:"type"`
	Code       string `json:"code"`
	Message    string `json:"message"`
	Ref        string `json:"ref,omitempty"`         // the client_id, else the type of the frame that was refused
	Room       string `json:"room,omitempty"`        // when the frame named several
	RetryAfter int64  `json:"retry_after,omitempty"` // milliseconds
}

// FrameType returns "message".
func (*Message) FrameType() string { return TypeMessage }

// FrameType returns "ack".
func (*Ack) FrameType() string { return TypeAck }

// FrameType returns "change".
func (*Change) FrameType() string { return TypeChange }

// FrameType returns "skip".
func (*Skip) FrameType() string { return TypeSkip }

// FrameType returns "subscribed".
func (*Subscribed) FrameType() string { return TypeSubscribed }

// FrameType returns "reset".
func (*Reset) FrameType() string { return TypeReset }

// FrameType returns "typing".
func (*Typing) FrameType() string { return TypeTyping }

// FrameType returns "stop_typing".
func (*StopTyping) FrameType() string { return TypeStopTyping }

// FrameType returns "join".
func (*Join) FrameType() string { return TypeJoin }

// FrameType returns "leave".
func (*Leave) FrameType() string { return TypeLeave }

// FrameType returns "online_users".
func (*OnlineUsers) FrameType() string { return TypeOnlineUsers }

// FrameType returns "presence_delta".
func (*PresenceDelta) FrameType() string { return TypePresenceDelta }

// FrameType returns "read".
func (*Read) FrameType() string { return TypeRead }

// FrameType returns "room_prefs".
func (*RoomPrefs) FrameType() string { return TypeRoomPrefs }

// FrameType returns "welcome".
func (*Welcome) FrameType() string { return TypeWelcome }

// FrameType returns "auth".
func (*AuthOK) FrameType() string { return TypeAuth }

// FrameType returns "room_added".
func (*RoomAdded) FrameType() string { return TypeRoomAdded }

// FrameType returns "room_removed".
func (*RoomRemoved) FrameType() string { return TypeRoomRemoved }

// FrameType returns "room_renamed".
func (*RoomRenamed) FrameType() string { return TypeRoomRenamed }

// FrameType returns "user_changed".
func (*UserChanged) FrameType() string { return TypeUserChanged }

// FrameType returns "goodbye".
func (*Goodbye) FrameType() string { return TypeGoodbye }

// FrameType returns "error".
func (*ErrorFrame) FrameType() string { return TypeError }

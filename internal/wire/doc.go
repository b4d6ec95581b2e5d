// Package wire is version 1 of Parley's protocol ("parley.v1"): the JSON objects that cross a WebSocket, one per text
// frame. It knows their shapes and nothing of what they mean; docs/protocol.md is its reference for people.
//
// What comes in is hostile until Decode has taken it: Decode looks at every byte before it allocates for any of them,
// and refuses what two parsers could read differently (a field given twice, a second value behind the first).
// What goes out is built by the Append methods, one for each frame. They write byte for byte what encoding/json would
// write for the same struct with HTML escaping off, without its reflection and its allocations; only, a list is never null.
package wire

// Protocol is the name of this version, in Sec-WebSocket-Protocol and in the welcome frame.
const Protocol = "parley.v1"

// Limits of what Decode takes.
const (
	MaxFrame  = 64 << 10 // bytes of one frame; the connection enforces it with close code 1009
	MaxRooms  = 200      // rooms in one subscribe or unsubscribe
	MaxToken  = 8 << 10  // bytes of a token
	MaxID     = 64       // bytes of an id, an epoch or a client_id
	MaxKind   = 32       // bytes of a change's kind
	MaxEmoji  = 64       // bytes of an emoji
	MaxName   = 256      // bytes of a room's name; the names that exist are shorter
	MaxDepth  = 16       // nested objects and arrays
	MaxNumber = 1<<53 - 1
)

// The types of frames. Message, Change, Typing, StopTyping, Read and Auth go both ways.
const (
	TypeMessage       = "message"
	TypeSubscribe     = "subscribe"
	TypeUnsubscribe   = "unsubscribe"
	TypeTyping        = "typing"
	TypeStopTyping    = "stop_typing"
	TypeRead          = "read"
	TypeRoomPrefs     = "room_prefs"
	TypeAuth          = "auth"
	TypeWelcome       = "welcome"
	TypeAck           = "ack"
	TypeChange        = "change"
	TypeSkip          = "skip"
	TypeSubscribed    = "subscribed"
	TypeReset         = "reset"
	TypeJoin          = "join"
	TypeLeave         = "leave"
	TypeOnlineUsers   = "online_users"
	TypePresenceDelta = "presence_delta"
	TypeRoomAdded     = "room_added"
	TypeRoomRemoved   = "room_removed"
	TypeRoomRenamed   = "room_renamed"
	TypeUserChanged   = "user_changed"
	TypeThreadRead    = "thread_read"
	TypeThreadFollow  = "thread_follow"
	TypeSaved         = "saved"
	TypeGoodbye       = "goodbye"
	TypeError         = "error"
)

package wire

import (
	"bytes"
	"fmt"
	"strconv"
)

// Decode reads one frame from a client. Every error is an *Error. Fields that this version does not know are ignored,
// and null is the same as leaving the field out. The result keeps nothing of b.
func Decode(b []byte) (Command, error) {
	if err := check(b); err != nil {
		return nil, err
	}
	var f fields
	if err := object(b, "", frameFields, f[:]); err != nil {
		return nil, withRef(err, &f)
	}
	typ, err := text(f[fType], "type", 32)
	if err != nil {
		return nil, err
	}
	var c Command
	switch typ {
	case TypeMessage:
		c, err = decodeMessage(&f)
	case TypeSubscribe:
		var rooms []RoomPosition
		rooms, err = decodeRooms(f[fRooms])
		c = &Subscribe{Type: typ, Rooms: rooms}
	case TypeUnsubscribe:
		var rooms []RoomPosition
		rooms, err = decodeRooms(f[fRooms])
		c = &Unsubscribe{Type: typ, Rooms: rooms}
	case TypeTyping:
		var room string
		room, err = optional(f[fRoom], "room", MaxName)
		c = &StartTyping{Type: typ, Room: room}
	case TypeStopTyping:
		var room string
		room, err = optional(f[fRoom], "room", MaxName)
		c = &EndTyping{Type: typ, Room: room}
	case TypeRead:
		c, err = decodeRead(&f)
	case TypeActivity:
		c, err = decodeActivity(&f)
	case TypeChange:
		c, err = decodeChange(&f)
	case TypeAuth:
		var token string
		token, err = text(f[fToken], "token", MaxToken)
		c = &Authenticate{Type: typ, Token: token}
	default:
		err = invalid("type", "type %q is not known", typ)
	}
	if err != nil {
		return nil, withRef(err, &f)
	}
	return c, nil
}

// The fields of a frame, as places in fields.
const (
	fType = iota
	fRoom
	fContent
	fClientID
	fN
	fVersion
	fRooms
	fToken
	fState
	fThread
	fQuote
	fKind
	fMessage
	fData
	numFields
)

type fields [numFields][]byte

var frameFields = []string{fType: "type", fRoom: "room", fContent: "content", fClientID: "client_id", fN: "n",
	fVersion: "version", fRooms: "rooms", fToken: "token", fThread: "thread", fQuote: "quote", fKind: "kind", fMessage: "message", fData: "data",
	fState: "state"}

// withRef says in err which frame it is about, as far as that can be told.
func withRef(err error, f *fields) error {
	e := err.(*Error) //nolint:errorlint // made in this package, never wrapped
	typ, _ := optional(f[fType], "type", 32)
	e.Ref = typ
	if typ == TypeMessage {
		if id, err := optional(f[fClientID], "client_id", MaxID); err == nil && id != "" {
			e.Ref = id
		}
	}
	return e
}

func decodeMessage(f *fields) (Command, error) {
	c := &SendMessage{Type: TypeMessage}
	var err error
	if c.Room, err = optional(f[fRoom], "room", MaxName); err != nil {
		return nil, err
	}
	if c.ClientID, err = optional(f[fClientID], "client_id", MaxID); err != nil {
		return nil, err
	}
	if f[fContent] == nil {
		return nil, missing("content")
	}
	if c.Content, err = optional(f[fContent], "content", MaxFrame); err != nil {
		return nil, err
	}
	if c.Thread, err = optional(f[fThread], "thread", MaxID); err != nil {
		return nil, err
	}
	if c.Quote, err = optional(f[fQuote], "quote", MaxID); err != nil {
		return nil, err
	}
	return c, nil
}

// The fields of a change's data.
const (
	dContent = iota
	dEmoji
	numDataFields
)

var dataFields = []string{dContent: "content", dEmoji: "emoji"}

func decodeChange(f *fields) (Command, error) {
	c := &ChangeMessage{Type: TypeChange}
	var err error
	if c.Room, err = optional(f[fRoom], "room", MaxName); err != nil {
		return nil, err
	}
	if c.Kind, err = text(f[fKind], "kind", MaxKind); err != nil {
		return nil, err
	}
	if c.Message, err = text(f[fMessage], "message", MaxID); err != nil {
		return nil, err
	}
	if f[fData] == nil {
		return c, nil
	}
	if f[fData][0] != '{' {
		return nil, invalid("data", "data must be an object")
	}
	var d [numDataFields][]byte
	if err := object(f[fData], "data.", dataFields, d[:]); err != nil {
		return nil, err
	}
	if c.Data.Content, err = optional(d[dContent], "data.content", MaxFrame); err != nil {
		return nil, err
	}
	if c.Data.Emoji, err = optional(d[dEmoji], "data.emoji", MaxEmoji); err != nil {
		return nil, err
	}
	return c, nil
}

func decodeRead(f *fields) (Command, error) {
	c := &MarkRead{Type: TypeRead}
	var err error
	if c.Room, err = optional(f[fRoom], "room", MaxName); err != nil {
		return nil, err
	}
	if c.N, err = number(f[fN], "n"); err != nil {
		return nil, err
	}
	if f[fVersion] != nil {
		v, err := number(f[fVersion], "version")
		if err != nil {
			return nil, err
		}
		c.Version = &v
	}
	return c, nil
}

func decodeRooms(raw []byte) ([]RoomPosition, error) {
	if raw == nil {
		return nil, missing("rooms")
	}
	if raw[0] != '[' {
		return nil, invalid("rooms", "rooms must be a list")
	}
	items, tooMany := list(raw, MaxRooms)
	if tooMany {
		return nil, invalid("rooms", "rooms has more than %d entries", MaxRooms)
	}
	if len(items) == 0 {
		return nil, invalid("rooms", "rooms is empty")
	}
	rooms := make([]RoomPosition, len(items))
	for i, item := range items {
		if err := decodeRoom(item, "rooms["+strconv.Itoa(i)+"]", &rooms[i]); err != nil {
			return nil, err
		}
	}
	return rooms, nil
}

// The fields of one entry of rooms.
const (
	rRoom = iota
	rEpoch
	rSeq
	rID
	numRoomFields
)

var roomFields = []string{rRoom: "room", rEpoch: "epoch", rSeq: "seq", rID: "id"}

// decodeRoom reads {room, epoch, seq, id}, or a room's name alone.
func decodeRoom(raw []byte, at string, to *RoomPosition) (err error) {
	if raw[0] == '"' {
		to.Room, err = text(raw, at, MaxName)
		return err
	}
	if raw[0] != '{' {
		return invalid(at, "%s must be an object or a room's name", at)
	}
	var f [numRoomFields][]byte
	if err := object(raw, at+".", roomFields, f[:]); err != nil {
		return err
	}
	if to.Room, err = text(f[rRoom], at+".room", MaxName); err != nil {
		return err
	}
	if f[rEpoch] == nil && f[rSeq] == nil && f[rID] == nil {
		return nil
	}
	p := &Position{}
	if p.Epoch, err = text(f[rEpoch], at+".epoch", MaxID); err != nil {
		return err
	}
	if p.Seq, err = number(f[rSeq], at+".seq"); err != nil {
		return err
	}
	if p.ID, err = optional(f[rID], at+".id", MaxID); err != nil {
		return err
	}
	if p.ID != "" && p.Seq == 0 {
		return invalid(at+".id", "%s.id must be left out where seq is 0", at)
	}
	to.Position = p
	return nil
}

func missing(field string) *Error { return invalid(field, "%s is missing", field) }

// optional reads a string of at most limit bytes; nil reads as "".
func optional(raw []byte, field string, limit int) (string, error) {
	if raw == nil {
		return "", nil
	}
	if raw[0] != '"' {
		return "", invalid(field, "%s must be a string", field)
	}
	s := unquote(raw)
	if len(s) > limit {
		return "", invalid(field, "%s is longer than %d bytes", field, limit)
	}
	return s, nil
}

// text reads a string that must be there and not be empty.
func text(raw []byte, field string, limit int) (string, error) {
	if raw == nil {
		return "", missing(field)
	}
	s, err := optional(raw, field, limit)
	if err == nil && s == "" {
		err = invalid(field, "%s is empty", field)
	}
	return s, err
}

// number reads a whole number that JavaScript can hold too.
func number(raw []byte, field string) (uint64, error) {
	if raw == nil {
		return 0, missing(field)
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil || n > MaxNumber {
		return 0, invalid(field, "%s must be a whole number from 0 to %d", field, uint64(MaxNumber))
	}
	return n, nil
}

// object puts the values of the fields in names into the same places of to; others are passed over. raw is valid JSON.
func object(raw []byte, prefix string, names []string, to [][]byte) error {
	if raw = bytes.TrimLeft(raw, whiteSpace); raw[0] != '{' {
		return invalid("", "the frame must be a JSON object")
	}
	var seen uint
	for i := next(raw, 1); raw[i] != '}'; {
		key := raw[i:skip(raw, i)]
		i = next(raw, next(raw, i+len(key))+1) // behind the colon
		end := skip(raw, i)
		if at := index(names, key); at >= 0 {
			if seen&(1<<at) != 0 {
				return invalid(prefix+names[at], "%s%s is given twice", prefix, names[at])
			}
			seen |= 1 << at
			if value := raw[i:end]; value[0] != 'n' {
				to[at] = value
			}
		}
		if i = next(raw, end); raw[i] == ',' {
			i = next(raw, i+1)
		}
	}
	return nil
}

func index(names []string, quoted []byte) int {
	key := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(key, '\\') >= 0 {
		key = fmt.Append(nil, unquote(quoted))
	}
	for i, name := range names {
		if string(key) == name {
			return i
		}
	}
	return -1
}

package rooms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/parley-chat/parley/hub"
)

// Limits of what comes in.
const (
	maxFrame     = 64 << 10 // bytes of one frame
	maxSubscribe = 200      // rooms in one subscribe or unsubscribe
	maxIDBytes   = 64       // of an id, an epoch or a client_id
	maxRoomBytes = 256      // of a room's name; the names that exist are shorter
	maxNumber    = 1<<53 - 1
)

// The codes of errors.
const (
	codeInvalid         = "invalid"
	codeUnauthenticated = "unauthenticated"
	codeForbidden       = "forbidden"
	codeNotFound        = "not_found"
	codeConflict        = "conflict"
	codeTooLarge        = "too_large"
	codeRateLimited     = "rate_limited"
	codeOverloaded      = "overloaded"
	codeInternal        = "internal"
)

// refusal is why a frame or a request is refused, in words for whoever sent it.
type refusal struct {
	code, message, ref, room string
	retryAfter               int64 // milliseconds
}

func invalid(format string, args ...any) *refusal {
	return &refusal{code: codeInvalid, message: fmt.Sprintf(format, args...)}
}

func (r *refusal) frame() []byte {
	return encode(errorFrame{"error", r.code, r.message, r.ref, r.room, r.retryAfter})
}

// command is a frame that came in. Which fields count depends on its type.
type command struct {
	typ, room, content, clientID, token string
	rooms                               []place
}

// place is a room, and the last entry of it that the client has; nil: none.
type place struct {
	room string
	from *hub.Position
}

// ref is what an answer refers to.
func (c *command) ref() string {
	if c.typ == "message" && c.clientID != "" {
		return c.clientID
	}
	return c.typ
}

// decode reads one frame. Fields that are not known are ignored, null is the same as leaving a field out, and a field
// given twice is refused, because two parsers could read it differently.
func decode(b []byte) (*command, *refusal) {
	if len(b) > maxFrame || !utf8.Valid(b) || !json.Valid(b) {
		return nil, invalid("the frame is not one JSON object")
	}
	f, r := members(b, "the frame", "", "type", "room", "content", "client_id", "rooms", "token")
	if r != nil {
		return nil, r
	}
	c := &command{}
	if c.typ, r = text(f["type"], "type", 32); r != nil {
		return nil, r
	}
	if r = c.read(f); r != nil {
		r.ref = c.ref()
		return nil, r
	}
	return c, nil
}

func (c *command) read(f map[string]json.RawMessage) (r *refusal) {
	if c.typ != "subscribe" && c.typ != "unsubscribe" && c.typ != "auth" {
		if c.room, r = optional(f["room"], "room", maxRoomBytes); r != nil {
			return r
		}
	}
	switch c.typ {
	case "message":
		if c.clientID, r = optional(f["client_id"], "client_id", maxIDBytes); r != nil {
			return r
		}
		if f["content"] == nil {
			return invalid("content is missing")
		}
		c.content, r = optional(f["content"], "content", maxFrame)
	case "typing", "stop_typing":
	case "subscribe", "unsubscribe":
		c.rooms, r = places(f["rooms"])
	case "auth":
		c.token, r = text(f["token"], "token", maxToken)
	default:
		r = invalid("type %q is not known", c.typ)
	}
	return r
}

func places(raw json.RawMessage) ([]place, *refusal) {
	if raw == nil {
		return nil, invalid("rooms is missing")
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return nil, invalid("rooms must be a list")
	}
	switch {
	case len(items) > maxSubscribe:
		return nil, invalid("rooms has more than %d entries", maxSubscribe)
	case len(items) == 0:
		return nil, invalid("rooms is empty")
	}
	list := make([]place, len(items))
	for i, item := range items {
		var r *refusal
		if list[i], r = onePlace(item, "rooms["+strconv.Itoa(i)+"]"); r != nil {
			return nil, r
		}
	}
	return list, nil
}

// onePlace reads {room, epoch, seq, id}, or a room's name alone.
func onePlace(raw json.RawMessage, at string) (p place, r *refusal) {
	if raw[0] == '"' {
		p.room, r = text(raw, at, maxRoomBytes)
		return p, r
	}
	f, r := members(raw, at, at+".", "room", "epoch", "seq", "id")
	if r != nil {
		return p, r
	}
	if p.room, r = text(f["room"], at+".room", maxRoomBytes); r != nil {
		return p, r
	}
	if f["epoch"] == nil && f["seq"] == nil && f["id"] == nil {
		return p, nil
	}
	p.from = &hub.Position{}
	if p.from.Epoch, r = text(f["epoch"], at+".epoch", maxIDBytes); r != nil {
		return p, r
	}
	if p.from.Seq, r = number(f["seq"], at+".seq"); r != nil {
		return p, r
	}
	if p.from.ID, r = optional(f["id"], at+".id", maxIDBytes); r != nil {
		return p, r
	}
	switch {
	case p.from.ID == "" && p.from.Seq > 0:
		return p, invalid("%s.id is missing", at)
	case p.from.ID != "" && p.from.Seq == 0:
		return p, invalid("%s.id must be left out where seq is 0", at)
	}
	return p, nil
}

// members returns the values of an object's fields that have one of the names, exactly. raw is valid JSON.
func members(raw []byte, what, prefix string, names ...string) (map[string]json.RawMessage, *refusal) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, invalid("%s must be a JSON object", what)
	}
	f := make(map[string]json.RawMessage, len(names))
	seen := make(map[string]bool, len(names))
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			return nil, invalid("%s is not one JSON object", what)
		}
		for _, name := range names {
			if key != name {
				continue
			}
			if seen[name] {
				return nil, invalid("%s%s is given twice", prefix, name)
			}
			seen[name] = true
			if string(value) != "null" {
				f[name] = value
			}
		}
	}
	return f, nil
}

// optional reads a string of at most limit bytes; nil reads as "".
func optional(raw json.RawMessage, field string, limit int) (s string, r *refusal) {
	switch {
	case raw == nil:
		return "", nil
	case json.Unmarshal(raw, &s) != nil:
		return "", invalid("%s must be a string", field)
	case len(s) > limit:
		return "", invalid("%s is longer than %d bytes", field, limit)
	}
	return s, nil
}

// text reads a string that must be there and not be empty.
func text(raw json.RawMessage, field string, limit int) (string, *refusal) {
	if raw == nil {
		return "", invalid("%s is missing", field)
	}
	s, r := optional(raw, field, limit)
	if r == nil && s == "" {
		r = invalid("%s is empty", field)
	}
	return s, r
}

// number reads a whole number that JavaScript can hold too.
func number(raw json.RawMessage, field string) (uint64, *refusal) {
	if raw == nil {
		return 0, invalid("%s is missing", field)
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil || n > maxNumber {
		return 0, invalid("%s must be a whole number from 0 to %d", field, uint64(maxNumber))
	}
	return n, nil
}

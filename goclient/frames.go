package goclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// protocol is the version of frames that this package speaks.
const protocol = "parley.v1"

// frame is what a server says, with the fields of all types that matter here.
type frame struct {
	Type           string          `json:"type"`
	Room           string          `json:"room"`
	ID             string          `json:"id"`
	Epoch          string          `json:"epoch"`
	Seq            uint64          `json:"seq"`
	N              uint64          `json:"n"`
	User           string          `json:"user"`
	UserID         string          `json:"user_id"`
	Content        string          `json:"content"`
	HTML           string          `json:"html"`
	Timestamp      time.Time       `json:"timestamp"`
	ClientID       string          `json:"client_id"`
	Deleted        bool            `json:"deleted"`
	Edited         time.Time       `json:"edited"`
	Thread         string          `json:"thread"`
	Quote          string          `json:"quote"`
	Mentions       []string        `json:"mentions"`
	MentionsAll    string          `json:"mentions_all"`
	Replies        *Replies        `json:"replies"`
	Kind           string          `json:"kind"`    // of a change, or of the user in welcome
	Message        string          `json:"message"` // an id in change, words in error
	Data           json.RawMessage `json:"data"`
	Code           Code            `json:"code"`
	Ref            string          `json:"ref"`
	RetryAfter     int64           `json:"retry_after"`
	ReconnectAfter int64           `json:"reconnect_after"`
	ExpiresAt      time.Time       `json:"expires_at"`
	Limits         struct {
		Frame     int `json:"frame"`
		Subscribe int `json:"subscribe"`
	} `json:"limits"`
}

// maxSeq is the highest number that the protocol has.
const maxSeq = 1<<53 - 1

// decode reads a frame. A type that it does not know keeps no field but Type, and Room and Seq if they are what they are
// everywhere else. An error means that the server does not speak the protocol.
func decode(b []byte) (*frame, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, fmt.Errorf("the server sent what is no frame: %s", words(err.Error(), ""))
	}
	f := &frame{}
	switch head.Type {
	case "message", "ack", "change", "skip", "subscribed", "reset", "welcome", "auth", "goodbye", "error":
		if err := json.Unmarshal(b, f); err != nil {
			return nil, fmt.Errorf("the server sent a frame %s that is not one: %s", head.Type, words(err.Error(), ""))
		}
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("the server sent a frame %s %w", f.Type, err)
		}
	case "":
		return nil, errors.New("the server sent a frame without a type")
	default:
		var entry struct {
			Room string `json:"room"`
			Seq  uint64 `json:"seq"`
		}
		f.Type = head.Type
		if json.Unmarshal(b, &entry) == nil && entry.Seq <= maxSeq {
			f.Room, f.Seq = entry.Room, entry.Seq
		}
	}
	return f, nil
}

func (f *frame) check() error {
	switch f.Type {
	case "message", "ack", "change", "skip":
		switch {
		case f.Room == "":
			return errors.New("without a room")
		case f.Seq == 0 || f.Seq > maxSeq:
			return fmt.Errorf("with the number %d", f.Seq)
		}
	case "subscribed", "reset":
		switch {
		case f.Room == "" || f.Epoch == "":
			return errors.New("without a room or an epoch")
		case f.Seq > maxSeq:
			return fmt.Errorf("with the number %d", f.Seq)
		}
	case "welcome":
		if f.UserID == "" {
			return errors.New("without a user")
		}
	}
	return nil
}

// position is where the stream of the room stands behind this frame.
func (f *frame) position(epoch string) Position { return Position{Epoch: epoch, Seq: f.Seq, ID: f.ID} }

func (f *frame) message() *Message {
	return &Message{
		Room: f.Room, ID: f.ID, Seq: f.Seq, N: f.N, User: f.User, UserID: f.UserID, Content: f.Content, HTML: f.HTML, Time: f.Timestamp,
		ClientID: f.ClientID, Deleted: f.Deleted, Edited: f.Edited, Thread: f.Thread, Quote: f.Quote, Mentions: f.Mentions,
		MentionsAll: f.MentionsAll, Replies: f.Replies,
	}
}

func (f *frame) change() *Change {
	return &Change{
		Room: f.Room, Seq: f.Seq, ID: f.ID, Kind: f.Kind, Message: f.Message, User: f.User, UserID: f.UserID, Data: f.Data,
		Time: f.Timestamp,
	}
}

// removes reports whether this is the change that takes somebody out of the room.
func (f *frame) removes(userID string) bool {
	var data struct {
		UserID string `json:"user_id"`
	}
	return f.Type == "change" && f.Kind == "member_removed" && json.Unmarshal(f.Data, &data) == nil && data.UserID == userID
}

func (f *frame) refusal() *Error {
	return &Error{Code: f.Code, Message: words(f.Message, ""), RetryAfter: milliseconds(f.RetryAfter)}
}

// What a client says.
type (
	messageFrame struct {
		Type     string `json:"type"`
		Room     string `json:"room"`
		Content  string `json:"content"`
		ClientID string `json:"client_id"`
	}
	roomsFrame struct {
		Type  string   `json:"type"`
		Rooms []wanted `json:"rooms"`
	}
	wanted struct {
		Room  string  `json:"room"`
		Epoch string  `json:"epoch,omitempty"`
		Seq   *uint64 `json:"seq,omitempty"`
		ID    string  `json:"id,omitempty"`
	}
	authFrame struct {
		Type  string `json:"type"`
		Token string `json:"token"`
	}
)

// encode never fails: the types above hold nothing but strings and numbers.
func encode(f any) []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return b
}

// want names a room and, if there is one, the position to go on from.
func want(room string, at Position) wanted {
	if at.Epoch == "" {
		return wanted{Room: room}
	}
	return wanted{Room: room, Epoch: at.Epoch, Seq: &at.Seq, ID: at.ID}
}

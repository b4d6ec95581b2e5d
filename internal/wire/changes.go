package wire

import (
	"bytes"
	"encoding/json"
)

// The data of changes of messages: how the message is when the frame is made, which may be long after the change.

// Edited is the data of an edit.
type Edited struct {
	Content     string   `json:"content"`
	HTML        string   `json:"html,omitempty"`
	Edited      Time     `json:"edited"`
	Mentions    []string `json:"mentions,omitempty"`
	MentionsAll string   `json:"mentions_all,omitempty"`
}

// Gone is the data of a change of a message that has been deleted since.
type Gone struct {
	Deleted bool `json:"deleted"`
}

// Buried is the data of a deletion: empty, but for a reply, which names its thread and what is left of that.
type Buried struct {
	Thread  string   `json:"thread,omitempty"`
	Replies *Replies `json:"replies,omitempty"`
}

// Reacted is the data of a reaction that was given or taken back.
type Reacted struct {
	Emoji string   `json:"emoji"`
	Count int      `json:"count"` // people; 0: nobody any more
	First uint64   `json:"first"` // seq of the oldest one that still stands
	Users []Person `json:"users"` // at most 20, the earliest
}

// Pinned is the data of pin and unpin.
type Pinned struct {
	Pinned bool `json:"pinned"`
}

// ObjectOf writes one of the above. It panics on what is no JSON object.
func ObjectOf(data any) Object {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		panic(err)
	}
	return Object(bytes.TrimSpace(b.Bytes()))
}

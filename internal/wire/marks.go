package wire

import "strconv"

// ThreadRead is how far the person has read in a thread, on whichever device. It has no seq: what has a room and a seq is an
// entry to whoever does not know its type.
type ThreadRead struct {
	Type    string `json:"type"`
	Room    string `json:"room"`
	Thread  string `json:"thread"` // id of the root
	ReadSeq uint64 `json:"read_seq"`
	Unread  uint64 `json:"unread"`
}

// ThreadFollow says whether the person follows a thread from now on, by what they did or because of what others said.
type ThreadFollow struct {
	Type      string `json:"type"`
	Room      string `json:"room"`
	Thread    string `json:"thread"`
	Following bool   `json:"following"`
}

// Saved says whether the person has saved a message for later, on whichever device.
type Saved struct {
	Type    string `json:"type"`
	Room    string `json:"room"`
	Message string `json:"message"`
	Saved   bool   `json:"saved"`
}

// FrameType returns "thread_read".
func (*ThreadRead) FrameType() string { return TypeThreadRead }

// FrameType returns "thread_follow".
func (*ThreadFollow) FrameType() string { return TypeThreadFollow }

// FrameType returns "saved".
func (*Saved) FrameType() string { return TypeSaved }

// Append appends the frame as JSON.
func (f *ThreadRead) Append(dst []byte) []byte {
	dst = appendHead(dst, TypeThreadRead, f.Room)
	dst = appendString(append(dst, `,"thread":`...), f.Thread)
	dst = appendNumber(dst, `,"read_seq":`, f.ReadSeq)
	return append(appendNumber(dst, `,"unread":`, f.Unread), '}')
}

// Append appends the frame as JSON.
func (f *ThreadFollow) Append(dst []byte) []byte {
	dst = appendHead(dst, TypeThreadFollow, f.Room)
	dst = appendString(append(dst, `,"thread":`...), f.Thread)
	return append(appendBool(dst, `,"following":`, f.Following), '}')
}

// Append appends the frame as JSON.
func (f *Saved) Append(dst []byte) []byte {
	dst = appendHead(dst, TypeSaved, f.Room)
	dst = appendString(append(dst, `,"message":`...), f.Message)
	return append(appendBool(dst, `,"saved":`, f.Saved), '}')
}

func appendBool(dst []byte, key string, is bool) []byte {
	return strconv.AppendBool(append(dst, key...), is)
}

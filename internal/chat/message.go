package chat

import (
	"context"
	"time"
)

// Limits of a message.
const (
	MaxContent = 8000    // code points
	PageSize   = 50      // messages on a page of history
	MaxPage    = 1 << 40 // of history by number
	MaxLag     = 10000

	MaxEdits     = 100 // of one message
	MaxEmoji     = 64  // bytes of a reaction
	MaxReactions = 20  // different ones on a message
	MaxReactors  = 20  // people named with a reaction
	MaxPins      = 100 // in a room
	MaxMentions  = 50  // people mentioned in a message
	MaxRepliers  = 3   // people named with a thread's replies
)

// Message is something said in a room.
type Message struct {
	ID       string // UUID
	Room     RoomID
	RoomName string
	Seq      uint64 // its place in the room's sequence
	N        uint64 // its place among the room's top-level messages; 0 of a reply
	Author   UserID
	UserName string // the author's name now
	ClientID string // the author's idempotency key, a UUID
	Content  string
	HTML     string    // Content as Markdown, rendered; "" when it is plain
	Renderer int       // the version of the rules that made HTML; 0: nobody has rendered it
	Created  time.Time // UTC, millisecond precision
	Deleted  bool      // a tombstone: of what was said nothing is left, here and in the store
	Edited   time.Time // when Content last changed; zero: never

	Thread   string // id of the message that it is a reply to, the thread's root; "" of a top-level one
	RootSeq  uint64 // the root's Seq; 0 of a top-level one
	Quote    string // id of the message of the same room that it quotes, or ""
	Mentions []UserID
	// MentionsAll is MentionRoom, MentionHere or "".
	MentionsAll string

	// Replies are those to the message; with a reply in the stream they are those to its root, after it. nil: none.
	Replies *Replies
	// What only pages, pins and single messages have, as the one who reads them sees it. The stream is the same for everybody
	// and tells of these by changes.
	Reactions []Reaction // by First
	Pinned    bool
	Saved     bool // by the reader
	Following bool // the reader follows the thread whose root it is
}

// What a message can mention beside people.
const (
	MentionRoom = "room" // all members
	MentionHere = "here" // those who are online in the room
)

// Origin is the Seq of the entry that one must have been there for to see the message: a reply is seen by those who see its root.
func (m *Message) Origin() uint64 {
	if m.RootSeq > 0 {
		return m.RootSeq
	}
	return m.Seq
}

// Person is somebody with the name of now.
type Person struct {
	ID   UserID
	Name string
}

// Reaction is one emoji on a message, with those who gave it.
type Reaction struct {
	Emoji string
	Count int    // people
	First uint64 // seq of the oldest one that still stands
	Users []Person
	Me    bool // the reader is among them; only where a Message is read for one reader
}

// Replies sums up a thread.
type Replies struct {
	Count   int
	LastSeq uint64
	Last    time.Time
	Users   []Person // at most MaxRepliers, the latest first
}

// Former is what a message said before an edit.
type Former struct {
	Content string
	At      time.Time // when it was written
}

// ChangeKind says what a change did.
type ChangeKind string

// Kinds of changes so far. Receivers skip kinds they do not know. Those of the second block are about a message, which
// they name; edit and delete rewrite what comes before them in the sequence.
const (
	ChangeMemberAdded   ChangeKind = "member_added"
	ChangeMemberRemoved ChangeKind = "member_removed"
	ChangeTopic         ChangeKind = "topic"
	ChangeArchived      ChangeKind = "archived"
	ChangeUnarchived    ChangeKind = "unarchived"
	ChangeRenamed       ChangeKind = "renamed"
	ChangeSettings      ChangeKind = "settings"
	ChangeRole          ChangeKind = "role"

	ChangeEdit    ChangeKind = "edit"
	ChangeDelete  ChangeKind = "delete"
	ChangeReact   ChangeKind = "react"
	ChangeUnreact ChangeKind = "unreact"
	ChangePin     ChangeKind = "pin"
	ChangeUnpin   ChangeKind = "unpin"
)

// IsOfMessage says whether changes of the kind are about a message.
func (k ChangeKind) IsOfMessage() bool {
	switch k {
	case ChangeEdit, ChangeDelete, ChangeReact, ChangeUnreact, ChangePin, ChangeUnpin:
		return true
	}
	return false
}

// Rewrites says whether entries before a change of the kind read differently after it.
func (k ChangeKind) Rewrites() bool { return k == ChangeEdit || k == ChangeDelete }

// Change is an entry of a room's sequence that is no message.
type Change struct {
	ID       string // UUID
	Room     RoomID
	RoomName string
	Seq      uint64
	Kind     ChangeKind
	Message  string // id of the message it is about, or ""
	Actor    UserID
	UserName string // the actor's name now
	Subject  UserID // member_added, member_removed, role: who
	Data     string // JSON object for the client, as docs/protocol.md has it for each kind
	Created  time.Time
	// Now is the message that it is about as it is when the change is read, which may be long after: a change of a message
	// is a pointer to it and stores nothing of it. Of the reactions it has the one that the change is about, if it is about
	// one. nil of other changes.
	Now *Message
}

// Event is one committed entry of a room: a message or a change, exactly one of them not nil.
type Event struct {
	Epoch   string
	Message *Message
	Change  *Change
}

// Text returns the message that the event has or rewrites; nil: none.
func (e Event) Text() *Message {
	if e.Change != nil && e.Change.Kind == ChangeEdit {
		return e.Change.Now
	}
	return e.Message
}

// Room returns the room of the event.
func (e Event) Room() RoomID {
	if e.Message != nil {
		return e.Message.Room
	}
	return e.Change.Room
}

// Seq returns its number in the room's sequence.
func (e Event) Seq() uint64 {
	if e.Message != nil {
		return e.Message.Seq
	}
	return e.Change.Seq
}

// ID returns the id of the message or change.
func (e Event) ID() string {
	if e.Message != nil {
		return e.Message.ID
	}
	return e.Change.ID
}

// Head is where a room's sequence ends.
type Head struct {
	Epoch  string
	Seq    uint64
	ID     string // id of the entry at Seq, "" when Seq is 0
	MinSeq uint64
}

// PageQuery asks for a piece of a room's history. Exactly one of Page, Before, After and Around is set; none means Page 1.
type PageQuery struct {
	Page   uint64  // 1 is the newest
	Before *uint64 // messages with a lower seq, the newest of them
	After  *uint64 // messages with a higher seq, the oldest of them
	Around string  // a message's id: up to Limit messages before it, itself, and up to Limit after it
	Limit  int     // 1..PageSize; 0 means PageSize
	Thread string  // of the thread with this root, instead of the room's top-level messages
	Reader UserID  // for whom: Reaction.Me and what else of a message depends on who reads it; "" for nobody
}

// Page is a piece of history, oldest first, all read in one transaction.
type Page struct {
	Messages []Message
	Page     uint64 // with a query by page
	HasMore  bool   // there is more in the direction of the query (older, also with Around; newer with After)
	HasNewer bool   // with Around: there is more after the last one
	Epoch    string
	RootSeq  uint64 // with Thread: the root's Seq
	AsOf     uint64 // the room's seq at which all of this is true
}

// Journal is the one transaction that matters, and the reads that must agree with it.
type Journal interface {
	// Commit carries out ops in order in one transaction and makes it durable. It gives every accepted message or change
	// the next seq of its room (top-level messages the next n as well), checks permissions and preconditions again inside the
	// transaction, and answers each op on its own: a refused one leaves no trace and its number to the next.
	//
	// An error of the whole means that nothing of the batch is known to be stored: Code UnknownOutcome when the commit
	// broke off (the committer then asks again with Lookup), any other when it certainly did not happen (disk full).
	// Commit is called by one goroutine at a time.
	Commit(ctx context.Context, ops []Op) ([]Outcome, error)
	// Lookup says what became of ops whose commit broke off: an Outcome like Commit's for each that is stored,
	// Err with Code NotFound for one that is not.
	Lookup(ctx context.Context, ops []Op) ([]Outcome, error)
	// Page reads history. Invalid when the query is out of range, NotFound when the room has no message Around.
	Page(ctx context.Context, room RoomID, q PageQuery) (Page, error)
	// Head reads where the room ends.
	Head(ctx context.Context, room RoomID) (Head, error)
	// Entries returns the events after seq, in order and without a hole, at most limit, and the head read in the same transaction.
	Entries(ctx context.Context, room RoomID, after uint64, limit int) (Head, []Event, error)
}

// Op is one write for the committer: exactly one pointer is set.
type Op struct {
	Post   *Post
	Change *ChangeOp
	Read   *ReadOp
	Mark   *MarkOp
}

// Post is a message to be stored.
type Post struct {
	Message     // ID, Room, Author, ClientID, Content, HTML, Renderer, Thread, Quote, Mentions, Created are set by Service; Seq and N by the store
	Actor       Actor
	Here        []UserID // as in Mentioned
	RequestHash [16]byte // of the normalised first request: tells a retry from a conflict
}

// ChangeOp is a change to be stored; ChangeOp.Decide says what those of rooms do, ChangeOp.DecideMessage whether those of messages may be. Some leave an entry in the audit log, in
// the same transaction: see ChangeOp.Audit.
//
// A change of a message that would change nothing is not stored: its Outcome is Again without an Event.
type ChangeOp struct {
	Change
	By       Actor
	Topic    string   // ChangeTopic
	Name     string   // ChangeRenamed
	Settings Settings // ChangeSettings
	Role     Role     // ChangeRole
	Removal  Removal  // ChangeMemberRemoved

	// ChangeEdit: what the message says from now on. Edited is Created.
	Content, HTML string
	Renderer      int
	Mentions      []UserID
	MentionsAll   string
	Here          []UserID // as in Mentioned

	Emoji  string // ChangeReact, ChangeUnreact
	Reason string // ChangeDelete, for the audit log
}

// ReadOp moves a cursor. With a Version, which must be the one the caller has seen, N may be lower than before (mark
// unread). Without one the cursor only ever moves forward: a lower N changes nothing.
type ReadOp struct {
	Room    RoomID
	By      Actor
	N       uint64
	Version *uint64
}

// Outcome is what became of one Op.
type Outcome struct {
	Err    error // *Error; nil when stored
	Event  Event // Post, Change: what is stored, also for a duplicate
	Again  bool  // Post: it was there before; Change: it was so before, and there is no Event; nothing new was written
	Joined bool  // Post, Read: the actor became a member of the room by it; false when that is not known (Lookup)
	Mark   Mark  // Mark: how it stands
	// Follows are those who follow the thread from this reply on and did not before.
	Follows []UserID
	Cursor  Cursor // Read: the cursor now, also with Conflict; Post: the author's own cursor after it
	// Showing is what people are told who may not be subscribed to the room; nil: nothing.
	Showing *Showing
}

// Store is everything that is kept.
type Store interface {
	MentionStore
	UserStore
	PictureStore
	SessionStore
	InviteStore
	AuditStore
	WorkspaceStore
	PeopleStore
	ReportStore
	AnnouncementStore
	RoomStore
	MessageStore
	ThreadStore
	SavedStore
	Journal
	Close() error
}

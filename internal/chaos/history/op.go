package history

// Kind is what a record tells of.
type Kind string

// The kinds of records. Behind each, the fields that it has.
const (
	ClientIs   Kind = "client"     // Client, User, Form: device, room-socket, poster, changer, reader, pager, nemesis, dump
	Open       Kind = "open"       // Conn, Invoke, Return: a socket was opened
	Closed     Kind = "closed"     // Conn, Code, Return: it has ended
	Send       Kind = "send"       // Room, ClientID, Hash, Invoke: one attempt
	Answer     Kind = "answer"     // Room, ClientID, Result, Code, Return; of Ok also Seq, N, ID
	Change     Kind = "change"     // Room, ID and ClientID of the message, Code: edit, delete, react, unreact; Hash of what it is to say, or Detail, the emoji; Invoke: one attempt
	Changed    Kind = "changed"    // as Change, with Result and Return in the place of Invoke
	Subscribe  Kind = "subscribe"  // Room, Invoke; with a position also Epoch, Seq, ID and Placed; Form, unless it is where the client is: old, start, or made up as epoch, ahead, id
	Subscribed Kind = "subscribed" // Room, Epoch, Seq, ID, Return
	Reset      Kind = "reset"      // as Subscribed
	Entry      Kind = "entry"      // Form: message, ack, change, skip, page; Room, Seq, N, ID, ClientID, User, Hash, Return
	Page       Kind = "page"       // Room, Seq: after which; AsOf, Epoch, Count entries follow; Invoke, Return
	Cursor     Kind = "cursor"     // Room, N, Version, Return: a cursor that was heard of
	Settled    Kind = "settled"    // Room, Epoch, Seq, N, Version, Unread, Users: what a client believes at the end; Form: half, after: once half, once all have left
	Expelled   Kind = "expelled"   // Code, Return: told that it may not be here any more
	Unexpected Kind = "unexpected" // Detail, Return: something that may never happen
)

// What the nemesis and the end of a run write.
const (
	Fault   Kind = "fault"   // Form: kill, pause...; Detail, Invoke, Return
	Removed Kind = "removed" // User, Room ("" everywhere), Seq if it is known, Invoke, Return
	Healed  Kind = "healed"  // Return: from here on there are no faults
	Quiet   Kind = "quiet"   // Return: every send has been answered
	Sample  Kind = "sample"  // Form: baseline, end; Goroutines, FDs, Heap
	Dump    Kind = "dump"    // Form: sql, rest, socket; Room, Epoch, Seq and N of the head; its entries follow, of socket those behind AsOf
	Dumped  Kind = "dumped"  // Form and Room as Dump; Seq, N, ID, ClientID, User, Hash, of sql and rest also Users, as Reaction writes who reacts; of a change Code is its kind
	Unread  Kind = "unread"  // Form: sql, rest, socket; User, Room, N, Version, Unread
)

// Result is how an attempt ended.
type Result string

// Unknown is everything that leaves open whether the message was stored: no answer in time, a connection that ended, an
// error that says so.
const (
	Ok      Result = "ok"
	Fail    Result = "fail"
	Unknown Result = "unknown"
)

// Op is one record. Which fields mean something depends on its Kind.
type Op struct {
	Op       Kind   `json:"op"`
	Client   string `json:"client,omitempty"` // set by Load
	User     string `json:"user,omitempty"`
	Form     string `json:"form,omitempty"`
	Node     int    `json:"node,omitempty"`
	Conn     int    `json:"conn,omitempty"`
	Room     string `json:"room,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	Invoke   int64  `json:"invoke_ns,omitempty"`
	Return   int64  `json:"return_ns,omitempty"`
	Result   Result `json:"result,omitempty"`
	Code     string `json:"code,omitempty"`
	Placed   bool   `json:"placed,omitempty"`

	Seq   uint64 `json:"seq,omitempty"`
	N     uint64 `json:"n,omitempty"`
	ID    string `json:"id,omitempty"`
	Epoch string `json:"epoch,omitempty"`
	Hash  string `json:"hash,omitempty"`
	AsOf  uint64 `json:"as_of,omitempty"`
	Count int    `json:"count,omitempty"`

	Version uint64   `json:"version,omitempty"`
	Unread  uint64   `json:"unread,omitempty"`
	Users   []string `json:"users,omitempty"`

	Goroutines int    `json:"goroutines,omitempty"`
	FDs        int    `json:"fds,omitempty"`
	Heap       int64  `json:"heap,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// Meta says what a run was. It stands in meta.json.
type Meta struct {
	Seed     uint64            `json:"seed"`
	Seconds  float64           `json:"seconds"`
	Binary   string            `json:"binary"` // what `parley version` said
	Rooms    []string          `json:"rooms"`
	People   map[string]string `json:"people"` // name to user id
	Faults   []string          `json:"faults"`
	Disk     string            `json:"disk,omitempty"`    // fuse or tmpfs, what the data lay on
	Skipped  map[string]string `json:"skipped,omitempty"` // fault to why it could not be made
	Complete bool              `json:"complete"`          // the run came to its end: the dumps are there
}

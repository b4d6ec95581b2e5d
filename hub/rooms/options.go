package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// User is who a connection belongs to. One that breaks the rules of its fields is refused like a failed Authenticate.
type User struct {
	// ID tells people apart: connections of one ID are one person, however many tabs. 1 to 256 bytes of UTF-8.
	ID string
	// Name is what others see, 1 to 64 characters of UTF-8; "": ID, which must then fit. It has no control character, is not
	// blank, and is not SystemName. Names need not be unique.
	Name string
	// Expires is when connections of this user are closed with 4001, unless an auth frame brings a fresh token. Zero: never.
	Expires time.Time
}

// SystemName is the name that messages of the server itself have, with an empty user_id. No user may be called so, in
// whatever case.
const SystemName = "system"

// ErrNotFound is returned for a room that does not exist.
var ErrNotFound = errors.New("rooms: there is no such room")

// Options say who may talk where. Authenticate, and Rooms or Open, are required. The functions are called concurrently.
type Options struct {
	// Authenticate says who is asking. An error is answered with 401 before the upgrade and goes to the log, so it must not
	// contain the token. An auth frame calls it again with a copy of the first request that has no cookies and no ?token=,
	// and carries the new token in Authorization: Bearer; where a cookie says who somebody is, such a frame is refused, so
	// leave User.Expires zero there and call Disconnect when they sign out.
	Authenticate func(r *http.Request) (User, error)

	// Rooms are the rooms that exist, each [a-z0-9][a-z0-9-]{0,63}.
	Rooms []string
	// Open makes every room exist that has such a name and that somebody enters. Without it a room outside Rooms is 404.
	Open bool
	// Allow decides whether a user may enter a room that exists. ErrNotFound (also wrapped) is answered as if it did not,
	// any other error with 403; neither is shown. With Open, this is how a set of rooms changes. nil: everybody may.
	// It is asked on entering, for each room of the list in welcome, and not again while somebody is in.
	Allow func(u User, room string) error

	// OnMessage is called for every message of a user before it is delivered, once, in the order of the room and one at
	// a time for each room; a database that it writes to has the room's history, under Message.ID (Seq begins anew with the
	// process). Nothing is read back from it: pages get what is older than History from the host's own route, asked once
	// subscribed has come, and drop what they have already, by id. An error refuses the message and is logged;
	// the sender hears Refusal's text, of any other error only that it failed. While it runs, nobody else can post to the
	// room, and Broadcast to the same room would wait for ever. ctx ends with the server.
	OnMessage func(ctx context.Context, m Message) error

	// History is how many messages of each room are kept to be replayed after a lost connection. 0: 100.
	History int
	// MaxContent is how many characters (code points) a message may have. 0: 8,000.
	MaxContent int
	// Rate is how many messages a second each user may send, and Burst how many at once. 0: 20 and 200. A negative Rate
	// means no limit.
	Rate  float64
	Burst int

	// CheckOrigin decides which pages may connect; false is 403. nil: pages of the same host. See websocket.NewOrigins.
	CheckOrigin func(r *http.Request) bool
	// Logger hears who connects and who is refused, never a token. nil: slog.Default.
	Logger *slog.Logger
}

// Message is one message of a room.
type Message struct {
	ID        string    `json:"id"`  // UUID; no other message ever has it, so it is the key in a database
	Seq       uint64    `json:"seq"` // 1, 2, 3, …; anew from 1 when the server starts, or forgets an open room
	Room      string    `json:"room"`
	User      string    `json:"user"`
	UserID    string    `json:"user_id"`
	Content   string    `json:"content"`
	Timestamp time.Time `json:"timestamp"`           // UTC, whole milliseconds
	ClientID  string    `json:"client_id,omitempty"` // the sender's UUID for it, if there was one
}

// Refusal is an error of OnMessage whose text is shown to the sender.
type Refusal string

// Error returns the text.
func (r Refusal) Error() string { return string(r) }

func (o *Options) setDefaults() {
	if o.Authenticate == nil {
		panic("rooms: Options.Authenticate is required")
	}
	if len(o.Rooms) == 0 && !o.Open {
		panic("rooms: no room can exist; set Options.Rooms or Options.Open")
	}
	o.Rooms = slices.Clone(o.Rooms)
	for _, name := range o.Rooms {
		if !validRoom(name) {
			panic(fmt.Sprintf("rooms: %q in Options.Rooms: %s", name, roomRule))
		}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.History <= 0 {
		o.History = 100
	}
	if o.MaxContent <= 0 {
		o.MaxContent = 8000
	}
	if o.Rate == 0 {
		o.Rate = 20
	}
	if o.Burst <= 0 {
		o.Burst = 200
	}
}

const roomRule = "room must be 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit"

func validRoom(name string) bool {
	if len(name) < 1 || len(name) > 64 || name[0] == '-' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// check completes the user and says what is wrong with it.
func (u *User) check() error {
	if u.Name == "" {
		u.Name = u.ID
	}
	switch {
	case u.ID == "" || len(u.ID) > 256 || !utf8.ValidString(u.ID):
		return errors.New("rooms: a user's ID must have 1 to 256 bytes of UTF-8")
	case !utf8.ValidString(u.Name) || utf8.RuneCountInString(u.Name) > 64 || strings.ContainsFunc(u.Name, unicode.IsControl):
		return errors.New("rooms: a user's name must have at most 64 characters and no control characters")
	case strings.TrimFunc(u.Name, isBlank) == "":
		return errors.New("rooms: a user's name is blank")
	case strings.EqualFold(strings.TrimFunc(u.Name, isBlank), SystemName):
		return errors.New("rooms: the name " + SystemName + " is the server's own")
	case !u.Expires.IsZero() && !u.Expires.After(time.Now()):
		return errors.New("rooms: the user's time is up")
	}
	return nil
}

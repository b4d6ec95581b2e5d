package chat

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Limiter decides rates.
type Limiter interface {
	// Send asks for one message of user. When it is too early, ok is false and retryAfter says when to come again.
	Send(user UserID, kind UserKind) (retryAfter time.Duration, ok bool)
}

// Config is what a Service is built from. Store and Skeleton are required.
type Config struct {
	Store Store
	// Publish is called from the committer's goroutine with what each commit newly stored, in order and in one or several pieces,
	// before any caller is told of it.
	// After a commit whose outcome stayed unknown, what retries find is given again: the receiver goes by the numbers.
	// It must not block. It may be nil.
	Publish func([]Event)
	Now     func() time.Time // nil: time.Now
	NewID   func() string    // nil: random UUIDs of version 7
	// Skeleton maps a name to the form in which names are compared.
	Skeleton func(name string) string
	// CleanName brings a new member's name to its stored form or refuses it; nil: CheckName on the trimmed name.
	CleanName func(name string) (string, error)
	Limiter   Limiter // nil: no limits
	// Renderer makes HTML of what people write, on the goroutine of whoever posts or reads; nil: nobody does.
	Renderer Renderer
	// NewRoom, MoveRead and React ask for one room that user wants to make, for one move of a cursor, and for one reaction put
	// on a message or taken back. When it is too early, ok is false and retryAfter says when to come again. nil: no limit.
	NewRoom, MoveRead, React func(user UserID) (retryAfter time.Duration, ok bool)
	// Joined is told of each user who became a member of a room by what they did themselves: making it, their first message,
	// the first time they read. It comes before the message that it came with, from the committer's goroutine or the caller's of
	// CreateRoom. It must not block; nil: nobody is told.
	Joined func(RoomID, UserID)
	// SessionEnded is told of each session that was revoked or had to make room for another one, once the store knows; nil:
	// nobody is. It must not block.
	SessionEnded func(SessionID)
	// UserChanged is told of each user whose role has changed, or whose account was disabled or enabled, once the store
	// knows; nil: nobody is. It must not block.
	UserChanged func(UserID)
	// ProfileChanged is told of each user whose name, display name, picture or status has changed, once the store knows; nil:
	// nobody is. It must not block.
	ProfileChanged func(User)
	// RoomShown is told of each room that has come into people's lists or has another name, once the store knows and before
	// the entry that did it is published, but after whatever was stored before it; nil: nobody is. It must not block.
	RoomShown func(Showing)
	// RoomHidden is told of each direct room that a user has taken out of their list, in one order with RoomShown and Publish;
	// nil: nobody is. It must not block.
	RoomHidden func(Room, UserID)
	// Marked is told how a mark of somebody's stands whenever it is another one: by what they did themselves, or, of threads
	// that they follow from now on, because of a reply. It comes before the reply, from the committer's goroutine. It must not
	// block; nil: nobody is told.
	Marked func(UserID, Mark)
	// PreferencesChanged, Announced and AnnouncementEnded are told of what their names say, in the order in which the store
	// knows it; nil: nobody is. They must not block.
	PreferencesChanged func(UserID, Preferences)
	Announced          func(Announcement)
	AnnouncementEnded  func(AnnouncementID)
	// Here says who is in a room at the moment; nil: nobody is. It must not block.
	Here func(RoomID) []UserID
	// Notified is told of what somebody wants to hear of a room, once the store knows; nil: nobody is. It must not block.
	Notified func(UserID, Room, NotifyOutcome)
	Logger   *slog.Logger // nil: slog.Default
	// Observe is told of each commit, from the committer's goroutine; nil: nobody counts. It must not block.
	Observe func(BatchStats)
	// Mutant says, in programs built with the tag faults alone, which mistakes are to be made on purpose; nil: none.
	Mutant func(name string) bool
}

// Service is everything that can be done in a workspace, with its rules. All methods may be called concurrently.
type Service struct {
	cfg       Config
	store     Store
	committer *committer
	rooms     *roomCache
	setUp     atomic.Bool // somebody has an account
	rendering rendering
	mutant    mutants
	shown     chan struct{} // full from a change that others see until it is told: changes are told in order

	preferring sync.Mutex // held until a change of preferences is told
	standing   standing
}

// NewService starts the committer. The caller owes a Close.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewID == nil {
		now := cfg.Now
		cfg.NewID = func() string { return NewUUID(now()) }
	}
	if cfg.CleanName == nil {
		cfg.CleanName = trimAndCheckName
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	rooms, told := newRoomCache(), cfg.RoomShown
	cfg.RoomShown = func(sh Showing) {
		if sh.Was != "" {
			rooms.rename(sh.Room.ID)
		}
		if told != nil {
			told(sh)
		}
	}
	return &Service{
		cfg:       cfg,
		store:     cfg.Store,
		committer: startCommitter(cfg),
		rooms:     rooms,
		rendering: rendering{cfg.Renderer},
		mutant:    cfg.Mutant,
		shown:     make(chan struct{}, 1),
	}
}

// Close refuses new writes with Overloaded, finishes those that are queued and waits for that, or for ctx.
// It does not close the store. Calling it again waits again.
func (s *Service) Close(ctx context.Context) error { return s.committer.close(ctx) }

// Queued returns how many writes wait for a commit, and their bytes.
func (s *Service) Queued() (ops, bytes int) { return s.committer.queued() }

// The rooms that every workspace begins with.
var firstRooms = []struct{ name, topic string }{
	{"general", "Everything that concerns everyone"},
	{"random", "Everything else"},
	{"help", "Questions and answers"},
}

// EnsureRooms makes the rooms that every workspace begins with, where they are missing.
func (s *Service) EnsureRooms(ctx context.Context) error {
	for _, r := range firstRooms {
		_, err := s.store.RoomByName(ctx, r.name)
		if CodeOf(err) == NotFound {
			_, err = s.store.CreateRoom(ctx, s.newRoom(r.name, r.topic, RoomPublic), "")
		}
		if err != nil && CodeOf(err) != Conflict {
			return WrapInternal("chat.EnsureRooms", err)
		}
	}
	return nil
}

// changeLists carries out, beside the queue, what changes somebody's list of rooms, and tells of it: nothing that is stored later
// is told before. act must not wait for the committer.
func (s *Service) changeLists(ctx context.Context, op string, act func() error) error {
	select {
	case s.committer.telling <- struct{}{}:
		defer func() { <-s.committer.telling }()
		return withOp(op, act())
	case <-ctx.Done():
		return &Error{Code: Overloaded, Op: op, Message: "the server is busy: try again", RetryAfter: time.Second, Err: ctx.Err()}
	}
}

// Wait turns a write with a callback into a call: it returns the Outcome, or UnknownOutcome when ctx ends first (the
// write goes on).
func Wait(ctx context.Context, write func(done func(Outcome))) Outcome {
	answered := make(chan Outcome, 1)
	write(func(o Outcome) { answered <- o })
	select {
	case o := <-answered:
		return o
	case <-ctx.Done():
		return Outcome{Err: &Error{Code: UnknownOutcome, Op: "chat.Wait",
			Message: "no answer yet: it may be stored; retry with the same id", Err: ctx.Err()}}
	}
}

// Now is the time by which statuses and announcements end.
func (s *Service) Now() time.Time { return s.now() }

// now is the time as it is stored: UTC, whole milliseconds.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// withOp names the operation in an error that a store returned without one, and hides what is not an Error.
func withOp(op string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Op == "" {
		named := *e
		named.Op = op
		return &named
	}
	return WrapInternal(op, err)
}

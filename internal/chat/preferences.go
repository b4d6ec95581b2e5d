package chat

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of preferences.
const (
	MaxHighlights = 50 // words
	MaxHighlight  = 64 // code points of one
	maxZone       = 64 // bytes
)

// Preferences are what somebody wants on all of their devices. The server keeps them; their clients act on them.
type Preferences struct {
	Highlights    []string     `json:"highlights,omitempty"` // words and phrases that count as a mention for this person
	DoNotDisturb  DoNotDisturb `json:"dnd,omitzero"`
	ShareLastSeen bool         `json:"share_last_seen,omitempty"` // others may know when they were last here
}

// DoNotDisturb is when nobody wants to be notified: until a time, in certain hours of each day, or both.
type DoNotDisturb struct {
	Until time.Time `json:"until,omitzero"`
	Hours *Hours    `json:"schedule,omitempty"`
}

// Hours are those of a clock in a time zone, over midnight when To is not after From.
type Hours struct {
	From string `json:"from"` // such as 22:00
	To   string `json:"to"`
	Zone string `json:"zone"` // a name of the time zone database, such as Europe/London
}

// JSON is the form in which preferences are stored.
func (p Preferences) JSON() string {
	b, err := json.Marshal(p)
	if err != nil { // strings, a bool and a time can always be written
		panic(err)
	}
	return string(b)
}

// ParsePreferences reads what JSON wrote.
func ParsePreferences(stored string) (p Preferences, err error) {
	return p, json.Unmarshal([]byte(stored), &p)
}

// PeopleStore keeps what people want of this place and of each other.
type PeopleStore interface {
	// Preferences returns the zero value for somebody who has said nothing, or has no row.
	Preferences(ctx context.Context, user UserID) (Preferences, error)
	// SetPreferences replaces them. Unauthenticated when there is no such user. Who does not share when they were last here has
	// no such time stored from then on.
	SetPreferences(ctx context.Context, user UserID, p Preferences) error
	// LastSeen notes when the last connections of some people ended: of those among them who share it, whom it returns.
	LastSeen(ctx context.Context, users []UserID, at time.Time) ([]UserID, error)
	// Blocks lists whom user has blocked, newest first.
	Blocks(ctx context.Context, user UserID) ([]Block, error)
	// SetBlock blocks somebody or takes it back, and notes it in the audit log; when it is so already, nothing happens. What
	// MayBlock says, NotFound when there is no such user, ErrManyBlocks past MaxBlocks.
	SetBlock(ctx context.Context, by Actor, user UserID, blocked bool, at time.Time) error
}

// Preferences returns what user wants.
func (s *Service) Preferences(ctx context.Context, user UserID) (Preferences, error) {
	p, err := s.store.Preferences(ctx, user)
	return p, withOp("chat.Preferences", err)
}

// SetPreferences replaces what user wants, and returns it as it is stored. For who has an account.
func (s *Service) SetPreferences(ctx context.Context, user UserID, p Preferences) (Preferences, error) {
	const op = "chat.SetPreferences"
	var err error
	if p.Highlights, err = cleanHighlights(op, p.Highlights); err != nil {
		return Preferences{}, err
	}
	if p.DoNotDisturb.Hours != nil {
		if err := p.DoNotDisturb.Hours.check(op); err != nil {
			return Preferences{}, err
		}
	}
	if until := p.DoNotDisturb.Until; !until.IsZero() {
		p.DoNotDisturb.Until = until.UTC().Truncate(time.Millisecond)
		if until.Sub(s.now()) > MaxStatusTime {
			return Preferences{}, Errorf(Invalid, op, "dnd.until must be at most 366 days ahead")
		}
	}
	// One change at a time: what devices hear last is what is stored.
	s.preferring.Lock()
	defer s.preferring.Unlock()
	if err := s.store.SetPreferences(ctx, user, p); err != nil {
		return Preferences{}, withOp(op, err)
	}
	if s.cfg.PreferencesChanged != nil {
		s.cfg.PreferencesChanged(user, p)
	}
	return p, nil
}

// cleanHighlights trims words and leaves out what is there twice, whatever its case.
func cleanHighlights(op string, words []string) ([]string, error) {
	if len(words) > MaxHighlights {
		return nil, Errorf(TooLarge, op, "highlights has more than %d words", MaxHighlights)
	}
	var clean []string
	for _, w := range words {
		w = strings.TrimSpace(w)
		if err := checkTitle(op, "highlights", w, MaxHighlight); err != nil {
			return nil, err
		}
		if w == "" || !utf8.ValidString(w) {
			return nil, Errorf(Invalid, op, "a word of highlights is empty")
		}
		if !slices.ContainsFunc(clean, func(other string) bool { return strings.EqualFold(w, other) }) {
			clean = append(clean, w)
		}
	}
	return clean, nil
}

// check looks at the form alone: whether a zone exists is for the clients to know, which go by it.
func (h *Hours) check(op string) error {
	for _, at := range []string{h.From, h.To} {
		if t, err := time.Parse("15:04", at); err != nil || t.Format("15:04") != at {
			return Errorf(Invalid, op, "dnd.schedule: from and to must be times such as 22:00")
		}
	}
	if h.From == h.To {
		return Errorf(Invalid, op, "dnd.schedule: from and to are the same")
	}
	if h.Zone == "" || len(h.Zone) > maxZone || strings.Trim(h.Zone, zoneLetters) != "" {
		return Errorf(Invalid, op, "dnd.schedule: zone must be the name of a time zone, such as Europe/London")
	}
	return nil
}

const zoneLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-"

// WentAway notes that the last connections of some people have ended now. It returns this time, and who of them shares it.
func (s *Service) WentAway(ctx context.Context, users []UserID) (at time.Time, sharing []UserID, err error) {
	at = s.now()
	sharing, err = s.store.LastSeen(ctx, users, at)
	return at, sharing, withOp("chat.WentAway", err)
}

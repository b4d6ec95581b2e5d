package chat

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of announcements.
const (
	MaxAnnouncement  = 1000 // code points
	MaxAnnouncements = 5    // that stand at one time
)

// AnnouncementID is a UUID.
type AnnouncementID string

// Announcement is what an owner tells everybody, until a time or until it is ended.
type Announcement struct {
	ID         AnnouncementID
	Author     UserID
	AuthorName string
	Content    string
	HTML       string // rendered when it is read; it is not stored
	Created    time.Time
	Until      time.Time // zero: until it is ended
}

// AnnouncementStore keeps announcements.
type AnnouncementStore interface {
	// Announce stores a, made by by, and notes it in the audit log. Forbidden for all but owners, ErrManyAnnouncements when
	// there are MaxAnnouncements.
	Announce(ctx context.Context, by Actor, a Announcement) (Announcement, error)
	// Announcements lists those that stand at a time, oldest first.
	Announcements(ctx context.Context, now time.Time) ([]Announcement, error)
	// EndAnnouncement ends one that stands, and notes it in the audit log. Forbidden for all but owners, NotFound.
	EndAnnouncement(ctx context.Context, by Actor, id AnnouncementID, at time.Time) error
}

// ErrManyAnnouncements refuses an announcement beyond MaxAnnouncements.
func ErrManyAnnouncements() error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("there are %d announcements: end one first", MaxAnnouncements)}
}

// standing is what is announced now. Each new connection asks for it, so that it is kept here once it has been read. mu is
// held until a change has been told: changes are told in the order in which they are stored.
type standing struct {
	mu   sync.Mutex
	read bool
	list []Announcement
}

// Announce tells everybody something of at most MaxAnnouncement code points, until a time (zero: until it is ended). For
// owners.
func (s *Service) Announce(ctx context.Context, by Actor, content string, until time.Time) (Announcement, error) {
	const op = "chat.Announce"
	content, err := cleanContent(op, content)
	if err != nil {
		return Announcement{}, err
	}
	if utf8.RuneCountInString(content) > MaxAnnouncement {
		return Announcement{}, Errorf(TooLarge, op, "content is longer than %d characters", MaxAnnouncement)
	}
	now := s.now()
	if !until.IsZero() {
		until = until.UTC().Truncate(time.Millisecond)
		if !now.Before(until) || until.Sub(now) > MaxStatusTime {
			return Announcement{}, Errorf(Invalid, op, "until must be in the future, at most 366 days ahead")
		}
	}
	s.standing.mu.Lock()
	defer s.standing.mu.Unlock()
	a, err := s.store.Announce(ctx, by, Announcement{
		ID: AnnouncementID(s.cfg.NewID()), Author: by.ID, Content: content, Created: now, Until: until,
	})
	if err != nil {
		return Announcement{}, withOp(op, err)
	}
	a.HTML = s.rendering.html(a.Content)
	s.standing.list = append(slices.Clone(s.standing.list), a)
	if s.cfg.Announced != nil {
		s.cfg.Announced(a)
	}
	return a, nil
}

// Announcements lists what is announced now, oldest first. The caller must not change the list.
func (s *Service) Announcements(ctx context.Context) ([]Announcement, error) {
	now := s.now()
	s.standing.mu.Lock()
	defer s.standing.mu.Unlock()
	if !s.standing.read {
		list, err := s.store.Announcements(ctx, now)
		if err != nil {
			return nil, withOp("chat.Announcements", err)
		}
		for i := range list {
			list[i].HTML = s.rendering.html(list[i].Content)
		}
		s.standing.list, s.standing.read = list, true
	}
	over := func(a Announcement) bool { return !a.Until.IsZero() && !now.Before(a.Until) }
	if slices.ContainsFunc(s.standing.list, over) {
		s.standing.list = slices.DeleteFunc(slices.Clone(s.standing.list), over)
	}
	return s.standing.list, nil
}

// EndAnnouncement takes an announcement back. For owners. NotFound when it does not stand (any more).
func (s *Service) EndAnnouncement(ctx context.Context, by Actor, id AnnouncementID) error {
	const op = "chat.EndAnnouncement"
	norm, ok := NormalUUID(string(id))
	if !ok {
		return Errorf(NotFound, op, "there is no such announcement")
	}
	id = AnnouncementID(norm)
	s.standing.mu.Lock()
	defer s.standing.mu.Unlock()
	if err := s.store.EndAnnouncement(ctx, by, id, s.now()); err != nil {
		return withOp(op, err)
	}
	s.standing.list = slices.DeleteFunc(slices.Clone(s.standing.list), func(a Announcement) bool { return a.ID == id })
	if s.cfg.AnnouncementEnded != nil {
		s.cfg.AnnouncementEnded(id)
	}
	return nil
}

// html renders a text.
func (r rendering) html(text string) string {
	if r.by == nil {
		return ""
	}
	return r.by.Render(text)
}

// AuditMade is the entry that it leaves in the log when by announces it.
func (a Announcement) AuditMade(by User) AuditEntry {
	data := map[string]any{"content": a.Content}
	if !a.Until.IsZero() {
		data["until"] = a.Until.Format(time.RFC3339)
	}
	return entryBy(by, a.Created, AuditAnnounced).about(string(a.ID), "").with(data)
}

// AuditEnded is the entry that taking it back leaves in the log.
func (a Announcement) AuditEnded(by User, at time.Time) AuditEntry {
	return entryBy(by, at, AuditAnnouncementEnded).about(string(a.ID), "")
}

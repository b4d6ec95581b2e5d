package chattest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

type blockKey struct{ user, blocked chat.UserID }

type announcement struct {
	chat.Announcement
	ended bool
}

// Preferences returns what somebody wants; see chat.PeopleStore.
func (s *Store) Preferences(_ context.Context, user chat.UserID) (chat.Preferences, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.preferences[user], nil
}

// SetPreferences replaces what somebody wants; see chat.PeopleStore.
func (s *Store) SetPreferences(_ context.Context, user chat.UserID, p chat.Preferences) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(chat.Actor{ID: user}, false)
	if err != nil {
		return err
	}
	if !p.ShareLastSeen {
		u.LastSeen = time.Time{}
		s.users[user] = u
	}
	if s.preferences[user], err = chat.ParsePreferences(p.JSON()); err != nil {
		return err
	}
	return nil
}

// LastSeen notes when people went; see chat.PeopleStore.
func (s *Store) LastSeen(_ context.Context, users []chat.UserID, at time.Time) (sharing []chat.UserID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range users {
		if u, ok := s.users[id]; ok && s.preferences[id].ShareLastSeen {
			u.LastSeen = at
			s.users[id] = u
			sharing = append(sharing, id)
		}
	}
	return sharing, nil
}

// Blocks lists whom somebody has blocked; see chat.PeopleStore.
func (s *Store) Blocks(_ context.Context, user chat.UserID) ([]chat.Block, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []chat.Block
	for key, at := range s.blocks {
		if key.user == user {
			u := s.users[key.blocked]
			list = append(list, chat.Block{User: u.ID, Name: u.Name, Display: u.Display, Created: at})
		}
	}
	slices.SortFunc(list, func(a, b chat.Block) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.User, b.User)) })
	return list, nil
}

// SetBlock blocks somebody or takes it back; see chat.PeopleStore.
func (s *Store) SetBlock(_ context.Context, by chat.Actor, user chat.UserID, blocked bool, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return err
	}
	who, err := s.user(user)
	if err != nil {
		return err
	}
	if err := chat.MayBlock(u, who); err != nil {
		return err
	}
	key, many := blockKey{u.ID, who.ID}, 0
	for k := range s.blocks {
		if k.user == u.ID {
			many++
		}
	}
	switch _, was := s.blocks[key]; {
	case was == blocked:
		return nil
	case !blocked:
		delete(s.blocks, key)
	case many >= chat.MaxBlocks:
		return chat.ErrManyBlocks()
	default:
		s.blocks[key] = at
	}
	s.note(chat.AuditBlock(u, who, blocked, at))
	return nil
}

// Report stores a report; see chat.ReportStore.
func (s *Store) Report(_ context.Context, by chat.Actor, r chat.Report) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return err
	}
	in := s.rooms[r.Room]
	if in == nil {
		return noRoom()
	}
	m := s.member(r.Room, u.ID)
	msg := in.message(r.Message)
	if msg != nil {
		r.Author = msg.Author
	}
	if err := chat.MayReport(in.Room, m, u, r.Author); err != nil {
		return err
	}
	if msg == nil || msg.Deleted || m != nil && msg.Origin() < m.SeesFromSeq {
		return chat.ErrNoMessage()
	}
	open := 0
	for _, other := range s.reports {
		if other.Reporter == u.ID && other.Resolved.IsZero() {
			open++
		}
	}
	if open >= chat.MaxReports {
		return chat.ErrManyReports()
	}
	if slices.ContainsFunc(s.reports, func(other chat.Report) bool { return other.Message == r.Message && other.Reporter == u.ID }) {
		return chat.ErrReported()
	}
	r.Reporter = u.ID
	s.reports = append(s.reports, r)
	s.note(s.reads(r).AuditReported(u))
	return nil
}

// message returns the message of this id, nil if there is none.
func (r *room) message(id string) *chat.Message {
	for _, e := range r.entries {
		if e.Message != nil && e.Message.ID == id {
			return e.Message
		}
	}
	return nil
}

// reads is a report as it reads now.
func (s *Store) reads(r chat.Report) chat.Report {
	in := s.rooms[r.Room]
	m := in.message(r.Message)
	r.RoomName, r.Author, r.AuthorName, r.Content, r.Deleted = in.Name, m.Author, s.users[m.Author].Name, m.Content, m.Deleted
	r.ReporterName, r.ResolvedName = s.users[r.Reporter].Name, s.users[r.ResolvedBy].Name
	return r
}

// Reports lists reports; see chat.ReportStore.
func (s *Store) Reports(_ context.Context, open bool, before chat.ReportID, limit int) ([]chat.Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order := func(a, b chat.Report) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID)) }
	all := slices.SortedFunc(slices.Values(s.reports), order)
	if at := slices.IndexFunc(all, func(r chat.Report) bool { return r.ID == before }); before != "" {
		all = all[at+1:]
		if at < 0 {
			all = nil
		}
	}
	var list []chat.Report
	for _, r := range all {
		if (!open || r.Resolved.IsZero()) && len(list) < limit {
			list = append(list, s.reads(r))
		}
	}
	return list, nil
}

// ResolveReport closes a report; see chat.ReportStore.
func (s *Store) ResolveReport(_ context.Context, by chat.Actor, id chat.ReportID, note string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return err
	}
	if err := chat.MayModerate(u); err != nil {
		return err
	}
	i := slices.IndexFunc(s.reports, func(r chat.Report) bool { return r.ID == id })
	if i < 0 {
		return chat.Errorf(chat.NotFound, "", "there is no such report")
	}
	r := &s.reports[i]
	if !r.Resolved.IsZero() {
		return chat.Errorf(chat.Conflict, "", "this report is closed already")
	}
	r.Resolved, r.ResolvedBy, r.Note = at, u.ID, note
	s.note(s.reads(*r).AuditResolved(u, at))
	return nil
}

// Announce stores an announcement; see chat.AnnouncementStore.
func (s *Store) Announce(_ context.Context, by chat.Actor, a chat.Announcement) (chat.Announcement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return chat.Announcement{}, err
	}
	if err := chat.MayGovern(u); err != nil {
		return chat.Announcement{}, err
	}
	if len(s.standing(a.Created)) >= chat.MaxAnnouncements {
		return chat.Announcement{}, chat.ErrManyAnnouncements()
	}
	a.Author, a.AuthorName = u.ID, u.Name
	s.announcements = append(s.announcements, announcement{Announcement: a})
	s.note(a.AuditMade(u))
	return a, nil
}

func (s *Store) standing(now time.Time) []chat.Announcement {
	var list []chat.Announcement
	for _, a := range s.announcements {
		if !a.ended && (a.Until.IsZero() || a.Until.After(now)) {
			a.AuthorName = s.users[a.Author].Name
			list = append(list, a.Announcement)
		}
	}
	slices.SortFunc(list, func(a, b chat.Announcement) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// Announcements lists what stands; see chat.AnnouncementStore.
func (s *Store) Announcements(_ context.Context, now time.Time) ([]chat.Announcement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.standing(now), nil
}

// EndAnnouncement ends an announcement; see chat.AnnouncementStore.
func (s *Store) EndAnnouncement(_ context.Context, by chat.Actor, id chat.AnnouncementID, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return err
	}
	if err := chat.MayGovern(u); err != nil {
		return err
	}
	for i := range s.announcements {
		if a := &s.announcements[i]; a.ID == id && !a.ended && (a.Until.IsZero() || a.Until.After(at)) {
			a.ended = true
			s.note(a.AuditEnded(u, at))
			return nil
		}
	}
	return chat.Errorf(chat.NotFound, "", "there is no such announcement (any more)")
}

// settleReports resolves what was reported of a message that by has deleted.
func (s *Store) settleReports(m *chat.Message, by chat.User, at time.Time) {
	for i := range s.reports {
		if r := &s.reports[i]; r.Room == m.Room && r.Message == m.ID && r.Resolved.IsZero() {
			r.Resolved, r.ResolvedBy = at, by.ID
		}
	}
}

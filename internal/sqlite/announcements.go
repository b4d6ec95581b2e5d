package sqlite

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

const (
	selectAnnouncements = `SELECT a.id, a.author, u.name, a.content, a.created, a.until FROM announcements a JOIN users u ON u.id = a.author WHERE `
	standing            = `a.ended = 0 AND (a.until IS NULL OR a.until > ?)`
)

func announcementFields(a *chat.Announcement) []any {
	return []any{scanID(&a.ID), scanID(&a.Author), &a.AuthorName, &a.Content, moment{&a.Created}, moment{&a.Until}}
}

// Announce stores an announcement; see chat.AnnouncementStore.
func (s *Store) Announce(_ context.Context, by chat.Actor, a chat.Announcement) (chat.Announcement, error) {
	const op = "sqlite.Announce"
	w := s.writer
	err := w.transact(op, func() error {
		u, err := w.actor(op, by)
		if err != nil {
			return err
		}
		if err := chat.MayGovern(u); err != nil {
			return err
		}
		var many int
		if err := w.queryRow(`SELECT count(*) FROM announcements a WHERE `+standing, millis(a.Created)).Scan(&many); err != nil {
			return err
		}
		if many >= chat.MaxAnnouncements {
			return chat.ErrManyAnnouncements()
		}
		if err := w.exec(`INSERT INTO announcements (id, author, content, created, until, ended) VALUES (?, ?, ?, ?, ?, 0)`,
			blob(a.ID), blob(u.ID), a.Content, millis(a.Created), maybeMillis(a.Until)); err != nil {
			return err
		}
		a.Author, a.AuthorName = u.ID, u.Name
		return w.note(a.AuditMade(u))
	})
	if err != nil {
		return chat.Announcement{}, err
	}
	return a, nil
}

// Announcements lists what stands; see chat.AnnouncementStore.
func (s *Store) Announcements(ctx context.Context, now time.Time) ([]chat.Announcement, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, selectAnnouncements+standing+` ORDER BY a.created, a.id`, millis(now))
	as, err := collect(rows, err, announcementFields)
	return as, translate("sqlite.Announcements", err)
}

// EndAnnouncement ends an announcement; see chat.AnnouncementStore.
func (s *Store) EndAnnouncement(_ context.Context, by chat.Actor, id chat.AnnouncementID, at time.Time) error {
	const op = "sqlite.EndAnnouncement"
	w := s.writer
	return w.transact(op, func() error {
		u, err := w.actor(op, by)
		if err != nil {
			return err
		}
		if err := chat.MayGovern(u); err != nil {
			return err
		}
		var a chat.Announcement
		err = w.queryRow(selectAnnouncements+`a.id = ? AND `+standing, blob(id), millis(at)).Scan(announcementFields(&a)...)
		if err != nil {
			return found(op, err, "there is no such announcement (any more)")
		}
		if err := w.exec(`UPDATE announcements SET ended = 1 WHERE id = ?`, blob(id)); err != nil {
			return err
		}
		return w.note(a.AuditEnded(u, at))
	})
}

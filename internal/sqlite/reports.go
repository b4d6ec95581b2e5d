package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

const selectReports = `SELECT p.id, p.room, r.name, p.message, m.author, a.name, m.body, m.deleted IS NOT NULL, p.reporter, w.name, p.reason,
	p.created, p.resolved, p.resolved_by, coalesce(d.name, ''), p.note
	FROM reports p JOIN rooms r ON r.id = p.room JOIN messages m ON m.room = p.room AND m.uid = p.message
	JOIN users a ON a.id = m.author JOIN users w ON w.id = p.reporter LEFT JOIN users d ON d.id = p.resolved_by WHERE `

func reportFields(r *chat.Report) []any {
	return []any{scanID(&r.ID), scanID(&r.Room), &r.RoomName, scanID(&r.Message), scanID(&r.Author), &r.AuthorName, &r.Content, &r.Deleted,
		scanID(&r.Reporter), &r.ReporterName, &r.Reason, moment{&r.Created}, moment{&r.Resolved}, scanID(&r.ResolvedBy), &r.ResolvedName, &r.Note}
}

// Report stores a report; see chat.ReportStore.
func (s *Store) Report(_ context.Context, by chat.Actor, r chat.Report) error {
	const op = "sqlite.Report"
	w := s.writer
	return w.transact(op, func() error {
		u, err := w.actor(op, by)
		if err != nil {
			return err
		}
		room, m, err := w.roomFor(op, r.Room, u.ID)
		if err != nil {
			return err
		}
		var msg chat.Message
		err = w.queryRow(`SELECT `+messageColumns+` FROM messages m JOIN users u ON u.id = m.author
			WHERE m.room = ? AND m.uid = ? AND m.deleted IS NULL`, blob(r.Room), blob(r.Message)).Scan(messageFields(&msg)...)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if refused := chat.MayReport(room, m, u, msg.Author); refused != nil {
			return refused
		}
		if err != nil || m != nil && msg.Origin() < m.SeesFromSeq {
			return chat.ErrNoMessage()
		}
		var open int
		if err := w.queryRow(`SELECT count(*) FROM reports WHERE reporter = ? AND resolved IS NULL`, blob(u.ID)).Scan(&open); err != nil {
			return err
		}
		if open >= chat.MaxReports {
			return chat.ErrManyReports()
		}
		err = w.exec(`INSERT INTO reports (id, room, message, reporter, reason, created, note) VALUES (?, ?, ?, ?, ?, ?, '')`,
			blob(r.ID), blob(r.Room), blob(r.Message), blob(u.ID), r.Reason, millis(r.Created))
		if isUnique(err) {
			return chat.ErrReported()
		}
		if err != nil {
			return err
		}
		r.RoomName, r.Author, r.AuthorName = room.Name, msg.Author, msg.UserName
		return w.note(r.AuditReported(u))
	})
}

// roomFor reads a room and what it knows of a user, nil for nothing, in the transaction under way.
func (w *writer) roomFor(op string, id chat.RoomID, user chat.UserID) (r chat.Room, m *chat.Membership, err error) {
	if err := w.room.QueryRowContext(context.Background(), blob(id)).Scan(roomFields(&r)...); err != nil {
		return r, nil, found(op, err, "there is no such room")
	}
	m = &chat.Membership{}
	err = w.member.QueryRowContext(context.Background(), blob(id), blob(user)).Scan(memberFields(m)...)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil, nil
	}
	return r, m, err
}

// Reports lists reports; see chat.ReportStore.
func (s *Store) Reports(ctx context.Context, open bool, before chat.ReportID, limit int) ([]chat.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	which := `1`
	if open {
		which = `p.resolved IS NULL`
	}
	args := []any{}
	if before != "" {
		which += ` AND (p.created, p.id) < (SELECT created, id FROM reports WHERE id = ?)`
		args = append(args, blob(before))
	}
	rows, err := s.read.QueryContext(ctx, selectReports+which+` ORDER BY p.created DESC, p.id DESC LIMIT ?`, append(args, limit)...)
	rs, err := collect(rows, err, reportFields)
	return rs, translate("sqlite.Reports", err)
}

// ResolveReport closes a report; see chat.ReportStore.
func (s *Store) ResolveReport(_ context.Context, by chat.Actor, id chat.ReportID, note string, at time.Time) error {
	const op = "sqlite.ResolveReport"
	w := s.writer
	return w.transact(op, func() error {
		u, err := w.actor(op, by)
		if err != nil {
			return err
		}
		if err := chat.MayModerate(u); err != nil {
			return err
		}
		var r chat.Report
		if err := w.queryRow(selectReports+`p.id = ?`, blob(id)).Scan(reportFields(&r)...); err != nil {
			return found(op, err, "there is no such report")
		}
		if !r.Resolved.IsZero() {
			return chat.Errorf(chat.Conflict, op, "this report is closed already")
		}
		if err := w.exec(`UPDATE reports SET resolved = ?, resolved_by = ?, note = ? WHERE id = ?`, millis(at), blob(u.ID), note, blob(id)); err != nil {
			return err
		}
		return w.note(r.AuditResolved(u, at))
	})
}

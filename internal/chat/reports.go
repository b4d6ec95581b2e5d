package chat

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Limits of reports.
const (
	MaxReason  = 500 // code points of a reason, and of a note
	MaxReports = 100 // open ones by one person
)

// ReportID is a UUID.
type ReportID string

// Report is a message that somebody wants the moderators to look at.
type Report struct {
	ID           ReportID
	Room         RoomID
	RoomName     string
	Message      string // its id
	Author       UserID
	AuthorName   string
	Content      string // of the message as it reads now; "" once it is deleted
	Deleted      bool   // the message is
	Reporter     UserID
	ReporterName string
	Reason       string
	Created      time.Time
	Resolved     time.Time // zero: it is open
	ResolvedBy   UserID
	ResolvedName string
	Note         string // of whoever resolved it
}

// ReportStore keeps reports.
type ReportStore interface {
	// Report stores what is in ID, Room, Message, Reason and Created, and notes it in the audit log. What MayReport says;
	// ErrNoMessage when the room has no such message or by may not see it, Conflict when by has reported it before,
	// ErrManyReports when they have MaxReports open.
	Report(ctx context.Context, by Actor, r Report) error
	// Reports lists them, newest first, those before the given one ("": from the newest), at most limit; with open only those
	// that are.
	Reports(ctx context.Context, open bool, before ReportID, limit int) ([]Report, error)
	// ResolveReport closes one, and notes it in the audit log. What MayModerate says; NotFound, Conflict when it is closed.
	ResolveReport(ctx context.Context, by Actor, id ReportID, note string, at time.Time) error
}

// ErrReported refuses a second report of the same message by the same person.
func ErrReported() error {
	return &Error{Code: Conflict, Message: "you have reported this message before"}
}

// ErrManyReports refuses a report beyond MaxReports.
func ErrManyReports() error {
	return &Error{Code: TooLarge, Message: fmt.Sprintf("%d of your reports are open: wait until somebody has looked at them", MaxReports)}
}

// Report reports a message of a room. Once per person and message; for who has an account and may see it.
func (s *Service) Report(ctx context.Context, by Actor, room, message, reason string) (ReportID, error) {
	const op = "chat.Report"
	reason, err := cleanNote(op, "reason", reason)
	if err != nil {
		return "", err
	}
	if reason == "" {
		return "", Errorf(Invalid, op, "reason is empty")
	}
	r, err := s.Room(ctx, by, room)
	if err != nil {
		return "", err
	}
	norm, ok := NormalUUID(message)
	if !ok {
		return "", withOp(op, ErrNoMessage())
	}
	id := ReportID(s.cfg.NewID())
	err = s.store.Report(ctx, by, Report{ID: id, Room: r.ID, Message: norm, Reason: reason, Created: s.now()})
	return id, withOp(op, err)
}

// cleanNote brings a short text of several lines to its stored form; it may be empty.
func cleanNote(op, field, text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	return text, checkLine(op, field, strings.NewReplacer("\n", " ", "\t", " ").Replace(text), MaxReason)
}

// Reports lists reports, newest first, those before the given one ("": from the newest), at most limit (0: 50, at most
// 200). For owners and moderators.
func (s *Service) Reports(ctx context.Context, by Actor, open bool, before ReportID, limit int) ([]Report, error) {
	const op = "chat.Reports"
	switch {
	case limit < 0 || limit > maxAudit:
		return nil, Errorf(Invalid, op, "limit must be between 1 and %d", maxAudit)
	case limit == 0:
		limit = 50
	}
	if before != "" {
		norm, ok := NormalUUID(string(before))
		if !ok {
			return nil, Errorf(Invalid, op, "before is not a UUID")
		}
		before = ReportID(norm)
	}
	u, err := s.current(ctx, op, by)
	if err != nil {
		return nil, err
	}
	if err := MayModerate(u); err != nil {
		return nil, withOp(op, err)
	}
	rs, err := s.store.Reports(ctx, open, before, limit)
	return rs, withOp(op, err)
}

// ResolveReport closes a report, with a note of at most MaxReason code points. For owners and moderators.
func (s *Service) ResolveReport(ctx context.Context, by Actor, id ReportID, note string) error {
	const op = "chat.ResolveReport"
	note, err := cleanNote(op, "note", note)
	if err != nil {
		return err
	}
	norm, ok := NormalUUID(string(id))
	if !ok {
		return Errorf(NotFound, op, "there is no such report")
	}
	return withOp(op, s.store.ResolveReport(ctx, by, ReportID(norm), note, s.now()))
}

// AuditReported is the entry that a report by by leaves in the log.
func (r Report) AuditReported(by User) AuditEntry {
	return entryBy(by, r.Created, AuditMessageReported).about(r.Message, r.AuthorName).
		with(map[string]any{"room": r.RoomName, "room_id": string(r.Room), "report": string(r.ID)})
}

// AuditResolved is the entry that closing it leaves in the log.
func (r Report) AuditResolved(by User, at time.Time) AuditEntry {
	return entryBy(by, at, AuditReportResolved).about(r.Message, r.AuthorName).
		with(map[string]any{"room": r.RoomName, "room_id": string(r.Room), "report": string(r.ID)})
}

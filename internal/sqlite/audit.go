package sqlite

import (
	"context"
	"math"

	"github.com/parley-chat/parley/internal/chat"
)

// note appends to the audit log, in the transaction under way.
func (w *writer) note(entries ...chat.AuditEntry) error {
	for _, e := range entries {
		if err := exec(w.insertAudit, millis(e.At), blob(e.Actor), e.ActorName, e.Action, blob(e.Subject), e.SubjectName, e.Data); err != nil {
			return err
		}
	}
	return nil
}

// Audit lists entries; see chat.AuditStore.
func (s *Store) Audit(ctx context.Context, before int64, limit int) ([]chat.AuditEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := s.read.QueryContext(ctx, `SELECT id, at, actor, actor_name, action, subject, subject_name, data FROM audit
		WHERE id < ? ORDER BY id DESC LIMIT ?`, before, limit)
	es, err := collect(rows, err, func(e *chat.AuditEntry) []any {
		return []any{&e.ID, moment{&e.At}, scanID(&e.Actor), &e.ActorName, &e.Action, scanID(&e.Subject), &e.SubjectName, &e.Data}
	})
	return es, translate("sqlite.Audit", err)
}

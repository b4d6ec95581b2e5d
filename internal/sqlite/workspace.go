package sqlite

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

const selectWorkspace = `SELECT name, hue FROM workspace`

// Workspace returns the workspace.
func (s *Store) Workspace(ctx context.Context) (w chat.Workspace, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.read.QueryRowContext(ctx, selectWorkspace).Scan(&w.Name, &w.Hue)
	return w, translate("sqlite.Workspace", err)
}

// SetWorkspace replaces the workspace; see chat.WorkspaceStore.
func (s *Store) SetWorkspace(_ context.Context, by chat.Actor, w chat.Workspace, at time.Time) error {
	const op = "sqlite.SetWorkspace"
	return s.writer.transact(op, func() error {
		u := by.Row()
		if by != chat.Host {
			var err error
			if u, err = s.writer.actor(op, by); err != nil {
				return err
			}
		}
		if err := chat.MayGovern(u); err != nil {
			return err
		}
		var was chat.Workspace
		if err := s.writer.queryRow(selectWorkspace).Scan(&was.Name, &was.Hue); err != nil {
			return err
		}
		e, changed := was.Audit(u, w, at)
		if !changed {
			return nil
		}
		if err := s.writer.exec(`UPDATE workspace SET name = ?, hue = ?`, w.Name, w.Hue); err != nil {
			return err
		}
		return s.writer.note(e)
	})
}

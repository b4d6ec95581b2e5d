package chat

import (
	"context"
	"strings"
	"time"
)

// MaxWorkspaceName is the longest name of a workspace, in code points.
const MaxWorkspaceName = 64

// Workspace is what the whole server calls itself.
type Workspace struct {
	Name string // 1 to MaxWorkspaceName code points; "Parley" at first
	Hue  int    // of the accent colour, 0 to 359 degrees; 212 at first
}

// FirstWorkspace is what a workspace is until its owner says otherwise.
var FirstWorkspace = Workspace{Name: "Parley", Hue: 212}

// WorkspaceStore keeps the one workspace.
type WorkspaceStore interface {
	Workspace(ctx context.Context) (Workspace, error)
	// SetWorkspace replaces it and leaves workspace_changed in the audit log, unless nothing changes. Forbidden for all but
	// owners and the Host.
	SetWorkspace(ctx context.Context, by Actor, w Workspace, at time.Time) error
}

// Workspace returns the workspace's name and colour.
func (s *Service) Workspace(ctx context.Context) (Workspace, error) {
	w, err := s.store.Workspace(ctx)
	return w, withOp("chat.Workspace", err)
}

// SetWorkspace renames and recolours the workspace. For owners and the Host.
func (s *Service) SetWorkspace(ctx context.Context, by Actor, w Workspace) (Workspace, error) {
	const op = "chat.SetWorkspace"
	w.Name = strings.TrimSpace(w.Name)
	if err := checkTitle(op, "name", w.Name, MaxWorkspaceName); err != nil {
		return Workspace{}, err
	}
	if w.Name == "" {
		return Workspace{}, Errorf(Invalid, op, "name must have 1 to %d characters", MaxWorkspaceName)
	}
	if w.Hue < 0 || w.Hue > 359 {
		return Workspace{}, Errorf(Invalid, op, "hue must be between 0 and 359")
	}
	if err := s.store.SetWorkspace(ctx, by, w, s.now()); err != nil {
		return Workspace{}, withOp(op, err)
	}
	return w, nil
}

// Audit is the entry that replacing w with next leaves in the log; ok is false when they are the same.
func (w Workspace) Audit(by User, next Workspace, at time.Time) (e AuditEntry, ok bool) {
	if w == next {
		return AuditEntry{}, false
	}
	return entryBy(by, at, AuditWorkspaceChanged).about("", next.Name).with(map[string]any{
		"name": next.Name, "hue": next.Hue, "was": map[string]any{"name": w.Name, "hue": w.Hue},
	}), true
}

// SetUp says whether anybody has an account. Once somebody has, that stays so and is not looked up again.
func (s *Service) SetUp(ctx context.Context) (bool, error) {
	if s.setUp.Load() {
		return true, nil
	}
	is, err := s.store.AnyMember(ctx)
	if err != nil {
		return false, withOp("chat.SetUp", err)
	}
	if is {
		s.setUp.Store(true)
	}
	return is, nil
}

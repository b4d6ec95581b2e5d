package sqlite

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// shownTo finds those in whose list a direct room is not, until the message after the number that it has.
const shownTo = `SELECT m.user FROM memberships m WHERE m.room = ? AND m.hides_n = ?`

// shownByPost is whose list a direct room comes into with a message; nil: nobody's.
func shownByPost(q querier, r chat.Room, m *chat.Message) (*chat.Showing, error) {
	if r.Kind != chat.RoomDirect || m.Thread != "" {
		return nil, nil
	}
	to, err := userIDsIn(q, shownTo, blob(r.ID), int64(m.N)-1)
	if err != nil || len(to) == 0 {
		return nil, err
	}
	rows, err := q.QueryContext(context.Background(), `SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user WHERE m.room = ?
		ORDER BY u.name_skeleton`, blob(r.ID))
	people, err := collect(rows, err, func(p *chat.Person) []any { return []any{scanID(&p.ID), &p.Name} })
	return &chat.Showing{Room: r, To: to, People: people}, err
}

// shownByChange is whose list a room comes into, or has another name in, with a change; nil: nobody's.
func shownByChange(q querier, r chat.Room, c *chat.Change) (*chat.Showing, error) {
	switch c.Kind {
	case chat.ChangeMemberAdded:
		return &chat.Showing{Room: r, To: []chat.UserID{c.Subject}}, nil
	case chat.ChangeRenamed:
		if r.Kind == chat.RoomPublic {
			return &chat.Showing{Room: r, Was: c.Was()}, nil
		}
		to, err := userIDsIn(q, `SELECT m.user FROM memberships m WHERE m.room = ? AND m.removed = 0`, blob(r.ID))
		return &chat.Showing{Room: r, Was: c.Was(), To: to}, err
	}
	return nil, nil
}

func userIDsIn(q querier, query string, args ...any) ([]chat.UserID, error) {
	rows, err := q.QueryContext(context.Background(), query, args...)
	return collect(rows, err, func(id *chat.UserID) []any { return []any{scanID(id)} })
}

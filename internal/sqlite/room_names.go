package sqlite

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
)

// nameTaken says whether a room other than but has the name or had it once.
func (w *writer) nameTaken(name string, but []byte) (taken bool, err error) {
	err = w.queryRow(`SELECT EXISTS (SELECT 1 FROM rooms WHERE name = ?1 AND id IS NOT ?2)
		OR EXISTS (SELECT 1 FROM room_aliases WHERE name = ?1 AND room IS NOT ?2)`, name, but).Scan(&taken)
	return taken, err
}

// mayTake says whether a room may have the name. Names of before are kept for good, so that there is a bound to them.
func (b *batch) mayTake(r *roomRow, name string) error {
	taken, err := b.w.nameTaken(name, r.key)
	if err != nil {
		return err
	}
	if taken {
		return chat.ErrNameTaken(name)
	}
	var old int
	if err := b.w.queryRow(`SELECT count(*) FROM room_aliases WHERE room = ? AND name <> ?`, r.key, name).Scan(&old); err != nil {
		return err
	}
	if old >= chat.MaxOldNames {
		return chat.Errorf(chat.TooLarge, "sqlite.Commit", "this room has had %d names: they all lead to it, and no more can be given", chat.MaxOldNames)
	}
	return nil
}

// rename writes the room's new name at once, for the next op of the batch may want the same one, and keeps the old one.
func (b *batch) rename(r *roomRow, was string) error {
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM room_aliases WHERE name = ?`, []any{r.Name}},
		{`UPDATE rooms SET name = ? WHERE id = ?`, []any{r.Name, r.key}},
		{`INSERT INTO room_aliases (name, room) VALUES (?, ?)`, []any{was, r.key}},
	} {
		if err := b.w.exec(q.sql, q.args...); err != nil {
			return fmt.Errorf("renaming %s: %w", was, err)
		}
	}
	return nil
}

package sqlite

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

const pictureUsed = `SELECT EXISTS (SELECT 1 FROM users WHERE avatar = ? AND avatar <> '')`

// PictureUsed says whether somebody has this picture; see chat.PictureStore.
func (s *Store) PictureUsed(ctx context.Context, path string) (used bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.read.QueryRowContext(ctx, pictureUsed, path).Scan(&used)
	return used, translate("sqlite.PictureUsed", err)
}

// DropPictures takes away the pictures that come from one place; see chat.PictureStore.
func (s *Store) DropPictures(_ context.Context, from chat.PictureFrom) error {
	return s.writer.transact("sqlite.DropPictures", func() error {
		return s.writer.exec(`UPDATE users SET avatar = '', avatar_from = '', avatar_asked = NULL, rev = rev + 1 WHERE avatar_from = ?`, string(from))
	})
}

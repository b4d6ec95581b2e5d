package simtest

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Nobody in the simulation lists threads or what was saved: these only complete the interface.

func (h handle) Threads(ctx context.Context, user chat.UserID, unread bool, before uint64, limit int) ([]chat.ThreadState, error) {
	return h.store().Threads(ctx, user, unread, before, limit)
}

func (h handle) UnreadThreads(ctx context.Context, user chat.UserID, limit int) (uint64, []chat.UnreadThread, error) {
	return h.store().UnreadThreads(ctx, user, limit)
}

func (h handle) Saved(ctx context.Context, user chat.UserID, before uint64, limit int) ([]chat.SavedMessage, error) {
	return h.store().Saved(ctx, user, before, limit)
}

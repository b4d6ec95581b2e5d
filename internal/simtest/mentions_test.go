package simtest

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Nobody is mentioned in these simulations.

func (h handle) UserIDs(ctx context.Context, skeletons []string) (map[string]chat.UserID, error) {
	return h.store().UserIDs(ctx, skeletons)
}

func (h handle) UnreadMentions(ctx context.Context, room chat.RoomID, user chat.UserID) (uint64, error) {
	return h.store().UnreadMentions(ctx, room, user)
}

func (h handle) Mentions(ctx context.Context, user chat.UserID, before string, limit int) ([]chat.Message, error) {
	return h.store().Mentions(ctx, user, before, limit)
}

func (h handle) SetNotify(ctx context.Context, c chat.NotifyChange) (chat.NotifyOutcome, error) {
	return h.store().SetNotify(ctx, c)
}

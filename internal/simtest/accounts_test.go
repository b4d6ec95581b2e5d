package simtest

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// What concerns accounts goes to the store as it is: these simulations change none.

func (h handle) UpdateUser(ctx context.Context, up chat.UserUpdate) (chat.Decision, error) {
	return h.store().UpdateUser(ctx, up)
}

func (h handle) UserByEmail(ctx context.Context, email string) (chat.User, error) {
	return h.store().UserByEmail(ctx, email)
}

func (h handle) UserByExternalID(ctx context.Context, id string) (chat.User, error) {
	return h.store().UserByExternalID(ctx, id)
}

func (h handle) AnyMember(ctx context.Context) (bool, error) { return h.store().AnyMember(ctx) }

func (h handle) SessionBySecret(ctx context.Context, hash []byte) (chat.Session, chat.User, error) {
	return h.store().SessionBySecret(ctx, hash)
}

func (h handle) Sessions(ctx context.Context, user chat.UserID, since time.Time) ([]chat.Session, error) {
	return h.store().Sessions(ctx, user, since)
}

func (h handle) SeeSession(ctx context.Context, id chat.SessionID, at time.Time) error {
	return h.store().SeeSession(ctx, id, at)
}

func (h handle) RevokeSessions(ctx context.Context, user chat.UserID, except chat.SessionID) ([]chat.SessionID, error) {
	return h.store().RevokeSessions(ctx, user, except)
}

func (h handle) CreateInvite(ctx context.Context, by chat.Actor, i chat.Invite, most int) (chat.Invite, error) {
	return h.store().CreateInvite(ctx, by, i, most)
}

func (h handle) Invites(ctx context.Context, now time.Time) ([]chat.Invite, error) {
	return h.store().Invites(ctx, now)
}

func (h handle) InviteByHash(ctx context.Context, hash []byte, now time.Time) (chat.Invite, error) {
	return h.store().InviteByHash(ctx, hash, now)
}

func (h handle) RevokeInvite(ctx context.Context, by chat.Actor, id chat.InviteID, now time.Time) error {
	return h.store().RevokeInvite(ctx, by, id, now)
}

func (h handle) Audit(ctx context.Context, before int64, limit int) ([]chat.AuditEntry, error) {
	return h.store().Audit(ctx, before, limit)
}

func (h handle) Workspace(ctx context.Context) (chat.Workspace, error) {
	return h.store().Workspace(ctx)
}

func (h handle) SetWorkspace(ctx context.Context, by chat.Actor, w chat.Workspace, at time.Time) error {
	return h.store().SetWorkspace(ctx, by, w, at)
}

func (h handle) PictureUsed(ctx context.Context, path string) (bool, error) {
	return h.store().PictureUsed(ctx, path)
}

func (h handle) DropPictures(ctx context.Context, from chat.PictureFrom) error {
	return h.store().DropPictures(ctx, from)
}

func (h handle) Message(ctx context.Context, room chat.RoomID, id string, reader chat.UserID) (chat.Message, error) {
	return h.store().Message(ctx, room, id, reader)
}

func (h handle) Former(ctx context.Context, room chat.RoomID, id string) ([]chat.Former, error) {
	return h.store().Former(ctx, room, id)
}

func (h handle) Reactions(ctx context.Context, room chat.RoomID, id string, reader chat.UserID, limit int) ([]chat.Reaction, error) {
	return h.store().Reactions(ctx, room, id, reader, limit)
}

func (h handle) Pins(ctx context.Context, room chat.RoomID, reader chat.UserID) ([]chat.Message, error) {
	return h.store().Pins(ctx, room, reader)
}

func (h handle) Preferences(ctx context.Context, user chat.UserID) (chat.Preferences, error) {
	return h.store().Preferences(ctx, user)
}

func (h handle) SetPreferences(ctx context.Context, user chat.UserID, p chat.Preferences) error {
	return h.store().SetPreferences(ctx, user, p)
}

func (h handle) LastSeen(ctx context.Context, users []chat.UserID, at time.Time) ([]chat.UserID, error) {
	return h.store().LastSeen(ctx, users, at)
}

func (h handle) Blocks(ctx context.Context, user chat.UserID) ([]chat.Block, error) {
	return h.store().Blocks(ctx, user)
}

func (h handle) SetBlock(ctx context.Context, by chat.Actor, user chat.UserID, blocked bool, at time.Time) error {
	return h.store().SetBlock(ctx, by, user, blocked, at)
}

func (h handle) Report(ctx context.Context, by chat.Actor, r chat.Report) error {
	return h.store().Report(ctx, by, r)
}

func (h handle) Reports(ctx context.Context, open bool, before chat.ReportID, limit int) ([]chat.Report, error) {
	return h.store().Reports(ctx, open, before, limit)
}

func (h handle) ResolveReport(ctx context.Context, by chat.Actor, id chat.ReportID, note string, at time.Time) error {
	return h.store().ResolveReport(ctx, by, id, note, at)
}

func (h handle) Announce(ctx context.Context, by chat.Actor, a chat.Announcement) (chat.Announcement, error) {
	return h.store().Announce(ctx, by, a)
}

func (h handle) Announcements(ctx context.Context, now time.Time) ([]chat.Announcement, error) {
	return h.store().Announcements(ctx, now)
}

func (h handle) EndAnnouncement(ctx context.Context, by chat.Actor, id chat.AnnouncementID, at time.Time) error {
	return h.store().EndAnnouncement(ctx, by, id, at)
}

package sqlite

import (
	"database/sql"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// blob is the stored form of an id: 16 bytes. What is no UUID becomes NULL, which equals nothing in a query and which no
// column of ids takes.
func blob[T ~string](id T) []byte {
	b, ok := chat.ParseUUID(string(id))
	if !ok {
		return nil
	}
	return b[:]
}

// uuid scans an id; NULL is "".
type uuid[T ~string] struct{ to *T }

func scanID[T ~string](to *T) uuid[T] { return uuid[T]{to} }

// Scan implements sql.Scanner.
func (u uuid[T]) Scan(v any) error {
	b, ok := v.([]byte)
	switch {
	case v == nil:
		*u.to = ""
	case !ok || len(b) != 16:
		return chat.Errorf(chat.Internal, "sqlite.scan", "the id %v is not 16 bytes", v)
	default:
		*u.to = T(chat.FormatUUID([16]byte(b)))
	}
	return nil
}

func millis(t time.Time) int64 { return t.UnixMilli() }

// maybeMillis is a stored time that may be missing: the zero time is NULL.
func maybeMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: millis(t), Valid: !t.IsZero()}
}

// maybeNumber is a stored number that may be missing: 0 is NULL.
func maybeNumber(n uint64) sql.NullInt64 { return sql.NullInt64{Int64: int64(n), Valid: n > 0} }

// moment scans a time; NULL is the zero time.
type moment struct{ to *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*m.to = time.Time{}
	case int64:
		*m.to = time.UnixMilli(v).UTC()
	default:
		return chat.Errorf(chat.Internal, "sqlite.scan", "the time %v is not a number", v)
	}
	return nil
}

// scanner is a row: *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

const userColumns = `u.id, u.kind, u.name, u.name_skeleton, u.display, u.email, u.password_hash, u.role, u.created, u.disabled, u.rev,
	coalesce(u.external_id, ''), u.external_name, u.avatar, u.avatar_from, u.avatar_asked,
	u.status_emoji, u.status_text, u.status_until, u.last_seen`

func userFields(u *chat.User) []any {
	return []any{scanID(&u.ID), &u.Kind, &u.Name, &u.NameSkeleton, &u.Display, &u.Email, &u.PasswordHash, &u.Role,
		moment{&u.Created}, &u.Disabled, &u.Rev, &u.ExternalID, &u.ExternalName, &u.Avatar, &u.AvatarFrom, moment{&u.AvatarAsked},
		&u.Status.Emoji, &u.Status.Text, moment{&u.Status.Until}, moment{&u.LastSeen}}
}

const roomColumns = `r.id, r.name, r.kind, r.topic, r.seq, r.n, r.min_seq, r.epoch, r.archived, r.created,
	r.read_only, r.history, r.slow_mode`

func roomFields(r *chat.Room) []any {
	return []any{scanID(&r.ID), &r.Name, &r.Kind, &r.Topic, &r.Seq, &r.N, &r.MinSeq, &r.Epoch, &r.Archived, moment{&r.Created},
		&r.ReadOnly, &r.History, &r.SlowMode}
}

const memberColumns = `m.room, m.user, m.role, m.sees_from_seq, m.sees_after_n, m.read_n, m.read_version, m.joined, m.removed, m.banned,
	m.hides_n, m.last_post, m.notify, m.muted`

func memberFields(m *chat.Membership) []any {
	return []any{scanID(&m.Room), scanID(&m.User), &m.Role, &m.SeesFromSeq, &m.SeesAfterN, &m.ReadN, &m.ReadVersion, moment{&m.Joined},
		&m.Removed, &m.Banned, &m.HidesN, moment{&m.LastPost}, &m.Notify, &m.Muted}
}

// memberValues are those that upsertMember takes: what somebody wants to hear of a room is written by nobody else than them.
func memberValues(m chat.Membership) []any {
	return []any{blob(m.Room), blob(m.User), string(m.Role), int64(m.SeesFromSeq), int64(m.SeesAfterN), int64(m.ReadN), int64(m.ReadVersion),
		millis(m.Joined), m.Removed, m.Banned, m.HidesN, maybeMillis(m.LastPost)}
}

// A message needs its author's name: FROM messages m JOIN users u ON u.id = m.author.
const messageColumns = `m.uid, m.room, m.seq, coalesce(m.n, 0), m.author, u.name, m.client_id, m.body,
	iif(m.deleted IS NULL, m.html, ''), m.renderer, m.created, m.deleted IS NOT NULL, m.edited, m.thread,
	iif(m.thread IS NULL, 0, (SELECT t.seq FROM messages t WHERE t.room = m.room AND t.uid = m.thread)), m.quote, m.mentions, m.mentions_all,
	m.pinned IS NOT NULL`

func messageFields(m *chat.Message) []any {
	return []any{scanID(&m.ID), scanID(&m.Room), &m.Seq, &m.N, scanID(&m.Author), &m.UserName, scanID(&m.ClientID), &m.Content,
		&m.HTML, &m.Renderer, moment{&m.Created}, &m.Deleted, moment{&m.Edited}, scanID(&m.Thread),
		&m.RootSeq, scanID(&m.Quote), idList{&m.Mentions}, &m.MentionsAll, &m.Pinned}
}

// idList scans ids that stand one behind the other; NULL is none.
type idList struct{ to *[]chat.UserID }

// Scan implements sql.Scanner.
func (l idList) Scan(v any) error {
	*l.to = nil
	b, ok := v.([]byte)
	if v != nil && (!ok || len(b)%16 != 0) {
		return chat.Errorf(chat.Internal, "sqlite.scan", "the ids %v are not 16 bytes each", v)
	}
	for ; len(b) > 0; b = b[16:] {
		*l.to = append(*l.to, chat.UserID(chat.FormatUUID([16]byte(b))))
	}
	return nil
}

// blobs is the stored form of a list of ids.
func blobs(ids []chat.UserID) []byte {
	var all []byte
	for _, id := range ids {
		all = append(all, blob(id)...)
	}
	return all
}

// A change needs its actor's name: FROM changes c JOIN users u ON u.id = c.actor.
const changeColumns = `c.uid, c.room, c.seq, c.kind, c.message, c.actor, u.name, c.subject, c.data, c.created`

func changeFields(c *chat.Change) []any {
	return []any{scanID(&c.ID), scanID(&c.Room), &c.Seq, &c.Kind, scanID(&c.Message), scanID(&c.Actor), &c.UserName, scanID(&c.Subject),
		&c.Data, moment{&c.Created}}
}

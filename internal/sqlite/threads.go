package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

// threadKey is a thread of a batch.
type threadKey struct {
	room chat.RoomID
	root string
}

// standingReplies is the replies m of a thread that are not deleted, by their index.
const standingReplies = `messages m INDEXED BY messages_standing WHERE m.thread IS NOT NULL AND m.deleted IS NULL AND `

// wanted is a list of messages in a query, numbered from 0: wanted (i, room, uid). args are its parameters.
func wanted(keys []threadKey) (clause string, args []any) {
	for i, k := range keys {
		args = append(args, i, blob(k.room), blob(k.root))
	}
	return `WITH wanted (i, room, uid) AS (VALUES (?, ?, ?)` + strings.Repeat(`, (?, ?, ?)`, len(keys)-1) + `) `, args
}

// threadsWanted is what summaries asks of the threads wanted: a row for each of the newest people, the newest first. The index is
// read backwards for each of them, and to its end only to count.
//
//nolint:misspell // the word is SQLite's
const threadsWanted = `, first AS MATERIALIZED (SELECT w.*,
		(SELECT count(*) FROM ` + standingReplies + `m.room = w.room AND m.thread = w.uid) AS replies,
		(SELECT m.seq FROM ` + standingReplies + `m.room = w.room AND m.thread = w.uid ORDER BY m.seq DESC LIMIT 1) AS one FROM wanted w),
	second AS MATERIALIZED (SELECT t.*, a.author AS a,
		(SELECT m.seq FROM ` + standingReplies + `m.room = t.room AND m.thread = t.uid AND m.author <> a.author ORDER BY m.seq DESC LIMIT 1) AS two
		FROM first t JOIN messages a ON a.room = t.room AND a.seq = t.one),
	third AS MATERIALIZED (SELECT t.*, (SELECT m.seq FROM ` + standingReplies + `m.room = t.room AND m.thread = t.uid
			AND m.author <> t.a AND m.author <> b.author ORDER BY m.seq DESC LIMIT 1) AS three
		FROM second t LEFT JOIN messages b ON b.room = t.room AND b.seq = t.two)
	SELECT f.i, f.replies, m.seq, m.created, m.author, u.name FROM (
		SELECT i, room, replies, one AS seq FROM third UNION ALL SELECT i, room, replies, two FROM third UNION ALL SELECT i, room, replies, three FROM third) f
	JOIN messages m ON m.room = f.room AND m.seq = f.seq JOIN users u ON u.id = m.author ORDER BY f.i, m.seq DESC`

// summaries says how threads stand, in one query. A thread without a reply that stands is missing.
func summaries(ctx context.Context, db querier, threads []threadKey) (map[threadKey]*chat.Replies, error) {
	if len(threads) == 0 {
		return nil, nil
	}
	want, args := wanted(threads)
	rows, err := db.QueryContext(ctx, want+threadsWanted, args...)
	type face struct {
		i int
		chat.Replies
		chat.Person
	}
	faces, err := collect(rows, err, func(f *face) []any {
		return []any{&f.i, &f.Count, &f.LastSeq, moment{&f.Last}, scanID(&f.ID), &f.Name}
	})
	all := map[threadKey]*chat.Replies{}
	for _, f := range faces {
		key := threads[f.i]
		if all[key] == nil {
			all[key] = &chat.Replies{Count: f.Count, LastSeq: f.LastSeq, Last: f.Last}
		}
		all[key].Users = append(all[key].Users, f.Person)
	}
	return all, err
}

// rootSeq finds the root of a thread.
func (s *Store) rootSeq(ctx context.Context, tx *sql.Tx, room chat.RoomID, root string) (seq uint64, err error) {
	var top bool
	err = tx.QueryRowContext(ctx, `SELECT m.seq, m.thread IS NULL FROM messages m WHERE m.room = ? AND m.uid = ?`, blob(room), blob(root)).Scan(&seq, &top)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, chat.ErrNoMessage()
	case err == nil && !top:
		return 0, chat.ErrNoRoot()
	}
	return seq, err
}

// dressing is what dress asks of the messages wanted.
const dressing = `SELECT w.i, coalesce(f.following, 0), d.id IS NOT NULL,
		EXISTS (SELECT 1 FROM ` + standingReplies + `m.room = w.room AND m.thread = w.uid),
		EXISTS (SELECT 1 FROM messages m CROSS JOIN reactions r ON r.message = m.id WHERE m.room = w.room AND m.uid = w.uid)
	FROM wanted w LEFT JOIN thread_follows f ON f.user = ? AND f.room = w.room AND f.root = w.uid
	LEFT JOIN saved d ON d.user = ? AND d.room = w.room AND d.message = w.uid`

// dress gives messages what pages have of them beside what was said, as reader sees it; "" is nobody. Most messages have
// neither replies nor reactions: those that do are found first.
func (s *Store) dress(ctx context.Context, tx *sql.Tx, reader chat.UserID, ms []*chat.Message) error {
	if len(ms) == 0 {
		return nil
	}
	keys := make([]threadKey, len(ms))
	for i, m := range ms {
		keys[i] = threadKey{m.Room, m.ID}
	}
	want, args := wanted(keys)
	type marks struct {
		i                                    int
		following, saved, replied, reactedTo bool
	}
	rows, err := tx.QueryContext(ctx, want+dressing, append(args, blob(reader), blob(reader))...)
	all, err := collect(rows, err, func(m *marks) []any { return []any{&m.i, &m.following, &m.saved, &m.replied, &m.reactedTo} })
	if err != nil {
		return err
	}
	var roots []threadKey
	var reacted []*chat.Message
	for _, m := range all {
		ms[m.i].Following, ms[m.i].Saved = m.following, m.saved
		if m.replied {
			roots = append(roots, keys[m.i])
		}
		if m.reactedTo {
			reacted = append(reacted, ms[m.i])
		}
	}
	threads, err := summaries(ctx, tx, roots)
	if err != nil {
		return err
	}
	for i, m := range ms {
		m.Replies = threads[keys[i]]
	}
	given, err := reactions(ctx, tx, reader, reacted, nil, chat.MaxReactors)
	for i, m := range reacted {
		m.Reactions = given[i]
	}
	return err
}

// pointers are to the elements of a list.
func pointers(ms []chat.Message) []*chat.Message {
	all := make([]*chat.Message, len(ms))
	for i := range ms {
		all[i] = &ms[i]
	}
	return all
}

// withThreads gives the replies among ms how their threads stand now.
func withThreads(ctx context.Context, tx querier, ms []*chat.Message) error {
	var roots []threadKey
	seen := map[threadKey]bool{}
	for _, m := range ms {
		if key := (threadKey{m.Room, m.Thread}); m.Thread != "" && !seen[key] {
			seen[key] = true
			roots = append(roots, key)
		}
	}
	threads, err := summaries(ctx, tx, roots)
	for _, m := range ms {
		if m.Thread != "" {
			m.Replies = threads[threadKey{m.Room, m.Thread}]
		}
	}
	return err
}

// followed is the threads d that ?1 follows and may see and that have a reply which stands, by one of the indexes of thread_follows,
// newest reply first.
const (
	followed = ` FROM thread_follows d INDEXED BY thread_follows_newest CROSS JOIN messages t ON t.room = d.room AND t.uid = d.root
		CROSS JOIN rooms r ON r.id = d.room LEFT JOIN memberships mb ON mb.room = d.room AND mb.user = d.user
		WHERE d.user = ?1 AND d.following = 1 AND d.place IS NOT NULL AND ` + visible + ` AND t.seq >= coalesce(mb.sees_from_seq, 0)`
	// followedUnread are those that end behind what ?1 has read. What stands there may be their own.
	followedUnread = ` FROM thread_follows d INDEXED BY thread_follows_unread CROSS JOIN messages t ON t.room = d.room AND t.uid = d.root
		CROSS JOIN rooms r ON r.id = d.room LEFT JOIN memberships mb ON mb.room = d.room AND mb.user = d.user
		WHERE d.user = ?1 AND d.following = 1 AND d.last_seq > d.read_seq AND ` + visible + ` AND t.seq >= coalesce(mb.sees_from_seq, 0)
		AND EXISTS (SELECT 1` + unreadOf + `)`
)

// visible says that the person with the membership mb, if there is one, may see the room r; chat.MaySee is the rule.
const visible = `(mb.removed = 0 OR r.kind = 'public' AND coalesce(mb.banned, 0) = 0)`

// unreadOf is what ?1 has not read of the thread d, of the room and root that it has.
const unreadOf = ` FROM ` + standingReplies + `m.room = d.room AND m.thread = d.root AND m.seq > d.read_seq AND m.author <> ?1`

// mentionsOf counts those of unreadOf that mention ?1; see unreadMentions.
const mentionsOf = `(SELECT count(DISTINCT x.seq) FROM mentions x INDEXED BY mentions_in_thread
	LEFT JOIN memberships mb ON mb.room = x.room AND mb.user = ?1
	WHERE x.user IN (?1, x'') AND x.room = d.room AND x.thread = d.root AND x.thread IS NOT NULL AND x.seq > d.read_seq AND ` + byOthers + `
	AND (x.user <> x'' OR mb.removed = 0 AND x.created >= mb.joined))`

// threadsBefore are those of followed or followedUnread below the place ?2, at most ?3.
func threadsBefore(of string) string {
	return `SELECT ` + messageColumns + `, r.name, d.read_seq, d.place, (SELECT count(*)` + unreadOf + `), ` + mentionsOf + `
		FROM (SELECT d.room, d.root, d.read_seq, d.place` + of + ` AND d.place < ?2 ORDER BY d.place DESC LIMIT ?3) d
		CROSS JOIN messages m ON m.room = d.room AND m.uid = d.root JOIN users u ON u.id = m.author JOIN rooms r ON r.id = d.room
		ORDER BY d.place DESC`
}

// Threads lists threads that user follows; see chat.ThreadStore.
func (s *Store) Threads(ctx context.Context, user chat.UserID, unread bool, before uint64, limit int) (ts []chat.ThreadState, err error) {
	of := followed
	if unread {
		of = followedUnread
	}
	err = s.reading(ctx, "sqlite.Threads", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, threadsBefore(of), blob(user), int64(before), limit)
		ts, err = collect(rows, err, func(t *chat.ThreadState) []any {
			t.Following = true
			return append(messageFields(&t.Root), &t.Root.RoomName, &t.ReadSeq, &t.Place, &t.Unread, &t.Mentions)
		})
		if err != nil {
			return err
		}
		roots := make([]*chat.Message, len(ts))
		for i := range ts {
			roots[i] = &ts[i].Root
		}
		return s.dress(ctx, tx, user, roots)
	})
	return ts, err
}

const (
	countUnreadThreads = `SELECT count(*)` + followedUnread
	unreadThreads      = `SELECT r.name, d.root, (SELECT count(*)` + unreadOf + `)` + followedUnread + ` ORDER BY d.place DESC LIMIT ?2`
)

// UnreadThreads counts what user has not read of threads; see chat.ThreadStore.
func (s *Store) UnreadThreads(ctx context.Context, user chat.UserID, limit int) (n uint64, first []chat.UnreadThread, err error) {
	err = s.reading(ctx, "sqlite.UnreadThreads", func(ctx context.Context, tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, countUnreadThreads, blob(user)).Scan(&n); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, unreadThreads, blob(user), limit)
		first, err = collect(rows, err, func(t *chat.UnreadThread) []any { return []any{&t.RoomName, scanID(&t.Root), &t.Unread} })
		return err
	})
	return n, first, err
}

// saved is what ?1 has saved before ?2 and may see, at most ?3.
const saved = `SELECT ` + messageColumns + `, r.name, d.at, d.id
	FROM saved d CROSS JOIN messages m ON m.room = d.room AND m.uid = d.message JOIN users u ON u.id = m.author
		JOIN rooms r ON r.id = d.room LEFT JOIN memberships mb ON mb.room = d.room AND mb.user = d.user
	WHERE d.user = ?1 AND d.id < ?2 AND ` + visible + ` AND coalesce(mb.sees_from_seq, 0) <=
		iif(m.thread IS NULL, m.seq, (SELECT t.seq FROM messages t WHERE t.room = m.room AND t.uid = m.thread))
	ORDER BY d.id DESC LIMIT ?3`

// Saved lists what user has saved; see chat.SavedStore.
func (s *Store) Saved(ctx context.Context, user chat.UserID, before uint64, limit int) (ms []chat.SavedMessage, err error) {
	err = s.reading(ctx, "sqlite.Saved", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, saved, blob(user), int64(before), limit)
		ms, err = collect(rows, err, func(m *chat.SavedMessage) []any {
			return append(messageFields(&m.Message), &m.Message.RoomName, moment{&m.At}, &m.Place)
		})
		if err != nil {
			return err
		}
		all := make([]*chat.Message, len(ms))
		for i := range ms {
			all[i] = &ms[i].Message
		}
		return s.dress(ctx, tx, user, all)
	})
	return ms, err
}

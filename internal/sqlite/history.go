package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// readStatements are the reads that are asked often. Each connection prepares them once.
type readStatements struct {
	roomByID, roomByName, membership             *sql.Stmt
	user, bySkeleton, byEmail, session, bySecret *sql.Stmt
	byExternal                                   *sql.Stmt
	pageByN                                      *sql.Stmt
	ofRoom, ofThread                             pages
	head, messagesAfter, changesAfter, pins      *sql.Stmt
	userIDs, mentionsIn                          *sql.Stmt
}

// pages are the reads of history next to a number. Their first parameter is the room, in a thread the second is its root.
type pages struct{ before, after, seqOf *sql.Stmt }

const fromMessages = ` FROM messages m JOIN users u ON u.id = m.author WHERE m.room = ? AND `

func (r *readStatements) all() map[**sql.Stmt]string {
	return map[**sql.Stmt]string{
		&r.roomByID: `SELECT ` + roomColumns + ` FROM rooms r WHERE r.id = ?`,
		&r.roomByName: `SELECT ` + roomColumns + ` FROM rooms r WHERE r.name = ?1
			UNION ALL SELECT ` + roomColumns + ` FROM room_aliases a JOIN rooms r ON r.id = a.room WHERE a.name = ?1`,
		&r.membership: `SELECT ` + memberColumns + ` FROM memberships m WHERE m.room = ? AND m.user = ?`,
		&r.user:       `SELECT ` + userColumns + ` FROM users u WHERE u.id = ?`,
		&r.bySkeleton: `SELECT ` + userColumns + ` FROM users u WHERE u.name_skeleton = ? AND u.kind <> 'guest'`,
		&r.byEmail: `SELECT ` + userColumns + ` FROM users u WHERE lower(u.email) = ? AND u.kind = 'member' AND u.email <> ''
			ORDER BY u.created, u.id LIMIT 1`,
		&r.byExternal:      `SELECT ` + userColumns + ` FROM users u WHERE u.external_id = ?`,
		&r.session:         `SELECT ` + sessionColumns + `, ` + userColumns + ` FROM sessions s JOIN users u ON u.id = s.user WHERE s.id = ?`,
		&r.bySecret:        `SELECT ` + sessionColumns + `, ` + userColumns + ` FROM sessions s JOIN users u ON u.id = s.user WHERE s.secret_hash = ?`,
		&r.pageByN:         `SELECT ` + messageColumns + fromMessages + `m.n > ? AND m.n <= ? ORDER BY m.n`,
		&r.ofRoom.before:   `SELECT ` + messageColumns + fromMessages + `m.n IS NOT NULL AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
		&r.ofRoom.after:    `SELECT ` + messageColumns + fromMessages + `m.n IS NOT NULL AND m.seq > ? ORDER BY m.seq LIMIT ?`,
		&r.ofRoom.seqOf:    `SELECT m.seq FROM messages m WHERE m.room = ? AND m.uid = ? AND m.n IS NOT NULL`,
		&r.ofThread.before: `SELECT ` + messageColumns + fromMessages + `m.thread = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
		&r.ofThread.after:  `SELECT ` + messageColumns + fromMessages + `m.thread = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`,
		&r.ofThread.seqOf:  `SELECT m.seq FROM messages m WHERE m.room = ? AND m.thread = ? AND m.uid = ?`,
		&r.head: `SELECT r.name, r.epoch, r.seq, r.n, r.min_seq, coalesce((SELECT m.uid FROM messages m WHERE m.room = r.id AND m.seq = r.seq),
			(SELECT c.uid FROM changes c WHERE c.room = r.id AND c.seq = r.seq)) FROM rooms r WHERE r.id = ?`,
		&r.messagesAfter: `SELECT ` + messageColumns + fromMessages + `m.seq > ? ORDER BY m.seq LIMIT ?`,
		&r.pins:          `SELECT ` + messageColumns + fromMessages + `m.pinned IS NOT NULL ORDER BY m.pinned DESC`,
		&r.changesAfter: `SELECT ` + changeColumns + ` FROM changes c JOIN users u ON u.id = c.actor WHERE c.room = ? AND c.seq > ?
			ORDER BY c.seq LIMIT ?`,
		&r.userIDs:    userIDs,
		&r.mentionsIn: `SELECT ` + roomMentions + ` FROM rooms r LEFT JOIN memberships m ON m.room = r.id AND m.user = ?1 WHERE r.id = ?2`,
	}
}

func (r *readStatements) prepare(ctx context.Context, db *sql.DB) (err error) {
	for to, text := range r.all() {
		if *to, err = db.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (r *readStatements) close() error {
	var err error
	for s := range r.all() {
		if *s != nil {
			err = errors.Join(err, (*s).Close())
		}
	}
	return err
}

// reading runs f in one read transaction of at most readTime.
func (s *Store) reading(ctx context.Context, op string, f func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return translate(op, err)
	}
	err = f(ctx, tx)
	// Nothing was written: rolling back only ends the snapshot.
	if end := tx.Rollback(); end != nil && !errors.Is(end, sql.ErrTxDone) {
		err = errors.Join(err, end)
	}
	return translate(op, err)
}

// Head reads where the room ends.
func (s *Store) Head(ctx context.Context, room chat.RoomID) (chat.Head, error) {
	const op = "sqlite.Head"
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	h, err := scanHead(s.reads.head.QueryRowContext(ctx, blob(room)))
	return h.Head, found(op, err, "there is no such room")
}

// roomHead is a Head with what else a read of history needs.
type roomHead struct {
	chat.Head
	name string
	n    uint64
}

func scanHead(row scanner) (h roomHead, err error) {
	err = row.Scan(&h.name, &h.Epoch, &h.Seq, &h.n, &h.MinSeq, scanID(&h.ID))
	return h, err
}

// headIn reads the head in a transaction.
func (s *Store) headIn(ctx context.Context, tx *sql.Tx, op string, room chat.RoomID) (roomHead, error) {
	h, err := scanHead(tx.StmtContext(ctx, s.reads.head).QueryRowContext(ctx, blob(room)))
	return h, found(op, err, "there is no such room")
}

// Page reads history; see chat.Journal. Every query is a range of an index, however deep the page.
func (s *Store) Page(ctx context.Context, room chat.RoomID, q chat.PageQuery) (page chat.Page, err error) {
	const op = "sqlite.Page"
	if q, err = q.Normal(); err != nil {
		return chat.Page{}, err
	}
	err = s.reading(ctx, op, func(ctx context.Context, tx *sql.Tx) error {
		h, err := s.headIn(ctx, tx, op, room)
		if err != nil {
			return err
		}
		page = chat.Page{Page: q.Page, Epoch: h.Epoch, AsOf: h.Seq}
		if err = s.fill(ctx, tx, &page, h, room, q); err != nil {
			return err
		}
		return s.dress(ctx, tx, q.Reader, pointers(page.Messages))
	})
	if err != nil {
		return chat.Page{}, err
	}
	return page, nil
}

// fill reads the messages of a page.
func (s *Store) fill(ctx context.Context, tx *sql.Tx, page *chat.Page, h roomHead, room chat.RoomID, q chat.PageQuery) (err error) {
	key, of := []any{blob(room)}, s.reads.ofRoom
	if q.Thread != "" {
		if page.RootSeq, err = s.rootSeq(ctx, tx, room, q.Thread); err != nil {
			return err
		}
		key, of = append(key, blob(q.Thread)), s.reads.ofThread
	}
	switch {
	case q.Around != "":
		return of.around(ctx, tx, page, h.name, key, q)
	case q.Before != nil:
		page.Messages, err = messages(ctx, tx, of.before, h.name, with(key, int64(*q.Before), q.Limit+1)...)
		page.HasMore = len(page.Messages) > q.Limit
		page.Messages = page.Messages[:min(q.Limit, len(page.Messages))]
		slices.Reverse(page.Messages)
	case q.After != nil && *q.After > h.Seq:
		return chat.Errorf(chat.Invalid, "sqlite.Page", "after is beyond the room's last number %d", h.Seq)
	case q.After != nil:
		page.Messages, err = messages(ctx, tx, of.after, h.name, with(key, int64(*q.After), q.Limit+1)...)
		page.HasMore = len(page.Messages) > q.Limit
		page.Messages = page.Messages[:min(q.Limit, len(page.Messages))]
	default:
		last := int64(h.n) - int64(q.Page-1)*int64(q.Limit)
		if last <= 0 {
			return nil
		}
		page.Messages, err = messages(ctx, tx, s.reads.pageByN, h.name, with(key, last-int64(q.Limit), last)...)
		page.HasMore = last > int64(q.Limit)
	}
	return err
}

// with is a query's parameters: key and more behind it.
func with(key []any, more ...any) []any { return slices.Concat(key, more) }

// around fills page with the messages on both sides of one.
func (p pages) around(ctx context.Context, tx *sql.Tx, page *chat.Page, room string, key []any, q chat.PageQuery) error {
	var seq int64
	err := tx.StmtContext(ctx, p.seqOf).QueryRowContext(ctx, with(key, blob(q.Around))...).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return chat.ErrNoMessage()
	}
	if err != nil {
		return err
	}
	older, err := messages(ctx, tx, p.before, room, with(key, seq+1, q.Limit+2)...) // with the one itself
	if err != nil {
		return err
	}
	newer, err := messages(ctx, tx, p.after, room, with(key, seq, q.Limit+1)...)
	page.HasMore, page.HasNewer = len(older) > q.Limit+1, len(newer) > q.Limit
	older = older[:min(q.Limit+1, len(older))]
	slices.Reverse(older)
	page.Messages = append(older, newer[:min(q.Limit, len(newer))]...)
	return err
}

func messages(ctx context.Context, tx *sql.Tx, s *sql.Stmt, room string, args ...any) ([]chat.Message, error) {
	rows, err := tx.StmtContext(ctx, s).QueryContext(ctx, args...)
	return collect(rows, err, func(m *chat.Message) []any {
		m.RoomName = room
		return messageFields(m)
	})
}

// Entries reads the events after seq; see chat.Journal.
func (s *Store) Entries(ctx context.Context, room chat.RoomID, after uint64, limit int) (head chat.Head, events []chat.Event, err error) {
	const op = "sqlite.Entries"
	if after > math.MaxInt64 || limit < 1 {
		return chat.Head{}, nil, chat.Errorf(chat.Invalid, op, "after or limit is out of range")
	}
	err = s.reading(ctx, op, func(ctx context.Context, tx *sql.Tx) error {
		h, err := s.headIn(ctx, tx, op, room)
		if err != nil {
			return err
		}
		head = h.Head
		ms, err := messages(ctx, tx, s.reads.messagesAfter, h.name, blob(room), int64(after), limit)
		if err != nil {
			return err
		}
		if err := withThreads(ctx, tx, pointers(ms)); err != nil {
			return err
		}
		rows, err := tx.StmtContext(ctx, s.reads.changesAfter).QueryContext(ctx, blob(room), int64(after), limit)
		cs, err := collect(rows, err, func(c *chat.Change) []any {
			c.RoomName = h.name
			return changeFields(c)
		})
		if err == nil {
			err = presentAll(ctx, tx, room, cs)
		}
		events = merge(h.Epoch, ms, cs, limit)
		return err
	})
	if err != nil {
		return chat.Head{}, nil, err
	}
	return head, events, nil
}

// merge orders messages and changes by seq, at most limit of them.
func merge(epoch string, ms []chat.Message, cs []chat.Change, limit int) []chat.Event {
	events := make([]chat.Event, 0, min(limit, len(ms)+len(cs)))
	for m, c := 0, 0; len(events) < limit && (m < len(ms) || c < len(cs)); {
		if c == len(cs) || m < len(ms) && ms[m].Seq < cs[c].Seq {
			events = append(events, chat.Event{Epoch: epoch, Message: &ms[m]})
			m++
		} else {
			events = append(events, chat.Event{Epoch: epoch, Change: &cs[c]})
			c++
		}
	}
	return events
}

// collect reads all rows into values whose fields are given.
func collect[T any](rows *sql.Rows, err error, fields func(*T) []any) ([]T, error) {
	if err != nil {
		return nil, err
	}
	var all []T
	for rows.Next() {
		var t T
		if err := rows.Scan(fields(&t)...); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, t)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

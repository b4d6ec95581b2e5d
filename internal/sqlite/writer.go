package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
)

// writer is the one connection that writes, with its statements. Whoever uses it holds mu.
type writer struct {
	mu     sync.Mutex
	db     *sql.DB
	conn   *sql.Conn
	fatal  func(error)
	stored func()      // told of each transaction; set before there is one
	broken error       // set once the disk has failed: nothing is written any more
	erased atomic.Bool // something was deleted that the log may still have

	begin, commit, rollback               *sql.Stmt
	room, user, member                    *sql.Stmt
	insertMessage, findMessage            *sql.Stmt
	insertChange, findChange              *sql.Stmt
	insertGuest, updateRoom, upsertMember *sql.Stmt
	insertAudit                           *sql.Stmt
	messageByID                           *sql.Stmt
	findFollow, upsertFollow, countUnread *sql.Stmt
	updateEnds                            *sql.Stmt
	isSaved, insertSaved, deleteSaved     *sql.Stmt
	insertMention, countMentions          *sql.Stmt

	statements []*sql.Stmt // all of them
}

func openWriter(ctx context.Context, path string, fatal func(error)) (*writer, error) {
	synchronous := "synchronous(FULL)"
	if fault.Mutant("sync-off") {
		synchronous = "synchronous(OFF)"
	}
	db, err := sql.Open("sqlite", dataSource(path, "busy_timeout(5000)", "journal_mode(WAL)", synchronous,
		"foreign_keys(1)", "secure_delete(1)", "wal_autocheckpoint(0)", "cache_size(-65536)", "temp_store(MEMORY)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	w := &writer{db: db, fatal: fatal}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// prepared is a statement and where it goes.
type prepared struct {
	to  **sql.Stmt
	sql string
}

func (w *writer) all() []prepared {
	return []prepared{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.rollback, `ROLLBACK`},
		{&w.room, `SELECT ` + roomColumns + ` FROM rooms r WHERE r.id = ?`},
		{&w.user, `SELECT ` + userColumns + ` FROM users u WHERE u.id = ?`},
		{&w.member, `SELECT ` + memberColumns + ` FROM memberships m WHERE m.room = ? AND m.user = ?`},
		{&w.insertMessage, `INSERT INTO messages (uid, room, seq, n, author, client_id, request_hash, created, body, html, renderer,
			thread, quote, mentions, mentions_all) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (client_id, author, room) DO NOTHING`},
		{&w.findMessage, findMessage},
		{&w.insertChange, `INSERT INTO changes (uid, room, seq, kind, message, actor, subject, data, created)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING`},
		{&w.findChange, findChange},
		{&w.insertGuest, insertUser + ` ON CONFLICT (id) DO NOTHING`},
		{&w.updateRoom, `UPDATE rooms SET name = ?, topic = ?, archived = ?, read_only = ?, history = ?, slow_mode = ?, seq = ?, n = ?
			WHERE id = ?`},
		{&w.upsertMember, `INSERT INTO memberships (room, user, role, sees_from_seq, sees_after_n, read_n, read_version, joined, removed, banned,
			hides_n, last_post) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (room, user) DO UPDATE SET role = excluded.role,
			sees_from_seq = excluded.sees_from_seq, sees_after_n = excluded.sees_after_n, read_n = excluded.read_n,
			read_version = excluded.read_version, joined = excluded.joined, removed = excluded.removed, banned = excluded.banned,
			last_post = excluded.last_post`},
		{&w.insertAudit, `INSERT INTO audit (at, actor, actor_name, action, subject, subject_name, data) VALUES (?, ?, ?, ?, ?, ?, ?)`},
		{&w.messageByID, `SELECT ` + messageColumns + ` FROM messages m JOIN users u ON u.id = m.author WHERE m.room = ? AND m.uid = ?`},
		{&w.findFollow, `SELECT following, read_seq FROM thread_follows WHERE user = ? AND room = ? AND root = ?`},
		{&w.upsertFollow, `INSERT INTO thread_follows (user, room, root, following, read_seq, last_seq, place) VALUES (?1, ?2, ?3, ?4, ?5,
			(SELECT m.seq` + threadEnd + `), (SELECT m.id` + threadEnd + `))
			ON CONFLICT (user, room, root) DO UPDATE SET following = excluded.following, read_seq = excluded.read_seq`},
		{&w.updateEnds, updateEnds},
		{&w.countUnread, `SELECT count(*) FROM ` + standingReplies + `m.room = ? AND m.thread = ? AND m.seq > ? AND m.author <> ?`},
		{&w.isSaved, `SELECT EXISTS (SELECT 1 FROM saved WHERE user = ? AND room = ? AND message = ?)`},
		{&w.insertSaved, `INSERT INTO saved (user, room, message, at) SELECT ?1, ?2, ?3, ?4
			WHERE (SELECT count(*) FROM saved WHERE user = ?1) < ?5 ON CONFLICT (user, room, message) DO NOTHING`},
		{&w.deleteSaved, `DELETE FROM saved WHERE user = ? AND room = ? AND message = ?`},
		{&w.insertMention, `INSERT INTO mentions (user, room, n, seq, origin, message, thread, author, created, named)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&w.countMentions, unreadMentions},
	}
}

func (w *writer) prepare(ctx context.Context) (err error) {
	for _, p := range w.all() {
		if *p.to, err = w.conn.PrepareContext(ctx, p.sql); err != nil {
			return err
		}
		w.statements = append(w.statements, *p.to)
	}
	return nil
}

const (
	findMessage = `SELECT ` + messageColumns + `, m.request_hash FROM messages m JOIN users u ON u.id = m.author
		WHERE m.client_id = ? AND m.author = ? AND m.room = ?`
	findChange = `SELECT ` + changeColumns + ` FROM changes c JOIN users u ON u.id = c.actor WHERE c.uid = ?`
	insertUser = `INSERT INTO users (id, kind, name, name_skeleton, display, email, password_hash, role, created, disabled, rev,
		external_id, external_name, avatar, avatar_from, avatar_asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?)`
)

// close also closes the statements, which nobody else does: with one left open, SQLite would keep the file open.
func (w *writer) close() error {
	var err error
	for _, s := range w.statements {
		err = errors.Join(err, s.Close())
	}
	if w.conn != nil {
		err = w.conn.Close()
	}
	return errors.Join(err, w.db.Close())
}

// transact runs f in a transaction that begins IMMEDIATE. It is durable when transact returns nil; the error of f or of
// the database otherwise, translated, and nothing is stored, unless the Code is UnknownOutcome.
//
// It takes no context: once begun, a transaction ends by itself, never half way because somebody hung up.
func (w *writer) transact(op string, f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return &chat.Error{Code: chat.Internal, Op: op, Message: "the database's disk has failed", Err: w.broken}
	}
	if err := exec(w.begin); err != nil {
		w.undo()
		return w.failed(op, err, chat.Internal)
	}
	if err := f(); err != nil {
		w.undo()
		return w.failed(op, err, chat.Internal)
	}
	if err := exec(w.commit); err != nil && !(isBroken(err) && fault.Mutant("fsync-error-ignored")) {
		w.undo()
		return w.failed(op, err, chat.UnknownOutcome)
	}
	w.stored()
	return nil
}

// undo rolls back. SQLite has done so by itself after some errors; then there is nothing to roll back, which is an error
// of its own.
func (w *writer) undo() { _ = exec(w.rollback) }

// failed translates an error of the transaction. A broken disk ends the process.
func (w *writer) failed(op string, err error, broken chat.Code) error {
	if isBroken(err) {
		w.breakDown(err)
		return &chat.Error{Code: broken, Op: op, Message: "the database's disk has failed", Err: err}
	}
	return translate(op, err)
}

// breakDown refuses every further write and ends the process. The caller holds mu.
func (w *writer) breakDown(err error) {
	w.broken = err
	w.fatal(err)
}

// exec and the queries of the writer get no context: one that can end costs a goroutine for each call.
func exec(s *sql.Stmt, args ...any) error {
	_, err := s.ExecContext(context.Background(), args...)
	return err
}

// exec and queryRow are for what is not done often enough to be prepared, in the transaction under way.
func (w *writer) exec(statement string, args ...any) error {
	_, err := w.conn.ExecContext(context.Background(), statement, args...)
	return err
}

// changed is exec, and says whether any row was changed.
func (w *writer) changed(statement string, args ...any) (bool, error) {
	r, err := w.conn.ExecContext(context.Background(), statement, args...)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

func (w *writer) queryRow(query string, args ...any) *sql.Row {
	return w.conn.QueryRowContext(context.Background(), query, args...)
}

// inserted executes an INSERT ... DO NOTHING and says whether it did something.
func inserted(s *sql.Stmt, args ...any) (bool, error) {
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

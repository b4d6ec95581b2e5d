package chaos

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// What is read of the database. It is the schema of docs/architecture.md and of no Go code.
const (
	sqlRooms    = `SELECT id, name, epoch, seq, n FROM rooms ORDER BY name`
	sqlMessages = `SELECT m.seq, coalesce(m.n, 0), m.uid, m.client_id, u.name, m.body FROM messages m JOIN users u ON u.id = m.author WHERE m.room = ? ORDER BY m.seq`
	sqlReacts   = `SELECT m.seq, r.emoji, u.name FROM reactions r JOIN messages m ON m.id = r.message JOIN users u ON u.id = r.user WHERE m.room = ? ORDER BY m.seq`
	sqlChanges  = `SELECT c.seq, c.uid, c.kind, coalesce(u.name, '') FROM changes c LEFT JOIN users u ON u.id = c.subject WHERE c.room = ? ORDER BY c.seq`
	sqlCursors  = `SELECT u.name, r.name, m.read_n, m.read_version, r.n - m.read_n FROM memberships m JOIN users u ON u.id = m.user JOIN rooms r ON r.id = m.room
		WHERE m.removed = 0 AND u.disabled = 0`
)

// dumpSQL writes down what the database of a server that has ended holds. It only reads.
func dumpSQL(ctx context.Context, path string, w *history.Writer) (err error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var ids [][]byte
	var heads []history.Op
	err = each(ctx, db, sqlRooms, func(scan func(...any) error) error {
		var id []byte
		op := history.Op{Op: history.Dump, Form: history.SQL}
		err := scan(&id, &op.Room, &op.Epoch, &op.Seq, &op.N)
		ids, heads = append(ids, id), append(heads, op)
		return err
	})
	if err != nil {
		return err
	}
	for i, head := range heads {
		if err := dumpRoom(ctx, db, w, ids[i], head); err != nil {
			return err
		}
	}
	return each(ctx, db, sqlCursors, func(scan func(...any) error) error {
		op := history.Op{Op: history.Unread, Form: history.SQL}
		err := scan(&op.User, &op.Room, &op.N, &op.Version, &op.Unread)
		w.Write(op)
		return err
	})
}

func dumpRoom(ctx context.Context, db *sql.DB, w *history.Writer, id []byte, head history.Op) error {
	ops, reactions := []history.Op{head}, map[uint64][]string{}
	err := each(ctx, db, sqlReacts, func(scan func(...any) error) error {
		var seq uint64
		var emoji, user string
		err := scan(&seq, &emoji, &user)
		reactions[seq] = append(reactions[seq], history.Reaction(emoji, user))
		return err
	}, id)
	if err != nil {
		return err
	}
	err = each(ctx, db, sqlMessages, func(scan func(...any) error) error {
		var uid, client []byte
		var body string
		op := history.Op{Op: history.Dumped, Form: history.SQL, Room: head.Room}
		err := scan(&op.Seq, &op.N, &uid, &client, &op.User, &body)
		op.ID, op.ClientID, op.Hash = text(uid), text(client), history.Hash(body)
		op.Users = reactions[op.Seq]
		ops = append(ops, op)
		return err
	}, id)
	if err != nil {
		return err
	}
	err = each(ctx, db, sqlChanges, func(scan func(...any) error) error {
		var uid []byte
		op := history.Op{Op: history.Dumped, Form: history.SQL, Room: head.Room}
		err := scan(&op.Seq, &uid, &op.Code, &op.Detail)
		op.ID = text(uid)
		ops = append(ops, op)
		return err
	}, id)
	w.Write(ops...)
	return err
}

func each(ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// text is an id as the protocol has it.
func text(b []byte) string {
	id, err := uuid.FromBytes(b)
	if err != nil {
		return ""
	}
	return id.String()
}

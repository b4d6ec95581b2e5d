package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/parley-chat/parley/internal/chat"
)

// code returns SQLite's extended result code of err, 0 if it has none.
func code(err error) int {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// isFull tells a disk without room. The shared-memory file beside the log is grown before anything is written, so its
// failure to grow means the same.
func isFull(err error) bool {
	c := code(err)
	return c&0xff == sqlite3.SQLITE_FULL || c == sqlite3.SQLITE_IOERR_SHMSIZE
}

// isBroken tells a disk or file that nothing may be written to any more.
func isBroken(err error) bool {
	switch code(err) & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return !isFull(err)
	}
	return false
}

// isUnique tells a row that is there already.
func isUnique(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// translate makes a chat.Error of a driver's error, by its code. A nil error stays nil.
func translate(op string, err error) error {
	if err == nil {
		return nil
	}
	switch c := code(err); {
	case isFull(err):
		return &chat.Error{Code: chat.Overloaded, Op: op, Message: "the disk is full: nothing was stored", RetryAfter: 5 * time.Second, Err: err}
	case c&0xff == sqlite3.SQLITE_BUSY, c&0xff == sqlite3.SQLITE_LOCKED:
		return &chat.Error{Code: chat.Overloaded, Op: op, Message: "the database is in use by another program: nothing was stored", RetryAfter: time.Second, Err: err}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), c&0xff == sqlite3.SQLITE_INTERRUPT:
		return &chat.Error{Code: chat.Overloaded, Op: op, Message: "the database took too long", RetryAfter: time.Second, Err: err}
	}
	return chat.WrapInternal(op, err)
}

// found turns "no rows" into NotFound with the given message.
func found(op string, err error, message string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Errorf(chat.NotFound, op, "%s", message)
	}
	return translate(op, err)
}

// isForeignKey tells a row that refers to one that is not there. An id that is no UUID is NULL and refers to nothing.
func isForeignKey(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY || c == sqlite3.SQLITE_CONSTRAINT_NOTNULL
}

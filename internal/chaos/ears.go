package chaos

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/wsclient"
)

// ears read a connection on a goroutine of their own, answer pings and note when anything came.
type ears struct {
	conn   *wsclient.Conn
	frames chan []byte  // closed at the end
	heard  atomic.Int64 // nanoseconds since began
	began  time.Time
	err    error // of the end; valid once frames is closed
}

func newEars(conn *wsclient.Conn) *ears {
	return &ears{conn: conn, frames: make(chan []byte, 64), began: time.Now()}
}

// last is when something was heard, or when listening began.
func (e *ears) last() time.Time { return e.began.Add(time.Duration(e.heard.Load())) }

// hearNow counts as hearing something.
func (e *ears) hearNow() { e.heard.Store(int64(time.Since(e.began))) }

func (e *ears) listen(ctx context.Context) {
	defer close(e.frames)
	for {
		op, b, err := e.conn.Read(ctx)
		e.hearNow()
		switch {
		case err != nil:
			e.err = err
			return
		case op == wsclient.Ping:
			_ = e.conn.Frame(wsclient.Pong, true, b) // a broken connection shows itself in the next read
			continue
		case op != wsclient.Text:
			continue
		}
		select {
		case e.frames <- b:
			e.hearNow()
		case <-ctx.Done():
			e.err = ctx.Err()
			return
		}
	}
}

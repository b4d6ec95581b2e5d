package gateway

import (
	"errors"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/problem"
	"github.com/parley-chat/parley/internal/wire"
)

var errShutdown = &chat.Error{Code: chat.Overloaded, Op: "gateway", Message: "the server is shutting down", RetryAfter: 2 * time.Second}

// fail tells the client what was wrong with a frame. room is for frames that name several.
func (c *conn) fail(err error, ref, room string) {
	c.session.Send(c.g.errorFrame(err, ref, room))
}

// errorFrame turns an error of wire or chat into a frame.
func (g *Gateway) errorFrame(err error, ref, room string) []byte {
	if e := (*wire.Error)(nil); errors.As(err, &e) {
		return g.encode(&wire.ErrorFrame{Code: e.Code, Message: e.Message, Ref: e.Ref, Room: room})
	}
	code, message, after := g.explain(err)
	return g.encode(&wire.ErrorFrame{
		Code: string(code), Message: message, Ref: ref, Room: room, RetryAfter: milliseconds(after),
	})
}

// explain says what the client may know of an error. A fault of the server is logged here, once, under an id that the
// client is told.
func (g *Gateway) explain(err error) (code chat.Code, message string, retryAfter time.Duration) {
	code = chat.CodeOf(err)
	if code == chat.Internal {
		id := chat.NewUUID(time.Now())
		g.log.Error("internal error", "error_id", id, "err", err)
		return code, "something went wrong on the server (error " + id + ")", 0
	}
	e := (*chat.Error)(nil)
	errors.As(err, &e)
	return code, e.Message, e.RetryAfter
}

// milliseconds rounds up, so that who waits that long is not too early.
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

// problem answers a request that does not become a connection.
func (g *Gateway) problem(w http.ResponseWriter, err error) {
	if chat.CodeOf(err) == chat.Internal {
		g.log.Error("internal error", "request_id", w.Header().Get(problem.IDHeader), "err", err)
	}
	problem.Of(err).Write(w)
}

package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/problem"
)

// Problem is every error's form in the API.
type Problem struct {
	problem.Problem
	Cursor *cursor `json:"cursor,omitempty" doc:"With conflict, when moving a cursor: where it stands now."`
}

// problemOf describes err to whoever asked. An internal one is written to the log with its cause, here and nowhere else.
func problemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	if chat.CodeOf(err) == chat.Internal {
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			err = &chat.Error{Code: chat.Overloaded, Op: "httpapi", Message: "the answer took too long", RetryAfter: time.Second, Err: err}
		case !errors.Is(err, context.Canceled):
			log.ErrorContext(ctx, "a request failed", "request_id", requestID(ctx), "err", err)
		}
	}
	p := &Problem{Problem: *problem.Of(err)}
	p.RequestID = requestID(ctx)
	return p
}

func newProblem(ctx context.Context, status int, code chat.Code, detail string) *Problem {
	p := &Problem{Problem: *problem.New(status, code, detail)}
	p.RequestID = requestID(ctx)
	return p
}

// GetStatus tells huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType tells huma the media type.
func (p *Problem) ContentType(string) string { return problem.ContentType }

// GetHeaders tells huma the headers that belong to the status.
func (p *Problem) GetHeaders() http.Header { return p.Header() }

// write answers with p outside of huma.
func (p *Problem) write(w http.ResponseWriter) { p.Write(w) }

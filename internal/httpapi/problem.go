package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Problem is every error's form: RFC 9457 with the fields that Parley adds.
type Problem struct {
	Type       string  `json:"type" doc:"Always about:blank: code says what happened."`
	Title      string  `json:"title" doc:"The status in words."`
	Status     int     `json:"status" doc:"The HTTP status."`
	Detail     string  `json:"detail" doc:"What happened, for the person who reads it."`
	Code       string  `json:"code" enum:"invalid,unauthenticated,forbidden,not_found,conflict,too_large,rate_limited,overloaded,unknown_outcome,internal" doc:"What kind of error it is; the same codes as on sockets."`
	RetryAfter int64   `json:"retry_after,omitempty" doc:"Milliseconds after which the same request may work."`
	RequestID  string  `json:"request_id" doc:"Names this request in the server's log."`
	Cursor     *cursor `json:"cursor,omitempty" doc:"With conflict, when moving a cursor: where it stands now."`
}

// statuses gives each code its HTTP status.
var statuses = map[chat.Code]int{
	chat.Invalid:         http.StatusBadRequest,
	chat.Unauthenticated: http.StatusUnauthorized,
	chat.Forbidden:       http.StatusForbidden,
	chat.NotFound:        http.StatusNotFound,
	chat.Conflict:        http.StatusConflict,
	chat.TooLarge:        http.StatusRequestEntityTooLarge,
	chat.RateLimited:     http.StatusTooManyRequests,
	chat.Overloaded:      http.StatusServiceUnavailable,
	chat.UnknownOutcome:  http.StatusGatewayTimeout,
	chat.Internal:        http.StatusInternalServerError,
}

// codes gives a status its code, for errors that come from the HTTP layer itself.
func codeOf(status int) chat.Code {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return chat.TooLarge
	case http.StatusNotFound:
		return chat.NotFound
	}
	if status >= 500 {
		return chat.Internal
	}
	return chat.Invalid
}

// problemOf describes err to whoever asked. An internal one is written to the log with its cause, here and nowhere else.
func problemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	e := (*chat.Error)(nil)
	if !errors.As(err, &e) {
		e = &chat.Error{Code: chat.Internal, Message: "something went wrong on the server", Err: err}
	}
	if e.Code == chat.Internal && errors.Is(e, context.DeadlineExceeded) {
		e = &chat.Error{Code: chat.Overloaded, Op: e.Op, Message: "the answer took too long", RetryAfter: time.Second, Err: e.Err}
	}
	if e.Code == chat.Internal && !errors.Is(e, context.Canceled) {
		log.ErrorContext(ctx, "a request failed", "request_id", requestID(ctx), "err", e)
	}
	status, known := statuses[e.Code]
	if !known {
		status = http.StatusInternalServerError
	}
	p := newProblem(ctx, status, e.Code, e.Message)
	if e.RetryAfter > 0 {
		p.RetryAfter = max(1, int64((e.RetryAfter+time.Millisecond-1)/time.Millisecond))
	}
	return p
}

func newProblem(ctx context.Context, status int, code chat.Code, detail string) *Problem {
	if detail == "" {
		detail = http.StatusText(status)
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: string(code), RequestID: requestID(ctx)}
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus tells huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType tells huma the media type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells huma the headers that belong to the status.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt((p.RetryAfter+999)/1000, 10))
	}
	return h
}

// write answers with p outside of huma.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Del("Content-Length")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

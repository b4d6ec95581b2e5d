// Package problem is the form that every error has over HTTP, whichever part answers: a problem document (RFC 9457) with
// one of chat's codes. The one table of codes and statuses is here.
package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// ContentType is the media type of a Problem.
const ContentType = "application/problem+json"

// IDHeader is the header of an answer that names the request; a Problem repeats it.
const IDHeader = "X-Request-Id"

// Problem is an error as the client sees it.
type Problem struct {
	Type       string `json:"type" doc:"Always about:blank: code says what happened."`
	Title      string `json:"title" doc:"The status in words."`
	Status     int    `json:"status" doc:"The HTTP status."`
	Detail     string `json:"detail" doc:"What happened, for the person who reads it."`
	Code       string `json:"code" enum:"invalid,unauthenticated,forbidden,not_found,conflict,too_large,rate_limited,overloaded,unknown_outcome,internal" doc:"What kind of error it is; the same codes as on sockets."`
	RetryAfter int64  `json:"retry_after,omitempty" doc:"Milliseconds after which the same request may work."`
	RequestID  string `json:"request_id,omitempty" doc:"Names this request in the server's log."`
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

// Statuses returns the HTTP status of each code.
func Statuses() map[chat.Code]int {
	all := make(map[chat.Code]int, len(statuses))
	for code, status := range statuses {
		all[code] = status
	}
	return all
}

// Code is what a status means that comes from HTTP itself.
func Code(status int) chat.Code {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return chat.TooLarge
	case http.StatusNotFound:
		return chat.NotFound
	case http.StatusHTTPVersionNotSupported: // by the client's choice
		return chat.Invalid
	}
	if status >= 500 {
		return chat.Internal
	}
	return chat.Invalid
}

// New makes a Problem with any status. An empty detail becomes the status in words.
func New(status int, code chat.Code, detail string) *Problem {
	if detail == "" {
		detail = http.StatusText(status)
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: string(code)}
}

// Of tells err, but of one that is not chat's nothing.
func Of(err error) *Problem {
	e := (*chat.Error)(nil)
	if !errors.As(err, &e) {
		e = &chat.Error{Code: chat.Internal, Message: "something went wrong on the server"}
	}
	status, known := statuses[e.Code]
	if !known {
		status = http.StatusInternalServerError
	}
	p := New(status, e.Code, e.Message)
	if e.RetryAfter > 0 {
		p.RetryAfter = max(1, int64((e.RetryAfter+time.Millisecond-1)/time.Millisecond))
	}
	return p
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Header returns what belongs to the status: WWW-Authenticate, Retry-After in whole seconds.
func (p *Problem) Header() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt((p.RetryAfter+999)/1000, 10))
	}
	return h
}

// Write answers with p. It takes the request's id from the answer's header, if it has one.
func (p *Problem) Write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range p.Header() {
		h[name] = values
	}
	if p.RequestID == "" {
		p.RequestID = h.Get(IDHeader)
	}
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone needs no answer
}

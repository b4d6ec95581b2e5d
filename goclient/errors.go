package goclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Code is the kind of a refusal, the same on sockets and in REST.
type Code string

// The codes of the protocol. A newer server may have more.
const (
	CodeInvalid         Code = "invalid"         // a rule is broken
	CodeUnauthenticated Code = "unauthenticated" // the token is not valid
	CodeForbidden       Code = "forbidden"       // you may not
	CodeNotFound        Code = "not_found"       // no such room, or none that you may know of
	CodeConflict        Code = "conflict"        // the client id was used for another message
	CodeTooLarge        Code = "too_large"       // over a limit
	CodeRateLimited     Code = "rate_limited"    // too much at once
	CodeOverloaded      Code = "overloaded"      // the server is full, or shutting down
	CodeUnknownOutcome  Code = "unknown_outcome" // it may have been done
	CodeInternal        Code = "internal"        // a fault of the server
)

// Error is a refusal in the server's words.
type Error struct {
	Code       Code
	Message    string        // for people; names the field or the limit
	Status     int           // of HTTP; 0 when it came over the socket
	RetryAfter time.Duration // after which the same may work; 0: the server did not say
}

func (e *Error) Error() string {
	if e.Message == "" {
		return "the server refused with " + string(e.Code)
	}
	return e.Message
}

// Is makes a refused token an ErrSignedOut.
func (e *Error) Is(target error) bool {
	return target == ErrSignedOut && e.Code == CodeUnauthenticated
}

var (
	// ErrClosed is what everything returns after Close.
	ErrClosed = errors.New("goclient: closed")
	// ErrSignedOut ends a client: the server does not take the token and no fresh one was to be had, or the session was
	// signed out. Connect again with another token.
	ErrSignedOut = errors.New("goclient: signed out")
	// ErrSubscribed is what Subscribe returns while there is a subscription to the room.
	ErrSubscribed = errors.New("goclient: there is a subscription to this room already")
)

// UnknownOutcomeError is what Send returns when it had to give up before the server answered: the message may have been
// stored or not. SendID with ClientID and the same text finds out and never stores it twice.
type UnknownOutcomeError struct {
	ClientID string
	Err      error // why Send gave up: the error of its context, ErrClosed or ErrSignedOut
}

func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("goclient: the server may have stored the message %s or not: %v", e.ClientID, e.Err)
}

// Unwrap returns Err.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// refusal reads an answer of HTTP: a problem document, or whatever something between us and the server answers. Should it
// repeat the token, that is left out.
func refusal(status int, header http.Header, body []byte, token string) *Error {
	e := &Error{Status: status, Code: codeOf(status), Message: fmt.Sprintf("the server answered %d %s", status, http.StatusText(status))}
	var problem struct {
		Code       Code   `json:"code"`
		Detail     string `json:"detail"`
		RetryAfter int64  `json:"retry_after"`
	}
	if to, err := url.Parse(header.Get("Location")); status/100 == 3 && err == nil && to.Host != "" {
		e.Message = fmt.Sprintf("the server sends us on, to %s: if that is right, use that address", words(to.Scheme+"://"+to.Host, ""))
	}
	if !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(body, &problem) != nil || problem.Code == "" {
		return e
	}
	e.Code, e.RetryAfter = problem.Code, milliseconds(problem.RetryAfter)
	if problem.Detail != "" {
		e.Message = words(problem.Detail, token)
	}
	return e
}

// maxWords is how much of a server's words is kept, in bytes.
const maxWords = 1000

// words is what a server says, for an error: of bounded length, and without the token.
func words(text, token string) string {
	if token != "" {
		text = strings.ReplaceAll(text, token, "[token]")
	}
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}

func codeOf(status int) Code {
	switch status {
	case http.StatusUnauthorized:
		return CodeUnauthenticated
	case http.StatusForbidden:
		return CodeForbidden
	case http.StatusNotFound:
		return CodeNotFound
	case http.StatusTooManyRequests:
		return CodeRateLimited
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return CodeOverloaded
	}
	if status >= 500 {
		return CodeInternal
	}
	return CodeInvalid
}

// longestHint bounds what a server may make us wait.
const longestHint = 5 * time.Minute

// milliseconds reads a hint of the server.
func milliseconds(ms int64) time.Duration {
	return time.Duration(min(max(ms, 0), longestHint.Milliseconds())) * time.Millisecond
}

// again reports whether the same request may work later.
func (c Code) again() bool {
	switch c {
	case CodeRateLimited, CodeOverloaded, CodeUnknownOutcome, CodeInternal:
		return true
	}
	return false
}

package chat

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of error it is. The codes cross the wire: sockets carry them in an error frame, REST in the
// field "code" of a problem document.
type Code string

// The ten codes.
const (
	Invalid         Code = "invalid"         // the request breaks a rule; Message names the field or limit
	Unauthenticated Code = "unauthenticated" // nobody is signed in, or not any more
	Forbidden       Code = "forbidden"       // signed in, but not allowed
	NotFound        Code = "not_found"       // no such thing, or the caller may not know of it
	Conflict        Code = "conflict"        // the name or id is in use for something else
	TooLarge        Code = "too_large"       // over a size limit; Message names it
	RateLimited     Code = "rate_limited"    // too many at once; see RetryAfter
	Overloaded      Code = "overloaded"      // the server's queue is full; see RetryAfter
	UnknownOutcome  Code = "unknown_outcome" // it may have been stored; retry with the same id
	Internal        Code = "internal"        // a fault of the server; the details are in its log
)

// Error is every error that leaves this package. Message is written for the person who reads it; Err is the cause, for
// the log alone.
type Error struct {
	Code       Code
	Op         string // where it happened, such as "chat.Post"
	Message    string
	RetryAfter time.Duration // with RateLimited and Overloaded
	Err        error
}

func (e *Error) Error() string {
	s := string(e.Code)
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without a cause.
func Errorf(code Code, op, format string, args ...any) *Error {
	return &Error{Code: code, Op: op, Message: fmt.Sprintf(format, args...)}
}

// WrapInternal hides an unexpected error behind Internal; the cause stays for the log. An error that is an *Error
// already passes unchanged.
func WrapInternal(op string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	return &Error{Code: Internal, Op: op, Message: "something went wrong on the server", Err: err}
}

// CodeOf returns the code of err: Internal for anything that is not an *Error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

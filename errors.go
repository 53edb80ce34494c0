package charcoal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Code says what kind of failure an [Error] is: the caller's, or ours, and
// whether it may pass. Transports map codes to their own statuses in one table.
type Code string

// The codes. An error that carries none is [Internal].
const (
	Malformed       Code = "malformed"       // the request cannot be read at all
	Invalid         Code = "invalid"         // it can be read, but a value is wrong
	Forbidden       Code = "forbidden"       // not from you, or not from there
	Unauthenticated Code = "unauthenticated" // sign in first, or again
	NotFound        Code = "not_found"       // nothing there, or not for you
	Conflict        Code = "conflict"        // not in this state, or the lease is lost
	TooLarge        Code = "too_large"       // over a limit: see Limit, Actual, Unit
	TooSlow         Code = "too_slow"        // the caller did not send in time
	Unsupported     Code = "unsupported"     // not a picture, or of an unknown format
	Unprocessed     Code = "unprocessable"   // a picture that cannot be decoded or drawn
	Overloaded      Code = "overloaded"      // too much work is waiting: try later
	RateLimited     Code = "rate_limited"    // too many requests of this caller: try later
	QuotaSpent      Code = "quota_spent"     // of this account, for now: see Limit, Actual, Unit
	NotAcceptable   Code = "not_acceptable"  // not to be had in any of the forms asked for
	Gone            Code = "gone"            // was there, and was deleted
	Mismatch        Code = "mismatch"        // the bytes are not those that were announced
	StorageFull     Code = "storage_full"    // no room left to store it
	Unavailable     Code = "unavailable"     // a dependency is away, or we are stopping
	Canceled        Code = "canceled"        // the caller went away
	Internal        Code = "internal"        // a fault of ours
)

// Error is a failure with a code and one sentence for the person who reads it.
type Error struct {
	Code    Code
	Message string // a clause without a final stop: what is wrong and what to do

	// For limits: what is allowed, what was asked, and in what unit. Limit is 0
	// for an error that is not about a limit.
	Limit  int64
	Actual int64
	Unit   string

	Fields     []Field       // which values are wrong, when it is about values
	RetryAfter time.Duration // when trying again makes sense; 0: not known

	Err error // the cause, for logs; never shown

	// Logged says that the cause tells more than the message and is worth looking up.
	Logged bool
}

// Field is what is wrong with one value of a request.
type Field struct {
	Pointer string // JSON pointer (RFC 6901) into the body: "/options/cols"; or "query:cols", "header:If-Match"
	Message string
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error with a code and a message for people.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e with its cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Err = cause
	return &c
}

// OverLimit makes a [TooLarge] error that names the limit and the value.
func OverLimit(what string, limit, actual int64, unit string) *Error {
	return OverLimitAs(TooLarge, what, limit, actual, unit)
}

// OverLimitAs is [OverLimit] with another code.
func OverLimitAs(code Code, what string, limit, actual int64, unit string) *Error {
	return &Error{
		Code:  code,
		Limit: limit, Actual: actual, Unit: unit,
		Message: fmt.Sprintf("%s is over the limit: %s of at most %s %s",
			what, group(actual), group(limit), unit),
	}
}

// CodeOf returns the code of the first [Error] in the chain. Without one it is
// [Canceled] for a canceled context, else [Internal].
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if errors.Is(err, context.Canceled) {
		return Canceled
	}
	return Internal
}

// Permanent reports whether doing the same again must fail the same way: the
// fault is in the picture or the options, so a job with it is never retried.
func Permanent(err error) bool {
	switch CodeOf(err) {
	case Malformed, Invalid, TooLarge, Unsupported, Unprocessed:
		return true
	}
	return false
}

// Passing reports whether err says that something around the job is in a bad
// state which may last, but will pass: that is never held against the job.
func Passing(err error) bool {
	switch CodeOf(err) {
	case Overloaded, StorageFull, Unavailable, Canceled:
		return true
	}
	return false
}

// Message returns the sentence of err that may be shown to anybody. An error
// without a code may hold paths or addresses, so its text is not shown.
func Message(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "something went wrong on our side; the log has the details"
}

// group writes n with a thin separator every three digits, as people read it.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

package client

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// Error is a refusal of the server: the problem details of RFC 9457 with what
// Charcoal adds to them.
type Error struct {
	Type      string `json:"type"`  // a page that explains the Code, relative to the server
	Title     string `json:"title"` // the kind of problem, for people
	Status    int    `json:"status"`
	Detail    string `json:"detail"`     // what is wrong and what to do: one sentence
	Instance  string `json:"instance"`   // the path that was asked for
	Code      string `json:"code"`       // the kind of problem, for programs: "not_found"; "" when it was not Charcoal that answered
	RequestID string `json:"request_id"` // names the request in the log of the server

	// For limits: what is allowed, what was asked for, and in what unit.
	Limit  int64  `json:"limit"`
	Actual int64  `json:"actual"`
	Unit   string `json:"unit"`

	Errors    []FieldError     `json:"errors"`    // which values are wrong
	Available []Representation `json:"available"` // in which forms it can be had

	RetryAfter time.Duration `json:"-"` // when trying again makes sense; 0: the server does not say
	Location   string        `json:"-"` // where a redirect leads, which was not followed
}

// FieldError is what is wrong with one value of a request.
type FieldError struct {
	Pointer string `json:"pointer"` // a JSON pointer into the body, or "query:name", "form:name", "header:Name"
	Detail  string `json:"detail"`
}

// Representation is a form in which something can be had.
type Representation struct {
	Href      string `json:"href"`
	MediaType string `json:"media_type"`
}

// Error is the sentence of the server, or what it answered with when there is none.
func (e *Error) Error() string {
	switch {
	case e.Detail != "":
		return e.Detail
	case e.Location != "":
		return fmt.Sprintf("the server redirects to %.200q; use the address that is right", e.Location)
	case e.Title != "":
		return fmt.Sprintf("the server answers %d: %s", e.Status, e.Title)
	}
	return fmt.Sprintf("the server answers %d %s", e.Status, http.StatusText(e.Status))
}

// Temporary reports whether the same request may be granted later, without
// anybody changing it.
func (e *Error) Temporary() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusInsufficientStorage:
		return true
	}
	return false
}

// problemOf reads an answer that is no success. Its status is that of HTTP,
// whatever the body says.
func problemOf(resp *http.Response) *Error {
	e := &Error{}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil && kind == "application/problem+json" {
		raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxProblem)) // half a problem is better than none
		if json.Unmarshal(raw, e) != nil {
			e = &Error{}
		}
	}
	e.Status = resp.StatusCode
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	if e.RequestID == "" {
		e.RequestID = resp.Header.Get("X-Request-Id")
	}
	if e.Status < http.StatusBadRequest {
		e.Location = resp.Header.Get("Location")
	}
	return e
}

// retryAfter reads the header in both of its forms (RFC 9110, section 10.2.3). 0
// is for none, or none that makes sense.
func retryAfter(value string, now time.Time) time.Duration {
	const longest = 365 * 24 * time.Hour // beyond that, products overflow
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, longest)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, min(at.Sub(now), longest))
	}
	return 0
}

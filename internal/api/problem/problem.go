// Package problem turns errors into HTTP: statuses, and the problem details of
// RFC 9457 in which version 2 of the API answers.
package problem

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/caller"
)

// MediaType is that of problem details.
const MediaType = "application/problem+json"

// Codes of HTTP alone.
const (
	MethodNotAllowed    charcoal.Code = "method_not_allowed"    // the address does not take the method
	RangeNotSatisfiable charcoal.Code = "range_not_satisfiable" // the part that was asked for is beyond the end
)

// statuses is the one table from the code of an error to HTTP.
var statuses = map[charcoal.Code]int{
	charcoal.Malformed:       http.StatusBadRequest,
	charcoal.Invalid:         http.StatusUnprocessableEntity,
	charcoal.Forbidden:       http.StatusForbidden,
	charcoal.Unauthenticated: http.StatusUnauthorized,
	charcoal.NotFound:        http.StatusNotFound,
	charcoal.Conflict:        http.StatusConflict,
	charcoal.TooSlow:         http.StatusRequestTimeout,
	charcoal.TooLarge:        http.StatusRequestEntityTooLarge,
	charcoal.Unsupported:     http.StatusUnsupportedMediaType,
	charcoal.Unprocessed:     http.StatusUnprocessableEntity,
	charcoal.Overloaded:      http.StatusTooManyRequests,
	charcoal.RateLimited:     http.StatusTooManyRequests,
	charcoal.QuotaSpent:      http.StatusTooManyRequests,
	charcoal.NotAcceptable:   http.StatusNotAcceptable,
	charcoal.Gone:            http.StatusGone,
	charcoal.Mismatch:        http.StatusBadRequest,
	charcoal.StorageFull:     http.StatusInsufficientStorage,
	charcoal.Unavailable:     http.StatusServiceUnavailable,
	charcoal.Canceled:        499, // nobody reads it; the log shows it
	MethodNotAllowed:         http.StatusMethodNotAllowed,
	RangeNotSatisfiable:      http.StatusRequestedRangeNotSatisfiable,
	charcoal.Internal:        http.StatusInternalServerError,
}

// retryAfter is how many seconds a client should leave between tries, for
// statuses where trying again makes sense and the error does not say.
var retryAfter = map[int]int{
	http.StatusConflict:            1,
	http.StatusTooManyRequests:     5,
	http.StatusServiceUnavailable:  5,
	http.StatusInsufficientStorage: 60,
}

// Status is the one of an error.
func Status(err error) int { return statuses[charcoal.CodeOf(err)] }

// SetRetryAfter says when to try again, where that makes sense. A quota that does not come
// back by itself, such as that of storage, says nothing.
func SetRetryAfter(h http.Header, status int, err error) {
	seconds, ok := retryAfter[status]
	ok = ok && charcoal.CodeOf(err) != charcoal.QuotaSpent
	if e, found := errors.AsType[*charcoal.Error](err); found && e.RetryAfter > 0 {
		seconds, ok = int((e.RetryAfter+time.Second-1)/time.Second), true
	}
	if ok {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
}

// Problem is the body of every error of version 2.
type Problem struct {
	Type      string           `json:"type" doc:"a page that explains the code, relative to this server" example:"/docs/problems#not_found"`
	Title     string           `json:"title" doc:"the kind of problem, the same for each code"`
	Status    int              `json:"status" doc:"the status of the answer"`
	Detail    string           `json:"detail" doc:"what is wrong and what to do"`
	Instance  string           `json:"instance,omitempty" doc:"the path that was asked for"`
	Code      string           `json:"code" doc:"the kind of problem, for programs"`
	RequestID string           `json:"request_id,omitempty" doc:"names the request in the log of the server"`
	Limit     *int64           `json:"limit,omitempty" doc:"what is allowed"`
	Actual    *int64           `json:"actual,omitempty" doc:"what was asked for"`
	Unit      string           `json:"unit,omitempty" doc:"of limit and actual"`
	Errors    []FieldError     `json:"errors,omitempty" doc:"which values are wrong"`
	Available []Representation `json:"available,omitempty" doc:"in which forms it can be had"`
}

// FieldError is what is wrong with one value of a request.
type FieldError struct {
	Pointer string `json:"pointer" doc:"where: a JSON pointer into the body, or query:name, form:name, header:Name" example:"/options/cols"`
	Detail  string `json:"detail" doc:"what is wrong with it"`
}

// Representation is a form in which something can be had.
type Representation struct {
	Href      string `json:"href" doc:"where"`
	MediaType string `json:"media_type" doc:"its type"`
}

// Code is a kind of problem, as the page of them shows it.
type Code struct {
	Name   charcoal.Code
	Status int
	Title  string
	Advice string
}

// Of describes an error.
func Of(err error) Problem {
	code := charcoal.CodeOf(err)
	p := Problem{
		Type: "/docs/problems#" + string(code), Title: titleOf(code), Status: Status(err),
		Detail: Sentence(charcoal.Message(err)), Code: string(code),
	}
	if e, ok := errors.AsType[*charcoal.Error](err); ok {
		p.Unit = e.Unit
		if e.Limit != 0 {
			p.Limit, p.Actual = &e.Limit, &e.Actual
		}
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, FieldError{f.Pointer, Sentence(f.Message)})
		}
	}
	return p
}

// Write answers a request with an error.
func Write(w http.ResponseWriter, r *http.Request, err error) { WriteAs(w, r, err, Of(err)) }

// WriteAs answers with a problem that was made of an error. The connection may be
// gone; there is nobody to tell.
func WriteAs(w http.ResponseWriter, r *http.Request, err error, p Problem) {
	p.Instance, p.RequestID = clip(r.URL.Path), caller.ID(w)
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Length", "Content-Disposition", "Etag", "Last-Modified", "Accept-Ranges"} {
		h.Del(name) // of the answer that it takes the place of
	}
	h.Set("Content-Type", MediaType)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	SetRetryAfter(h, p.Status, err)
	if p.Status == http.StatusUnauthorized {
		challenge(h, r)
	}
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p)
}

// challenge says how to sign in. A script of a page is not told of Basic: its
// browser would ask for a password on its own.
func challenge(h http.Header, r *http.Request) {
	h.Add("WWW-Authenticate", `Bearer realm="charcoal"`)
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode == "" || mode == "navigate" {
		h.Add("WWW-Authenticate", `Basic realm="charcoal", charset="UTF-8"`)
	}
}

func clip(s string) string {
	const longest = 200
	if len(s) > longest {
		return s[:longest] + "…"
	}
	return s
}

// Sentence makes a message fit to stand alone: capital and stop. What is a name, such
// as source_url, stays as it is written.
func Sentence(s string) string {
	if s == "" {
		return s
	}
	first, _, _ := strings.Cut(s, " ")
	if c := s[0]; 'a' <= c && c <= 'z' && !strings.ContainsRune(first, '_') {
		s = string(c-'a'+'A') + s[1:]
	}
	if s[len(s)-1] == '.' || s[len(s)-1] == '?' {
		return s
	}
	return s + "."
}

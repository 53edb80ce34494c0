package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/charcoal-art/charcoal"
)

// statuses is the one table from the code of an error to HTTP.
var statuses = map[charcoal.Code]int{
	charcoal.Malformed:   http.StatusBadRequest,
	charcoal.Invalid:     http.StatusUnprocessableEntity,
	charcoal.Forbidden:   http.StatusForbidden,
	charcoal.NotFound:    http.StatusNotFound,
	charcoal.Conflict:    http.StatusConflict,
	charcoal.TooSlow:     http.StatusRequestTimeout,
	charcoal.TooLarge:    http.StatusRequestEntityTooLarge,
	charcoal.Unsupported: http.StatusUnsupportedMediaType,
	charcoal.Unprocessed: http.StatusUnprocessableEntity,
	charcoal.Overloaded:  http.StatusTooManyRequests,
	charcoal.StorageFull: http.StatusInsufficientStorage,
	charcoal.Unavailable: http.StatusServiceUnavailable,
	charcoal.Canceled:    499, // nobody reads it; the log shows it
	charcoal.Internal:    http.StatusInternalServerError,
}

// retryAfter is how many seconds a client should leave between tries, for
// statuses where trying again makes sense.
var retryAfter = map[int]int{
	http.StatusConflict:            1,
	http.StatusTooManyRequests:     5,
	http.StatusServiceUnavailable:  5,
	http.StatusInsufficientStorage: 60,
}

func statusOf(err error) int { return statuses[charcoal.CodeOf(err)] }

// problem is the body of every error of v1.
type problem struct {
	Detail string `json:"detail"`
	State  string `json:"state,omitempty"`
}

func writeError(w http.ResponseWriter, err error) {
	writeProblem(w, statusOf(err), problem{Detail: sentence(charcoal.Message(err))})
}

func writeProblem(w http.ResponseWriter, status int, p problem) {
	if seconds, ok := retryAfter[status]; ok {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	writeJSON(w, status, p)
}

// writeJSON answers with a value. The connection may be gone by then; there is
// nobody to tell.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// sentence makes a message fit to stand alone: capital and stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; 'a' <= c && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	return s + "."
}

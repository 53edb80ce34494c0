package api

import (
	"encoding/json"
	"net/http"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
)

// v1Problem is the body of every error of v1.
type v1Problem struct {
	Detail string `json:"detail"`
	State  string `json:"state,omitempty"`
}

func writeError(w http.ResponseWriter, err error) {
	status := problem.Status(err)
	problem.SetRetryAfter(w.Header(), status, err)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="charcoal", charset="UTF-8"`)
	}
	writeJSON(w, status, v1Problem{Detail: problem.Sentence(charcoal.Message(err))})
}

func writeProblem(w http.ResponseWriter, status int, p v1Problem) {
	problem.SetRetryAfter(w.Header(), status, nil)
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

package problem_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
)

func TestWrite(t *testing.T) {
	limit := charcoal.OverLimit("the file", 10, 11, "bytes")
	retry := charcoal.Errorf(charcoal.RateLimited, "too many requests")
	retry.RetryAfter = 1500 * time.Millisecond
	field := charcoal.Errorf(charcoal.Invalid, "a value is wrong")
	field.Fields = []charcoal.Field{{Pointer: "/cols", Message: "is 0"}}
	tests := []struct {
		name   string
		err    error
		status int
		header map[string]string
		body   map[string]any
	}{
		{
			"a limit", limit, 413, nil, map[string]any{
				"code": "too_large", "title": "Over a limit", "limit": 10.0, "actual": 11.0, "unit": "bytes",
				"detail": "The file is over the limit: 11 of at most 10 bytes.",
			},
		},
		{
			"a quota that does not come back", charcoal.Errorf(charcoal.QuotaSpent, "full"), 429, map[string]string{"Retry-After": ""}, map[string]any{
				"code": "quota_spent", "title": "A quota is used up", "detail": "Full.",
			},
		},
		{
			"a time to wait", retry, 429, map[string]string{"Retry-After": "2"}, map[string]any{
				"code": "rate_limited", "title": "Too many requests", "detail": "Too many requests.",
			},
		},
		{
			"a field", field, 422, nil, map[string]any{
				"code": "invalid", "title": "A value is not allowed", "detail": "A value is wrong.",
				"errors": []any{map[string]any{"pointer": "/cols", "detail": "Is 0."}},
			},
		},
		{
			"a fault", errors.New("open /secret: no"), 500, nil, map[string]any{
				"code": "internal", "title": "A fault of the server",
				"detail": "Something went wrong on our side; the log has the details.",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			w.Header().Set("X-Request-Id", "r1")
			w.Header().Set("Etag", `"of the art"`)
			problem.Write(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/x", nil), tt.err)
			if w.Code != tt.status || w.Header().Get("Content-Type") != problem.MediaType || w.Header().Get("Etag") != "" {
				t.Errorf("answer: got %d %v, want %d", w.Code, w.Header(), tt.status)
			}
			for name, want := range tt.header {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			tt.body["type"] = "/docs/problems#" + tt.body["code"].(string)
			tt.body["status"], tt.body["instance"], tt.body["request_id"] = float64(tt.status), "/v2/x", "r1"
			var got map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.body, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChallenge holds that a script of a page is not answered with Basic, which
// would make its browser ask for a password.
func TestChallenge(t *testing.T) {
	for mode, want := range map[string]int{"": 2, "navigate": 2, "cors": 1} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/x", nil)
		r.Header.Set("Sec-Fetch-Mode", mode)
		problem.Write(w, r, charcoal.Errorf(charcoal.Unauthenticated, "sign in"))
		if got := len(w.Header().Values("WWW-Authenticate")); got != want {
			t.Errorf("challenges for mode %q: got %d, want %d", mode, got, want)
		}
	}
}

// TestCodes holds that every code has a status and words.
func TestCodes(t *testing.T) {
	for _, c := range problem.Codes() {
		if c.Status == 0 || c.Title == "" || c.Advice == "" {
			t.Errorf("code %s: got %+v, want a status and words", c.Name, c)
		}
	}
}

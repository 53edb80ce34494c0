package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fakeServer keeps images as version 2 of the API shows them, as far as the
// commands need that. The scripts in cmd/charcoal run them against the real one;
// here is what that cannot be brought to do.
type fakeServer struct {
	*httptest.Server

	mu       sync.Mutex
	images   []map[string]any
	requests []string // "METHOD /path", without those to read who is signed in
	token    string   // that is asked for; "" for none
	refuse   func(r *http.Request) (status int, problem string)
	events   string
}

func newFakeServer(t *testing.T) *fakeServer {
	t.Helper()
	s := &fakeServer{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/users/me", s.me)
	mux.HandleFunc("POST /v2/tokens", s.makeToken)
	mux.HandleFunc("DELETE /v2/tokens/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /v2/images", s.upload)
	mux.HandleFunc("GET /v2/images", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{"images": s.images}) })
	mux.HandleFunc("GET /v2/images/{id}", s.image)
	mux.HandleFunc("PATCH /v2/images/{id}", s.edit)
	mux.HandleFunc("DELETE /v2/images/{id}", s.remove)
	mux.HandleFunc("POST /v2/images/{id}/renderings", s.draw)
	mux.HandleFunc("GET /v2/images/{id}/{art}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "\x1b[31m%s\x1b[0m of %s\x1b]0;owned\x07\n", r.PathValue("art"), r.URL.RawQuery)
	})
	mux.HandleFunc("GET /v2/images/{id}/events", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s.events) })
	s.Server = httptest.NewServer(s.guard(mux))
	t.Cleanup(s.Close)
	return s
}

// guard asks for the token and serves one request at a time.
func (s *fakeServer) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.URL.Path != "/v2/users/me" {
			s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		}
		if s.refuse != nil {
			if status, body := s.refuse(r); status != 0 {
				problem(w, status, body)
				return
			}
		}
		if s.token != "" && r.Header.Get("Authorization") != "Bearer "+s.token && r.URL.Path != "/v2/tokens" {
			problem(w, http.StatusUnauthorized, "Sign in.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"detail": detail})
}

func reply(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }

func (s *fakeServer) me(w http.ResponseWriter, _ *http.Request) {
	if s.token == "" {
		problem(w, http.StatusUnauthorized, "Sign in.")
		return
	}
	reply(w, map[string]any{"id": "ann-id", "name": "ann"})
}

func (s *fakeServer) makeToken(w http.ResponseWriter, r *http.Request) {
	if name, password, _ := r.BasicAuth(); name != "ann" || password != "secret" {
		problem(w, http.StatusUnauthorized, "Name or password is wrong.")
		return
	}
	s.token = "chr_made"
	reply(w, map[string]any{"id": "t1", "token": s.token})
}

func (s *fakeServer) upload(w http.ResponseWriter, r *http.Request) {
	img := map[string]any{"state": "queued", "created": "2026-11-24T12:00:00Z"}
	form, err := r.MultipartReader()
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			break
		}
		content, _ := io.ReadAll(part)
		if part.FormName() != "file" {
			img[part.FormName()] = string(content)
			continue
		}
		sum := sha256.Sum256(content)
		img["filename"], img["sha256"] = part.FileName(), hex.EncodeToString(sum[:])
		if strings.HasPrefix(string(content), "broken") {
			problem(w, http.StatusUnsupportedMediaType, "This is no picture.")
			return
		}
	}
	for _, old := range s.images {
		if old["sha256"] == img["sha256"] {
			old["duplicate"] = true
			reply(w, old)
			return
		}
	}
	img["id"] = fmt.Sprintf("id-%d", len(s.images)+1)
	img["rendering"] = map[string]any{"id": "r", "state": "ready"}
	s.images = append(s.images, img)
	reply(w, img)
}

func (s *fakeServer) find(w http.ResponseWriter, r *http.Request) map[string]any {
	i := slices.IndexFunc(s.images, func(img map[string]any) bool { return img["id"] == r.PathValue("id") })
	if i < 0 {
		problem(w, http.StatusNotFound, "No image has this id.")
		return nil
	}
	return s.images[i]
}

func (s *fakeServer) image(w http.ResponseWriter, r *http.Request) {
	if img := s.find(w, r); img != nil {
		reply(w, img)
	}
}

func (s *fakeServer) edit(w http.ResponseWriter, r *http.Request) {
	if img := s.find(w, r); img != nil {
		_ = json.NewDecoder(r.Body).Decode(&img)
		reply(w, img)
	}
}

func (s *fakeServer) remove(w http.ResponseWriter, r *http.Request) {
	if img := s.find(w, r); img != nil {
		s.images = slices.DeleteFunc(s.images, func(i map[string]any) bool { return i["id"] == img["id"] })
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *fakeServer) draw(w http.ResponseWriter, r *http.Request) {
	var options map[string]any
	_ = json.NewDecoder(r.Body).Decode(&options)
	if img := s.find(w, r); img != nil {
		img["drawn"] = options
		reply(w, map[string]any{"id": "r2", "state": "ready", "options": options})
	}
}

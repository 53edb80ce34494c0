package api

import (
	"log/slog"
	"net"
	"net/http"
	"path"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	v2 "github.com/charcoal-art/charcoal/internal/api/v2"
)

// requestID is what a caller may choose as the id of a request; anything else
// is replaced, so that ids are safe in logs and headers.
var requestID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
})

// wrap puts around the routes what every request gets, outermost first: an id,
// a line in the log, an answer when a handler panics, and deadlines.
func (a *API) wrap(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(caller.IDHeader)
		if !requestID().MatchString(id) {
			id = charcoal.NewID().String()
		}
		w.Header().Set(caller.IDHeader, id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		rec := &recorder{ResponseWriter: w}
		start := time.Now()
		asked := r // as the router saw it, which names the route in it
		defer func() { a.logRequest(rec, asked, id, start) }()
		defer a.recover(rec, r, id)
		_ = http.NewResponseController(w).SetWriteDeadline(start.Add(maxWait + a.cfg.WriteTime)) // not every writer has one
		if r.ContentLength != 0 {
			body := a.timeBody(w, r)
			r.Body = body
			defer body.finish()
		}
		if err := a.guard(r); err != nil {
			a.fail(rec, r, err)
			return
		}
		known, err := a.identify(rec, r)
		if err != nil {
			a.fail(rec, r, err)
			return
		}
		asked = known
		route(mux, rec, asked)
	})
}

// guard refuses what a page of another site makes a browser do: writing from
// there (http.CrossOriginProtection), and, where only this machine is meant to
// be served, reading under a foreign name that was pointed here (DNS rebinding).
func (a *API) guard(r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return charcoal.Errorf(charcoal.Forbidden, "requests of pages of other sites are not taken").Because(err)
	}
	if a.cfg.LocalOnly && !isLocal(r.Host) {
		return charcoal.Errorf(charcoal.Forbidden,
			"this server serves this machine only, not the host %q; --public lifts that", clip(r.Host))
	}
	return nil
}

func isLocal(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return name == "localhost" || net.ParseIP(name).IsLoopback()
}

// route serves r by mux, and answers in our own form where mux would answer by
// itself: for no such route, or no such method.
func route(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	handler, pattern := mux.Handler(r)
	if v2.Owns(r.URL.Path) && path.Clean(r.URL.Path) != r.URL.Path {
		v2.Refuse(w, r, "") // in place of leading elsewhere
		return
	}
	if pattern != "" {
		mux.ServeHTTP(w, r)
		return
	}
	refusal := &refusal{header: make(http.Header)}
	handler.ServeHTTP(refusal, r)
	allow := refusal.header.Get("Allow")
	if refusal.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
	}
	if v2.Owns(r.URL.Path) {
		v2.Refuse(w, r, allow)
		return
	}
	status, detail := http.StatusNotFound, "no such address; GET / shows what there is"
	if allow != "" {
		status, detail = refusal.status, "this address does not take "+r.Method+", only "+allow
	}
	writeProblem(w, status, v1Problem{Detail: problem.Sentence(detail)})
}

// refusal catches what mux itself would say.
type refusal struct {
	header http.Header
	status int
}

func (f *refusal) Header() http.Header         { return f.header }
func (f *refusal) Write(p []byte) (int, error) { return len(p), nil }
func (f *refusal) WriteHeader(status int)      { f.status = status }

// recover turns a panic into an answer; the server lives.
func (a *API) recover(rec *recorder, r *http.Request, id string) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so as well
		panic(p) // the connection is to be cut
	}
	a.log.ErrorContext(r.Context(), "handler panicked", "request_id", id, "panic", p, "stack", string(debug.Stack()))
	if rec.status == 0 {
		refuse(rec, r, charcoal.Errorf(charcoal.Internal, "something went wrong on our side; the log has the details"))
	}
}

func (a *API) logRequest(rec *recorder, r *http.Request, id string, start time.Time) {
	level := slog.LevelInfo
	if rec.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	a.log.Log(r.Context(), level, "request", "request_id", id, "method", r.Method, "route", r.Pattern,
		"path", clip(r.URL.Path), "status", rec.status, "bytes", rec.bytes, "seconds", time.Since(start).Seconds(), "remote", r.RemoteAddr)
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	n, err := rec.ResponseWriter.Write(p)
	rec.bytes += int64(n)
	return n, err
}

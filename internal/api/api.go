// Package api is the HTTP face of the service. It turns requests into plain
// values for the use cases and their answers into responses; it decides nothing.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// Service is what the API needs of the use cases.
type Service interface {
	Submit(ctx context.Context, up convert.Upload) (convert.Submitted, error)
	Find(ctx context.Context, actor charcoal.Actor, image charcoal.ID) (charcoal.Image, charcoal.Rendering, error)
	Await(ctx context.Context, actor charcoal.Actor, image charcoal.ID, patience time.Duration) (charcoal.Image, charcoal.Rendering, error)
	Art(ctx context.Context, r charcoal.Rendering) (*ascii.Art, error)
	Original(ctx context.Context, img charcoal.Image) (charcoal.Blob, error)
	List(ctx context.Context, actor charcoal.Actor, before charcoal.ID, limit int) ([]charcoal.ID, error)
	Counts(ctx context.Context) (charcoal.Counts, error)
	Ping(ctx context.Context) error
}

// Config bounds what one client can ask of the server.
type Config struct {
	Version     string
	Commit      string
	Grid        ascii.Limits
	UploadBytes int64         // the largest original
	Effort      int           // of drawings
	LocalOnly   bool          // refuse requests for other hosts than this machine
	Uploads     int           // uploads under way at once
	UploadTime  time.Duration // for a whole body
	ReadIdle    time.Duration // between two pieces of a body
	WriteTime   time.Duration // for a whole response, besides any wait
	ArtCells    int64         // cells of art held in memory at once; a larger one is held alone

	Stopping context.Context //nolint:containedctx // ends when the server begins to stop; requests go on
}

// API serves the routes. It is safe for concurrent use.
type API struct {
	cfg     Config
	service Service
	log     *slog.Logger
	uploads chan struct{}       // one token for each upload under way
	cells   *semaphore.Weighted // of art in memory
	started time.Time
}

// New returns the handler of all routes.
func New(cfg Config, service Service, log *slog.Logger) http.Handler {
	a := &API{
		cfg: cfg, service: service, log: log,
		uploads: make(chan struct{}, cfg.Uploads), cells: semaphore.NewWeighted(cfg.ArtCells), started: time.Now(),
	}
	mux := http.NewServeMux()
	a.v1(mux)
	a.operations(mux)
	return a.wrap(mux)
}

// Starting answers while the service opens its storage: alive, not ready.
func Starting() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingerTime)) // of a body that is not read
		writeError(w, charcoal.Errorf(charcoal.Unavailable, "the server is starting; try again in a moment"))
	})
	return mux
}

// endpoint is a handler that returns its failure, for one place to answer it.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// handle registers an endpoint.
func (a *API) handle(mux *http.ServeMux, pattern string, serve endpoint) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			a.fail(w, r, err)
		}
	})
}

// fail answers with the error and logs it when it is ours. A caller who went
// away gets no answer and is no fault.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		err = charcoal.Errorf(charcoal.Canceled, "the request was canceled").Because(err)
	}
	if statusOf(err) >= http.StatusInternalServerError {
		a.log.ErrorContext(r.Context(), "request failed", "request_id", w.Header().Get(requestIDHeader), "err", err)
	}
	writeError(w, err)
}

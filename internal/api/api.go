// Package api is the HTTP face of the service. It turns requests into plain
// values for the use cases and their answers into responses; it decides nothing.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/api/room"
	v2 "github.com/charcoal-art/charcoal/internal/api/v2"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/fairuse"
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
	UploadTime  time.Duration // for a whole body
	ReadIdle    time.Duration // between two pieces of a body
	WriteTime   time.Duration // for a whole response, besides any wait
	Requests    int64         // a minute that the limiter allows; 0: any number
	Health      bool          // answer only how this process is: it takes no requests
}

// Accounts say who asks.
type Accounts interface {
	Authenticate(ctx context.Context, c account.Credentials) (charcoal.Actor, error)
}

// Limiter says whether somebody may ask once more now.
type Limiter interface {
	Allow(actor charcoal.Actor, addr netip.Addr, cost int) fairuse.Decision
}

// Parts is what the API works through.
type Parts struct {
	Service  Service
	Accounts Accounts           // nil: everybody is [charcoal.OpenActor]
	Limiter  Limiter            // nil: no limit
	Proxies  clientaddr.Proxies // whose word about the client counts
	Room     *room.Room
	V2       *v2.API // nil: version 1 alone
	Log      *slog.Logger
}

// API serves the routes. It is safe for concurrent use.
type API struct {
	cfg     Config
	parts   Parts
	log     *slog.Logger
	started time.Time
}

// New returns the handler of all routes.
func New(cfg Config, p Parts) http.Handler {
	a := &API{cfg: cfg, parts: p, log: p.Log, started: time.Now()}
	mux := http.NewServeMux()
	a.operations(mux)
	if !cfg.Health {
		a.v1(mux)
	}
	if p.V2 != nil && !cfg.Health {
		p.V2.Register(mux)
	}
	return a.wrap(mux)
}

// Starting answers while the service opens its storage: alive, not ready.
func Starting() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lingerTime)) // of a body that is not read
		starting := charcoal.Errorf(charcoal.Unavailable, "the server is starting; try again in a moment")
		starting.RetryAfter = time.Second
		refuse(w, r, starting)
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
	if problem.Status(err) >= http.StatusInternalServerError {
		a.log.ErrorContext(r.Context(), "request failed", "request_id", caller.ID(w), "err", err)
	}
	refuse(w, r, err)
}

// refuse answers with an error in the form of the version that was asked.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if v2.Owns(r.URL.Path) {
		problem.Write(w, r, err)
		return
	}
	writeError(w, err)
}

// Package v2 is version 2 of the HTTP API. Each route is a row of a table
// ([API.operations]) that holds what it takes, what it answers and who serves it:
// the router, the checks of what comes in, the OpenAPI document and its page are
// all made of that.
//
// Handlers translate; the rules are in the use cases.
package v2

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/api/room"
	"github.com/charcoal-art/charcoal/internal/api/schema"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/outbound"
)

// Images is what the API needs of the use cases on images and renderings.
type Images interface {
	Submit(ctx context.Context, up convert.Upload) (convert.Submitted, error)
	Image(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Image, charcoal.Rendering, error)
	Edit(ctx context.Context, actor charcoal.Actor, id charcoal.ID, edit charcoal.ImageEdit) (charcoal.Image, error)
	Delete(ctx context.Context, actor charcoal.Actor, id charcoal.ID) error
	Restore(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Image, error)
	Search(ctx context.Context, q charcoal.Query) (charcoal.Page, error)
	Original(ctx context.Context, img charcoal.Image) (charcoal.Blob, error)
	Export(ctx context.Context, actor charcoal.Actor, w io.Writer) error

	Rendering(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Image, charcoal.Rendering, error)
	Renderings(ctx context.Context, actor charcoal.Actor, image, before charcoal.ID, limit int) ([]charcoal.Rendering, error)
	Draw(ctx context.Context, actor charcoal.Actor, image charcoal.ID, d convert.Drawing) (r charcoal.Rendering, added bool, err error)
	Existing(ctx context.Context, actor charcoal.Actor, image charcoal.ID, d convert.Drawing) (charcoal.Rendering, error)
	AwaitRendering(ctx context.Context, actor charcoal.Actor, id charcoal.ID, patience time.Duration) (charcoal.Image, charcoal.Rendering, error)
	Cancel(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Rendering, error)
	Retry(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Rendering, error)
	DeleteRendering(ctx context.Context, actor charcoal.Actor, id charcoal.ID) error
	Art(ctx context.Context, r charcoal.Rendering) (*ascii.Art, error)
	Score(ctx context.Context, actor charcoal.Actor, rendering charcoal.ID) (float64, error)

	Convert(ctx context.Context, actor charcoal.Actor, body io.Reader, d convert.Drawing) (*charcoal.Drawing, string, error)
	Inspect(ctx context.Context, actor charcoal.Actor, body io.Reader, d convert.Drawing) (convert.Inspection, error)

	Presets(ctx context.Context, actor charcoal.Actor) ([]charcoal.Preset, error)
	Preset(ctx context.Context, actor charcoal.Actor, name string) (charcoal.Preset, error)
	PutPreset(ctx context.Context, actor charcoal.Actor, p charcoal.Preset) (charcoal.Preset, error)
	DeletePreset(ctx context.Context, actor charcoal.Actor, name string) error

	BeginOnce(ctx context.Context, actor charcoal.Actor, key string) (o charcoal.Once, begun bool, err error)
	FinishOnce(ctx context.Context, actor charcoal.Actor, o charcoal.Once) error
	AbandonOnce(ctx context.Context, actor charcoal.Actor, key string) error
}

// Fetcher gets pictures from elsewhere.
type Fetcher interface {
	Get(ctx context.Context, url string) (*outbound.File, error)
}

// Config is what the server was told.
type Config struct {
	Version     string
	Grid        ascii.Limits
	Effort      int // of drawings that do not say
	UploadBytes int64
	FetchTime   time.Duration // for a picture from elsewhere
	ReadIdle    time.Duration // how long a reader of art may read nothing
	StreamCheck time.Duration // how long a stream of events goes on before it is looked at who reads it
	Features    Features
	Limits      Limits // for /v2/capabilities
}

// Parts is what the API works through.
type Parts struct {
	Images   Images
	Accounts Accounts
	Events   Events
	Webhooks Webhooks
	Quotas   Quotas
	Rates    Rates
	Fetcher  Fetcher // nil: pictures are not fetched
	Room     *room.Room
	Log      *slog.Logger
}

// API is version 2. It is safe for concurrent use.
type API struct {
	cfg Config
	Parts
	schemas *schema.Registry
	sets    sets
	table   []operation
	pages   pages
}

// New returns the API.
func New(cfg Config, p Parts) *API {
	a := &API{cfg: cfg, Parts: p}
	a.schemas = schema.NewRegistry(knownSchemas())
	a.sets = newSets(a.schemas)
	a.table = a.operations()
	for i := range a.table {
		a.table[i].describe(a.schemas)
	}
	a.pages = a.publish()
	return a
}

// operations is the table of all routes.
func (a *API) operations() []operation {
	var all []operation
	for _, group := range [][]operation{
		a.imageOperations(), a.renderingOperations(), a.artOperations(), a.convertOperations(), a.presetOperations(),
		a.eventOperations(), a.userOperations(), a.sessionOperations(), a.tokenOperations(), a.webhookOperations(),
		a.usageOperations(), a.serverOperations(),
	} {
		all = append(all, group...)
	}
	return all
}

// Register adds the routes to a router.
func (a *API) Register(mux *http.ServeMux) {
	for i := range a.table {
		op := &a.table[i]
		for _, pattern := range op.patterns() {
			mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, op) })
		}
	}
	a.pages.register(mux)
}

// Owns reports whether an address is one of this version, so that all that goes
// wrong there is told as problem details.
func Owns(path string) bool {
	return path == "/v2" || hasPrefix(path, "/v2/", "/docs", "/openapi.")
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, op *operation) {
	c := newCall(a, w, r, op)
	err := c.admit()
	if err == nil {
		err = op.serve(c)
	}
	if err != nil {
		a.fail(w, r, err)
	}
}

// fail answers with the error and logs it when it is ours.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	if forms, ok := asForms(err); ok {
		p.Available = forms
	}
	if p.Status >= http.StatusInternalServerError {
		a.Log.ErrorContext(r.Context(), "request failed", "request_id", requestID(w), "err", err)
	}
	problem.WriteAs(w, r, err, p)
}

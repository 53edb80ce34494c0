// Package convert holds the use cases: submit a picture, run the job that draws
// it, read what came of it, and put right what a crash left behind. They are
// the only business rules; transports translate to and from them, and the ports
// do the rest.
package convert

import (
	"context"
	"log/slog"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Config bounds what a [Service] accepts and how it retries.
type Config struct {
	UploadBytes int64         // the largest original
	Backlog     int64         // queued renderings at which uploads are refused
	OwnBacklog  int64         // and those of one owner; 0: no limit of its own
	Lease       time.Duration // how long a silent worker keeps a job
	MaxFailures int           // failed attempts before a job is given up
	MaxLosses   int           // vanished workers before a job is given up: it may be what kills them
	BackoffMin  time.Duration // before the first retry; doubles each time
	BackoffMax  time.Duration
	PerOwner    int           // renderings of one owner drawn at once; 0: no limit
	OneShots    int           // conversions without storing under way at once
	Spool       string        // folder for what those do not keep in memory; "" for the system's
	BinTime     time.Duration // how long deleted images can be restored
	OnceTime    time.Duration // how long idempotency keys are remembered
	OnceLease   time.Duration // how long a request with one may take
}

// Ports are what a [Service] works through.
type Ports struct {
	Store     charcoal.Store
	Catalogue charcoal.Catalogue
	Presets   charcoal.Presets
	Onces     charcoal.Onces
	Quotas    Quotas // nil: none
	Pace      Pace   // nil: not known
	Changed   func() // called after each change to images and renderings of this process; may be nil
	Blobs     charcoal.Blobs
	Queue     charcoal.Queue
	Converter charcoal.Converter   // draws when a request does not choose
	Others    []charcoal.Converter // that a request may choose, by [charcoal.EngineName]
	Log       *slog.Logger
	Now       func() time.Time
}

// Service carries out the use cases. It is safe for concurrent use, and
// no goroutine of a call outlives it.
type Service struct {
	cfg     Config
	store   charcoal.Store
	blobs   charcoal.Blobs
	queue   charcoal.Queue
	engines engines
	log     *slog.Logger
	now     func() time.Time
	changes *changes

	catalogue charcoal.Catalogue
	presets   charcoal.Presets
	onces     charcoal.Onces
	quotas    Quotas
	pace      Pace
	changed   func()
	oneShots  chan struct{} // one token for each under way
	exports   chan struct{} // one token for each that holds art in memory

	running   running
	leftovers leftovers
}

// Quotas bound what one account may use. Admit reserves room for images that are
// about to be stored and pixels that are about to be drawn, or is QuotaSpent.
// Unless it failed, settle is called once: with what it came to, and whether it
// came to anything.
type Quotas interface {
	Admit(ctx context.Context, actor charcoal.Actor, images int, bytes, pixels int64) (settle func(ctx context.Context, bytes, pixels int64, ok bool) error, err error)
}

// Pace knows how fast renderings are done.
type Pace interface {
	Finished(at time.Time)
	// Estimate is how long so many waiting renderings take.
	Estimate(queued int64) time.Duration
}

// New returns a service over its ports.
func New(cfg Config, p Ports) *Service {
	return &Service{
		cfg: cfg, store: p.Store, blobs: p.Blobs, queue: p.Queue,
		engines: append(engines{p.Converter}, p.Others...), log: p.Log, now: p.Now, changes: newChanges(),
		catalogue: p.Catalogue, presets: p.Presets, onces: p.Onces, quotas: p.Quotas, pace: p.Pace, changed: p.Changed,
		oneShots: make(chan struct{}, cfg.OneShots), exports: make(chan struct{}, exportsAtOnce),
	}
}

// Announce tells who waits that something happened to an image in another process.
func (s *Service) Announce(image charcoal.ID) { s.changes.announce(image) }

// announce tells who waits that something happened to an image.
func (s *Service) announce(image charcoal.ID) {
	s.changes.announce(image)
	if s.changed != nil {
		s.changed()
	}
}

// detached gives a short life of its own to work that must not be cut off
// because the caller went away: cleaning up, or saying how a job ended.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

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
	Lease       time.Duration // how long a silent worker keeps a job
	MaxFailures int           // failed attempts before a job is given up
	MaxLosses   int           // vanished workers before a job is given up: it may be what kills them
	BackoffMin  time.Duration // before the first retry; doubles each time
	BackoffMax  time.Duration
}

// Ports are what a [Service] works through.
type Ports struct {
	Store     charcoal.Store
	Blobs     charcoal.Blobs
	Queue     charcoal.Queue
	Converter charcoal.Converter   // draws when a request does not choose
	Others    []charcoal.Converter // that a request may choose, by [charcoal.EngineName]
	Log       *slog.Logger
	Now       func() time.Time
}

// Service carries out the use cases. It is safe for concurrent use and starts
// no goroutines.
type Service struct {
	cfg     Config
	store   charcoal.Store
	blobs   charcoal.Blobs
	queue   charcoal.Queue
	engines engines
	log     *slog.Logger
	now     func() time.Time
	changes *changes

	leftovers leftovers
}

// New returns a service over its ports.
func New(cfg Config, p Ports) *Service {
	return &Service{
		cfg: cfg, store: p.Store, blobs: p.Blobs, queue: p.Queue,
		engines: append(engines{p.Converter}, p.Others...), log: p.Log, now: p.Now, changes: newChanges(),
	}
}

// detached gives a short life of its own to work that must not be cut off
// because the caller went away: cleaning up, or saying how a job ended.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

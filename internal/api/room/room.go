// Package room bounds what all requests together may take at the same time.
package room

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/charcoal-art/charcoal"
)

// Room is the common budget. It is safe for concurrent use.
type Room struct {
	uploads  chan struct{} // one token for each under way
	cells    *semaphore.Weighted
	most     int64
	stopping context.Context //nolint:containedctx // ends when the server begins to stop
}

// New returns the room for so many uploads under way and so many cells of art in
// memory. From when stopping ends, no upload is taken.
func New(stopping context.Context, uploads int, cells int64) *Room {
	return &Room{
		uploads: make(chan struct{}, uploads), cells: semaphore.NewWeighted(cells), most: cells, stopping: stopping,
	}
}

// ErrStopping is the answer to what cannot be begun any more.
func ErrStopping() error {
	return charcoal.Errorf(charcoal.Unavailable, "the server is stopping; try again in a moment")
}

// Stopping reports whether the server begins nothing new.
func (r *Room) Stopping() bool { return r.stopping.Err() != nil }

// UntilStopping returns a context that ends when the server begins to stop, too.
func (r *Room) UntilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(r.stopping, cancel)
	return ctx, func() { unhook(); cancel() }
}

// Upload takes a place for an upload and returns how to give it back. It is
// Overloaded when there is none.
func (r *Room) Upload() (leave func(), err error) {
	if r.Stopping() {
		return nil, ErrStopping()
	}
	select {
	case r.uploads <- struct{}{}:
		return func() { <-r.uploads }, nil
	default:
		return nil, charcoal.Errorf(charcoal.Overloaded,
			"%d uploads are under way, which is the limit; try again shortly", cap(r.uploads))
	}
}

// Cells takes memory for art of so many cells, waiting a little for others to
// finish, and returns how to give it back. Art that is larger than all of the
// room takes all of it.
func (r *Room) Cells(ctx context.Context, n int64) (release func(), err error) {
	n = min(n, r.most)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err = r.cells.Acquire(ctx, n)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, charcoal.Errorf(charcoal.Unavailable, "too much art is being read at the same time; try again shortly").Because(err)
	}
	if err != nil {
		return nil, err
	}
	return func() { r.cells.Release(n) }, nil
}

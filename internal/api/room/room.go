// Package room bounds what all requests together may take at the same time.
package room

import (
	"cmp"
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/charcoal-art/charcoal"
)

// Room is the common budget. It is safe for concurrent use.
type Room struct {
	uploads  chan struct{} // one token for each under way
	each     *shares       // of uploads
	streams  *shares
	cells    *semaphore.Weighted
	most     int64
	portions *portions       // of cells
	stopping context.Context //nolint:containedctx // ends when the server begins to stop
}

// Limits are what there is room for at the same time.
type Limits struct {
	Uploads     int   // under way
	UploadsEach int   // of one caller; 0: all of them
	StreamsEach int   // of events, of one caller; 0: any number
	Cells       int64 // of art, in memory
	CellsEach   int64 // of one caller, who has one art at least; 0: all of them
}

// New returns the room. From when stopping ends, no upload is taken.
func New(stopping context.Context, l Limits) *Room {
	return &Room{
		uploads: make(chan struct{}, l.Uploads), cells: semaphore.NewWeighted(l.Cells), most: l.Cells, stopping: stopping,
		each:     newShares("the number of your uploads under way", "uploads", l.UploadsEach),
		streams:  newShares("the number of your open streams", "streams", l.StreamsEach),
		portions: newPortions(cmp.Or(l.CellsEach, l.Cells)),
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

// Upload takes a place for an upload of a caller, by what tells them from others, and
// returns how to give it back. It is RateLimited when they have their share already, and
// Overloaded when there is no place.
func (r *Room) Upload(who any) (leave func(), err error) {
	if r.Stopping() {
		return nil, ErrStopping()
	}
	giveBack, err := r.each.take(who)
	if err != nil {
		return nil, err
	}
	select {
	case r.uploads <- struct{}{}:
		return func() { <-r.uploads; giveBack() }, nil
	default:
		giveBack()
		return nil, charcoal.Errorf(charcoal.Overloaded,
			"%d uploads are under way, which is the limit; try again shortly", cap(r.uploads))
	}
}

// Stream takes a place for a stream of events, as Upload does for an upload.
func (r *Room) Stream(who any) (leave func(), err error) { return r.streams.take(who) }

// Cells takes memory for art of so many cells, waiting a little until the caller has
// less of it and others finish, and returns how to give it back. Art that is larger
// than all of the room takes all of it.
func (r *Room) Cells(ctx context.Context, who any, n int64) (release func(), err error) {
	n = min(n, r.most)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	giveBack, err := r.portions.take(ctx, who, n)
	if err == nil {
		if err = r.cells.Acquire(ctx, n); err != nil {
			giveBack()
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, charcoal.Errorf(charcoal.Unavailable, "too much art is being read at the same time; try again shortly").Because(err)
	}
	if err != nil {
		return nil, err
	}
	return func() { r.cells.Release(n); giveBack() }, nil
}

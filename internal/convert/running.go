package convert

import (
	"context"
	"sync"

	"github.com/charcoal-art/charcoal"
)

// running are the attempts that this process draws, so that one that is
// canceled stops at once; other processes learn of it by their heartbeat. A
// rendering that was canceled and restarted may have two for a moment.
type running struct {
	mu   sync.Mutex
	stop map[attempt]context.CancelCauseFunc
}

type attempt struct {
	rendering charcoal.ID
	number    int
}

// add returns the context under which to draw, and how to take the attempt off.
func (r *running) add(ctx context.Context, rendering charcoal.ID, number int) (context.Context, func()) {
	ctx, stop := context.WithCancelCause(ctx)
	this := attempt{rendering, number}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop == nil {
		r.stop = make(map[attempt]context.CancelCauseFunc)
	}
	r.stop[this] = stop
	return ctx, func() {
		r.mu.Lock()
		delete(r.stop, this)
		r.mu.Unlock()
		stop(nil)
	}
}

// lose stops the attempts at a rendering up to one whose lease was taken away.
func (r *running) lose(rendering charcoal.ID, last int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a, stop := range r.stop { // there are no more than slots
		if a.rendering == rendering && a.number <= last {
			stop(ErrLeaseLost)
		}
	}
}

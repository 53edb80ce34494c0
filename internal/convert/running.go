package convert

import (
	"context"
	"sync"

	"github.com/charcoal-art/charcoal"
)

// running are the renderings that this process draws, so that one that is
// canceled stops at once; other processes learn of it by their heartbeat.
type running struct {
	mu   sync.Mutex
	stop map[charcoal.ID]context.CancelCauseFunc
}

// add returns the context under which to draw, and how to take it off.
func (r *running) add(ctx context.Context, rendering charcoal.ID) (context.Context, func()) {
	ctx, stop := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop == nil {
		r.stop = make(map[charcoal.ID]context.CancelCauseFunc)
	}
	r.stop[rendering] = stop
	return ctx, func() {
		r.mu.Lock()
		delete(r.stop, rendering)
		r.mu.Unlock()
		stop(nil)
	}
}

// lose stops a rendering whose lease was taken away.
func (r *running) lose(rendering charcoal.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stop := r.stop[rendering]; stop != nil {
		stop(ErrLeaseLost)
	}
}

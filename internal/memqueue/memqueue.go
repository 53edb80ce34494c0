// Package memqueue is the [charcoal.Queue] of one process: a bounded channel.
package memqueue

import (
	"context"
	"sync"

	"github.com/charcoal-art/charcoal"
)

// Queue is a bounded channel of rings. What does not fit is dropped, and what
// it holds ends with the process: a sweep of the store finds both.
type Queue struct {
	rings  chan charcoal.ID
	closed chan struct{}
	close  sync.Once
}

var _ charcoal.Queue = (*Queue)(nil)

// New makes a queue that holds up to capacity rings, at least one.
func New(capacity int) *Queue {
	return &Queue{
		rings:  make(chan charcoal.ID, max(capacity, 1)),
		closed: make(chan struct{}),
	}
}

// Enqueue rings, or drops the ring when the queue is full: the receivers then
// have that many rings to look at the store already.
func (q *Queue) Enqueue(_ context.Context, rendering charcoal.ID) error {
	select {
	case <-q.closed:
		return errClosed()
	default:
	}
	select {
	case q.rings <- rendering:
	default:
	}
	return nil
}

// Receive waits for a ring, the end of ctx, or Close, after which it is
// Unavailable.
func (q *Queue) Receive(ctx context.Context) (charcoal.Ring, error) {
	select {
	case id := <-q.rings:
		return charcoal.Ring{Rendering: id, Ack: noAck}, nil
	case <-ctx.Done():
		return charcoal.Ring{}, ctx.Err()
	case <-q.closed:
		return charcoal.Ring{}, errClosed()
	}
}

// Close lets every waiting Receive return.
func (q *Queue) Close() error {
	q.close.Do(func() { close(q.closed) })
	return nil
}

// noAck has nothing to do: a ring leaves the channel as it is received, and one
// that is lost with its receiver is found by the sweep.
func noAck(context.Context) error { return nil }

func errClosed() error {
	return charcoal.Errorf(charcoal.Unavailable, "the queue is closed")
}

package conformance

import (
	"context"
	"sync"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// Queue tests an adapter of [charcoal.Queue]. Each call of open makes an empty
// one, which the suite closes.
//
// A queue may lose rings, so a test that waits for one keeps ringing.
func Queue(t *testing.T, open func(t *testing.T) charcoal.Queue) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, charcoal.Queue)
	}{
		{"a ring is received and acknowledged", testRing},
		{"a full bell does not block", testFullBell},
		{"an ended context ends receive", testReceiveCanceled},
		{"many ring and receive at once", testRingsAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := open(t)
			t.Cleanup(func() {
				if err := q.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test.run(t, q)
		})
	}
}

func testRing(t *testing.T, q charcoal.Queue) {
	id := charcoal.NewID()
	ctx, cancel := context.WithCancel(t.Context())
	var ringer sync.WaitGroup
	ringer.Go(func() { ringUntil(ctx, t, q, id) })
	defer ringer.Wait()
	defer cancel()
	ring, err := q.Receive(t.Context())
	noError(t, "receive", err)
	equal(t, "id", ring.Rendering, id)
	noError(t, "acknowledge", ring.Ack(t.Context()))
}

// ringUntil rings for an id until the context ends.
func ringUntil(ctx context.Context, t *testing.T, q charcoal.Queue, id charcoal.ID) {
	for ctx.Err() == nil {
		if err := q.Enqueue(ctx, id); err != nil && ctx.Err() == nil {
			t.Errorf("enqueue: %v", err)
			return
		}
	}
}

// testFullBell ends only when no ring waits for a receiver: there is none.
func testFullBell(t *testing.T, q charcoal.Queue) {
	for range 10_000 {
		noError(t, "enqueue", q.Enqueue(t.Context(), charcoal.NewID()))
	}
}

func testReceiveCanceled(t *testing.T, q charcoal.Queue) {
	_, err := q.Receive(endedContext(t))
	wantCanceled(t, "receive", err)

	ctx, cancel := context.WithCancel(t.Context())
	var receiver sync.WaitGroup
	receiver.Go(func() {
		_, err := q.Receive(ctx)
		wantCanceled(t, "waiting receive", err)
	})
	cancel()
	receiver.Wait()
}

func testRingsAtOnce(t *testing.T, q charcoal.Queue) {
	ctx, cancel := context.WithCancel(t.Context())
	var ringers sync.WaitGroup
	for range workers {
		ringers.Go(func() { ringUntil(ctx, t, q, charcoal.NewID()) })
	}
	together(workers, func(int) {
		for range 20 {
			ring, err := q.Receive(t.Context())
			if err != nil {
				t.Errorf("receive: %v", err)
				return
			}
			if err := ring.Ack(t.Context()); err != nil {
				t.Errorf("acknowledge: %v", err)
			}
		}
	})
	cancel()
	ringers.Wait()
}

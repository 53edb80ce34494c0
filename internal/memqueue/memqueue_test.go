package memqueue

import (
	"context"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	conformance.Queue(t, func(*testing.T) charcoal.Queue { return New(8) })
}

func TestRingsBeyondTheCapacityAreDropped(t *testing.T) {
	for _, test := range []struct{ capacity, want int }{{-1, 1}, {0, 1}, {1, 1}, {3, 3}} {
		q := New(test.capacity)
		for range 5 {
			if err := q.Enqueue(t.Context(), charcoal.NewID()); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(q.rings); got != test.want {
			t.Errorf("capacity %d: got %d rings of 5, want %d", test.capacity, got, test.want)
		}
	}
}

func TestCloseEndsReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(1)
		errs := make(chan error)
		for range 3 {
			go func() {
				_, err := q.Receive(context.Background())
				errs <- err
			}()
		}
		synctest.Wait() // all three wait for a ring
		for range 2 {   // the second Close has nothing to do
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if err := <-errs; charcoal.CodeOf(err) != charcoal.Unavailable {
				t.Errorf("receive: got %v, want code %q", err, charcoal.Unavailable)
			}
		}
		if err := q.Enqueue(t.Context(), charcoal.NewID()); charcoal.CodeOf(err) != charcoal.Unavailable {
			t.Errorf("enqueue after close: got %v, want code %q", err, charcoal.Unavailable)
		}
	})
}

package s3blob

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
)

func TestAttempts(t *testing.T) {
	refused := errors.New("connection refused")
	for _, test := range []struct {
		name           string
		do             func(context.Context) error
		atLeast, below time.Duration
	}{
		{"that fail at once", func(context.Context) error { return refused }, 750 * time.Millisecond, 1500 * time.Millisecond},
		{"that hang", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 5 * time.Minute, 5*time.Minute + 1500*time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, made := time.Now(), 0
				err := (&Blobs{pause: firstPause}).retry(t.Context(), time.Minute, func(ctx context.Context) error {
					made++
					return test.do(ctx)
				})
				wantCode(t, "the call", coded("open", "key", err), charcoal.Unavailable)
				if took := time.Since(begun); made != attempts || took < test.atLeast || took > test.below {
					t.Errorf("got %d attempts in %v, want %d in %v to %v", made, took, attempts, test.atLeast, test.below)
				}
			})
		})
	}
}

// TestContextEndsPauses has a caller who gives up between two attempts.
func TestContextEndsPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		begun := time.Now()
		err := (&Blobs{pause: time.Hour}).retry(ctx, time.Minute, func(context.Context) error { return errSlow })
		wantCode(t, "the call", err, charcoal.Canceled)
		if took := time.Since(begun); took != time.Millisecond {
			t.Errorf("got %v, want the call to end with its context", took)
		}
	})
}

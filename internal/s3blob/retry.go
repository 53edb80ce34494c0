package s3blob

import (
	"context"
	"math/rand/v2"
	"time"
)

// How often and how long. Together they bound what a call takes while the server
// is away: pauses of 1.5 s in all, and as much again at most by the client.
const (
	attempts    = 5
	firstPause  = 100 * time.Millisecond
	requestTime = 30 * time.Second // of one attempt to fetch a window, or without a body
	partTime    = 2 * time.Minute  // of one attempt to send a part: 70 kB/s
)

// retry calls do until it succeeds, fails for good, or the context ends, with
// growing pauses of random length, so that clients who failed together do not
// come back together. Each attempt gets a time of its own.
func (b *Blobs) retry(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	pause := b.pause
	for attempt := 1; ; attempt++ {
		err := within(ctx, limit, do)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return givenUp(ctx)
		}
		if attempt == attempts || !transient(err) {
			return err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause/2)): //nolint:gosec // a pause is no secret
		case <-ctx.Done():
			return givenUp(ctx)
		}
		pause *= 2
	}
}

// within calls do once. When its own time ends, and not the caller's, that is
// told as a server that is too slow, not as a call that was given up.
func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	attempt, cancel := context.WithTimeoutCause(ctx, limit, errSlow)
	defer cancel()
	err := do(attempt)
	if err != nil && ctx.Err() == nil && attempt.Err() != nil {
		return errSlow
	}
	return err
}

package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// firstPause is the upper end of the first pause; each further one doubles it.
const firstPause = 500 * time.Millisecond

// again decides whether a request that failed is made again, and after how long.
func (c *Client) again(k call, err error, attempt int) (pause time.Duration, again bool) {
	if attempt >= c.options.Attempts || k.once || !worthwhile(k, err) {
		return 0, false
	}
	pause = backoff(attempt, c.options.MaxPause)
	if e, ok := errors.AsType[*Error](err); ok {
		if e.RetryAfter > c.options.MaxPause {
			return 0, false
		}
		pause = max(pause, e.RetryAfter+jitter(e.RetryAfter/4)) // so that not all come back at once
	}
	return min(pause, c.options.MaxPause), true
}

// worthwhile reports whether the same request may fare better, and cannot do
// harm if it was carried out already.
func worthwhile(k call, err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if e, answered := errors.AsType[*Error](err); answered {
		return worthAsking(k, e)
	}
	return !k.unsafe || neverSent(err)
}

// worthAsking is worthwhile for a request that was answered.
func worthAsking(k call, e *Error) bool {
	switch {
	case e.Code == "quota_spent" && e.RetryAfter == 0:
		return false // it does not come back by itself
	case e.Status == http.StatusTooManyRequests:
		return true // it was not carried out
	case e.Status == http.StatusConflict && e.RetryAfter > 0 && k.header.Get("Idempotency-Key") != "":
		return true // an attempt of ours that we gave up is still under way
	case e.Code == "mismatch":
		return !k.unsafe // damaged on the way
	}
	return e.Temporary() && !k.unsafe
}

// neverSent reports whether the server was not reached at all.
func neverSent(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// backoff is a random pause of growing length: "full jitter", which spreads
// clients that failed together best (M. Brooker, "Exponential Backoff And Jitter",
// AWS Architecture Blog, 2015).
func backoff(attempt int, most time.Duration) time.Duration {
	upper := most
	if shift := attempt - 1; shift < 16 {
		upper = min(most, firstPause<<shift)
	}
	return jitter(upper)
}

// jitter is a random time up to most.
func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // pauses need not be hard to guess
}

// sleep reports whether ctx lasted as long as the pause.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

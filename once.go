package charcoal

import (
	"context"
	"time"
)

// Once is the answer to a request that carries an idempotency key, kept so that
// the request can be sent again without being carried out again.
type Once struct {
	Owner ID
	Key   string // 1 to 255 bytes

	Done        bool     // false: the first request is still under way
	Fingerprint [32]byte // of what was asked; known when done
	Status      int      // of the HTTP answer
	Header      map[string]string
	Body        []byte
}

// Onces keeps idempotency keys. The contract of every method is that of [Store].
type Onces interface {
	// BeginOnce takes a key for a request. When it is taken already, that is
	// returned: Done, or else Conflict. A key whose request did not end before
	// it ran out (until) is free again, and so is one kept for longer than its time.
	BeginOnce(ctx context.Context, owner ID, key string, now, until time.Time) (o Once, begun bool, err error)
	// FinishOnce keeps the answer of a request that took its key, until a time.
	FinishOnce(ctx context.Context, o Once, until time.Time) error
	// AbandonOnce gives a key back whose request was not carried out.
	AbandonOnce(ctx context.Context, owner ID, key string) error
	// PurgeOnces forgets up to limit keys whose time is over, and returns how many.
	PurgeOnces(ctx context.Context, now time.Time, limit int) (int, error)
}

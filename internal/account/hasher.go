package account

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/charcoal-art/charcoal"
)

// maxPatience is how long somebody waits for a place to hash in.
const maxPatience = 5 * time.Second

// hasher hashes passwords, a bounded number at a time: each takes 19 MiB and a
// core, and strangers decide how many there are. Who is known has places of their
// own, so that a crowd of strangers does not keep the users of a server out.
type hasher struct {
	cost             cost
	strangers, known place
	dummy            phc          // what the passwords of users who do not exist are compared with
	computed         atomic.Int64 // hashes so far, as tests count them
}

// place holds a token for each hash that may be computed at the same time.
type place struct {
	slots chan struct{}
	queue chan struct{} // and for each that may wait or be computed: who waits holds a connection and memory
}

// newHasher makes places for one hash a core, of at most 4.
func newHasher(c cost) *hasher {
	return &hasher{
		cost:      c,
		strangers: newPlace(min(runtime.GOMAXPROCS(0), 4)),
		known:     newPlace(1),
		dummy:     phc{cost: c, salt: make([]byte, saltLen), key: make([]byte, keyLen)},
	}
}

func newPlace(slots int) place {
	const waitingPerSlot = 32
	return place{slots: make(chan struct{}, slots), queue: make(chan struct{}, slots*waitingPerSlot)}
}

// do calls f when there is a place; else it is [charcoal.RateLimited] at once, when too
// many wait already, or after a while.
func (p place) do(ctx context.Context, f func()) error {
	select {
	case p.queue <- struct{}{}:
		defer func() { <-p.queue }()
	default:
		return tooBusy()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxPatience, tooBusy())
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	f()
	return nil
}

func tooBusy() error {
	e := charcoal.Errorf(charcoal.RateLimited, "too many people sign in at this moment; try again in a few seconds")
	e.RetryAfter = maxPatience
	return e
}

func (h *hasher) place(known bool) place {
	if known {
		return h.known
	}
	return h.strangers
}

// hash returns the hash of a new password.
func (h *hasher) hash(ctx context.Context, password string, known bool) (hash string, err error) {
	err = h.place(known).do(ctx, func() {
		h.computed.Add(1)
		hash = hashPassword(h.cost, password)
	})
	return hash, err
}

// check reports whether the password is that of the hash, and whether the hash
// should be made anew. It computes one hash whatever it is given: "" is the hash of
// nobody, and no password is right.
func (h *hasher) check(ctx context.Context, hash, password string, known bool) (ok, outdated bool, err error) {
	stored := h.dummy
	if hash != "" {
		if stored, err = parsePHC(hash); err != nil {
			return false, false, err
		}
	}
	if len(password) > MaxPassword {
		password = "" // cannot be right; and not to be hashed at its length
	}
	err = h.place(known).do(ctx, func() {
		h.computed.Add(1)
		ok = stored.matches(password) && hash != ""
	})
	return ok, ok && stored.outdated(h.cost), err
}

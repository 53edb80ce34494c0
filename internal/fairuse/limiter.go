// Package fairuse holds the use cases that keep one account, or one address,
// from taking what others need: how often they may ask, how much they may use a
// day, and what those are told who come when there is too much work.
package fairuse

import (
	"container/list"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
)

// maxBuckets bounds how many accounts, and how many addresses, are told apart at a time:
// some 16 MB each, against who has many addresses.
const maxBuckets = 1 << 16

// sharedBuckets is how many buckets those share who find no room. An attacker who fills
// the table slows down those few newcomers that hash to the same bucket.
const sharedBuckets = 1 << 10

// Limiter bounds how often who is asking may ask, by token buckets: each holds up to the
// burst and is filled at a steady rate. Whoever signed in has a bucket by account, others by
// address: IPv4 by itself, IPv6 by the /64 network, all of which one site has.
//
// It keeps its buckets in memory: a restart fills them. The number of buckets is
// bounded, and only one that is full again makes room for another, so nobody
// gets a new bucket by driving out their own.
//
// Safe for concurrent use.
type Limiter struct {
	rate  rate.Limit // tokens a second
	burst int
	now   func() time.Time

	mu        sync.Mutex
	accounts  *buckets // apart, so that no number of addresses touches an account
	addresses *buckets
}

// NewLimiter returns a limiter that allows so many requests a minute (0: any number) and so
// many of them at once (at least 1), by a clock.
func NewLimiter(perMinute, burst int64, now func() time.Time) *Limiter {
	l := &Limiter{rate: rate.Limit(float64(perMinute) / 60), burst: int(burst), now: now}
	l.accounts, l.addresses = l.newBuckets(maxBuckets), l.newBuckets(maxBuckets)
	return l
}

// Decision is the answer to one request, for its RateLimit headers.
type Decision struct {
	Allowed bool

	// Limit is how much may be asked at once, and 0 when nothing is limited;
	// Remaining how much of that is left. After Reset all of it is there again.
	Limit, Remaining int64
	Reset            time.Duration

	RetryAfter time.Duration // when what was refused would be allowed; 0 for what is allowed
}

// Allow takes the cost of a request from the bucket of who asks. What is refused
// takes nothing; a cost of 0 only asks how it stands. A cost over the burst needs a
// full bucket.
func (l *Limiter) Allow(actor charcoal.Actor, addr netip.Addr, cost int) Decision {
	if l.rate == 0 {
		return Decision{Allowed: true}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if actor.SignedIn() {
		return l.take(l.accounts.of(actor.User, now), now, cost)
	}
	return l.take(l.addresses.of(clientaddr.Network(addr), now), now, cost)
}

// take spends tokens, if there are enough.
func (l *Limiter) take(b *rate.Limiter, now time.Time, cost int) Decision {
	cost = min(max(cost, 0), l.burst)
	allowed := b.AllowN(now, cost)
	tokens := max(b.TokensAt(now), 0)
	d := Decision{
		Allowed: allowed,
		Limit:   int64(l.burst), Remaining: int64(tokens),
		Reset: l.fill(float64(l.burst) - tokens),
	}
	if !allowed {
		d.RetryAfter = l.fill(float64(cost) - tokens)
	}
	return d
}

// fill returns how long so many tokens take to come.
func (l *Limiter) fill(tokens float64) time.Duration {
	return time.Duration(tokens / float64(l.rate) * float64(time.Second))
}

// buckets tells so many askers apart, and the others roughly.
type buckets struct {
	fresh  func() *rate.Limiter
	room   int
	byKey  map[any]*list.Element
	recent *list.List // of *bucket, the most recently used first
	shared []*rate.Limiter
	seed   maphash.Seed
}

type bucket struct {
	key any // comparable: an account, or a network
	*rate.Limiter
}

func (l *Limiter) newBuckets(room int) *buckets {
	return &buckets{
		fresh:  func() *rate.Limiter { return rate.NewLimiter(l.rate, l.burst) },
		room:   room,
		byKey:  make(map[any]*list.Element),
		recent: list.New(),
		shared: make([]*rate.Limiter, sharedBuckets),
		seed:   maphash.MakeSeed(),
	}
}

// of returns the bucket of a key.
func (b *buckets) of(key any, now time.Time) *rate.Limiter {
	if e := b.byKey[key]; e != nil {
		b.recent.MoveToFront(e)
		return e.Value.(*bucket).Limiter
	}
	if len(b.byKey) >= b.room && !b.dropFull(now) {
		return b.sharedOf(key)
	}
	fresh := &bucket{key, b.fresh()}
	b.byKey[key] = b.recent.PushFront(fresh)
	return fresh.Limiter
}

// dropFull drops the bucket used least recently if it is full: then it says nothing that a
// new one does not.
func (b *buckets) dropFull(now time.Time) bool {
	oldest := b.recent.Back()
	old := oldest.Value.(*bucket)
	if old.TokensAt(now) < float64(old.Burst()) {
		return false
	}
	b.recent.Remove(oldest)
	delete(b.byKey, old.key)
	return true
}

func (b *buckets) sharedOf(key any) *rate.Limiter {
	i := maphash.Comparable(b.seed, key) % uint64(len(b.shared))
	if b.shared[i] == nil {
		b.shared[i] = b.fresh()
	}
	return b.shared[i]
}

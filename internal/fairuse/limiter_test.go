package fairuse

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
)

// clock is a time that tests move.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

var (
	stranger = charcoal.Actor{}
	here     = netip.MustParseAddr("192.0.2.1")
)

func user() charcoal.Actor {
	return charcoal.Actor{User: charcoal.NewID(), Role: charcoal.RoleUser}
}

func TestBurstThenSteadyRate(t *testing.T) {
	c := newClock()
	l := NewLimiter(60, 3, c.now)
	for _, step := range []struct {
		wait time.Duration
		cost int
		want Decision
	}{
		{0, 1, Decision{Allowed: true, Limit: 3, Remaining: 2, Reset: time.Second}},
		{0, 2, Decision{Allowed: true, Limit: 3, Remaining: 0, Reset: 3 * time.Second}},
		{0, 1, Decision{Limit: 3, Reset: 3 * time.Second, RetryAfter: time.Second}},
		{time.Second / 2, 1, Decision{Limit: 3, Reset: 5 * time.Second / 2, RetryAfter: time.Second / 2}},
		{time.Second / 2, 1, Decision{Allowed: true, Limit: 3, Reset: 3 * time.Second}},
		{time.Second, 0, Decision{Allowed: true, Limit: 3, Remaining: 1, Reset: 2 * time.Second}},
		{time.Second, 100, Decision{Limit: 3, Remaining: 2, Reset: time.Second, RetryAfter: time.Second}},
		{time.Hour, 100, Decision{Allowed: true, Limit: 3, Reset: 3 * time.Second}},
	} {
		c.advance(step.wait)
		if got := l.Allow(stranger, here, step.cost); got != step.want {
			t.Errorf("a cost of %d after %v: got %+v, want %+v", step.cost, step.wait, got, step.want)
		}
	}
}

func TestNoLimit(t *testing.T) {
	l := NewLimiter(0, 1, newClock().now)
	for range 100 {
		if got := l.Allow(stranger, here, 10); got != (Decision{Allowed: true}) {
			t.Fatalf("without a limit: got %+v", got)
		}
	}
}

func TestWhoSharesABucket(t *testing.T) {
	anna, ben := user(), user()
	open := charcoal.OpenActor()
	for _, test := range []struct {
		name          string
		first, second charcoal.Actor
		from, also    string
		shared        bool
	}{
		{"a stranger twice", stranger, stranger, "192.0.2.1", "192.0.2.1", true},
		{"strangers at two IPv4 addresses", stranger, stranger, "192.0.2.1", "192.0.2.2", false},
		{"strangers in one IPv6 /64", stranger, stranger, "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
		{"strangers in two of them", stranger, stranger, "2001:db8::1", "2001:db8:0:1::1", false},
		{"IPv4, and the same in IPv6", stranger, stranger, "192.0.2.1", "::ffff:192.0.2.1", true},
		{"two zones of one address", stranger, stranger, "fe80::1%eth0", "fe80::1%eth1", true},
		{"nobody has an address", stranger, stranger, "", "", true},
		{"a user at two addresses", anna, anna, "192.0.2.1", "192.0.2.2", true},
		{"two users at one", anna, ben, "192.0.2.1", "192.0.2.1", false},
		{"a user and a stranger", anna, stranger, "192.0.2.1", "192.0.2.1", false},
		{"where nobody signs in", open, open, "192.0.2.1", "192.0.2.2", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := NewLimiter(60, 1, newClock().now)
			from, _ := netip.ParseAddr(test.from)
			also, _ := netip.ParseAddr(test.also)
			l.Allow(test.first, from, 1)
			if got := l.Allow(test.second, also, 1).Allowed; got == test.shared {
				t.Errorf("the second is allowed: got %v, want %v", got, !test.shared)
			}
		})
	}
}

// TestManyAddressesResetNoBucket fills the table with addresses: neither does that give
// the one who spent theirs a new bucket, nor does it grow.
func TestManyAddressesResetNoBucket(t *testing.T) {
	c := newClock()
	l := smallLimiter(c, 100)
	l.Allow(stranger, here, 2)
	for i := range 10_000 {
		l.Allow(stranger, numbered(i), 2)
	}
	if l.Allow(stranger, here, 1).Allowed {
		t.Error("a spent bucket was full again after many other addresses came")
	}
	if got := len(l.addresses.byKey); got != 100 {
		t.Errorf("buckets: got %d, want 100", got)
	}
}

// TestNewcomersToAFullTable have to share, so they are limited, but not all as one.
func TestNewcomersToAFullTable(t *testing.T) {
	l := smallLimiter(newClock(), 1)
	l.Allow(stranger, here, 1)
	allowed := 0
	for i := range 10 * sharedBuckets {
		if l.Allow(stranger, numbered(i), 1).Allowed {
			allowed++
		}
	}
	if most := 2 * sharedBuckets; allowed > most || allowed < most/2 {
		t.Errorf("allowed: got %d, want %d to %d", allowed, most/2, most)
	}
}

func TestFullBucketsMakeRoom(t *testing.T) {
	c := newClock()
	l := smallLimiter(c, 2)
	l.Allow(stranger, numbered(1), 1)
	l.Allow(stranger, numbered(2), 1)
	c.advance(time.Second) // both are full again
	l.Allow(stranger, numbered(1), 1)
	l.Allow(stranger, numbered(3), 1)
	for i, want := range map[int]bool{1: true, 2: false, 3: true} {
		if _, got := l.addresses.byKey[clientaddr.Network(numbered(i))]; got != want {
			t.Errorf("number %d has a bucket: got %v, want %v", i, got, want)
		}
	}
}

func TestAddressesTouchNoAccount(t *testing.T) {
	l := smallLimiter(newClock(), 2)
	for i := range 10_000 {
		l.Allow(stranger, numbered(i), 2)
	}
	if !l.Allow(user(), here, 2).Allowed {
		t.Error("a user is refused because strangers came from many addresses")
	}
}

func TestManyAtOnceGetNoMoreThanTheBurst(t *testing.T) {
	l := NewLimiter(60, 50, newClock().now)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if l.Allow(stranger, here, 1).Allowed {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if got := allowed.Load(); got != 50 {
		t.Errorf("allowed: got %d, want 50", got)
	}
}

// smallLimiter has buckets of two that are filled in two seconds.
func smallLimiter(c *clock, room int) *Limiter {
	l := NewLimiter(60, 2, c.now)
	l.accounts, l.addresses = l.newBuckets(room), l.newBuckets(room)
	return l
}

func numbered(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

func BenchmarkAllow(b *testing.B) {
	for _, addrs := range []int{1, 10_000, 4 * maxBuckets} {
		b.Run(fmt.Sprintf("addresses=%d", addrs), func(b *testing.B) {
			l := NewLimiter(1200, 300, time.Now)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				l.Allow(stranger, numbered(i%addrs), 1)
			}
		})
	}
}

package account

import (
	"net/netip"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
)

// How guessing slows down: so many failures are free, then each doubles the time
// until the next try, up to a limit. Failures are forgotten after a while without any.
const (
	freeOfAccount = 5   // from one network for one account
	freeOfNetwork = 20  // from one network for all accounts; people share addresses
	freeOfSite    = 200 // from all the networks that one customer may have
	freeAccounts  = 5   // made without an invite from one network
	firstDelay    = time.Second
	maxDelay      = 15 * time.Minute
	forgetAfter   = time.Hour

	// The bounds of what is remembered, some 200 bytes each. Who has enough
	// networks to push others out has no need to.
	maxSources = 65536
	maxTrusted = 65536
)

// throttle slows down who guesses passwords, and nobody else. Failures count for
// where they come from, never for an account alone: else any stranger could lock any
// user out. Where a user signed in before, failures of others for other accounts do
// not count; and a browser with a session of the account counts for itself alone.
//
// A try is counted before it is known how it ends, so that many at the same time get
// no further than one after the other.
type throttle struct {
	mu      sync.Mutex
	sources *lru[source, failures]
	trusted *lru[source, struct{}] // pairs of account and network that succeeded
}

// source is what failures are counted for; what does not matter is zero.
type source struct {
	of      sourceKind
	account string // folded name, whether it exists or not
	network netip.Prefix
	device  charcoal.ID // of a session
}

// sourceKind says what of a source matters.
type sourceKind byte

const (
	ofAccount      sourceKind = iota // account and network
	ofDevice                         // account and device
	ofNetwork                        // network
	ofRegistration                   // network; accounts that were made, not failures
)

type failures struct {
	n      int
	last   time.Time
	logged bool // that it has to wait now
}

func newThrottle() *throttle {
	return &throttle{
		sources: newLRU[source, failures](maxSources),
		trusted: newLRU[source, struct{}](maxTrusted),
	}
}

// try is one attempt to sign in that was let through.
type try struct {
	t       *throttle
	account source
	sources []counted
}

type counted struct {
	source
	free int
}

// begin lets an attempt through and counts it as a failure, or returns how long to
// wait, and whether that is news for the log.
func (t *throttle) begin(account string, address netip.Addr, device charcoal.ID, now time.Time) (a *try, wait time.Duration, news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a = t.attempt(account, address, device)
	if wait, news = t.spend(a.sources, now); wait > 0 {
		return nil, wait, news
	}
	return a, 0, false
}

// register counts an account that is made without an invite, or returns how long to
// wait.
func (t *throttle) register(address netip.Addr, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	wait, _ := t.spend([]counted{{source{of: ofRegistration, network: clientaddr.Network(address)}, freeAccounts}}, now)
	return wait
}

// spend counts one for each source, or when one of them has to wait, none.
func (t *throttle) spend(sources []counted, now time.Time) (wait time.Duration, news bool) {
	for _, s := range sources {
		if w := t.wait(s, now); w > wait {
			wait, news = w, t.tell(s.source)
		}
	}
	if wait > 0 {
		return wait, news
	}
	for _, s := range sources {
		t.count(s.source, 1, now)
	}
	return 0, false
}

// known reports whether the account signed in from there before.
func (t *throttle) known(account string, address netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.trusted.get(source{account: account, network: clientaddr.Network(address)})
	return ok
}

func (t *throttle) attempt(account string, address netip.Addr, device charcoal.ID) *try {
	network := clientaddr.Network(address)
	pair := source{account: account, network: network}
	a := &try{t: t, account: pair}
	if (device != charcoal.ID{}) {
		a.sources = []counted{{source{of: ofDevice, account: account, device: device}, freeOfAccount}}
		return a
	}
	a.sources = []counted{{pair, freeOfAccount}}
	if _, trusted := t.trusted.get(pair); !trusted {
		a.sources = append(a.sources, counted{source{of: ofNetwork, network: network}, freeOfNetwork})
		if site := siteOf(network); site != network {
			a.sources = append(a.sources, counted{source{of: ofNetwork, network: site}, freeOfSite})
		}
	}
	return a
}

func (t *throttle) wait(s counted, now time.Time) time.Duration {
	f, ok := t.sources.get(s.source)
	if !ok || now.Sub(f.last) > forgetAfter || f.n < s.free {
		return 0
	}
	delay := maxDelay
	if doublings := f.n - s.free; doublings < 20 {
		delay = min(maxDelay, firstDelay<<doublings)
	}
	return f.last.Add(delay).Sub(now)
}

// tell reports whether nobody was told yet since the newest failure, and that
// somebody is now. So the log grows with the attempts that were let through.
func (t *throttle) tell(s source) bool {
	f, _ := t.sources.get(s)
	told := f.logged
	f.logged = true
	t.sources.put(s, f)
	return !told
}

func (t *throttle) count(s source, n int, now time.Time) {
	f, _ := t.sources.get(s)
	if now.Sub(f.last) > forgetAfter {
		f = failures{}
	}
	t.sources.put(s, failures{n: max(0, f.n+n), last: now})
}

// succeeded takes the attempt back. What was counted for the pair of account and
// network is forgotten; what was counted for the network only loses this one, or who
// has an account could guess at others' for ever.
func (a *try) succeeded(now time.Time) {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	for _, s := range a.sources {
		if s.of == ofNetwork {
			a.t.count(s.source, -1, now)
			continue
		}
		a.t.sources.remove(s.source)
	}
	a.t.trusted.put(a.account, struct{}{})
}

// undone takes the attempt back, because it was never found out how it ends.
func (a *try) undone(now time.Time) {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	for _, s := range a.sources {
		a.t.count(s.source, -1, now)
	}
}

// siteOf is what one customer may have of networks: a /48 of IPv6.
func siteOf(network netip.Prefix) netip.Prefix {
	if !network.IsValid() || network.Addr().Is4() {
		return network
	}
	return netip.PrefixFrom(network.Addr(), 48).Masked()
}

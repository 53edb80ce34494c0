package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
)

// TestUnknownUsersLookLikeWrongPasswords, in what is said, in what is worked for it,
// and in when it is refused.
func TestUnknownUsersLookLikeWrongPasswords(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	n := charcoal.NewUser{User: charcoal.User{ID: charcoal.NewID(), Name: "elsewhere", Role: charcoal.RoleUser, Created: f.clock.Now()}}
	noError(t, "add a user without a password", f.store.AddUser(t.Context(), n, f.entry(CommandLine(), charcoal.AuditUserAdded, n.ID)))
	var want []string
	for i, name := range []string{"ada", "bob", "elsewhere", "not a name ü", ""} {
		before := f.hasher.computed.Load()
		var got []string
		for range freeOfAccount + 2 {
			_, err := f.Login(t.Context(), at(fmt.Sprintf("192.0.2.%d", i)), name, otherPassword)
			got = append(got, fmt.Sprint(charcoal.CodeOf(err), charcoal.Message(err), f.hasher.computed.Load()-before))
		}
		if i == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-existing user +this one):\n%s", name, diff)
		}
	}
}

// TestFixation: a session's secret that was there before a login, made up or real, is
// none after it.
func TestFixation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	f.user(t, "mallory", charcoal.RoleUser)
	for name, planted := range map[string]string{
		"made up":        newSecret(""),
		"of an attacker": f.as(t, "mallory").Session,
		"of the user":    f.as(t, "ada").Session,
	} {
		t.Run(name, func(t *testing.T) {
			c := at("192.0.2.1")
			c.Session = planted
			in, err := f.Login(t.Context(), c, "ada", adaPassword)
			noError(t, "login", err)
			if in.Secret == planted {
				t.Errorf("the session has the secret that was planted")
			}
			f.wantCode(t, Credentials{Session: planted}, charcoal.Unauthenticated)
			f.wantCode(t, Credentials{Session: in.Secret}, "")
		})
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	noError(t, "logout", f.Logout(t.Context(), c))
	f.wantCode(t, Credentials{Session: c.Session}, charcoal.Unauthenticated)
	noError(t, "logout again", f.Logout(t.Context(), c))
	noError(t, "logout without a session", f.Logout(t.Context(), at("192.0.2.1")))
	want := []charcoal.AuditAction{charcoal.AuditUserAdded, charcoal.AuditLogin, charcoal.AuditLogout}
	if diff := cmp.Diff(want, f.actions(t)); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}

// fail tries wrong passwords until it has to wait.
func (f *fixture) fail(t *testing.T, c Caller, name string) {
	t.Helper()
	for range 100 {
		_, err := f.Login(t.Context(), c, name, otherPassword)
		if charcoal.CodeOf(err) == charcoal.RateLimited {
			return
		}
		wantCode(t, "login", err, charcoal.Unauthenticated)
	}
	t.Fatal("100 failures, and no wait")
}

func (f *fixture) login(c Caller, name string) error {
	_, err := f.Login(context.Background(), c, name, adaPassword)
	return err
}

// TestGuessingSlowsDown to a try in a quarter of an hour, and costs no hash while it
// waits; the right password does not help then.
func TestGuessingSlowsDown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	stranger := at("198.51.100.7")
	f.fail(t, stranger, "ada")
	var waits []time.Duration
	for range 12 {
		before := f.hasher.computed.Load()
		err := f.login(stranger, "ada")
		e, ok := errors.AsType[*charcoal.Error](err)
		if !ok || e.Code != charcoal.RateLimited || f.hasher.computed.Load() != before {
			t.Fatalf("login while waiting: got %v with %d hashes, want %s with none", err, f.hasher.computed.Load()-before, charcoal.RateLimited)
		}
		waits = append(waits, e.RetryAfter)
		f.clock.pass(e.RetryAfter)
		_, err = f.Login(t.Context(), stranger, "ada", otherPassword)
		wantCode(t, "login after the wait", err, charcoal.Unauthenticated)
	}
	if waits[0] != time.Second || waits[1] != 2*time.Second || waits[11] != 15*time.Minute || !slices.IsSorted(waits) {
		t.Errorf("waits: got %v, want them to double from 1s to 15m", waits)
	}
	f.clock.pass(forgetAfter + time.Minute)
	noError(t, "login much later", f.login(stranger, "ada"))
}

// TestAStrangerLocksNobodyOut, whatever they try from elsewhere: not from other
// addresses, not from one of the user's own where the user is known.
func TestAStrangerLocksNobodyOut(t *testing.T) {
	t.Parallel()
	t.Run("from many addresses", func(t *testing.T) {
		f := newFixture(t)
		f.user(t, "ada", charcoal.RoleUser)
		for i := range 10 {
			f.fail(t, at(fmt.Sprintf("198.51.100.%d", i)), "ada")
		}
		noError(t, "login from a new address", f.login(at("192.0.2.1"), "ada"))
	})
	t.Run("through other accounts from the user's own address", func(t *testing.T) {
		f := newFixture(t)
		f.user(t, "ada", charcoal.RoleUser)
		noError(t, "login", f.login(at("192.0.2.1"), "ada"))
		for i := range freeOfNetwork {
			_, err := f.Login(t.Context(), at("192.0.2.1"), fmt.Sprint("name", i), otherPassword)
			wantCode(t, "login", err, charcoal.Unauthenticated)
		}
		_, err := f.Login(t.Context(), at("192.0.2.1"), "another", otherPassword)
		wantCode(t, "login", err, charcoal.RateLimited)
		noError(t, "login again", f.login(at("192.0.2.1"), "ada"))
	})
	t.Run("through the user's account from the user's own address, with the browser of before", func(t *testing.T) {
		f := newFixture(t)
		f.user(t, "ada", charcoal.RoleUser)
		known := f.as(t, "ada")
		f.fail(t, at("192.0.2.1"), "ada")
		wantCode(t, "login without the cookie", f.login(at("192.0.2.1"), "ada"), charcoal.RateLimited)
		f.clock.pass(80 * time.Hour) // the session has ended, but still shows which browser it is
		f.fail(t, at("192.0.2.1"), "ada")
		noError(t, "login with the cookie", f.login(known, "ada"))
	})
}

// TestAnotherUsersCookieIsNoProof, or who has an account could guess at others' for
// ever; and a cookie of the user's own slows down as well.
func TestAnotherUsersCookieIsNoProof(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	f.user(t, "mallory", charcoal.RoleUser)
	stranger := f.as(t, "mallory")
	f.fail(t, stranger, "ada")
	wantCode(t, "login", f.login(stranger, "ada"), charcoal.RateLimited)
	f.fail(t, f.as(t, "mallory"), "mallory")
}

// TestOwnLoginsDoNotResetTheNetwork: who has an account could guess at others' for ever.
func TestOwnLoginsDoNotResetTheNetwork(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "mallory", charcoal.RoleUser)
	for i := range 10 * freeOfNetwork {
		if i%4 == 0 {
			noError(t, "login", f.login(at("198.51.100.7"), "mallory"))
		}
		_, err := f.Login(t.Context(), at("198.51.100.7"), fmt.Sprint("name", i), otherPassword)
		if charcoal.CodeOf(err) == charcoal.RateLimited {
			if i < freeOfNetwork {
				t.Errorf("slowed down after %d failures, want %d free", i, freeOfNetwork)
			}
			return
		}
	}
	t.Error("never slowed down")
}

// TestManyAtOnceGetNoFurther than one after the other.
func TestManyAtOnceGetNoFurther(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	before := f.hasher.computed.Load()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { _, _ = f.Login(context.Background(), at("198.51.100.7"), "ada", otherPassword) })
	}
	wg.Wait()
	if got := f.hasher.computed.Load() - before; got != freeOfAccount {
		t.Errorf("hashes: got %d, want %d", got, freeOfAccount)
	}
}

// TestIPv6CountsByNetwork: every subscriber has 2⁶⁴ addresses.
func TestIPv6CountsByNetwork(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.fail(t, at("2001:db8::1"), "ada")
	wantCode(t, "login from a neighbour", f.login(at("2001:db8::ffff:2"), "ada"), charcoal.RateLimited)
	wantCode(t, "login from another network", f.login(at("2001:db8:0:1::1"), "ada"), charcoal.Unauthenticated)
	f.fail(t, at("::ffff:198.51.100.7"), "ada")
	wantCode(t, "login from the same address, written otherwise", f.login(at("198.51.100.7"), "ada"), charcoal.RateLimited)
}

// TestOneCustomersNetworksCountTogether, where they have thousands of them.
func TestOneCustomersNetworksCountTogether(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 2 * freeOfSite {
		err := f.login(at(fmt.Sprintf("2001:db8:0:%x::1", i)), fmt.Sprint("name", i))
		if charcoal.CodeOf(err) == charcoal.RateLimited {
			if i != freeOfSite {
				t.Errorf("slowed down after %d failures, want %d free", i, freeOfSite)
			}
			wantCode(t, "login from another site", f.login(at("2001:db8:1::1"), "name"), charcoal.Unauthenticated)
			return
		}
	}
	t.Error("never slowed down")
}

// TestTheThrottleIsBounded: a stranger with ever new addresses takes no more memory.
func TestTheThrottleIsBounded(t *testing.T) {
	t.Parallel()
	throttle := newThrottle()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for i := range maxSources {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		try, _, _ := throttle.begin("ada", address, charcoal.ID{}, now)
		try.succeeded(now)
		throttle.begin("ada", address, charcoal.ID{}, now)
	}
	throttle.begin("ada", netip.Addr{}, charcoal.ID{}, now)
	if got := len(throttle.sources.items); got != maxSources {
		t.Errorf("sources: got %d, want %d", got, maxSources)
	}
	if got := len(throttle.trusted.items); got != maxTrusted {
		t.Errorf("trusted: got %d, want %d", got, maxTrusted)
	}
}

// TestAPasswordThatChangesMeanwhile ends the login that was under way with the old one.
func TestAPasswordThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "ada", charcoal.RoleUser)
	u, hash, err := f.userByName(t.Context(), "ada")
	noError(t, "read user", err)
	_, err = f.verify(t.Context(), attempt{Caller: at("192.0.2.1"), name: "ada", password: adaPassword, user: u, hash: hash})
	noError(t, "verify the old password", err)
	noError(t, "set password", f.SetPassword(t.Context(), CommandLine(), ada.ID, otherPassword))
	_, err = f.begin(t.Context(), at("192.0.2.1"), u, hash, "password")
	wantCode(t, "begin a session", err, charcoal.Conflict)
}

// TestTheLogGrowsWithAttemptsOnly: who is refused at no cost must not fill the disk.
func TestTheLogGrowsWithAttemptsOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 500 {
		_, _ = f.Login(t.Context(), at("198.51.100.7"), "hunter2", otherPassword)
	}
	got := f.actions(t)
	want := append(slices.Repeat([]charcoal.AuditAction{charcoal.AuditLoginFailed}, freeOfAccount), charcoal.AuditLoginThrottled)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	entries, err := f.AuditLog(t.Context(), CommandLine(), charcoal.ID{}, 1)
	noError(t, "read the log", err)
	if e := entries[0]; e.Name != "" || e.Details["user"] != "unknown" || e.Address != netip.MustParseAddr("198.51.100.7") {
		t.Errorf("entry of an unknown name: got %+v, want the address and not the name, which may be a password", e)
	}
}

// TestHashingIsBounded: with all places taken and a full queue, strangers are told to
// come back, and a known user gets in.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	known := f.as(t, "ada")
	for range cap(f.hasher.strangers.queue) {
		f.hasher.strangers.queue <- struct{}{}
	}
	err := f.login(at("198.51.100.7"), "ada")
	wantCode(t, "login of a stranger", err, charcoal.RateLimited)
	if e, _ := errors.AsType[*charcoal.Error](err); e == nil || e.RetryAfter <= 0 {
		t.Errorf("login of a stranger: %v does not say when to come back", err)
	}
	noError(t, "login of a known user", f.login(known, "ada"))
	for range freeOfAccount { // being refused is no failure
		wantCode(t, "login of a stranger", f.login(at("198.51.100.7"), "ada"), charcoal.RateLimited)
	}
	<-f.hasher.strangers.queue
	noError(t, "login when there is a place", f.login(at("198.51.100.7"), "ada"))
}

// TestPlacesAreFew: no more hashes at a time than there are places.
func TestPlacesAreFew(t *testing.T) {
	t.Parallel()
	p := newPlace(2)
	var now, most atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			err := p.do(context.Background(), func() {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				now.Add(-1)
			})
			if err != nil {
				t.Errorf("do: %v", err)
			}
		})
	}
	wg.Wait()
	if most.Load() > 2 {
		t.Errorf("at the same time: got %d, want at most 2", most.Load())
	}
}

// TestNobodyWaitsWhoIsGone: a caller that gives up leaves its place in the queue.
func TestNobodyWaitsWhoIsGone(t *testing.T) {
	t.Parallel()
	p := newPlace(1)
	p.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.do(ctx, func() { t.Error("done") }); !errors.Is(err, context.Canceled) {
		t.Errorf("do: got %v, want %v", err, context.Canceled)
	}
	if len(p.queue) != 0 {
		t.Errorf("%d still wait, want none", len(p.queue))
	}
}

// TestHashesAreUpgradedAtLogin, when the password is at hand.
func TestHashesAreUpgradedAtLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "ada", charcoal.RoleUser)
	f.hasher = newHasher(currentCost)
	weak := phc{cost: quick, salt: make([]byte, 16)}
	weak.key = weak.derive(adaPassword, 32)
	old := weak.String()
	_, err := f.store.ChangeUser(t.Context(), ada.ID, charcoal.UserChange{Password: &old}, f.entry(CommandLine(), charcoal.AuditPasswordChanged, ada.ID))
	noError(t, "store an old hash", err)
	_, err = f.Login(t.Context(), at("192.0.2.1"), "ada", otherPassword)
	wantCode(t, "login with a wrong password", err, charcoal.Unauthenticated)
	if _, hash, _ := f.store.UserByName(t.Context(), "ada"); hash != old {
		t.Errorf("hash after a wrong password: got %s, want the old one", hash)
	}
	noError(t, "login", f.login(at("192.0.2.1"), "ada"))
	_, hash, err := f.store.UserByName(t.Context(), "ada")
	noError(t, "read user", err)
	if h, err := parsePHC(hash); err != nil || h.cost != currentCost {
		t.Errorf("hash after login: got %s, want one of %+v", hash, currentCost)
	}
	noError(t, "login again", f.login(at("192.0.2.1"), "ada"))
}

package conformance

import (
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func leaseTests() []storeTest {
	return []storeTest{
		{"a stale lease changes nothing", testFencing},
		{"a heartbeat keeps leases and names the lost ones", testHeartbeat},
		{"leases that ran out are queued again", testExpiry},
		{"too many lost workers fail a rendering", testExpiryFails},
		{"an expired worker cannot claim the failure for itself", testFailAfterExpiry},
	}
}

// staleLeases are the ways to hold a lease that is not the current one. Each
// gets the first claim of a rendering and returns the lease to try.
func staleLeases() []struct {
	name string
	make func(*testing.T, charcoal.Store, charcoal.Lease) charcoal.Lease
} {
	return []struct {
		name string
		make func(*testing.T, charcoal.Store, charcoal.Lease) charcoal.Lease
	}{
		{"of another worker", func(_ *testing.T, _ charcoal.Store, l charcoal.Lease) charcoal.Lease {
			l.Worker = "mallory"
			return l
		}},
		{"of an attempt to come", func(_ *testing.T, _ charcoal.Store, l charcoal.Lease) charcoal.Lease {
			l.Attempt++
			return l
		}},
		{"of a rendering that is not there", func(_ *testing.T, _ charcoal.Store, l charcoal.Lease) charcoal.Lease {
			l.Rendering = charcoal.NewID()
			return l
		}},
		{"after a retry", func(t *testing.T, s charcoal.Store, l charcoal.Lease) charcoal.Lease {
			noError(t, "retry", s.Retry(t.Context(), l, "a bad day", noon()))
			return l
		}},
		{"after a release", func(t *testing.T, s charcoal.Store, l charcoal.Lease) charcoal.Lease {
			noError(t, "release", s.Release(t.Context(), l, time.Time{}))
			return l
		}},
		{"after its expiry", func(t *testing.T, s charcoal.Store, l charcoal.Lease) charcoal.Lease {
			expire(t, s, noon().Add(2*lease))
			return l
		}},
		{"after the same worker claimed again", func(t *testing.T, s charcoal.Store, l charcoal.Lease) charcoal.Lease {
			expire(t, s, noon().Add(2*lease))
			claim(t, s, l.Worker, noon().Add(2*lease))
			return l
		}},
	}
}

func expire(t *testing.T, s charcoal.Store, now time.Time) {
	t.Helper()
	_, _, err := s.ExpireLeases(t.Context(), now, 3, "the worker vanished")
	noError(t, "expire", err)
}

// uses are all that a lease is good for.
func uses() map[string]func(*testing.T, charcoal.Store, charcoal.Lease) error {
	return map[string]func(*testing.T, charcoal.Store, charcoal.Lease) error{
		"finish": func(t *testing.T, s charcoal.Store, l charcoal.Lease) error {
			return s.Finish(t.Context(), l, noon(), result())
		},
		"fail": func(t *testing.T, s charcoal.Store, l charcoal.Lease) error {
			return s.Fail(t.Context(), l, noon(), "it is no picture")
		},
		"retry": func(t *testing.T, s charcoal.Store, l charcoal.Lease) error {
			return s.Retry(t.Context(), l, "a bad day", noon())
		},
		"release": func(t *testing.T, s charcoal.Store, l charcoal.Lease) error {
			return s.Release(t.Context(), l, noon())
		},
	}
}

func testFencing(t *testing.T, s charcoal.Store) {
	for _, stale := range staleLeases() {
		img, _ := upload(t, s, noon())
		l := stale.make(t, s, leaseOf(claim(t, s, "a", noon())))
		wantNoUse(t, s, "a lease "+stale.name, l, img.ID)
		drain(t, s)
	}
	for _, end := range []string{"finish", "fail"} {
		img, _ := upload(t, s, noon())
		l := leaseOf(claim(t, s, "a", noon()))
		noError(t, end, uses()[end](t, s, l))
		wantNoUse(t, s, "a lease after "+end, l, img.ID, end)
	}
}

// wantNoUse tries everything with a stale lease, except what may be repeated.
func wantNoUse(t *testing.T, s charcoal.Store, what string, l charcoal.Lease, image charcoal.ID, except ...string) {
	t.Helper()
	before := readAll(t, s, noon(), image)
	all := uses()
	for _, name := range except {
		delete(all, name)
	}
	for name, use := range all {
		wantCode(t, name+" with "+what, use(t, s, l), charcoal.Conflict)
	}
	lost, err := s.Heartbeat(t.Context(), []charcoal.Lease{l}, noon().Add(time.Hour))
	noError(t, "heartbeat", err)
	equal(t, "lost by a heartbeat with "+what, lost, []charcoal.Lease{l})
	equal(t, "contents after "+what, readAll(t, s, noon(), image), before)
}

// drain finishes everything that waits or runs.
func drain(t *testing.T, s charcoal.Store) {
	t.Helper()
	later := noon().Add(24 * time.Hour)
	expire(t, s, later)
	for {
		job, err := s.Claim(t.Context(), "drain", later, later.Add(lease), 0)
		if charcoal.CodeOf(err) == charcoal.NotFound {
			return
		}
		noError(t, "claim", err)
		noError(t, "finish", s.Finish(t.Context(), leaseOf(job), later, result()))
	}
}

func testHeartbeat(t *testing.T, s charcoal.Store) {
	for range 3 {
		upload(t, s, noon())
	}
	kept, released, other := claim(t, s, "a", noon()), claim(t, s, "a", noon()), claim(t, s, "b", noon())
	noError(t, "release", s.Release(t.Context(), leaseOf(released), time.Time{}))
	beat := func(until time.Time, jobs ...charcoal.Job) []charcoal.Lease {
		var leases []charcoal.Lease
		for _, j := range jobs {
			leases = append(leases, leaseOf(j))
		}
		lost, err := s.Heartbeat(t.Context(), leases, until)
		noError(t, "heartbeat", err)
		return lost
	}
	until := noon().Add(3 * lease)
	equal(t, "lost", beat(until, kept, released), []charcoal.Lease{leaseOf(released)})
	equal(t, "lease kept", rendering(t, s, kept.Image.ID).LeaseUntil, until)
	equal(t, "lease of another", rendering(t, s, other.Image.ID).LeaseUntil, other.Rendering.LeaseUntil)
	equal(t, "lost by a beat that was overtaken", len(beat(noon().Add(2*lease), kept)), 0)
	equal(t, "lease after it", rendering(t, s, kept.Image.ID).LeaseUntil, until)
	equal(t, "lost by a beat without leases", len(beat(until)), 0)
}

func testExpiry(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	job := claim(t, s, "a", noon())
	end := job.Rendering.LeaseUntil
	expireWants := func(name string, now time.Time, wantRequeued int) {
		requeued, failed, err := s.ExpireLeases(t.Context(), now, 3, "the worker vanished")
		noError(t, name, err)
		equal(t, name, [2]int{requeued, failed}, [2]int{wantRequeued, 0})
	}
	expireWants("at the end of the lease", end, 0)
	expireWants("after it", end.Add(time.Microsecond), 1)
	expireWants("again", end.Add(time.Hour), 0)

	want := ended(job, charcoal.Queued, time.Time{})
	want.Losses = 1
	equal(t, "rendering", rendering(t, s, img.ID), want)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})
	equal(t, "next attempt", claim(t, s, "b", noon()).Rendering.Attempt, 2)
}

func testExpiryFails(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	now := noon()
	var got [][2]int
	for range 3 {
		claim(t, s, "a", now)
		now = now.Add(2 * lease)
		requeued, failed, err := s.ExpireLeases(t.Context(), now, 3, "the worker vanished 3 times")
		noError(t, "expire", err)
		got = append(got, [2]int{requeued, failed})
	}
	equal(t, "requeued and failed", got, [][2]int{{1, 0}, {1, 0}, {0, 1}})
	r := rendering(t, s, img.ID)
	equal(t, "state", r.State, charcoal.Failed)
	equal(t, "losses", r.Losses, 3)
	equal(t, "reason", r.Reason, "the worker vanished 3 times")
	equal(t, "finished when the lease ran out", r.Finished, now.Add(-lease))
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Failed: 1})
}

func testFailAfterExpiry(t *testing.T, s charcoal.Store) {
	upload(t, s, noon())
	job := claim(t, s, "a", noon())
	_, failed, err := s.ExpireLeases(t.Context(), noon().Add(2*lease), 1, "the worker vanished")
	noError(t, "expire", err)
	equal(t, "failed", failed, 1)
	wantCode(t, "fail", s.Fail(t.Context(), leaseOf(job), noon(), "mine"), charcoal.Conflict)
}

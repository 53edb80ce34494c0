package conformance

import (
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func fairTests() []storeTest {
	return []storeTest{
		{"one of many renderings does not wait for all of another's", testNoStarving},
		{"who has the fewest running is next", testFewestRunning},
		{"among equals who was not served for the longest time is next", testLongestUnserved},
		{"who comes back at once is not served before those who wait", testComingBack},
		{"owners at their limit are passed over", testPerOwner},
		{"a delayed rendering blocks no other of its owner", testDelayedBlocksNone},
		{"owners with nothing but delayed renderings have no turn", testOnlyDelayed},
		{"everything that becomes due at once is claimed", testDueAtOnce},
		{"what becomes due of owners at their limit hides no other", testDueBehindLimit},
		{"however a rendering ends, its place is free", testPlacesComeBack},
		{"a rendering that is taken back has no turn", testTakenBack},
	}
}

// uploadOf stores n images of an owner.
func uploadOf(t *testing.T, s charcoal.Store, owner charcoal.ID, n int) []charcoal.Rendering {
	t.Helper()
	all := make([]charcoal.Rendering, n)
	for i := range all {
		img, r := newUpload(noon())
		img.Owner, r.Owner = owner, owner
		commit(t, s, img, r)
		all[i] = r
	}
	return all
}

// claimFrom claims and wants a rendering of the owner.
func claimFrom(t *testing.T, s charcoal.Store, want charcoal.ID) charcoal.Job {
	t.Helper()
	job := claim(t, s, "a", noon())
	equal(t, "owner of the claimed", job.Rendering.Owner, want)
	return job
}

// drawFrom claims a rendering of the owner and finishes it.
func drawFrom(t *testing.T, s charcoal.Store, want charcoal.ID) {
	t.Helper()
	noError(t, "finish", s.Finish(t.Context(), leaseOf(claimFrom(t, s, want)), noon(), result()))
}

func wantNothingDue(t *testing.T, s charcoal.Store, perOwner int) {
	t.Helper()
	_, err := s.Claim(t.Context(), "a", noon(), noon().Add(lease), perOwner)
	wantCode(t, "claim", err, charcoal.NotFound)
}

func testNoStarving(t *testing.T, s charcoal.Store) {
	many, one := charcoal.NewID(), charcoal.NewID()
	queued := uploadOf(t, s, many, 50)
	for i := range 3 {
		equal(t, "own order", claimFrom(t, s, many).Rendering.ID, queued[i].ID)
	}
	late := uploadOf(t, s, one, 1)[0]
	equal(t, "claim", claimFrom(t, s, one).Rendering.ID, late.ID)
	equal(t, "own order goes on", claimFrom(t, s, many).Rendering.ID, queued[3].ID)
}

func testFewestRunning(t *testing.T, s charcoal.Store) {
	anna, ben := charcoal.NewID(), charcoal.NewID()
	uploadOf(t, s, anna, 5)
	for range 3 {
		claimFrom(t, s, anna)
	}
	uploadOf(t, s, ben, 5)
	for _, want := range []charcoal.ID{ben, ben, ben} {
		claimFrom(t, s, want)
	}
	claimFrom(t, s, anna) // three running each; Anna was served before Ben
	claimFrom(t, s, ben)
}

func testLongestUnserved(t *testing.T, s charcoal.Store) {
	owners := []charcoal.ID{charcoal.NewID(), charcoal.NewID(), charcoal.NewID()}
	for _, owner := range owners {
		uploadOf(t, s, owner, 1)
		drawFrom(t, s, owner)
	}
	for i := range owners { // queued in the other order
		uploadOf(t, s, owners[len(owners)-1-i], 2)
	}
	for range 2 {
		for _, owner := range owners {
			drawFrom(t, s, owner)
		}
	}
}

func testComingBack(t *testing.T, s charcoal.Store) {
	busy, patient := charcoal.NewID(), charcoal.NewID()
	uploadOf(t, s, patient, 4)
	drawFrom(t, s, patient)
	uploadOf(t, s, busy, 1)
	drawFrom(t, s, busy)
	for range 3 {
		uploadOf(t, s, busy, 1)
		drawFrom(t, s, patient)
		drawFrom(t, s, busy)
	}
}

func testPerOwner(t *testing.T, s charcoal.Store) {
	anna, ben := charcoal.NewID(), charcoal.NewID()
	uploadOf(t, s, anna, 4)
	for range 2 {
		_, err := s.Claim(t.Context(), "a", noon(), noon().Add(lease), 2)
		noError(t, "claim below the limit", err)
	}
	wantNothingDue(t, s, 2)
	uploadOf(t, s, ben, 1)
	job, err := s.Claim(t.Context(), "a", noon(), noon().Add(lease), 2)
	noError(t, "claim beside an owner at the limit", err)
	equal(t, "owner", job.Rendering.Owner, ben)
	wantNothingDue(t, s, 2)
	claimFrom(t, s, anna) // without a limit
}

func testDelayedBlocksNone(t *testing.T, s charcoal.Store) {
	anna, ben := charcoal.NewID(), charcoal.NewID()
	uploadOf(t, s, anna, 2)
	first := claimFrom(t, s, anna)
	noError(t, "retry", s.Retry(t.Context(), leaseOf(first), "a bad day", noon().Add(time.Hour)))
	second := claimFrom(t, s, anna)
	wantNothingDue(t, s, 0)

	uploadOf(t, s, ben, 1)
	claimFrom(t, s, ben)
	noError(t, "release", s.Release(t.Context(), leaseOf(second), time.Time{}))
	equal(t, "claim", claimFrom(t, s, anna).Rendering.ID, second.Rendering.ID)
}

func testOnlyDelayed(t *testing.T, s charcoal.Store) {
	for range 40 {
		owner := charcoal.NewID()
		uploadOf(t, s, owner, 1)
		noError(t, "release", s.Release(t.Context(), leaseOf(claimFrom(t, s, owner)), noon().Add(time.Hour)))
	}
	wantNothingDue(t, s, 0)
	late := charcoal.NewID()
	uploadOf(t, s, late, 1)
	claimFrom(t, s, late)
	wantNothingDue(t, s, 0)
}

func testDueAtOnce(t *testing.T, s charcoal.Store) {
	const all = 60
	later := noon().Add(time.Hour)
	owners := [3]charcoal.ID{charcoal.NewID(), charcoal.NewID(), charcoal.NewID()}
	for i := range all {
		owner := owners[i%3]
		uploadOf(t, s, owner, 1)
		noError(t, "release", s.Release(t.Context(), leaseOf(claimFrom(t, s, owner)), later))
	}
	seen := make(map[charcoal.ID]bool)
	for range all {
		seen[claim(t, s, "a", later).Rendering.ID] = true
	}
	equal(t, "claimed", len(seen), all)
}

func testDueBehindLimit(t *testing.T, s charcoal.Store) {
	later := noon().Add(time.Hour)
	anna, ben := charcoal.NewID(), charcoal.NewID()
	uploadOf(t, s, anna, 50)
	for range 50 {
		noError(t, "release", s.Release(t.Context(), leaseOf(claimFrom(t, s, anna)), later))
	}
	uploadOf(t, s, ben, 1)
	noError(t, "release", s.Release(t.Context(), leaseOf(claimFrom(t, s, ben)), later.Add(time.Second)))
	uploadOf(t, s, anna, 1)
	claimFrom(t, s, anna)

	after := later.Add(time.Minute)
	job, err := s.Claim(t.Context(), "a", after, after.Add(lease), 1)
	noError(t, "claim", err)
	equal(t, "owner", job.Rendering.Owner, ben)
}

func testPlacesComeBack(t *testing.T, s charcoal.Store) {
	ctx, owner := t.Context(), charcoal.NewID()
	for name, end := range map[string]func(charcoal.Lease) error{
		"finish":  func(l charcoal.Lease) error { return s.Finish(ctx, l, noon(), result()) },
		"fail":    func(l charcoal.Lease) error { return s.Fail(ctx, l, noon(), "no picture") },
		"retry":   func(l charcoal.Lease) error { return s.Retry(ctx, l, "a bad day", noon().Add(time.Hour)) },
		"release": func(l charcoal.Lease) error { return s.Release(ctx, l, noon().Add(time.Hour)) },
		"cancel":  func(l charcoal.Lease) error { _, err := s.CancelRendering(ctx, l.Rendering, noon()); return err },
		"expire": func(charcoal.Lease) error {
			_, _, err := s.ExpireLeases(ctx, noon().Add(2*lease), 1, "the worker vanished")
			return err
		},
	} {
		uploadOf(t, s, owner, 2)
		first, err := s.Claim(ctx, "a", noon(), noon().Add(lease), 1)
		noError(t, name+": claim", err)
		wantNothingDue(t, s, 1)
		noError(t, name, end(leaseOf(first)))
		second, err := s.Claim(ctx, "a", noon(), noon().Add(lease), 1)
		noError(t, name+": claim after it", err)
		noError(t, "finish", s.Finish(ctx, leaseOf(second), noon(), result()))
	}
}

func testTakenBack(t *testing.T, s charcoal.Store) {
	ctx, owner := t.Context(), charcoal.NewID()
	both := uploadOf(t, s, owner, 2)
	delayed := claimFrom(t, s, owner)
	noError(t, "release", s.Release(ctx, leaseOf(delayed), noon().Add(time.Second)))
	for _, r := range both {
		_, err := s.CancelRendering(ctx, r.ID, noon())
		noError(t, "cancel", err)
	}
	_, err := s.Claim(ctx, "a", noon().Add(time.Hour), noon().Add(2*time.Hour), 0)
	wantCode(t, "claim what was canceled", err, charcoal.NotFound)

	_, err = s.RestartRendering(ctx, delayed.Rendering.ID)
	noError(t, "restart", err)
	equal(t, "claim after a restart", claimFrom(t, s, owner).Rendering.ID, delayed.Rendering.ID)
	wantNothingDue(t, s, 0)
}

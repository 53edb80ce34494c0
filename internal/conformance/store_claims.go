package conformance

import (
	"sync"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func claimTests() []storeTest {
	return []storeTest{
		{"a claim hands out the work and its lease", testClaim},
		{"nothing due is not found", testNothingDue},
		{"the oldest due rendering is claimed first", testOldestFirst},
		{"nothing is claimed before its time", testNotBefore},
		{"no two claims get the same attempt", testDistinctClaims},
		{"finish makes it ready and records the picture", testFinish},
		{"finish keeps what its result does not know", testFinishUnknown},
		{"fail is for good and says why", testFail},
		{"retry queues it again and counts a failure", testRetry},
		{"release queues it again and counts none", testRelease},
	}
}

func testClaim(t *testing.T, s charcoal.Store) {
	img, want := upload(t, s, noon())
	now := noon().Add(time.Second)
	job, err := s.Claim(t.Context(), "worker-7", now, now.Add(lease), 0)
	noError(t, "claim", err)

	want.State, want.Attempt, want.Started = charcoal.Running, 1, now
	want.Worker, want.LeaseUntil = "worker-7", now.Add(lease)
	img.State = charcoal.Running
	equal(t, "claimed image", job.Image, img)
	equal(t, "claimed rendering", job.Rendering, want)
	equal(t, "what others read", rendering(t, s, img.ID), want)
	equal(t, "lease", leaseOf(job), charcoal.Lease{Rendering: want.ID, Worker: "worker-7", Attempt: 1})
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Running: 1})
}

func testNothingDue(t *testing.T, s charcoal.Store) {
	_, err := s.Claim(t.Context(), "a", noon(), noon().Add(lease), 0)
	wantCode(t, "claim from an empty store", err, charcoal.NotFound)
	upload(t, s, noon())
	claim(t, s, "a", noon())
	_, err = s.Claim(t.Context(), "a", noon().Add(24*time.Hour), noon().Add(25*time.Hour), 0)
	wantCode(t, "claim what runs, even on an old lease", err, charcoal.NotFound)
}

func testOldestFirst(t *testing.T, s charcoal.Store) {
	var want [4]charcoal.ID
	for i := range want {
		_, r := upload(t, s, noon())
		want[i] = r.ID
	}
	// The oldest comes back, due as long as the others or since a moment ago: it
	// is still the oldest.
	for _, notBefore := range []time.Time{{}, noon().Add(time.Second)} {
		first := claim(t, s, "a", noon())
		equal(t, "first claim", first.Rendering.ID, want[0])
		noError(t, "release", s.Release(t.Context(), leaseOf(first), notBefore))
	}
	for _, id := range want {
		equal(t, "claim", claim(t, s, "a", noon().Add(time.Minute)).Rendering.ID, id)
	}
}

func testNotBefore(t *testing.T, s charcoal.Store) {
	_, old := upload(t, s, noon())
	_, young := upload(t, s, noon())
	later := noon().Add(10 * time.Second)
	noError(t, "retry", s.Retry(t.Context(), leaseOf(claim(t, s, "a", noon())), "a bad day", later))

	equal(t, "claim while the oldest waits", claim(t, s, "a", noon()).Rendering.ID, young.ID)
	_, err := s.Claim(t.Context(), "a", later.Add(-time.Microsecond), later.Add(lease), 0)
	wantCode(t, "claim a moment too early", err, charcoal.NotFound)
	equal(t, "claim at the time", claim(t, s, "a", later).Rendering.ID, old.ID)
}

func testDistinctClaims(t *testing.T, s charcoal.Store) {
	const jobs = 10 * workers
	together(workers, func(int) {
		for range jobs / workers {
			upload(t, s, noon())
		}
	})
	wantDistinctClaims(t, jobs, func(int) charcoal.Store { return s })
	wantCounts(t, s, charcoal.Counts{Uploads: jobs, Running: jobs})
}

// wantDistinctClaims lets many workers claim until nothing is due.
func wantDistinctClaims(t *testing.T, jobs int, storeOf func(worker int) charcoal.Store) {
	t.Helper()
	var mu sync.Mutex
	claims := make(map[charcoal.ID]int)
	together(workers, func(i int) {
		for {
			job, err := storeOf(i).Claim(t.Context(), "a", noon(), noon().Add(lease), 0)
			if charcoal.CodeOf(err) == charcoal.NotFound {
				return
			}
			if err != nil {
				t.Errorf("claim: %v", err)
				return
			}
			mu.Lock()
			claims[job.Rendering.ID]++
			mu.Unlock()
		}
	})
	equal(t, "claimed renderings", len(claims), jobs)
	for id, n := range claims {
		if n != 1 {
			t.Errorf("rendering %s was claimed %d times, want once", id, n)
		}
	}
}

func testFinish(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	job := claim(t, s, "a", noon())
	done := noon().Add(3 * time.Second)
	noError(t, "finish", s.Finish(t.Context(), leaseOf(job), done, result()))

	want := ended(job, charcoal.Ready, done)
	want.Result = result()
	equal(t, "rendering", rendering(t, s, img.ID), want)
	wantImage := img
	wantImage.Picture, wantImage.State = result().Picture, charcoal.Ready
	got, err := s.Image(t.Context(), img.ID)
	noError(t, "read image", err)
	equal(t, "image", got, wantImage)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Ready: 1})

	noError(t, "finish again", s.Finish(t.Context(), leaseOf(job), done.Add(time.Hour), charcoal.Result{Cols: 1}))
	equal(t, "rendering after finishing again", rendering(t, s, img.ID), want)
}

// ended is a claimed rendering after its attempt.
func ended(job charcoal.Job, state charcoal.State, at time.Time) charcoal.Rendering {
	r := job.Rendering
	r.State, r.Finished = state, at
	r.Worker, r.LeaseUntil = "", time.Time{}
	return r
}

func testFinishUnknown(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	partial := charcoal.Result{Cols: 1, Rows: 1, Picture: charcoal.Picture{Width: 7, Height: 8}}
	noError(t, "finish", s.Finish(t.Context(), leaseOf(claim(t, s, "a", noon())), noon(), partial))
	got, err := s.Image(t.Context(), img.ID)
	noError(t, "read image", err)
	equal(t, "picture", got.Picture, charcoal.Picture{Format: "PNG", MediaType: "image/png", Width: 7, Height: 8})
	equal(t, "result", rendering(t, s, img.ID).Result.Picture, got.Picture)
}

func testFail(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	job := claim(t, s, "a", noon())
	done := noon().Add(3 * time.Second)
	noError(t, "fail", s.Fail(t.Context(), leaseOf(job), done, "it is no picture"))

	want := ended(job, charcoal.Failed, done)
	want.Reason, want.Failures = "it is no picture", 1
	equal(t, "rendering", rendering(t, s, img.ID), want)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Failed: 1})

	noError(t, "fail again", s.Fail(t.Context(), leaseOf(job), done.Add(time.Hour), "another reason"))
	equal(t, "rendering after failing again", rendering(t, s, img.ID), want)
}

func testRetry(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	job := claim(t, s, "a", noon())
	later := noon().Add(10 * time.Second)
	noError(t, "retry", s.Retry(t.Context(), leaseOf(job), "a bad day", later))

	want := ended(job, charcoal.Queued, time.Time{})
	want.Reason, want.Failures, want.NotBefore = "a bad day", 1, later
	equal(t, "rendering", rendering(t, s, img.ID), want)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})

	second := claim(t, s, "b", later)
	equal(t, "attempt", second.Rendering.Attempt, 2)
	equal(t, "reason while it runs again", second.Rendering.Reason, "")
	noError(t, "finish", s.Finish(t.Context(), leaseOf(second), later, result()))
	equal(t, "reason when ready", rendering(t, s, img.ID).Reason, "")
}

func testRelease(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	noError(t, "retry", s.Retry(t.Context(), leaseOf(claim(t, s, "a", noon())), "a bad day", noon()))
	job := claim(t, s, "b", noon())
	later := noon().Add(10 * time.Second)
	noError(t, "release", s.Release(t.Context(), leaseOf(job), later))

	want := ended(job, charcoal.Queued, time.Time{})
	want.Failures, want.NotBefore = 1, later
	want.Reason = "a bad day" // it still waits for that retry
	equal(t, "rendering", rendering(t, s, img.ID), want)
	equal(t, "next attempt", claim(t, s, "c", later).Rendering.Attempt, 3)
}

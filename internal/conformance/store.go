package conformance

import (
	"slices"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// OpenStore opens the store at one place. Opening it again, after a Close or
// beside another opening, gives the same data.
type OpenStore func(t *testing.T) charcoal.Store

// Store tests an adapter of [charcoal.Store]. Each call of newPlace makes an
// empty place.
func Store(t *testing.T, newPlace func(t *testing.T) OpenStore) {
	runEach(t, newPlace, storyTests())
	runEach(t, newPlace, contextTests())
	t.Run("what was done survives a reopening", func(t *testing.T) { testReopen(t, newPlace(t)) })
	t.Run("two openings share the work", func(t *testing.T) { testTwoOpenings(t, newPlace(t)) })
}

type storeTest struct {
	name string
	run  func(*testing.T, charcoal.Store)
}

// storyTests are those that need one opening and no context that ends.
func storyTests() []storeTest {
	return slices.Concat(uploadTests(), readTests(), claimTests(), leaseTests(), renderingTests(), fairTests(), wholeTests())
}

// runEach runs tests, each on an empty place.
func runEach(t *testing.T, newPlace func(t *testing.T) OpenStore, tests []storeTest) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, opened(t, newPlace(t)))
		})
	}
}

// opened opens a store and closes it after the test.
func opened(t *testing.T, open OpenStore) charcoal.Store {
	t.Helper()
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func testReopen(t *testing.T, open OpenStore) {
	s := open(t)
	var images []charcoal.ID
	for range 6 {
		img, _ := upload(t, s, noon())
		images = append(images, img.ID)
	}
	begun, _ := newUpload(noon())
	noError(t, "begin upload", s.BeginUpload(t.Context(), begun, unlimited))
	ctx := t.Context()
	noError(t, "finish", s.Finish(ctx, leaseOf(claim(t, s, "a", noon())), noon(), result()))
	noError(t, "fail", s.Fail(ctx, leaseOf(claim(t, s, "a", noon())), noon(), "a bad picture"))
	noError(t, "retry", s.Retry(ctx, leaseOf(claim(t, s, "a", noon())), "a bad day", noon().Add(time.Hour)))
	noError(t, "release", s.Release(ctx, leaseOf(claim(t, s, "a", noon())), noon().Add(time.Hour)))
	running := claim(t, s, "a", noon())
	before := readAll(t, s, noon(), images...)
	noError(t, "close", s.Close())

	s = opened(t, open)
	equal(t, "what is read after the reopening", readAll(t, s, noon(), images...), before)
	lost, err := s.Heartbeat(ctx, []charcoal.Lease{leaseOf(running)}, noon().Add(2*lease))
	noError(t, "heartbeat", err)
	equal(t, "leases lost by the reopening", len(lost), 0)
	noError(t, "commit the begun upload", justCommit(ctx, s, begun, charcoal.Rendering{ID: charcoal.NewID(), ImageID: begun.ID}))
}

func testTwoOpenings(t *testing.T, open OpenStore) {
	stores := []charcoal.Store{opened(t, open), opened(t, open)}
	const jobs = 40
	for i := range jobs {
		upload(t, stores[i%2], noon())
	}
	wantDistinctClaims(t, jobs, func(i int) charcoal.Store { return stores[i%2] })
}

func leaseOf(j charcoal.Job) charcoal.Lease { return j.Rendering.Lease() }

// contents is all that the reading methods say.
type contents struct {
	Counts     charcoal.Counts
	List       []charcoal.ID
	Stale      []charcoal.ID
	Images     map[charcoal.ID]charcoal.Image
	Renderings map[charcoal.ID][]charcoal.Rendering // by their image, newest first
}

// readAll reads everything there is about the images; stale uploads are those
// begun before a time.
func readAll(t *testing.T, s charcoal.Store, before time.Time, images ...charcoal.ID) contents {
	t.Helper()
	c := contents{Images: make(map[charcoal.ID]charcoal.Image), Renderings: make(map[charcoal.ID][]charcoal.Rendering)}
	var errs [3]error
	c.Counts, errs[0] = s.Counts(t.Context())
	c.List, errs[1] = s.ListImages(t.Context(), charcoal.ID{}, true, charcoal.ID{}, 1000)
	c.Stale, errs[2] = s.StaleUploads(t.Context(), before, 1000)
	for _, err := range errs {
		noError(t, "read", err)
	}
	for _, id := range images {
		img, err := s.Image(t.Context(), id)
		visible := slices.Contains(c.List, id)
		if !visible {
			wantCode(t, "read an image that is not listed", err, charcoal.NotFound)
			continue
		}
		noError(t, "read a listed image", err)
		c.Images[id] = img
		c.Renderings[id], err = s.Renderings(t.Context(), id, charcoal.ID{}, 1000)
		noError(t, "read renderings", err)
		equal(t, "first rendering", rendering(t, s, id), c.Renderings[id][len(c.Renderings[id])-1])
	}
	return c
}

package conformance

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func uploadTests() []storeTest {
	return []storeTest{
		{"a begun upload is not visible", testBegunIsHidden},
		{"a committed upload is visible and queued", testCommit},
		{"an image is begun once", testBeginTwice},
		{"only a begun upload is committed, and once", testCommitNeedsBegin},
		{"a refused commit changes nothing", testRefusedCommit},
		{"an abandoned upload is never committed", testAbandon},
		{"only an abandoned upload is forgotten", testForget},
		{"of commit and abandon one wins", testCommitAgainstAbandon},
		{"stale uploads come oldest first", testStaleUploads},
		{"a full backlog refuses an upload", testBacklog},
	}
}

func testBegunIsHidden(t *testing.T, s charcoal.Store) {
	img, _ := newUpload(noon())
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))

	equal(t, "contents", readAll(t, s, noon(), img.ID), contents{
		Images: map[charcoal.ID]charcoal.Image{}, Renderings: map[charcoal.ID][]charcoal.Rendering{},
	})
	_, err := s.FirstRendering(t.Context(), img.ID)
	wantCode(t, "read its rendering", err, charcoal.NotFound)
	_, err = s.Claim(t.Context(), "a", noon(), noon().Add(lease), 0)
	wantCode(t, "claim", err, charcoal.NotFound)
}

func testCommit(t *testing.T, s charcoal.Store) {
	img, r := newUpload(noon())
	noError(t, "begin upload", s.BeginUpload(t.Context(), charcoal.Image{ID: img.ID, Created: img.Created}, unlimited))
	r.NotBefore = noon().Add(time.Second)
	noError(t, "commit upload", justCommit(t.Context(), s, img, r))

	equal(t, "contents", readAll(t, s, noon().Add(time.Hour), img.ID), contents{
		Counts:     charcoal.Counts{Uploads: 1, Queued: 1},
		List:       []charcoal.ID{img.ID},
		Images:     map[charcoal.ID]charcoal.Image{img.ID: img},
		Renderings: map[charcoal.ID][]charcoal.Rendering{img.ID: {r}},
	})
}

func testBeginTwice(t *testing.T, s charcoal.Store) {
	img, r := newUpload(noon())
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
	wantCode(t, "begin a begun upload", s.BeginUpload(t.Context(), img, unlimited), charcoal.Conflict)
	noError(t, "commit upload", justCommit(t.Context(), s, img, r))
	wantCode(t, "begin a committed upload", s.BeginUpload(t.Context(), img, unlimited), charcoal.Conflict)
}

func testCommitNeedsBegin(t *testing.T, s charcoal.Store) {
	img, r := newUpload(noon())
	wantCode(t, "commit what was not begun", justCommit(t.Context(), s, img, r), charcoal.NotFound)
	wantCounts(t, s, charcoal.Counts{})
	commit(t, s, img, r)
	again := r
	again.ID = charcoal.NewID()
	wantCode(t, "commit again", justCommit(t.Context(), s, img, again), charcoal.NotFound)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})
}

// testRefusedCommit makes the last step of a commit fail: the first ones must
// be undone.
func testRefusedCommit(t *testing.T, s charcoal.Store) {
	_, taken := upload(t, s, noon())
	img, r := newUpload(noon())
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
	clash := r
	clash.ID = taken.ID
	wantCode(t, "commit with the id of another rendering", justCommit(t.Context(), s, img, clash), charcoal.Conflict)

	_, err := s.Image(t.Context(), img.ID)
	wantCode(t, "read the image", err, charcoal.NotFound)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})
	noError(t, "commit as it should be", justCommit(t.Context(), s, img, r))
}

func testAbandon(t *testing.T, s charcoal.Store) {
	img, r := newUpload(noon())
	wantCode(t, "abandon nothing", s.AbandonUpload(t.Context(), img.ID), charcoal.NotFound)
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
	noError(t, "abandon", s.AbandonUpload(t.Context(), img.ID))
	noError(t, "abandon again", s.AbandonUpload(t.Context(), img.ID))
	wantCode(t, "commit", justCommit(t.Context(), s, img, r), charcoal.NotFound)
	wantCode(t, "begin again", s.BeginUpload(t.Context(), img, unlimited), charcoal.Conflict)
	wantCounts(t, s, charcoal.Counts{})

	stored, _ := upload(t, s, noon())
	wantCode(t, "abandon a committed upload", s.AbandonUpload(t.Context(), stored.ID), charcoal.Conflict)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})
}

func testForget(t *testing.T, s charcoal.Store) {
	img, _ := newUpload(noon())
	wantCode(t, "forget nothing", s.ForgetUpload(t.Context(), img.ID), charcoal.NotFound)
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
	wantCode(t, "forget a begun upload", s.ForgetUpload(t.Context(), img.ID), charcoal.NotFound)
	noError(t, "abandon", s.AbandonUpload(t.Context(), img.ID))
	noError(t, "forget", s.ForgetUpload(t.Context(), img.ID))
	wantCode(t, "forget again", s.ForgetUpload(t.Context(), img.ID), charcoal.NotFound)
	wantCode(t, "abandon a forgotten upload", s.AbandonUpload(t.Context(), img.ID), charcoal.NotFound)

	stored, _ := upload(t, s, noon())
	wantCode(t, "forget a committed upload", s.ForgetUpload(t.Context(), stored.ID), charcoal.NotFound)
}

func testCommitAgainstAbandon(t *testing.T, s charcoal.Store) {
	for range 20 {
		img, r := newUpload(noon())
		noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
		var won atomic.Int64
		together(2, func(i int) {
			err := []func() error{
				func() error { return justCommit(t.Context(), s, img, r) },
				func() error { return s.AbandonUpload(t.Context(), img.ID) },
			}[i]()
			if err == nil {
				won.Add(1)
			}
		})
		equal(t, "winners", won.Load(), int64(1))
	}
}

func testStaleUploads(t *testing.T, s charcoal.Store) {
	var want []charcoal.ID
	for i := range 5 {
		img, _ := newUpload(noon().Add(time.Duration(i) * time.Second))
		noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
		want = append(want, img.ID)
	}
	noError(t, "abandon the last", s.AbandonUpload(t.Context(), want[4]))
	upload(t, s, noon()) // committed: never stale

	for _, test := range []struct {
		name   string
		before time.Duration
		limit  int
		want   []charcoal.ID
	}{
		{"abandoned ones whenever begun", 0, 10, want[4:]},
		{"begun before, not at the time", 2 * time.Second, 10, []charcoal.ID{want[0], want[1], want[4]}},
		{"all", time.Hour, 10, want},
		{"up to a limit", time.Hour, 2, want[:2]},
	} {
		got, err := s.StaleUploads(t.Context(), noon().Add(test.before), test.limit)
		noError(t, test.name, err)
		equal(t, test.name, got, test.want)
	}
	noError(t, "forget", s.ForgetUpload(t.Context(), want[4]))
	got, err := s.StaleUploads(t.Context(), noon().Add(time.Hour), 10)
	noError(t, "list after forgetting", err)
	equal(t, "list after forgetting", got, want[:4])
}

func testBacklog(t *testing.T, s charcoal.Store) {
	img, r := newUpload(noon())
	wantCode(t, "begin with no backlog allowed", s.BeginUpload(t.Context(), img, 0), charcoal.Overloaded)
	wantCode(t, "commit what was refused", justCommit(t.Context(), s, img, r), charcoal.NotFound)
	upload(t, s, noon())
	upload(t, s, noon())
	wantCode(t, "begin with 2 of 2 queued", s.BeginUpload(t.Context(), img, 2), charcoal.Overloaded)
	claim(t, s, "a", noon())
	noError(t, "begin with 1 of 2 queued", s.BeginUpload(t.Context(), img, 2))
}

func readTests() []storeTest {
	return []storeTest{
		{"images are listed newest first, by pages", testList},
		{"times are kept to the microsecond in UTC", testTimes},
		{"what is not there is not found", testNotFound},
		{"a ping answers", func(t *testing.T, s charcoal.Store) { noError(t, "ping", s.Ping(t.Context())) }},
	}
}

func testList(t *testing.T, s charcoal.Store) {
	var newestFirst []charcoal.ID
	for range 7 {
		img, _ := upload(t, s, noon())
		newestFirst = slices.Insert(newestFirst, 0, img.ID)
	}
	page := func(before charcoal.ID, limit int) []charcoal.ID {
		ids, err := s.ListImages(t.Context(), charcoal.ID{}, true, before, limit)
		noError(t, "list", err)
		return ids
	}
	equal(t, "first page", page(charcoal.ID{}, 3), newestFirst[:3])
	equal(t, "second page", page(newestFirst[2], 3), newestFirst[3:6])
	equal(t, "last page", page(newestFirst[5], 3), newestFirst[6:])
	equal(t, "after the last page", len(page(newestFirst[6], 3)), 0)
	equal(t, "everything", page(charcoal.ID{}, 1000), newestFirst)
	equal(t, "before an id that is not there", page(charcoal.NewID(), 1000), newestFirst)
}

func testTimes(t *testing.T, s charcoal.Store) {
	east := time.FixedZone("east", 5*3600)
	img, _ := upload(t, s, noon().Add(789).In(east))
	got, err := s.Image(t.Context(), img.ID)
	noError(t, "read image", err)
	equal(t, "created", got.Created, noon())
	if got.Created.Location() != time.UTC {
		t.Errorf("got location %v, want UTC", got.Created.Location())
	}
	r := rendering(t, s, img.ID)
	for what, never := range map[string]time.Time{
		"started": r.Started, "finished": r.Finished, "not before": r.NotBefore, "lease until": r.LeaseUntil,
	} {
		if !never.IsZero() {
			t.Errorf("%s is %v before it was, want the zero time", what, never)
		}
	}
}

func testNotFound(t *testing.T, s charcoal.Store) {
	for _, id := range []charcoal.ID{{}, charcoal.NewID()} {
		_, err := s.Image(t.Context(), id)
		wantCode(t, "image", err, charcoal.NotFound)
		_, err = s.FirstRendering(t.Context(), id)
		wantCode(t, "rendering", err, charcoal.NotFound)
	}
}

package conformance

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func renderingTests() []storeTest {
	return []storeTest{
		{"one image has many renderings", testManyRenderings},
		{"a rendering that asks for the same is not made twice", testSameRendering},
		{"one of many at once that ask for the same is made", testSameRenderingAtOnce},
		{"whoever wants to be told of a rendering is told", testSameRenderingTells},
		{"the same bytes of one owner are one image", testJoin},
		{"of the same bytes at once one image comes", testJoinAtOnce},
		{"an upload joins no image that goes sooner", testJoinKeeps},
		{"the state of an image is that of its newest rendering, whichever came last", testJoinLate},
		{"a canceled rendering is not drawn", testCancel},
		{"a canceled rendering takes the lease away", testCancelRunning},
		{"a failed rendering can be restarted", testRestart},
		{"a deleted rendering is gone", testDeleteRendering},
		{"a list of one owner has no others", testListOfOwner},
		{"the same rendering is found by its key", testFindSame},
		{"what an owner has waiting is counted to a limit", testWaiting},
	}
}

// another is a rendering of an image with a key of its own.
func another(img charcoal.Image, key byte) charcoal.Rendering {
	_, r := newUpload(noon())
	r.ImageID, r.Key = img.ID, charcoal.RenderingKey{key, 31: 1}
	return r
}

func add(t *testing.T, s charcoal.Store, r charcoal.Rendering) charcoal.Rendering {
	t.Helper()
	stands, _, err := s.AddRendering(t.Context(), r, unlimited)
	noError(t, "add rendering", err)
	return stands
}

func testManyRenderings(t *testing.T, s charcoal.Store) {
	img, first := upload(t, s, noon())
	second, third := add(t, s, another(img, 2)), add(t, s, another(img, 3))
	all, err := s.Renderings(t.Context(), img.ID, charcoal.ID{}, 2)
	noError(t, "renderings", err)
	equal(t, "the first page", all, []charcoal.Rendering{third, second})
	all, err = s.Renderings(t.Context(), img.ID, second.ID, 2)
	noError(t, "renderings", err)
	equal(t, "the second page", all, []charcoal.Rendering{first})
	got, err := s.Rendering(t.Context(), second.ID)
	noError(t, "rendering", err)
	equal(t, "one of them", got, second)

	_, _, err = s.AddRendering(t.Context(), another(img, 4), 3)
	wantCode(t, "add to a full queue", err, charcoal.Overloaded)
	stands, added, err := s.AddRendering(t.Context(), another(img, 3), 3)
	noError(t, "add what stands to a full queue", err)
	equal(t, "added", added, false)
	equal(t, "what stands", stands, third)
	unknown, _ := newUpload(noon())
	_, _, err = s.AddRendering(t.Context(), another(unknown, 1), unlimited)
	wantCode(t, "add to an unknown image", err, charcoal.NotFound)
}

func testSameRendering(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	wanted := another(img, 7)
	stands := add(t, s, wanted)
	again, added, err := s.AddRendering(t.Context(), another(img, 7), unlimited)
	noError(t, "add again", err)
	equal(t, "added", added, false)
	equal(t, "what stands", again, stands)
	_, err = s.CancelRendering(t.Context(), stands.ID, noon())
	noError(t, "cancel", err)
	_, added, err = s.AddRendering(t.Context(), another(img, 7), unlimited)
	noError(t, "add after a cancel", err)
	equal(t, "added after a cancel", added, true)
}

func testSameRenderingAtOnce(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	var made atomic.Int64
	together(workers, func(int) {
		_, added, err := s.AddRendering(t.Context(), another(img, 9), unlimited)
		if err != nil {
			t.Errorf("add: %v", err)
		}
		if added {
			made.Add(1)
		}
	})
	equal(t, "renderings made", made.Load(), int64(1))
}

func testSameRenderingTells(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	first := add(t, s, another(img, 1))
	asks := func(callback string) charcoal.Rendering {
		r := another(img, 1)
		r.Callback = callback
		return r
	}
	equal(t, "who need not be told", add(t, s, asks("")).ID, first.ID)
	told := asks("https://example.org/a")
	equal(t, "who is to be told", add(t, s, told).ID, told.ID)
	equal(t, "who is told already", add(t, s, asks("https://example.org/a")).ID, told.ID)
	other := asks("https://example.org/b")
	equal(t, "another who is to be told", add(t, s, other).ID, other.ID)
	for range 4 {
		noError(t, "finish", s.Finish(t.Context(), leaseOf(claim(t, s, "a", noon())), noon(), result()))
	}
	equal(t, "who learns at once that it is ready", add(t, s, asks("https://example.org/c")).ID, first.ID)
}

func testJoin(t *testing.T, s charcoal.Store) {
	img, first := newUpload(noon())
	first.Key = charcoal.RenderingKey{1}
	commit(t, s, img, first)

	same, asks := newUpload(noon())
	asks.Key = charcoal.RenderingKey{2}
	noError(t, "begin", s.BeginUpload(t.Context(), same, unlimited))
	stands, drawn, err := s.CommitUpload(t.Context(), same, asks, true)
	noError(t, "commit", err)
	equal(t, "the image that stands", stands.ID, img.ID)
	equal(t, "the rendering", []charcoal.ID{drawn.ID, drawn.ImageID}, []charcoal.ID{asks.ID, img.ID})
	stale, err := s.StaleUploads(t.Context(), noon(), 10)
	noError(t, "stale", err)
	equal(t, "the upload is left to be cleaned up", stale, []charcoal.ID{same.ID})
	_, err = s.Image(t.Context(), same.ID)
	wantCode(t, "the upload as an image", err, charcoal.NotFound)

	other, asks := newUpload(noon())
	other.Owner = charcoal.NewID()
	asks.Owner = other.Owner
	noError(t, "begin", s.BeginUpload(t.Context(), other, unlimited))
	stands, _, err = s.CommitUpload(t.Context(), other, asks, true)
	noError(t, "commit", err)
	equal(t, "the image of another owner", stands.ID, other.ID)
}

func testJoinAtOnce(t *testing.T, s charcoal.Store) {
	var images [workers]charcoal.ID
	together(workers, func(i int) {
		img, r := newUpload(noon())
		r.Key = charcoal.RenderingKey{5}
		if err := s.BeginUpload(t.Context(), img, unlimited); err != nil {
			t.Errorf("begin: %v", err)
		}
		stands, _, err := s.CommitUpload(t.Context(), img, r, true)
		if err != nil {
			t.Errorf("commit: %v", err)
		}
		images[i] = stands.ID
	})
	for _, id := range images {
		equal(t, "image", id, images[0])
	}
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})
}

func testJoinKeeps(t *testing.T, s charcoal.Store) {
	soon, _ := upload(t, s, noon())
	for _, step := range []struct {
		name    string
		expires time.Time
		joins   bool
	}{
		{"sooner", soon.Expires.Add(-time.Second), true},
		{"at the same time", soon.Expires, true},
		{"later", soon.Expires.Add(time.Second), false},
		{"never", time.Time{}, false},
	} {
		img, r := newUpload(noon())
		img.Expires = step.expires
		noError(t, "begin", s.BeginUpload(t.Context(), img, unlimited))
		stands, _, err := s.CommitUpload(t.Context(), img, r, true)
		noError(t, "commit", err)
		equal(t, "joins, though it is to expire "+step.name, stands.ID == soon.ID, step.joins)
	}
}

// testJoinLate commits an upload that was begun before another rendering was asked for.
func testJoinLate(t *testing.T, s charcoal.Store) {
	img, first := newUpload(noon())
	first.Key = charcoal.RenderingKey{1}
	same, late := newUpload(noon())
	late.Key = charcoal.RenderingKey{2}
	commit(t, s, img, first)
	newest := add(t, s, another(img, 3))
	noError(t, "begin", s.BeginUpload(t.Context(), same, unlimited))
	for range 2 {
		noError(t, "finish", s.Finish(t.Context(), leaseOf(claim(t, s, "a", noon())), noon(), result()))
	}
	stands, _, err := s.CommitUpload(t.Context(), same, late, true)
	noError(t, "commit", err)
	equal(t, "state in the answer", stands.State, charcoal.Ready)

	_, err = s.CancelRendering(t.Context(), late.ID, noon())
	noError(t, "cancel the late one", err)
	got, err := s.Image(t.Context(), img.ID)
	noError(t, "image", err)
	equal(t, "state of the image", got.State, charcoal.Ready)

	noError(t, "delete the newest", s.DeleteRendering(t.Context(), newest.ID))
	got, err = s.Image(t.Context(), img.ID)
	noError(t, "image", err)
	equal(t, "state of the image", got.State, charcoal.CanceledState)
}

func testCancel(t *testing.T, s charcoal.Store) {
	img, r := upload(t, s, noon())
	for range 2 {
		got, err := s.CancelRendering(t.Context(), r.ID, noon().Add(time.Second))
		noError(t, "cancel", err)
		equal(t, "state", got.State, charcoal.CanceledState)
		equal(t, "finished", got.Finished, noon().Add(time.Second))
	}
	_, err := s.Claim(t.Context(), "a", noon(), noon().Add(lease), 0)
	wantCode(t, "claim", err, charcoal.NotFound)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Canceled: 1})
	seen, err := s.Image(t.Context(), img.ID)
	noError(t, "image", err)
	equal(t, "state of the image", seen.State, charcoal.CanceledState)
	_, err = s.CancelRendering(t.Context(), charcoal.NewID(), noon())
	wantCode(t, "cancel what is not there", err, charcoal.NotFound)
}

func testCancelRunning(t *testing.T, s charcoal.Store) {
	_, r := upload(t, s, noon())
	l := leaseOf(claim(t, s, "a", noon()))
	_, err := s.CancelRendering(t.Context(), r.ID, noon())
	noError(t, "cancel", err)
	lost, err := s.Heartbeat(t.Context(), []charcoal.Lease{l}, noon().Add(lease))
	noError(t, "heartbeat", err)
	equal(t, "lost", lost, []charcoal.Lease{l})
	wantCode(t, "finish", s.Finish(t.Context(), l, noon(), result()), charcoal.Conflict)
	wantCode(t, "fail", s.Fail(t.Context(), l, noon(), "no"), charcoal.Conflict)
}

func testRestart(t *testing.T, s charcoal.Store) {
	_, r := upload(t, s, noon())
	_, err := s.RestartRendering(t.Context(), r.ID)
	wantCode(t, "restart what is queued", err, charcoal.Conflict)
	noError(t, "fail", s.Fail(t.Context(), leaseOf(claim(t, s, "a", noon())), noon(), "no"))
	got, err := s.RestartRendering(t.Context(), r.ID)
	noError(t, "restart", err)
	equal(t, "state, failures and attempts", []any{got.State, got.Failures, got.Attempt, got.Reason}, []any{charcoal.Queued, 0, 1, ""})
	job := claim(t, s, "a", noon())
	equal(t, "attempt", job.Rendering.Attempt, 2)
	noError(t, "finish", s.Finish(t.Context(), leaseOf(job), noon(), result()))
	_, err = s.RestartRendering(t.Context(), r.ID)
	wantCode(t, "restart what is ready", err, charcoal.Conflict)
	_, err = s.CancelRendering(t.Context(), r.ID, noon())
	wantCode(t, "cancel what is ready", err, charcoal.Conflict)
	_, err = s.RestartRendering(t.Context(), charcoal.NewID())
	wantCode(t, "restart what is not there", err, charcoal.NotFound)
}

func testDeleteRendering(t *testing.T, s charcoal.Store) {
	img, r := upload(t, s, noon())
	wantCode(t, "delete the only one", s.DeleteRendering(t.Context(), r.ID), charcoal.Conflict)
	l := leaseOf(claim(t, s, "a", noon()))
	second := add(t, s, another(img, 2))
	noError(t, "delete", s.DeleteRendering(t.Context(), r.ID))
	wantCode(t, "finish the deleted one", s.Finish(t.Context(), l, noon(), result()), charcoal.Conflict)
	_, err := s.Rendering(t.Context(), r.ID)
	wantCode(t, "read the deleted one", err, charcoal.NotFound)
	wantCode(t, "delete again", s.DeleteRendering(t.Context(), r.ID), charcoal.NotFound)
	equal(t, "the one that is left", rendering(t, s, img.ID).ID, second.ID)
	wantCounts(t, s, charcoal.Counts{Uploads: 1, Queued: 1})
}

func testFindSame(t *testing.T, s charcoal.Store) {
	img, _ := upload(t, s, noon())
	stands := add(t, s, another(img, 7))
	got, err := s.SameRendering(t.Context(), another(img, 7))
	noError(t, "look for the same", err)
	equal(t, "the same", got, stands)
	_, err = s.SameRendering(t.Context(), another(img, 8))
	wantCode(t, "look for another", err, charcoal.NotFound)
	_, err = s.CancelRendering(t.Context(), stands.ID, noon())
	noError(t, "cancel", err)
	_, err = s.SameRendering(t.Context(), another(img, 7))
	wantCode(t, "look for one that was canceled", err, charcoal.NotFound)
}

func testWaiting(t *testing.T, s charcoal.Store) {
	mine, r := newUpload(noon())
	mine.Owner = charcoal.NewID()
	r.Owner = mine.Owner
	commit(t, s, mine, r)
	upload(t, s, noon()) // of somebody else
	for key := range byte(3) {
		add(t, s, another(mine, key+1))
	}
	for most, want := range map[int64]int64{1: 1, 3: 3, 100: 4} {
		got, err := s.Waiting(t.Context(), mine.Owner, most)
		noError(t, "count what waits", err)
		equal(t, "waiting", got, want)
	}
	got, err := s.Waiting(t.Context(), charcoal.NewID(), 10)
	noError(t, "count what waits", err)
	equal(t, "of somebody without any", got, int64(0))
}

func testListOfOwner(t *testing.T, s charcoal.Store) {
	upload(t, s, noon())
	mine, r := newUpload(noon())
	mine.Owner = charcoal.NewID()
	r.Owner = mine.Owner
	commit(t, s, mine, r)
	upload(t, s, noon())
	ids, err := s.ListImages(context.WithoutCancel(t.Context()), mine.Owner, false, charcoal.ID{}, 10)
	noError(t, "list", err)
	equal(t, "images of one owner", ids, []charcoal.ID{mine.ID})
}

package conformance

import (
	"slices"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Library is a store of images with its catalogue.
type Library interface {
	charcoal.Store
	charcoal.Catalogue
}

// Catalogue tests an adapter of [charcoal.Catalogue]. Each call of newPlace makes an
// empty place; opening it again gives the same data.
func Catalogue(t *testing.T, newPlace func(t *testing.T) func(t *testing.T) Library) {
	for _, test := range slices.Concat(editTests(), binTests(), searchTests()) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, openedLibrary(t, newPlace(t)))
		})
	}
	t.Run("what one opening writes another finds at once", func(t *testing.T) { testTwoCatalogues(t, newPlace(t)) })
	t.Run("a search finds the same after a reopening", func(t *testing.T) { testReopenedSearch(t, newPlace(t)) })
}

type libraryTest struct {
	name string
	run  func(*testing.T, Library)
}

func openedLibrary(t *testing.T, open func(*testing.T) Library) Library {
	t.Helper()
	l := open(t)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func editTests() []libraryTest {
	return []libraryTest{
		{"an edit changes what it names", testEdit},
		{"what is not there, or in the bin, is not edited", testEditNothing},
	}
}

func testEdit(t *testing.T, l Library) {
	img, _ := upload(t, l, noon())
	title, visibility := `"><script>alert(1)</script>`, charcoal.Public
	tags, never := []string{"a", "b c"}, time.Time{}
	for _, step := range []struct {
		edit charcoal.ImageEdit
		want func(*charcoal.Image)
	}{
		{charcoal.ImageEdit{}, func(*charcoal.Image) {}},
		{charcoal.ImageEdit{Title: &title}, func(i *charcoal.Image) { i.Title = title }},
		{charcoal.ImageEdit{Tags: &tags}, func(i *charcoal.Image) { i.Tags = tags }},
		{charcoal.ImageEdit{Tags: &[]string{}}, func(i *charcoal.Image) { i.Tags = nil }},
		{charcoal.ImageEdit{Visibility: &visibility, Expires: &never}, func(i *charcoal.Image) { i.Visibility, i.Expires = visibility, never }},
	} {
		step.want(&img)
		got, err := l.EditImage(t.Context(), img.ID, step.edit)
		noError(t, "edit", err)
		equal(t, "the image returned", got, img)
		got, err = l.Image(t.Context(), img.ID)
		noError(t, "read", err)
		equal(t, "the image read", got, img)
	}
}

func testEditNothing(t *testing.T, l Library) {
	_, err := l.EditImage(t.Context(), charcoal.NewID(), charcoal.ImageEdit{})
	wantCode(t, "edit nothing", err, charcoal.NotFound)
	img, _ := upload(t, l, noon())
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	_, err = l.EditImage(t.Context(), img.ID, charcoal.ImageEdit{})
	wantCode(t, "edit what is in the bin", err, charcoal.NotFound)
}

func binTests() []libraryTest {
	return []libraryTest{
		{"what is in the bin is not visible, and not drawn", testBin},
		{"what is drawn while it is put into the bin is lost", testBinRunning},
		{"what was restored is visible again", testRestore},
		{"what expires is put into the bin", testBinExpired},
		{"what was restored after it expired stays", testRestoreExpired},
		{"what is purged is gone, and its blobs are garbage", testPurge},
		{"only what is long enough in the bin is purged, in steps", testPurgeInSteps},
	}
}

func testBin(t *testing.T, l Library) {
	img, r := upload(t, l, noon())
	wantCode(t, "bin nothing", l.BinImage(t.Context(), charcoal.NewID(), noon()), charcoal.NotFound)
	_, err := l.BinnedImage(t.Context(), img.ID)
	wantCode(t, "read what is not in the bin", err, charcoal.NotFound)
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	noError(t, "bin again", l.BinImage(t.Context(), img.ID, noon().Add(time.Hour)))

	_, err = l.Image(t.Context(), img.ID)
	wantCode(t, "read the image", err, charcoal.NotFound)
	_, err = l.Rendering(t.Context(), r.ID)
	wantCode(t, "read the rendering", err, charcoal.NotFound)
	_, err = l.Claim(t.Context(), "a", noon(), noon().Add(lease), 0)
	wantCode(t, "claim", err, charcoal.NotFound)
	wantCounts(t, l, charcoal.Counts{Uploads: 1, Canceled: 1})

	img.Deleted, img.State = noon(), charcoal.CanceledState
	got, err := l.BinnedImage(t.Context(), img.ID)
	noError(t, "read what is in the bin", err)
	equal(t, "the image in the bin", got, img)
}

func testBinRunning(t *testing.T, l Library) {
	img, _ := upload(t, l, noon())
	job := claim(t, l, "a", noon())
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	wantCode(t, "finish", l.Finish(t.Context(), leaseOf(job), noon(), result()), charcoal.Conflict)
	lost, err := l.Heartbeat(t.Context(), []charcoal.Lease{leaseOf(job)}, noon().Add(lease))
	noError(t, "heartbeat", err)
	equal(t, "leases lost", len(lost), 1)
}

func testRestore(t *testing.T, l Library) {
	img, _ := upload(t, l, noon())
	_, err := l.RestoreImage(t.Context(), img.ID)
	wantCode(t, "restore what is not in the bin", err, charcoal.NotFound)
	noError(t, "finish", l.Finish(t.Context(), leaseOf(claim(t, l, "a", noon())), noon(), result()))
	before, err := l.Image(t.Context(), img.ID)
	noError(t, "read", err)
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))
	got, err := l.RestoreImage(t.Context(), img.ID)
	noError(t, "restore", err)
	equal(t, "the image", got, before)
	equal(t, "the state of its rendering", rendering(t, l, img.ID).State, charcoal.Ready)
}

func testBinExpired(t *testing.T, l Library) {
	var images []charcoal.Image
	for i := range 3 {
		img, r := newUpload(noon())
		img.Expires = noon().Add(time.Duration(3-i) * time.Hour)
		commit(t, l, img, r)
		images = append(images, img)
	}
	never, r := newUpload(noon())
	never.Expires = time.Time{}
	commit(t, l, never, r)

	for _, step := range []struct {
		hours, limit, want int
		left               []charcoal.ID
	}{
		{0, 10, 0, []charcoal.ID{never.ID, images[2].ID, images[1].ID, images[0].ID}},
		{2, 1, 1, []charcoal.ID{never.ID, images[1].ID, images[0].ID}}, // the first to expire
		{2, 10, 1, []charcoal.ID{never.ID, images[0].ID}},
		{9, 10, 1, []charcoal.ID{never.ID}},
	} {
		n, err := l.BinExpired(t.Context(), noon().Add(time.Duration(step.hours)*time.Hour), step.limit)
		noError(t, "bin what expired", err)
		equal(t, "images put into the bin", n, step.want)
		left, err := l.ListImages(t.Context(), charcoal.ID{}, true, charcoal.ID{}, 10)
		noError(t, "list", err)
		equal(t, "what is left", left, step.left)
	}
}

func testRestoreExpired(t *testing.T, l Library) {
	img, _ := upload(t, l, noon())
	_, err := l.BinExpired(t.Context(), img.Expires, 1)
	noError(t, "bin what expired", err)
	got, err := l.RestoreImage(t.Context(), img.ID)
	noError(t, "restore", err)
	equal(t, "expires", got.Expires, time.Time{})
	n, err := l.BinExpired(t.Context(), img.Expires.Add(time.Hour), 1)
	noError(t, "bin what expired", err)
	equal(t, "images put into the bin", n, 0)
}

func testPurge(t *testing.T, l Library) {
	img, first := upload(t, l, noon())
	for range 2 { // two attempts at the first rendering, none at the second
		noError(t, "release", l.Release(t.Context(), leaseOf(claim(t, l, "a", noon())), time.Time{}))
	}
	second := add(t, l, another(img, 2))
	kept, _ := upload(t, l, noon())
	noError(t, "bin", l.BinImage(t.Context(), img.ID, noon()))

	n, err := l.PurgeImages(t.Context(), noon().Add(time.Second), 10)
	noError(t, "purge", err)
	equal(t, "images purged", n, 1)
	for _, id := range []charcoal.ID{first.ID, second.ID} {
		_, err := l.Rendering(t.Context(), id)
		wantCode(t, "read the rendering", err, charcoal.NotFound)
	}
	_, err = l.RestoreImage(t.Context(), img.ID)
	wantCode(t, "restore", err, charcoal.NotFound)
	wantCounts(t, l, charcoal.Counts{Uploads: 1, Queued: 1})
	_, err = l.Image(t.Context(), kept.ID)
	noError(t, "read another image", err)

	want := []string{charcoal.ArtKey(first.ID, 1), charcoal.ArtKey(first.ID, 2), charcoal.OriginalKey(img.ID)}
	wantGarbage(t, l, want)
	noError(t, "forget", l.ForgetGarbage(t.Context(), want[:1]))
	noError(t, "forget again", l.ForgetGarbage(t.Context(), want[:1]))
	noError(t, "forget nothing", l.ForgetGarbage(t.Context(), nil))
	wantGarbage(t, l, want[1:])
}

func wantGarbage(t *testing.T, l Library, want []string) {
	t.Helper()
	got, err := l.Garbage(t.Context(), 100)
	noError(t, "list garbage", err)
	slices.Sort(got)
	slices.Sort(want)
	equal(t, "garbage", got, want)
	one, err := l.Garbage(t.Context(), 1)
	noError(t, "list garbage", err)
	equal(t, "garbage up to a limit", len(one), 1)
}

func testPurgeInSteps(t *testing.T, l Library) {
	for i := range 5 {
		img, _ := upload(t, l, noon())
		noError(t, "bin", l.BinImage(t.Context(), img.ID, noon().Add(time.Duration(i)*time.Hour)))
	}
	for _, want := range []int{2, 1, 0} { // those binned in the hours 0 to 2
		n, err := l.PurgeImages(t.Context(), noon().Add(3*time.Hour), 2)
		noError(t, "purge", err)
		equal(t, "images purged", n, want)
	}
}

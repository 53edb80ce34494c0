// Package conformance holds what every adapter of a port must pass: one suite
// a port, one named subtest an obligation of its interface. It is imported by
// tests only.
//
// An adapter's own tests call the suite and add what only that technology can
// get wrong. The suites use no clock: times are values.
package conformance

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// workers is how many goroutines the tests of concurrent use have.
const workers = 16

// noon is when the story of every test begins.
func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 123_456_000, time.UTC) }

// wantCode fails the test unless err has the code; "" stands for no error.
func wantCode(t *testing.T, doing string, err error, want charcoal.Code) {
	t.Helper()
	if got := codeOf(err); got != want {
		t.Fatalf("%s: got code %q (%v), want %q", doing, got, err, want)
	}
}

func codeOf(err error) charcoal.Code {
	if err == nil {
		return ""
	}
	return charcoal.CodeOf(err)
}

func noError(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// together calls f n times at once and waits for all.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// newUpload makes an image and its first rendering, both created at a time.
func newUpload(created time.Time) (charcoal.Image, charcoal.Rendering) {
	img := charcoal.Image{
		ID:       charcoal.NewID(),
		Filename: `the "best" 'cat'; DROP TABLE images -- ü 猫.png`,
		Created:  created,
		Size:     12_345,
		SHA256:   [32]byte{0, 1, 2, 31: 255},
		Picture:  charcoal.Picture{Format: "PNG", MediaType: "image/png", Width: 640, Height: 480},

		Title: "Das Kätzchen", Tags: []string{"cat", "pet animal"}, Visibility: charcoal.Unlisted,
		Expires: created.Add(1000 * time.Hour), State: charcoal.Queued,
	}
	return img, charcoal.Rendering{
		ID:      charcoal.NewID(),
		ImageID: img.ID,
		Options: ascii.Options{Cols: 100, CellAspect: 0.5, Glyphs: "ascii", Color: "none", Invert: true},
		Engine:  "native",
		State:   charcoal.Queued,
		Created: created,
	}
}

// upload stores an image, ready to be claimed.
func upload(t *testing.T, s charcoal.Store, created time.Time) (charcoal.Image, charcoal.Rendering) {
	t.Helper()
	img, r := newUpload(created)
	commit(t, s, img, r)
	return img, r
}

func commit(t *testing.T, s charcoal.Store, img charcoal.Image, r charcoal.Rendering) {
	t.Helper()
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
	noError(t, "commit upload", justCommit(t.Context(), s, img, r))
}

// justCommit commits an upload whatever there is already.
func justCommit(ctx context.Context, s charcoal.Store, img charcoal.Image, r charcoal.Rendering) error {
	_, _, err := s.CommitUpload(ctx, img, r, false)
	return err
}

// unlimited is a backlog that is never reached.
const unlimited = 1 << 40

// lease is how long the tests' claims last.
const lease = time.Minute

func claim(t *testing.T, s charcoal.Store, worker string, now time.Time) charcoal.Job {
	t.Helper()
	job, err := s.Claim(t.Context(), worker, now, now.Add(lease), 0)
	noError(t, "claim", err)
	return job
}

// rendering reads the only rendering of an image.
func rendering(t *testing.T, s charcoal.Store, image charcoal.ID) charcoal.Rendering {
	t.Helper()
	r, err := s.FirstRendering(t.Context(), image)
	noError(t, "read rendering", err)
	return r
}

func wantCounts(t *testing.T, s charcoal.Store, want charcoal.Counts) {
	t.Helper()
	got, err := s.Counts(t.Context())
	noError(t, "count", err)
	equal(t, "counts", got, want)
}

// result is what the tests' workers learn of every picture.
func result() charcoal.Result {
	return charcoal.Result{
		Cols: 100, Rows: 37,
		Engine:      "native/1",
		ConvertTime: 7*time.Millisecond + 901*time.Nanosecond,
		Stages:      charcoal.Stages{Fetch: 1, Decode: 2 * time.Millisecond, Draw: 3 * time.Millisecond, Store: 4},
		Warnings:    []string{`turned 90° by "EXIF"`},
		Picture: charcoal.Picture{
			Format: "JPEG", MediaType: "image/jpeg", Width: 480, Height: 640, Frames: 74, Hash: 0xfedc_ba98_7654_3210,
		},
	}
}

// endedContext is one that nobody waits for any more.
func endedContext(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func wantCanceled(t *testing.T, doing string, err error) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%s with an ended context: got %v, want %v in the chain", doing, err, context.Canceled)
	}
}

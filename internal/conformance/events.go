package conformance

import (
	"sync"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// EventStore is a store that keeps the log of what happens in it.
type EventStore interface {
	charcoal.Store
	charcoal.Catalogue
	charcoal.Events
	charcoal.Webhooks
}

// Events tests an adapter of [charcoal.Events]. Each call of open makes an empty
// store, which the suite closes.
func Events(t *testing.T, open func(t *testing.T) EventStore) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, EventStore)
	}{
		{"an empty log", testNoEvents},
		{"an upload that is drawn", testUploadEvents},
		{"all that can become of a rendering", testRenderingEvents},
		{"all that people do with an image", testImageEvents},
		{"what is taken back has no event", testNoEventOfFailure},
		{"filters and pages", testEventFilters},
		{"numbers appear in their order", testEventOrder},
		{"old events go", testPurgeEvents},
		{"events from which webhooks are to be made stay", testPurgeUnplanned},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test.run(t, s)
		})
	}
}

// happened reads events after a number.
func happened(t *testing.T, s charcoal.Events, after int64, f charcoal.EventFilter) []charcoal.Event {
	t.Helper()
	all, err := s.EventsAfter(t.Context(), after, f, 10_000)
	noError(t, "read events", err)
	return all
}

func typesOf(events []charcoal.Event) []charcoal.EventType {
	var types []charcoal.EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

func wantSpan(t *testing.T, s charcoal.Events, purged, last int64) {
	t.Helper()
	gotPurged, gotLast, err := s.EventSpan(t.Context())
	noError(t, "read the span", err)
	equal(t, "purged and last", [2]int64{gotPurged, gotLast}, [2]int64{purged, last})
}

func testNoEvents(t *testing.T, s EventStore) {
	equal(t, "events", len(happened(t, s, 0, charcoal.EventFilter{})), 0)
	wantSpan(t, s, 0, 0)
	n, err := s.PurgeEvents(t.Context(), noon(), 10, 10)
	noError(t, "purge", err)
	equal(t, "purged", n, 0)
}

func testUploadEvents(t *testing.T, s EventStore) {
	img, r := uploadBy(t, s, charcoal.NewID(), noon())
	at := noon().Add(time.Second)
	noError(t, "finish", s.Finish(t.Context(), leaseOf(claim(t, s, "a", noon())), at, result()))

	got := happened(t, s, 0, charcoal.EventFilter{})
	event := func(i int, what charcoal.EventType, at time.Time, state charcoal.State) charcoal.Event {
		e := charcoal.Event{
			Seq: got[i].Seq, At: at, Type: what, Owner: img.Owner, Visibility: charcoal.Unlisted, Image: img.ID, State: state,
		}
		if state != "" {
			e.Rendering = r.ID
		}
		return e
	}
	equal(t, "events", len(got), 4)
	equal(t, "events", got, []charcoal.Event{
		event(0, charcoal.ImageCreated, noon(), ""),
		event(1, charcoal.RenderingQueued, noon(), charcoal.Queued),
		event(2, charcoal.RenderingRunning, noon(), charcoal.Running),
		event(3, charcoal.RenderingReady, at, charcoal.Ready),
	})
	wantSpan(t, s, got[0].Seq-1, got[3].Seq)
}

// uploadBy stores an image of an owner.
func uploadBy(t *testing.T, s charcoal.Store, owner charcoal.ID, created time.Time) (charcoal.Image, charcoal.Rendering) {
	t.Helper()
	img, r := newUpload(created)
	img.Owner, r.Owner = owner, owner
	commit(t, s, img, r)
	return img, r
}

func testRenderingEvents(t *testing.T, s EventStore) {
	ctx := t.Context()
	img, r := uploadBy(t, s, charcoal.NewID(), noon())
	noError(t, "retry", s.Retry(ctx, leaseOf(claim(t, s, "a", noon())), "a bad day", noon()))
	noError(t, "fail", s.Fail(ctx, leaseOf(claim(t, s, "a", noon())), noon(), "a bad picture"))
	_, err := s.RestartRendering(ctx, r.ID)
	noError(t, "restart", err)
	_, err = s.CancelRendering(ctx, r.ID, noon())
	noError(t, "cancel", err)
	_, err = s.CancelRendering(ctx, r.ID, noon())
	noError(t, "cancel again", err)
	second := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Options: r.Options, Created: noon()}
	_, _, err = s.AddRendering(ctx, second, unlimited)
	noError(t, "add a rendering", err)
	claim(t, s, "a", noon())
	_, _, err = s.ExpireLeases(ctx, noon().Add(2*lease), 1, "lost")
	noError(t, "expire", err)
	noError(t, "delete", s.DeleteRendering(ctx, r.ID))

	got := happened(t, s, 0, charcoal.EventFilter{})
	equal(t, "types", typesOf(got), []charcoal.EventType{
		charcoal.ImageCreated, charcoal.RenderingQueued, charcoal.RenderingRunning, charcoal.RenderingQueued,
		charcoal.RenderingRunning, charcoal.RenderingFailed, charcoal.RenderingQueued, charcoal.RenderingCanceled,
		charcoal.RenderingQueued, charcoal.RenderingRunning, charcoal.RenderingFailed, charcoal.RenderingDeleted,
	})
	for _, e := range got {
		if e.At.IsZero() || e.Owner != img.Owner || e.Image != img.ID || (e.Rendering != charcoal.ID{}) != (e.State != "") {
			t.Errorf("incomplete: %+v", e)
		}
	}
}

func testImageEvents(t *testing.T, s EventStore) {
	ctx := t.Context()
	img, _ := uploadBy(t, s, charcoal.NewID(), noon())
	noError(t, "finish", s.Finish(ctx, leaseOf(claim(t, s, "a", noon())), noon(), result()))
	_, last, err := s.EventSpan(ctx)
	noError(t, "read the span", err)

	title, public := "another title", charcoal.Public
	_, err = s.EditImage(ctx, img.ID, charcoal.ImageEdit{Title: &title, Visibility: &public})
	noError(t, "edit", err)
	_, err = s.EditImage(ctx, img.ID, charcoal.ImageEdit{Title: &title})
	noError(t, "edit nothing", err)
	noError(t, "delete", s.BinImage(ctx, img.ID, noon().Add(time.Hour)))
	noError(t, "delete again", s.BinImage(ctx, img.ID, noon().Add(time.Hour)))
	_, err = s.RestoreImage(ctx, img.ID)
	noError(t, "restore", err)
	noError(t, "delete", s.BinImage(ctx, img.ID, noon().Add(time.Hour)))
	_, err = s.PurgeImages(ctx, noon().Add(2*time.Hour), 10)
	noError(t, "purge", err)

	got := happened(t, s, last, charcoal.EventFilter{})
	equal(t, "types", typesOf(got), []charcoal.EventType{
		charcoal.ImageEdited, charcoal.ImageDeleted, charcoal.ImageRestored, charcoal.ImageDeleted,
	})
	equal(t, "visibility", got[0].Visibility, charcoal.Public)
	equal(t, "time of deletion", got[1].At, noon().Add(time.Hour))
}

func testNoEventOfFailure(t *testing.T, s EventStore) {
	img, r := newUpload(noon())
	wantCode(t, "commit what was not begun", justCommit(t.Context(), s, img, r), charcoal.NotFound)
	noError(t, "begin upload", s.BeginUpload(t.Context(), img, unlimited))
	equal(t, "events", len(happened(t, s, 0, charcoal.EventFilter{})), 0)
}

func testEventFilters(t *testing.T, s EventStore) {
	owner := charcoal.NewID()
	a, _ := uploadBy(t, s, owner, noon())
	uploadBy(t, s, charcoal.NewID(), noon())
	b, _ := uploadBy(t, s, owner, noon())
	all := happened(t, s, 0, charcoal.EventFilter{})
	other := charcoal.NewID()
	for _, f := range []charcoal.EventFilter{
		{}, {Owner: &owner}, {Image: &a.ID}, {Owner: &owner, Image: &b.ID}, {Owner: &other, Image: &b.ID}, {Image: &other},
	} {
		var want []charcoal.Event
		for _, e := range all {
			if f.Match(e) {
				want = append(want, e)
			}
		}
		equal(t, "filtered events", happened(t, s, 0, f), want)
		var paged []charcoal.Event
		for after := int64(0); ; {
			page, err := s.EventsAfter(t.Context(), after, f, 1)
			noError(t, "read a page", err)
			if len(page) == 0 {
				break
			}
			paged, after = append(paged, page...), page[0].Seq
		}
		equal(t, "pages", paged, want)
	}
}

// testEventOrder follows the log while many write: who reads on from the last
// number that they saw must find everything.
func testEventOrder(t *testing.T, s EventStore) {
	const each = 10
	var writers sync.WaitGroup
	for range workers {
		writers.Go(func() {
			for range each {
				img, r := newUpload(noon())
				if err := s.BeginUpload(t.Context(), img, unlimited); err != nil {
					t.Errorf("begin upload: %v", err)
				}
				if err := justCommit(t.Context(), s, img, r); err != nil {
					t.Errorf("commit upload: %v", err)
				}
			}
		})
	}
	seen := make(map[int64]bool)
	var after int64
	for len(seen) < 2*workers*each && !t.Failed() {
		page, err := s.EventsAfter(t.Context(), after, charcoal.EventFilter{}, 7)
		noError(t, "read events", err)
		for _, e := range page {
			if e.Seq <= after {
				t.Fatalf("number %d after %d", e.Seq, after)
			}
			after = e.Seq
			seen[e.Seq] = true
		}
	}
	writers.Wait()
	equal(t, "events read on the way", len(seen), len(happened(t, s, 0, charcoal.EventFilter{})))
}

func testPurgeEvents(t *testing.T, s EventStore) {
	ctx := t.Context()
	for i := range 5 {
		upload(t, s, noon().Add(time.Duration(i)*time.Hour))
	}
	planAll(t, s)
	all := happened(t, s, 0, charcoal.EventFilter{})
	first, last := all[0].Seq, all[len(all)-1].Seq

	n, err := s.PurgeEvents(ctx, noon(), 1000, 1000)
	noError(t, "purge nothing", err)
	equal(t, "purged", n, 0)
	n, err = s.PurgeEvents(ctx, noon().Add(2*time.Hour), 1000, 3)
	noError(t, "purge a part", err)
	equal(t, "purged", n, 3)
	wantSpan(t, s, first+2, last)
	n, err = s.PurgeEvents(ctx, noon().Add(2*time.Hour), 1000, 1000)
	noError(t, "purge the rest", err)
	equal(t, "purged", n, 1)
	equal(t, "what is left", happened(t, s, 0, charcoal.EventFilter{}), all[4:])
	n, err = s.PurgeEvents(ctx, noon(), 2, 1000)
	noError(t, "purge all but two", err)
	equal(t, "purged", n, 4)
	equal(t, "what is left", happened(t, s, 0, charcoal.EventFilter{}), all[8:])
	_, err = s.PurgeEvents(ctx, noon().Add(100*time.Hour), 2, 1000)
	noError(t, "purge all", err)
	wantSpan(t, s, last, last)
	upload(t, s, noon())
	if next := happened(t, s, 0, charcoal.EventFilter{}); next[0].Seq <= last {
		t.Errorf("number %d is used again", next[0].Seq)
	}
}

func testPurgeUnplanned(t *testing.T, s EventStore) {
	upload(t, s, noon())
	n, err := s.PurgeEvents(t.Context(), noon().Add(time.Hour), 0, 1000)
	noError(t, "purge", err)
	equal(t, "purged before planning", n, 0)
	planAll(t, s)
	n, err = s.PurgeEvents(t.Context(), noon().Add(time.Hour), 0, 1000)
	noError(t, "purge", err)
	equal(t, "purged after planning", n, 2)
}

// planAll makes all deliveries that there are to make.
func planAll(t *testing.T, s charcoal.Webhooks) (made int) {
	t.Helper()
	for {
		seen, n, err := s.PlanDeliveries(t.Context(), noon(), 3)
		noError(t, "plan", err)
		made += n
		if seen == 0 {
			return made
		}
	}
}

package convert

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// TestSweepExpiresLeases of workers that are never heard of again, as those of
// a picture that kills its worker.
func TestSweepExpiresLeases(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		for failures := range rules().MaxLosses {
			w.claim("doomed")
			<-time.After(rules().Lease)
			w.sweep()
			equal(t, "state on time", w.rendering(img.ID).State, charcoal.Running)
			equal(t, "losses on time", w.rendering(img.ID).Losses, failures)
			<-time.After(time.Microsecond)
			w.sweep()
			equal(t, "losses", w.rendering(img.ID).Losses, failures+1)
		}
		r := w.rendering(img.ID)
		equal(t, "state", r.State, charcoal.Failed)
		equal(t, "reason", r.Reason, "given up after 6 attempts: each time the worker stopped before it was done")
	})
}

// TestSweepAtAStart takes everything for dead, however young.
func TestSweepAtAStart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.claim("of the process before")
		w.begin()
		afterAll := time.Now().AddDate(100, 0, 0)
		noError(t, "sweep", w.Sweep(t.Context(), afterAll, afterAll))
		w.checkNoUploads()
		w.checkFiles(charcoal.OriginalKey(img.ID))
		w.attempt()
		equal(t, "state", w.rendering(img.ID).State, charcoal.Ready)
	})
}

// begin leaves what a process does that dies before the commit.
func (w *world) begin() charcoal.ID {
	w.t.Helper()
	img := charcoal.Image{ID: charcoal.NewID(), Created: time.Now()}
	noError(w.t, "begin", w.adapter.Store.BeginUpload(w.t.Context(), img, 1000))
	_, err := w.adapter.Blobs.Put(w.t.Context(), charcoal.OriginalKey(img.ID), bytes.NewReader([]byte("half")))
	noError(w.t, "put", err)
	return img.ID
}

func TestSweepRemovesOldUploads(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.begin()
		<-time.After(time.Minute)
		young := w.begin()
		noError(t, "sweep", w.Sweep(t.Context(), time.Now(), time.Now().Add(-time.Second)))
		w.checkFiles(charcoal.OriginalKey(young))
		w.sweepAll()
		w.checkNothing()
	})
}

func TestSweepRemovesMoreThanABatch(t *testing.T) {
	inWorld(t, func(_ *testing.T, w *world) {
		for range 2*sweepBatch + 1 {
			w.begin()
		}
		w.sweepAll()
		w.checkNothing()
	})
}

// TestSweepGoesOn past what it cannot do, says so, and does it the next time.
func TestSweepGoesOn(t *testing.T) {
	for _, step := range []string{"AbandonUpload", "Delete", "ForgetUpload"} {
		t.Run(step, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				for range 3 {
					w.begin()
					<-time.After(time.Second)
				}
				cause := errors.New("permission denied")
				w.on(step, times(1, broken(cause)))
				if err := w.Sweep(t.Context(), time.Now(), time.Now()); !errors.Is(err, cause) {
					t.Errorf("sweep: got %v, want %v", err, cause)
				}
				stale, err := w.adapter.Store.StaleUploads(t.Context(), time.Now(), 10)
				noError(t, "stale uploads", err)
				equal(t, "uploads left", len(stale), 1)
				w.sweepAll()
				w.checkNothing()
			})
		})
	}
}

// TestSweepPassesWhatStays however much of it comes first.
func TestSweepPassesWhatStays(t *testing.T) {
	const stay, others = sweepBatch + 50, 10
	t.Run("uploads", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			for range stay + others {
				w.begin()
			}
			w.on("Delete", times(stay, broken(errors.ErrUnsupported)))
			if err := w.Sweep(t.Context(), time.Now(), time.Now().Add(time.Hour)); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("sweep: got %v", err)
			}
			left, err := w.adapter.Store.StaleUploads(t.Context(), time.Now(), 1000)
			noError(t, "stale uploads", err)
			equal(t, "uploads left", len(left), stay)
		})
	})
	t.Run("garbage", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			for range stay + others {
				noError(t, "delete", w.Delete(t.Context(), charcoal.OpenActor(), w.submit(pngOf(t, 16, 16)).ID))
			}
			<-time.After(rules().BinTime + time.Second)
			w.on("Delete", times(stay, broken(errors.ErrUnsupported)))
			if err := w.Tidy(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("tidy: got %v", err)
			}
			left, err := w.adapter.Catalogue.Garbage(t.Context(), 1000)
			noError(t, "garbage", err)
			equal(t, "blobs left", len(left), stay)
		})
	})
}

// TestSweepDoesAllItsParts whatever one of them says.
func TestSweepDoesAllItsParts(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.begin()
		w.on("CommitUpload", broken(full()))
		w.on("AbandonUpload", times(2, broken(full())))
		_, err := w.Submit(t.Context(), uploadOf(pngOf(t, 16, 16)))
		wantCode(t, "submit", err, charcoal.StorageFull)
		err = w.Sweep(t.Context(), time.Now(), time.Now().Add(time.Hour)) // its leftover fails, the old ones do not
		wantCode(t, "sweep", err, charcoal.StorageFull)
		w.sweep()
		w.checkNothing()
	})
}

func TestSweepEndsWithItsContext(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for range 3 {
			w.begin()
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		wantCode(t, "sweep", w.Sweep(ctx, time.Now(), time.Now().Add(time.Hour)), charcoal.Canceled)
		w.sweepAll()
		w.checkNothing()
	})
}

func TestLeftoversAreBounded(t *testing.T) {
	var l leftovers
	for range maxLeftovers + 10 {
		l.add(charcoal.NewID())
	}
	equal(t, "leftovers", len(l.take()), maxLeftovers)
	equal(t, "leftovers after", len(l.take()), 0)
}

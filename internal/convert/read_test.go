package convert

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
)

func TestFindNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, _, err := w.Find(t.Context(), charcoal.OpenActor(), charcoal.NewID())
		wantCode(t, "find", err, charcoal.NotFound)
		_, _, err = w.Await(t.Context(), charcoal.OpenActor(), charcoal.NewID(), time.Hour)
		wantCode(t, "await", err, charcoal.NotFound)
	})
}

// TestFindReadsNothingTorn lets the job end between the two rows that are read.
// What a ready rendering taught about its image must then be there.
func TestFindReadsNothingTorn(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 12))
		job := w.claim("w")
		result := charcoal.Result{Picture: charcoal.Picture{Format: "PNG", Width: 1600, Height: 1200}} // more than the probe saw
		var once sync.Once
		between := func(_ context.Context, call func() error) error {
			err := call()
			once.Do(func() {
				noError(t, "finish", w.adapter.Store.Finish(t.Context(), job.Rendering.Lease(), time.Now(), result))
			})
			return err
		}
		w.on("Image", between)
		w.on("FirstRendering", between)
		got, r, err := w.Find(t.Context(), charcoal.OpenActor(), img.ID)
		noError(t, "find", err)
		if r.State == charcoal.Ready && got.Width != 1600 {
			t.Errorf("find: got a ready rendering with an image %d wide, want what is known since", got.Width)
		}
	})
}

func TestArtAndOriginalThatAreMissing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.attempt()
		r := w.rendering(img.ID)
		for _, key := range []string{charcoal.OriginalKey(img.ID), charcoal.ArtKey(r.ID, r.Attempt)} {
			noError(t, "removing", w.adapter.Blobs.Delete(t.Context(), key))
		}
		_, err := w.Art(t.Context(), r)
		wantCode(t, "art", err, charcoal.Internal) // not NotFound: its address is right
		_, err = w.Original(t.Context(), img)
		wantCode(t, "original", err, charcoal.Internal)
	})
}

func TestArtThatIsDamaged(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.attempt()
		r := w.rendering(img.ID)
		path := filepath.Join(w.data, "blobs", charcoal.ArtKey(r.ID, r.Attempt))
		noError(t, "damaging", os.WriteFile(path, read(t, path)[:10], 0o600))
		_, err := w.Art(t.Context(), r)
		wantCode(t, "art", err, charcoal.Internal)
	})
}

// awaited is what an Await said, and how long it took.
type awaited struct {
	state charcoal.State
	took  time.Duration
	err   error
}

func (w *world) await(ctx context.Context, image charcoal.ID, patience time.Duration) <-chan awaited {
	answer := make(chan awaited, 1)
	go func() {
		start := time.Now()
		_, r, err := w.Await(ctx, charcoal.OpenActor(), image, patience)
		answer <- awaited{r.State, time.Since(start), err}
	}()
	synctest.Wait() // it waits, or is done
	return answer
}

func (w *world) checkNobodyWaits() {
	w.t.Helper()
	w.changes.mu.Lock()
	defer w.changes.mu.Unlock()
	equal(w.t, "images that are watched", len(w.changes.waiters), 0)
}

func TestAwaitWhatIsFinal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.attempt()
		equal(t, "answer", <-w.await(t.Context(), img.ID, time.Hour), awaited{state: charcoal.Ready})
		w.checkNobodyWaits()
	})
}

// TestAwaitIsWoken has many waiters: each is told at the moment of the change,
// without time for a poll.
func TestAwaitIsWoken(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img, other := w.submit(pngOf(t, 16, 16)), w.submit(pngOf(t, 16, 16))
		var answers []<-chan awaited
		for range 50 {
			answers = append(answers, w.await(t.Context(), img.ID, time.Hour))
		}
		notYet := w.await(t.Context(), other.ID, time.Minute)
		w.attempt()
		for _, answer := range answers {
			equal(t, "answer", <-answer, awaited{state: charcoal.Ready})
		}
		equal(t, "answer about another image", <-notYet, awaited{state: charcoal.Queued, took: time.Minute})
		w.checkNobodyWaits()
	})
}

// TestAwaitSleepsThroughARetry: a change that is not final ends no wait.
func TestAwaitSleepsThroughARetry(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.on("Convert", times(1, broken(os.ErrDeadlineExceeded)))
		answer := w.await(t.Context(), img.ID, time.Hour)
		w.attempt()
		<-time.After(time.Second)
		w.attempt()
		equal(t, "answer", <-answer, awaited{state: charcoal.Ready, took: time.Second})
	})
}

func TestAwaitFindsWhatAnotherProcessDid(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		answer := w.await(t.Context(), img.ID, time.Hour)
		another := New(rules(), w.adapter)
		job, err := another.Claim(t.Context(), "another")
		noError(t, "claim", err)
		noError(t, "run", another.Run(t.Context(), job))
		equal(t, "answer", <-answer, awaited{state: charcoal.Ready, took: minPoll})
	})
}

func TestAwaitEnds(t *testing.T) {
	t.Run("with its patience", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			img := w.submit(pngOf(t, 16, 16))
			equal(t, "answer", <-w.await(t.Context(), img.ID, 1234*time.Millisecond),
				awaited{state: charcoal.Queued, took: 1234 * time.Millisecond})
			w.checkNobodyWaits()
		})
	})
	t.Run("with its caller", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			img := w.submit(pngOf(t, 16, 16))
			ctx, leave := context.WithCancel(t.Context())
			answer := w.await(ctx, img.ID, time.Hour)
			leave()
			got := <-answer
			wantCode(t, "await", got.err, charcoal.Canceled)
			equal(t, "time", got.took, 0)
			w.checkNobodyWaits()
		})
	})
}

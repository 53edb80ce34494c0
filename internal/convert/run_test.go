package convert

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
)

func TestRun(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 12))
		w.attempt()
		got, r, err := w.Find(t.Context(), charcoal.OpenActor(), img.ID)
		noError(t, "find", err)
		equal(t, "state", r.State, charcoal.Ready)
		equal(t, "failures", r.Failures, 0)
		equal(t, "engine", r.Result.Engine, "native/1")
		equal(t, "picture", got.Picture, charcoal.Picture{Format: "PNG", MediaType: "image/png", Width: 16, Height: 12, Frames: 1, Hash: got.Hash})
		art, err := w.Art(t.Context(), r)
		noError(t, "art", err)
		equal(t, "columns", art.Cols, 8)
		equal(t, "rows", art.Rows, 3)
		equal(t, "size of the result", [2]int{r.Result.Cols, r.Result.Rows}, [2]int{8, 3})
		w.checkFiles(charcoal.OriginalKey(img.ID), charcoal.ArtKey(r.ID, 1))
	})
}

// TestRunGivesUpAtOnce on what would fail the same way again.
func TestRunGivesUpAtOnce(t *testing.T) {
	body := pngOf(t, 64, 64)
	tests := []struct {
		name   string
		body   []byte
		engine fault
		reason string
	}{
		{name: "a broken picture", body: body[:len(body)-20], reason: "cut off"},
		{name: "a refusal", body: body, engine: broken(charcoal.OverLimit("the picture", 1, 2, "pixels")), reason: "over the limit: 2 of at most 1 pixels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				img := w.submit(tt.body)
				if tt.engine != nil {
					w.on("Convert", tt.engine)
				}
				w.attempt()
				r := w.rendering(img.ID)
				equal(t, "state", r.State, charcoal.Failed)
				equal(t, "attempt", r.Attempt, 1)
				if !strings.Contains(r.Reason, tt.reason) {
					t.Errorf("reason: got %q, want %q in it", r.Reason, tt.reason)
				}
				w.checkFiles(charcoal.OriginalKey(img.ID))
			})
		})
	}
}

// TestRunRetriesWhatMayPass has errors that nobody knows. Each counts, each wait
// is longer, and in the end the job is given up.
func TestRunRetriesWhatMayPass(t *testing.T) {
	unknown := errors.New("open /secret/path: input/output error")
	for _, step := range []string{"Open", "Read", "Convert", "Put"} {
		t.Run("at "+step, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				img := w.submit(pngOf(t, 16, 16))
				w.on(step, broken(unknown))
				for i, wait := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
					w.attempt()
					r := w.rendering(img.ID)
					equal(t, "state", r.State, charcoal.Queued)
					equal(t, "failures", r.Failures, i+1)
					w.checkWait(wait)
				}
				w.attempt()
				r := w.rendering(img.ID)
				equal(t, "state", r.State, charcoal.Failed)
				equal(t, "reason", r.Reason, "given up after 4 attempts: "+charcoal.Message(unknown))
				w.checkFiles(charcoal.OriginalKey(img.ID))
			})
		})
	}
}

// checkWait moves the clock to when the job may be claimed, and not before.
func (w *world) checkWait(wait time.Duration) {
	w.t.Helper()
	<-time.After(wait - time.Microsecond)
	if job, err := w.Claim(w.t.Context(), "early"); charcoal.CodeOf(err) != charcoal.NotFound {
		w.t.Fatalf("claim before %s: got %v, %v, want NotFound", wait, job.Rendering.ID, err)
	}
	<-time.After(time.Microsecond)
}

func TestRunAfterARetry(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.on("Convert", times(2, broken(errors.New("hiccup"))))
		w.attempt()
		<-time.After(time.Second)
		w.attempt()
		<-time.After(2 * time.Second)
		w.attempt()
		r := w.rendering(img.ID)
		equal(t, "state", r.State, charcoal.Ready)
		w.checkFiles(charcoal.OriginalKey(img.ID), charcoal.ArtKey(r.ID, 3))
	})
}

// TestRunNeverCountsWhatIsNotItsFault lets something around the job be away for
// much longer than a fault is tolerated.
func TestRunNeverCountsWhatIsNotItsFault(t *testing.T) {
	tests := []struct {
		step  string
		cause error
	}{
		{"Put", full()}, {"Open", away()}, {"Read", away()}, {"Convert", charcoal.Errorf(charcoal.Overloaded, "no memory left")},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s at %s", charcoal.CodeOf(tt.cause), tt.step), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				img := w.submit(pngOf(t, 16, 16))
				w.on(tt.step, broken(tt.cause))
				wait := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}
				for i := range 5 * rules().MaxFailures {
					w.attempt()
					r := w.rendering(img.ID)
					equal(t, "state", r.State, charcoal.Queued)
					equal(t, "failures", r.Failures, 0)
					w.checkWait(wait[min(i, len(wait)-1)])
				}
				w.heal()
				w.attempt()
				equal(t, "state", w.rendering(img.ID).State, charcoal.Ready)
			})
		})
	}
}

// TestRunRecordsInTheEnd lets the store be full or away when the end of an
// attempt is to be recorded. Were that left to the lease, it would count.
func TestRunRecordsInTheEnd(t *testing.T) {
	tests := []struct {
		step   string
		engine error
		want   charcoal.State
	}{
		{"Finish", nil, charcoal.Ready},
		{"Fail", charcoal.Errorf(charcoal.Unprocessed, "broken"), charcoal.Failed},
		{"Retry", errors.New("unknown"), charcoal.Queued},
		{"Release", away(), charcoal.Queued},
	}
	for _, tt := range tests {
		for name, f := range map[string]fault{"full": broken(full()), "away": broken(away()), "lost": lost(away())} {
			t.Run(tt.step+" "+name, func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world) {
					img := w.submit(pngOf(t, 16, 16))
					w.on(tt.step, times(5, f))
					if tt.engine != nil {
						w.on("Convert", times(1, broken(tt.engine)))
					}
					w.attempt()
					r := w.rendering(img.ID)
					equal(t, "state", r.State, tt.want)
					if want := map[string]int{"Fail": 1, "Retry": 1}[tt.step]; r.Failures != want {
						t.Errorf("failures: got %d, want %d", r.Failures, want)
					}
				})
			})
		}
	}
}

// TestRunStopsRecording when it is told to stop, and says so.
func TestRunStopsRecording(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		w.on("Finish", broken(full()))
		err := w.Run(ctx, w.claim("w"))
		wantCode(t, "run", err, charcoal.StorageFull)
		equal(t, "state", w.rendering(img.ID).State, charcoal.Running)
		w.heal()
		w.sweep()
		w.attempt()
		r := w.rendering(img.ID)
		equal(t, "state", r.State, charcoal.Ready)
		w.checkFiles(charcoal.OriginalKey(img.ID), charcoal.ArtKey(r.ID, 2)) // the art of attempt 1 went
	})
}

// TestRunHandsBack a job that is stopped: as if it had not been claimed.
func TestRunHandsBack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		ctx, stop := context.WithCancel(t.Context())
		w.on("Convert", times(1, func(ctx context.Context, call func() error) error {
			stop()
			return stuck(ctx, call)
		}))
		noError(t, "run", w.Run(ctx, w.claim("w")))
		r := w.rendering(img.ID)
		equal(t, "state", r.State, charcoal.Queued)
		equal(t, "failures", r.Failures, 0)
		w.attempt() // it is due at once
		equal(t, "state", w.rendering(img.ID).State, charcoal.Ready)
	})
}

func TestRunRecordsNothingWithoutItsLease(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		ctx, stop := context.WithCancelCause(t.Context())
		w.on("Convert", func(ctx context.Context, call func() error) error {
			stop(ErrLeaseLost)
			return stuck(ctx, call)
		})
		noError(t, "run", w.Run(ctx, w.claim("w")))
		equal(t, "state", w.rendering(img.ID).State, charcoal.Running)
	})
}

// TestRunAsAZombie lets a worker be silent until another one did its job. What
// it then says must change nothing, and take nothing away.
func TestRunAsAZombie(t *testing.T) {
	tests := []struct {
		name string
		says error
	}{
		{"it is ready", nil},
		{"the picture is broken", charcoal.Errorf(charcoal.Unprocessed, "broken")},
		{"something happened", errors.New("hiccup")},
		{"the disk is full", full()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				img := w.submit(pngOf(t, 16, 16))
				wake := make(chan struct{})
				w.on("Convert", times(1, func(_ context.Context, call func() error) error {
					<-wake
					return errors.Join(call(), tt.says)
				}))
				zombie := make(chan error)
				job := w.claim("zombie")
				go func() { zombie <- w.Run(t.Context(), job) }()
				synctest.Wait()

				<-time.After(rules().Lease + time.Microsecond)
				w.sweep()
				w.attempt()
				want := w.rendering(img.ID)
				equal(t, "state", want.State, charcoal.Ready)

				close(wake)
				noError(t, "run of the zombie", <-zombie)
				equal(t, "rendering", w.rendering(img.ID), want)
				w.checkFiles(charcoal.OriginalKey(img.ID), charcoal.ArtKey(want.ID, 2))
			})
		})
	}
}

// TestRunWhoseFinishIsLost does not know whether its art is the published one.
func TestRunWhoseFinishIsLost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.on("Finish", lost(errors.New("connection reset by peer")))
		if err := w.Run(t.Context(), w.claim("w")); err == nil {
			t.Error("run: got nil, want the error of Finish")
		}
		r := w.rendering(img.ID)
		equal(t, "state", r.State, charcoal.Ready)
		_, err := w.Art(t.Context(), r)
		noError(t, "art", err)
	})
}

// TestRunRemovesStaleArt that an earlier attempt stored without knowing.
func TestRunRemovesStaleArt(t *testing.T) {
	tests := []struct {
		name  string
		after fault // of the second attempt
		want  charcoal.State
		files []int
	}{
		{"when it is ready", func(_ context.Context, call func() error) error { return call() }, charcoal.Ready, []int{2}},
		{"when it has failed", broken(charcoal.Errorf(charcoal.Unprocessed, "broken")), charcoal.Failed, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				img := w.submit(pngOf(t, 16, 16))
				w.on("Put", times(1, lost(errors.New("connection reset by peer"))))
				w.attempt()
				r := w.rendering(img.ID)
				w.checkFiles(charcoal.OriginalKey(img.ID), charcoal.ArtKey(r.ID, 1))
				<-time.After(time.Second)
				w.on("Convert", tt.after)
				w.attempt()
				equal(t, "state", w.rendering(img.ID).State, tt.want)
				files := []string{charcoal.OriginalKey(img.ID)}
				for _, attempt := range tt.files {
					files = append(files, charcoal.ArtKey(r.ID, attempt))
				}
				w.checkFiles(files...)
			})
		})
	}
}

// TestRunIsReadyAlsoWhenStaleArtStays: it is in nobody's way.
func TestRunIsReadyAlsoWhenStaleArtStays(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 16))
		w.on("Convert", times(1, broken(errors.New("hiccup"))))
		w.attempt()
		<-time.After(time.Second)
		w.on("Delete", broken(errors.New("permission denied")))
		w.attempt()
		equal(t, "state", w.rendering(img.ID).State, charcoal.Ready)
	})
}

func TestBackoff(t *testing.T) {
	s := New(Config{BackoffMin: time.Second, BackoffMax: time.Minute}, Ports{})
	for _, tt := range []struct {
		failures int
		want     time.Duration
	}{
		{0, time.Second}, {1, time.Second}, {2, 2 * time.Second}, {6, 32 * time.Second}, {7, time.Minute}, {1_000_000, time.Minute},
	} {
		equal(t, fmt.Sprintf("after %d failures", tt.failures), s.backoff(tt.failures), tt.want)
	}
}

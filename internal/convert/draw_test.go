package convert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// person is a user with all that the role allows.
func person(role charcoal.Role) charcoal.Actor {
	return charcoal.Actor{User: charcoal.NewID(), Name: "somebody", Role: role, Scopes: charcoal.Scopes(), Via: "session"}
}

// upload stores a picture that must be accepted.
func (w *world) upload(up Upload) Submitted {
	w.t.Helper()
	done, err := w.Submit(w.t.Context(), up)
	noError(w.t, "submit", err)
	return done
}

func uploadBy(actor charcoal.Actor, body []byte) Upload {
	up := uploadOf(body)
	up.Actor = actor
	return up
}

func wide() Drawing {
	opts := small()
	opts.Cols = 9
	return Drawing{Options: opts}
}

func TestDraw(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna := person(charcoal.RoleUser)
		img := w.upload(uploadBy(anna, pngOf(t, 16, 12))).Image
		w.attempt()

		_, err := w.Existing(t.Context(), anna, img.ID, wide())
		wantCode(t, "existing before it is asked for", err, charcoal.NotFound)
		r, added, err := w.Draw(t.Context(), anna, img.ID, wide())
		noError(t, "draw", err)
		equal(t, "added", added, true)
		again, added, err := w.Draw(t.Context(), anna, img.ID, wide())
		noError(t, "draw again", err)
		equal(t, "added again", added, false)
		equal(t, "again", again.ID, r.ID)
		w.attempt()

		_, done, err := w.AwaitRendering(t.Context(), anna, r.ID, time.Minute)
		noError(t, "await", err)
		equal(t, "state", done.State, charcoal.Ready)
		equal(t, "columns", done.Result.Cols, 9)
		existing, err := w.Existing(t.Context(), anna, img.ID, wide())
		noError(t, "existing", err)
		equal(t, "existing", existing.ID, r.ID)
		_, newest, err := w.Image(t.Context(), anna, img.ID)
		noError(t, "image", err)
		equal(t, "newest rendering", newest.ID, r.ID)
	})
}

// TestSameOptionsInOtherWords ask for the same drawing.
func TestSameOptionsInOtherWords(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first := w.upload(uploadOf(pngOf(t, 16, 12)))
		spelt := small().Canonical()
		r, added, err := w.Draw(t.Context(), charcoal.OpenActor(), first.Image.ID, Drawing{Options: spelt, Engine: "native"})
		noError(t, "draw", err)
		equal(t, "added", added, false)
		equal(t, "rendering", r.ID, first.Rendering.ID)
	})
}

func TestTheSameBytesAreStoredOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna, bert := person(charcoal.RoleUser), person(charcoal.RoleUser)
		body := pngOf(t, 16, 12)
		up := uploadBy(anna, body)
		up.Join = true
		first := w.upload(up)
		up.Body = bytes.NewReader(body)
		second := w.upload(up)
		equal(t, "duplicate", second.Duplicate, true)
		equal(t, "image", second.Image.ID, first.Image.ID)
		equal(t, "rendering", second.Rendering.ID, first.Rendering.ID)
		w.checkFiles(charcoal.OriginalKey(first.Image.ID))
		w.checkNoUploads()

		other := uploadBy(bert, body)
		other.Join = true
		third := w.upload(other)
		equal(t, "duplicate of another owner", third.Duplicate, false)
		w.checkFiles(charcoal.OriginalKey(first.Image.ID), charcoal.OriginalKey(third.Image.ID))
	})
}

func TestSubmitChecksTheAnnouncedDigest(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		body := pngOf(t, 16, 12)
		sum := sha256.Sum256(body)
		up := uploadOf(body)
		up.SHA256 = &sum
		w.upload(up)
		sum[0]++
		up.Body = bytes.NewReader(body)
		_, err := w.Submit(t.Context(), up)
		wantCode(t, "wrong digest", err, charcoal.Mismatch)
		w.checkNoUploads()
	})
}

func TestSubmitRefusesWhatIsSaid(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 300))
	tests := []struct {
		name   string
		change func(*Upload)
		want   charcoal.Code
	}{
		{"nobody", func(up *Upload) { up.Actor = charcoal.Actor{} }, charcoal.Unauthenticated},
		{"a token that only reads", func(up *Upload) {
			up.Actor = person(charcoal.RoleUser)
			up.Actor.Scopes = []charcoal.Scope{charcoal.ScopeRead}
		}, charcoal.Forbidden},
		{"a long title", func(up *Upload) { up.Title = long }, charcoal.Invalid},
		{"a long tag", func(up *Upload) { up.Tags = []string{long} }, charcoal.Invalid},
		{"an unknown visibility", func(up *Upload) { up.Visibility = "secret" }, charcoal.Invalid},
		{"expired already", func(up *Upload) { up.Expires = time.Now().Add(-time.Second) }, charcoal.Invalid},
		{"an unknown engine", func(up *Upload) { up.Engine = "steam" }, charcoal.Invalid},
		{"options that cannot be", func(up *Upload) { up.Options.Cols = -1 }, charcoal.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				up := uploadOf(pngOf(t, 16, 12))
				tt.change(&up)
				_, err := w.Submit(t.Context(), up)
				wantCode(t, "submit", err, tt.want)
				w.checkNothing()
			})
		})
	}
}

// TestCancelStopsTheWork that this process does, at once.
func TestCancelStopsTheWork(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		done := w.upload(uploadOf(pngOf(t, 16, 12)))
		drawing := make(chan struct{})
		w.on("Convert", func(ctx context.Context, _ func() error) error {
			close(drawing)
			<-ctx.Done()
			return ctx.Err()
		})
		job := w.claim("w")
		ended := make(chan error)
		go func() { ended <- w.Run(t.Context(), job) }()
		<-drawing
		r, err := w.Cancel(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		noError(t, "cancel", err)
		equal(t, "state", r.State, charcoal.CanceledState)
		noError(t, "run", <-ended)
		equal(t, "state afterwards", w.rendering(done.Image.ID).State, charcoal.CanceledState)

		w.heal()
		_, err = w.Retry(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		noError(t, "retry", err)
		w.attempt()
		equal(t, "state after a retry", w.rendering(done.Image.ID).State, charcoal.Ready)
		_, err = w.Retry(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		wantCode(t, "retry what is ready", err, charcoal.Conflict)
	})
}

func TestDeleteRenderingRemovesItsArt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.upload(uploadOf(pngOf(t, 16, 12)))
		w.attempt()
		r, _, err := w.Draw(t.Context(), charcoal.OpenActor(), img.Image.ID, wide())
		noError(t, "draw", err)
		w.attempt()
		noError(t, "delete", w.DeleteRendering(t.Context(), charcoal.OpenActor(), r.ID))
		noError(t, "tidy", w.Tidy(t.Context()))
		w.checkFiles(charcoal.OriginalKey(img.Image.ID), charcoal.ArtKey(img.Rendering.ID, 1))
		wantCode(t, "delete the last", w.DeleteRendering(t.Context(), charcoal.OpenActor(), img.Rendering.ID), charcoal.Conflict)
	})
}

// TestNobodyActsOnOthersImages has each use case refuse in the way that gives
// nothing away.
func TestNobodyActsOnOthersImages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna := person(charcoal.RoleUser)
		private := w.upload(uploadBy(anna, pngOf(t, 16, 12)))
		up := uploadBy(anna, pngOf(t, 17, 12))
		up.Visibility = charcoal.Public
		public := w.upload(up)
		title := "mine"
		acts := map[string]func(charcoal.Actor, Submitted) error{
			"read": func(a charcoal.Actor, s Submitted) error {
				_, _, err := w.Image(t.Context(), a, s.Image.ID)
				return err
			},
			"read rendering": func(a charcoal.Actor, s Submitted) error {
				_, _, err := w.Rendering(t.Context(), a, s.Rendering.ID)
				return err
			},
			"draw": func(a charcoal.Actor, s Submitted) error {
				_, _, err := w.Draw(t.Context(), a, s.Image.ID, wide())
				return err
			},
			"cancel": func(a charcoal.Actor, s Submitted) error {
				_, err := w.Cancel(t.Context(), a, s.Rendering.ID)
				return err
			},
			"retry": func(a charcoal.Actor, s Submitted) error {
				_, err := w.Retry(t.Context(), a, s.Rendering.ID)
				return err
			},
			"delete rendering": func(a charcoal.Actor, s Submitted) error {
				return w.DeleteRendering(t.Context(), a, s.Rendering.ID)
			},
			"edit": func(a charcoal.Actor, s Submitted) error {
				_, err := w.Edit(t.Context(), a, s.Image.ID, charcoal.ImageEdit{Title: &title})
				return err
			},
			"delete": func(a charcoal.Actor, s Submitted) error { return w.Delete(t.Context(), a, s.Image.ID) },
			"restore": func(a charcoal.Actor, s Submitted) error {
				_, err := w.Restore(t.Context(), a, s.Image.ID)
				return err
			},
		}
		reads := map[string]bool{"read": true, "read rendering": true}
		for name, act := range acts {
			wantCode(t, name+" what is private, as another user", act(person(charcoal.RoleUser), private), charcoal.NotFound)
			wantCode(t, name+" what is private, without an account where nobody needs one", act(charcoal.OpenActor(), private), charcoal.NotFound)
			if name != "restore" {
				wantCode(t, name+" what is private, as a stranger", act(charcoal.Actor{}, private), charcoal.NotFound)
			}
			switch {
			case reads[name]:
				noError(t, name+" what is public, as a stranger", act(charcoal.Actor{}, public))
			case name != "restore":
				wantCode(t, name+" what is public, as a stranger", act(charcoal.Actor{}, public), charcoal.Unauthenticated)
				wantCode(t, name+" what is public, as another user", act(person(charcoal.RoleUser), public), charcoal.Forbidden)
			}
		}
		equal(t, "the private image afterwards", w.titleOf(anna, private), "")
	})
}

func (w *world) titleOf(actor charcoal.Actor, s Submitted) string {
	w.t.Helper()
	img, _, err := w.Image(w.t.Context(), actor, s.Image.ID)
	noError(w.t, "image", err)
	return img.Title
}

func TestConvertKeepsNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		body := pngOf(t, 16, 12)
		drawing, engine, err := w.Convert(t.Context(), charcoal.OpenActor(), bytes.NewReader(body), wide())
		noError(t, "convert", err)
		equal(t, "columns", drawing.Art.Cols, 9)
		equal(t, "engine", charcoal.EngineName(engine), "native")
		found, err := w.Inspect(t.Context(), charcoal.OpenActor(), bytes.NewReader(body), wide())
		noError(t, "inspect", err)
		equal(t, "grid", []int{found.Cols, found.Rows}, []int{9, drawing.Art.Rows})
		equal(t, "bytes", found.Bytes, int64(len(body)))
		if found.Memory <= 0 {
			t.Error("memory: got none, want an estimate")
		}
		w.checkNothing()
	})
}

func TestScore(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		done := w.upload(uploadOf(pngOf(t, 64, 48)))
		_, err := w.Score(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		wantCode(t, "before it is ready", err, charcoal.Conflict)
		w.attempt()
		score, err := w.Score(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		noError(t, "score", err)
		if score <= 0 || score > 100 {
			t.Errorf("score: got %v, want a number from 0 to 100", score)
		}
		_, err = w.Score(t.Context(), person(charcoal.RoleUser), done.Rendering.ID)
		wantCode(t, "of somebody else", err, charcoal.NotFound)
	})
}

func TestConvertRefuses(t *testing.T) {
	tests := []struct {
		name  string
		actor charcoal.Actor
		body  []byte
		opts  ascii.Options
		want  charcoal.Code
	}{
		{"a stranger", charcoal.Actor{}, pngOf(t, 16, 12), small(), charcoal.Unauthenticated},
		{"no picture", charcoal.OpenActor(), []byte("no picture"), small(), charcoal.Unsupported},
		{"bad options", charcoal.OpenActor(), pngOf(t, 16, 12), ascii.Options{Cols: -1}, charcoal.Invalid},
		{"too large", charcoal.OpenActor(), padded(t, rules().UploadBytes+1), small(), charcoal.TooLarge},
		{"cut off", charcoal.OpenActor(), pngOf(t, 160, 120)[:100], small(), charcoal.Unprocessed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				for range rules().OneShots + 1 { // each gives its place back
					_, _, err := w.Convert(t.Context(), tt.actor, bytes.NewReader(tt.body), Drawing{Options: tt.opts})
					wantCode(t, "convert", err, tt.want)
				}
				w.checkNothing()
			})
		})
	}
}

func TestConvertIsBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.on("Convert", stuck)
		ctx, cancel := context.WithCancel(t.Context())
		body := pngOf(t, 16, 12)
		ended := make(chan error)
		begun := make(chan struct{}, rules().OneShots)
		for range rules().OneShots {
			go func() {
				_, _, err := w.Convert(ctx, charcoal.OpenActor(), &signal{bytes.NewReader(body), begun}, wide())
				ended <- err
			}()
		}
		for range rules().OneShots {
			<-begun
		}
		_, _, err := w.Convert(t.Context(), charcoal.OpenActor(), bytes.NewReader(body), wide())
		wantCode(t, "one more", err, charcoal.Overloaded)
		cancel()
		for range rules().OneShots {
			wantCode(t, "those under way", <-ended, charcoal.Canceled)
		}
	})
}

// signal says when its reading begins.
type signal struct {
	*bytes.Reader
	begun chan<- struct{}
}

func (s *signal) Read(p []byte) (int, error) {
	if s.Len() == int(s.Size()) {
		s.begun <- struct{}{}
	}
	return s.Reader.Read(p)
}

// TestSpool gives back what was written, also when it went to a file, and leaves no
// file behind.
func TestSpool(t *testing.T) {
	for _, size := range []int{0, 10, spoolMemory, spoolMemory + 1, 3 * spoolMemory} {
		s := &spool{dir: t.TempDir()}
		want := bytes.Repeat([]byte("charcoal"), size/8+1)[:size]
		for part := range slices.Chunk(want, 100_000) {
			_, err := s.Write(part)
			noError(t, "write", err)
		}
		for range 2 {
			_, err := s.Seek(0, 0)
			noError(t, "seek", err)
			var got bytes.Buffer
			_, err = got.ReadFrom(s)
			noError(t, "read", err)
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%d bytes: got %d others", size, got.Len())
			}
		}
		noError(t, "close", s.Close())
		left, err := os.ReadDir(s.dir)
		noError(t, "reading the folder", err)
		equal(t, "files left", len(left), 0)
	}
}

package convert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

func TestSubmit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		body := pngOf(t, 16, 12)
		up := uploadOf(body)
		up.Filename = "../../etc/\x00cat.png"
		done, err := w.Submit(t.Context(), up)
		img := done.Image
		noError(t, "submit", err)
		want := charcoal.Image{
			ID: img.ID, Filename: "cat.png", Created: img.Created, Size: int64(len(body)), SHA256: sha256.Sum256(body),
			Picture:    charcoal.Picture{Format: "PNG", MediaType: "image/png", Width: 16, Height: 12},
			Visibility: charcoal.Private, State: charcoal.Queued,
		}
		equal(t, "answer", img, want)

		want.Created = want.Created.UTC()
		stored, r, err := w.Find(t.Context(), charcoal.OpenActor(), img.ID)
		noError(t, "find", err)
		equal(t, "stored", stored, want)
		equal(t, "options", r.Options, small())
		equal(t, "state", r.State, charcoal.Queued)
		w.checkFiles(charcoal.OriginalKey(img.ID))
		if got := read(t, filepath.Join(w.data, "blobs", charcoal.OriginalKey(img.ID))); !bytes.Equal(got, body) {
			t.Error("the original is not what was sent")
		}
		ring, err := w.adapter.Queue.Receive(t.Context())
		noError(t, "receive", err)
		equal(t, "ring", ring.Rendering, r.ID)
	})
}

func TestSubmitTakesWhatIsJustWithinTheLimit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(padded(t, rules().UploadBytes))
		equal(t, "size", img.Size, rules().UploadBytes)
	})
}

// TestSubmitRefuses has bodies that are the caller's fault. Nothing is kept of
// them, and no sweep is needed for that.
func TestSubmitRefuses(t *testing.T) {
	limit := rules().UploadBytes
	unplugged := errors.New("connection reset by peer")
	tests := []struct {
		name string
		body io.Reader
		want charcoal.Code
	}{
		{"empty", bytes.NewReader(nil), charcoal.Unsupported},
		{"no picture", bytes.NewReader([]byte("#!/bin/sh\nrm -rf /\n")), charcoal.Unsupported},
		{"one byte over the limit", bytes.NewReader(padded(t, limit+1)), charcoal.TooLarge},
		{"one byte over, in single bytes", iotest.OneByteReader(bytes.NewReader(padded(t, limit+1))), charcoal.TooLarge},
		{"gone at the first byte", iotest.ErrReader(unplugged), charcoal.Malformed},
		{"gone within the header", failing(padded(t, 100), unplugged), charcoal.Malformed},
		{"gone where the probe ends", failing(padded(t, probeBytes), unplugged), charcoal.Malformed},
		{"gone at the last byte", failing(padded(t, limit), unplugged), charcoal.Malformed},
		{"gone with the last byte", iotest.DataErrReader(failing(padded(t, limit), unplugged)), charcoal.Malformed},
		{"another disk is full", failing(padded(t, limit), syscall.ENOSPC), charcoal.Malformed},
		{"a reason of its own", failing(padded(t, limit), charcoal.Errorf(charcoal.Invalid, "two files")), charcoal.Invalid},
		{"a reason of its own at once", iotest.ErrReader(charcoal.Errorf(charcoal.Invalid, "two files")), charcoal.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				_, err := w.Submit(t.Context(), Upload{Actor: charcoal.OpenActor(), Body: tt.body, Options: small()})
				wantCode(t, "submit", err, tt.want)
				w.checkNothing()
			})
		})
	}
}

// failing ends with an error after its bytes.
func failing(body []byte, err error) io.Reader {
	return io.MultiReader(bytes.NewReader(body), iotest.ErrReader(err))
}

func TestSubmitRefusesOptionsBeforeItReads(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		body := bytes.NewReader(pngOf(t, 16, 16))
		unread := body.Len()
		_, err := w.Submit(t.Context(), Upload{Actor: charcoal.OpenActor(), Body: body, Options: ascii.Options{Cols: -1}})
		wantCode(t, "submit", err, charcoal.Invalid)
		equal(t, "bytes unread", body.Len(), unread)
		w.checkNothing()
	})
}

// TestSubmitNamesTheLimit also sends without an end: no more is read than needed.
func TestSubmitNamesTheLimit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		endless := &counted{Reader: io.MultiReader(bytes.NewReader(pngOf(t, 16, 16)), zeros{})}
		_, err := w.Submit(t.Context(), Upload{Actor: charcoal.OpenActor(), Body: endless, Options: small()})
		e, ok := errors.AsType[*charcoal.Error](err)
		if !ok || e.Limit != rules().UploadBytes || e.Actual <= e.Limit || e.Unit != "bytes" {
			t.Errorf("submit: got %#v, want it to name the limit", err)
		}
		if most := rules().UploadBytes + probeBytes; endless.n > most {
			t.Errorf("read: got %d bytes, want at most %d", endless.n, most)
		}
		w.checkNothing()
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func TestSubmitRefusesBeyondTheBacklog(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.cfg.Backlog = 1
		img := w.submit(pngOf(t, 16, 16))
		_, err := w.Submit(t.Context(), uploadOf(pngOf(t, 16, 16)))
		wantCode(t, "submit", err, charcoal.Overloaded)
		w.checkFiles(charcoal.OriginalKey(img.ID))
		w.attempt()
		w.submit(pngOf(t, 16, 16))
	})
}

// TestSubmitOnAFullDisk lets the disk be full at one step, and then while
// cleaning up as well. It is told from a fault of the body, and after one sweep
// nothing is left, though the upload is too young to be taken for dead.
func TestSubmitOnAFullDisk(t *testing.T) {
	tests := []struct {
		name string
		full []string
	}{
		{"at the row", []string{"BeginUpload"}},
		{"at the bytes", []string{"Put"}},
		{"at the bytes, and giving up", []string{"Put", "AbandonUpload"}},
		{"at the commit", []string{"CommitUpload"}},
		{"at the commit, and giving up", []string{"CommitUpload", "AbandonUpload"}},
		{"at the commit, and removing the bytes", []string{"CommitUpload", "Delete"}},
		{"at the commit, and forgetting", []string{"CommitUpload", "ForgetUpload"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				for _, step := range tt.full {
					w.on(step, broken(full()))
				}
				_, err := w.Submit(t.Context(), uploadOf(padded(t, 100_000)))
				wantCode(t, "submit", err, charcoal.StorageFull)
				w.heal()
				w.sweep()
				w.checkNothing()
			})
		})
	}
}

// TestSubmitWhoseBeginIsLost leaves a row without bytes: it is found by its age.
func TestSubmitWhoseBeginIsLost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.on("BeginUpload", lost(away()))
		_, err := w.Submit(t.Context(), uploadOf(pngOf(t, 16, 16)))
		wantCode(t, "submit", err, charcoal.Unavailable)
		w.sweepAll()
		w.checkNothing()
	})
}

// TestSubmitWhoseCommitIsLost is told that it failed, but did not. Then nothing
// may take the original away.
func TestSubmitWhoseCommitIsLost(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(w *world)
	}{
		{"giving up works", func(*world) {}},
		{"giving up fails", func(w *world) { w.on("AbandonUpload", times(1, broken(away()))) }},
		{"giving up is lost", func(w *world) { w.on("AbandonUpload", times(1, lost(away()))) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.on("CommitUpload", lost(away()))
				tt.then(w)
				_, err := w.Submit(t.Context(), uploadOf(pngOf(t, 16, 16)))
				wantCode(t, "submit", err, charcoal.Unavailable)
				w.sweepAll()
				ids, err := w.List(t.Context(), charcoal.OpenActor(), charcoal.ID{}, 10)
				noError(t, "list", err)
				equal(t, "images", len(ids), 1)
				w.checkFiles(charcoal.OriginalKey(ids[0]))
				w.attempt()
				equal(t, "state", w.rendering(ids[0]).State, charcoal.Ready)
			})
		})
	}
}

func TestSubmitWithoutADoorbell(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.on("Enqueue", broken(away()))
		img := w.submit(pngOf(t, 16, 16))
		w.attempt()
		equal(t, "state", w.rendering(img.ID).State, charcoal.Ready)
	})
}

// TestSubmitCleansUpAfterACallerWhoLeft has a context that ends half-way, which
// must not cut off the cleaning up.
func TestSubmitCleansUpAfterACallerWhoLeft(t *testing.T) {
	for _, step := range []string{"Put", "CommitUpload"} {
		t.Run("at "+step, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				ctx, leave := context.WithCancel(t.Context())
				w.on(step, func(ctx context.Context, _ func() error) error {
					leave()
					return charcoal.Errorf(charcoal.Canceled, "given up").Because(ctx.Err())
				})
				_, err := w.Submit(ctx, uploadOf(padded(t, 100_000)))
				wantCode(t, "submit", err, charcoal.Canceled)
				w.checkNothing()
			})
		})
	}
}

// TestSubmitSlowerThanItsTime sends the second half after a sweep took the
// upload for dead and forgot it: then the bytes come without a row.
func TestSubmitSlowerThanItsTime(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(w *world)
	}{
		{"bytes removed at once", func(*world) {}},
		{"bytes removed by the sweep", func(w *world) { w.on("Delete", times(1, broken(away()))) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				body := padded(t, 100_000)
				wait := make(chan struct{})
				slow := io.MultiReader(bytes.NewReader(body[:probeBytes]), gate(wait), bytes.NewReader(body[probeBytes:]))
				done := make(chan error)
				go func() {
					_, err := w.Submit(t.Context(), Upload{Actor: charcoal.OpenActor(), Body: slow, Options: small()})
					done <- err
				}()
				synctest.Wait()
				<-time.After(time.Minute)
				noError(t, "sweep", w.Sweep(t.Context(), time.Now(), time.Now()))
				w.checkNoUploads()
				tt.then(w)
				close(wait)
				wantCode(t, "submit", <-done, charcoal.Unavailable) // not NotFound: a POST has no id that could be wrong
				w.sweep()
				w.checkNothing()
			})
		})
	}
}

// gate is an empty reader that waits.
type gate chan struct{}

func (g gate) Read([]byte) (int, error) { <-g; return 0, io.EOF }

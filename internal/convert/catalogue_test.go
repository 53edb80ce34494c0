package convert

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
)

func TestEdit(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 12))
		title, tags, public := "  A\tcat\n ", []string{"Pet ", "cat", "pet"}, charcoal.Public
		got, err := w.Edit(t.Context(), charcoal.OpenActor(), img.ID, charcoal.ImageEdit{Title: &title, Tags: &tags, Visibility: &public})
		noError(t, "edit", err)
		equal(t, "title", got.Title, "A cat")
		equal(t, "tags", got.Tags, []string{"cat", "pet"})
		equal(t, "visibility", got.Visibility, public)

		past, unknown, long := time.Now().Add(-1), charcoal.Visibility("?"), strings.Repeat("x", charcoal.MaxTitle+1)
		for name, edit := range map[string]charcoal.ImageEdit{
			"expired": {Expires: &past}, "unknown visibility": {Visibility: &unknown}, "long title": {Title: &long},
		} {
			_, err := w.Edit(t.Context(), charcoal.OpenActor(), img.ID, edit)
			wantCode(t, name, err, charcoal.Invalid)
		}
		_, err = w.Edit(t.Context(), charcoal.OpenActor(), charcoal.NewID(), charcoal.ImageEdit{Title: &title})
		wantCode(t, "unknown image", err, charcoal.NotFound)
	})
}

// TestDeleteHasTwoSteps: the bin, from where images come back, and the end, of which
// no file is left.
func TestDeleteHasTwoSteps(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna := person(charcoal.RoleUser)
		done := w.upload(uploadBy(anna, pngOf(t, 16, 12)))
		w.attempt()
		id := done.Image.ID
		noError(t, "delete", w.Delete(t.Context(), anna, id))
		_, _, err := w.Image(t.Context(), anna, id)
		wantCode(t, "read what is in the bin", err, charcoal.NotFound)
		_, _, err = w.Find(t.Context(), anna, id)
		wantCode(t, "find what is in the bin", err, charcoal.NotFound)
		_, err = w.Restore(t.Context(), anna, id)
		noError(t, "restore", err)
		_, r, err := w.Image(t.Context(), anna, id)
		noError(t, "read what was restored", err)
		equal(t, "state", r.State, charcoal.Ready)

		noError(t, "delete", w.Delete(t.Context(), anna, id))
		<-time.After(rules().BinTime - time.Second)
		noError(t, "tidy", w.Tidy(t.Context()))
		w.checkFiles(charcoal.OriginalKey(id), charcoal.ArtKey(r.ID, 1))
		<-time.After(2 * time.Second)
		noError(t, "tidy", w.Tidy(t.Context()))
		w.checkNothing()
		_, err = w.Restore(t.Context(), anna, id)
		wantCode(t, "restore what is gone", err, charcoal.NotFound)
	})
}

func TestTidyTriesAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		img := w.submit(pngOf(t, 16, 12))
		w.attempt()
		noError(t, "delete", w.Delete(t.Context(), charcoal.OpenActor(), img.ID))
		<-time.After(rules().BinTime + time.Second)
		w.on("Delete", times(1, broken(errors.New("the disk is asleep"))))
		if err := w.Tidy(t.Context()); err == nil {
			t.Error("tidy with a broken disk: got no error")
		}
		noError(t, "tidy", w.Tidy(t.Context()))
		w.checkNothing()
	})
}

func TestImagesExpire(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		up := uploadOf(pngOf(t, 16, 12))
		up.Expires = time.Now().Add(time.Hour)
		img := w.upload(up).Image
		noError(t, "tidy", w.Tidy(t.Context()))
		_, _, err := w.Image(t.Context(), charcoal.OpenActor(), img.ID)
		noError(t, "before its time", err)
		<-time.After(time.Hour)
		synctest.Wait()
		noError(t, "tidy", w.Tidy(t.Context()))
		_, _, err = w.Image(t.Context(), charcoal.OpenActor(), img.ID)
		wantCode(t, "after its time", err, charcoal.NotFound)
	})
}

func TestSearchSeesWhatTheViewerMay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna, bert := person(charcoal.RoleUser), person(charcoal.RoleUser)
		for i, v := range charcoal.Visibilities() {
			up := uploadBy(anna, pngOf(t, 16+i, 12))
			up.Visibility, up.Title = v, string(v)
			w.upload(up)
		}
		find := func(a charcoal.Actor) (titles []string) {
			page, err := w.Search(t.Context(), charcoal.Query{Viewer: a, Sort: charcoal.ByTitle, Limit: 10})
			noError(t, "search", err)
			for _, img := range page.Images {
				titles = append(titles, img.Title)
			}
			return titles
		}
		equal(t, "the owner", find(anna), []string{"private", "public", "unlisted"})
		equal(t, "another user", find(bert), []string{"public"})
		equal(t, "a stranger", find(charcoal.Actor{}), []string{"public"})
		equal(t, "an admin", find(person(charcoal.RoleAdmin)), []string{"private", "public", "unlisted"})
	})
}

func TestPresets(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna, bert := person(charcoal.RoleUser), person(charcoal.RoleUser)
		kept, err := w.PutPreset(t.Context(), anna, charcoal.Preset{Name: "tiny", Options: small()})
		noError(t, "put", err)
		got, err := w.Preset(t.Context(), anna, "tiny")
		noError(t, "get", err)
		equal(t, "options", got.Options, kept.Options)
		_, err = w.Preset(t.Context(), bert, "tiny")
		wantCode(t, "of another user", err, charcoal.NotFound)
		_, err = w.PutPreset(t.Context(), anna, charcoal.Preset{Name: "../etc", Options: small()})
		wantCode(t, "a bad name", err, charcoal.Invalid)
		_, err = w.PutPreset(t.Context(), anna, charcoal.Preset{Name: "bad"})
		wantCode(t, "bad options", err, charcoal.Invalid)
		all, err := w.Presets(t.Context(), anna)
		noError(t, "list", err)
		equal(t, "presets", len(all), 1)
		noError(t, "delete", w.DeletePreset(t.Context(), anna, "tiny"))
		wantCode(t, "delete again", w.DeletePreset(t.Context(), anna, "tiny"), charcoal.NotFound)
	})
}

// TestRestoreOfWhatExpiredInTheBin brings back an image that was to expire while it was there.
func TestRestoreOfWhatExpiredInTheBin(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		up := uploadOf(pngOf(t, 16, 12))
		up.Expires = time.Now().Add(time.Minute)
		img := w.upload(up).Image
		noError(t, "delete", w.Delete(t.Context(), charcoal.OpenActor(), img.ID))
		<-time.After(2 * time.Minute)
		restored, err := w.Restore(t.Context(), charcoal.OpenActor(), img.ID)
		noError(t, "restore", err)
		equal(t, "expires", restored.Expires, time.Time{})
		noError(t, "tidy", w.Tidy(t.Context()))
		_, _, err = w.Image(t.Context(), charcoal.OpenActor(), img.ID)
		noError(t, "image", err)
	})
}

// TestOnce has the life of an idempotency key.
func TestOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna, bert := person(charcoal.RoleUser), person(charcoal.RoleUser)
		begin := func(a charcoal.Actor) (charcoal.Once, bool, error) { return w.BeginOnce(t.Context(), a, "key") }
		_, begun, err := begin(anna)
		noError(t, "begin", err)
		equal(t, "begun", begun, true)
		_, _, err = begin(anna)
		wantCode(t, "begin while it is under way", err, charcoal.Conflict)
		_, begun, err = begin(bert)
		noError(t, "begin of another user", err)
		equal(t, "begun by another user", begun, true)

		answer := charcoal.Once{Key: "key", Fingerprint: [32]byte{1}, Status: 202, Header: map[string]string{"Location": "/x"}, Body: []byte("{}")}
		noError(t, "finish", w.FinishOnce(t.Context(), anna, answer))
		got, begun, err := begin(anna)
		noError(t, "begin again", err)
		equal(t, "begun again", begun, false)
		answer.Owner, answer.Done = anna.User, true
		equal(t, "the answer", got, answer)

		noError(t, "abandon", w.AbandonOnce(t.Context(), bert, "key"))
		_, begun, err = begin(bert)
		noError(t, "begin after it was given back", err)
		equal(t, "begun", begun, true)
		<-time.After(rules().OnceLease)
		_, begun, err = begin(bert) // whoever had it died
		noError(t, "begin after the lease", err)
		equal(t, "begun", begun, true)

		<-time.After(rules().OnceTime)
		noError(t, "tidy", w.Tidy(t.Context()))
		_, begun, err = begin(anna)
		noError(t, "begin after its time", err)
		equal(t, "begun", begun, true)
	})
}

// TestSlowExports: who does not read holds neither memory for art nor the exports of
// others up.
func TestSlowExports(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna := person(charcoal.RoleUser)
		w.upload(uploadBy(anna, pngOf(t, 16, 12)))
		w.attempt()
		var slow sync.WaitGroup
		var stuck []*io.PipeReader
		for range exportsAtOnce + 1 {
			reader, writer := io.Pipe()
			stuck = append(stuck, reader)
			slow.Go(func() {
				if err := w.Export(t.Context(), anna, writer); !errors.Is(err, io.ErrClosedPipe) {
					t.Errorf("export that nobody reads: got %v", err)
				}
			})
		}
		synctest.Wait() // until they stand still in the art
		if n := len(w.exports); n != 0 {
			t.Errorf("%d exports hold art while they wait for their readers", n)
		}
		noError(t, "another export", w.Export(t.Context(), anna, io.Discard))
		for _, reader := range stuck {
			noError(t, "close", reader.Close())
		}
		slow.Wait()
	})
}

func TestExport(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna := person(charcoal.RoleUser)
		body := pngOf(t, 16, 12)
		up := uploadBy(anna, body)
		up.Filename, up.Title = "../../x.png", "<b>"
		done := w.upload(up)
		w.attempt()
		w.upload(uploadBy(person(charcoal.RoleUser), pngOf(t, 18, 12))) // not hers

		var out bytes.Buffer
		noError(t, "export", w.Export(t.Context(), anna, &out))
		files := untar(t, &out)
		folder := "images/" + done.Image.ID.String() + "/"
		art := folder + "renderings/" + done.Rendering.ID.String()
		equal(t, "files", len(files), 4)
		equal(t, "original", files[folder+"original"], string(body))
		if !strings.Contains(files[art+".txt"], "\n") || !json.Valid([]byte(files[art+".json"])) {
			t.Errorf("art: got %q and %q", files[art+".txt"], files[art+".json"])
		}
		var about exported
		noError(t, "decoding", json.Unmarshal([]byte(files[folder+"image.json"]), &about))
		equal(t, "title", about.Title, "<b>")
		equal(t, "renderings", len(about.Renderings), 1)
		wantCode(t, "of a stranger", w.Export(t.Context(), charcoal.Actor{}, io.Discard), charcoal.Unauthenticated)
	})
}

func untar(t *testing.T, r io.Reader) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		noError(t, "reading the tar", err)
		content, err := io.ReadAll(in)
		noError(t, "reading the tar", err)
		files[h.Name] = string(content)
	}
}

package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/client"
)

// wide is a picture of its own for each width.
func wide(t *testing.T, width int) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 16))); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func text(t *testing.T, r io.ReadCloser, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The client and the server of this program mean the same.
func TestClientAndServerAgree(t *testing.T) {
	c, err := client.New(serverOf(t, t.TempDir()), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	img, err := c.Upload(ctx, wide(t, 32), client.UploadOptions{
		Filename: "wide.png", Title: "Wide", Tags: []string{"one", "two"}, Visibility: client.Unlisted, Expires: time.Now().Add(time.Hour),
		Draw: client.DrawOptions{Cols: 8, Glyphs: "ramp: @", Invert: true, Crop: &client.Rectangle{Width: 0.5, Height: 1}, Effort: 1}, Wait: 30 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if img.Title != "Wide" || fmt.Sprint(img.Tags) != "[one two]" || img.Visibility != client.Unlisted || img.Expires.IsZero() ||
		img.Width != 32 || img.Format != "PNG" || img.State != client.Ready || img.Rendering.Options.Crop.Width != 0.5 || img.Rendering.Timings == nil {
		t.Errorf("uploaded: got %+v with %+v", img, img.Rendering)
	}

	t.Run("renderings", func(t *testing.T) {
		o := client.DrawOptions{Cols: 4, Palette: []string{"#000000", "#ffffff"}, Color: "16"}
		r, err := c.Draw(ctx, img.ID, o)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = c.Await(ctx, r.ID); err != nil || r.Err() != nil || r.Cols != 4 {
			t.Errorf("drawn: got %+v, %v", r, err)
		}
		again, err := c.Draw(ctx, img.ID, o)
		if err != nil || again.ID != r.ID {
			t.Errorf("drawn again: got %+v, %v", again, err)
		}
		n := 0
		for _, err := range c.Renderings(ctx, img.ID) {
			if n++; err != nil {
				t.Fatal(err)
			}
		}
		if n != 2 {
			t.Errorf("there are %d renderings, want 2", n)
		}
		art, err := c.RenderingArt(ctx, r.ID, "ansi")
		if got := text(t, art, err); !strings.Contains(got, "\x1b[") {
			t.Errorf("art: got %q", got)
		}
		if _, err := c.Retry(ctx, r.ID); code(err) != "conflict" {
			t.Errorf("retrying what is ready: got %v", err)
		}
		if err := c.DeleteRendering(ctx, r.ID); err != nil {
			t.Errorf("deleting: got %v", err)
		}
	})
	t.Run("art", func(t *testing.T) {
		o := client.DrawOptions{Cols: 6, CellAspect: 0.5, Brightness: -0.25, NoUpscale: true, Set: map[string]any{"invert": true}, Crop: &client.Rectangle{Width: 0.25, Height: 1}, Palette: []string{"#000000", "#ffffff"}}
		art, err := c.Art(ctx, img.ID, "json", o)
		if got := text(t, art, err); !strings.Contains(got, `"cols"`) {
			t.Errorf("got %.200q", got)
		}
		original, err := c.Original(ctx, img.ID)
		if got := text(t, original, err); len(got) != int(img.Size) {
			t.Errorf("the original has %d bytes, want %d", len(got), img.Size)
		}
		_, err = c.Art(ctx, img.ID, "docx", client.DrawOptions{})
		if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != 404 && e.Status != 406 {
			t.Errorf("a format that there is not: got %v", err)
		}
		_, err = c.Art(ctx, img.ID, "text", client.DrawOptions{Set: map[string]any{"colls": 5}})
		if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != 422 || len(e.Errors) != 1 || e.RequestID == "" {
			t.Errorf("an option that there is not: got %#v", err)
		}
	})
	t.Run("without storing", func(t *testing.T) {
		art, err := c.Convert(ctx, wide(t, 8), client.ConvertOptions{Format: "svg", Draw: client.DrawOptions{Cols: 4}})
		if got := text(t, art, err); !strings.Contains(got, "<svg") {
			t.Errorf("got %q", got)
		}
		in, err := c.Inspect(ctx, wide(t, 8), client.DrawOptions{Cols: 4})
		if err != nil || in.Width != 8 || in.Cols != 4 || in.Options.Glyphs != "ascii" {
			t.Errorf("got %+v, %v", in, err)
		}
	})
	t.Run("presets", func(t *testing.T) {
		if _, err := c.PutPreset(ctx, "tiny", client.DrawOptions{Cols: 3}); err != nil {
			t.Fatal(err)
		}
		if all, err := c.Presets(ctx); err != nil || len(all) != 1 || all[0].Options.Cols != 3 {
			t.Errorf("got %+v, %v", all, err)
		}
		r, err := c.Draw(ctx, img.ID, client.DrawOptions{Preset: "tiny"})
		if err != nil || r.Options.Cols != 3 {
			t.Errorf("drawn with it: got %+v, %v", r, err)
		}
		if err := c.DeletePreset(ctx, "tiny"); err != nil {
			t.Error(err)
		}
	})
	t.Run("the server", func(t *testing.T) {
		caps, err := c.Capabilities(ctx)
		if err != nil || caps.Limits["upload_bytes"] == 0 || len(caps.Formats) == 0 || len(caps.Engines) == 0 || caps.Auth.Mode != "open" || len(caps.Targets) == 0 {
			t.Errorf("capabilities: got %+v, %v", caps, err)
		}
		if usage, err := c.Usage(ctx); err != nil || usage.Period != "day" {
			t.Errorf("usage: got %+v, %v", usage, err)
		}
		export, err := c.Export(ctx)
		names := ""
		for archive := tar.NewReader(strings.NewReader(text(t, export, err))); ; {
			h, err := archive.Next()
			if err != nil {
				break
			}
			names += h.Name + " "
		}
		if !strings.Contains(names, "image.json") {
			t.Errorf("the export has %q", names)
		}
		if _, err := c.Me(ctx); code(err) != "unauthenticated" {
			t.Errorf("who is signed in: got %v", err)
		}
	})
}

func code(err error) string {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

// What is read at the reset and the events after it leave no gap.
func TestEventsOfTheServer(t *testing.T) {
	c, err := client.New(serverOf(t, t.TempDir()), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	id, last := "", int64(0)
	var got []string
	for e, err := range c.Events(ctx, client.EventsOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == client.EventReset {
			img, err := c.Upload(ctx, wide(t, 16), client.UploadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			id = img.ID
			continue
		}
		if e.Seq <= last || e.ImageID != id {
			t.Errorf("got %+v after %d", e, last)
		}
		last = e.Seq
		if got = append(got, e.Type); e.State.Final() {
			break
		}
	}
	want := "image.created rendering.queued rendering.running rendering.ready"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for e, err := range c.Events(ctx, client.EventsOptions{ImageID: id, After: last - 1}) {
		if err != nil || e.Type != "rendering.ready" {
			t.Errorf("from before the last: got %+v, %v", e, err)
		}
		break
	}
}

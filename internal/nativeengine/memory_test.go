package nativeengine

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// TestWaitingForMemoryIsNotThePicturesFault holds all memory until the time of
// another picture is over.
func TestWaitingForMemoryIsNotThePicturesFault(t *testing.T) {
	var body bytes.Buffer
	if err := png.Encode(&body, image.NewGray(image.Rect(0, 0, 16, 16))); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		engine := New(Config{Memory: 1000})
		if err := wait(t.Context(), engine.memory, 1000); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := engine.Convert(ctx, bytes.NewReader(body.Bytes()), ascii.Defaults())
		if charcoal.CodeOf(err) != charcoal.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("convert without memory: got %v, want code %q", err, charcoal.Unavailable)
		}
		engine.memory.Release(1000)
		if _, err := engine.Convert(t.Context(), bytes.NewReader(body.Bytes()), ascii.Defaults()); err != nil {
			t.Errorf("convert with memory: %v", err)
		}
	})
}

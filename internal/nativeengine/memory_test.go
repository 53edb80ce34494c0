package nativeengine

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

func grayPNG(t *testing.T, width, height int) []byte {
	t.Helper()
	var body bytes.Buffer
	if err := png.Encode(&body, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

// TestWaitingIsNotConverting holds all turns for far longer than a conversion
// may take: the time of the one that waits has not begun.
func TestWaitingIsNotConverting(t *testing.T) {
	picture := grayPNG(t, 16, 16)
	synctest.Test(t, func(t *testing.T) {
		engine := New(Config{Turns: 1, Time: time.Minute})
		if err := engine.turns.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() { engine.turns.Release(1) })
		start := time.Now()
		if _, err := engine.Convert(t.Context(), bytes.NewReader(picture), ascii.Defaults()); err != nil {
			t.Errorf("convert after a long wait: %v", err)
		}
		if waited := time.Since(start); waited != time.Hour {
			t.Errorf("waited %s, want 1h", waited)
		}
	})
}

// TestTooSlowIsThePicturesFault gives no time at all.
func TestTooSlowIsThePicturesFault(t *testing.T) {
	engine := New(Config{Time: time.Nanosecond})
	_, err := engine.Convert(t.Context(), bytes.NewReader(grayPNG(t, 16, 16)), ascii.Defaults())
	if !charcoal.Permanent(err) || !strings.Contains(charcoal.Message(err), "limit of 1ns") {
		t.Errorf("convert without time: got %v, want a permanent error that names the limit", err)
	}
}

// TestTooMuchMemoryIsRefused where the header tells, before anything is decoded.
func TestTooMuchMemoryIsRefused(t *testing.T) {
	engine := New(Config{Memory: 1 << 20})
	large := grayPNG(t, 2000, 2000)
	_, probed := engine.Probe(large)
	_, converted := engine.Convert(t.Context(), bytes.NewReader(large), ascii.Defaults())
	for name, err := range map[string]error{"probe": probed, "convert": converted} {
		if charcoal.CodeOf(err) != charcoal.TooLarge || !strings.Contains(charcoal.Message(err), "1,048,576") {
			t.Errorf("%s: got %v, want too_large with the limit", name, err)
		}
	}
}

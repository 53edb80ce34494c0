package nativeengine

import (
	"bytes"
	"context"
	"errors"
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

// TestReserveIsShared with engines that are programs: what they take is missing
// until they give it back, and what nobody can have is refused.
func TestReserveIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := New(Config{Memory: 100, Turns: 1})
		if _, err := engine.Reserve(t.Context(), 101); charcoal.CodeOf(err) != charcoal.TooLarge {
			t.Errorf("more than there is: got %v, want too large", err)
		}
		release, err := engine.Reserve(t.Context(), 60)
		if err != nil {
			t.Fatal(err)
		}
		for _, memory := range []int64{0, 41} { // waits for the turn, and for memory
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			if _, err := engine.Reserve(ctx, memory); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%d more: got %v, want to wait in vain", memory, err)
			}
			cancel()
		}
		release()
		if release, err = engine.Reserve(t.Context(), 100); err != nil {
			t.Errorf("all of it, after it was given back: %v", err)
		} else {
			release()
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

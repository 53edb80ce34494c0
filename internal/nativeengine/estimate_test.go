package nativeengine

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

func TestEstimate(t *testing.T) {
	e := New(Config{})
	p, memory, err := e.Estimate(t.Context(), bytes.NewReader(pngOf(t, 300, 200)), ascii.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if p.Width != 300 || p.Height != 200 || p.Format != "PNG" {
		t.Errorf("picture: got %+v, want a PNG of 300 × 200", p)
	}
	if memory < 300*200/16 || memory > DefaultMemory {
		t.Errorf("memory: got %d bytes", memory)
	}
	if _, _, err := e.Estimate(t.Context(), strings.NewReader("no picture"), ascii.Defaults()); charcoal.CodeOf(err) != charcoal.Unsupported {
		t.Errorf("no picture: got %v, want %s", err, charcoal.Unsupported)
	}
	small := New(Config{Memory: 1000})
	if _, _, err := small.Estimate(t.Context(), bytes.NewReader(pngOf(t, 3000, 2000)), ascii.Defaults()); charcoal.CodeOf(err) != charcoal.TooLarge {
		t.Errorf("more than the budget: got %v, want %s", err, charcoal.TooLarge)
	}
}

package glyph_test

import (
	"testing"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// What all fonts agree on.
func TestSheetsDrawPrintableASCII(t *testing.T) {
	t.Parallel()
	for _, s := range glyph.Sheets() {
		for r := '!'; r <= '~'; r++ {
			if got := ink(s.Coverage(r)); got < 1 || got > 0.6*glyph.SheetWidth*glyph.SheetHeight {
				t.Errorf("%s inks %.1f pixels of %q", s.Font, got, r)
			}
		}
		if got := ink(s.Coverage(' ')); got != 0 {
			t.Errorf("%s inks %.1f pixels of a space", s.Font, got)
		}
		if a, b := ink(s.Coverage('.')), ink(s.Coverage('M')); a >= b {
			t.Errorf("%s inks %.1f pixels of a full stop and %.1f of an M", s.Font, a, b)
		}
	}
}

func TestSheetsLackTheRest(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{-1, 0, '\x1f', '\x7f', 'é', '█', 0x10ffff} {
		if c := glyph.Sheets()[0].Coverage(r); c != nil {
			t.Errorf("there is ink for %q: %v", r, c)
		}
	}
}

func ink(coverage []float32) (sum float64) {
	for _, c := range coverage {
		sum += float64(c)
	}
	return sum
}

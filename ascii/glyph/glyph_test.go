package glyph

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func newAtlas(t *testing.T, width, height int, chars string) *Atlas {
	t.Helper()
	a, err := New(width, height, []rune(chars))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (g Glyph) ink() float64 {
	var sum float64
	for _, c := range g.Coverage {
		sum += float64(c)
	}
	return sum / float64(len(g.Coverage))
}

func TestInkIsOrderedAsPeopleSeeIt(t *testing.T) {
	a := newAtlas(t, 8, 16, " .:+#@")
	inks := make([]float64, len(a.Glyphs))
	for i, g := range a.Glyphs {
		inks[i] = g.ink()
	}
	if inks[0] != 0 || !slices.IsSorted(inks) || inks[5] < 0.2 || inks[5] > 0.5 {
		t.Errorf("got %v, want 0 rising to something like a third", inks)
	}
}

// The font sits in its cell as in a terminal: letters share a base line in the
// lower part, tall and deep ones stay inside, and nothing touches the sides
// that should not.
func TestGlyphsFillTheirCell(t *testing.T) {
	a := newAtlas(t, 8, 16, "|gM_")
	bar, g, m, low := a.Glyphs[0], a.Glyphs[1], a.Glyphs[2], a.Glyphs[3]
	tests := []struct {
		name         string
		glyph        Glyph
		first, last  int // rows with ink, inclusive
		slackAtEnds  int
		symmetricInX bool
	}{
		{"| spans the cell", bar, 2, 15, 1, true},
		{"g hangs below the base line", g, 5, 15, 1, false},
		{"M stands on it", m, 2, 12, 1, true},
		{"_ lies at the bottom", low, 14, 15, 1, false},
	}
	for _, tt := range tests {
		first, last := inkedRows(tt.glyph, a.Width)
		if d := max(first-tt.first, tt.first-first); d > tt.slackAtEnds {
			t.Errorf("%s: ink begins in row %d, want about %d", tt.name, first, tt.first)
		}
		if d := max(last-tt.last, tt.last-last); d > tt.slackAtEnds {
			t.Errorf("%s: ink ends in row %d, want about %d", tt.name, last, tt.last)
		}
		if c := centre(tt.glyph, a.Width); tt.symmetricInX && math.Abs(c-4) > 0.25 {
			t.Errorf("%s: its centre is at %.2f, want about 4", tt.name, c)
		}
	}
}

func inkedRows(g Glyph, width int) (first, last int) {
	first = -1
	for i, c := range g.Coverage {
		if c > 0.1 {
			last = i / width
			if first < 0 {
				first = last
			}
		}
	}
	return first, last
}

func centre(g Glyph, width int) float64 {
	var sum, weighted float64
	for i, c := range g.Coverage {
		sum += float64(c)
		weighted += float64(c) * (float64(i%width) + 0.5)
	}
	return weighted / sum
}

// Block elements are exact whatever the size of the cell.
func TestBlockElements(t *testing.T) {
	want := map[rune]float64{
		'▀': 1. / 2, '▁': 1. / 8, '▄': 1. / 2, '█': 1, '▉': 7. / 8, '▏': 1. / 8, '▐': 1. / 2,
		'░': 1. / 4, '▒': 1. / 2, '▓': 3. / 4, '▔': 1. / 8, '▕': 1. / 8,
		'▖': 1. / 4, '▙': 3. / 4, '▚': 1. / 2, '▛': 3. / 4, '▜': 3. / 4, '▞': 1. / 2, '▟': 3. / 4, '▝': 1. / 4,
	}
	for r, ink := range want {
		for _, size := range [][2]int{{8, 16}, {7, 13}, {1, 1}} {
			g := newAtlas(t, size[0], size[1], string(r)).Glyphs[0]
			if got := g.ink(); math.Abs(got-ink) > 1e-6 {
				t.Errorf("%c at %v: got ink %v, want %v", r, size, got, ink)
			}
		}
	}
	// ▙ is all but the upper right, ▟ all but the upper left.
	for r, blank := range map[rune]int{'▙': 7, '▟': 0, '▛': 16*8 - 1, '▜': 15 * 8} {
		if got := newAtlas(t, 8, 16, string(r)).Glyphs[0].Coverage[blank]; got != 0 {
			t.Errorf("%c: got ink %v in its blank corner", r, got)
		}
	}
}

func TestMissingGlyphs(t *testing.T) {
	for _, r := range []rune{'漢', '😀', '\u0301', 'א'} {
		_, err := New(8, 16, []rune{r})
		if missing, ok := errors.AsType[*MissingError](err); !ok || missing.Rune != r {
			t.Errorf("%c: got %v, want a MissingError for it", r, err)
		}
		if Has(r) {
			t.Errorf("Has(%c) is true", r)
		}
	}
}

func TestCellSizes(t *testing.T) {
	for _, size := range [][2]int{{0, 16}, {8, 0}, {-1, 1}, {MaxCell + 1, 16}} {
		if _, err := New(size[0], size[1], []rune("a")); err == nil {
			t.Errorf("New(%d, %d) takes a size that it cannot draw", size[0], size[1])
		}
	}
	for _, size := range [][2]int{{1, 1}, {16, 16}, {10, 60}, {MaxCell, MaxCell}} {
		g := newAtlas(t, size[0], size[1], "@").Glyphs[0]
		if len(g.Coverage) != size[0]*size[1] || g.ink() == 0 {
			t.Errorf("%v: got %d pixels with ink %v", size, len(g.Coverage), g.ink())
		}
	}
}

// What the recipe promises, the committed font has.
func TestFontHasItsRanges(t *testing.T) {
	for _, r := range []rune{' ', '~', '\u00a0', 'ÿ', '←', '⇿', '─', '╿', '■', '◿', 'ж', 'Ω', '♥', '≈'} {
		if !Has(r) {
			t.Errorf("the font lacks %q (%U)", r, r)
		}
	}
}

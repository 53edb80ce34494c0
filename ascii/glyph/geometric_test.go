package glyph

import (
	"math"
	"strings"
	"testing"
)

// picture shows a geometric character in a small cell: # where it is inked.
func picture(t *testing.T, r rune, width, height int) string {
	t.Helper()
	g := newAtlas(t, width, height, string(r)).Glyphs[0]
	var rows []string
	for y := range height {
		row := ""
		for _, c := range g.Coverage[y*width:][:width] {
			row += map[bool]string{true: "#", false: "."}[c > 0.5]
		}
		rows = append(rows, row)
	}
	return strings.Join(rows, " ")
}

func TestMosaics(t *testing.T) {
	tests := []struct {
		name          string
		r             rune
		width, height int
		want          string
	}{
		{"sextant 1", 0x1fb00, 2, 3, "#. .. .."},
		{"sextant 6", 0x1fb1e, 2, 3, ".. .. .#"},
		{"sextants 135 are the left half", '▌', 2, 3, "#. #. #."},
		{"the one after", 0x1fb14, 2, 3, ".# #. #."},
		{"the last sextant", 0x1fb3b, 2, 3, ".# ## ##"},
		{"quadrant", '▞', 2, 2, ".# #."},
		{"octant 3, the first", 0x1cd00, 2, 4, ".. #. .. .."},
		{"the last octant", 0x1cde5, 2, 4, ".# ## ## ##"},
		{"octant 1", 0x1cea8, 2, 4, "#. .. .. .."},
		{"octant 8", 0x1cea0, 2, 4, ".. .. .. .#"},
		{"octants 35", 0x1fbe6, 2, 4, ".. #. #. .."},
		{"upper quarter", 0x1fb82, 2, 4, "## .. .. .."},
		{"upper three quarters", 0x1fb85, 2, 4, "## ## ## .."},
		{"right quarter", 0x1fb87, 4, 1, "...#"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := picture(t, tt.r, tt.width, tt.height); got != tt.want {
				t.Errorf("%U: got %s, want %s", tt.r, got, tt.want)
			}
		})
	}
}

// Each sextant and octant has a pattern of its own, and together with the
// characters that Unicode had before they are all there are.
func TestMosaicsAreComplete(t *testing.T) {
	count := func(runes []rune, width, height int) int {
		seen := map[string]bool{}
		for _, r := range runes {
			seen[picture(t, r, width, height)] = true
		}
		return len(seen)
	}
	sextants := append([]rune(" ▌▐█"), from(0x1fb00, 0x1fb3b)...)
	if got := count(sextants, 2, 3); got != 64 {
		t.Errorf("got %d sextants, want 64", got)
	}
	octants := append([]rune(" ▀▂▄▆█▌▐▖▗▘▙▚▛▜▝▞▟"), from(0x1cd00, 0x1cde5)...)
	octants = append(octants, 0x1fb82, 0x1fb85, 0x1cea0, 0x1cea3, 0x1cea8, 0x1ceab, 0x1fbe6, 0x1fbe7)
	if got := count(octants, 2, 4); got != 256 || len(octants) != 256 {
		t.Errorf("got %d patterns of %d octants, want 256 of 256", got, len(octants))
	}
}

func from(first, last rune) (runes []rune) {
	for r := first; r <= last; r++ {
		runes = append(runes, r)
	}
	return runes
}

// Dots of braille are even squares of six tenths of their part of the cell.
func TestBraille(t *testing.T) {
	for r, dots := range map[rune]int{'⠀': 0, '⠁': 1, '⢸': 4, '⣿': 8} {
		want := float64(dots) * 0.3 * 0.15
		if got := newAtlas(t, 8, 16, string(r)).Glyphs[0].ink(); math.Abs(got-want) > 1e-6 {
			t.Errorf("%c: got ink %v, want %v", r, got, want)
		}
	}
	if got := picture(t, '⠈', 10, 20); !strings.HasPrefix(got, ".......... ......###. ......###. ") {
		t.Errorf("⠈: got %s, want a dot in the upper right", got)
	}
}

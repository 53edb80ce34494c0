package ascii

import "testing"

func TestXtermPalette(t *testing.T) {
	p := xterm256()
	want := map[int]RGB{
		0: {0, 0, 0}, 1: {205, 0, 0}, 4: {0, 0, 238}, 7: {229, 229, 229}, 12: {92, 92, 255}, 15: {255, 255, 255},
		16: {0, 0, 0}, 17: {0, 0, 95}, 21: {0, 0, 255}, 52: {95, 0, 0}, 231: {255, 255, 255}, 232: {8, 8, 8}, 255: {238, 238, 238},
	}
	if len(p) != 256 {
		t.Fatalf("got %d colours, want 256", len(p))
	}
	for i, c := range want {
		if p[i] != c {
			t.Errorf("colour %d: got %v, want %v", i, p[i], c)
		}
	}
}

func TestPaletteOf(t *testing.T) {
	own := []RGB{{1, 2, 3}, {4, 5, 6}}
	tests := []struct {
		name  string
		color string
		own   []RGB
		want  int
	}{
		{"any colour", "true", nil, 0},
		{"256", "256", nil, 256},
		{"16", "16", nil, 16},
		{"one's own", "256", own, 2},
	}
	for _, tt := range tests {
		if got := paletteOf(Options{Color: tt.color, Palette: tt.own}); len(got) != tt.want {
			t.Errorf("%s: got %d colours, want %d", tt.name, len(got), tt.want)
		}
	}
}

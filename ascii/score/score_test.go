package score_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/score"
)

// hills is a smooth picture with a hard edge in it.
func hills(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := float64(x)/float64(width), float64(y)/float64(height)
			l := 0.5 + 0.4*math.Sin(9*u)*math.Cos(7*v)
			if u+v > 1.2 {
				l *= 0.4
			}
			img.SetNRGBA(x, y, color.NRGBA{R: uint8(255 * l), G: uint8(200 * l), B: uint8(160 * (1 - l)), A: 255})
		}
	}
	return img
}

// turned swaps the axes of a picture.
type turned struct{ image.Image }

func (p turned) At(x, y int) color.Color {
	b := p.Bounds()
	return p.Image.At(y*b.Dx()/b.Dy(), x*b.Dy()/b.Dx())
}

func draw(t *testing.T, img image.Image, change func(*ascii.Options)) *ascii.Art {
	t.Helper()
	o := ascii.Defaults()
	o.Cols = 40
	change(&o)
	art, err := ascii.Convert(img, o)
	if err != nil {
		t.Fatal(err)
	}
	return art
}

func scoreOf(t *testing.T, art *ascii.Art, img image.Image) score.Score {
	t.Helper()
	s, err := score.Of(t.Context(), art, img)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Better art scores more, blank and wrong art little, in light and in colour, on
// dark and on light pages.
func TestScoreKnowsGoodArtFromBad(t *testing.T) {
	img := hills(320, 240)
	tests := []struct {
		name        string
		better      func(*ascii.Options)
		worse       func(*ascii.Options)
		other       image.Image // what the worse art shows
		least, most float64     // of the better, of the worse
	}{
		{"more characters", func(*ascii.Options) {}, func(o *ascii.Options) { o.Glyphs = "ramp: #" }, img, 50, 40},
		{"the right picture", func(*ascii.Options) {}, func(*ascii.Options) {}, turned{img}, 50, 25},
		{"not blank", func(*ascii.Options) {}, func(*ascii.Options) {}, image.NewGray(image.Rect(0, 0, 320, 240)), 50, 15},
		{"a light page", func(o *ascii.Options) { o.Invert = true }, func(o *ascii.Options) { o.Invert = true }, image.NewGray(image.Rect(0, 0, 320, 240)), 20, 10},
	}
	for _, tt := range tests {
		good, bad := scoreOf(t, draw(t, img, tt.better), img), scoreOf(t, draw(t, tt.other, tt.worse), img)
		if good.Quality < tt.least || bad.Quality > tt.most || good.Quality <= bad.Quality {
			t.Errorf("%s: got %+v and %+v, want at least %v and at most %v", tt.name, good, bad, tt.least, tt.most)
		}
	}
}

// Art that shows exactly its picture is perfect.
func TestPerfectArtScoresFull(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 4, 2))
	art := &ascii.Art{Cols: 4, Rows: 2, Depth: "true", Frames: []ascii.Frame{{Cells: make([]ascii.Cell, 8)}}}
	for i := range 8 {
		c := ascii.RGB{R: uint8(30 * i), G: uint8(255 - 30*i), B: 90}
		art.Frames[0].Cells[i] = ascii.Cell{Rune: ' ', BG: ascii.Free(c)}
		img.Set(i%4, i/4, color.NRGBA{R: c.R, G: c.G, B: c.B, A: 255})
	}
	if got := scoreOf(t, art, img); got.Quality < 99.999 {
		t.Errorf("got %+v, want 100", got)
	}
}

func TestWhatCannotBeScored(t *testing.T) {
	img := hills(8, 8)
	cells := []ascii.Frame{{Cells: []ascii.Cell{{Rune: ' '}}}}
	tests := []struct {
		name string
		art  *ascii.Art
		img  image.Image
	}{
		{"no cells", &ascii.Art{Depth: "none", Frames: cells}, img},
		{"no frames", &ascii.Art{Cols: 1, Rows: 1, Depth: "none"}, img},
		{"too many cells", &ascii.Art{Cols: 1 << 30, Rows: 1 << 30, Depth: "none", Frames: cells}, img},
		{"too few cells in the frame", &ascii.Art{Cols: 3, Rows: 1, Depth: "none", Frames: cells}, img},
		{"a picture without pixels", &ascii.Art{Cols: 1, Rows: 1, Depth: "none", Frames: cells}, image.NewGray(image.Rectangle{})},
		{"a character that the font lacks", &ascii.Art{Cols: 1, Rows: 1, Depth: "none", Frames: []ascii.Frame{{Cells: []ascii.Cell{{Rune: '漢'}}}}}, img},
	}
	for _, tt := range tests {
		if _, err := score.Of(t.Context(), tt.art, tt.img); err == nil {
			t.Errorf("%s: got no error", tt.name)
		}
	}
}

func TestScoreEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	img := hills(8, 8)
	if _, err := score.Of(ctx, draw(t, img, func(*ascii.Options) {}), img); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func BenchmarkOf(b *testing.B) {
	img := hills(320, 240)
	o := ascii.Defaults()
	art, err := ascii.Convert(img, o)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := score.Of(b.Context(), art, img); err != nil {
			b.Fatal(err)
		}
	}
}

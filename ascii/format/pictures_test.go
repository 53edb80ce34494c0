package format_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{A: 255}
)

func decodePNG(t *testing.T, art *ascii.Art) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(write(t, "png", art)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPNGShowsTheCells(t *testing.T) {
	art := drawn(" █", "M ")
	art.Frames[0].Cells[3].BG = ascii.Free(ascii.RGB{B: 200})
	img := decodePNG(t, art)
	if got, want := img.Bounds(), image.Rect(0, 0, 16, 32); got != want {
		t.Errorf("the picture is %v, want %v", got, want)
	}
	for _, tt := range []struct {
		name  string
		x, y  int
		color color.RGBA
		blank bool
	}{
		{"a space", 0, 0, black, true},
		{"a full block", 1, 0, white, true},
		{"a letter", 0, 1, black, false},
		{"a ground of its own", 1, 1, color.RGBA{B: 200, A: 255}, true},
	} {
		if got, blank := seen(img, tt.x, tt.y); got != tt.color || blank != tt.blank {
			t.Errorf("%s: its corner is %v and it is blank: %v, want %v and %v", tt.name, got, blank, tt.color, tt.blank)
		}
	}
}

// Neighbouring blocks leave no gap.
func TestPNGIsSeamless(t *testing.T) {
	img := decodePNG(t, drawn("▄▄█", "▀▀█", "🬂🬂█"))
	for _, at := range []image.Point{{0, 8}, {7, 15}, {8, 15}, {15, 16}, {15, 23}, {16, 0}, {16, 31}, {23, 32}, {8, 32}} {
		if got := img.At(at.X, at.Y); color.RGBAModel.Convert(got) != white {
			t.Errorf("%v is %v, want ink", at, got)
		}
	}
}

// Half of the ink is half of the encoded value, as terminals blend.
func TestPNGBlendsAsTerminals(t *testing.T) {
	img := decodePNG(t, drawn("▒"))
	if got := color.RGBAModel.Convert(img.At(3, 7)).(color.RGBA); got.R < 127 || got.R > 128 {
		t.Errorf("a medium shade of white on black is %v, want 127 or 128", got)
	}
}

func TestPNGHasAPaletteWhereItCan(t *testing.T) {
	many := drawn(strings.Repeat("█", 300))
	for i := range many.Frames[0].Cells {
		many.Frames[0].Cells[i].FG = ascii.Free(ascii.RGB{R: uint8(i), G: uint8(i / 256)})
	}
	if _, ok := decodePNG(t, drawn("Hello, world")).(*image.Paletted); !ok {
		t.Error("text of one colour has no palette")
	}
	img := decodePNG(t, many)
	if _, ok := img.(*image.Paletted); ok {
		t.Error("300 colours have a palette")
	}
	for x, c := range many.Frames[0].Cells {
		want := c.FG.RGB(nil, ascii.RGB{})
		if got, _ := seen(img, x, 0); got != (color.RGBA{want.R, want.G, want.B, 255}) {
			t.Fatalf("cell %d is %v, want %v", x, got, want)
		}
	}
}

func decodeGIF(t *testing.T, art *ascii.Art) *gif.GIF {
	t.Helper()
	g, err := gif.DecodeAll(bytes.NewReader(write(t, "gif", art)))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGIFAnimation(t *testing.T) {
	g := decodeGIF(t, animated())
	if got, want := g.Delay, []int{4, 3, 100}; !slices.Equal(got, want) {
		t.Errorf("delays: got %v, want %v hundredths", got, want)
	}
	if g.LoopCount != 1 {
		t.Errorf("it plays again %d times, want 1", g.LoopCount)
	}
	for i, want := range []image.Rectangle{image.Rect(0, 0, 32, 32), image.Rect(0, 0, 32, 16), image.Rect(0, 0, 8, 16)} {
		if got := g.Image[i].Bounds(); got != want {
			t.Errorf("frame %d covers %v, want what changed: %v", i, got, want)
		}
	}
	for i, want := range [][2]bool{{false, true}, {true, false}} {
		_, first := seen(g.Image[i], 0, 0)
		_, last := seen(g.Image[i], 3, 0)
		if [2]bool{first, last} != want {
			t.Errorf("frame %d: the first and last cells are blank: %v and %v, want %v", i, first, last, want)
		}
	}
}

func TestGIFLoops(t *testing.T) {
	for loops, want := range map[int]int{0: 0, 1: -1, 2: 1, 3: 2, 1 << 20: 65535} {
		art := animated()
		art.Loops = loops
		if got := decodeGIF(t, art).LoopCount; got != want {
			t.Errorf("%d loops: plays again %d times, want %d", loops, got, want)
		}
	}
	if got := decodeGIF(t, drawn("a")).LoopCount; got != -1 {
		t.Errorf("a still picture plays again %d times, want -1: never", got)
	}
}

// What rounding takes from one delay it gives to another.
func TestGIFKeepsTime(t *testing.T) {
	art := animated()
	art.Frames = slices.Repeat([]ascii.Frame{{Cells: art.Frames[0].Cells, Delay: time.Second / 30}}, 30)
	sum := 0
	for _, d := range decodeGIF(t, art).Delay {
		sum += d
	}
	if sum < 99 || sum > 101 {
		t.Errorf("30 frames of a thirtieth take %d hundredths, want a second", sum)
	}
}

// More colours than a GIF has become near ones.
func TestGIFReducesColours(t *testing.T) {
	art := drawn(strings.Repeat("█", 2000))
	for i := range art.Frames[0].Cells {
		art.Frames[0].Cells[i].FG = ascii.Free(ascii.RGB{R: uint8(i), G: uint8(i / 8), B: 100})
	}
	img := decodeGIF(t, art).Image[0]
	if n := len(img.Palette); n > 256 {
		t.Fatalf("%d colours", n)
	}
	for x, c := range art.Frames[0].Cells {
		want := c.FG.RGB(nil, ascii.RGB{})
		at, _ := seen(img, x, 0)
		got := at.(color.RGBA)
		if max(apart(got.R, want.R), apart(got.G, want.G), apart(got.B, want.B)) > 20 {
			t.Fatalf("cell %d is %v, want nearly %v", x, got, want)
		}
	}
}

func apart(a, b uint8) uint8 { return max(a, b) - min(a, b) }

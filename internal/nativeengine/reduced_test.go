package nativeengine

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

func disc(t *testing.T, size int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			if dx, dy := 2*x-size, 2*y-size; dx*dx+dy*dy < size*size/2 {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A picture of 16 megapixels is drawn with less memory than a byte for each.
func TestLargePicturesAreDrawnSmall(t *testing.T) {
	file := disc(t, 4000)
	o := ascii.Defaults()
	o.Cols = 20
	drawing, err := New(Config{Memory: 8 << 20}).Convert(t.Context(), bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	if drawing.Width != 4000 || drawing.Height != 4000 {
		t.Errorf("got the size %d×%d, want that of the file", drawing.Width, drawing.Height)
	}
	if got := drawing.Art.Rows; got != 10 {
		t.Errorf("got %d rows, want 10", got)
	}
	cells := drawing.Art.Frames[0].Cells
	if corner, middle := cells[0].Rune, cells[5*20+10].Rune; corner != ' ' || middle == ' ' {
		t.Errorf("got %q in the corner and %q in the middle, want a disc", corner, middle)
	}
}

func TestDamagedPictures(t *testing.T) {
	file := disc(t, 400)
	file = file[:len(file)*3/4]
	o := ascii.Defaults()
	o.Cols = 20
	if _, err := New(Config{}).Convert(t.Context(), bytes.NewReader(file), o); charcoal.CodeOf(err) != charcoal.Unprocessed {
		t.Errorf("got %v, want a refusal", err)
	}
	drawing, err := New(Config{Partial: true}).Convert(t.Context(), bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.Join(drawing.Warnings, " "); !strings.Contains(w, "cut off") {
		t.Errorf("got the warnings %q, want that the file is cut off", w)
	}
}

package nativeengine

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"slices"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// turnedJPEG is a photo with an EXIF orientation.
func turnedJPEG(t *testing.T, orientation byte) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 60, 40))
	for i := range img.Pix {
		img.Pix[i] = uint8(i / 10)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	exif[29] = orientation
	return slices.Concat(b.Bytes()[:2], exif, b.Bytes()[2:])
}

// movingGIF shows other pictures from frame to frame.
func movingGIF(t *testing.T, frames int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for i := range frames {
		img := image.NewPaletted(image.Rect(0, 0, 40, 20), color.Palette{color.Black, color.White})
		for j := range img.Pix {
			img.Pix[j] = uint8(j / (i + 3) % 2)
		}
		g.Image, g.Delay = append(g.Image, img), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func draw(t *testing.T, file []byte, frames int) *charcoal.Drawing {
	t.Helper()
	o := ascii.Defaults()
	o.Cols, o.Frames = 10, frames
	drawing, err := New(Config{}).Convert(t.Context(), bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	return drawing
}

func TestWhatADrawingSaysOfItsPicture(t *testing.T) {
	for _, tt := range []struct {
		name     string
		file     []byte
		ask      int
		frames   int
		warnings []string
	}{
		{"a still", disc(t, 50), 1, 1, nil},
		{"a photo that lies on its side", turnedJPEG(t, 6), 1, 1, []string{"the picture was turned 90° clockwise, as its EXIF data says"}},
		{"a photo that stands", turnedJPEG(t, 1), 1, 1, nil},
		{"an orientation that there is not", turnedJPEG(t, 9), 1, 1, nil},
		{"an animation as a still", movingGIF(t, 5), 1, 5, []string{"this is the first of 5 frames"}},
		{"a part of an animation", movingGIF(t, 5), 3, 5, []string{"these are the first 3 of 5 frames"}},
		{"a whole animation", movingGIF(t, 5), 100, 5, nil},
	} {
		drawing := draw(t, tt.file, tt.ask)
		if drawing.Frames != tt.frames || !slices.Equal(drawing.Warnings, tt.warnings) {
			t.Errorf("%s: got %d frames and %q, want %d and %q", tt.name, drawing.Frames, drawing.Warnings, tt.frames, tt.warnings)
		}
		if drawing.Decode <= 0 || drawing.Draw <= 0 || drawing.Decode+drawing.Draw != drawing.Took {
			t.Errorf("%s: got %s decoding and %s drawing of %s", tt.name, drawing.Decode, drawing.Draw, drawing.Took)
		}
	}
}

// TestHashTellsHowItLooks, whatever is drawn of it.
func TestHashTellsHowItLooks(t *testing.T) {
	still, moving := draw(t, movingGIF(t, 4), 1), draw(t, movingGIF(t, 4), 4)
	if still.Hash == 0 || still.Hash != moving.Hash {
		t.Errorf("of one animation: got the hashes %x and %x, want one", still.Hash, moving.Hash)
	}
	small, large := draw(t, disc(t, 100), 1), draw(t, disc(t, 2000), 1)
	if d := small.Hash.Distance(large.Hash); d > 6 {
		t.Errorf("of one picture in two sizes: got a distance of %d", d)
	}
	if got := draw(t, grayPNG(t, 30, 30), 1).Hash; got != 0 {
		t.Errorf("of one colour: got %x, want none", got)
	}
}

package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
)

// photo draws something like a photograph: smooth light, shapes and noise. The
// same seed gives the same picture.
func photo(width, height int, seed uint64) image.Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	cx, cy, r := rng.IntN(width), rng.IntN(height), width/6+rng.IntN(width/4)
	tilt, tint := rng.Float64(), uint8(rng.IntN(128))
	for y := range height {
		for x := range width {
			v := 200*(float64(x)*tilt/float64(width)+float64(y)*(1-tilt)/float64(height)) + 20*rng.Float64()
			if dx, dy := x-cx, y-cy; dx*dx+dy*dy < r*r {
				v = 235 - v
			}
			img.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(v) / 2 * 2, tint/2 + uint8(v)/2, 255})
		}
	}
	return img
}

// flat is one colour everywhere.
func flat(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	return img
}

// noise does not compress.
func noise(width, height int, seed uint64) *image.NRGBA {
	img := flat(width, height)
	rng := rand.New(rand.NewPCG(seed, 2))
	for i := range img.Pix {
		img.Pix[i] = uint8(rng.Uint32())
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func jpegOf(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// drawn is the art that the engine makes of a picture here, in this process.
func drawn(t testing.TB, picture []byte, cols int) string {
	t.Helper()
	opts := ascii.Defaults()
	opts.Cols, opts.Effort = cols, config.Default().Effort
	drawing, err := nativeengine.New(nativeengine.Config{}).Convert(t.Context(), bytes.NewReader(picture), opts)
	if err != nil {
		t.Fatal(err)
	}
	text, err := format.Lookup("text")
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := text.Write(&buf, drawing.Art, format.Settings{}); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

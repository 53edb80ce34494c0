package ascii_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/score"
)

// scene is a picture with smooth and hard parts.
func scene(width, height int) image.Image {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := float64(x)/float64(width), float64(y)/float64(height)
			l := 0.45 + 0.3*math.Sin(11*u*v+3*v) + 0.1*math.Sin(60*u)*v
			if math.Hypot(u-0.6, v-0.4) < 0.2 {
				l = 0.9 - u
			}
			img.SetGray(x, y, color.Gray{Y: uint8(255 * max(0, min(1, l)))})
		}
	}
	return img
}

// More effort gives art that is more faithful, by the measure.
func TestEffortPays(t *testing.T) {
	img := scene(400, 240)
	for _, invert := range []bool{false, true} {
		before := 0.
		for _, effort := range []int{1, 3, 5, 8} {
			o := ascii.Defaults()
			o.Cols, o.Effort, o.Invert = 50, effort, invert
			art, err := ascii.Convert(img, o)
			if err != nil {
				t.Fatal(err)
			}
			s, err := score.Of(t.Context(), art, img)
			if err != nil {
				t.Fatal(err)
			}
			if s.Quality < before {
				t.Errorf("invert %v, effort %d: got quality %.2f, want at least %.2f, that of less effort", invert, effort, s.Quality, before)
			}
			before = s.Quality
			t.Logf("invert %v, effort %d: %+v", invert, effort, s)
		}
	}
}

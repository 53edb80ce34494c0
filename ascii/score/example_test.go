package score_test

import (
	"context"
	"fmt"
	"image"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/score"
)

// Two ways to draw a slope are compared: with all that ASCII has, and with three
// characters by tone alone.
func ExampleOf() {
	slope := image.NewGray(image.Rect(0, 0, 160, 160))
	for i := range slope.Pix {
		slope.Pix[i] = uint8(i % 160)
	}
	rich, poor := ascii.Defaults(), ascii.Defaults()
	rich.Cols, poor.Cols = 40, 40
	poor.Glyphs, poor.Dither = "ramp: +@", "none"
	var quality []float64
	for _, o := range []ascii.Options{rich, poor} {
		art, err := ascii.Convert(slope, o)
		if err != nil {
			fmt.Println(err)
			return
		}
		s, err := score.Of(context.Background(), art, o.View(slope))
		if err != nil {
			fmt.Println(err)
			return
		}
		quality = append(quality, s.Quality)
	}
	fmt.Println(quality[0] > quality[1])
	// Output: true
}

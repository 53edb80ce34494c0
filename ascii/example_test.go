package ascii_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// disc is a white disc on black.
func disc(x, y, radius int) image.Image {
	img := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range img.Pix {
		dx, dy := i%100-x, i/100-y
		if dx*dx+dy*dy < radius*radius {
			img.SetGray(i%100, i/100, color.Gray{Y: 255})
		}
	}
	return img
}

func ExampleConvert() {
	o := ascii.Defaults()
	o.Cols = 40
	art, err := ascii.Convert(disc(50, 50, 40), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := format.Lookup("text")
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder // or a file, or a response
	if err := text.Write(&b, art, format.Settings{}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(art.Cols, "columns,", strings.Count(b.String(), "\n"), "lines")
	// Output: 40 columns, 20 lines
}

func ExampleOptions_Grid() {
	o := ascii.Defaults()
	o.Cols, o.Rows = 80, 24 // a terminal
	fmt.Println(o.Grid(3000, 2000))
	o.Fit = "cover"
	fmt.Println(o.Grid(3000, 2000))
	// Output:
	// 72 24
	// 80 24
}

func ExampleOptions_Canonical() {
	o := ascii.Defaults()
	o.Rotate, o.Flip = 180, "both"
	c := o.Canonical()
	fmt.Println(c.Rotate, c.Flip, c.Tone, c.Background)
	// Output: 0 none faithful #000000
}

func ExampleConvertFrames() {
	frames := func(yield func(image.Image, time.Duration) bool) {
		for x := 20; x <= 80; x += 30 {
			if !yield(disc(x, 50, 15), 100*time.Millisecond) {
				return
			}
		}
	}
	o := ascii.Defaults()
	o.Cols, o.Frames = 20, 10
	const forever = 0
	art, err := ascii.ConvertFrames(context.Background(), frames, forever, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(art.Frames), "frames of", art.Frames[0].Delay)
	// Output: 3 frames of 100ms
}

package raster_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/gif"

	"github.com/charcoal-art/charcoal/raster"
)

func ExampleAnimate() {
	var file bytes.Buffer
	blink := &gif.GIF{Delay: []int{50, 25}}
	for _, c := range []color.Color{color.Black, color.White} {
		blink.Image = append(blink.Image, image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{c}))
	}
	if err := gif.EncodeAll(&file, blink); err != nil {
		fmt.Println(err)
		return
	}

	a, err := raster.Animate(context.Background(), bytes.NewReader(file.Bytes()), raster.DefaultLimits())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Info.Format, a.Info.Width, a.Info.Height)
	for frame, err := range a.Frames() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(frame.Image.Bounds(), frame.Delay)
	}
	// Output:
	// GIF 4 4
	// (0,0)-(4,4) 500ms
	// (0,0)-(4,4) 250ms
}

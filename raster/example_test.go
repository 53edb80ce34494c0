package raster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"

	"github.com/charcoal-art/charcoal/raster"
)

// pngOf is a file with a picture of a size.
func pngOf(width, height int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))) // memory takes everything
	return b.Bytes()
}

func ExampleDecode() {
	img, info, err := raster.Decode(context.Background(), bytes.NewReader(pngOf(30, 20)), raster.DefaultLimits())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Format, info.MediaType, img.Bounds().Size())
	// Output: PNG image/png (30,20)
}

// A picture that would cost too much is refused before it costs anything.
func ExampleDecode_limits() {
	lim := raster.DefaultLimits()
	lim.Pixels = 500
	_, _, err := raster.Decode(context.Background(), bytes.NewReader(pngOf(30, 20)), lim)
	if e, ok := errors.AsType[*raster.LimitError](err); ok {
		fmt.Println(e.What, "has", e.Actual, e.Unit, "of at most", e.Limit)
	}
	// Output: the picture has 600 pixels of at most 500
}

// The first bytes say what a file is, whatever it is called.
func ExampleProbe() {
	info, err := raster.Probe(pngOf(30, 20), raster.DefaultLimits())
	fmt.Println(info.Format, info.Width, info.Height, err)

	_, err = raster.Probe([]byte("#!/bin/sh"), raster.DefaultLimits())
	_, unsupported := errors.AsType[*raster.UnsupportedError](err)
	fmt.Println(unsupported)
	// Output:
	// PNG 30 20 <nil>
	// true
}

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

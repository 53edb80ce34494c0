package raster

import (
	"context"
	"image"

	"github.com/charcoal-art/charcoal/raster/internal/bmp"
)

// BMP is decoded row by row; run lengths are not supported.
var bmpFormat = format{
	name: "BMP", mediaType: "image/bmp",
	matches: isBMP,
	header:  bmpHeader,
	decode: func(ctx context.Context, r reader, _ header, reduction int) (image.Image, error) {
		return bmp.Decode(ctx, r, bmp.Options{Reduction: reduction})
	},
	reductions: anyReduction,
}

// isBMP wants the letters, which are few, and the size of one of the known
// information headers.
func isBMP(prefix []byte) bool {
	if !magic("BM")(prefix) {
		return false
	}
	if len(prefix) < 18 {
		return isShortBMP(prefix)
	}
	switch prefix[14] {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return prefix[15] == 0 && prefix[16] == 0 && prefix[17] == 0
	}
	return false
}

// isShortBMP tells a cut off BMP from a text that starts with the same letters.
func isShortBMP(prefix []byte) bool { return !isText(prefix) }

func bmpHeader(r reader) (header, error) {
	c, err := bmp.ReadConfig(r)
	return header{width: c.Width, height: c.Height, reduced: rowMemory(c.Width, c.Height, 8)}, err
}

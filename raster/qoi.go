package raster

import (
	"context"
	"image"

	"github.com/charcoal-art/charcoal/raster/internal/qoi"
)

// QOI (The Quite OK Image Format, 1.0) is decoded row by row.
var qoiFormat = format{
	name: "QOI", mediaType: "image/qoi",
	matches: magic("qoif"),
	header: func(r reader) (header, error) {
		c, err := qoi.ReadConfig(r)
		return header{width: c.Width, height: c.Height, reduced: rowMemory(c.Width, c.Height, 8)}, err
	},
	decode: func(ctx context.Context, r reader, _ header, reduction int) (image.Image, error) {
		return qoi.Decode(ctx, r, qoi.Options{Reduction: reduction})
	},
	reductions: anyReduction,
}

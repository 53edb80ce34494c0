package raster

import (
	"context"
	"image"
	"image/color"

	"golang.org/x/image/tiff"

	"github.com/charcoal-art/charcoal/raster/internal/icc"
)

// TIFF is decoded by golang.org/x/image: the first page.
var tiffFormat = format{
	name: "TIFF", mediaType: "image/tiff",
	matches: magic("II*\x00", "MM\x00*"),
	header:  tiffHeader,
	profile: embedded(icc.FromTIFF),
	decode:  func(_ context.Context, r reader, _ header, _ int) (image.Image, error) { return tiff.Decode(r) },
}

func tiffHeader(r reader) (header, error) {
	h := header{orientation: exifOrientation(r), tile: tileArea(r)}
	c, err := tiff.DecodeConfig(r)
	if err != nil {
		return header{}, err
	}
	h.width, h.height = c.Width, c.Height
	h.extra = 16 * int64(c.Height)                   // the tables of strips, which may be a row high
	h.perPixel = 2 * tiffBytesPerPixel(c.ColorModel) // the picture, and a strip of any height
	return h, nil
}

// tileArea returns the pixels of one tile. The decoder unpacks a tile at once,
// and the file says how large: a picture of one pixel may claim a tile of
// gigabytes.
func tileArea(r reader) int64 {
	var width, length uint32
	_ = eachTag(r, func(tag uint16, value uint32) {
		switch tag {
		case tagTileWidth:
			width = value
		case tagTileLength:
			length = value
		}
	})
	return area(int(width), int(length))
}

func tiffBytesPerPixel(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	return 4
}

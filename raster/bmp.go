package raster

import (
	"image"

	"golang.org/x/image/bmp"
)

// BMP is decoded by golang.org/x/image.
var bmpFormat = format{
	name: "BMP", mediaType: "image/bmp",
	matches: isBMP,
	header:  bmpHeader,
	decode:  func(r reader, _ header) (image.Image, error) { return bmp.Decode(r) },
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
	c, err := bmp.DecodeConfig(r)
	return header{width: c.Width, height: c.Height, perPixel: 4}, err
}

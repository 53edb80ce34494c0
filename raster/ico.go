package raster

import (
	"context"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/ico"
	"github.com/charcoal-art/charcoal/raster/internal/png"
)

// Icons and cursors of Windows are decoded from the largest of their pictures.
var iconFormat = format{
	name: "ICO", mediaType: "image/vnd.microsoft.icon",
	matches: isIcon,
	header: func(r reader) (header, error) {
		e, err := ico.Best(r)
		return header{width: e.Width, height: e.Height, reduced: pngMemory(e.Width, e.Height, true)}, err
	},
	decode:     iconDecode,
	reductions: anyReduction,
}

// isIcon wants the four bytes, which are few, and a first picture that lies behind
// the directory.
func isIcon(prefix []byte) bool {
	if !magic("\x00\x00\x01\x00", "\x00\x00\x02\x00")(prefix) || len(prefix) < 22 {
		return false
	}
	count := int(prefix[4]) | int(prefix[5])<<8
	offset := int64(prefix[18]) | int64(prefix[19])<<8 | int64(prefix[20])<<16 | int64(prefix[21])<<24
	return count > 0 && offset >= int64(6+16*count)
}

func iconDecode(ctx context.Context, r reader, _ header, reduction int) (image.Image, error) {
	e, err := ico.Best(r)
	if err != nil {
		return nil, err
	}
	if !e.PNG {
		return ico.Decode(ctx, r, e, ico.Options{Reduction: reduction})
	}
	return png.Decode(ctx, io.Reader(e.Content(r)), png.Options{Reduction: reduction})
}

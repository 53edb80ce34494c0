package raster

import (
	"context"
	"image"
	"strings"

	"github.com/charcoal-art/charcoal/raster/internal/pnm"
)

// Netpbm pictures (PBM, PGM, PPM and PAM) are decoded row by row.
var netpbmFormat = format{
	name: "Netpbm", mediaType: "image/x-portable-anymap",
	matches: isNetpbm,
	header: func(r reader) (header, error) {
		c, err := pnm.ReadConfig(r)
		return header{width: c.Width, height: c.Height, reduced: rowMemory(c.Width, c.Height, 16)}, err
	},
	decode: func(ctx context.Context, r reader, _ header, reduction int) (image.Image, error) {
		return pnm.Decode(ctx, r, pnm.Options{Reduction: reduction})
	},
	reductions: anyReduction,
}

func isNetpbm(prefix []byte) bool {
	return len(prefix) > 2 && prefix[0] == 'P' && prefix[1] >= '1' && prefix[1] <= '7' &&
		strings.IndexByte(" \t\r\n#", prefix[2]) >= 0
}

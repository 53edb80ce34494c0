package raster

import (
	"context"
	"image"

	"github.com/charcoal-art/charcoal/raster/internal/avif"
	"github.com/charcoal-art/charcoal/raster/internal/icc"
)

// AVIF is decoded whole, in a sandbox, by programs that have the decoder.
var avifFormat = format{
	name: "AVIF", mediaType: "image/avif",
	matches: isAVIF,
	header:  avifHeader,
	decode:  avifDecode,
	profile: avifProfile,
}

// isAVIF looks at all brands of the file (ISO/IEC 14496-12, section 4.3): the major one
// may be that of HEIF in general.
func isAVIF(prefix []byte) bool {
	if len(prefix) < 16 || string(prefix[4:8]) != "ftyp" {
		return false
	}
	end := min(len(prefix), int(prefix[2])<<8|int(prefix[3]))
	for at := 8; at+4 <= end; at += 4 {
		if b := string(prefix[at:][:4]); b == "avif" || b == "avis" {
			return true
		}
	}
	return false
}

func avifHeader(r reader) (header, error) {
	if !avif.Available {
		return header{}, &UnsupportedError{Message: "this is an AVIF picture; " + avif.ErrUnavailable.Error()}
	}
	c, err := avif.ReadConfig(r)
	if err != nil {
		return header{}, err
	}
	h := header{width: c.Width, height: c.Height, orientation: c.Orientation}
	h.reduced = func(int) int64 { return c.Memory() }
	return h, nil
}

// maxAVIF bounds the pixels, which the sandbox takes its time and memory for: about
// seven seconds and two gigabytes.
const maxAVIF = 32_000_000

func avifDecode(ctx context.Context, r reader, _ header, _ int) (image.Image, error) {
	return avif.Decode(ctx, r, DefaultLimits().Bytes, maxAVIF)
}

func avifProfile(r reader) (*icc.Profile, error) {
	c, err := avif.ReadConfig(r)
	if err != nil || len(c.Profile) == 0 {
		return nil, err
	}
	return icc.Parse(c.Profile)
}

// Package jpeg decodes JPEG files (ITU-T T.81) whole or reduced.
//
// It reads baseline, extended sequential and progressive files with Huffman
// coding and 8 bits a sample. A reduced picture is made in the DCT domain: an
// eighth of the size needs one coefficient of the 64 of a block, and what is not
// needed is passed over rather than decoded.
//
// Nothing in a file is trusted. The file is read through buffers of fixed size;
// what else is allocated follows from the size of the picture, and [Config]
// tells it beforehand.
package jpeg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
)

// ErrUnsupported is wrapped by the error for a file that is valid, as far as can
// be seen, but of a kind that this package does not decode: arithmetic coding,
// lossless and hierarchical files, 12 bits, a height that follows later (DNL).
var ErrUnsupported = errors.New("unsupported kind of JPEG")

// A FormatError says what in the file breaks the standard.
type FormatError string

func (e FormatError) Error() string { return "invalid JPEG: " + string(e) }

// Options are choices for [Decode].
type Options struct {
	// Reduction is the side of the square of pixels, 1, 2, 4 or 8, that becomes
	// one pixel of the result. 0 means 1.
	Reduction int
}

// Decode decodes a picture of w × h pixels to one of ⌈w/k⌉ × ⌈h/k⌉, where k is
// o.Reduction. A pixel of it is the mean of the square that it stands for, as
// nearly as the lower frequencies tell: exactly so where k is 8 and the component
// is not subsampled, with a root mean square error of about a level on photographs
// otherwise. Squares that reach beyond the picture count what the file stores
// there, which most encoders fill with the last row or column.
//
// The result is an [image.Gray], [image.YCbCr], [image.RGBA] or [image.CMYK]; of
// the whole picture it is what the package image/jpeg returns, within a level.
// Reduced chroma keeps as much of its resolution as fits.
//
// Of a file that is damaged Decode returns both the picture, grey where nothing
// is known, and the first error: one that wraps [io.ErrUnexpectedEOF] when the
// file ends early, a [FormatError], or what r returned. The picture is nil when
// there is no part of it, and when ctx ends first.
func Decode(ctx context.Context, r io.Reader, o Options) (image.Image, error) {
	switch k := cmp.Or(o.Reduction, 1); k {
	case 1, 2, 4, 8:
		return newDecoder(r).decode(ctx, k)
	default:
		return nil, fmt.Errorf("reduction by %d: %w", k, errors.ErrUnsupported)
	}
}

// Config is what the headers of a file tell.
type Config struct {
	Width, Height int
	Components    int  // 1 is grey, 3 YCbCr or RGB, 4 CMYK or YCCK
	Progressive   bool // the whole file may have to be read for any part of it

	frame frame
	rgb   bool
}

// ReadConfig reads the headers of a file, up to its first scan.
func ReadConfig(r io.Reader) (Config, error) {
	d := newDecoder(r)
	_, err := d.readHeaders()
	if d.frame.comps == nil {
		return Config{}, err
	}
	return Config{
		Width: d.frame.width, Height: d.frame.height,
		Components: len(d.frame.comps), Progressive: d.frame.progressive,
		frame: d.frame, rgb: d.isRGB(),
	}, nil
}

// Memory returns how many bytes [Decode] takes at most for a reduction, with the
// result.
func (c Config) Memory(reduction int) int64 {
	const fixed = 512 << 10 // buffers and tables
	f := c.frame
	f.comps = append([]component(nil), f.comps...)
	f.reduce(max(reduction, 1))
	total := int64(fixed)
	for i := range f.comps {
		total += f.comps[i].memory(f.progressive)
	}
	pixels := int64(f.outWidth()) * int64(f.outHeight())
	switch {
	case len(f.comps) == 4 || c.rgb:
		total += 4 * pixels // converted to interleaved samples
	case len(f.comps) == 3 && !f.hasStandardRatio():
		total += 3 * pixels // brought to one resolution
	}
	return total
}

// Package png decodes PNG pictures (PNG Specification, third edition) row by row,
// reduced by a whole factor while they are read: memory grows with the width of the
// picture and the size of the result. Without reduction the pixels and the type of
// the picture are those of the standard image/png.
package png

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// Options say how to decode.
type Options struct {
	// Reduction is k: a pixel of the result is the average of k × k pixels, from 1 to
	// reduce.MaxReduction. 0 is 1.
	Reduction int
}

// A FormatError says why something is no PNG, or a damaged one.
type FormatError string

func (e FormatError) Error() string { return "png: " + string(e) }

// An UnsupportedError names what this package, and the standard one, cannot decode.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "png: " + string(e) + " is not supported" }

// ErrTooLarge is for pictures whose rows or whose result would not fit in memory.
var ErrTooLarge = errors.New("png: the picture is too large")

// maxRow bounds the bytes of a row, of which a few are held, however many bytes a
// pixel has. It stops a header that
// claims a width of two thousand million pixels.
const maxRow = 1 << 26

// Config is what a PNG says about its pixels.
type Config struct {
	Width, Height int
	Depth         int // bits of a sample, or of an index into the palette
	Color         ColorType
	Interlaced    bool

	// Palette is for Paletted, with the alpha of tRNS. Indexes beyond it are black.
	Palette color.Palette

	// What light the values stand for. A Profile wins over SRGB, and that over Gamma and
	// Chromaticity (section 13.13).
	Profile      []byte    // ICC profile of iCCP, at most MaxProfile bytes, or nil
	SRGB         bool      // there is an sRGB chunk
	Gamma        uint32    // of gAMA: the exponent times 100000, or 0
	Chromaticity [8]uint32 // of cHRM: x and y of white, red, green and blue, times 100000, or zeros

	transparent    [3]uint16 // the colour that tRNS makes transparent
	hasTransparent bool
}

// ColorType is what a pixel is made of (section 11.2.1).
type ColorType uint8

// The colour types.
const (
	Gray      ColorType = 0
	TrueColor ColorType = 2
	Paletted  ColorType = 3
	GrayAlpha ColorType = 4
	TrueAlpha ColorType = 6
)

// MaxProfile bounds what a profile is inflated to. It stops a small iCCP chunk that
// inflates to gigabytes.
const MaxProfile = 1 << 20

// ReadConfig reads what comes before the pixels. A Profile that is damaged or longer
// than MaxProfile is left out. It may read ahead of what it needs.
func ReadConfig(r io.Reader) (Config, error) {
	p := newParser(r)
	p.wantProfile = true
	if err := p.readHeader(); err != nil {
		return Config{}, err
	}
	return p.Config, nil
}

// Decode decodes a picture. A file that is damaged after its header gives the picture
// as far as it can be read, together with the error: for one that ends early,
// errors.Is(err, io.ErrUnexpectedEOF) holds. Without a picture the image is nil. When
// ctx ends it stops within a few milliseconds.
//
// The size of the result is the business of the caller, who has seen the Config.
func Decode(ctx context.Context, r io.Reader, o Options) (image.Image, error) {
	p := newParser(r)
	if err := p.readHeader(); err != nil {
		return nil, err
	}
	img, err := p.Config.decodeRows(ctx, p, o)
	if err != nil {
		return img, err
	}
	return img, p.finish()
}

// DecodeFrame decodes a picture whose zlib stream is in data, as the frames of an
// animation have it in the bodies of their fdAT chunks (section 11.3.6.3). All but
// the size is as in the Config. For what is returned see Decode.
func (c Config) DecodeFrame(ctx context.Context, data io.Reader, size image.Point, o Options) (image.Image, error) {
	c.Width, c.Height = size.X, size.Y
	if c.Width <= 0 || c.Height <= 0 {
		return nil, FormatError("a frame has no pixels")
	}
	return c.decodeRows(ctx, data, o)
}

// decodeRows decodes the pixels in a zlib stream.
func (c *Config) decodeRows(ctx context.Context, stream io.Reader, o Options) (image.Image, error) {
	k := max(1, o.Reduction)
	if k > reduce.MaxReduction {
		return nil, fmt.Errorf("png: a reduction by more than %d", reduce.MaxReduction)
	}
	if c.Width > maxRow/8 || tooLarge(reduce.Size(image.Pt(c.Width, c.Height), k)) {
		return nil, ErrTooLarge
	}
	d := newDecoder(c, k)
	blocks := openBlocks(stream, int64(c.rowBytes(c.Width))*int64(c.Height))
	defer blocks.close()
	rows, err := d.decode(ctx, blocks)
	if rows == 0 {
		return nil, err
	}
	return d.target.image(), err
}

// tooLarge says whether eight bytes a pixel are more than can be counted.
func tooLarge(size image.Point) bool {
	const most = int64(^uint(0)>>1) / 8
	return int64(size.X) > most/int64(size.Y)
}

// bitsPerPixel is the size of a pixel in the file.
func (c *Config) bitsPerPixel() int {
	samples := 1
	switch c.Color {
	case GrayAlpha:
		samples = 2
	case TrueColor:
		samples = 3
	case TrueAlpha:
		samples = 4
	}
	return samples * c.Depth
}

// rowBytes is the size of a row of so many pixels, without its filter type.
func (c *Config) rowBytes(width int) int {
	return (c.bitsPerPixel()*width + 7) / 8
}

package raster

import (
	"context"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/icc"
)

// format is one kind of picture: how it is known, measured and decoded.
type format struct {
	name, mediaType string

	matches func(prefix []byte) bool
	// header reads the sizes from the start of r. It allocates nothing that the
	// file's own numbers size. An error for which isShort holds means that r
	// ended first.
	header func(r reader) (header, error)
	// decode decodes from the start of r. It may return a picture together with an
	// error: what there is of a damaged one.
	decode func(ctx context.Context, r reader, h header, reduction int) (image.Image, error)
	// reductions returns the largest reduction that is not above atMost. Nil means
	// that the format is only decoded whole.
	reductions func(h header, atMost int) int
	// moves reports whether a file is an animation, for formats in which that can be
	// told without reading it all.
	moves func(r reader) bool
	// loops reads how often an animation plays, 0 for ever, and frames gives its
	// frames from the start of src, or none when it is a still picture. Both are
	// nil for formats without animation.
	loops  func(src *source) (int, error)
	frames func(src *source, h header, add func(part) error) error
	// profile reads what colours the values stand for; nil for formats that do not
	// say it.
	profile func(r reader) (*icc.Profile, error)
	// ends reports whether the last bytes of a file are those of a whole one. Nil
	// means that they do not tell.
	ends func(tail []byte) bool
}

// reader is what formats read from: a [source], or a [bytes.Reader] over a prefix.
type reader interface {
	io.ReadSeeker
	io.ReaderAt
}

// header is what a format's own header says.
type header struct {
	width, height int   // as stored
	extra         int64 // bytes besides the pixels
	tile          int64 // pixels of the largest unit that is decoded at once, when larger than the picture
	orientation   int   // as EXIF counts; 0 or 1: upright
	perPixel      int64 // bytes a pixel while decoding, rounded up
	// reduced estimates the bytes that decoding needs besides turning, at a reduction.
	// Nil means that it is only decoded whole.
	reduced func(reduction int) int64
}

// memory estimates the bytes that decoding needs. Turning makes a copy, of up to
// 8 bytes a pixel.
func (h header) memory(reduction int) int64 {
	const fixed = 256 << 10 // tables, buffers
	const turning = 8
	if h.reduced != nil {
		total := fixed + h.reduced(reduction)
		if size := reducedSize(h, reduction); h.orientation > 1 {
			total += turning * area(size.X, size.Y)
		}
		return total
	}
	perPixel := h.perPixel
	if h.orientation > 1 {
		perPixel += max(perPixel, turning)
	}
	return fixed + h.extra + max(area(h.width, h.height), h.tile)*perPixel
}

// reduction is the largest that is possible and not above atMost.
func (f *format) reduction(h header, atMost int) int {
	if f.reductions == nil || h.reduced == nil {
		return 1
	}
	return f.reductions(h, atMost)
}

// anyReduction is for formats that average boxes row by row.
func anyReduction(_ header, atMost int) int { return atMost }

// rowMemory estimates what a decoder takes that averages boxes row by row: some rows,
// and the result with its sums.
func rowMemory(width, height, bytesPerPixel int) func(int) int64 {
	return func(k int) int64 {
		const rows, sums = 4, 2 * 4 * 8 // sums of a row and of a band, of up to four channels
		w, h := (width+k-1)/k, (height+k-1)/k
		return 1<<20 + rows*int64(width)*int64(bytesPerPixel) + sums*int64(w) + 8*area(w, h)
	}
}

// tailSize is how many bytes show whether a file is whole. Some writers leave
// rubbish behind the end.
const tailSize = 1 << 10

// formats is every format that can be decoded, in the order they are tried.
func formats() []*format {
	return []*format{
		&pngFormat, &jpegFormat, &gifFormat, &webpFormat, &bmpFormat, &tiffFormat, &qoiFormat, &netpbmFormat, &iconFormat, &avifFormat,
	}
}

// Formats are the names of the formats that can be decoded.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// identify returns the format of a file by its first bytes, or says what it is
// instead.
func identify(prefix []byte) (*format, error) {
	for _, f := range formats() {
		if f.matches(prefix) {
			return f, nil
		}
	}
	return nil, &UnsupportedError{Message: refusal(prefix)}
}

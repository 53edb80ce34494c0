// Package vp8 decodes key frames of VP8 (RFC 6386), which are the pixels of lossy WebP
// (RFC 9649, section 2.5), a row of macroblocks at a time, and makes them smaller on the
// way: memory grows with the width of the picture and the size of the result.
package vp8

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
)

// Chunk is the content of a VP8 chunk, such as an [io.SectionReader]. Its size is what
// the file says; reading may end before. Only one goroutine reads at a time.
type Chunk interface {
	io.ReaderAt
	Size() int64
}

// Options say how to decode.
type Options struct {
	// Reduction is the side of the box of pixels that becomes one pixel; 0 is 1. With
	// 4 and more the loop filter is left out: it moves light from one side of the edge
	// of a block to the other, which mostly fall into the same box. In photographs of
	// quality 75 and more that changes luma by half a level (root of the mean square)
	// and by 9 at worst, at quality 10 by 1.4 and 17; by 8 it is half of that.
	Reduction int
}

var (
	errNoKeyFrame = errors.New("it does not begin with a key frame")
	errEmpty      = errors.New("its picture is empty")
)

// Size reads the size of the picture.
func Size(c Chunk) (image.Point, error) {
	h, _, err := readTag(c)
	return image.Pt(h.width, h.height), err
}

// Memory returns how many bytes [Decode] takes at most, with the result.
func Memory(size image.Point, reduction int) int64 {
	const (
		fixed     = firstBuffer + maxPartitions*partitionBuffer + 64<<10
		perColumn = 3600 // of macroblocks: those of the rows under way, two bands, their edges
	)
	k := max(reduction, 1)
	pixels := int64((size.X+k-1)/k) * int64((size.Y+k-1)/k)
	return fixed + perColumn*int64((size.X+15)/16) + 3*pixels
}

// Decode decodes a picture. Each side of the result is that of the picture divided by
// the reduction, rounded up; boxes at the right and bottom edge are averages of the
// pixels that exist, and averages are of coded values. The result has the chroma
// subsampling 4:2:0 for odd reductions and 4:4:4 for even ones.
//
// Where the file ends early, the picture is grey, and the error is
// [io.ErrUnexpectedEOF] or why reading failed; without any pixel there is no picture.
// The picture is nil when ctx ends, too. The caller has checked that Size, and so Memory,
// is not too large. A goroutine decodes ahead, which has ended when Decode returns.
func Decode(ctx context.Context, c Chunk, o Options) (*image.YCbCr, error) {
	h, err := readHeader(c)
	if err != nil {
		return nil, err
	}
	w := newPainter(h, max(o.Reduction, 1))
	err = paint(ctx, newModeReader(h), newTokenReader(h), w)
	if w.painted == 0 || ctx.Err() != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	if err == nil {
		err = h.checkEnd(c)
	}
	return w.image(), err
}

// checkEnd reports a file that ends before it says. A few bytes may be missing without
// any symbol showing it.
func (h *frameHeader) checkEnd(c Chunk) error {
	var b [1]byte
	if n, err := c.ReadAt(b[:], c.Size()-1); n == 0 || h.cropped {
		return fmt.Errorf("read the end of the partitions: %w", atEnd(err))
	}
	return nil
}

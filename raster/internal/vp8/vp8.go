// Package vp8 decodes key frames of VP8 (RFC 6386), which are the pixels of lossy WebP
// (RFC 9649, section 2.5), a row of macroblocks at a time, and makes them smaller on the
// way: memory grows with the width of the picture and the size of the result.
package vp8

import (
	"context"
	"errors"
	"image"
	"io"
	"sync"
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
	// of a block to the other, which mostly fall into the same box.
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

// Decode decodes a picture. Each side of the result is that of the picture divided by
// the reduction, rounded up; boxes at the right and bottom edge are averages of the
// pixels that exist, and averages are of coded values. The result has the chroma
// subsampling 4:2:0 for odd reductions and 4:4:4 for even ones.
//
// Where the file ends early, the picture is grey, and the error is
// [io.ErrUnexpectedEOF] or why reading failed; without any pixel there is no picture.
// The caller has checked that Size is not too large. A goroutine decodes ahead, which
// has ended when Decode returns.
func Decode(ctx context.Context, c Chunk, o Options) (*image.YCbCr, error) {
	p, err := newParser(c)
	if err != nil {
		return nil, err
	}
	w := newPainter(&p.frameHeader, max(o.Reduction, 1))
	if err = paint(ctx, p, w); w.painted == 0 {
		return nil, err
	}
	return w.image(), err
}

// ahead is how many rows of macroblocks may be parsed before they are painted.
const ahead = 3

// paint paints rows while the next are being parsed.
func paint(ctx context.Context, p *parser, w *painter) (err error) {
	free, parsed := make(chan *row, ahead), make(chan *row, ahead)
	for range ahead {
		free <- &row{make([]macroblock, 0, p.columns())}
	}
	ctx, stop := context.WithCancel(ctx)
	var parsing sync.WaitGroup
	defer parsing.Wait()
	defer stop() // also when painting panics
	var panicked any
	parsing.Go(func() {
		defer close(parsed)
		defer func() { panicked = recover() }() // it belongs to the caller
		err = p.parse(ctx, free, parsed)
	})
	for r := range parsed {
		w.row(r)
		free <- r
	}
	if panicked != nil {
		panic(panicked)
	}
	return err
}

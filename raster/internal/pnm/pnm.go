// Package pnm decodes the pictures of Netpbm: PBM, PGM and PPM, plain (P1, P2, P3) and
// raw (P4, P5, P6), and PAM (P7), with samples of up to 16 bits, as the manual pages
// pbm(5), pgm(5), ppm(5) and pam(5) of Netpbm say. It decodes row by row, reduced by a
// whole factor while they are read: memory grows with the width of the picture and the
// size of the result.
package pnm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// Options say how to decode.
type Options struct {
	// Reduction is k: a pixel of the result is the average of k × k pixels, from 1 to
	// reduce.MaxReduction. 0 is 1.
	Reduction int
}

// A FormatError says why something is no picture of Netpbm, or a damaged one.
type FormatError string

func (e FormatError) Error() string { return "pnm: " + string(e) }

// An UnsupportedError names what this package cannot decode.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "pnm: " + string(e) + " is not supported" }

// Config is the header.
type Config struct {
	Width, Height int
	Channels      int // 1 and 2 are grey without and with alpha, 3 and 4 colour
	Max           int // the value of white, 1…65535

	magic byte // '1' to '7'
}

// ReadConfig reads the header. It may read ahead of what it needs.
func ReadConfig(r io.Reader) (Config, error) {
	return readHeader(bufio.NewReaderSize(r, bufferSize))
}

const bufferSize = 64 << 10

// Decode decodes a picture; of several in a file, the first. The type of the result is
// that of [reduce.Layout]. The caller has checked that the sizes in Config are not too
// large. Where the file ends early, the picture has the rows that are there, and the
// error is [io.ErrUnexpectedEOF] or why reading failed; without any row there is no
// picture.
func Decode(ctx context.Context, r io.Reader, o Options) (image.Image, error) {
	buffered := bufio.NewReaderSize(contextReader{ctx, r}, bufferSize)
	c, err := readHeader(buffered)
	if err != nil {
		return nil, err
	}
	k := max(o.Reduction, 1)
	if k > reduce.MaxReduction {
		return nil, fmt.Errorf("pnm: a reduction by more than %d", reduce.MaxReduction)
	}
	box := reduce.New(image.Pt(c.Width, c.Height), k, c.layout())
	next := c.rows(buffered)
	for y := range c.Height {
		row, err := next()
		if err != nil && y == 0 {
			return nil, explain("read pixels", err)
		}
		if err != nil {
			return box.Image(), explain("read pixels", err)
		}
		box.Row(y, row)
	}
	return box.Image(), nil
}

func (c *Config) layout() reduce.Layout {
	layout := reduce.Gray8 + reduce.Layout(c.Channels-1)
	if c.Max > 255 {
		layout += reduce.Gray16 - reduce.Gray8
	}
	return layout
}

// contextReader ends with its context, also within a comment that never does.
type contextReader struct {
	ctx context.Context // as long as one call of Decode
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// explain says what was being done, but for errors that do so themselves. The end of a
// file is unexpected.
func explain(doing string, err error) error {
	if _, ok := errors.AsType[FormatError](err); ok {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("pnm: %s: %w", doing, err)
}

// Package bmp decodes BMP pictures (Windows "device independent bitmaps" and those of
// OS/2 1.x) row by row, reduced by a whole factor while they are read: memory grows with
// the width of the picture and the size of the result. The layout of the headers is in
// the documentation of the Windows GDI: BITMAPFILEHEADER, BITMAPCOREHEADER,
// BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER.
package bmp

import (
	"bufio"
	"context"
	"encoding/binary"
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

// A FormatError says why something is no BMP picture, or a damaged one.
type FormatError string

func (e FormatError) Error() string { return "bmp: " + string(e) }

// An UnsupportedError names what this package cannot decode.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "bmp: " + string(e) + " is not supported" }

// ReadConfig reads what comes before the pixels.
func ReadConfig(r io.Reader) (Info, error) {
	var file [14]byte
	if _, err := io.ReadFull(r, file[:]); err != nil {
		return Info{}, fmt.Errorf("bmp: read the header: %w", atEnd(err))
	}
	if string(file[:2]) != "BM" {
		return Info{}, FormatError("this is no BMP picture")
	}
	info, err := ReadInfo(r)
	if err != nil {
		return Info{}, err
	}
	info.gap = int64(binary.LittleEndian.Uint32(file[10:])) - int64(len(file)) - info.Size
	if info.gap < 0 {
		return Info{}, FormatError("the pixels begin within the header")
	}
	return info, nil
}

const bufferSize = 64 << 10

// Decode decodes a picture, to [image.RGBA] or, with alpha, to [image.NRGBA]. The
// caller has checked that the sizes in Info are not too large. Where the file ends
// early, the picture has the rows that are there, which may be those at the bottom, and
// the error is [io.ErrUnexpectedEOF] or why reading failed; without any row there is no
// picture.
func Decode(ctx context.Context, r io.Reader, o Options) (image.Image, error) {
	buffered := bufio.NewReaderSize(r, bufferSize)
	info, err := ReadConfig(buffered)
	if err != nil {
		return nil, err
	}
	k := max(o.Reduction, 1)
	if k > reduce.MaxReduction {
		return nil, fmt.Errorf("bmp: a reduction by more than %d", reduce.MaxReduction)
	}
	if _, err := io.CopyN(io.Discard, buffered, info.gap); err != nil {
		return nil, fmt.Errorf("bmp: find the pixels: %w", atEnd(err))
	}
	box := reduce.New(image.Pt(info.Width, info.Height), k, info.Layout())
	rows, err := info.decode(ctx, buffered, box)
	if rows == 0 {
		return nil, err
	}
	return box.Image(), err
}

// decode passes rows to box and counts them.
func (i *Info) decode(ctx context.Context, r io.Reader, box *reduce.Box) (rows int, err error) {
	stored := make([]byte, i.RowBytes())
	row := make([]byte, i.Width*i.Layout().PixelBytes())
	expand := i.Expander()
	for n := range i.Height {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if _, err := io.ReadFull(r, stored); err != nil {
			return n, fmt.Errorf("bmp: read pixels: %w", atEnd(err))
		}
		expand(row, stored)
		y := n
		if !i.TopDown {
			y = i.Height - 1 - n
		}
		box.Row(y, row)
	}
	return i.Height, nil
}

// atEnd makes the end of a file unexpected.
func atEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

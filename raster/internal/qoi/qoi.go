// Package qoi decodes QOI pictures ("The Quite OK Image Format", specification 1.0,
// 2022) row by row, reduced by a whole factor while they are read: memory grows with
// the width of the picture and the size of the result.
package qoi

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

// A FormatError says why something is no QOI picture, or a damaged one.
type FormatError string

func (e FormatError) Error() string { return "qoi: " + string(e) }

// Config is the header.
type Config struct {
	Width, Height int
	Alpha         bool
	Linear        bool // whether values are light, not sRGB; most programs ignore it
}

// maxWidth bounds the row that is held. It stops a header that claims a width of four
// thousand million pixels.
const maxWidth = 1 << 24

const headerSize = 14

// ReadConfig reads the header.
func ReadConfig(r io.Reader) (Config, error) {
	var b [headerSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return Config{}, fmt.Errorf("qoi: read the header: %w", atEnd(err))
	}
	width, height := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	switch {
	case string(b[:4]) != "qoif":
		return Config{}, FormatError("this is no QOI picture")
	case width == 0 || height == 0:
		return Config{}, FormatError("the picture is empty")
	case width > maxWidth || height > 1<<31-1:
		return Config{}, FormatError("the picture is too large")
	case b[12] != 3 && b[12] != 4:
		return Config{}, FormatError(fmt.Sprintf("it has %d channels", b[12]))
	}
	return Config{Width: int(width), Height: int(height), Alpha: b[12] == 4, Linear: b[13] == 1}, nil
}

// Decode decodes a picture, to [image.RGBA] or, with alpha, to [image.NRGBA]. The
// caller has checked that the sizes in Config are not too large. Where the file ends
// early, the picture has the pixels that are there, and the error is
// [io.ErrUnexpectedEOF] or why reading failed; without any row there is no picture.
func Decode(ctx context.Context, r io.Reader, o Options) (image.Image, error) {
	buffered := bufio.NewReaderSize(r, bufferSize)
	c, err := ReadConfig(buffered)
	if err != nil {
		return nil, err
	}
	k := max(o.Reduction, 1)
	if k > reduce.MaxReduction {
		return nil, fmt.Errorf("qoi: a reduction by more than %d", reduce.MaxReduction)
	}
	layout := reduce.RGB8
	if c.Alpha {
		layout = reduce.RGBA8
	}
	d := decoder{r: buffered, channels: layout.Channels(), pixel: pixel{0, 0, 0, 255}}
	box := reduce.New(image.Pt(c.Width, c.Height), k, layout)
	rows, err := d.decode(ctx, box, c)
	if rows == 0 {
		return nil, err
	}
	return box.Image(), err
}

const bufferSize = 64 << 10

// atEnd makes the end of a file unexpected.
func atEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

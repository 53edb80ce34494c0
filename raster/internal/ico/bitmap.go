package ico

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/bmp"
	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// Options say how to decode.
type Options struct {
	// Reduction is k: a pixel of the result is the average of k × k pixels, from 1 to
	// reduce.MaxReduction. 0 is 1.
	Reduction int
}

// ErrPNG is returned for a picture that is a PNG, for which there are decoders.
var ErrPNG = errors.New("ico: the picture is a PNG")

// Decode decodes a picture that is a bitmap to [image.NRGBA]. The caller has checked
// that its sides are not too large. Where the file ends early, the picture has the rows
// that are there, which are those at the bottom, and the error is [io.ErrUnexpectedEOF]
// or why reading failed; without any row there is no picture.
func Decode(ctx context.Context, r io.ReaderAt, e Entry, o Options) (image.Image, error) {
	if e.PNG {
		return nil, ErrPNG
	}
	k := max(o.Reduction, 1)
	if k > reduce.MaxReduction {
		return nil, fmt.Errorf("ico: a reduction by more than %d", reduce.MaxReduction)
	}
	b, err := newBitmap(ctx, e.Content(r), e.info)
	if err != nil {
		return nil, fmt.Errorf("ico: read the alpha: %w", err)
	}
	box := reduce.New(image.Pt(e.Width, e.Height), k, reduce.RGBA8)
	for n := range e.Height {
		err := ctx.Err()
		if err == nil {
			err = b.read(n)
		}
		if err != nil && n == 0 {
			return nil, fmt.Errorf("ico: read pixels: %w", err)
		}
		if err != nil {
			return box.Image(), fmt.Errorf("ico: read pixels: %w", err)
		}
		y := n
		if !e.info.TopDown {
			y = e.Height - 1 - n
		}
		box.Row(y, b.row)
	}
	return box.Image(), nil
}

// bitmap reads rows of pixels and of the mask, which comes behind all of them.
type bitmap struct {
	r      io.ReaderAt
	info   bmp.Info
	expand func(dst, src []byte)
	stored []byte
	pixels []byte // in the layout of info
	mask   []byte // a bit for each pixel, padded to four bytes; 1 is transparent
	row    []byte // the result: RGBA
}

// newBitmap looks whether a picture of 32 bits has alpha: no header says so. It has when
// any is not zero; then the mask, which is for old programs, does not count.
func newBitmap(ctx context.Context, r io.ReaderAt, info bmp.Info) (*bitmap, error) {
	b := &bitmap{r: r, info: info, stored: make([]byte, info.RowBytes()), row: make([]byte, 4*info.Width)}
	if with := info.WithAlpha(); with.Alpha() {
		b.use(with)
		some, err := b.anyAlpha(ctx)
		if some || err != nil {
			return b, err
		}
		info = info.WithoutAlpha()
	}
	b.use(info)
	b.mask = make([]byte, (info.Width+31)/32*4)
	return b, nil
}

func (b *bitmap) use(info bmp.Info) {
	b.info, b.expand = info, info.Expander()
	b.pixels = make([]byte, info.Width*info.Layout().PixelBytes())
}

// anyAlpha reads the picture until some alpha is not zero. Where it ends early, what is
// there decides.
func (b *bitmap) anyAlpha(ctx context.Context) (bool, error) {
	for n := range b.info.Height {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		err := b.readPixels(n)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for i := 3; i < len(b.pixels); i += 4 {
			if b.pixels[i] != 0 {
				return true, nil
			}
		}
	}
	return false, nil
}

func (b *bitmap) readPixels(n int) error {
	if err := readAt(b.r, b.stored, b.info.Size+int64(n)*int64(len(b.stored))); err != nil {
		return err
	}
	b.expand(b.pixels, b.stored)
	return nil
}

// read makes row n, as the file counts. A mask that is missing is of opaque pixels.
func (b *bitmap) read(n int) error {
	if err := b.readPixels(n); err != nil {
		return err
	}
	if b.mask == nil {
		copy(b.row, b.pixels)
		return nil
	}
	pixels := int64(b.info.Height) * int64(len(b.stored))
	err := readAt(b.r, b.mask, b.info.Size+pixels+int64(n)*int64(len(b.mask)))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		clear(b.mask)
	} else if err != nil {
		return err
	}
	for x := range b.info.Width {
		transparent := b.mask[x/8] >> (7 - x%8) & 1
		copy(b.row[4*x:], b.pixels[3*x:3*x+3])
		b.row[4*x+3] = transparent - 1
	}
	return nil
}

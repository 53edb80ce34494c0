package execengine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/raster"
)

// pixels decodes a picture and returns it as a PPM.
func (e *Engine) pixels(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (io.Reader, error) {
	img, _, err := raster.Decode(ctx, r, e.config.Raster)
	if err != nil {
		return nil, coded(err)
	}
	return newPPM(img, opts.Page().Ground), nil
}

// coded gives errors that are the fault of the picture their code.
func coded(err error) error {
	if limit, ok := errors.AsType[*raster.LimitError](err); ok {
		return charcoal.OverLimit(limit.What, limit.Limit, limit.Actual, limit.Unit).Because(err)
	}
	if corrupt, ok := errors.AsType[*raster.CorruptError](err); ok {
		return charcoal.Errorf(charcoal.Unprocessed, "%s", corrupt.Message).Because(err)
	}
	if unsupported, ok := errors.AsType[*raster.UnsupportedError](err); ok {
		return charcoal.Errorf(charcoal.Unsupported, "%s", unsupported.Message).Because(err)
	}
	return err
}

// ppm is a picture as a binary PPM, made row by row as it is read.
type ppm struct {
	img    image.Image
	ground image.Image
	row    *image.RGBA
	y      int
	ready  []byte // not yet read
}

func newPPM(img image.Image, ground ascii.RGB) *ppm {
	b := img.Bounds()
	return &ppm{
		img: img, ground: image.NewUniform(color.RGBA{ground.R, ground.G, ground.B, 0xff}),
		row: image.NewRGBA(image.Rect(0, 0, b.Dx(), 1)), y: b.Min.Y,
		ready: fmt.Appendf(nil, "P6\n%d %d\n255\n", b.Dx(), b.Dy()),
	}
}

// Read implements [io.Reader].
func (p *ppm) Read(dst []byte) (int, error) {
	if len(p.ready) == 0 && !p.next() {
		return 0, io.EOF
	}
	n := copy(dst, p.ready)
	p.ready = p.ready[n:]
	return n, nil
}

// next makes one more row, if there is one.
func (p *ppm) next() bool {
	b := p.img.Bounds()
	if p.y >= b.Max.Y {
		return false
	}
	draw.Draw(p.row, p.row.Rect, p.ground, image.Point{}, draw.Src)
	draw.Draw(p.row, p.row.Rect, p.img, image.Pt(b.Min.X, p.y), draw.Over)
	p.y++
	p.ready = p.ready[:0:0]
	for i := 0; i < len(p.row.Pix); i += 4 {
		p.ready = append(p.ready, p.row.Pix[i], p.row.Pix[i+1], p.row.Pix[i+2])
	}
	return true
}

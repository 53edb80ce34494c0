package png

import (
	"image"
	"image/color"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// target takes rows of pixels and makes the picture.
type target interface {
	row(y int, p pass, pixels []byte)
	repeat(y int) // with the pixels of the row that came last, unless passes mix
	image() image.Image
}

func (c *Config) newTarget(k int) target {
	size := image.Pt(c.Width, c.Height)
	switch {
	case c.Color == Paletted && k == 1:
		return newIndexes(size, c.Palette)
	case c.Interlaced:
		return grid{reduce.NewGrid(size, k, c.layout())}
	default:
		return box{reduce.New(size, k, c.layout())}
	}
}

type box struct{ *reduce.Box }

func (b box) row(y int, _ pass, pixels []byte) { b.Row(y, pixels) }
func (b box) repeat(y int)                     { b.Repeat(y) }
func (b box) image() image.Image               { return b.Image() }

type grid struct{ *reduce.Grid }

func (g grid) row(y int, p pass, pixels []byte) { g.Row(y, p.x, p.dx, pixels) }
func (g grid) repeat(y int)                     { g.Repeat(y) }
func (g grid) image() image.Image               { return g.Image() }

// indexes is a picture with a palette.
type indexes struct {
	img  *image.Paletted
	most byte // the highest index
	last int  // the row that came last
}

func newIndexes(size image.Point, palette color.Palette) *indexes {
	return &indexes{img: image.NewPaletted(image.Rectangle{Max: size}, palette)}
}

func (t *indexes) row(y int, p pass, pixels []byte) {
	t.last = y
	dst := t.img.Pix[y*t.img.Stride+p.x:]
	if p.dx == 1 {
		copy(dst, pixels)
	}
	for i, v := range pixels {
		dst[i*p.dx] = v
		t.most = max(t.most, v)
	}
}

func (t *indexes) repeat(y int) {
	copy(t.img.Pix[y*t.img.Stride:][:t.img.Stride], t.img.Pix[t.last*t.img.Stride:])
	t.last = y
}

// image gives the picture. Its palette is extended to the indexes that occur.
func (t *indexes) image() image.Image {
	if n := int(t.most) + 1; n > len(t.img.Palette) {
		t.img.Palette = t.img.Palette[:n]
	}
	return t.img
}

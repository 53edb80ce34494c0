package png

import (
	"image"
	"image/color"
	"slices"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// target takes rows of pixels and makes the picture.
type target interface {
	row(y int, p pass, pixels []byte)
	repeat(y int) // with the pixels of the row that came last, unless passes mix
	image() image.Image
}

func (c *Config) newTarget(k int) target {
	if c.Color == Paletted && k == 1 {
		return &indexes{target: c.reducer(k, reduce.Gray8), palette: c.Palette}
	}
	return c.reducer(k, c.layout())
}

func (c *Config) reducer(k int, layout reduce.Layout) target {
	size := image.Pt(c.Width, c.Height)
	if c.Interlaced {
		return grid{reduce.NewGrid(size, k, layout)}
	}
	return box{reduce.New(size, k, layout)}
}

type box struct{ *reduce.Box }

func (b box) row(y int, _ pass, pixels []byte) { b.Row(y, pixels) }
func (b box) repeat(y int)                     { b.Repeat(y) }
func (b box) image() image.Image               { return b.Image() }

type grid struct{ *reduce.Grid }

func (g grid) row(y int, p pass, pixels []byte) { g.Row(y, p.x, p.dx, pixels) }
func (g grid) repeat(y int)                     { g.Repeat(y) }
func (g grid) image() image.Image               { return g.Image() }

// indexes is a picture with a palette, which is made like a grey one.
type indexes struct {
	target
	palette color.Palette
	most    byte // the highest index
}

func (t *indexes) row(y int, p pass, pixels []byte) {
	t.most = max(t.most, slices.Max(pixels))
	t.target.row(y, p, pixels)
}

// image gives the picture. Its palette is extended to the indexes that occur. What is
// missing has index 0 where there is none in the middle.
func (t *indexes) image() image.Image {
	grey := t.target.image().(*image.Gray)
	palette := t.palette[:max(len(t.palette), int(t.most)+1)]
	if len(palette) <= missingIndex {
		for i, v := range grey.Pix {
			if v == missingIndex {
				grey.Pix[i] = 0
			}
		}
	}
	return &image.Paletted{Pix: grey.Pix, Stride: grey.Stride, Rect: grey.Rect, Palette: palette}
}

// missingIndex is what stands where a grey picture has no pixels.
const missingIndex = 0x80

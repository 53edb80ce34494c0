package format

import (
	"errors"
	"image"
	"image/color"

	"github.com/charcoal-art/charcoal/ascii"
)

// errManyColors says that a picture has more colours than a palette.
var errManyColors = errors.New("more than 256 colours")

// indexer gives colours their place in a palette.
type indexer interface {
	index(c ascii.RGB) (uint8, error)
	palette() color.Palette
}

// exact is a palette of all colours of a picture while they are no more than 256,
// in the order in which they come up.
type exact struct {
	indexes map[ascii.RGB]uint8
	colors  color.Palette
}

func newExact() *exact { return &exact{indexes: map[ascii.RGB]uint8{}} }

func (p *exact) palette() color.Palette { return p.colors }

func (p *exact) index(c ascii.RGB) (uint8, error) {
	if i, ok := p.indexes[c]; ok {
		return i, nil
	}
	if len(p.colors) == 256 {
		return 0, errManyColors
	}
	i := uint8(len(p.colors))
	p.indexes[c] = i
	p.colors = append(p.colors, color.RGBA{c.R, c.G, c.B, 255})
	return i, nil
}

// brush draws cells with a palette. It remembers the blends of each ink and ground,
// as most cells share theirs with others.
type brush struct {
	indexer
	ramps map[[2]ascii.RGB]*ramp
}

// ramp is the indexes of the blends of one ink and one ground, by coverage, as far
// as they were needed.
type ramp struct {
	known [256]bool
	index [256]uint8
}

// maxRamps bounds what a brush remembers: 512 bytes each.
const maxRamps = 2048

func newBrush(i indexer) *brush { return &brush{i, map[[2]ascii.RGB]*ramp{}} }

// paint draws a cell, or returns errManyColors.
func (b *brush) paint(img *image.Paletted, at image.Point, l look) error {
	r := b.ramp(l)
	for y := range cellHeight {
		pix := img.Pix[img.PixOffset(at.X, at.Y+y):]
		for x, coverage := range l.mask[y] {
			if !r.known[coverage] {
				i, err := b.index(l.blend(coverage))
				if err != nil {
					return err
				}
				r.known[coverage], r.index[coverage] = true, i
			}
			pix[x] = r.index[coverage]
		}
	}
	return nil
}

func (b *brush) ramp(l look) *ramp {
	key := [2]ascii.RGB{l.fg, l.bg}
	r := b.ramps[key]
	if r == nil {
		if len(b.ramps) == maxRamps {
			clear(b.ramps)
		}
		r = new(ramp)
		b.ramps[key] = r
	}
	return r
}

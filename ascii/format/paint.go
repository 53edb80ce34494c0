package format

import (
	"fmt"
	"image"
	"slices"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// SizeError says that art is too large for a format that is drawn.
type SizeError struct{ Pixels, Limit int64 }

func (e *SizeError) Error() string {
	return fmt.Sprintf("the art would be drawn with %d pixels, of at most %d; ask for fewer columns, rows or frames", e.Pixels, e.Limit)
}

// checkPixels returns a [*SizeError] when a number of frames has more than a limit.
func checkPixels(art *ascii.Art, frames int, limit int64) error {
	n := int64(art.Cols) * int64(art.Rows) * int64(frames) * cellWidth * cellHeight
	if n > limit {
		return &SizeError{Pixels: n, Limit: limit}
	}
	return nil
}

// painter draws cells as terminals do: ink over ground by coverage, blended in
// encoded sRGB. It serves one goroutine.
type painter struct {
	art   *ascii.Art
	masks map[rune]*mask
}

// mask is the coverage of a cell by a character: 0 is ground, 255 ink.
type mask [cellHeight][cellWidth]uint8

func newPainter(art *ascii.Art, f *glyph.Font, frames int) (*painter, error) {
	p := &painter{art: art, masks: map[rune]*mask{}}
	box := missing()
	var runes []rune
	for _, frame := range art.Frames[:frames] {
		for _, c := range frame.Cells {
			if p.masks[c.Rune] == nil {
				p.masks[c.Rune] = box
				runes = append(runes, c.Rune)
			}
		}
	}
	runes = slices.DeleteFunc(runes, func(r rune) bool { return !f.Has(r) })
	atlas, err := f.Atlas(cellWidth, cellHeight, runes)
	if err != nil {
		return nil, err
	}
	for _, g := range atlas.Glyphs {
		m := new(mask)
		for i, coverage := range g.Coverage {
			m[i/cellWidth][i%cellWidth] = uint8(float32(coverage*255) + 0.5)
		}
		p.masks[g.Rune] = m
	}
	return p, nil
}

// missing is the box that stands for characters that the font lacks.
func missing() *mask {
	m := new(mask)
	for y := 3; y <= 12; y++ {
		for x := 1; x <= 6; x++ {
			if y == 3 || y == 12 || x == 1 || x == 6 {
				m[y][x] = 255
			}
		}
	}
	return m
}

// look is everything that the pixels of a cell depend on.
type look struct {
	mask   *mask
	fg, bg ascii.RGB
}

func (p *painter) look(c ascii.Cell) look {
	return look{
		mask: p.masks[c.Rune],
		fg:   c.FG.RGB(p.art.Palette, p.art.Page.Ink),
		bg:   c.BG.RGB(p.art.Palette, p.art.Page.Ground),
	}
}

// blend is ink over ground. It is exact at both ends.
func (l look) blend(coverage uint8) ascii.RGB {
	mix := func(ink, ground uint8) uint8 {
		return uint8((int(ink)*int(coverage) + int(ground)*int(255-coverage) + 127) / 255)
	}
	return ascii.RGB{R: mix(l.fg.R, l.bg.R), G: mix(l.fg.G, l.bg.G), B: mix(l.fg.B, l.bg.B)}
}

// cellRect is the place of a cell in pixels.
func cellRect(x, y int) image.Rectangle {
	return image.Rect(x*cellWidth, y*cellHeight, (x+1)*cellWidth, (y+1)*cellHeight)
}

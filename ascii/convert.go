package ascii

import (
	"errors"
	"image"
)

// Convert draws a picture. The same picture and options give the same art on
// every machine. It is safe for concurrent use and does not change img.
//
// Errors are [*OptionError] and [*LimitError].
func Convert(img image.Image, o Options) (*Art, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	b := img.Bounds()
	if b.Empty() {
		return nil, errors.New("the picture has no pixels")
	}
	cols, rows := o.Grid(b.Dx(), b.Dy())
	if err := o.Limits.check(cols, rows); err != nil {
		return nil, err
	}
	d, err := dictionaryOf(o)
	if err != nil {
		return nil, err
	}
	target := sample(img, cols, rows, o.Invert, d)
	return d.draw(d.match(target, cols, rows), cols, rows), nil
}

// sample returns the light of a picture for each sample of a grid of cells, mapped
// to the range that the dictionary reaches.
func sample(img image.Image, cols, rows int, invert bool, d *dictionary) *canvas {
	var page uint32
	if invert {
		page = one
	}
	b := img.Bounds()
	c := newCanvas(cols*subCols, rows*subRows)
	s := newSampler(readerOf(img, page), b.Dx(), b.Dy(), c.width, c.height)
	unit := (d.lightest() - d.darkest()) / (float64(s.full()) * one)
	for y := range c.height {
		row := c.row(y)[margin:][:c.width]
		for x, sum := range s.row(y) {
			row[x] = float32(d.darkest() + float64(float64(sum)*unit)) // not fused, see blur7
		}
	}
	return c
}

// draw turns picks into art.
func (d *dictionary) draw(picks []uint8, cols, rows int) *Art {
	art := &Art{Cols: cols, Rows: rows, Cells: make([]Cell, len(picks))}
	for i, p := range picks {
		art.Cells[i].Rune = d.runes[p]
	}
	return art
}

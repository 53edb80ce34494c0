package ascii

import (
	"context"
	"errors"
	"image"
)

// Convert draws a picture. The same picture and options give the same art on
// every machine. It is safe for concurrent use and does not change img.
//
// Errors are [*OptionError] and [*LimitError].
func Convert(img image.Image, o Options) (*Art, error) {
	return ConvertContext(context.Background(), img, o)
}

// ConvertContext is [Convert], but stops soon after ctx ends and then returns its
// error.
func ConvertContext(ctx context.Context, img image.Image, o Options) (*Art, error) {
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
	target, err := sample(ctx, img, cols, rows, d)
	if err != nil {
		return nil, err
	}
	picks, err := newMatcher(d, target, cols, rows).match(ctx)
	if err != nil {
		return nil, err
	}
	return d.art(picks, cols, rows), nil
}

// CellMemory is about how many bytes a conversion holds for each cell.
const CellMemory = samples*4 + 8

// sample returns the light of a picture for each sample of a grid of cells, mapped
// to the range that the dictionary reaches.
func sample(ctx context.Context, img image.Image, cols, rows int, d *dictionary) (*canvas, error) {
	b := img.Bounds()
	c := newCanvas(cols*subCols, rows*subRows)
	s := newSampler(readerOf(img, d.page), b.Dx(), b.Dy(), c.width, c.height)
	unit := (d.lightest() - d.darkest()) / (float64(s.full()) * one)
	for y := range c.height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := c.row(y)[margin:][:c.width]
		for x, sum := range s.row(y) {
			row[x] = float32(d.darkest() + float64(float64(sum)*unit)) // not fused, see blur7
		}
	}
	return c, nil
}

// pageOf is a light page, or a dark one.
func pageOf(light bool) Page {
	black, white := RGB{}, RGB{255, 255, 255}
	if light {
		return Page{Ink: black, Ground: white}
	}
	return Page{Ink: white, Ground: black}
}

// art turns picks into art.
func (d *dictionary) art(picks []uint8, cols, rows int) *Art {
	cells := make([]Cell, len(picks))
	for i, p := range picks {
		cells[i].Rune = d.runes[p]
	}
	return &Art{Cols: cols, Rows: rows, Depth: "none", Page: pageOf(d.page != 0), Frames: []Frame{{Cells: cells}}}
}

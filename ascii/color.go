package ascii

import (
	"context"
	"fmt"
)

// colorSamples is how many samples of light [drawColor] wants of each cell, across
// and down.
func colorSamples(Options) (sx, sy int) { return inkCols, inkRows }

// drawColor picks a character and colours for each cell. The palette is nil unless
// the colours are its entries.
func drawColor(ctx context.Context, l *light, cols, rows int, o Options) (cells []Cell, palette []RGB, err error) {
	a, err := alphabetOf(o)
	if err != nil {
		return nil, nil, err
	}
	if palette = paletteOf(o); palette != nil {
		return nil, nil, fmt.Errorf("colour depth %q is not drawn yet", o.Color)
	}
	p, err := newFreePainter(l, cols, rows, a, o)
	if err != nil {
		return nil, nil, err
	}
	cells, err = p.paint(ctx, cols, rows, 2)
	return cells, nil, err
}

// newFreePainter takes light and uses it up.
func newFreePainter(l *light, cols, rows int, a alphabet, o Options) (*freePainter, error) {
	e := newEye(blurScale{0.5, 1}, blurScale{1, 1}, blurScale{2, 1})
	forms, err := newForms(a, o.CellAspect, e, same)
	if err != nil {
		return nil, err
	}
	for _, plane := range [][]float32{l.r, l.g, l.b} {
		for i, v := range plane {
			plane[i] = encode(v)
		}
	}
	return &freePainter{
		forms: forms, eye: e, target: l, field: newErrorField(cols, rows),
		tries: 12, toRGB: rounded, ofRGB: encoded,
	}, nil
}

func same(v float32) float32 { return v }

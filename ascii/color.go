package ascii

import "context"

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
		p, err := newIndexedPainter(l, cols, rows, a, o, palette)
		if err != nil {
			return nil, nil, err
		}
		cells, err = p.paint(ctx, cols, rows, 3)
		return cells, palette, err
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
	t := &light{width: l.width, height: l.height, r: encodeAll(l.r), g: encodeAll(l.g), b: encodeAll(l.b)}
	return &freePainter{
		forms: forms, eye: e, target: t, light: l, field: newErrorField(cols, rows),
		tries: 12, toRGB: rounded, ofRGB: encoded,
	}, nil
}

func same(v float32) float32 { return v }

func encodeAll(plane []float32) []float32 {
	out := make([]float32, len(plane))
	for i, v := range plane {
		out[i] = encode(v)
	}
	return out
}

func newIndexedPainter(l *light, cols, rows int, a alphabet, o Options, palette []RGB) (*indexedPainter, error) {
	luma := newEye(blurScale{0.5, 1.0}, blurScale{1, 1.0}, blurScale{2, 1.0})
	chroma := newEye(blurScale{2, 1.0})
	eyes := [3]*eye{luma, chroma, chroma}
	forms, err := newPaletteForms(a, o.CellAspect, eyes)
	if err != nil {
		return nil, err
	}
	p := &indexedPainter{forms: forms, eyes: eyes, target: l, field: newErrorField(cols, rows)}
	for k := range p.ones {
		p.ones[k] = forms[0].grams[k].ones
	}
	for i, c := range palette {
		p.palette = append(p.palette, entry{Indexed(uint8(i)), decoded(c), encoded(c)})
	}
	return p, nil
}

package ascii

import "context"

// colorSamples is how many samples of light [drawColor] wants of each cell, across
// and down.
func colorSamples(Options) (sx, sy int) { return inkCols, inkRows }

// drawColor picks a character and colours for each cell. The palette is nil unless
// the colours are its entries. It may change the light.
func drawColor(ctx context.Context, l *light, cols, rows int, o Options) (cells []Cell, palette []RGB, err error) {
	a, err := alphabetOf(o)
	if err != nil {
		return nil, nil, err
	}
	palette = paletteOf(o)
	p, err := newPainter(l, cols, rows, a, o, palette)
	if err != nil {
		return nil, nil, err
	}
	cells, err = p.paint(ctx, cols, rows)
	return cells, palette, err
}

// painter draws a grid of cells. The only error is that of ctx.
type painter interface {
	paint(ctx context.Context, cols, rows int) ([]Cell, error)
}

func newPainter(l *light, cols, rows int, a alphabet, o Options, palette []RGB) (painter, error) {
	switch {
	case palette != nil:
		return newIndexedPainter(l, cols, rows, a, o, palette)
	case o.Paint == "ink":
		return newInkPainter(l, cols, rows, a, o)
	}
	return newFreePainter(l, cols, rows, a, o)
}

// planes are the primaries.
func (l *light) planes() [3][]float32 { return [3][]float32{l.r, l.g, l.b} }

// colorEffort is from 1 to 9.
func colorEffort(o Options) int { return positiveOr(o.Effort, 5) }

// sweepsOf is how often every cell is looked at: from the second time on with all
// its neighbours drawn.
func sweepsOf(o Options) int { return 1 + (colorEffort(o)+1)/5 }

// The deviations of the eye in samples of an eighth of a cell's height.
const (
	eyeNear   = 0.5
	eyeMiddle = 1
	eyeFar    = 2
)

// even is the eye that looks from all distances alike.
func even() *eye { return newEye(blurScale{eyeNear, 1}, blurScale{eyeMiddle, 1}, blurScale{eyeFar, 1}) }

// newFreePainter draws with any ink on any ground.
func newFreePainter(l *light, cols, rows int, a alphabet, o Options) (*freePainter, error) {
	e := even()
	atlas, err := newInkAtlas(a, o.CellAspect)
	if err != nil {
		return nil, err
	}
	return &freePainter{
		forms: formsAt{make: func(at rim) []form { return atlas.forms(e, same, at) }},
		eye:   e, field: newErrorField(cols, rows),
		target: encodedLight(l), light: l,
		sweeps: sweepsOf(o), tries: min(3+2*colorEffort(o), maxNear),
		toRGB: rounded, ofRGB: encoded,
	}, nil
}

func same(v float32) float32 { return v }

func encodedLight(l *light) *light {
	out := &light{width: l.width, height: l.height}
	out.r, out.g, out.b = encodeAll(l.r), encodeAll(l.g), encodeAll(l.b)
	return out
}

func encodeAll(plane []float32) []float32 {
	out := make([]float32, len(plane))
	for i, v := range plane {
		out[i] = encode(v)
	}
	return out
}

// newInkPainter draws with any ink on the ground of the page. Ink and ground
// differ much in every cell, so the eye mixes them in linear light, and coverage
// is what is left of it there.
func newInkPainter(l *light, cols, rows int, a alphabet, o Options) (*freePainter, error) {
	e, page := even(), o.Page().Ground
	atlas, err := newInkAtlas(a, o.CellAspect)
	if err != nil {
		return nil, err
	}
	forms := formsAt{make: func(at rim) []form { return atlas.forms(e, blendOn(page), at) }}
	ground, inner := decoded(page), forms.on(0)
	compress(l, ground, mostCover(len(inner), func(i int) *inkPlane { return &inner[i].cover }))
	return &freePainter{
		forms: forms, eye: e, field: newErrorField(cols, rows),
		target: l, light: l, ground: &ground, page: page,
		sweeps: sweepsOf(o), tries: min(3+2*colorEffort(o), maxNear),
		toRGB: func(c rgbf) RGB { return rounded(rgbf{encode(c[0]), encode(c[1]), encode(c[2])}) },
		ofRGB: decoded,
	}, nil
}

// blendOn returns what coverage is in light: white ink on a dark page, or black
// ink on a light one.
func blendOn(page RGB) func(float32) float32 {
	if light := decoded(page); opponents.of(light)[0] > 0.2 {
		return func(c float32) float32 { return 1 - decode(1-c) }
	}
	return decode
}

// mostCover is the largest share of a cell that one of n characters covers.
func mostCover(n int, cover func(int) *inkPlane) (most float32) {
	for i := range n {
		most = max(most, product(cover(i), &ones)/inks)
	}
	return most
}

// compress maps light to what ink that covers at most a share of the cell can show
// on a ground. What is near to the ground stays as it is, the farthest comes out
// as far as ink reaches, and tones between keep their order (after the tone curve
// of Reinhard, Stark, Shirley and Ferwerda, 2002).
func compress(l *light, ground rgbf, share float32) {
	steep := 1/max(share, 1./64) - 1
	from := opponents.of(ground)[0]
	reach := max(from, 1-from)
	for i := range l.r {
		y := opponents.of(rgbf{l.r[i], l.g[i], l.b[i]})[0]
		factor := 1 / (1 + float32(max(y-from, from-y)/reach*steep))
		for k, plane := range l.planes() {
			plane[i] = ground[k] + float32((plane[i]-ground[k])*factor)
		}
	}
}

// newIndexedPainter draws with the colours of a palette, on the ground of the page
// if the paint is only ink.
func newIndexedPainter(l *light, cols, rows int, a alphabet, o Options, palette []RGB) (*indexedPainter, error) {
	// Errors of colour count less than those of lightness, and least near by: more
	// would bring the colour nearer, but at the cost of the shapes.
	colors := newEye(blurScale{eyeMiddle, 0.1}, blurScale{eyeFar, 0.3})
	eyes := [3]*eye{even(), colors, colors}
	forms, err := newPaletteForms(a, o.CellAspect, eyes)
	if err != nil {
		return nil, err
	}
	p := &indexedPainter{
		forms: forms, eyes: eyes, target: l, field: newErrorField(cols, rows),
		palette: entriesOf(palette), page: -1, colors: len(palette), effort: indexedEffortOf(o),
	}
	if o.Paint == "ink" {
		page := o.Page().Ground
		p.page = len(palette)
		p.palette = append(p.palette, entry{0, decoded(page), encoded(page)})
		compress(l, decoded(page), mostCover(len(forms), func(i int) *inkPlane { return &forms[i].cover }))
	}
	for k := range p.ones {
		p.ones[k] = forms[0].grams[k].ones
	}
	p.view.at, p.view.terms = make([]rgbf, len(p.palette)), make([]energyTerms, len(forms))
	return p, nil
}

func entriesOf(palette []RGB) (entries []entry) {
	for i, c := range palette {
		entries = append(entries, entry{Indexed(uint8(i)), decoded(c), encoded(c)})
	}
	return entries
}

func indexedEffortOf(o Options) indexedEffort {
	e := colorEffort(o)
	return indexedEffort{sweeps: sweepsOf(o), starts: 1 + e/2 + e/8, steps: 1 + (e+1)/3, colors: 3 + e/2}
}

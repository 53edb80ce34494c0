package ascii

import (
	"fmt"
	"math"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// form is a character as the eye sees it.
type form struct {
	rune   rune
	cover  inkPlane        // share of ink in each sample
	shares [levels]float32 // of pixels that are inked by 0, 1/8, ... 1
	gram   gram
	// unit is the cover without its mean and of length 1 to the eye, so that its
	// product with a spread error is how much of that a form can take away. It is
	// 0 for a character that is all even.
	unit inkPlane
}

// gram holds the products, to the eye, of an even cell and a cover.
type gram struct{ ones, mixed, cover float32 }

// inkAtlas is the characters to draw with, in cells of an aspect.
type inkAtlas struct {
	glyphs        []glyph.Glyph
	width, height int // of a cell in pixels
}

func newInkAtlas(a alphabet, aspect float64) (*inkAtlas, error) {
	width, height := pixelsOf(aspect)
	atlas, err := a.font.Atlas(width, height, a.runes)
	if err != nil {
		return nil, fmt.Errorf("measure the characters: %w", err)
	}
	return &inkAtlas{atlas.Glyphs, width, height}, nil
}

// newForms measures characters in cells of an aspect, away from the edges.
func newForms(a alphabet, aspect float64, e *eye, light func(float32) float32) ([]form, error) {
	atlas, err := newInkAtlas(a, aspect)
	if err != nil {
		return nil, err
	}
	return atlas.forms(e, light, 0), nil
}

// forms measures the characters in cells on some edges. Those that ink the same
// are kept once.
func (a *inkAtlas) forms(e *eye, light func(float32) float32, at rim) []form {
	forms := make([]form, 0, len(a.glyphs))
	known := map[inkPlane]bool{}
	even := e.seen(&ones, at)
	for _, g := range a.glyphs {
		cover := samplesOf(g, a.width, a.height, light, at)
		if !known[cover] {
			known[cover] = true
			f := newForm(g.Rune, cover, e, at, &even)
			f.shares = sharesOf(g.Coverage)
			forms = append(forms, f)
		}
	}
	return forms
}

// levels is how finely the ink of pixels is told apart.
const levels = 9

func sharesOf(coverage []float32) (shares [levels]float32) {
	for _, c := range coverage {
		at := c * (levels - 1)
		i := min(int(at), levels-2)
		shares[i+1] += (at - float32(i)) / float32(len(coverage))
		shares[i] += (float32(i+1) - at) / float32(len(coverage))
	}
	return shares
}

// newForm measures a cover, given what the eye sees of an even cell.
func newForm(r rune, cover inkPlane, e *eye, at rim, even *inkPlane) form {
	f := form{rune: r, cover: cover}
	seen := e.seen(&cover, at)
	f.gram = gram{product(even, &ones), product(even, &cover), product(&seen, &cover)}
	mean := f.gram.mixed / f.gram.ones
	length := f.gram.cover - float32(mean*f.gram.mixed)
	if length < 1e-6 {
		return f
	}
	scale := 1 / float32(math.Sqrt(float64(length)))
	for i := range f.unit {
		f.unit[i] = (cover[i] - mean) * scale
	}
	return f
}

// ones is an even cell.
var ones = func() (p inkPlane) {
	for i := range p {
		p[i] = 1
	}
	return p
}()

// pixelsOf is the cell in which glyphs are drawn.
func pixelsOf(aspect float64) (width, height int) {
	width = 8
	return width, max(4, min(int(math.Round(float64(width)/aspect)), 64))
}

// samplesOf averages what light makes of coverage over the samples of a cell. Those
// on an edge are only the outermost pixels.
func samplesOf(g glyph.Glyph, width, height int, light func(float32) float32, at rim) (p inkPlane) {
	columns := spansOf(inkCols, width, at&leftEdge != 0, at&rightEdge != 0)
	rows := spansOf(inkRows, height, at&topEdge != 0, at&bottomEdge != 0)
	for j, r := range rows {
		for i, c := range columns {
			p[j*inkCols+i] = inkIn(g.Coverage, width, r, c, light)
		}
	}
	return p
}

// span is a part of a side of a cell, in pixels.
type span struct{ from, to float64 }

// spansOf cuts a side of some pixels into n samples; where an end lies on an edge
// its sample is only the outermost pixel.
func spansOf(n, pixels int, startsOnEdge, endsOnEdge bool) []span {
	spans := make([]span, n)
	for i := range spans {
		spans[i] = span{float64(i*pixels) / float64(n), float64((i+1)*pixels) / float64(n)}
	}
	if first := &spans[0]; startsOnEdge {
		first.to = min(first.to, 1)
	}
	if last := &spans[n-1]; endsOnEdge {
		last.from = max(last.from, float64(pixels-1))
	}
	return spans
}

// share is how much of a span pixel i is.
func (s span) share(i int) float64 {
	return (min(s.to, float64(i+1)) - max(s.from, float64(i))) / (s.to - s.from)
}

// inkIn averages what light makes of the coverage in some rows and columns.
func inkIn(coverage []float32, width int, rows, columns span, light func(float32) float32) float32 {
	var sum float64
	for y := int(rows.from); float64(y) < rows.to; y++ {
		for x := int(columns.from); float64(x) < columns.to; x++ {
			share := float64(rows.share(y) * columns.share(x))
			sum += float64(share * float64(light(coverage[y*width+x])))
		}
	}
	return float32(sum)
}

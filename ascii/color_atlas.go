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

// newForms measures characters in cells of an aspect. Those that ink the same are
// kept once.
func newForms(a alphabet, aspect float64, e *eye, light func(float32) float32) ([]form, error) {
	width, height := pixelsOf(aspect)
	atlas, err := a.font.Atlas(width, height, a.runes)
	if err != nil {
		return nil, fmt.Errorf("measure the characters: %w", err)
	}
	forms := make([]form, 0, len(atlas.Glyphs))
	known := map[inkPlane]bool{}
	for _, g := range atlas.Glyphs {
		cover := samplesOf(g, width, height, light)
		if !known[cover] {
			known[cover] = true
			f := newForm(g.Rune, cover, e)
			f.shares = sharesOf(g.Coverage)
			forms = append(forms, f)
		}
	}
	return forms, nil
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

func newForm(r rune, cover inkPlane, e *eye) form {
	f := form{rune: r, cover: cover}
	seen, even := e.seen(&cover), e.seen(&ones)
	f.gram = gram{product(&even, &ones), product(&even, &cover), product(&seen, &cover)}
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

// samplesOf averages what light makes of coverage over the samples of a cell.
func samplesOf(g glyph.Glyph, width, height int, light func(float32) float32) (p inkPlane) {
	for y := range height {
		for x := range width {
			v := float64(light(g.Coverage[y*width+x]))
			for i := y * inkRows / height; i < inkRows && i*height < (y+1)*inkRows; i++ {
				down := min((y+1)*inkRows, (i+1)*height) - max(y*inkRows, i*height)
				share := float64(down) / float64(height*(width/inkCols))
				p[i*inkCols+x/(width/inkCols)] += float32(v * share)
			}
		}
	}
	return p
}

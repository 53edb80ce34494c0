package ascii

import "fmt"

// paletteForm is a character in linear light. Blending in encoded colours makes
// the pixels at its edges darker than their share of ink says; how much goes with
// the share times what is left of it, the sag.
type paletteForm struct {
	rune       rune
	cover, sag inkPlane
	grams      [3]sagGram
	bent       bool        // has a sag at all
	own        energyTerms // those of times that do not depend on the cell
	unit       inkPlane    // see form
}

// sagGram holds the products, to the eye, of an even cell, a cover and its sag.
type sagGram struct {
	ones, cover, sag             float32 // squares
	onesCover, onesSag, coverSag float32
}

func newPaletteForms(a alphabet, aspect float64, eyes [3]*eye) ([]paletteForm, error) {
	straight, err := newForms(a, aspect, eyes[0], same)
	if err != nil {
		return nil, err
	}
	var kept alphabet
	kept.font = a.font
	for _, f := range straight {
		kept.runes = append(kept.runes, f.rune)
	}
	sags, err := sagsOf(kept, aspect)
	if err != nil {
		return nil, err
	}
	forms := make([]paletteForm, len(straight))
	for i, f := range straight {
		forms[i] = paletteForm{rune: f.rune, cover: f.cover, sag: sags[i], unit: f.unit, bent: sags[i] != inkPlane{}}
		for k, e := range eyes {
			m := sagGramOf(e, &f.cover, &sags[i])
			forms[i].grams[k] = m
			copy(forms[i].own[6+5*min(k, 1):], []float32{m.onesCover, m.cover, m.onesSag, m.coverSag, m.sag})
		}
	}
	return forms, nil
}

func sagGramOf(e *eye, cover, sag *inkPlane) sagGram {
	o, c, s := e.seen(&ones, 0), e.seen(cover, 0), e.seen(sag, 0)
	return sagGram{
		ones: product(&o, &ones), cover: product(&c, cover), sag: product(&s, sag),
		onesCover: product(&o, cover), onesSag: product(&o, sag), coverSag: product(&c, sag),
	}
}

// sagsOf returns the sags of characters, see paletteForm.
func sagsOf(a alphabet, aspect float64) ([]inkPlane, error) {
	width, height := pixelsOf(aspect)
	atlas, err := a.font.Atlas(width, height, a.runes)
	if err != nil {
		return nil, fmt.Errorf("measure the characters: %w", err)
	}
	sags := make([]inkPlane, len(atlas.Glyphs))
	for i, g := range atlas.Glyphs {
		sags[i] = samplesOf(g, width, height, func(c float32) float32 { return c * (1 - c) }, 0)
	}
	return sags, nil
}

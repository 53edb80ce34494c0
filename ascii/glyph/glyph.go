// Package glyph measures characters: how much of a cell each one inks, and
// where.
//
// The embedded font is a subset of DejaVu Sans Mono, which terminals use widely;
// other monospaced fonts order the characters much alike. See font/make.sh.
package glyph

import (
	"fmt"
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// Glyph is one character and its ink.
type Glyph struct {
	Rune     rune
	Coverage []float32 // 0 (page) to 1 (ink) for each pixel of the cell, row by row
}

// Atlas is a set of glyphs drawn at one cell size. It never changes, so it is
// safe for concurrent use; its slices must not be written to.
type Atlas struct {
	Width, Height int // of a cell, in pixels
	Glyphs        []Glyph
}

// MissingError says that the font has no glyph for a character.
type MissingError struct{ Rune rune }

func (e *MissingError) Error() string {
	return fmt.Sprintf("the font has no glyph for %q (%U)", e.Rune, e.Rune)
}

// MaxCell bounds the sides of a cell that [New] takes.
const MaxCell = 256

// New draws the given characters with the embedded font: see [Font.Atlas].
func New(width, height int, runes []rune) (*Atlas, error) {
	return Embedded().Atlas(width, height, runes)
}

// Has reports whether [New] can draw r.
func Has(r rune) bool { return Embedded().Has(r) }

// Atlas draws the given characters in cells of width × height pixels, in the
// order given. The error is a [*MissingError] when the font lacks one.
func (f *Font) Atlas(width, height int, runes []rune) (a *Atlas, err error) {
	if width < 1 || height < 1 || width > MaxCell || height > MaxCell {
		return nil, fmt.Errorf("a cell of %d×%d pixels is not within 1×1 and %d×%d", width, height, MaxCell, MaxCell)
	}
	defer recoverFont(&err)
	p, err := f.press(width, height)
	if err != nil {
		return nil, err
	}
	a = &Atlas{Width: width, Height: height, Glyphs: make([]Glyph, len(runes))}
	for i, r := range runes {
		if a.Glyphs[i], err = p.glyph(r); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// press draws glyphs in cells of one size. It serves one goroutine.
type press struct {
	font          *Font
	face          font.Face
	scale         fixed.Int26_6   // pixels to the em
	origin        fixed.Point26_6 // of every glyph within its cell
	width, height int
}

// press sizes the font as terminals do: its advance and its line, from
// ascent to descent, fit the cell, and what is left is shared by both sides.
func (f *Font) press(width, height int) (*press, error) {
	const em = 1000
	advance, ascent, descent, err := f.measure(em)
	if err != nil {
		return nil, err
	}
	size := min(em*float64(64*width)/float64(advance), em*float64(64*height)/float64(ascent+descent))
	face, err := f.face(size)
	if err != nil {
		return nil, err
	}
	if advance, ascent, descent, err = f.measure(size); err != nil {
		return nil, err
	}
	return &press{
		font: f, face: face, scale: fixed.Int26_6(0.5 + size*64), // rounded as opentype does
		width: width, height: height,
		origin: fixed.Point26_6{
			X: (fixed.I(width) - advance) / 2,
			Y: (fixed.I(height)-ascent-descent)/2 + ascent,
		},
	}, nil
}

// glyph draws one character, geometric ones without the font. Ink beyond the
// cell is cut off, as a terminal does.
func (p *press) glyph(r rune) (Glyph, error) {
	if s, ok := shapeOf(r); ok {
		return Glyph{Rune: r, Coverage: s.draw(p.width, p.height)}, nil
	}
	if !p.font.Has(r) {
		return Glyph{}, &MissingError{Rune: r}
	}
	if err := p.checkExtent(r); err != nil {
		return Glyph{}, err
	}
	box, mask, at, _, ok := p.face.Glyph(p.origin, r)
	ink, isAlpha := mask.(*image.Alpha)
	if !ok || !isAlpha {
		return Glyph{}, &MissingError{Rune: r}
	}
	g := Glyph{Rune: r, Coverage: make([]float32, p.width*p.height)}
	seen := box.Intersect(image.Rect(0, 0, p.width, p.height))
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			a := ink.AlphaAt(at.X+x-box.Min.X, at.Y+y-box.Min.Y).A
			g.Coverage[y*p.width+x] = float32(a) / 255
		}
	}
	return g, nil
}

// maxExtent is how many cells a glyph may span before it is cut to its cell. No
// honest one spans more; a font made to hurt would ask for gigabytes.
const maxExtent = 8

// checkExtent refuses a glyph that would take much memory to draw.
func (p *press) checkExtent(r rune) error {
	b, _, ok := p.face.GlyphBounds(r)
	if !ok {
		return &MissingError{Rune: r}
	}
	wide, high := (b.Max.X - b.Min.X).Ceil(), (b.Max.Y - b.Min.Y).Ceil()
	if wide < 0 || high < 0 || wide > maxExtent*p.width || high > maxExtent*p.height {
		return fmt.Errorf("the font's glyph for %q (%U) is larger than %d cells", r, r, maxExtent)
	}
	return nil
}

// Package glyph measures characters: how much of a cell each one inks, and
// where.
//
// The font is a subset of DejaVu Sans Mono, which terminals use widely; other
// monospaced fonts order the characters much alike. See font/make.sh.
package glyph

import (
	_ "embed"
	"fmt"
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

//go:embed font/DejaVuSansMono.subset.ttf
var fontData []byte

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

// New draws the given characters in cells of width × height pixels, in the
// order given. The error is a [*MissingError] when the font lacks one.
func New(width, height int, runes []rune) (*Atlas, error) {
	if width < 1 || height < 1 || width > MaxCell || height > MaxCell {
		return nil, fmt.Errorf("a cell of %d×%d pixels is not within 1×1 and %d×%d", width, height, MaxCell, MaxCell)
	}
	p, err := newPress(width, height)
	if err != nil {
		return nil, err
	}
	a := &Atlas{Width: width, Height: height, Glyphs: make([]Glyph, len(runes))}
	for i, r := range runes {
		if a.Glyphs[i], err = p.glyph(r); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// parseFont reads the embedded font, which cannot fail after the tests passed.
var parseFont = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(fontData) })

// Has reports whether the font has a glyph for r.
func Has(r rune) bool {
	f, err := parseFont()
	if err != nil {
		return false
	}
	i, err := f.GlyphIndex(nil, r)
	return err == nil && i != 0
}

// press draws glyphs in cells of one size. It serves one goroutine.
type press struct {
	face          font.Face
	origin        fixed.Point26_6 // of every glyph within its cell
	width, height int
}

// newPress sizes the font as terminals do: its advance and its line, from
// ascent to descent, fit the cell, and what is left is shared by both sides.
func newPress(width, height int) (*press, error) {
	const em = 1000
	advance, m, err := measure(em)
	if err != nil {
		return nil, err
	}
	line := m.Ascent + m.Descent
	size := min(em*float64(64*width)/float64(advance), em*float64(64*height)/float64(line))
	face, err := newFace(size)
	if err != nil {
		return nil, err
	}
	advance, m, err = measure(size)
	return &press{
		face:  face,
		width: width, height: height,
		origin: fixed.Point26_6{
			X: (fixed.I(width) - advance) / 2,
			Y: (fixed.I(height)-m.Ascent-m.Descent)/2 + m.Ascent,
		},
	}, err
}

func newFace(size float64) (font.Face, error) {
	f, err := parseFont()
	if err != nil {
		return nil, fmt.Errorf("read the embedded font: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("size the embedded font: %w", err)
	}
	return face, nil
}

// measure returns the advance and the line metrics of the font at a size.
func measure(size float64) (advance fixed.Int26_6, m font.Metrics, err error) {
	face, err := newFace(size)
	if err != nil {
		return 0, font.Metrics{}, err
	}
	advance, ok := face.GlyphAdvance('M')
	if !ok {
		return 0, font.Metrics{}, &MissingError{Rune: 'M'}
	}
	return advance, face.Metrics(), nil
}

// glyph draws one character, block elements without the font. Ink beyond the cell is cut off, as a terminal does.
func (p *press) glyph(r rune) (Glyph, error) {
	if isBlock(r) {
		return block(r, p.width, p.height), nil
	}
	g := Glyph{Rune: r, Coverage: make([]float32, p.width*p.height)}
	if !Has(r) {
		return Glyph{}, &MissingError{Rune: r}
	}
	box, mask, at, _, ok := p.face.Glyph(p.origin, r)
	ink, isAlpha := mask.(*image.Alpha)
	if !ok || !isAlpha {
		return Glyph{}, &MissingError{Rune: r}
	}
	seen := box.Intersect(image.Rect(0, 0, p.width, p.height))
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			a := ink.AlphaAt(at.X+x-box.Min.X, at.Y+y-box.Min.Y).A
			g.Coverage[y*p.width+x] = float32(a) / 255
		}
	}
	return g, nil
}

package glyph

import (
	_ "embed"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed font/DejaVuSansMono.subset.ttf
var embedded []byte

// MaxFont is the most bytes that a font may have.
const MaxFont = 16 << 20

// Font is a monospaced TrueType or OpenType font. It is safe for concurrent use.
type Font struct{ sfnt *sfnt.Font }

// Embedded returns the font that comes with the package.
func Embedded() *Font { return parseEmbedded() }

var parseEmbedded = sync.OnceValue(func() *Font {
	f, err := ParseFont(embedded)
	if err != nil {
		panic(fmt.Sprintf("glyph: the embedded font is broken: %v", err)) // the tests read it
	}
	return f
})

// ParseFont reads a font, which must not be changed afterwards. It never panics,
// whatever the bytes; a font that is cut off or lies shows as an error here or in
// [Font.Atlas].
func ParseFont(data []byte) (f *Font, err error) {
	if len(data) > MaxFont {
		return nil, fmt.Errorf("the font has %d bytes, but may have at most %d", len(data), MaxFont)
	}
	defer recoverFont(&err)
	parsed, err := sfnt.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	f = &Font{parsed}
	if !f.Has('M') {
		return nil, errors.New("the font has no Latin letters")
	}
	return f, nil
}

// recoverFont turns a panic of the font reader into an error: it has had some on
// fonts made to hurt.
func recoverFont(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the font is broken: %v", p)
	}
}

// Has reports whether r can be drawn: it is geometric, or the font has it.
func (f *Font) Has(r rune) (has bool) {
	if IsGeometric(r) {
		return true
	}
	var err error
	defer recoverFont(&err)
	i, err := f.sfnt.GlyphIndex(nil, r)
	return err == nil && i != 0
}

// face returns the font at a size.
func (f *Font) face(size float64) (font.Face, error) {
	face, err := opentype.NewFace(f.sfnt, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}
	return face, nil
}

// measure returns the advance and the height from ascent to descent at a size.
func (f *Font) measure(size float64) (advance, ascent, descent fixed.Int26_6, err error) {
	face, err := f.face(size)
	if err != nil {
		return 0, 0, 0, err
	}
	advance, ok := face.GlyphAdvance('M')
	m := face.Metrics()
	if !ok || advance <= 0 || m.Ascent+m.Descent <= 0 || m.Ascent < 0 {
		return 0, 0, 0, errors.New("the font has letters without a size")
	}
	return advance, m.Ascent, m.Descent, nil
}

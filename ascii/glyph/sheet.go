package glyph

import _ "embed"

// Sheet is how a font that is not embedded draws printable ASCII, in cells of
// [SheetWidth] × [SheetHeight] pixels. It is all that it takes to ask how a drawing
// will look in that font.
type Sheet struct {
	Font string // its name
	ink  string // a byte for each pixel of the characters from '!' to '~'
}

// The size of the cells of a [Sheet]. The advance of the font fits it; its line,
// which may be higher, is centred and cut off.
const (
	SheetWidth  = 8
	SheetHeight = 16
)

//go:embed sheet/liberation-mono.bin
var liberationMono string

//go:embed sheet/iosevka.bin
var iosevka string

// Sheets are those of two fonts unlike each other and the embedded one: Liberation
// Mono, as wide and light as Courier New, and Iosevka, narrow and heavy. See
// scripts/sheet.
func Sheets() []Sheet {
	return []Sheet{{"Liberation Mono", liberationMono}, {"Iosevka", iosevka}}
}

// Coverage is the ink of a character as [Glyph] has it, or nil where the sheet lacks
// it.
func (s Sheet) Coverage(r rune) []float32 {
	const first, last, pixels = '!', '~', SheetWidth * SheetHeight
	c := make([]float32, pixels)
	switch {
	case r == ' ':
		return c
	case r < first || r > last:
		return nil
	}
	for i := range c {
		c[i] = float32(s.ink[int(r-first)*pixels+i]) / 255
	}
	return c
}

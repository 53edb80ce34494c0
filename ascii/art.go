// Package ascii draws pictures as text.
package ascii

import "time"

// Art is a drawing: frames of cells. It knows no file format; package
// ascii/format writes it in any.
type Art struct {
	Cols, Rows int
	Page       Page
	Depth      string  // of its colours, one of [ColorDepths]; with 16 and 256, indexed ones are those of terminals
	Palette    []RGB   // what indexed colours mean; nil unless cells have them
	Frames     []Frame // at least one
	Loops      int     // how often an animation plays; 0: for ever
}

// Frame is one picture of an animation, or the only one.
type Frame struct {
	Cells []Cell        // Rows × Cols, row by row
	Delay time.Duration // how long it shows; 0 for a still picture
}

// Row returns the cells of row y of a frame. Both must be in range.
func (a *Art) Row(frame, y int) []Cell {
	return a.Frames[frame].Cells[y*a.Cols : (y+1)*a.Cols]
}

// Cell is one character position. A cell without a colour of its own has the
// ink or the ground of the page.
type Cell struct {
	Rune   rune
	FG, BG Color
}

// Page is what the art is meant to be seen on.
type Page struct {
	Ink, Ground RGB
}

// RGB is a colour in encoded sRGB.
type RGB struct{ R, G, B uint8 }

// Color is the colour of a part of a cell: none, an entry of a palette, or free.
// The zero value is none.
type Color uint32

const (
	colorIndexed Color = 1 << 24
	colorFree    Color = 2 << 24
)

// Indexed is entry i of [Art].Palette.
func Indexed(i uint8) Color { return colorIndexed | Color(i) }

// Free is a colour that needs no palette.
func Free(c RGB) Color { return colorFree | Color(c.R)<<16 | Color(c.G)<<8 | Color(c.B) }

// IsSet reports whether c is a colour at all.
func (c Color) IsSet() bool { return c != 0 }

// Index returns the entry of the palette, and whether c is one.
func (c Color) Index() (i uint8, ok bool) { return uint8(c), c&^0xffffff == colorIndexed }

// RGB returns the colour itself: looked up in the palette, or otherwise for none.
func (c Color) RGB(palette []RGB, otherwise RGB) RGB {
	if i, ok := c.Index(); ok && int(i) < len(palette) {
		return palette[i]
	}
	if c&^0xffffff == colorFree {
		return RGB{uint8(c >> 16), uint8(c >> 8), uint8(c)}
	}
	return otherwise
}

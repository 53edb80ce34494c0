package cli

import (
	"io"

	"golang.org/x/term"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// screen is the room that a drawing may fill. The zero screen is none.
type screen struct{ cols, rows int }

// screenOf returns the room of the terminal that w is, less a line for the
// prompt that follows, or no screen.
func screenOf(w io.Writer) screen {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return screen{}
	}
	cols, rows, err := term.GetSize(int(file.Fd()))
	if err != nil || cols < 1 || rows < 2 { // no terminal, or one that does not tell
		return screen{}
	}
	return screen{cols, rows - 1}
}

// fit makes the drawing as large as the screen allows. A picture of unknown size
// fills the width.
func (s screen) fit(o ascii.Options, p charcoal.Picture) ascii.Options {
	o.Cols, o.Rows = min(s.cols, ascii.DefaultLimits().Cols), 0
	if p.Width < 1 || p.Height < 1 {
		return o
	}
	if _, rows := o.Grid(p.Width, p.Height); rows > s.rows {
		o.Cols, o.Rows = 0, s.rows
	}
	return o
}

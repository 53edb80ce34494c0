package format

import (
	"iter"

	"github.com/charcoal-art/charcoal/ascii"
)

// run is cells of a row that have the same colours, from column x on. Colours
// without a meaning of their own are none.
type run struct {
	x      int
	cells  []ascii.Cell
	fg, bg ascii.Color
}

// runs cuts a row into as few runs as there can be. The ink of a space does not
// show, so a space takes that of its neighbours.
func runs(row []ascii.Cell) iter.Seq[run] {
	return func(yield func(run) bool) {
		for x := 0; x < len(row); {
			r := run{x: x, bg: row[x].BG}
			n, inked := 0, false
			for _, c := range row[x:] {
				shows := c.Rune != ' '
				if c.BG != r.bg || shows && inked && c.FG != r.fg {
					break
				}
				if shows && !inked {
					r.fg, inked = c.FG, true
				}
				n++
			}
			r.cells = row[x : x+n]
			if !yield(r) {
				return
			}
			x += n
		}
	}
}

// plain reports whether a run has the page's own colours.
func (r run) plain() bool { return !r.fg.IsSet() && !r.bg.IsSet() }

// isBlank reports whether no ink of a run shows.
func (r run) isBlank() bool {
	for _, c := range r.cells {
		if c.Rune != ' ' {
			return false
		}
	}
	return true
}

// hasColors reports whether any cell that is seen has a colour of its own.
func hasColors(art *ascii.Art) bool {
	for _, f := range art.Frames {
		for _, c := range f.Cells {
			if c.FG.IsSet() || c.BG.IsSet() {
				return true
			}
		}
	}
	return false
}

// grounds cuts a row into runs of one ground, whatever the ink.
func grounds(row []ascii.Cell) iter.Seq[run] {
	return func(yield func(run) bool) {
		for x := 0; x < len(row); {
			n := 1
			for x+n < len(row) && row[x+n].BG == row[x].BG {
				n++
			}
			if !yield(run{x: x, cells: row[x : x+n], bg: row[x].BG}) {
				return
			}
			x += n
		}
	}
}

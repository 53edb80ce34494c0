// Package ascii draws pictures as text.
package ascii

// Cell is one character position of a drawing.
type Cell struct {
	Rune rune
}

// Art is a drawing: rows of cells. It knows no file format; package
// ascii/format writes it in any.
type Art struct {
	Cols, Rows int
	Cells      []Cell // Rows × Cols, row by row
}

// Row returns the cells of row y, which must be in [0, Rows).
func (a *Art) Row(y int) []Cell { return a.Cells[y*a.Cols : (y+1)*a.Cols] }

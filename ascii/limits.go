package ascii

import "fmt"

// Limits bounds a drawing. Zero fields mean those of [DefaultLimits].
type Limits struct {
	Cols, Rows int
	Cells      int // cols × rows, of all frames together
	Frames     int
	Memory     int64 // bytes for the cells of one frame while it is drawn; see [Options.CellMemory]
}

// DefaultLimits are 2,000 columns, 100,000 rows, 4 million cells, 1,000 frames
// and any memory.
func DefaultLimits() Limits {
	return Limits{Cols: 2000, Rows: 100_000, Cells: 4_000_000, Frames: 1000}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	return Limits{
		Cols:   positiveOr(l.Cols, d.Cols),
		Rows:   positiveOr(l.Rows, d.Rows),
		Cells:  positiveOr(l.Cells, d.Cells),
		Frames: positiveOr(l.Frames, d.Frames),
		Memory: l.Memory,
	}
}

func positiveOr(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// CheckGrid returns a [*LimitError] when a drawing of so many columns and rows is
// over one of the Limits of valid options.
func (o Options) CheckGrid(cols, rows int) error { return o.checkGrid(cols, rows, 1) }

// checkGrid returns a [*LimitError] when a grid is over a limit.
func (o Options) checkGrid(cols, rows, frames int) error {
	l := o.Limits.orDefault()
	switch {
	case cols > l.Cols:
		return &LimitError{Limit: int64(l.Cols), Actual: int64(cols), Unit: "columns"}
	case rows > l.Rows:
		return &LimitError{Limit: int64(l.Rows), Actual: int64(rows), Unit: "rows"}
	case frames > l.Frames:
		return &LimitError{Limit: int64(l.Frames), Actual: int64(frames), Unit: "frames"}
	}
	// No overflow: columns and rows are at most 2³¹, and one is far less by now.
	perFrame := int64(cols) * int64(rows)
	if perFrame > int64(l.Cells)/int64(frames) {
		return &LimitError{Limit: int64(l.Cells), Actual: perFrame * int64(frames), Unit: "cells"}
	}
	if most := l.Memory / o.forCells(perFrame).CellMemory(); l.Memory > 0 && perFrame > most {
		return &LimitError{Limit: most, Actual: perFrame, Unit: "cells"}
	}
	return nil
}

// LimitError says that a drawing would be over one of the [Limits].
type LimitError struct {
	Limit, Actual int64
	Unit          string // "columns", "rows", "cells" or "frames"
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the art is over the limit: %d of at most %d %s; ask for fewer columns or rows", e.Actual, e.Limit, e.Unit)
}

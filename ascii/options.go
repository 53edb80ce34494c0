package ascii

import (
	"fmt"
	"math"
)

// Options says how to draw. The zero value is not valid; start from [Defaults].
// Zero in a field beyond the first group means its default, so that options
// stored before a field existed stay what they were.
type Options struct {
	Cols       int     `json:"cols"`             // columns of cells; 0: from Rows
	Rows       int     `json:"rows,omitempty"`   // rows of cells; 0: from Cols, the picture's ratio and CellAspect
	CellAspect float64 `json:"cell_aspect"`      // width of a cell over its height, as the viewer's font has it
	Glyphs     string  `json:"glyphs"`           // which characters: see GlyphSets
	Color      string  `json:"color"`            // colour depth: see ColorDepths
	Invert     bool    `json:"invert,omitempty"` // false: light ink on a dark page; true: dark ink on a light page

	// Layout.
	Fit       string    `json:"fit,omitempty"`        // with Cols and Rows both given, see Fits: contain
	NoUpscale bool      `json:"no_upscale,omitempty"` // never more cells across or down than the picture has pixels
	Crop      Rectangle `json:"crop,omitzero"`        // the part to draw; all of it
	Trim      bool      `json:"trim,omitempty"`       // cut off borders of one colour
	Rotate    int       `json:"rotate,omitempty"`     // degrees clockwise: 0, 90, 180 or 270
	Flip      string    `json:"flip,omitempty"`       // see Flips: none

	// Colour.
	Paint      string `json:"paint,omitempty"`      // where colour may go, see Paints: both
	Palette    []RGB  `json:"palette,omitempty"`    // 2 to 256 colours in place of those of the depth
	Background string `json:"background,omitempty"` // of the page, "#rrggbb"; black, or white with Invert
	Alpha      string `json:"alpha,omitempty"`      // what shows through, see Alphas: over

	// Tone. Numbers are from -1 to 1 or as said, 0 changes nothing.
	Tone          string  `json:"tone,omitempty"` // see Tones: faithful
	Brightness    float64 `json:"brightness,omitempty"`
	Contrast      float64 `json:"contrast,omitempty"`
	Gamma         float64 `json:"gamma,omitempty"` // 0.1 to 10; 0 is 1
	Saturation    float64 `json:"saturation,omitempty"`
	LocalContrast float64 `json:"local_contrast,omitempty"` // 0 to 1
	Sharpen       float64 `json:"sharpen,omitempty"`        // 0 to 1
	Edges         float64 `json:"edges,omitempty"`          // 0 to 1: drawn over the picture
	Threshold     float64 `json:"threshold,omitempty"`      // 0 to 1: what is darker becomes black, the rest white; 0: off

	// Drawing.
	Dither string `json:"dither,omitempty"` // see Dithers: search
	Effort int    `json:"effort,omitempty"` // 1, fastest, to 9, best; 0 is 5
	Frames int    `json:"frames,omitempty"` // of an animation at most; 0: only the first

	// Limits is what the operator allows. It is no part of what was asked for,
	// so it is not stored. Zero fields mean those of [DefaultLimits].
	Limits Limits `json:"-"`
	// Font is a TrueType or OpenType font to measure characters with, in place of
	// the embedded one. It is not stored.
	Font []byte `json:"-"`
}

// Rectangle is a part of a picture in shares of its width and height, 0 to 1.
type Rectangle struct {
	X, Y, Width, Height float64
}

// The names that options take. The first is the default.
func Fits() []string    { return []string{"contain", "cover", "stretch"} }
func Flips() []string   { return []string{"none", "horizontal", "vertical", "both"} }
func Paints() []string  { return []string{"both", "ink"} }
func Alphas() []string  { return []string{"over", "spaces", "auto"} }
func Tones() []string   { return []string{"faithful", "vivid"} }
func Dithers() []string { return []string{"search", "diffusion", "ordered", "blue-noise", "none"} }

// Defaults are 100 columns of printable ASCII, twice as high as wide, without
// colour, for light ink on a dark page.
func Defaults() Options {
	return Options{Cols: 100, CellAspect: 0.5, Glyphs: "ascii", Color: "none"}
}

// The least and greatest CellAspect. Real fonts are near 0.5; 1 is a square.
const (
	MinCellAspect = 0.1
	MaxCellAspect = 10
)

// Validate returns an [*OptionError] for the first option that is wrong by
// itself. Whether a picture's grid fits the limits shows only in [Convert].
func (o Options) Validate() error {
	lim := o.Limits.orDefault()
	for _, err := range []error{
		checkCount("cols", o.Cols, lim.Cols),
		checkCount("rows", o.Rows, lim.Rows),
		checkAspect(o.CellAspect),
		checkGlyphs(o.Glyphs),
		checkColor(o.Color),
	} {
		if err != nil {
			return err
		}
	}
	if o.Cols == 0 && o.Rows == 0 {
		return &OptionError{Option: "cols", Value: "0", Message: "cols and rows are both 0: give at least one of them"}
	}
	return nil
}

func checkCount(option string, n, limit int) error {
	if n >= 0 && n <= limit {
		return nil
	}
	return &OptionError{
		Option: option, Value: fmt.Sprint(n),
		Message: fmt.Sprintf("%s is %d, but must be from 1 to %d", option, n, limit),
	}
}

func checkAspect(a float64) error {
	if a >= MinCellAspect && a <= MaxCellAspect { // false for NaN
		return nil
	}
	return &OptionError{
		Option: "cell_aspect", Value: fmt.Sprint(a),
		Message: fmt.Sprintf("cell_aspect is %v, but must be from %v to %v (the width of a cell over its height)", a, MinCellAspect, MaxCellAspect),
	}
}

// Grid returns the columns and rows that a picture of width × height pixels is
// drawn in. With only one of Cols and Rows given the other keeps the picture's
// ratio, as seen in cells of CellAspect; with both given the picture is stretched.
// Neither is less than 1; no limit is applied.
func (o Options) Grid(width, height int) (cols, rows int) {
	cols, rows = o.Cols, o.Rows
	ratio := float64(width) / float64(max(1, height))
	switch {
	case rows == 0:
		rows = atLeastOne(float64(cols) / ratio * o.CellAspect)
	case cols == 0:
		cols = atLeastOne(float64(rows) * ratio / o.CellAspect)
	}
	return cols, rows
}

func atLeastOne(x float64) int {
	return int(max(1, min(math.Round(x), math.MaxInt32))) // NaN and infinities stay in range
}

// Limits bounds a drawing. Zero fields mean those of [DefaultLimits].
type Limits struct {
	Cols, Rows int
	Cells      int // cols × rows
}

// DefaultLimits are 2,000 columns, 100,000 rows and 4 million cells.
func DefaultLimits() Limits { return Limits{Cols: 2000, Rows: 100_000, Cells: 4_000_000} }

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	return Limits{
		Cols:  positiveOr(l.Cols, d.Cols),
		Rows:  positiveOr(l.Rows, d.Rows),
		Cells: positiveOr(l.Cells, d.Cells),
	}
}

func positiveOr(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// check returns a [*LimitError] when a grid is over a limit.
func (l Limits) check(cols, rows int) error {
	l = l.orDefault()
	cells := int64(cols) * int64(rows)
	switch {
	case cols > l.Cols:
		return &LimitError{Limit: int64(l.Cols), Actual: int64(cols), Unit: "columns"}
	case rows > l.Rows:
		return &LimitError{Limit: int64(l.Rows), Actual: int64(rows), Unit: "rows"}
	case cells > int64(l.Cells):
		return &LimitError{Limit: int64(l.Cells), Actual: cells, Unit: "cells"}
	}
	return nil
}

// OptionError says that an option has a value that it cannot have.
type OptionError struct {
	Option  string // as in JSON: "cell_aspect"
	Value   string
	Message string // one clause for people
}

func (e *OptionError) Error() string { return e.Message }

// LimitError says that a drawing would be over one of the [Limits].
type LimitError struct {
	Limit, Actual int64
	Unit          string // "columns", "rows" or "cells"
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the art is over the limit: %d of at most %d %s; ask for fewer columns or rows", e.Actual, e.Limit, e.Unit)
}

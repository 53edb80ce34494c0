package ascii

// Options says how to draw. The zero value is not valid; start from [Defaults].
type Options struct {
	Cols       int     `json:"cols"`             // columns of cells; 0: from Rows
	Rows       int     `json:"rows,omitempty"`   // rows of cells; 0: from Cols, the picture's ratio and CellAspect
	CellAspect float64 `json:"cell_aspect"`      // width of a cell over its height, as the viewer's font has it
	Glyphs     string  `json:"glyphs"`           // which characters: see GlyphSets
	Color      string  `json:"color"`            // colour depth: see ColorDepths
	Invert     bool    `json:"invert,omitempty"` // false: light ink on a dark page; true: dark ink on a light page
}

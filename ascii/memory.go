package ascii

// CellMemory is about how many bytes drawing holds for each cell of one frame.
func (o Options) CellMemory() int64 {
	const (
		perCell   = 32
		perLight  = 24 // a sample: luminance, opacity, and what the tone and the search make of it
		perPolish = 64 // the same, with what the polisher keeps at its scales
		perFonts  = 16 // a sample for what other fonts make of it
		perColor  = 96 // the same for three primaries
	)
	if o.Color == "none" {
		fonts := int64(0)
		if o.AnyFont {
			fonts = perFonts
		}
		sx, sy := monoSamples(o)
		if sx*sy == samples {
			return perCell + (perLight+fonts)*samples
		}
		return perCell + fonts*samples + perPolish*int64(sx*sy)
	}
	sx, sy := colorSamples(o)
	return perCell + perColor*int64(sx*sy)
}

// Memory is about how many bytes [Convert] and [ConvertFrames] hold while they draw
// pictures of a size, besides those. Borders that are trimmed may leave any shape,
// so that all is counted that the limits allow.
func (o Options) Memory(width, height int) int64 {
	const cellSize = 12 // of a Cell, which stays for each frame
	lim := o.Limits.orDefault()
	cols, rows := o.Grid(width, height)
	cells := min(int64(cols)*int64(rows), int64(lim.Cells))
	if o.Trim && (o.Cols == 0 || o.Rows == 0) {
		cells = int64(lim.Cells)
	}
	drawing := cells * o.forCells(cells).CellMemory()
	if lim.Memory > 0 {
		drawing = min(drawing, lim.Memory)
	}
	return drawing + min(cells*int64(max(1, o.Frames)), int64(lim.Cells))*cellSize
}

package ascii

// CellMemory is about how many bytes drawing holds for each cell of one frame.
func (o Options) CellMemory() int64 {
	const (
		perCell  = 64
		perLight = 40 // a sample: luminance, opacity, and what the tone and the matcher make of it
		perColor = 96 // the same for three primaries
	)
	if o.Color == "none" {
		sx, sy := monoSamples(o)
		return perCell + perLight*int64(sx*sy)
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
	drawing := cells * o.CellMemory()
	if lim.Memory > 0 {
		drawing = min(drawing, lim.Memory)
	}
	return drawing + min(cells*int64(max(1, o.Frames)), int64(lim.Cells))*cellSize
}

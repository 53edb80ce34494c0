package ascii

// canvas is a plane of numbers with a margin on all sides, so that what is
// spread over an edge needs no special case.
type canvas struct {
	width, height int // without the margin
	stride        int
	pix           []float32
}

// margin is how far the eye spreads light, in samples.
const margin = 3

func newCanvas(width, height int) *canvas {
	stride := width + 2*margin
	return &canvas{
		width: width, height: height, stride: stride,
		pix: make([]float32, stride*(height+2*margin)),
	}
}

// row returns the numbers of row y, from the left margin to the right one.
func (c *canvas) row(y int) []float32 {
	return c.pix[(y+margin)*c.stride:][:c.stride]
}

// maxBand bounds the pixels of a row that are worked on at once, and so the
// memory for pictures that are very wide.
const maxBand = 8192

// sampler averages the light of a picture over the boxes of a grid. Coverage is
// exact: a pixel on the border of boxes counts for each by its share. In whole
// numbers: a pixel is as many units wide as there are boxes in a row, a box as
// many as there are pixels, and likewise for heights.
type sampler struct {
	read                  rowReader
	srcWidth, srcHeight   int
	gridWidth, gridHeight int

	light   []uint32 // of a band of one row
	column  []uint64 // light times units of height, for each pixel of the band
	sums    []uint64 // light times units of area, for each box of a row
	cachedX int      // which band light holds; -1: none
	cachedY int
}

func newSampler(read rowReader, srcWidth, srcHeight, gridWidth, gridHeight int) *sampler {
	band := min(srcWidth, maxBand)
	return &sampler{
		read:     read,
		srcWidth: srcWidth, srcHeight: srcHeight,
		gridWidth: gridWidth, gridHeight: gridHeight,
		light:   make([]uint32, band),
		column:  make([]uint64, band),
		sums:    make([]uint64, gridWidth),
		cachedX: -1, cachedY: -1,
	}
}

// row returns the sums of row y of the grid, which are valid until the next call.
// A sum is at most one × full.
func (s *sampler) row(y int) []uint64 {
	clear(s.sums)
	box, room := 0, uint64(s.srcWidth)
	for x := 0; x < s.srcWidth; x += len(s.light) {
		n := min(len(s.light), s.srcWidth-x)
		s.addColumns(x, y, n)
		box, room = s.addBoxes(s.column[:n], box, room)
	}
	return s.sums
}

// full is the weight of a box: its area in units.
func (s *sampler) full() uint64 { return uint64(s.srcWidth) * uint64(s.srcHeight) }

// addColumns sums the n pixels from x on down row y of the grid.
func (s *sampler) addColumns(x, y, n int) {
	clear(s.column[:n])
	top, bottom := y*s.srcHeight, (y+1)*s.srcHeight
	for src := top / s.gridHeight; src*s.gridHeight < bottom; src++ {
		units := min(bottom, (src+1)*s.gridHeight) - max(top, src*s.gridHeight)
		addScaled(s.column[:n], s.band(x, src, n), uint64(units))
	}
}

// band reads a part of a row of the picture, unless it was the last one read:
// rows of the grid share the row on their border.
func (s *sampler) band(x, y, n int) []uint32 {
	if x != s.cachedX || y != s.cachedY {
		s.read(s.light[:n], x, y)
		s.cachedX, s.cachedY = x, y
	}
	return s.light[:n]
}

func addScaled(dst []uint64, src []uint32, factor uint64) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] += factor * uint64(v)
	}
}

// addBoxes deals the columns out to the boxes from the given one on, which has
// room units left, and returns where it stopped.
func (s *sampler) addBoxes(column []uint64, box int, room uint64) (int, uint64) {
	width := uint64(s.gridWidth)
	var sum uint64 // of the box
	for _, v := range column {
		units := width
		for units > room {
			s.sums[box] += sum + v*room
			units -= room
			sum, box, room = 0, box+1, uint64(s.srcWidth)
		}
		sum += v * units
		room -= units
	}
	s.sums[box] += sum
	return box, room
}

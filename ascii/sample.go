package ascii

// maxBand bounds the pixels of a row that are worked on at once, and so the
// memory for pictures that are very wide.
const maxBand = 8192

// sampler averages the light of a picture over the boxes of a grid, in one or
// more planes (luminance alone, or red, green, blue and opacity). Coverage is
// exact: a pixel on the border of boxes counts for each by its share. In whole
// numbers: a pixel is as many units wide as there are boxes in a row, a box as
// many as there are pixels, and likewise for heights.
type sampler struct {
	read                  planesReader
	srcWidth, srcHeight   int
	gridWidth, gridHeight int

	light   [][]uint32 // of a band of one row
	column  [][]uint64 // light times units of height, for each pixel of the band
	sums    [][]uint64 // light times units of area, for each box of a row
	cachedX int        // which band light holds; -1: none
	cachedY int
}

func newSampler(read planesReader, planes, srcWidth, srcHeight, gridWidth, gridHeight int) *sampler {
	band := min(srcWidth, maxBand)
	return &sampler{
		read:     read,
		srcWidth: srcWidth, srcHeight: srcHeight,
		gridWidth: gridWidth, gridHeight: gridHeight,
		light:   makePlanes[uint32](planes, band),
		column:  makePlanes[uint64](planes, band),
		sums:    makePlanes[uint64](planes, gridWidth),
		cachedX: -1, cachedY: -1,
	}
}

func makePlanes[T any](planes, size int) [][]T {
	all := make([]T, planes*size)
	p := make([][]T, planes)
	for i := range p {
		p[i] = all[i*size:][:size:size]
	}
	return p
}

// row returns the sums of row y of the grid for each plane, which are valid until
// the next call. A sum is at most one × full.
func (s *sampler) row(y int) [][]uint64 {
	for _, sums := range s.sums {
		clear(sums)
	}
	box, room := 0, uint64(s.srcWidth)
	band := len(s.light[0])
	for x := 0; x < s.srcWidth; x += band {
		n := min(band, s.srcWidth-x)
		s.addColumns(x, y, n)
		nextBox, nextRoom := box, room
		for p, column := range s.column {
			nextBox, nextRoom = s.addBoxes(s.sums[p], column[:n], box, room)
		}
		box, room = nextBox, nextRoom
	}
	return s.sums
}

// full is the weight of a box: its area in units.
func (s *sampler) full() uint64 { return uint64(s.srcWidth) * uint64(s.srcHeight) }

// addColumns sums the n pixels from x on down row y of the grid.
func (s *sampler) addColumns(x, y, n int) {
	for _, column := range s.column {
		clear(column[:n])
	}
	top, bottom := y*s.srcHeight, (y+1)*s.srcHeight
	for src := top / s.gridHeight; src*s.gridHeight < bottom; src++ {
		units := min(bottom, (src+1)*s.gridHeight) - max(top, src*s.gridHeight)
		s.readBand(x, src, n)
		for p, column := range s.column {
			addScaled(column[:n], s.light[p][:n], uint64(units))
		}
	}
}

// readBand reads a part of a row of the picture, unless it was the last one read:
// rows of the grid share the row on their border.
func (s *sampler) readBand(x, y, n int) {
	if x == s.cachedX && y == s.cachedY {
		return
	}
	s.read(s.light, x, y, n)
	s.cachedX, s.cachedY = x, y
}

func addScaled(dst []uint64, src []uint32, factor uint64) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] += factor * uint64(v)
	}
}

// addBoxes deals the columns out to the boxes from the given one on, which has
// room units left, and returns where it stopped.
func (s *sampler) addBoxes(sums, column []uint64, box int, room uint64) (int, uint64) {
	width := uint64(s.gridWidth)
	var sum uint64 // of the box
	for _, v := range column {
		units := width
		for units > room {
			sums[box] += sum + v*room
			units -= room
			sum, box, room = 0, box+1, uint64(s.srcWidth)
		}
		sum += v * units
		room -= units
	}
	sums[box] += sum
	return box, room
}

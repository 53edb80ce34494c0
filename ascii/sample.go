package ascii

// maxBand bounds the pixels of a row that are worked on at once, and so the
// memory for pictures that are very wide.
const maxBand = 8192

// sampler averages the light of a picture over the boxes of a grid, in one or
// more planes (luminance alone, or red, green, blue and opacity). Coverage is
// exact: a pixel on the border of boxes counts for each by its share. In whole
// numbers: a pixel is as many units wide as there are boxes in a row, a box as
// many as there are pixels, and likewise for heights. Pixels are those of the
// original where the picture is a reduced one.
type sampler struct {
	read                  planesReader
	across, down          run
	gridWidth, gridHeight int

	light   [][]uint32 // of a band of one row
	column  [][]uint64 // light times units of height, for each pixel of the band
	sums    [][]uint64 // light times units of area, for each box of a row
	cachedX int        // which band light holds; -1: none
	cachedY int
}

func newSampler(read planesReader, planes int, across, down run, gridWidth, gridHeight int) *sampler {
	band := min(across.pixels, maxBand)
	return &sampler{
		read:   read,
		across: across, down: down,
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
	at := cursor{room: uint64(s.across.length)}
	band := len(s.light[0])
	for x := 0; x < s.across.pixels; x += band {
		n := min(band, s.across.pixels-x)
		s.addColumns(x, y, n)
		next := at
		for p, column := range s.column {
			next = s.addBoxes(s.sums[p], column[:n], x, at)
		}
		at = next
	}
	return s.sums
}

// full is the weight of a box: its area in units.
func (s *sampler) full() uint64 { return uint64(s.across.length) * uint64(s.down.length) }

// addColumns sums the n pixels from x on down row y of the grid.
func (s *sampler) addColumns(x, y, n int) {
	for _, column := range s.column {
		clear(column[:n])
	}
	top, bottom := y*s.down.length, (y+1)*s.down.length
	for src := s.down.at(top / s.gridHeight); src < s.down.pixels; src++ {
		from, to := s.down.pixel(src)
		if from*s.gridHeight >= bottom {
			break
		}
		units := min(bottom, to*s.gridHeight) - max(top, from*s.gridHeight)
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

// cursor is a box, and how many units it has left.
type cursor struct {
	box  int
	room uint64
}

// addBoxes deals the columns of the pixels from x on out to the boxes from a
// cursor on, and returns where it stopped. The first and last pixel may be partly
// outside.
func (s *sampler) addBoxes(sums, column []uint64, x int, at cursor) cursor {
	if x == 0 {
		at = s.addEven(sums, column[:1], s.across.width(0), at)
		x, column = 1, column[1:]
	}
	last := s.across.pixels - 1
	inner := min(len(column), max(0, last-x))
	at = s.addEven(sums, column[:inner], s.across.scale, at)
	if inner < len(column) {
		at = s.addEven(sums, column[inner:], s.across.width(last), at)
	}
	return at
}

// addEven is addBoxes for pixels that are all so wide.
func (s *sampler) addEven(sums, column []uint64, width int, at cursor) cursor {
	each := uint64(width) * uint64(s.gridWidth)
	box, room := at.box, at.room
	var sum uint64 // of the box
	for _, v := range column {
		units := each
		for units > room {
			sums[box] += sum + v*room
			units -= room
			sum, box, room = 0, box+1, uint64(s.across.length)
		}
		sum += v * units
		room -= units
	}
	sums[box] += sum
	return cursor{box, room}
}

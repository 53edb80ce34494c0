package reduce

import "image"

// Grid averages a picture whose pixels come in passes, as those of an interlaced PNG
// do. It holds the sums of all boxes, which is eight bytes for each channel and eight
// more. It serves one goroutine.
type Grid struct {
	k       int
	canvas  canvas
	average *averager // nil for k = 1
	sums    []uint64  // of each box and channel
	counts  []uint64  // pixels of each box so far

	// The same of the row that came last.
	line       []uint64
	lineCounts []uint64
	step       int

	steps []int // of each row of boxes: every how many columns a pixel is known
}

// passGap is the most columns or rows from a pixel to the next one in the first pass.
const passGap = 8

// NewGrid makes a Grid; the conditions are those of New.
func NewGrid(size image.Point, k int, layout Layout) *Grid {
	g := &Grid{k: k, canvas: newCanvas(size, k, layout)}
	g.steps = make([]int, g.canvas.height)
	for y := range g.steps {
		g.steps[y] = passGap
	}
	if k > 1 {
		g.average = newAverager(layout)
		width, channels := g.canvas.width, layout.Channels()
		boxes := width * g.canvas.height
		g.sums, g.counts = make([]uint64, boxes*channels), make([]uint64, boxes)
		g.line, g.lineCounts = make([]uint64, width*channels), make([]uint64, width)
	}
	return g
}

// Row takes pixels of row y: every dx columns, beginning at x. When x is not 0, every
// 2x-th column beginning at 0 has come before.
func (g *Grid) Row(y, x, dx int, pixels []byte) {
	g.step = dx
	if x > 0 {
		g.step = x
	}
	if g.k == 1 {
		g.steps[y] = min(g.steps[y], g.step)
		g.canvas.set(y, x, dx, pixels)
		return
	}
	channels, size := g.canvas.layout.Channels(), g.canvas.layout.PixelBytes()
	clear(g.line)
	clear(g.lineCounts)
	for len(pixels) > 0 {
		box := x / g.k
		n := min((g.k-x%g.k+dx-1)/dx, len(pixels)/size) // pixels in this box
		g.average.sum(g.line[box*channels:][:channels], pixels[:n*size], n)
		g.lineCounts[box] = uint64(n)
		pixels = pixels[n*size:]
		x += n * dx
	}
	g.Repeat(y)
}

// Repeat takes pixels of row y that are the same, in the same columns, as those of the
// row that came last. It is not for k = 1.
func (g *Grid) Repeat(y int) {
	band := y / g.k
	g.steps[band] = min(g.steps[band], g.step)
	addTo(g.sums[band*len(g.line):], g.line)
	addTo(g.counts[band*len(g.lineCounts):], g.lineCounts)
}

func addTo(sums, more []uint64) {
	sums = sums[:len(more)]
	for i, v := range more {
		sums[i] += v
	}
}

// Image gives the result. Where passes are missing, boxes are like those to the left
// or above; where the first one is missing they are as in Box.Image. Nothing may be
// added afterwards.
func (g *Grid) Image() image.Image {
	if g.k > 1 {
		g.flush()
	}
	for y, given := range g.canvas.given {
		if given {
			g.completeRow(y)
		}
	}
	g.completeRows()
	return g.canvas.image()
}

// completeRow copies from the left what is between known columns.
func (g *Grid) completeRow(y int) {
	step := g.steps[y]
	if step <= g.k { // in every box is a known column
		return
	}
	row, size := g.canvas.pixels(y), g.canvas.pixel
	for x := range g.canvas.width {
		last := ((x+1)*g.k - 1) / step * step // known, in this box or to the left
		if from := last / g.k; from < x {
			copy(row[x*size:][:size], row[from*size:])
		}
	}
}

// completeRows copies from above the rows between those of the first pass. It goes up,
// so that no copy is copied.
func (g *Grid) completeRows() {
	c := &g.canvas
	for y := c.height - 1; y >= 0; y-- {
		for d := 0; d <= min(y, (passGap-1)/g.k); d++ {
			if c.given[y-d] {
				if d > 0 {
					copy(c.row(y), c.pixels(y-d))
				}
				break
			}
		}
	}
}

func (g *Grid) flush() {
	channels := g.canvas.layout.Channels()
	for y := range g.canvas.height {
		first := y * g.canvas.width
		counts := g.counts[first:][:g.canvas.width]
		for x, n := range counts {
			if n > 0 {
				g.average.store(g.canvas.row(y)[x*g.canvas.pixel:], g.sums[(first+x)*channels:][:channels], n)
			}
		}
	}
}

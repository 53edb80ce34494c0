package reduce

import "image"

// Grid averages a picture whose pixels come in any order, as those of interlaced
// pictures do. It holds the sums of all boxes, which is eight bytes for each channel
// and eight more. It serves one goroutine.
type Grid struct {
	k       int
	canvas  canvas
	average *averager // nil for k = 1
	sums    []uint64  // of each box and channel
	counts  []uint64  // pixels of each box so far

	// The same of the row that came last.
	line       []uint64
	lineCounts []uint64
}

// NewGrid makes a Grid; the conditions are those of New.
func NewGrid(size image.Point, k int, layout Layout) *Grid {
	g := &Grid{k: k, canvas: newCanvas(size, k, layout)}
	if k > 1 {
		g.average = newAverager(layout)
		width, channels := g.canvas.width, layout.Channels()
		boxes := width * g.canvas.height
		g.sums, g.counts = make([]uint64, boxes*channels), make([]uint64, boxes)
		g.line, g.lineCounts = make([]uint64, width*channels), make([]uint64, width)
	}
	return g
}

// Row takes pixels of row y: every dx columns, beginning at x.
func (g *Grid) Row(y, x, dx int, pixels []byte) {
	if g.k == 1 {
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
	addTo(g.sums[band*len(g.line):], g.line)
	addTo(g.counts[band*len(g.lineCounts):], g.lineCounts)
}

func addTo(sums, more []uint64) {
	sums = sums[:len(more)]
	for i, v := range more {
		sums[i] += v
	}
}

// Image gives the result. Boxes of which no pixel came are as in Box.Image. Nothing
// may be added afterwards.
func (g *Grid) Image() image.Image {
	if g.k > 1 {
		g.flush()
	}
	return g.canvas.image()
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

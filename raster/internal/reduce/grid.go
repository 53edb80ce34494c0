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
}

// NewGrid makes a Grid; the conditions are those of New.
func NewGrid(size image.Point, k int, layout Layout) *Grid {
	g := &Grid{k: k, canvas: newCanvas(size, k, layout)}
	if k > 1 {
		g.average = newAverager(layout)
		boxes := g.canvas.width * g.canvas.height
		g.sums, g.counts = make([]uint64, boxes*layout.Channels()), make([]uint64, boxes)
	}
	return g
}

// Row takes pixels of row y: every dx columns, beginning at x.
func (g *Grid) Row(y, x, dx int, pixels []byte) {
	if g.k == 1 {
		g.canvas.set(y, x, dx, pixels)
		return
	}
	layout := g.canvas.layout
	channels, size := layout.Channels(), layout.PixelBytes()
	first := y / g.k * g.canvas.width
	for ; len(pixels) >= size; x += dx {
		box := first + x/g.k
		g.average.add(g.sums[box*channels:][:channels], pixels[:size])
		g.counts[box]++
		pixels = pixels[size:]
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

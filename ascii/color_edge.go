package ascii

import (
	"context"
	"image"
)

// An eye that looks at the last cells of a drawing sees beyond its edge, too. What
// lies there nobody knows; it is taken for more of what lies on the edge, as blurs
// and filters of pictures commonly do. So a frame of one dark pixel around a
// photograph counts for more than the pixel, and the outer samples of the cells on
// an edge stand for the outermost pixels only.

// rim is the sides of a cell that lie on the edge of the drawing.
type rim uint8

const (
	leftEdge rim = 1 << iota
	rightEdge
	topEdge
	bottomEdge

	allEdges = leftEdge | rightEdge | topEdge | bottomEdge
)

// rimOf returns the edges of a cell in a grid.
func rimOf(x, y, cols, rows int) (e rim) {
	if x == 0 {
		e |= leftEdge
	}
	if x == cols-1 {
		e |= rightEdge
	}
	if y == 0 {
		e |= topEdge
	}
	if y == rows-1 {
		e |= bottomEdge
	}
	return e
}

// grow is the cell in the middle of a patch and n samples beyond each of its edges.
func (e rim) grow(n int) image.Rectangle {
	r := image.Rect(reach, reach, reach+inkCols, reach+inkRows)
	if e&leftEdge != 0 {
		r.Min.X -= n
	}
	if e&rightEdge != 0 {
		r.Max.X += n
	}
	if e&topEdge != 0 {
		r.Min.Y -= n
	}
	if e&bottomEdge != 0 {
		r.Max.Y += n
	}
	return r
}

// extend fills what lies beyond the edges of the cell in the middle with what lies
// on them.
func (p *patch) extend(e rim) {
	if e == 0 {
		return
	}
	all := e.grow(reach)
	for y := reach; y < reach+inkRows; y++ {
		row := p[y*patchCols:][:patchCols]
		for x := all.Min.X; x < reach; x++ {
			row[x] = row[reach]
		}
		for x := reach + inkCols; x < all.Max.X; x++ {
			row[x] = row[reach+inkCols-1]
		}
	}
	first, last := p[reach*patchCols:], p[(reach+inkRows-1)*patchCols:]
	for y := all.Min.Y; y < reach; y++ {
		copy(p[y*patchCols:][all.Min.X:all.Max.X], first[all.Min.X:all.Max.X])
	}
	for y := reach + inkRows; y < all.Max.Y; y++ {
		copy(p[y*patchCols:][all.Min.X:all.Max.X], last[all.Min.X:all.Max.X])
	}
}

// beyond is how many samples beyond an edge are looked at.
const beyond = 1

// spreadEdges is [eye.spread] for a cell on edges. What is seen beyond an edge
// adds to the sample on it, from which it comes.
func (e *eye) spreadEdges(p *patch, at rim) (out inkPlane) {
	look := at.grow(beyond)
	for _, g := range e.kernels {
		for y := look.Min.Y; y < look.Max.Y; y++ {
			row := max(0, min(y-reach, inkRows-1)) * inkCols
			across := g.down(p, y, look.Min.X, look.Max.X)
			for x := look.Min.X; x < look.Max.X; x++ {
				out[row+max(0, min(x-reach, inkCols-1))] += g.at(&across, x)
			}
		}
	}
	return out
}

// down blurs the columns of a patch that the row y needs from one column to
// another.
func (g gaussian) down(p *patch, y, from, to int) (row [patchCols]float32) {
	n := len(g) - 1
	for x := max(0, from-n); x < min(to+n, patchCols); x++ {
		sum := float32(g[0] * p[y*patchCols+x])
		for i := 1; i <= n; i++ {
			above, below := max(0, y-i), min(y+i, patchRows-1)
			sum += float32(g[i] * (p[above*patchCols+x] + p[below*patchCols+x]))
		}
		row[x] = sum
	}
	return row
}

// at blurs a row at x.
func (g gaussian) at(row *[patchCols]float32, x int) float32 {
	sum := float32(g[0] * row[x])
	for i := 1; i < len(g); i++ {
		sum += float32(g[i] * (row[max(0, x-i)] + row[min(x+i, patchCols-1)]))
	}
	return sum
}

// formsAt gives the forms of cells on some edges, and keeps them. It serves one
// goroutine.
type formsAt struct {
	make func(rim) []form
	made [allEdges + 1][]form
}

func (f *formsAt) on(at rim) []form {
	if f.made[at] == nil {
		f.made[at] = f.make(at)
	}
	return f.made[at]
}

// sampleRim puts the light of the outermost pixels into the samples on the edges:
// half a sample each way, or one pixel where samples are finer than that.
func (l *light) sampleRim(ctx context.Context, src source) error {
	b := src.part
	wide, high := max(1, (b.Dx()+l.width)/(2*l.width)), max(1, (b.Dy()+l.height)/(2*l.height))
	top, bottom := image.Rect(0, 0, l.width, 1), image.Rect(0, l.height-1, l.width, l.height)
	left, right := image.Rect(0, 0, 1, l.height), image.Rect(l.width-1, 0, l.width, l.height)
	strips := []struct{ grid, part image.Rectangle }{
		{top, image.Rect(b.Min.X, b.Min.Y, b.Max.X, b.Min.Y+high)},
		{bottom, image.Rect(b.Min.X, b.Max.Y-high, b.Max.X, b.Max.Y)},
		{left, image.Rect(b.Min.X, b.Min.Y, b.Min.X+wide, b.Max.Y)},
		{right, image.Rect(b.Max.X-wide, b.Min.Y, b.Max.X, b.Max.Y)},
	}
	for _, s := range strips {
		strip, err := sampleLight(ctx, src.of(s.part), s.grid.Dx(), s.grid.Dy())
		if err != nil {
			return err
		}
		l.put(strip, s.grid)
	}
	return nil
}

// put overwrites a part of the grid.
func (l *light) put(part *light, at image.Rectangle) {
	for y := range part.height {
		to, from := (at.Min.Y+y)*l.width+at.Min.X, y*part.width
		for i, plane := range l.planes() {
			copy(plane[to:], part.planes()[i][from:][:part.width])
		}
		for x := range part.width {
			if l.a != nil && part.a == nil {
				l.a[to+x] = 1
			} else if l.a != nil {
				l.a[to+x] = part.a[from+x]
			}
		}
	}
}

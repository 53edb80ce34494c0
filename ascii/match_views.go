package ascii

import "math"

// The polish looks at a drawing as the measure of fidelity does (see package
// ascii/score): through Gaussians of an eighth, a quarter and a half of the height
// of a cell. A Gaussian leaves so little of what is finer than itself that samples
// about a deviation apart tell all of it.

// sight is one of these blurs.
type sight struct {
	sigma      float64 // in pixels of a cell
	cols, rows int     // samples of a cell, square ones
	at, room   int     // of its first sample in an impression, and the places it has there
	spare      int     // one that it does not use
	smoothings int     // see window
	side       float32 // see window
}

// halo is how many samples beyond a cell are taken to see it, at least two and a
// half deviations. What is further is given to the nearer ones, see axis.
const halo = 2

// impressionSize is the samples of a cell and of its surroundings in all sights,
// each sight rounded up to eight for the sake of kernels.
const impressionSize = 72 + 48 + 32

// sights are from near to far.
var sights = [...]sight{
	{sigma: cellHeight / 8., cols: 3, rows: 6, at: 0, room: 72, spare: 70, smoothings: 1, side: 0.1875},
	{sigma: cellHeight / 4., cols: 2, rows: 4, at: 72, room: 48, spare: 71, smoothings: 2, side: 0.203125},
	{sigma: cellHeight / 2., cols: 1, rows: 2, at: 72 + 48, room: 32, spare: 150, smoothings: 2, side: 0.203125},
}

// spanCols and spanRows are the samples of a cell and its surroundings.
func (v *sight) spanCols() int { return v.cols + 2*halo }
func (v *sight) spanRows() int { return v.rows + 2*halo }

// impression is a plane of numbers around a cell: what is seen of its light, or
// what that is worth. Spare places are zero, but for those of a character: they hold
// the squares of each sight, as shorten needs them.
type impression [impressionSize]float32

// edge says at which borders of the drawing a cell is. What is drawn there goes on
// beyond the border, as the measure of fidelity has it.
type edge uint8

const (
	atLeft edge = 1 << iota
	atRight
	atTop
	atBottom
	edges = 1 << iota
)

func edgeOf(x, y, cols, rows int) (e edge) {
	if x == 0 {
		e |= atLeft
	}
	if x == cols-1 {
		e |= atRight
	}
	if y == 0 {
		e |= atTop
	}
	if y == rows-1 {
		e |= atBottom
	}
	return e
}

// looks are the impressions of all characters of a dictionary at all edges.
type looks struct {
	of [edges][]impression
}

// newLooks takes the light of the pixels of each character, from 0 to 1 as cells
// reach it.
func newLooks(glyphs [][]float64) *looks {
	l := new(looks)
	for e := range l.of {
		l.of[e] = make([]impression, len(glyphs))
	}
	for i := range sights {
		for e := range atTop { // at the left and right; what is seen along a row is the same at each top and bottom
			l.see(&sights[i], e, glyphs)
		}
	}
	for e := range l.of {
		for g := range l.of[e] {
			l.of[e][g].square()
		}
	}
	return l
}

// see writes what one sight has of all characters at the left and right edges given,
// with every top and bottom.
func (l *looks) see(v *sight, sides edge, glyphs [][]float64) {
	across := newAxis(v, v.cols, cellWidth, sides&atLeft != 0, sides&atRight != 0)
	var down [edges / atTop]axis
	for i := range down {
		e := edge(i) * atTop
		down[i] = newAxis(v, v.rows, cellHeight, e&atTop != 0, e&atBottom != 0)
	}
	rows := make([]float64, cellHeight*len(across))
	for g, pix := range glyphs {
		across.ofRows(rows, pix)
		for i := range down {
			down[i].ofColumns(l.of[sides|edge(i)*atTop][g][v.at:], rows, len(across))
		}
	}
}

// square puts the sums of squares into the spare places.
func (p *impression) square() {
	var sums [len(sights)]float32
	for i, v := range sights {
		for _, s := range p[v.at:][:v.spanCols()*v.spanRows()] {
			sums[i] += float32(s * s)
		}
	}
	for i, v := range sights {
		p[v.spare] = sums[i]
	}
}

// axis is how much each pixel of a cell counts in each sample of its span, in one
// direction.
type axis [][]float64

// ofRows writes len(a) samples of each row of the pixels of a cell. Most pixels of
// characters are as dark as the page, which adds nothing.
func (a axis) ofRows(dst, pix []float64) {
	clear(dst)
	for i, light := range pix {
		if light == 0 {
			continue
		}
		row, x := dst[i/cellWidth*len(a):][:len(a)], i%cellWidth
		for k := range row {
			row[k] += float64(a[k][x] * light)
		}
	}
}

// ofColumns writes len(a) samples of each column of n.
func (a axis) ofColumns(dst []float32, rows []float64, n int) {
	var sums [cellWidth + 2*halo]float64 // enough, since no sample is finer than a pixel
	for j, weights := range a {
		clear(sums[:n])
		for y, w := range weights {
			for k, v := range rows[y*n:][:n] {
				sums[k] += float64(w * v)
			}
		}
		for k, sum := range sums[:n] {
			dst[j*n+k] = float32(sum)
		}
	}
}

// newAxis measures n samples of a cell of so many pixels. What the samples see of
// all cells within the halo adds up to one. At the first or last cell of a row the
// outermost pixel stands for all that would be beyond.
func newAxis(v *sight, n, pixels int, first, last bool) axis {
	a := make(axis, n+2*halo)
	step := float64(pixels) / float64(n)
	for i := range a {
		a[i] = make([]float64, pixels)
		centre := float64((float64(i-halo)+0.5)*step) - 0.5
		var sum float64
		for cell := -len(a); cell <= len(a); cell++ {
			if k := i - n*cell; k < 0 || k >= len(a) {
				continue
			}
			for p := range pixels {
				w := gauss(float64(cell*pixels+p)-centre, v.sigma)
				sum += w
				if at, ok := seenIn(cell, p, pixels, first, last); ok {
					a[i][at] += w
				}
			}
		}
		for p := range a[i] {
			a[i][p] /= sum
		}
	}
	return a
}

// seenIn returns the pixel of cell 0 that stands for pixel p of a cell.
func seenIn(cell, p, pixels int, first, last bool) (at int, ok bool) {
	switch {
	case cell < 0:
		return 0, first
	case cell > 0:
		return pixels - 1, last
	}
	return p, true
}

// gauss is a Gaussian of deviation sigma, not normalised, and rounded because
// machines may differ in the last bit of a power.
func gauss(x, sigma float64) float64 {
	return math.Round(math.Exp(-float64(x*x)/float64(2*sigma*sigma))*one) / one
}

package ascii

// The eye does not see samples, it sees light that is spread around each of them.
// The spread is modelled by the binomial weights of order 6, across and down,
// which are close to a Gaussian with a deviation of 1.22 samples (0.31 of a
// cell's height), and exact in binary. As these are the weights of order 3 applied
// twice, e · spread(e) is the energy of an error e after a blur of order 3: half
// the variance, a deviation of 0.87 samples.
const (
	weightSide3  = 1. / 64
	weightSide2  = 6. / 64
	weightSide1  = 15. / 64
	weightCentre = 20. / 64
)

// blur7 is one weighted sum. The explicit conversions keep a compiler from fusing
// multiplication and addition, which would round differently from machine to
// machine (The Go Programming Language Specification, "Floating-point operators").
func blur7(a, b, c, d, e, f, g float32) float32 {
	return float32(weightSide3*(a+g)) + float32(weightSide2*(b+f)) +
		(float32(weightSide1*(c+e)) + float32(weightCentre*d))
}

// spread replaces the numbers of a canvas, whose margin must be zero, by what
// the eye sees of them, margin included where the search looks at it.
func (c *canvas) spread() {
	for y := range c.height {
		blurRow(c.row(y))
	}
	c.blurColumns()
}

// blurRow spreads a row into its own margins. What would go further is lost.
func blurRow(row []float32) {
	var a, b, d float32 // the three numbers before, as they were
	n := len(row)
	for x := range row {
		var e, f, g float32
		if x+1 < n {
			e = row[x+1]
		}
		if x+2 < n {
			f = row[x+2]
		}
		if x+3 < n {
			g = row[x+3]
		}
		now := row[x]
		row[x] = blur7(a, b, d, now, e, f, g)
		a, b, d = b, d, now
	}
}

// blurColumns spreads all columns, three rows behind of which are kept as they
// were.
func (c *canvas) blurColumns() {
	zero := make([]float32, c.stride)
	var kept [margin][]float32 // the rows before, oldest first
	for i := range kept {
		kept[i] = make([]float32, c.stride)
	}
	at := func(y int) []float32 {
		if y < c.height+margin {
			return c.row(y)
		}
		return zero
	}
	for y := -margin; y < c.height+margin; y++ {
		row, r1, r2, r3 := c.row(y), at(y+1), at(y+2), at(y+3)
		k3, k2, k1 := kept[0], kept[1], kept[2]
		for x, now := range row {
			row[x] = blur7(k3[x], k2[x], k1[x], now, r1[x], r2[x], r3[x])
			k3[x] = now // the oldest row is not needed any more and takes this one
		}
		kept = [margin][]float32{k2, k1, k3}
	}
}

// spreadOf returns what the eye sees of the light of one cell.
func spreadOf(light [samples]float32) (spread spreadLight) {
	c := newCanvas(subCols, subRows)
	for y := range subRows {
		copy(c.row(y)[margin:], light[y*subCols:][:subCols])
	}
	c.spread()
	for y := range spread {
		copy(spread[y][:], c.row(y-margin))
	}
	return spread
}

// inner returns the part of a spread that falls into the cell itself.
func inner(spread *spreadLight) *[samples]float32 {
	var part [samples]float32
	for y := range subRows {
		copy(part[y*subCols:][:subCols], spread[y+margin][margin:])
	}
	return &part
}

// Far away the eye sees only the means of cells, spread by the outer product of
// binomial weights, again near to a Gaussian: across of order 6, a deviation of
// 1.22 cells, and down, where cells are twice as long, of order 2, 0.71 cells.
// Both are about 0.6 to 0.7 of a cell's height.
const (
	farCols = 7
	farRows = 3
)

var farSpread = [farRows][farCols]float32{
	{1. / 256, 6. / 256, 15. / 256, 20. / 256, 15. / 256, 6. / 256, 1. / 256},
	{2. / 256, 12. / 256, 30. / 256, 40. / 256, 30. / 256, 12. / 256, 2. / 256},
	{1. / 256, 6. / 256, 15. / 256, 20. / 256, 15. / 256, 6. / 256, 1. / 256},
}

// farSelf is the share that stays in the cell.
const farSelf = 40. / 256

// farWeight is how much the tone of cells counts against the shapes in them. A cell
// is 8 samples, so 8 would be even. Twice that scored best on photographs.
const farWeight = 16

// spreadFar replaces the means of cells by what is seen from far away.
func (c *canvas) spreadFar() {
	means := newCanvas(c.width, c.height)
	copy(means.pix, c.pix)
	clear(c.pix)
	for y := range c.height {
		for x, mean := range means.row(y)[margin:][:c.width] {
			c.addFar(x, y, mean)
		}
	}
}

// addFar adds the mean of one cell, spread.
func (c *canvas) addFar(x, y int, mean float32) {
	for r := range farSpread {
		p := (*[farCols]float32)(c.row(y + r - farRows/2)[margin+x-farCols/2:])
		for i := range p {
			p[i] += float32(mean * farSpread[r][i])
		}
	}
}

// dot is a scalar product; its order of additions is fixed, see blur7.
func dot(a, b *[samples]float32) float32 {
	return ((float32(a[0]*b[0]) + float32(a[1]*b[1])) + (float32(a[2]*b[2]) + float32(a[3]*b[3]))) +
		((float32(a[4]*b[4]) + float32(a[5]*b[5])) + (float32(a[6]*b[6]) + float32(a[7]*b[7])))
}

package vp8

import "image"

// band is a row of macroblocks as pixels: 16 lines of luma and 8 of each chroma.
type band struct {
	planes [3][]uint8
	pitch  [3]int // from line to line
	edges  []edges
}

func newBand(columns int) *band {
	b := &band{pitch: [3]int{16 * columns, 8 * columns, 8 * columns}, edges: make([]edges, columns)}
	for i, pitch := range b.pitch {
		b.planes[i] = make([]uint8, pitch*side(i))
	}
	return b
}

// side is the size of a macroblock in a plane.
func side(plane int) int {
	if plane == 0 {
		return 16
	}
	return 8
}

// painter turns macroblocks into pixels, filters them and makes the picture smaller.
// Pixels are predicted from unfiltered ones (RFC 6386, section 15), of which the last
// line is kept.
type painter struct {
	filter   *filterLevels // nil: no filter
	columns  int
	top      bool // whether the row is the first
	work     [3]workspace
	above    [3][]uint8
	now      *band
	last     *band // the row before, while the filter may still change it
	reducers [3]*reducer
	ratio    image.YCbCrSubsampleRatio
	size     image.Point
	painted  int // macroblocks
}

// plainReduction is the reduction from which on the loop filter is left out.
const plainReduction = 4

func newPainter(h *frameHeader, k int) *painter {
	p := &painter{columns: h.columns(), top: true, now: newBand(h.columns())}
	if h.filter.level != 0 && k < plainReduction {
		p.filter = h.filter.levels()
		p.last = newBand(p.columns)
	}
	for i := range p.above {
		p.above[i] = make([]uint8, p.columns*side(i)+4)
		for x := range p.above[i] {
			p.above[i][x] = outsideAbove
		}
	}
	p.ratio = image.YCbCrSubsampleRatio420
	chroma := k
	if k%2 == 0 {
		p.ratio = image.YCbCrSubsampleRatio444
		chroma = k / 2
	}
	p.size = image.Pt((h.width+k-1)/k, (h.height+k-1)/k)
	p.reducers[0] = newReducer(h.width, h.height, k)
	for i := 1; i < 3; i++ {
		p.reducers[i] = newReducer((h.width+1)/2, (h.height+1)/2, chroma)
	}
	return p
}

// row paints a row of macroblocks.
func (p *painter) row(r *row) {
	for x := range r.blocks {
		p.macroblock(&r.blocks[x], x)
	}
	p.painted += len(r.blocks)
	p.blank(len(r.blocks))
	p.finish(len(r.blocks))
	p.top = false
}

// blank makes what follows column x grey.
func (p *painter) blank(x int) {
	for i, pixels := range p.now.planes {
		for y := range side(i) {
			line := pixels[y*p.now.pitch[i]:][:p.now.pitch[i]][x*side(i):]
			for j := range line {
				line[j] = grey
			}
		}
	}
}

const grey = 128

// finish passes a row on, or the one before while the filter needs this one.
func (p *painter) finish(n int) {
	if p.filter == nil {
		p.reduce(p.now)
		return
	}
	p.smooth(n)
	if !p.top {
		p.reduce(p.last)
	}
	p.now, p.last = p.last, p.now
}

func (p *painter) reduce(b *band) {
	for i, r := range p.reducers {
		r.lines(b.planes[i], b.pitch[i], side(i))
	}
}

func (p *painter) image() *image.YCbCr {
	if p.filter != nil {
		p.reduce(p.last)
	}
	for _, r := range p.reducers {
		r.close()
	}
	return &image.YCbCr{
		Y: p.reducers[0].out, Cb: p.reducers[1].out, Cr: p.reducers[2].out,
		YStride: p.reducers[0].columns, CStride: p.reducers[1].columns,
		SubsampleRatio: p.ratio, Rect: image.Rectangle{Max: p.size},
	}
}

// macroblock paints m in column x, and makes its coefficients zero again.
func (p *painter) macroblock(m *macroblock, x int) {
	for i := range p.work {
		p.work[i].begin(p.above[i][side(i)*x:], side(i), x == 0, p.top)
	}
	if m.ends[secondBlock] > 0 {
		m.spreadDC()
	}
	if m.mode == bPred {
		p.paintBlocks(m, x)
	} else {
		p.work[0].predict(m.mode, 16, x > 0, !p.top)
		for i := range firstChroma {
			p.work[0].block(i%4, i/4).add(m, i)
		}
	}
	p.paintChroma(m, x)
	for i := range p.work {
		n := side(i)
		p.work[i].end(p.now.planes[i][n*x:], p.now.pitch[i], p.above[i][n*x:], n)
	}
	if p.filter != nil {
		p.now.edges[x] = p.filter.edges(m)
	}
}

// paintBlocks paints luma whose blocks have a mode each.
func (p *painter) paintBlocks(m *macroblock, x int) {
	above := p.above[0][16*x:]
	if x == p.columns-1 { // nothing is there: the last pixel counts for it
		for i := range 4 {
			above[16+i] = above[15]
		}
	}
	p.work[0].beginOverhang(above[16:])
	for i, mode := range m.sub {
		b := p.work[0].block(i%4, i/4)
		b.predict(mode)
		b.add(m, i)
	}
}

func (p *painter) paintChroma(m *macroblock, x int) {
	for plane := 1; plane < 3; plane++ {
		w := &p.work[plane]
		w.predict(m.chroma, 8, x > 0, !p.top)
		first := firstChroma + 4*(plane-1)
		for i := range 4 {
			w.block(i%2, i/2).add(m, first+i)
		}
	}
}

// add adds the coefficients of block i of m, which become zero.
func (b *block) add(m *macroblock, i int) {
	c := &m.coeffs[i]
	switch end := m.ends[i]; {
	case end > 3:
		b.addDCT(c)
		*c = [coefficients]int16{}
	case end > 1:
		b.addCorner(c)
		c[0], c[1], c[4] = 0, 0, 0
	case c[0] != 0:
		b.addDC(c[0])
		c[0] = 0
	default:
		return
	}
	m.empty = false
}

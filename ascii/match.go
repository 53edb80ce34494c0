package ascii

import "context"

// The matcher looks for the characters whose light, as the eye spreads it, is
// nearest to the picture's. It minimises one energy over the whole drawing,
//
//	E = e · near(e) + farWeight · mean(e) · far(mean(e)),
//
// where e is the light of the drawing less that of the picture, near spreads it
// as an eye does that reads the characters, and far spreads the means of the
// cells as an eye does that is too far away for them. It does so by exchanging
// one character at a time for the best there is, given its neighbours: direct
// binary search (Analoui and Allebach, 1992), with characters for dots. So the
// tone comes out right over a few cells even where no character has it, and
// within that the shape of a character counts.
//
// Exchanging character o by g changes E by 2 f(g) - 2 f(o), where
//
//	f(g) = light(g) · q + half of the energy of g alone,
//	q = near(e) + farWeight · far(mean(e)) / samples, both without o's own part,
//
// so that a candidate costs one short scalar product.
type matcher struct {
	*dictionary
	cols, rows int
	near       *canvas  // near(e), kept up to date
	far        *canvas  // far(mean(e)), a number for each cell, kept up to date
	picks      []uint16 // a character for each cell
	sweeps     int      // how often every cell is looked at: the second time repairs what the first could not know, further ones change little

	others   []*matcher // what other fonts make of the same picks, see heed
	energies []float32
}

// leastGain is what an exchange must gain at least. It is far below what can be
// seen and above what rounding makes of no gain at all.
const leastGain = 1e-6

// newMatcher takes a canvas of light, mapped to the range of the dictionary, and
// uses it up.
func newMatcher(d *dictionary, target *canvas, cols, rows, sweeps int) *matcher {
	return &matcher{
		dictionary: d,
		cols:       cols, rows: rows,
		near: target, far: newCanvas(cols, rows),
		picks: make([]uint16, cols*rows), sweeps: sweeps,
	}
}

// match returns a character for each cell. The only error is that of ctx.
func (m *matcher) match(ctx context.Context) ([]uint16, error) {
	m.start()
	for range m.sweeps {
		for y := range m.rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			m.sweepRow(y)
		}
	}
	return m.picks, nil
}

// start picks a tone for each cell and turns the canvas from the light of the
// picture into the spread error. What a tone is off by goes to the cells not
// yet picked (Floyd and Steinberg, 1976), rows in turn from the left and from
// the right: exchanges of single characters keep the tone of the start, but do
// not find it.
func (m *matcher) start() {
	var row, next []float64 // light carried over, a cell of margin on both sides
	row, next = make([]float64, m.cols+2), make([]float64, m.cols+2)
	for y := range m.rows {
		for i := range m.cols {
			x, ahead := m.serpentine(i, y)
			rest := m.startCell(x, y, row[x+1])
			row[x+1+ahead] += float64(rest * (7. / 16))
			next[x+1-ahead] += float64(rest * (3. / 16))
			next[x+1] += float64(rest * (5. / 16))
			next[x+1+ahead] += float64(rest * (1. / 16))
		}
		row, next = next, row
		clear(next)
	}
	m.near.spread()
	m.far.spreadFar()
	for _, o := range m.others {
		o.follow(m.picks)
	}
}

// serpentine returns the i-th cell to visit in row y, and where the one after is.
func (m *matcher) serpentine(i, y int) (x, ahead int) {
	if y%2 == 1 {
		return m.cols - 1 - i, -1
	}
	return i, 1
}

// startCell picks the tone for a cell that was given light to make up for, and
// returns what is left of it.
func (m *matcher) startCell(x, y int, carried float64) float64 {
	var cell [samples]*float32
	var sum float64
	for i := range cell {
		cell[i] = &m.near.row(y*subRows + i/subCols)[margin+x*subCols+i%subCols]
		sum += float64(*cell[i])
	}
	mean := float64(sum / samples) // not fused, see blur7
	pick := m.nearest(mean + carried)
	m.picks[y*m.cols+x] = pick
	for i, v := range cell {
		*v = m.light[pick][i] - *v
	}
	m.far.row(y)[margin+x] = float32(m.means[pick] - mean)
	return mean + carried - m.means[pick]
}

// sweepRow visits every cell of a row once.
func (m *matcher) sweepRow(y int) {
	for i := range m.cols {
		x, _ := m.serpentine(i, y)
		if m.others != nil {
			m.visitAll(x, y)
			continue
		}
		m.visit(x, y)
	}
}

// visit gives a cell the best character.
func (m *matcher) visit(x, y int) {
	pick := &m.picks[y*m.cols+x]
	q := m.pull(x, y, *pick)
	if best := m.best(&q, *pick); best != *pick {
		m.exchange(x, y, *pick, best)
		*pick = best
	}
}

// pull returns q of a cell that has the character o.
func (m *matcher) pull(x, y int, o uint16) (q [samples]float32) {
	spread := &m.spread[o]
	far := float32((m.far.row(y)[margin+x] - float32(farSelf*m.bounds[o].mean)) * farWeight / samples)
	for r := range subRows {
		p := m.near.row(y*subRows + r)[margin+x*subCols:][:subCols]
		s := &spread[r+margin]
		q[r*subCols] = p[0] - s[margin] + far
		q[r*subCols+1] = p[1] - s[margin+1] + far
	}
	return q
}

// best returns the character with the least f, or the present one where none is
// better by leastGain.
func (m *matcher) best(q *[samples]float32, present uint16) uint16 {
	return m.least(q, dot(&m.light[present], q)+m.bounds[present].halfSelf-leastGain, present)
}

// exchange updates what is seen around a cell.
func (m *matcher) exchange(x, y int, before, after uint16) {
	a, b := &m.spread[after], &m.spread[before]
	for r := range spreadRows {
		p := (*[spreadCols]float32)(m.near.row(y*subRows + r - margin)[x*subCols:])
		for i := range p {
			p[i] += a[r][i] - b[r][i]
		}
	}
	m.far.addFar(x, y, m.bounds[after].mean-m.bounds[before].mean)
}

package ascii

import (
	"context"
	"math"
)

// The matcher looks for the characters whose light, as the eye spreads it, is
// nearest to the picture's. It minimises one energy over the whole drawing,
//
//	E = e · spread(e),  e = light of the drawing - light of the picture,
//
// by exchanging one character at a time for the best there is, given its
// neighbours: direct binary search (Analoui and Allebach, 1992), with characters
// for dots. So the tone comes out right over a few cells even where no single
// character has it, and the shape of a character counts as much as its tone.
//
// Exchanging character o by g changes E by 2 f(g) - 2 f(o), where
//
//	f(g) = light(g) · (p - spread(light(o))) + light(g) · spread(light(g)) / 2
//
// and p = spread(e) in the cell: one short scalar product for each candidate.
type matcher struct {
	*dictionary
	cols, rows int
	seen       *canvas // spread(e), kept up to date
	picks      []uint8 // a character for each cell
}

// sweeps is how often every cell is looked at. The second time repairs what the
// first could not know; further ones change little.
const sweeps = 2

// leastGain is what an exchange must gain at least. It is far below what can be
// seen and above what rounding makes of no gain at all.
const leastGain = 1e-6

// match draws what is on the canvas: light, mapped to the range of the dictionary.
// The canvas is used up. The only error is that of ctx.
func (d *dictionary) match(ctx context.Context, target *canvas, cols, rows int) ([]uint8, error) {
	m := &matcher{dictionary: d, cols: cols, rows: rows, seen: target, picks: make([]uint8, cols*rows)}
	m.start()
	for range sweeps {
		for y := range rows {
			if err := ctx.Err(); err != nil {
				return nil, err //nolint:wrapcheck // the caller knows its own context
			}
			m.sweepRow(y)
		}
	}
	return m.picks, nil
}

// start picks the nearest tone for each cell and turns the canvas from the light
// of the picture into the spread error.
func (m *matcher) start() {
	for y := range m.rows {
		for x := range m.cols {
			m.startCell(x, y)
		}
	}
	m.seen.spread()
}

func (m *matcher) startCell(x, y int) {
	var cell [samples]*float32
	var sum float64
	for i := range cell {
		cell[i] = &m.seen.row(y*subRows + i/subCols)[margin+x*subCols+i%subCols]
		sum += float64(*cell[i])
	}
	pick := m.nearest(sum / samples)
	m.picks[y*m.cols+x] = pick
	for i, v := range cell {
		*v = m.light[pick][i] - *v
	}
}

// sweepRow visits every cell of a row once, rows in turn from the left and from the
// right, so that no direction is preferred.
func (m *matcher) sweepRow(y int) {
	for i := range m.cols {
		x := i
		if y%2 == 1 {
			x = m.cols - 1 - i
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

// pull returns p - spread(light(o)) for the samples of a cell.
func (m *matcher) pull(x, y int, o uint8) (q [samples]float32) {
	spread := &m.dictionary.spread[o]
	for r := range subRows {
		p := m.seen.row(y*subRows + r)[margin+x*subCols:][:subCols]
		s := &spread[r+margin]
		q[r*subCols] = p[0] - s[margin]
		q[r*subCols+1] = p[1] - s[margin+1]
	}
	return q
}

// best returns the character with the least f, or the present one where none is
// better by leastGain. Most candidates are ruled out by a bound: light(g) is its
// mean and a rest, and by Cauchy and Schwarz the product of the rest with q is
// at least minus the product of their lengths.
func (m *matcher) best(q *[samples]float32, present uint8) uint8 {
	best := present
	least := dot(&m.light[present], q) + m.bounds[present].halfSelf - leastGain
	sum, rest := sumAndRest(q)
	for g, b := range m.bounds {
		if b.halfSelf+float32(b.mean*sum)-float32(b.rest*rest) >= least {
			continue
		}
		if f := dot(&m.light[g], q) + b.halfSelf; f < least {
			best, least = uint8(g), f
		}
	}
	return best
}

// sumAndRest returns the sum of q and the length of what is left of q without its
// mean.
func sumAndRest(q *[samples]float32) (sum, rest float32) {
	for _, v := range q {
		sum += v
	}
	mean := sum / samples
	var squares float32
	for _, v := range q {
		squares += float32((v - mean) * (v - mean))
	}
	return sum, float32(math.Sqrt(float64(squares)))
}

// exchange updates what is seen around a cell.
func (m *matcher) exchange(x, y int, before, after uint8) {
	a, b := &m.dictionary.spread[after], &m.dictionary.spread[before]
	for r := range spreadRows {
		p := (*[spreadCols]float32)(m.seen.row(y*subRows + r - margin)[x*subCols:])
		for i := range p {
			p[i] += a[r][i] - b[r][i]
		}
	}
}

package ascii

import (
	"context"
	"math"
	"slices"
)

// indexedPainter draws with the colours of a palette. It works in linear light,
// in which the eye mixes colours that are next to each other. The energy that it
// lowers, cell by cell, is that of the error in OKLab, made linear around what the
// picture has there: lightness as the eye sees it near and far, the opponent
// colours as it sees them from some way off. What no colour can show is left in
// the error and is made up for by the cells around, as error diffusion does, but
// in all directions and with every exchange measured.
type indexedPainter struct {
	forms   []paletteForm
	eyes    [3]*eye // of lightness and the opponent colours
	ones    rgbf    // products of an even cell with itself, to the eyes
	target  *light
	field   *errorField
	palette []entry
	page    int // the entry of the page, when that is the only ground; -1: any is
	colors  int // entries that may be ink: the first so many
	effort  indexedEffort
	view    view // of the cell being drawn
}

// indexedEffort is how widely a painter searches.
type indexedEffort struct {
	sweeps int // over the whole drawing
	starts int // characters, and pairs of colours, to go down from
	steps  int // down from each
	colors int // that are tried as ground and as ink
}

// entry is a colour of the palette.
type entry struct {
	color          Color
	light, encoded rgbf
}

// choice is a look and what it leaves of the energy.
type choice struct {
	form        int
	ground, ink int // entries
	energy      float32
}

func (p *indexedPainter) paint(ctx context.Context, cols, rows int) ([]Cell, error) {
	cells := make([]Cell, cols*rows)
	for s := range p.effort.sweeps {
		for y := range rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i := range cols {
				x := i
				if (y+s)%2 == 1 {
					x = cols - 1 - i
				}
				cells[y*cols+x] = p.visit(x, y)
			}
		}
	}
	return cells, nil
}

// view is what there is to know of a cell before it is drawn: what its neighbours
// leave for it to do.
type view struct {
	lab   matrix // what light is to the eye here
	want  [3]inkPlane
	pull  [3]inkPlane   // in the eye's colours
	even  rgbf          // products of the pulls with an even cell
	at    []rgbf        // the palette to the eye here
	short []int         // entries that came near so far
	pairs [][2]int      // of them
	terms []energyTerms // of each form
}

func (p *indexedPainter) visit(x, y int) Cell {
	p.look(x, y)
	p.measure()
	return p.draw(x, y, p.best())
}

// look fills in what does not depend on the characters.
func (p *indexedPainter) look(x, y int) {
	v := &p.view
	var mean rgbf
	var around [3]patch
	for i, plane := range p.target.planes() {
		v.want[i] = cellOf(plane, p.target.width, x, y)
		mean[i] = product(&v.want[i], &ones) / inks
		p.field.without(i, x, y, 0, &v.want[i], &around[i])
	}
	v.lab = oklabAt(mean)
	for k, m := range v.lab {
		var seen patch
		for j := range seen {
			seen[j] = float32(m[0]*around[0][j]) + float32(m[1]*around[1][j]) + float32(m[2]*around[2][j])
		}
		v.pull[k] = p.eyes[k].spread(&seen, 0)
		v.even[k] = product(&v.pull[k], &ones)
	}
	for i := range p.palette {
		v.at[i] = v.lab.of(p.palette[i].light)
	}
}

// measure fills in the terms of the characters.
func (p *indexedPainter) measure() {
	v := &p.view
	for g := range p.forms {
		f, t := &p.forms[g], &v.terms[g]
		*t = f.own
		for k := range v.pull {
			t[k] = product(&v.pull[k], &f.cover)
			if f.bent {
				t[3+k] = product(&v.pull[k], &f.sag)
			}
		}
	}
}

// The energy of a look, less what all looks share, is a product of two vectors of
// terms: one of the character, one of the pair of colours. The first six terms of
// a character are its products with the pulls, by cover and by sag; the rest are
// those with itself, of the eye for lightness and the eye for colour.
const terms = 16

type energyTerms [terms]float32

func (t *energyTerms) times(u *energyTerms) float32 {
	return (float32(t[0]*u[0]) + float32(t[1]*u[1]) + float32(t[2]*u[2]) + float32(t[3]*u[3])) +
		(float32(t[4]*u[4]) + float32(t[5]*u[5]) + float32(t[6]*u[6]) + float32(t[7]*u[7])) +
		(float32(t[8]*u[8]) + float32(t[9]*u[9]) + float32(t[10]*u[10]) + float32(t[11]*u[11])) +
		(float32(t[12]*u[12]) + float32(t[13]*u[13]) + float32(t[14]*u[14]) + float32(t[15]*u[15]))
}

// mixture is a pair of colours in a view.
type mixture struct {
	ground, ink int // entries
	even        float32
	terms       energyTerms
}

func (p *indexedPainter) mix(ground, ink int) mixture {
	v := &p.view
	sag := v.lab.of(sagOf(&p.palette[ground], &p.palette[ink]))
	m := mixture{ground: ground, ink: ink}
	for k, b := range v.at[ground] {
		a, s := v.at[ink][k]-b, sag[k]
		m.even += float32(2*float32(b*v.even[k])) + float32(float32(b*b)*p.ones[k])
		m.terms[k], m.terms[3+k] = 2*a, 2*s
		own := m.terms[6+5*min(k, 1):]
		own[0] += float32(2 * float32(a*b))
		own[1] += float32(a * a)
		own[2] += float32(2 * float32(s*b))
		own[3] += float32(2 * float32(a*s))
		own[4] += float32(s * s)
	}
	return m
}

// sagOf returns how much light half a cover of ink lacks, four times, so that its
// product with share × (1 - share) is right there.
func sagOf(ground, ink *entry) (sag rgbf) {
	for i := range sag {
		middle := decode((ink.encoded[i] + ground.encoded[i]) / 2)
		sag[i] = 4*middle - 2*(ink.light[i]+ground.light[i])
	}
	return sag
}

// best goes down from several starts: the characters that promise most, and the
// pairs of colours that come nearest to the cell on the whole.
func (p *indexedPainter) best() choice {
	best := choice{energy: math.MaxFloat32}
	mean := p.mean()
	p.view.short = p.nearest(p.view.short[:0], nil, mean, maxNear)
	var room [2 * maxNear]choice
	starts := room[:0]
	for _, m := range p.nearPairs(mean) {
		c := p.bestForm(choice{ground: m[0], ink: m[1], energy: math.MaxFloat32})
		if p.page < 0 {
			c = p.bestForm(choice{form: c.form, ground: m[1], ink: m[0], energy: c.energy}).or(c)
		}
		starts = append(starts, c)
	}
	for _, g := range p.promising() {
		starts = append(starts, p.bestColors(choice{form: g, energy: math.MaxFloat32}, nil))
	}
	for _, c := range starts {
		best = p.descend(c).or(best)
	}
	return best
}

// or returns the choice of less energy.
func (c choice) or(other choice) choice {
	if c.energy < other.energy {
		return c
	}
	return other
}

// descend takes the best character for the colours and the best colours for the
// character in turn.
func (p *indexedPainter) descend(c choice) choice {
	for range p.effort.steps {
		before := c.energy
		c = p.bestColors(p.bestForm(c), p.view.short)
		if c.energy >= before {
			break
		}
	}
	return c
}

// bestForm returns the best character for the colours of c.
func (p *indexedPainter) bestForm(c choice) choice {
	m := p.mix(c.ground, c.ink)
	for g := range p.view.terms {
		if e := m.even + m.terms.times(&p.view.terms[g]); e < c.energy {
			c.form, c.energy = g, e
		}
	}
	return c
}

// bestColors tries the colours nearest to the ground and the ink that would fit the
// character of c best, among some entries or all. It notes them.
func (p *indexedPainter) bestColors(c choice, among []int) choice {
	v, f := &p.view, &p.forms[c.form]
	var ground, ink rgbf
	for k := range ground {
		m := &f.grams[k]
		ground[k], ink[k] = bowl{gram{m.ones, m.onesCover, m.cover}, v.even[k], v.terms[c.form][k]}.bottom()
	}
	var room [2 * maxNear]int
	near := p.nearGrounds(room[:0], among, ground)
	grounds := len(near)
	near = p.nearest(near, among, ink, p.effort.colors)
	if among == nil {
		p.note(near)
	}
	for _, b := range near[:grounds] {
		for _, a := range near[grounds:] {
			m := p.mix(b, a)
			if e := m.even + m.terms.times(&v.terms[c.form]); e < c.energy {
				c.ground, c.ink, c.energy = b, a, e
			}
		}
	}
	return c
}

// note puts colours on the short list.
func (p *indexedPainter) note(colors []int) {
	for _, c := range colors {
		if c != p.page && !slices.Contains(p.view.short, c) {
			p.view.short = append(p.view.short, c)
		}
	}
}

// nearGrounds is nearest for grounds.
func (p *indexedPainter) nearGrounds(dst, among []int, to rgbf) []int {
	if p.page >= 0 {
		return append(dst, p.page)
	}
	return p.nearest(dst, among, to, p.effort.colors)
}

// maxNear is the most colours that are looked for.
const maxNear = 16

// nearest appends the n entries nearest to a colour, among some or all.
func (p *indexedPainter) nearest(dst, among []int, to rgbf, n int) []int {
	at := p.view.at[:p.colors]
	if among == nil {
		return least(dst, len(at), n, func(i int) float32 { return squareOf(at[i], to) })
	}
	from := len(dst)
	dst = least(dst, len(among), n, func(i int) float32 { return squareOf(at[among[i]], to) })
	for i, a := range dst[from:] {
		dst[from+i] = among[a]
	}
	return dst
}

func squareOf(a, b rgbf) float32 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return float32(x*x) + float32(y*y) + float32(z*z)
}

// least appends the n of count that have the least value, in that order; n is at
// most maxNear.
func least(dst []int, count, n int, value func(int) float32) []int {
	var items [maxNear]int
	var values [maxNear]float32
	found := 0
	for i := range count {
		x := value(i)
		if found == n {
			if x >= values[n-1] {
				continue
			}
			found--
		}
		at := found
		for ; at > 0 && values[at-1] > x; at-- {
			items[at], values[at] = items[at-1], values[at-1]
		}
		items[at], values[at] = i, x
		found++
	}
	return append(dst, items[:found]...)
}

// promising returns the characters that could take away most error of lightness.
func (p *indexedPainter) promising() []int {
	return least(nil, len(p.forms), p.effort.starts, func(g int) float32 {
		d := product(&p.forms[g].unit, &p.view.pull[0])
		return -float32(d * d)
	})
}

// mean returns the even colour that would fit the cell best.
func (p *indexedPainter) mean() (mean rgbf) {
	for k := range mean {
		mean[k] = -p.view.even[k] / p.ones[k]
	}
	return mean
}

// nearPairs returns pairs of the colours on the short list that can be mixed to
// something near to the mean, rather of two colours that are alike.
func (p *indexedPainter) nearPairs(mean rgbf) [][2]int {
	pairs := p.pairs()
	at := p.view.at
	best := least(nil, len(pairs), p.effort.starts, func(i int) float32 {
		return segmentDistance(at[pairs[i][0]], at[pairs[i][1]], mean)
	})
	out := make([][2]int, len(best))
	for i, b := range best {
		out[i] = pairs[b]
	}
	return out
}

// pairs returns all pairs of colours of the short list, in one order.
func (p *indexedPainter) pairs() (pairs [][2]int) {
	pairs = p.view.pairs[:0]
	for i, ink := range p.view.short {
		if p.page >= 0 {
			pairs = append(pairs, [2]int{p.page, ink})
			continue
		}
		for _, ground := range p.view.short[:i] {
			pairs = append(pairs, [2]int{ground, ink})
		}
	}
	p.view.pairs = pairs
	return pairs
}

// segmentDistance is the square of the distance of a colour from all mixtures of
// two, and a share of the square of theirs.
func segmentDistance(from, to, c rgbf) float32 {
	const spread = 0.02
	var rise, off rgbf
	for k := range rise {
		rise[k], off[k] = to[k]-from[k], from[k]-c[k]
	}
	length := dot3(rise, rise)
	t := clamp(-dot3(off, rise) / max(length, 1e-9))
	for k := range rise {
		off[k] += float32(t * rise[k])
	}
	return dot3(off, off) + float32(spread*length)
}

func dot3(a, b rgbf) float32 {
	return float32(a[0]*b[0]) + float32(a[1]*b[1]) + float32(a[2]*b[2])
}

// draw writes the error of a choice into the field.
func (p *indexedPainter) draw(x, y int, c choice) Cell {
	f, ground, ink := &p.forms[c.form], &p.palette[c.ground], &p.palette[c.ink]
	sag := sagOf(ground, ink)
	for i := range p.view.want {
		b, a := ground.light[i], ink.light[i]
		var e inkPlane
		for j, w := range p.view.want[i] {
			e[j] = b + float32((a-b)*f.cover[j]) + float32(sag[i]*f.sag[j]) - w
		}
		p.field.set(i, x, y, 0, &e)
	}
	cell := Cell{Rune: f.rune, FG: ink.color, BG: ground.color}
	if f.cover == (inkPlane{}) {
		cell.FG = 0
	}
	return cell
}

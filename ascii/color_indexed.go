package ascii

import (
	"context"
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
	target  *light
	field   *errorField
	palette []entry
	ground  *entry // nil: any
	ones    rgbf   // products of an even cell with itself, to the eyes
}

// entry is a colour of the palette.
type entry struct {
	color          Color
	light, encoded rgbf
}

// paletteForm is a character in linear light. Blending in encoded colours makes
// the pixels at its edges darker than their share of ink says; how much goes with
// the share times what is left of it, the sag.
type paletteForm struct {
	rune       rune
	cover, sag inkPlane
	grams      [3]sagGram
	bent       bool     // has a sag at all
	unit       inkPlane // see form
}

// sagGram holds the products, to the eye, of an even cell, a cover and its sag.
type sagGram struct {
	ones, cover, sag             float32 // squares
	onesCover, onesSag, coverSag float32
}

func newPaletteForms(a alphabet, aspect float64, eyes [3]*eye) ([]paletteForm, error) {
	straight, err := newForms(a, aspect, eyes[0], same)
	if err != nil {
		return nil, err
	}
	var kept alphabet
	kept.font = a.font
	for _, f := range straight {
		kept.runes = append(kept.runes, f.rune)
	}
	sags, err := sagsOf(kept, aspect)
	if err != nil {
		return nil, err
	}
	forms := make([]paletteForm, len(straight))
	for i, f := range straight {
		forms[i] = paletteForm{rune: f.rune, cover: f.cover, sag: sags[i], unit: f.unit, bent: sags[i] != inkPlane{}}
		for k, e := range eyes {
			forms[i].grams[k] = sagGramOf(e, &f.cover, &sags[i])
		}
	}
	return forms, nil
}

func sagGramOf(e *eye, cover, sag *inkPlane) sagGram {
	o, c, s := e.seen(&ones), e.seen(cover), e.seen(sag)
	return sagGram{
		ones: product(&o, &ones), cover: product(&c, cover), sag: product(&s, sag),
		onesCover: product(&o, cover), onesSag: product(&o, sag), coverSag: product(&c, sag),
	}
}

// choice is a look and what it leaves of the energy.
type choice struct {
	form        int
	ground, ink int // entries
	energy      float32
}

func (p *indexedPainter) paint(ctx context.Context, cols, rows, sweeps int) ([]Cell, error) {
	cells := make([]Cell, cols*rows)
	for s := range sweeps {
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
	pull  [3]inkPlane // in the eye's colours
	even  rgbf        // products of the pulls with an even cell
	at    []rgbf      // the palette to the eye here
	terms []energyTerms
}

func (p *indexedPainter) visit(x, y int) Cell {
	v := p.view(x, y)
	best := p.best(v)
	return p.draw(x, y, best, &v.want)
}

// weights of lightness and the opponent colours.
var labWeights = rgbf{1, 1, 1}

func (p *indexedPainter) view(x, y int) *view {
	v := &view{}
	var mean rgbf
	var around [3]patch
	for i, plane := range [3][]float32{p.target.r, p.target.g, p.target.b} {
		v.want[i] = cellOf(plane, p.target.width, x, y)
		mean[i] = product(&v.want[i], &ones) / inks
		p.field.patch(i, x, y, &around[i])
		var own inkPlane
		for j, w := range v.want[i] {
			own[j] = -w
		}
		around[i].set(&own)
	}
	v.lab = oklabAt(mean)
	for k := range v.lab {
		m := v.lab[k]
		var seen patch
		for j := range seen {
			seen[j] = float32(m[0]*around[0][j]) + float32(m[1]*around[1][j]) + float32(m[2]*around[2][j])
		}
		v.pull[k] = p.eyes[k].spread(&seen)
		v.even[k] = product(&v.pull[k], &ones)
	}
	return v
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

// ownTerms are the terms of a character that do not depend on the cell.
func (f *paletteForm) ownTerms() (t energyTerms) {
	for i, k := range [2]int{0, 1} {
		m := &f.grams[k]
		copy(t[6+5*i:], []float32{m.onesCover, m.cover, m.onesSag, m.coverSag, m.sag})
	}
	return t
}

// mixture is a pair of colours in a view.
type mixture struct {
	ground, ink int // entries
	even        float32
	terms       energyTerms
}

func (p *indexedPainter) mix(v *view, ground, ink int) mixture {
	g, i := &p.palette[ground], &p.palette[ink]
	var sag rgbf
	for k := range sag {
		sag[k] = -4 * ((i.light[k]+g.light[k])/2 - decode((i.encoded[k]+g.encoded[k])/2))
	}
	b, s := v.at[ground], v.lab.of(sag)
	var a rgbf
	for k := range a {
		a[k] = v.at[ink][k] - b[k]
	}
	m := mixture{ground: ground, ink: ink}
	for k := range b {
		m.even += 2*float32(b[k]*v.even[k]) + float32(float32(b[k]*b[k])*p.ones[k])
		m.terms[k], m.terms[3+k] = 2*a[k], 2*s[k]
		own := m.terms[6+5*min(k, 1):]
		own[0] += 2 * float32(a[k]*b[k])
		own[1] += float32(a[k] * a[k])
		own[2] += 2 * float32(s[k]*b[k])
		own[3] += 2 * float32(a[k]*s[k])
		own[4] += float32(s[k] * s[k])
	}
	return m
}

// best goes down from several starts: the characters that promise most, and the
// pairs of colours that come nearest to the cell on the whole.
func (p *indexedPainter) best(v *view) choice {
	p.measure(v)
	best := choice{energy: 1e30}
	for _, g := range p.promising(v) {
		c := choice{form: g, energy: 1e30}
		p.bestColors(v, &c)
		p.descend(v, &c)
		best = lesser(best, c)
	}
	for _, m := range p.nearMixes(v) {
		c := choice{energy: 1e30}
		mx := p.mix(v, m[0], m[1])
		p.bestForm(v, &mx, &c)
		p.descend(v, &c)
		best = lesser(best, c)
	}
	return best
}

func lesser(a, b choice) choice {
	if b.energy < a.energy {
		return b
	}
	return a
}

// descend takes the best colours for a character and the best character for its
// colours in turn.
func (p *indexedPainter) descend(v *view, c *choice) {
	for range 3 {
		before := c.energy
		m := p.mix(v, c.ground, c.ink)
		p.bestForm(v, &m, c)
		p.bestColors(v, c)
		if c.energy >= before {
			return
		}
	}
}

func (p *indexedPainter) bestForm(v *view, m *mixture, c *choice) {
	for g := range v.terms {
		if e := m.even + m.terms.times(&v.terms[g]); e < c.energy {
			*c = choice{g, m.ground, m.ink, e}
		}
	}
}

// bestColors tries the colours nearest to the ground and the ink that would fit
// a character best.
func (p *indexedPainter) bestColors(v *view, c *choice) {
	f := &p.forms[c.form]
	var ground, ink rgbf
	for k := range ground {
		m := &f.grams[k]
		ground[k], ink[k] = bowl{gram{m.ones, m.onesCover, m.cover}, v.even[k], v.terms[c.form][k]}.bottom()
	}
	n := 5
	grounds, inks := v.nearest(ground, n), v.nearest(ink, n)
	g := c.form
	for _, b := range grounds {
		for _, a := range inks {
			m := p.mix(v, b, a)
			if e := m.even + m.terms.times(&v.terms[g]); e < c.energy {
				*c = choice{g, b, a, e}
			}
		}
	}
}

// nearest returns the n entries nearest to a colour.
func (v *view) nearest(to rgbf, n int) []int {
	return least(len(v.at), n, func(i int) float32 {
		d := rgbf{v.at[i][0] - to[0], v.at[i][1] - to[1], v.at[i][2] - to[2]}
		return dot3(d, d)
	})
}

// least returns the n of count that have the least value, in that order.
func least(count, n int, value func(int) float32) []int {
	type item struct {
		i int
		v float32
	}
	top := make([]item, 0, 32)
	for i := range count {
		x := value(i)
		if len(top) == n {
			if x >= top[n-1].v {
				continue
			}
			top = top[:n-1]
		}
		at := len(top)
		for at > 0 && top[at-1].v > x {
			at--
		}
		top = slices.Insert(top, at, item{i, x})
	}
	out := make([]int, len(top))
	for i, t := range top {
		out[i] = t.i
	}
	return out
}

// measure fills in what depends on the cell.
func (p *indexedPainter) measure(v *view) {
	v.at = make([]rgbf, len(p.palette))
	for i := range p.palette {
		v.at[i] = v.lab.of(p.palette[i].light)
	}
	v.terms = make([]energyTerms, len(p.forms))
	for g := range p.forms {
		f := &p.forms[g]
		t := f.ownTerms()
		for k := range v.pull {
			t[k] = product(&v.pull[k], &f.cover)
			if f.bent {
				t[3+k] = product(&v.pull[k], &f.sag)
			}
		}
		v.terms[g] = t
	}
}

// promising returns the characters that could take away most error of lightness.
func (p *indexedPainter) promising(v *view) []int {
	return least(len(p.forms), 4, func(g int) float32 {
		d := product(&p.forms[g].unit, &v.pull[0])
		return -float32(d * d)
	})
}

// nearMixes returns pairs of colours whose mixtures come near to what the cell
// should be on the whole.
func (p *indexedPainter) nearMixes(v *view) [][2]int {
	var mean rgbf
	for k := range mean {
		mean[k] = -v.even[k] / p.ones[k]
	}
	near := v.nearest(mean, 12)
	type pair struct{ a, b int }
	var pairs []pair
	for i, a := range near {
		for _, b := range near[:i] {
			pairs = append(pairs, pair{a, b}, pair{b, a})
		}
	}
	best := least(len(pairs), 4, func(i int) float32 {
		from, to := v.at[pairs[i].a], v.at[pairs[i].b]
		var rise, off rgbf
		for k := range rise {
			rise[k], off[k] = to[k]-from[k], from[k]-mean[k]
		}
		length := dot3(rise, rise)
		t := clamp(-dot3(off, rise) / max(length, 1e-9))
		for k := range rise {
			off[k] += float32(t * rise[k])
		}
		return dot3(off, off) + float32(pairSpread*length)
	})
	out := make([][2]int, len(best))
	for i, b := range best {
		out[i] = [2]int{pairs[b].a, pairs[b].b}
	}
	return out
}

const pairSpread = 0.02

func dot3(a, b rgbf) float32 {
	return float32(a[0]*b[0]) + float32(a[1]*b[1]) + float32(a[2]*b[2])
}

func (p *indexedPainter) draw(x, y int, c choice, want *[3]inkPlane) Cell {
	f := &p.forms[c.form]
	for i := range want {
		ground, ink := &p.palette[c.ground], &p.palette[c.ink]
		b, a := ground.light[i], ink.light[i]
		sag := -4 * ((a+b)/2 - decode((ink.encoded[i]+ground.encoded[i])/2))
		var e inkPlane
		for j, w := range want[i] {
			e[j] = b + float32((a-b)*f.cover[j]) + float32(sag*f.sag[j]) - w
		}
		p.field.set(i, x, y, &e)
	}
	cell := Cell{Rune: f.rune, FG: p.palette[c.ink].color, BG: p.palette[c.ground].color}
	if f.cover == (inkPlane{}) {
		cell.FG = 0
	}
	return cell
}

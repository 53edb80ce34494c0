package ascii

import (
	"cmp"
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
	pairs   int    // of colours that are tried in a cell
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
	bent       bool // has a sag at all
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
		forms[i] = paletteForm{rune: f.rune, cover: f.cover, sag: sags[i], bent: sags[i] != inkPlane{}}
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
	ground, ink *entry
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
	lab  matrix // what light is to the eye here
	want [3]inkPlane
	pull [3]inkPlane // in the eye's colours
	even rgbf        // products of the pulls with an even cell
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

// sums are the products of the pulls with a form.
type sums struct{ cover, sag rgbf }

func (p *indexedPainter) best(v *view) choice {
	all := make([]sums, len(p.forms))
	for g := range p.forms {
		f := &p.forms[g]
		for k := range v.pull {
			all[g].cover[k] = product(&v.pull[k], &f.cover)
			if f.bent {
				all[g].sag[k] = product(&v.pull[k], &f.sag)
			}
		}
	}
	best := choice{energy: 1e30}
	for _, pr := range p.candidates(v) {
		p.tryPair(v, all, pr[0], pr[1], &best)
		if p.ground == nil {
			p.tryPair(v, all, pr[1], pr[0], &best)
		}
	}
	return best
}

func (p *indexedPainter) tryPair(v *view, all []sums, ground, ink *entry, best *choice) {
	var rise, sag rgbf
	for i := range rise {
		rise[i] = ink.light[i] - ground.light[i]
		middle := decode((ink.encoded[i] + ground.encoded[i]) / 2)
		sag[i] = -4 * ((ink.light[i]+ground.light[i])/2 - middle)
	}
	b, a, s := v.lab.of(ground.light), v.lab.of(rise), v.lab.of(sag)
	var base float32
	for k := range b {
		base += 2*float32(b[k]*v.even[k]) + float32(float32(b[k]*b[k])*p.forms[0].grams[k].ones)
	}
	for g := range p.forms {
		f := &p.forms[g]
		e := base
		for k := range b {
			m := &f.grams[k]
			e += a[k] * (2*(all[g].cover[k]+float32(b[k]*m.onesCover)) + float32(a[k]*m.cover))
			if f.bent {
				e += s[k] * (2*(all[g].sag[k]+float32(b[k]*m.onesSag)+float32(a[k]*m.coverSag)) + float32(s[k]*m.sag))
			}
		}
		if e < best.energy {
			*best = choice{g, ground, ink, e}
		}
	}
}

// candidates returns pairs of colours whose mixtures come near to what the cell
// should be on the whole.
func (p *indexedPainter) candidates(v *view) [][2]*entry {
	var mean rgbf
	for k := range mean {
		mean[k] = -v.even[k] / p.forms[0].grams[k].ones
	}
	type near struct {
		entry *entry
		at    rgbf
		d     float32
	}
	colors := make([]near, len(p.palette))
	for i := range p.palette {
		at := v.lab.of(p.palette[i].light)
		for k := range at {
			at[k] -= mean[k]
		}
		colors[i] = near{&p.palette[i], at, dot3(at, at)}
	}
	if len(colors) > 24 {
		slices.SortFunc(colors, func(a, b near) int { return cmp.Compare(a.d, b.d) })
		colors = colors[:24]
	}
	type pair struct {
		colors [2]*entry
		d      float32
	}
	var pairs []pair
	for i, a := range colors {
		for _, b := range colors[:i] {
			// distance of the mean, now at 0, from the segment
			var rise rgbf
			for k := range rise {
				rise[k] = b.at[k] - a.at[k]
			}
			length := dot3(rise, rise)
			t := clamp(-dot3(a.at, rise) / max(length, 1e-9))
			d := float32(0)
			for k := range rise {
				e := a.at[k] + float32(t*rise[k])
				d += float32(e * e)
			}
			pairs = append(pairs, pair{[2]*entry{a.entry, b.entry}, d + float32(pairSpread*length)})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.d, b.d) })
	out := make([][2]*entry, 0, p.pairs)
	for _, pr := range pairs[:min(len(pairs), p.pairs)] {
		out = append(out, pr.colors)
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
		b, a := c.ground.light[i], c.ink.light[i]
		sag := -4 * ((a+b)/2 - decode((c.ink.encoded[i]+c.ground.encoded[i])/2))
		var e inkPlane
		for j, w := range want[i] {
			e[j] = b + float32((a-b)*f.cover[j]) + float32(sag*f.sag[j]) - w
		}
		p.field.set(i, x, y, &e)
	}
	cell := Cell{Rune: f.rune, FG: c.ink.color, BG: c.ground.color}
	if f.cover == (inkPlane{}) {
		cell.FG = 0
	}
	return cell
}

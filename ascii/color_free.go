package ascii

import (
	"context"
	"math"
)

// freePainter draws with free colours. It works in the space in which terminals
// blend the edges of glyphs: encoded sRGB, in which light is near to even to the
// eye, too. For each form, ground and ink follow by least squares from what is
// missing once the cells around are as they are; the form that leaves the least
// error to the eye wins. So cells make up for what their neighbours could not do.
type freePainter struct {
	forms  formsAt
	eye    *eye
	target *light // in the space of the field
	light  *light
	field  *errorField
	ground *rgbf // nil: free
	sweeps int   // over the whole drawing
	tries  int   // forms that are fitted, of those that promise most; at most maxNear
	page   RGB
	toRGB  func(rgbf) RGB
	ofRGB  func(RGB) rgbf
}

// look is what a cell shows.
type look struct {
	form        *form
	ground, ink rgbf
}

// fit is a look and what it leaves of the energy.
type fit struct {
	look
	energy float32
}

// paint returns the cells after some sweeps. The only error is that of ctx.
func (p *freePainter) paint(ctx context.Context, cols, rows int) ([]Cell, error) {
	cells := make([]Cell, cols*rows)
	for range p.sweeps {
		for y := range rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for x := range cols {
				cells[y*cols+x] = p.visit(x, y, rimOf(x, y, cols, rows))
			}
		}
	}
	return cells, nil
}

// visit draws one cell anew.
func (p *freePainter) visit(x, y int, at rim) Cell {
	forms := p.forms.on(at)
	var want, pull [3]inkPlane
	for i, plane := range p.target.planes() {
		want[i] = cellOf(plane, p.target.width, x, y)
		var around patch
		p.field.without(i, x, y, at, &want[i], &around)
		pull[i] = p.eye.spread(&around, at)
	}
	best := p.best(forms, &pull)
	if p.ground == nil {
		p.relight(&best.look, &want, x, y)
	}
	return p.draw(x, y, at, best.look, &want)
}

// relit is the share of the missing light that scored best: cells that are too
// light in themselves cost structure.
const relit = 0.5

// relight makes up for the light that a cell loses or wins because it is blended
// from encoded colours: flat where the picture varies, it would be too dark. It
// shifts the look and what is wanted alike, so that neighbours do not work against it.
func (p *freePainter) relight(l *look, want *[3]inkPlane, x, y int) {
	f := l.form
	for i, plane := range p.light.planes() {
		cell := cellOf(plane, p.light.width, x, y)
		missing, slope := product(&cell, &ones)/inks, float32(0)
		for k, share := range f.shares {
			v := l.ground[i] + float32((l.ink[i]-l.ground[i])*float32(k)/(levels-1))
			missing -= float32(share * decode(v))
			slope += float32(share * (decode(v+1./64) - decode(v-1./64)) * 32)
		}
		shift := relit * missing / max(slope, 1./64)
		l.ground[i] = clamp(l.ground[i] + shift)
		l.ink[i] = clamp(l.ink[i] + shift)
		for j := range want[i] {
			want[i][j] += shift
		}
	}
}

// draw writes the error of a look into the field, with colours as they round.
func (p *freePainter) draw(x, y int, at rim, l look, want *[3]inkPlane) Cell {
	f := l.form
	cell := Cell{Rune: f.rune}
	ground, ink := p.page, p.toRGB(l.ink)
	if p.ground == nil {
		ground = p.toRGB(l.ground)
		cell.BG = Free(ground)
	}
	if f.gram.cover > 0 {
		cell.FG = Free(ink)
	}
	b, a := p.ofRGB(ground), p.ofRGB(ink)
	for i := range want {
		var e inkPlane
		for j, v := range want[i] {
			e[j] = b[i] + float32((a[i]-b[i])*f.cover[j]) - v
		}
		p.field.set(i, x, y, at, &e)
	}
	return cell
}

// The weights of the eye's opponent colours, of encoded primaries: luminance, and
// what reddish and bluish differ from it.
var opponents = matrix{
	{0.2126, 0.7152, 0.0722},
	{0.1 * 0.7874, 0.1 * -0.7152, 0.1 * -0.0722},
	{0.07 * -0.2126, 0.07 * -0.7152, 0.07 * 0.9278},
}

// best fits the most promising forms and returns the best.
func (p *freePainter) best(forms []form, pull *[3]inkPlane) fit {
	var even rgbf
	for i := range pull {
		even[i] = product(&pull[i], &ones)
	}
	best := fit{energy: float32(math.MaxFloat32)}
	for _, g := range p.promising(forms, pull) {
		if f := p.fit(&forms[g], pull, even); f.energy < best.energy {
			best = f
		}
	}
	return best
}

// promising returns the forms that could take away most luminance error.
func (p *freePainter) promising(forms []form, pull *[3]inkPlane) []int {
	var luma inkPlane
	for j := range luma {
		luma[j] = float32(opponents[0][0]*pull[0][j]) + float32(opponents[0][1]*pull[1][j]) + float32(opponents[0][2]*pull[2][j])
	}
	return least(nil, len(forms), p.tries, func(g int) float32 { return -p.gain(&forms[g], &luma) })
}

// gain is how much error of luminance a form can take away with the best ink, on
// the best ground or on that of the page.
func (p *freePainter) gain(f *form, luma *inkPlane) float32 {
	if p.ground == nil {
		d := product(&f.unit, luma)
		return float32(d * d)
	}
	if f.gram.cover == 0 {
		return 0
	}
	d := product(&f.cover, luma) + float32(opponents.of(*p.ground)[0]*f.gram.mixed)
	return float32(d*d) / f.gram.cover
}

// fit finds the colours of a form by least squares.
func (p *freePainter) fit(f *form, pull *[3]inkPlane, even rgbf) fit {
	out := fit{look: look{form: f}}
	var rise, inked rgbf
	for i := range pull {
		inked[i] = product(&pull[i], &f.cover)
		q := bowl{f.gram, even[i], inked[i]}
		if p.ground != nil {
			out.ground[i], out.ink[i] = p.ground[i], q.inkOn(p.ground[i])
		} else {
			out.ground[i], out.ink[i] = q.solve()
		}
		rise[i] = out.ink[i] - out.ground[i]
	}
	b, a := opponents.of(out.ground), opponents.of(rise)
	s, t := opponents.of(even), opponents.of(inked)
	for i := range b {
		out.energy += bowl{f.gram, s[i], t[i]}.at(b[i], a[i])
	}
	return out
}

// bowl is the energy of one primary as a function of the ground and of how
// much the ink rises above it, up to a constant.
type bowl struct {
	gram
	even, inked float32 // products of the pull with an even cell and the cover
}

func (q bowl) at(ground, rise float32) float32 {
	return float32(2*float32(float32(ground*q.even)+float32(rise*q.inked))) +
		float32(float32(ground*ground)*q.ones) + float32(2*float32(ground*rise)*q.mixed) + float32(float32(rise*rise)*q.gram.cover)
}

// solve returns the best ground and ink from 0 to 1. Where the best of all lies
// outside, the best within lies on an edge of the square of both: each edge is a
// parabola.
func (q bowl) solve() (ground, ink float32) {
	ground, ink = q.bottom()
	if ground >= 0 && ground <= 1 && ink >= 0 && ink <= 1 {
		return ground, ink
	}
	least := float32(math.MaxFloat32)
	for _, v := range [2]float32{0, 1} {
		for _, edge := range [2][2]float32{{v, q.inkOn(v)}, {q.groundUnder(v), v}} {
			if e := q.at(edge[0], edge[1]-edge[0]); e < least {
				ground, ink, least = edge[0], edge[1], e
			}
		}
	}
	return ground, ink
}

// bottom returns the best ground and ink of all.
func (q bowl) bottom() (ground, ink float32) {
	det := float32(q.ones*q.cover) - float32(q.mixed*q.mixed)
	if det < 1e-7*q.ones*q.ones {
		v := -q.even / q.ones
		return v, v
	}
	b := (float32(q.mixed*q.inked) - float32(q.cover*q.even)) / det
	a := (float32(q.mixed*q.even) - float32(q.ones*q.inked)) / det
	return b, b + a
}

// inkOn returns the best ink on a ground.
func (q bowl) inkOn(ground float32) float32 {
	if q.cover <= 0 {
		return ground
	}
	return clamp(ground - (q.inked+float32(ground*q.mixed))/q.cover)
}

// groundUnder returns the best ground under an ink: the energy with the rise
// written as ink - ground.
func (q bowl) groundUnder(ink float32) float32 {
	square := q.ones - 2*q.mixed + q.cover // of the cell without its cover
	if square <= 0 {
		return ink
	}
	rest := q.even - q.inked + float32(ink*(q.mixed-q.cover))
	return clamp(-rest / square)
}

func clamp(v float32) float32 { return max(0, min(v, 1)) }

// cellOf copies the samples of a cell.
func cellOf(plane []float32, width, x, y int) (cell inkPlane) {
	for r := range inkRows {
		copy(cell[r*inkCols:][:inkCols], plane[(y*inkRows+r)*width+x*inkCols:])
	}
	return cell
}

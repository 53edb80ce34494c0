package ascii

import "context"

// polisher exchanges characters one at a time wherever the measure of fidelity
// itself gains, see objective.
type polisher struct {
	objective
	looks      *looks
	table      *lightnessTable
	cols, rows int
	picks      []uint16
	tries      int // characters that are tried in earnest in a cell
	span       int // characters darker and lighter than the present one that may come to that

	here      local
	first     impression // see local.slope
	ranks     []float32
	shortlist []candidate
	calm      []uint8 // sweeps without a change, for each cell

	others []*farTone // see heed
	costs  []float32  // in them, of each character in the cell gathered, as far as in ranks
}

// candidate is a character and its rank, less being better.
type candidate struct {
	glyph uint16
	rank  float32
}

// newPolisher takes the light of a picture in fine samples, and a drawing of it.
func newPolisher(l *looks, y plane, cols, rows int, picks []uint16, tries, span int) *polisher {
	p := &polisher{
		looks: l, table: lightnesses(),
		cols: cols, rows: rows, picks: picks, tries: tries, span: span,
		calm: make([]uint8, cols*rows), ranks: make([]float32, len(l.of[0])), shortlist: make([]candidate, tries),
	}
	t := newTarget(y)
	for i := range sights {
		seen, width, height := sights[i].seen(t)
		p.scenes[i] = newScene(&sights[i], seen, width, height)
	}
	for y := range rows {
		for x := range cols {
			p.add(x, y, &p.looks.of[edgeOf(x, y, cols, rows)][picks[y*cols+x]])
		}
	}
	return p
}

// add adds light around a cell.
func (p *polisher) add(x, y int, light *impression) {
	for i, s := range p.scenes {
		v := &sights[i]
		light.add(v, s.light.pix[s.around(x, y):], s.light.stride)
	}
}

// polish sweeps until nothing changes, or so often, and then exchanges pairs, so
// often. The only error is that of ctx.
func (p *polisher) polish(ctx context.Context, sweeps, pairs int) error {
	for range sweeps {
		changed, err := p.sweep(ctx, p.settle)
		if err != nil {
			return err
		}
		if changed == 0 {
			break
		}
	}
	for range pairs {
		if _, err := p.sweep(ctx, p.pair); err != nil {
			return err
		}
	}
	return nil
}

// sweep lets visit change every cell and returns in how many it did. The only error
// is that of ctx.
func (p *polisher) sweep(ctx context.Context, visit func(x, y int) bool) (changed int, err error) {
	p.survey()
	for y := range p.rows {
		if err := ctx.Err(); err != nil {
			return changed, err
		}
		for i := range p.cols {
			x := i
			if y%2 == 1 {
				x = p.cols - 1 - i
			}
			if visit(x, y) {
				changed++
			}
		}
	}
	return changed, nil
}

// settle gives a cell the best character, if there is reason to look for it, and
// reports whether that is another one.
func (p *polisher) settle(x, y int) bool {
	if !p.due(x, y) || p.improve(x, y) == 0 {
		return false
	}
	p.wake(x, y)
	return true
}

// improve gives a cell the best character and returns what is gained.
func (p *polisher) improve(x, y int) float32 {
	looks := p.weighUp(x, y)
	before := p.picks[y*p.cols+x]
	now := p.worth(looks, before)
	best, least := before, now-leastGain
	for _, c := range p.shortlist {
		if c.glyph == before {
			continue
		}
		if w := p.worth(looks, c.glyph); w < least {
			best, least = c.glyph, w
		}
	}
	if best == before {
		return 0
	}
	p.put(x, y, best)
	return now - least
}

// worth is what a character costs in the cell that was weighed up.
func (p *polisher) worth(looks []impression, g uint16) float32 {
	w := p.here.worth(p.table, &looks[g])
	if p.others != nil {
		w += p.costs[g]
	}
	return w
}

// pairTries is how many characters a cell is tried with to see what a neighbour
// makes of it.
const pairTries = 4

// maxLoss bounds what a character may be worse by to be tried: greater losses are
// hardly ever made good. See worthScale.
const maxLoss = 3

// pair gives a cell a worse character where a neighbour, changed next, makes more
// than that good. It reports whether it did.
func (p *polisher) pair(x, y int) bool {
	p.improve(x, y)
	looks := p.weighUp(x, y)
	before := p.picks[y*p.cols+x]
	now := p.worth(looks, before)
	var losses [pairTries]candidate
	n := 0
	for _, c := range p.shortlist[:min(pairTries, len(p.shortlist))] {
		if c.glyph == before {
			continue
		}
		if loss := p.worth(looks, c.glyph) - now; loss < maxLoss {
			losses[n] = candidate{c.glyph, loss}
			n++
		}
	}
	for _, c := range losses[:n] {
		p.put(x, y, c.glyph)
		for _, d := range [...][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}} {
			if p.repair(x+d[0], y+d[1], c.rank) {
				return true
			}
		}
		p.put(x, y, before)
	}
	return false
}

// repair improves a cell, if there is one, where that gains more than a loss.
func (p *polisher) repair(x, y int, loss float32) bool {
	if x < 0 || y < 0 || x >= p.cols || y >= p.rows {
		return false
	}
	before := p.picks[y*p.cols+x]
	if p.improve(x, y) > loss+leastGain {
		return true
	}
	p.put(x, y, before)
	return false
}

// weighUp prepares here, without the light of the cell itself, and the shortlist. It
// returns how characters look in the cell.
func (p *polisher) weighUp(x, y int) []impression {
	looks := p.looks.of[edgeOf(x, y, p.cols, p.rows)]
	present := p.picks[y*p.cols+x]
	p.gather(x, y)
	p.gatherTones(x, y, present)
	p.shorten(looks, present)
	return looks
}

// put exchanges the character of a cell.
func (p *polisher) put(x, y int, g uint16) {
	pick := &p.picks[y*p.cols+x]
	if *pick == g {
		return
	}
	looks := p.looks.of[edgeOf(x, y, p.cols, p.rows)]
	change := looks[g]
	for i, l := range looks[*pick] {
		change[i] -= l
	}
	p.add(x, y, &change)
	p.exchangeTones(x, y, *pick, g)
	*pick = g
}

// patience is how often a cell is looked at without any change at it or next to
// it: the objective moves a little from sweep to sweep.
const patience = 1

// due reports whether a cell is to be looked at, and counts that it is.
func (p *polisher) due(x, y int) bool {
	calm := &p.calm[y*p.cols+x]
	*calm++
	return *calm <= patience
}

// wake makes a cell and those next to it due.
func (p *polisher) wake(x, y int) {
	for v := max(y-1, 0); v <= min(y+1, p.rows-1); v++ {
		for u := max(x-1, 0); u <= min(x+1, p.cols-1); u++ {
			p.calm[v*p.cols+u] = patience - 1
		}
	}
}

// gather collects what there is around a cell.
func (p *polisher) gather(x, y int) {
	for i, s := range p.scenes {
		from := s.around(x, y)
		p.here.gather(&sights[i], s.light.pix[from:], s.bend.pix[from:], s.pull.pix[from:], s.light.stride)
	}
}

// shorten makes the shortlist: the characters that seem best where the cost is
// taken for a parabola around the present drawing. Its second derivative is taken
// for constant within a sight. The light of the present one is taken out of here.
func (p *polisher) shorten(looks []impression, present uint16) {
	bent := p.here.slope(p.table, &looks[present], &p.first)
	for i, v := range &sights {
		p.first[v.spare] = lanes(&bent[i]) / float32(v.spanCols()*v.spanRows())
	}
	darkest, end := p.near(present)
	ranks := p.ranks[:end-darkest]
	rank(ranks, looks[darkest:end], &p.first)
	p.addTones(ranks, darkest)
	p.shortlist = shortest(p.shortlist[:cap(p.shortlist)], ranks)
	for i := range p.shortlist {
		p.shortlist[i].glyph += uint16(darkest)
	}
}

// near returns the characters that are nearly as dark as one: from the first and up to
// the second, without it.
func (p *polisher) near(g uint16) (darkest, end int) {
	return max(0, int(g)-p.span), min(int(g)+p.span+1, len(p.ranks))
}

// shortest fills a list with the indices of the least ranks, in order, and returns what
// is filled of it.
func shortest(list []candidate, ranks []float32) []candidate {
	n := 0
	for g, r := range ranks {
		if n == len(list) {
			if r >= list[n-1].rank {
				continue
			}
			n--
		}
		i := n
		for ; i > 0 && list[i-1].rank > r; i-- {
			list[i] = list[i-1]
		}
		list[i] = candidate{uint16(g), r}
		n++
	}
	return list[:n]
}

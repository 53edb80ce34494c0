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

	here          local
	first, second impression
	ranks         []float32
	shortlist     []candidate
}

// candidate is a character and its rank, less being better.
type candidate struct {
	glyph uint16
	rank  float32
}

// newPolisher takes the light of a picture in fine samples, and a drawing of it.
func newPolisher(l *looks, y plane, cols, rows int, picks []uint16, tries int) *polisher {
	p := &polisher{
		looks: l, table: lightnesses(),
		cols: cols, rows: rows, picks: picks, tries: tries,
		ranks: make([]float32, len(l.energy)), shortlist: make([]candidate, 0, tries+1),
	}
	for i := range sights {
		seen, width, height := sights[i].seen(y)
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
		n := v.spanCols()
		for r := range v.spanRows() {
			dst := s.light.row(y*v.rows + r - halo)[margin-halo+x*v.cols:][:n]
			for k, l := range light[v.at+r*n:][:n] {
				dst[k] += l
			}
		}
	}
}

// sweep visits every cell once and returns how many changed. The only error is
// that of ctx.
func (p *polisher) sweep(ctx context.Context) (changed int, err error) {
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
			if p.visit(x, y) {
				changed++
			}
		}
	}
	return changed, nil
}

// visit gives a cell the best character and reports whether that is another one.
func (p *polisher) visit(x, y int) bool {
	looks := p.looks.of[edgeOf(x, y, p.cols, p.rows)]
	pick := &p.picks[y*p.cols+x]
	before := *pick
	p.gather(x, y)
	p.shorten(looks, before)
	for i, l := range looks[before] {
		p.here.light[i] -= l
	}
	least := p.here.worth(p.table, &looks[before]) - leastGain
	for _, c := range p.shortlist {
		if c.glyph == before {
			continue
		}
		if w := p.here.worth(p.table, &looks[c.glyph]); w < least {
			*pick, least = c.glyph, w
		}
	}
	if *pick == before {
		return false
	}
	change := looks[*pick]
	for i, l := range looks[before] {
		change[i] -= l
	}
	p.add(x, y, &change)
	return true
}

// gather collects what there is around a cell.
func (p *polisher) gather(x, y int) {
	for i, s := range p.scenes {
		v := &sights[i]
		n := v.spanCols()
		for r := range v.spanRows() {
			to := v.at + r*n
			from := margin - halo + x*v.cols
			copy(p.here.light[to:][:n], s.light.row(y*v.rows + r - halo)[from:])
			copy(p.here.bend[to:][:n], s.bend.row(y*v.rows + r - halo)[from:])
			copy(p.here.pull[to:][:n], s.pull.row(y*v.rows + r - halo)[from:])
		}
	}
}

// shorten makes the shortlist: the characters that seem best where the cost is
// taken for a parabola around the present drawing. Its second derivative is taken
// for constant within a sight.
func (p *polisher) shorten(looks []impression, present uint16) {
	p.here.slope(p.table, &p.first, &p.second)
	var bend [len(sights)]float32
	for i, v := range sights {
		n := v.spanCols() * v.spanRows()
		for _, s := range p.second[v.at:][:n] {
			bend[i] += s
		}
		bend[i] /= float32(n)
	}
	for i, l := range looks[present] {
		p.first[i] -= float32(2 * float32(p.second[i]*l))
	}
	rank(p.ranks, looks, &p.first)
	p.shortlist = p.shortlist[:0]
	for g, e := range p.looks.energy {
		p.propose(candidate{uint16(g), p.ranks[g] + (float32(bend[0]*e[0]) + float32(bend[1]*e[1]) + float32(bend[2]*e[2]))})
	}
}

// propose puts a candidate onto the shortlist, if it is good enough.
func (p *polisher) propose(c candidate) {
	n := len(p.shortlist)
	if n == p.tries && p.shortlist[n-1].rank <= c.rank {
		return
	}
	if n < p.tries {
		p.shortlist = append(p.shortlist, c)
		n++
	}
	i := n - 1
	for ; i > 0 && p.shortlist[i-1].rank > c.rank; i-- {
		p.shortlist[i] = p.shortlist[i-1]
	}
	p.shortlist[i] = c
}

package ascii

// heed makes the polisher look at what other fonts make of the tone of the drawing,
// too: shapes that are good in one font are good in others more often than not.
func (p *polisher) heed(d *dictionary, others []*dictionary, y plane) {
	if len(others) == 0 {
		return
	}
	t := newTarget(y)
	for _, o := range others {
		picture, width, height := sights[farAt].seen(t)
		tone := newFarTone(normalised(o.pixels, d.darkest(), d.lightest()), picture, width, height)
		p.others = append(p.others, tone)
		for y := range p.rows {
			for x := range p.cols {
				tone.add(&tone.looks[edgeOf(x, y, p.cols, p.rows)][p.picks[y*p.cols+x]], x, y, 1)
			}
		}
	}
	p.costs = make([]float32, len(d.runes))
}

// exchangeTones exchanges the character of a cell in other fonts.
func (p *polisher) exchangeTones(x, y int, before, after uint16) {
	e := edgeOf(x, y, p.cols, p.rows)
	for _, t := range p.others {
		t.add(&t.looks[e][before], x, y, -1)
		t.add(&t.looks[e][after], x, y, 1)
	}
}

// gatherTones finds what the characters near the present one cost in other fonts.
func (p *polisher) gatherTones(x, y int, present uint16) {
	if p.others == nil {
		return
	}
	e := edgeOf(x, y, p.cols, p.rows)
	darkest, end := p.near(present)
	costs := p.costs[darkest:end]
	clear(costs)
	for _, t := range p.others {
		t.gather(&t.looks[e][present], x, y)
		t.addCosts(costs, t.looks[e][darkest:end])
	}
}

// addTones adds costs in other fonts to ranks, which begin with a character.
func (p *polisher) addTones(ranks []float32, darkest int) {
	if p.others == nil {
		return
	}
	for i, c := range p.costs[darkest:][:len(ranks)] {
		ranks[i] += c
	}
}

package ascii

// otherWeight is how much each other font counts against the first one.
const otherWeight = 0.3

// heed makes the matcher look at what other fonts make of the drawing, too: every
// energy is then a weighted sum over the fonts. It must be called before the canvas
// of light is used up.
func (m *matcher) heed(others []*dictionary) {
	if len(others) == 0 {
		return
	}
	for _, d := range others {
		near := newCanvas(m.near.width, m.near.height)
		copy(near.pix, m.near.pix)
		m.others = append(m.others, newMatcher(d, near, m.cols, m.rows, 0))
	}
	m.energies = make([]float32, len(m.runes))
}

// follow takes the picks that another matcher started with.
func (m *matcher) follow(picks []uint16) {
	for y := range m.rows {
		for x := range m.cols {
			m.takeCell(x, y, picks[y*m.cols+x])
		}
	}
	m.near.spread()
	m.far.spreadFar()
}

// takeCell turns the canvas at a cell from the light of the picture into the error of
// a character.
func (m *matcher) takeCell(x, y int, pick uint16) {
	var sum float64
	for i, l := range m.light[pick] {
		v := &m.near.row(y*subRows + i/subCols)[margin+x*subCols+i%subCols]
		sum += float64(*v)
		*v = l - *v
	}
	m.far.row(y)[margin+x] = float32(m.means[pick] - float64(sum/samples))
}

// visitAll gives a cell the best character for all fonts.
func (m *matcher) visitAll(x, y int) {
	pick := &m.picks[y*m.cols+x]
	clear(m.energies)
	m.addEnergies(m.energies, m.pull(x, y, *pick), 1)
	for _, o := range m.others {
		o.addEnergies(m.energies, o.pull(x, y, *pick), otherWeight)
	}
	best, least := *pick, m.energies[*pick]-leastGain
	for g, f := range m.energies {
		if f < least {
			best, least = uint16(g), f
		}
	}
	if best == *pick {
		return
	}
	m.exchange(x, y, *pick, best)
	for _, o := range m.others {
		o.exchange(x, y, *pick, best)
	}
	*pick = best
}

// addEnergies adds f of each character, weighted.
func (m *matcher) addEnergies(energies []float32, q [samples]float32, weight float32) {
	for g := range energies {
		energies[g] += float32(weight * (dot(&m.light[g], &q) + m.bounds[g].halfSelf))
	}
}

package ascii

// farTone is what another font makes of the tone of a drawing, which is seen in the
// farthest sight. The error in L* is taken for that in light, by the slope of L* at
// the light of the picture, so that the cost is a sum of squares,
//
//	Σ weight e²,
//
// and that of a character whose light is l, in a cell without its own, is but for a
// constant
//
//	Σ l (2 weight e + weight l).
type farTone struct {
	looks  [edges][]farLook
	err    *canvas // e: the light of the drawing less that of the picture, as seen
	weight *canvas

	pull, bend farLook // 2 weight e and weight, around a cell
}

// farAt is the place of the farthest sight in the table.
const farAt = len(sights) - 1

// farLook is a plane of numbers around a cell in the farthest sight; the last two are
// not used.
type farLook [32]float32

// otherTone is how much the tone in each other font counts against the tone in the
// first one.
const otherTone = 0.9

// newFarTone takes the light of the picture in the farthest sight, and the pixels of
// characters as newLooks does.
func newFarTone(glyphs [][]float64, picture []float32, width, height int) *farTone {
	t := &farTone{err: newCanvas(width, height), weight: newCanvas(width, height)}
	t.see(glyphs)
	table := lightnesses()
	all := float32(otherTone * worthScale * toneWeight / (30 * mostTone * float64(width*height)))
	for y := range height {
		e, w := t.err.row(y)[margin:], t.weight.row(y)[margin:]
		for x, l := range picture[y*width:][:width] {
			at, _ := index(l)
			slope := table.slope[at]
			e[x], w[x] = -l, float32(all*float32(slope*slope))
		}
	}
	return t
}

// see fills looks.
func (t *farTone) see(glyphs [][]float64) {
	v := &sights[farAt]
	all := new(looks)
	for e := range all.of {
		all.of[e] = make([]impression, len(glyphs))
	}
	for e := range atTop {
		all.see(v, e, glyphs)
	}
	for e := range all.of {
		t.looks[e] = make([]farLook, len(glyphs))
		for g := range glyphs {
			copy(t.looks[e][g][:], all.of[e][g][v.at:][:v.spanCols()*v.spanRows()])
		}
	}
}

// add adds the light of a character, times a sign, around a cell.
func (t *farTone) add(look *farLook, x, y int, sign float32) {
	v := &sights[farAt]
	n := v.spanCols()
	for r := range v.spanRows() {
		row := t.err.row(y*v.rows + r - halo)[x*v.cols-halo+margin:][:n]
		for i, l := range look[r*n:][:n] {
			row[i] += float32(sign * l)
		}
	}
}

// gather collects what there is around a cell without the light of the character there.
func (t *farTone) gather(present *farLook, x, y int) {
	v := &sights[farAt]
	n := v.spanCols()
	for r := range v.spanRows() {
		from := x*v.cols - halo + margin
		e, w := t.err.row(y*v.rows + r - halo)[from:][:n], t.weight.row(y*v.rows + r - halo)[from:][:n]
		for i, weight := range w {
			k := r*n + i
			t.bend[k] = weight
			t.pull[k] = 2 * float32(weight*(e[i]-present[k]))
		}
	}
}

// addCosts adds the cost of each character where it was gathered.
func (t *farTone) addCosts(costs []float32, looks []farLook) {
	for g := range costs {
		var s [8]float32
		for i := 0; i < len(farLook{}); i += 8 {
			l := (*[8]float32)(looks[g][i:])
			pull, bend := (*[8]float32)(t.pull[i:]), (*[8]float32)(t.bend[i:])
			for k := range s {
				s[k] += float32(l[k] * (pull[k] + float32(bend[k]*l[k])))
			}
		}
		costs[g] += lanes(&s)
	}
}

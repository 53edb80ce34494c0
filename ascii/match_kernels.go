package ascii

// The kernels of the polish. Sums run in eight lanes that are added up in a fixed
// order, so that the twins in assembly give the same numbers to the last bit.

// lanes adds up eight lanes.
func lanes(s *[8]float32) float32 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

// rankPlain sets dst[i] to the scalar product of each impression with q.
func rankPlain(dst []float32, all []impression, q *impression) {
	for i := range all {
		dst[i] = scalarProduct(&all[i], q)
	}
}

func scalarProduct(a, b *impression) float32 {
	var s [8]float32
	for i := 0; i < impressionSize; i += 8 {
		x, y := (*[8]float32)(a[i:]), (*[8]float32)(b[i:])
		s[0] += float32(x[0] * y[0])
		s[1] += float32(x[1] * y[1])
		s[2] += float32(x[2] * y[2])
		s[3] += float32(x[3] * y[3])
		s[4] += float32(x[4] * y[4])
		s[5] += float32(x[5] * y[5])
		s[6] += float32(x[6] * y[6])
		s[7] += float32(x[7] * y[7])
	}
	return lanes(&s)
}

// local is what the polish knows of a cell and its surroundings.
type local struct {
	light      impression // what is seen
	bend, pull impression // see objective
}

// worthPlain is what a character costs in a cell whose own light is taken out.
func (c *local) worthPlain(t *lightnessTable, look *impression) float32 {
	var s [8]float32
	for i := 0; i < impressionSize; i += 8 {
		light, own := (*[8]float32)(c.light[i:]), (*[8]float32)(look[i:])
		bend, pull := (*[8]float32)(c.bend[i:]), (*[8]float32)(c.pull[i:])
		for j := range s {
			l := t.of(light[j] + own[j])
			s[j] += float32(l * (float32(bend[j]*l) + pull[j]))
		}
	}
	return lanes(&s)
}

// slopePlain takes the cost for a parabola around what is seen, which is with the
// light of a character, takes that light out, and moves the parabola there: first is
// how the cost changes with light then, and bent half of how that changes, summed for
// each sight in lanes.
func (c *local) slopePlain(t *lightnessTable, look, first *impression) (bent [len(sights)][8]float32) {
	for i, v := range &sights {
		for k := v.at; k < v.at+v.room; k++ {
			at, rest := index(c.light[k])
			l := t.value[at] + float32(t.rise[at]*rest)
			slope := t.slope[at]
			bend := float32(slope * c.bend[k])
			second := float32(bend * slope)
			first[k] = float32(2*float32(bend*l)) + float32(slope*c.pull[k]) - float32(2*float32(second*look[k]))
			bent[i][k%8] += second
			c.light[k] -= look[k]
		}
	}
	return bent
}

// gatherPlain fills the part of a sight from the numbers around a cell, which begin
// rows that are a stride apart.
func (c *local) gatherPlain(v *sight, light, bend, pull []float32, stride int) {
	n := v.spanCols()
	for r := range v.spanRows() {
		copy(c.light[v.at+r*n:][:n], light[r*stride:])
		copy(c.bend[v.at+r*n:][:n], bend[r*stride:])
		copy(c.pull[v.at+r*n:][:n], pull[r*stride:])
	}
}

// addPlain adds the part of a sight to the numbers around a cell.
func (p *impression) addPlain(v *sight, dst []float32, stride int) {
	n := v.spanCols()
	for r := range v.spanRows() {
		row := dst[r*stride:][:n]
		for k, l := range p[v.at+r*n:][:n] {
			row[k] += l
		}
	}
}

// ofAllPlain looks up the lightness of src.
func (t *lightnessTable) ofAllPlain(dst, src []float32) {
	dst = dst[:len(src)]
	for i, light := range src {
		dst[i] = t.of(light)
	}
}

// halvePlain weighs four of src for each of dst, beginning two further each time, with
// 1 3 3 1.
func halvePlain(dst, src []float32) {
	for i := range dst {
		four := (*[4]float32)(src[2*i:])
		dst[i] = float32(0.125*(four[0]+four[3])) + float32(0.375*(four[1]+four[2]))
	}
}

// weighPlain sets dst to the weighted sum of what src has from some places on.
func weighPlain(dst, src []float32, at []int, weights []float32) {
	clear(dst)
	for k, w := range weights {
		for i, v := range src[at[k]:][:len(dst)] {
			dst[i] += float32(w * v)
		}
	}
}

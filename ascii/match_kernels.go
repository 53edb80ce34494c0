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
// light of a character, and moves it to where that light is taken out: first is how
// the cost changes with light there, second half of how that changes.
func (c *local) slopePlain(t *lightnessTable, look, first, second *impression) {
	for i, light := range c.light {
		at, rest := index(light)
		l := t.value[at] + float32(t.rise[at]*rest)
		slope := t.slope[at]
		bend := float32(slope * c.bend[i])
		second[i] = float32(bend * slope)
		first[i] = float32(2*float32(bend*l)) + float32(slope*c.pull[i]) - float32(2*float32(second[i]*look[i]))
	}
}

// means averages each sight of an impression.
func (p *impression) means() (m [len(sights)]float32) {
	for i, v := range &sights {
		var sum [8]float32
		for k := v.at; k < v.at+v.room; k += 8 {
			part := (*[8]float32)(p[k:])
			for j := range sum {
				sum[j] += part[j]
			}
		}
		m[i] = lanes(&sum) / float32(v.spanCols()*v.spanRows())
	}
	return m
}

// copyRowsPlain copies short rows one after the other.
func copyRowsPlain(dst, src []float32, n, rows, stride int) {
	for r := range rows {
		copy(dst[r*n:][:n], src[r*stride:])
	}
}

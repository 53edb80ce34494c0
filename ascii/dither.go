package ascii

import "context"

// ditherer picks characters in one pass: for each cell the one nearest in tone and
// shape, where some dithers change the tone that is asked for so that neighbours
// together come nearer to it.
type ditherer struct {
	*dictionary
	light      *canvas // mapped to the range of the dictionary
	cols, rows int
	choose     func(cell *[samples]float32) uint16
	cell       [samples]float32 // the one that is looked at
	picks      []uint16
}

// newDitherer takes light as [dictionary.canvas] maps it. Quick trades shape for
// time: a table is asked for what is nearest.
func newDitherer(d *dictionary, light *canvas, cols, rows int, quick bool) *ditherer {
	t := &ditherer{
		dictionary: d, light: light, cols: cols, rows: rows,
		choose: d.nearestShape, picks: make([]uint16, cols*rows),
	}
	if quick {
		t.choose = d.shapes().nearest
	}
	return t
}

// draw returns a character for each cell. The only error is that of ctx.
func (t *ditherer) draw(ctx context.Context, dither string) ([]uint16, error) {
	row := t.diffuse()
	switch dither {
	case "ordered":
		row = t.mask(bayer())
	case "blue-noise":
		row = t.mask(blueNoise())
	case "none":
		row = t.plain
	}
	for y := range t.rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row(y)
	}
	return t.picks, nil
}

func (t *ditherer) plain(y int) {
	for x := range t.cols {
		t.look(x, y)
		t.picks[y*t.cols+x] = t.choose(&t.cell)
	}
}

// diffuse gives what a tone is off by to the cells not yet picked (Floyd and
// Steinberg, 1976), rows in turn from the left and from the right.
func (t *ditherer) diffuse() func(y int) {
	row, next := make([]float32, t.cols+2), make([]float32, t.cols+2) // light carried over
	return func(y int) {
		for i := range t.cols {
			x, ahead := i, 1
			if y%2 == 1 {
				x, ahead = t.cols-1-i, -1
			}
			t.look(x, y)
			want := meanOf(&t.cell) + row[x+1]
			shift(&t.cell, row[x+1])
			pick := t.choose(&t.cell)
			t.picks[y*t.cols+x] = pick
			rest := want - t.bounds[pick].mean
			row[x+1+ahead] += float32(rest * (7. / 16))
			next[x+1-ahead] += float32(rest * (3. / 16))
			next[x+1] += float32(rest * (5. / 16))
			next[x+1+ahead] += float32(rest * (1. / 16))
		}
		row, next = next, row
		clear(next)
	}
}

// mask asks for the lighter or the darker of the two tones that there are around
// each, as a mask says that is laid over the cells again and again.
func (t *ditherer) mask(m *ditherMask) func(y int) {
	return func(y int) {
		for x := range t.cols {
			t.look(x, y)
			mean := meanOf(&t.cell)
			shift(&t.cell, t.tone(float64(mean), m.at(x, y))-mean)
			t.picks[y*t.cols+x] = t.choose(&t.cell)
		}
	}
}

// tone returns the lighter tone around a value if that is further on the way to
// it than the threshold, 0 to 1, or else the darker one.
func (d *dictionary) tone(light, threshold float64) float32 {
	near := int(d.nearest(light))
	low := max(0, near)
	if d.means[near] > light {
		low = max(0, near-1)
	}
	high := min(low+1, len(d.means)-1)
	if light-d.means[low] > float64(threshold*(d.means[high]-d.means[low])) {
		return float32(d.means[high])
	}
	return float32(d.means[low])
}

func (t *ditherer) look(x, y int) {
	for r := range subRows {
		row := t.light.row(y*subRows + r)[margin+x*subCols:]
		t.cell[r*subCols], t.cell[r*subCols+1] = row[0], row[1]
	}
}

func meanOf(cell *[samples]float32) float32 {
	var sum float32
	for _, l := range cell {
		sum += l
	}
	return sum / samples
}

func shift(cell *[samples]float32, by float32) {
	for i := range cell {
		cell[i] += by
	}
}

// toneBonus is how much more the tone of a cell counts than each sample's share in it.
const toneBonus = 12

// nearestShape returns the character with the least sum of squared differences,
//
//	|light(g) - cell|² + toneBonus · samples · mean(light(g) - cell)².
func (d *dictionary) nearestShape(cell *[samples]float32) uint16 {
	mean := meanOf(cell)
	q := *cell
	shift(&q, float32(toneBonus*mean))
	best, least := 0, float32(0)
	for g := range d.light {
		l, m := &d.light[g], d.bounds[g].mean
		f := d.squares[g] + float32(toneBonus*samples*float32(m*m)) - 2*dot(l, &q)
		if g == 0 || f < least {
			best, least = g, f
		}
	}
	return uint16(best)
}

package ascii

import "context"

// effort is how much work goes into a drawing.
type effort struct {
	sweeps int // of the search, see matcher; 0: a table is asked, and tones are diffused
	polish int // sweeps at most, see polisher
	pairs  int // further ones, that exchange pairs
	tries  int // characters that a cell is tried with in one of these
	span   int // among so many that are darker, and lighter, than the present one: more are slower and worse, since what is gained by far ones is lost at neighbours
}

// efforts is the table of Options.Effort from 1 to 9.
var efforts = [...]effort{
	1: {sweeps: 0},
	2: {sweeps: 1},
	3: {sweeps: 2},
	4: {sweeps: 1, polish: 1, tries: 4, span: 8},
	5: {sweeps: 2, polish: 2, tries: 4, span: 8},
	6: {sweeps: 2, polish: 3, tries: 6, span: 8},
	7: {sweeps: 2, polish: 4, pairs: 1, tries: 10, span: 8},
	8: {sweeps: 2, polish: 6, pairs: 3, tries: 12, span: 8},
	9: {sweeps: 2, polish: 12, pairs: 6, tries: 32, span: 16},
}

func effortOf(o Options) effort {
	if o.Effort == 0 {
		return efforts[5]
	}
	return efforts[o.Effort]
}

// A drawing of more cells than polishedCells is drawn with unpolishedEffort at
// most: what polishing brings is small where cells are that small, and takes
// seconds and gigabytes.
const (
	polishedCells    = 200_000
	unpolishedEffort = 3
)

// forCells returns the options as they hold for a drawing of so many cells.
func (o Options) forCells(cells int64) Options {
	if o.Color == "none" && cells > polishedCells && (o.Effort == 0 || o.Effort > unpolishedEffort) {
		o.Effort = unpolishedEffort
	}
	return o
}

// monoSamples is how many samples of light [drawMono] wants of each cell, across
// and down.
func monoSamples(o Options) (sx, sy int) {
	if effortOf(o).polish > 0 && searches(o) {
		return fineCols, fineRows
	}
	return subCols, subRows
}

// drawMono picks a character for each cell from the luminance of the picture, 0 to
// 1, which has the samples that [monoSamples] asks for.
func drawMono(ctx context.Context, y plane, cols, rows int, o Options) ([]rune, error) {
	d, err := dictionaryOf(o)
	if err != nil {
		return nil, err
	}
	picks, err := d.pick(ctx, y, cols, rows, o)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(picks))
	for i, p := range picks {
		runes[i] = d.runes[p]
	}
	return runes, nil
}

// pick returns a character for each cell.
func (d *dictionary) pick(ctx context.Context, y plane, cols, rows int, o Options) ([]uint16, error) {
	e := effortOf(o)
	light := d.canvas(y.shrunkTo(cols*subCols, rows*subRows))
	if e.sweeps == 0 || !searches(o) {
		return newDitherer(d, light, cols, rows, e.sweeps == 0).draw(ctx, o.Dither)
	}
	var others []*dictionary
	if o.AnyFont {
		others = d.others()
	}
	m := newMatcher(d, light, cols, rows, e.sweeps)
	m.heed(others)
	picks, err := m.match(ctx)
	if err != nil || e.polish == 0 {
		return picks, err
	}
	p := newPolisher(d.looks(), y, cols, rows, picks, min(e.tries, len(d.runes)), e.span)
	p.heed(d, others, y)
	return picks, p.polish(ctx, e.polish, e.pairs)
}

// searches reports whether neighbours are searched together, the default dither.
func searches(o Options) bool { return o.Dither == "" || o.Dither == "search" }

// shrunkTo averages samples over the boxes of a coarser grid, which divides theirs.
func (p plane) shrunkTo(width, height int) plane {
	if p.width == width && p.height == height {
		return p
	}
	s := plane{width, height, make([]float32, width*height)}
	w, h := p.width/width, p.height/height
	for y := range p.height {
		dst := s.pix[y/h*width:][:width]
		for x, v := range p.pix[y*p.width:][:p.width] {
			dst[x/w] += v
		}
	}
	for i := range s.pix {
		s.pix[i] /= float32(w * h)
	}
	return s
}

// canvas maps light to the range that the dictionary reaches.
func (d *dictionary) canvas(y plane) *canvas {
	c := newCanvas(y.width, y.height)
	darkest, reach := d.darkest(), d.lightest()-d.darkest()
	for i := range y.height {
		row := c.row(i)[margin:][:y.width]
		for x, v := range y.pix[i*y.width:][:y.width] {
			row[x] = float32(darkest + float64(float64(v)*reach)) // not fused, see blur7
		}
	}
	return c
}

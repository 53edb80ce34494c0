package ascii

import "context"

// monoSamples is how many samples of light [drawMono] wants of each cell, across
// and down.
func monoSamples(Options) (sx, sy int) { return subCols, subRows }

// drawMono picks a character for each cell from the luminance of the picture, 0 to
// 1, which has the samples that [monoSamples] asks for.
func drawMono(ctx context.Context, y plane, cols, rows int, o Options) ([]rune, error) {
	d, err := dictionaryOf(o)
	if err != nil {
		return nil, err
	}
	picks, err := newMatcher(d, d.canvas(y), cols, rows).match(ctx)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(picks))
	for i, p := range picks {
		runes[i] = d.runes[p]
	}
	return runes, nil
}

// canvas maps light to the range that the dictionary reaches.
func (d *dictionary) canvas(y plane) *canvas {
	c := newCanvas(y.width, y.height)
	reach := d.lightest() - d.darkest()
	for i := range y.height {
		row := c.row(i)[margin:][:y.width]
		for x, v := range y.pix[i*y.width:][:y.width] {
			row[x] = float32(d.darkest() + float64(float64(v)*reach)) // not fused, see blur7
		}
	}
	return c
}

package ascii

import (
	"math"
	"math/rand/v2"
	"testing"
)

const polishedCols, polishedRows = 14, 6

// mustPolisher starts from a drawing by chance, or from the search's.
func mustPolisher(t *testing.T, random bool) *polisher {
	t.Helper()
	const cols, rows = polishedCols, polishedRows
	d := mustDictionary(t, Defaults())
	pix, _, err := sampleGray(t.Context(), sourceOf(photograph(140, 120)), cols*fineCols, rows*fineRows)
	if err != nil {
		t.Fatal(err)
	}
	y := plane{cols * fineCols, rows * fineRows, pix}
	picks := make([]uint16, cols*rows)
	if random {
		rnd := rand.New(rand.NewPCG(5, 6))
		for i := range picks {
			picks[i] = uint16(rnd.IntN(len(d.runes)))
		}
	} else if picks, err = newMatcher(d, d.canvas(y.shrunkTo(cols*subCols, rows*subRows)), cols, rows, 2).match(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newPolisher(d.looks(), y, cols, rows, picks, 8, len(d.runes))
}

// pixelLight is the light of a drawing's pixel, which goes on beyond the edges.
func (p *polisher) pixelLight(cells [][]float64, x, y int) float64 {
	x, y = min(max(x, 0), p.cols*cellWidth-1), min(max(y, 0), p.rows*cellHeight-1)
	return cells[p.picks[y/cellHeight*p.cols+x/cellWidth]][y%cellHeight*cellWidth+x%cellWidth]
}

// Impressions add up to what a Gaussian makes of the drawing's pixels, edges and
// all.
func TestImpressionsAreTheBlur(t *testing.T) {
	d := mustDictionary(t, Defaults())
	p := mustPolisher(t, true)
	cells := normalised(d.pixels, d.darkest(), d.lightest())
	for i, s := range p.scenes {
		v := &sights[i]
		step := float64(cellWidth) / float64(v.cols)
		radius := int(math.Ceil(3 * v.sigma))
		for _, at := range [][2]int{{0, 0}, {s.width - 1, s.height - 1}, {s.width / 2, s.height / 3}, {2, s.height - 1}, {s.width / 3, s.height / 2}} {
			cx, cy := (float64(at[0])+0.5)*step-0.5, (float64(at[1])+0.5)*step-0.5
			var sum, weights float64
			for y := int(cy) - radius; y <= int(cy)+radius; y++ {
				for x := int(cx) - radius; x <= int(cx)+radius; x++ {
					w := gauss(float64(x)-cx, v.sigma) * gauss(float64(y)-cy, v.sigma)
					sum += w * p.pixelLight(cells, x, y)
					weights += w
				}
			}
			got, want := float64(s.light.row(at[1])[margin+at[0]]), sum/weights
			if math.Abs(got-want) > 0.02 {
				t.Errorf("sight %d at %v: got %.4f, want %.4f", i, at, got, want)
			}
		}
	}
}

// total is the plain sum that the polish lowers.
func (p *polisher) total() (sum float64) {
	for _, s := range p.scenes {
		for y := range s.height {
			for x := range s.width {
				at := y*s.light.stride + s.light.stride*margin + margin + x
				a := float64(p.table.of(s.light.pix[at]))
				sum += a * (float64(s.bend.pix[at])*a + float64(s.pull.pix[at]))
			}
		}
	}
	return sum
}

// What an exchange claims to gain is what the plain sum falls by.
func TestGainsAreReal(t *testing.T) {
	p := mustPolisher(t, false)
	p.survey()
	exchanges := 0
	for i := range p.picks {
		before := p.total()
		gain := float64(p.improve(i%p.cols, i/p.cols))
		if got := before - p.total(); math.Abs(got-gain) > 0.01*gain+0.02 {
			t.Errorf("cell %d: claims a gain of %.4f, got %.4f", i, gain, got)
		}
		if gain > 0 {
			exchanges++
		}
	}
	if exchanges < 5 {
		t.Errorf("got %d exchanges, want some", exchanges)
	}
}

// Exchanging pairs gains where single cells cannot, and leaves no trace where it
// does not.
func TestPairsGain(t *testing.T) {
	p := mustPolisher(t, false)
	for range 6 {
		if _, err := p.sweep(t.Context(), p.settle); err != nil {
			t.Fatal(err)
		}
	}
	p.survey()
	for i := range p.picks {
		p.improve(i%p.cols, i/p.cols)
	}
	pairs := 0
	for i := range p.picks {
		before, picks := p.total(), append([]uint16(nil), p.picks...)
		changed := p.pair(i%p.cols, i/p.cols)
		gain := before - p.total()
		if gain < -0.02 {
			t.Errorf("cell %d: lost %.4f", i, -gain)
		}
		if changed {
			pairs++
		} else if gain < 0.02 && !equalButOne(picks, p.picks) {
			t.Errorf("cell %d: changed more than itself without saying so", i)
		}
	}
	if pairs == 0 {
		t.Error("got no pair")
	}
}

func equalButOne(a, b []uint16) bool {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n <= 1
}

// The means of windows are near to those of a Gaussian.
func TestWindowsAreGaussian(t *testing.T) {
	for i := range sights {
		const width, height = 60, 48
		v := &sights[i]
		samples := make([]float32, width*height)
		samples[24*width+30] = 1
		w := newWindows(v, width, height)
		got := w.spread(nil, samples)
		sigma := 2 * v.sigma / (float64(cellWidth) / float64(v.cols)) / 2 // in windows
		for y := range w.rows {
			for x := range w.cols {
				dx, dy := float64(x)-14.75, float64(y)-11.75
				want := math.Exp(-(dx*dx+dy*dy)/(2*sigma*sigma)) / (2 * math.Pi * sigma * sigma) / 4
				if g := float64(got[y*w.cols+x]); math.Abs(g-want) > 0.15/(8*math.Pi*sigma*sigma) {
					t.Errorf("sight %d, window %d,%d: got %.4f, want %.4f", i, x, y, g, want)
				}
			}
		}
	}
}

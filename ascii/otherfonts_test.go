package ascii

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// mustOthers returns the dictionary of printable ASCII and those of other fonts.
func mustOthers(t *testing.T, invert bool) (d *dictionary, others []*dictionary) {
	t.Helper()
	o := Defaults()
	o.Invert = invert
	d = mustDictionary(t, o)
	return d, d.others()
}

// How dark a font is over all does not count: eyes adapt to it.
func TestOtherFontsAreEvenedOut(t *testing.T) {
	for _, invert := range []bool{false, true} {
		d, others := mustOthers(t, invert)
		paper := float64(d.page) / one
		for i, o := range others {
			var product, square float64
			for g, m := range o.means {
				product += (m - paper) * (d.means[g] - paper)
				square += (m - paper) * (m - paper)
			}
			font := glyph.Sheets()[i].Font
			want := 1.
			if font == "Iosevka" && !invert {
				want = heavy
			}
			if got := square / product; math.Abs(got-want) > 1e-6 {
				t.Errorf("%s, invert %v: ink is %.4f times as light as in the first font, want %.4f", font, invert, got, want)
			}
		}
	}
}

// Blocks are drawn by terminals, not by fonts.
func TestOtherFontsLeaveBlocksAlone(t *testing.T) {
	o := Defaults()
	o.Glyphs = "blocks"
	d := mustDictionary(t, o)
	for _, other := range d.others() {
		for g, r := range d.runes {
			if r > '~' && other.light[g] != d.light[g] {
				t.Errorf("%q changed from %v to %v", r, d.light[g], other.light[g])
			}
		}
	}
}

// farError is how far the tone is off that a font shows of picks, seen from far away.
func farError(d *dictionary, target *canvas, cols, rows int, picks []uint16) (sum float64) {
	c := newCanvas(target.width, target.height)
	copy(c.pix, target.pix)
	m := newMatcher(d, c, cols, rows, 0)
	m.follow(picks)
	for _, e := range m.far.pix {
		sum += float64(e * e)
	}
	return sum
}

// What AnyFont is for: in other fonts the tone is right, too, and in the first one it
// does not suffer much.
func TestAnyFontKeepsTheToneInOtherFonts(t *testing.T) {
	const cols, rows = 40, 16
	pix, _, err := sampleGray(t.Context(), sourceOf(photograph(400, 320)), cols*fineCols, rows*fineRows)
	if err != nil {
		t.Fatal(err)
	}
	y := plane{cols * fineCols, rows * fineRows, pix}
	for _, invert := range []bool{false, true} {
		d, others := mustOthers(t, invert)
		target := d.canvas(y.shrunkTo(cols*subCols, rows*subRows))
		for _, effort := range []int{2, 3, 5} {
			o := Defaults()
			o.Invert, o.Effort = invert, effort
			plain, err := d.pick(t.Context(), y, cols, rows, o)
			if err != nil {
				t.Fatal(err)
			}
			o.AnyFont = true
			picks, err := d.pick(t.Context(), y, cols, rows, o)
			if err != nil {
				t.Fatal(err)
			}
			var got, without float64
			for _, other := range others {
				got += farError(other, target, cols, rows, picks)
				without += farError(other, target, cols, rows, plain)
			}
			t.Logf("invert %v, effort %d: %.4f of %.4f", invert, effort, got, without)
			if got > 0.5*without {
				t.Errorf("invert %v, effort %d: the error of tone is %.4f, want much less than %.4f, that without", invert, effort, got, without)
			}
		}
	}
}

// mustHeeding polishes a drawing by chance for all fonts.
func mustHeeding(t *testing.T) *polisher {
	t.Helper()
	d, others := mustOthers(t, false)
	p := mustPolisher(t, true)
	p.heed(d, others, plane{p.cols * fineCols, p.rows * fineRows, make([]float32, p.cols*fineCols*p.rows*fineRows)})
	return p
}

// cost is what the tone costs in a font.
func (t *farTone) cost() (sum float64) {
	for y := range t.err.height {
		w := t.weight.row(y)
		for x, e := range t.err.row(y) {
			sum += float64(w[x]) * float64(e) * float64(e)
		}
	}
	return sum
}

// The costs of characters are how the sum of squares changes.
func TestTonesAreWhatTheyCost(t *testing.T) {
	p := mustHeeding(t)
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 30 {
		x, y := rnd.IntN(p.cols), rnd.IntN(p.rows)
		before := p.picks[y*p.cols+x]
		p.gatherTones(x, y, before)
		after := uint16(rnd.IntN(len(p.costs)))
		want := -p.others[0].cost() - p.others[1].cost()
		p.exchangeTones(x, y, before, after)
		want += p.others[0].cost() + p.others[1].cost()
		p.picks[y*p.cols+x] = after
		if got := float64(p.costs[after] - p.costs[before]); math.Abs(got-want) > 1e-2+1e-3*math.Abs(want) {
			t.Errorf("(%d, %d): exchanging %d by %d costs %.4f, want %.4f", x, y, before, after, got, want)
		}
	}
}

// What is kept up to date is what it would be anew.
func TestTonesAreKeptUpToDate(t *testing.T) {
	p := mustHeeding(t)
	if err := p.polish(t.Context(), 3, 1); err != nil {
		t.Fatal(err)
	}
	d, others := mustOthers(t, false)
	kept := p.others
	p.others = nil
	p.heed(d, others, plane{p.cols * fineCols, p.rows * fineRows, make([]float32, p.cols*fineCols*p.rows*fineRows)})
	for i, tone := range p.others {
		for k, want := range tone.err.pix {
			if got := kept[i].err.pix[k]; math.Abs(float64(got-want)) > 1e-4 {
				t.Fatalf("font %d, place %d: the error is %v, want %v", i, k, got, want)
			}
		}
	}
}

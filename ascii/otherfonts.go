package ascii

import "github.com/charcoal-art/charcoal/ascii/glyph"

// Nobody's font is known in advance. What differs most from font to font is how much
// ink a character has, and then the tones of a drawing are off; shapes suffer less.
// With [Options].AnyFont the search keeps an eye on how the drawing looks in other
// fonts: between characters that are nearly as good in the first font there is
// always a choice, and errors that others would see cancel out among neighbours.
// So a little of the fidelity in the first font buys much in all others, also in
// those that nobody looked at.

// heavy is how light a font that is heavy where characters are sparse is taken to be
// on a dark page, against evened out: else light pictures would ask for more light than
// its densest characters have. The eye, and the measure of fidelity, adapt to light as a
// whole.
const heavy = 0.85

// newOthers returns how other fonts draw the characters of d, in its order.
func newOthers(d *dictionary) []*dictionary {
	var others []*dictionary
	for _, s := range glyph.Sheets() {
		gain := 1.
		if s.Font == "Iosevka" && d.page == 0 {
			gain = heavy
		}
		others = append(others, d.inFont(s, gain))
	}
	return others
}

// inFont returns how a font draws the characters of d, in its order. The light of its
// ink is scaled so that it is as light as d over all, but for a gain. A character
// that its sheet lacks looks as in d.
func (d *dictionary) inFont(s glyph.Sheet, gain float64) *dictionary {
	o := &dictionary{page: d.page, runes: d.runes}
	paper := float64(float64(d.page) / one) // not fused, see blur7
	var product, square float64
	for g, r := range d.runes {
		pixels := d.pixels[g]
		if c := s.Coverage(r); c != nil {
			pixels = lightOfPixels(c, d.page == one)
			ink := float64(mean(shrink(pixels))) - paper
			product += float64(ink * (d.means[g] - paper))
			square += float64(ink * ink)
		}
		o.pixels = append(o.pixels, pixels)
	}
	if square > 0 {
		gain *= product / square
	}
	for g, r := range d.runes {
		if s.Coverage(r) != nil {
			o.pixels[g] = scaled(o.pixels[g], paper, gain)
		}
		o.measure(o.pixels[g])
	}
	return o
}

// scaled scales what ink changes of the light of the page.
func scaled(pixels []float64, page, gain float64) []float64 {
	out := make([]float64, len(pixels))
	for i, l := range pixels {
		out[i] = page + float64((l-page)*gain)
	}
	return out
}

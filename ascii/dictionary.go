package ascii

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// A cell is compared with the picture in samples, square ones in a cell that is
// twice as high as wide.
const (
	subCols = 2
	subRows = 4
	samples = subCols * subRows
)

// The light of one cell reaches this many samples once the eye spreads it.
const (
	spreadCols = subCols + 2*margin
	spreadRows = subRows + 2*margin
)

// The cell size in pixels at which glyphs are measured.
const (
	cellWidth  = 8
	cellHeight = 16
)

// spreadLight is the light of one cell as the eye spreads it.
type spreadLight [spreadRows][spreadCols]float32

// bounds is what tells quickly that a character cannot be the best.
type bounds struct {
	halfSelf float32 // half of the energy of the character alone, see matcher
	mean     float32 // of light
	rest     float32 // the length of light without its mean
}

// eight characters as vector instructions take them: sample by sample.
type eight struct {
	halfSelf [8]float32
	light    [samples][8]float32
}

// dictionary is the characters that may be drawn with, from dark to light. It
// never changes once built.
type dictionary struct {
	page    uint32 // its light
	runes   []rune
	light   [][samples]float32 // of a cell: the page and the ink, as a terminal blends them
	spread  []spreadLight
	bounds  []bounds
	eights  []eight     // all characters; those that fill up the last have no light, and endless energy
	squares []float32   // of light, summed
	means   []float64   // of light, ascending
	pixels  [][]float64 // light of the pixels of each cell
	looks   func() *looks
	others  func() []*dictionary // see newOthers
	shapes  func() *shapes
}

// darkest and lightest are the range of light that whole cells reach. The picture's
// black and white are mapped to it.
func (d *dictionary) darkest() float64  { return d.means[0] }
func (d *dictionary) lightest() float64 { return d.means[len(d.means)-1] }

// The dictionaries of printable ASCII are built once.
var (
	asciiLight = sync.OnceValues(func() (*dictionary, error) { return newDictionary(ascii(), false) })
	asciiDark  = sync.OnceValues(func() (*dictionary, error) { return newDictionary(ascii(), true) })
)

func ascii() alphabet { return alphabet{glyph.Embedded(), printableASCII()} }

// dictionaryOf returns the dictionary that the options ask for.
func dictionaryOf(o Options) (*dictionary, error) {
	switch {
	case o.Glyphs == "ascii" && o.Font == nil && o.Invert:
		return asciiDark()
	case o.Glyphs == "ascii" && o.Font == nil:
		return asciiLight()
	}
	a, err := alphabetOf(o)
	if err != nil {
		return nil, err
	}
	return newDictionary(a, o.Invert)
}

// newDictionary measures characters as ink that is light on a dark page, or dark
// on a light one.
func newDictionary(a alphabet, dark bool) (*dictionary, error) {
	atlas, err := a.font.Atlas(cellWidth, cellHeight, a.runes)
	if err != nil {
		return nil, fmt.Errorf("measure the characters: %w", err)
	}
	type measured struct {
		rune   rune
		pixels []float64
		light  [samples]float32
		mean   float64
	}
	all := make([]measured, len(atlas.Glyphs))
	for i, g := range atlas.Glyphs {
		pixels := lightOfPixels(g.Coverage, dark)
		light := shrink(pixels)
		all[i] = measured{g.Rune, pixels, light, mean(light)}
	}
	slices.SortStableFunc(all, func(a, b measured) int { return cmp.Compare(a.mean, b.mean) })
	d := &dictionary{}
	if dark {
		d.page = one
	}

	for _, m := range all {
		d.runes = append(d.runes, m.rune)
		d.measure(m.pixels)
	}
	d.eights = newEights(d.light, d.bounds)
	d.shapes = sync.OnceValue(func() *shapes { return newShapes(d) })
	d.looks = sync.OnceValue(func() *looks { return newLooks(normalised(d.pixels, d.darkest(), d.lightest())) })
	d.others = sync.OnceValue(func() []*dictionary { return newOthers(d) })
	return d, nil
}

// measure adds what there is to know of the light of the next character.
func (d *dictionary) measure(pixels []float64) {
	light := shrink(pixels)
	s := spreadOf(light)
	d.pixels = append(d.pixels, pixels)
	d.means = append(d.means, mean(light))
	d.spread = append(d.spread, s)
	d.light = append(d.light, light)
	d.squares = append(d.squares, dot(&light, &light))
	d.bounds = append(d.bounds, boundsOf(light, &s))
}

// normalised maps the range of light that whole cells reach to 0 to 1.
func normalised(cells [][]float64, darkest, lightest float64) [][]float64 {
	out := make([][]float64, len(cells))
	for i, c := range cells {
		out[i] = make([]float64, len(c))
		for k, l := range c {
			out[i][k] = (l - darkest) / (lightest - darkest)
		}
	}
	return out
}

func boundsOf(light [samples]float32, spread *spreadLight) bounds {
	sum, rest := sumAndRest(&light)
	mean := sum / samples
	alone := dot(&light, inner(spread)) + float32(float32(farWeight*farSelf*mean)*mean)
	return bounds{halfSelf: alone / 2, mean: mean, rest: rest}
}

func newEights(light [][samples]float32, bounds []bounds) []eight {
	e := make([]eight, (len(light)+7)/8)
	for i := range e {
		for lane := range e[i].halfSelf {
			e[i].halfSelf[lane] = float32(math.Inf(1))
		}
	}
	for g, samples := range light {
		b, lane := &e[g/8], g%8
		b.halfSelf[lane] = bounds[g].halfSelf
		for i, l := range samples {
			b.light[i][lane] = l
		}
	}
	return e
}

// lightOfPixels returns the light of a glyph's pixels, from 0 to 1. Terminals blend
// the edges of glyphs as encoded sRGB, so light follows from the blended value.
func lightOfPixels(coverage []float32, dark bool) []float64 {
	light := make([]float64, len(coverage))
	for i, c := range coverage {
		v := uint8(math.Round(float64(c) * 255))
		if dark {
			v = 255 - v
		}
		light[i] = float64(linear8()[v]) / one
	}
	return light
}

// shrink averages the light of a cell over each sample.
func shrink(pixels []float64) (light [samples]float32) {
	const w, h = cellWidth / subCols, cellHeight / subRows
	var sums [samples]float64
	for i, l := range pixels {
		x, y := i%cellWidth/w, i/cellWidth/h
		sums[y*subCols+x] += l // exact: light has 24 bits behind the point
	}
	for i, s := range sums {
		light[i] = float32(s / (w * h))
	}
	return light
}

func mean(light [samples]float32) float64 {
	var sum float64
	for _, l := range light {
		sum += float64(l)
	}
	return sum / samples
}

// nearest returns the character whose light is nearest to a value.
func (d *dictionary) nearest(light float64) uint16 {
	i, _ := slices.BinarySearch(d.means, light)
	if i == len(d.means) || i > 0 && light-d.means[i-1] < d.means[i]-light {
		i--
	}
	return uint16(i)
}

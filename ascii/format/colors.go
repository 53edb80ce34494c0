package format

import (
	"math"

	"github.com/charcoal-art/charcoal/ascii"
)

// rgbs are colours written as 0xrrggbb.
func rgbs(codes ...uint32) []ascii.RGB {
	colors := make([]ascii.RGB, len(codes))
	for i, c := range codes {
		colors[i] = ascii.RGB{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c)}
	}
	return colors
}

// lab is a colour in OKLab (Björn Ottosson, 2020), where distances are about as
// large as they look.
type lab struct{ l, a, b float64 }

// The conversions round each product, so that no machine fuses it with a sum.
func labOf(c ascii.RGB) lab {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(float64(0.4122214708*r) + float64(0.5363325363*g) + float64(0.0514459929*b))
	m := math.Cbrt(float64(0.2119034982*r) + float64(0.6806995451*g) + float64(0.1073969566*b))
	s := math.Cbrt(float64(0.0883024619*r) + float64(0.2817188376*g) + float64(0.6299787005*b))
	return lab{
		l: float64(0.2104542553*l) + float64(0.7936177850*m) - float64(0.0040720468*s),
		a: float64(1.9779984951*l) - float64(2.4285922050*m) + float64(0.4505937099*s),
		b: float64(0.0259040371*l) + float64(0.7827717662*m) - float64(0.8086757660*s),
	}
}

// linear is the light of a channel of sRGB, by IEC 61966-2-1.
func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

// distance is quantised, so that colours as far away on one machine are so on
// all, however they round.
func (p lab) distance(q lab) int64 {
	dl, da, db := p.l-q.l, p.a-q.a, p.b-q.b
	return int64(math.Round(1e8 * (float64(dl*dl) + float64(da*da) + float64(db*db))))
}

// maxKnown bounds what a matcher remembers.
const maxKnown = 1 << 16

// matcher finds the nearest of some colours, and remembers. It serves one
// goroutine.
type matcher struct {
	colors []lab
	known  map[ascii.RGB]int
}

func newMatcher(colors []ascii.RGB) *matcher {
	m := &matcher{known: map[ascii.RGB]int{}}
	for _, c := range colors {
		m.colors = append(m.colors, labOf(c))
	}
	return m
}

// nearest returns the index of the colour that looks most like c, the first of
// several.
func (m *matcher) nearest(c ascii.RGB) int {
	if i, ok := m.known[c]; ok {
		return i
	}
	best, least := 0, int64(math.MaxInt64)
	p := labOf(c)
	for i, q := range m.colors {
		if d := p.distance(q); d < least {
			best, least = i, d
		}
	}
	if len(m.known) == maxKnown {
		clear(m.known)
	}
	m.known[c] = best
	return best
}

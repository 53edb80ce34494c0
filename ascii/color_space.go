package ascii

import (
	"math"
	"sync"
)

// rgbf is a colour in three primaries from 0 to 1, linear or encoded as said.
type rgbf [3]float32

// decoded returns the light of a colour.
func decoded(c RGB) rgbf {
	t := linear8()
	return rgbf{float32(t[c.R]) / one, float32(t[c.G]) / one, float32(t[c.B]) / one}
}

// encoded returns a colour as it stands, from 0 to 1.
func encoded(c RGB) rgbf {
	return rgbf{float32(c.R) / 255, float32(c.G) / 255, float32(c.B) / 255}
}

// rounded returns the colour next to encoded primaries.
func rounded(c rgbf) RGB { return RGB{round8(c[0]), round8(c[1]), round8(c[2])} }

func round8(v float32) uint8 { return uint8(max(0, min(float32(v*255)+0.5, 255))) }

// encodeSteps is how finely [encode] is tabled, over the square root of light:
// nearly even steps to the eye.
const encodeSteps = 4096

// encode maps light from 0 to 1 to encoded sRGB from 0 to 1, in fixed point before
// rounding so that all machines agree.
var encodeTable = sync.OnceValue(func() *[encodeSteps + 2]float32 {
	var t [encodeSteps + 2]float32
	for i := range t {
		root := float64(i) / encodeSteps
		light := root * root
		v := light * 12.92
		if light > 0.0031308 {
			v = float64(1.055*math.Pow(light, 1/2.4)) - 0.055
		}
		t[i] = float32(math.Round(v*one) / one)
	}
	return &t
})

func encode(light float32) float32 {
	t := encodeTable()
	at := float32(float32(math.Sqrt(float64(max(0, min(light, 1))))) * encodeSteps)
	i := int(at)
	return t[i] + float32((at-float32(i))*(t[i+1]-t[i]))
}

// decode is the inverse of [encode].
var decodeTable = sync.OnceValue(func() *[257]float32 {
	var t [257]float32
	for i := range t {
		t[i] = float32(linear8()[min(i, 255)]) / one
	}
	return &t
})

func decode(v float32) float32 {
	t := decodeTable()
	at := float32(clamp(v) * 255)
	i := int(at)
	return t[i] + float32((at-float32(i))*(t[i+1]-t[i]))
}

// OKLab (Björn Ottosson, 2020): light to cones, and their cube roots to lightness
// and two opponent colours.
var (
	conesOfLight = [3][3]float64{
		{0.4122214708, 0.5363325363, 0.0514459929},
		{0.2119034982, 0.6806995451, 0.1073969566},
		{0.0883024619, 0.2817188376, 0.6299787005},
	}
	labOfCones = [3][3]float64{
		{0.2104542553, 0.7936177850, -0.0040720468},
		{1.9779984951, -2.4285922050, 0.4505937099},
		{0.0259040371, 0.7827717662, -0.8086757660},
	}
)

// matrix takes differences of primaries to differences to the eye.
type matrix [3][3]float32

func (m *matrix) of(c rgbf) (v rgbf) {
	for i := range v {
		v[i] = float32(m[i][0]*c[0]) + float32(m[i][1]*c[1]) + float32(m[i][2]*c[2])
	}
	return v
}

// leastCone bounds how steep lightness gets near black.
const leastCone = 0.004

// oklabAt returns what small differences of light do to OKLab near a colour: its
// Jacobian.
func oklabAt(light rgbf) (m matrix) {
	var slope [3]float64
	for i, row := range conesOfLight {
		cone := float64(row[0]*float64(light[0])) + float64(row[1]*float64(light[1])) + float64(row[2]*float64(light[2]))
		root := cubeRoot(max(cone, leastCone))
		slope[i] = 1 / (3 * float64(root*root))
	}
	for i := range m {
		for j := range m[i] {
			var sum float64
			for k := range slope {
				sum += float64(float64(labOfCones[i][k]*slope[k]) * conesOfLight[k][j])
			}
			m[i][j] = float32(sum)
		}
	}
	return m
}

// cubeRoot is math.Cbrt for 1e-3 to 2, but without the freedom to fuse that makes
// machines differ: Newton's method from a parabola.
func cubeRoot(x float64) float64 {
	r := 0.25 + float64(0.75*x)
	for range 7 {
		r -= (r - x/float64(r*r)) / 3
	}
	return r
}

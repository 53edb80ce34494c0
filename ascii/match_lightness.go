package ascii

import (
	"math"
	"sync"
)

// lightness of light: CIE 1976 L*, from 0 to 100 for light from 0 to 1 (CIE
// 15:2018, section 8.2.1), and so on up to four, for the strokes of a character are
// lighter than its whole. It is a table over the square root of light, along which
// L* is nearly straight.
const (
	lightnessSteps = 512 // from 0 to 1
	lightnessMax   = 2 * lightnessSteps
)

// lightnessTable holds the values, and what the next one adds.
type lightnessTable struct {
	value, rise [lightnessMax + 8]float32
	slope       [lightnessMax + 8]float32 // of L* over light
}

// leastSlopeLight bounds the slope near black, where it says nothing about the
// steps that characters make.
const leastSlopeLight = 0.02

var lightnesses = sync.OnceValue(newLightnessTable)

func newLightnessTable() *lightnessTable {
	t := new(lightnessTable)
	for i := range t.value {
		root, next := float64(i)/lightnessSteps, float64(i+1)/lightnessSteps
		t.value[i] = rounded32(lstar(float64(root * root)))
		t.rise[i] = rounded32(lstar(float64(next*next))) - t.value[i]
		t.slope[i] = rounded32(116. / 3 * math.Pow(max(float64(root*root), leastSlopeLight), -2./3))
	}
	return t
}

// rounded32 drops the last bits, in which machines may differ.
func rounded32(v float64) float32 { return float32(math.Round(v*one) / one) }

func lstar(light float64) float64 {
	if light > 216./24389 {
		return float64(116*math.Cbrt(light)) - 16
	}
	return light * 24389 / 27
}

// index returns the place of light in the table, and how far it is to the next.
func index(light float32) (i int, rest float32) {
	root := float32(float32(math.Sqrt(float64(max(light, 0)))) * lightnessSteps)
	root = min(root, lightnessMax)
	i = int(root)
	return i, root - float32(i)
}

func (t *lightnessTable) of(light float32) float32 {
	i, rest := index(light)
	return t.value[i] + float32(t.rise[i]*rest)
}

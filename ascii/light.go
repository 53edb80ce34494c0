package ascii

import (
	"math"
	"sync"
)

// Light is linear luminance in fixed point: 0 is black and one is white. Whole
// numbers make sums exact, whatever their order and the machine.
const one = 1 << 24

// Luminance of the sRGB primaries (IEC 61966-2-1, from Rec. ITU-R BT.709), in
// fixed point. They add up to one.
const (
	redLight   = 3_566_850  // 0.2126
	greenLight = 11_999_065 // 0.7152
	blueLight  = one - redLight - greenLight
)

// linear decodes an sRGB value from 0 to 1 (IEC 61966-2-1) to fixed point.
func linear(v float64) uint32 {
	l := v / 12.92
	if v > 0.04045 {
		l = math.Pow((v+0.055)/1.055, 2.4)
	}
	return uint32(math.Round(l * one))
}

// linear8 decodes 8-bit sRGB.
var linear8 = sync.OnceValue(func() *[256]uint32 {
	var t [256]uint32
	for i := range t {
		t[i] = linear(float64(i) / 255)
	}
	return &t
})

// linear16 decodes 16-bit sRGB.
var linear16 = sync.OnceValue(func() *[1 << 16]uint32 {
	var t [1 << 16]uint32
	for i := range t {
		t[i] = linear(float64(i) / 0xffff)
	}
	return &t
})

// primaries holds the light that each 8-bit primary adds.
type primaries struct{ red, green, blue [256]uint32 }

var primaries8 = sync.OnceValue(func() *primaries {
	var p primaries
	for i, l := range linear8() {
		p.red[i] = scale(l, redLight)
		p.blue[i] = scale(l, blueLight)
		p.green[i] = l - p.red[i] - p.blue[i] // so that grey keeps its light exactly
	}
	return &p
})

// scale multiplies two fixed-point numbers.
func scale(a, b uint32) uint32 { return uint32((uint64(a)*uint64(b) + one/2) / one) }

// share is what an opacity from 0 to full leaves of light.
func share(light, opacity, full uint32) uint32 {
	return uint32((uint64(light)*uint64(opacity) + uint64(full)/2) / uint64(full))
}

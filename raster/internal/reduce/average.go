package reduce

import (
	"encoding/binary"
	"math"
	"sync"
)

// averager sums the light of pixels and turns sums into pixels. With alpha the sums
// are of light times alpha, and of alpha.
type averager struct {
	curve  *curve
	layout Layout
	sum    func(sums []uint64, pixels []byte, k int) // of each k pixels of a row
}

func newAverager(layout Layout) *averager {
	if layout.wide() {
		c := wideCurve()
		light := (*[1 << 16]uint32)(c.light)
		sum := [...]func(sums []uint64, pixels []byte, k int, light *[1 << 16]uint32){
			sumGray16, sumGrayAlpha16, sumRGB16, sumRGBA16,
		}[layout-Gray16]
		return &averager{c, layout, func(sums []uint64, pixels []byte, k int) { sum(sums, pixels, k, light) }}
	}
	c := narrowCurve()
	light := (*[1 << 8]uint32)(c.light)
	sum := [...]func(sums []uint64, pixels []byte, k int, light *[1 << 8]uint32){
		sumGray, sumGrayAlpha, sumRGB, sumRGBA,
	}[layout]
	return &averager{c, layout, func(sums []uint64, pixels []byte, k int) { sum(sums, pixels, k, light) }}
}

// store writes the pixel that is the average of n pixels.
func (a *averager) store(dst []byte, sums []uint64, n uint64) {
	top := uint64(len(a.curve.light) - 1)
	weight, alpha := n, top
	if a.layout.alpha() {
		weight = sums[len(sums)-1]
		alpha = (weight + n/2) / n
		if weight == 0 {
			weight = 1 // the sums are 0 too: transparent black
		}
	}
	at := func(channel int) uint64 { return uint64(a.curve.encode((sums[channel] + weight/2) / weight)) }
	switch a.layout {
	case Gray8:
		dst[0] = byte(at(0))
	case Gray16:
		binary.BigEndian.PutUint16(dst, uint16(at(0)))
	case GrayAlpha8:
		v := at(0)
		binary.BigEndian.PutUint32(dst, uint32(v*0x0101_0100|alpha))
	case GrayAlpha16:
		v := at(0)
		binary.BigEndian.PutUint64(dst, v*0x0001_0001_0001_0000|alpha)
	case RGB8, RGBA8:
		binary.BigEndian.PutUint32(dst, uint32(at(0)<<24|at(1)<<16|at(2)<<8|alpha))
	case RGB16, RGBA16:
		binary.BigEndian.PutUint64(dst, at(0)<<48|at(1)<<32|at(2)<<16|alpha)
	}
}

// curve turns encoded values into light and back.
type curve struct {
	light []uint32 // of each value
	shift int
	first []uint16 // the value nearest to light i<<shift
}

// lightBits is the precision of light: fine enough for the dark end of 16 bits, where
// levels are closest. With MaxReduction² pixels and an alpha of 16 bits a sum just
// fits 64 bits.
const lightBits = 24

// The curves are made when they are first needed, which for 16 bits takes some
// milliseconds, and never change.
var (
	narrowCurve = sync.OnceValue(func() *curve { return newCurve(1 << 8) })
	wideCurve   = sync.OnceValue(func() *curve { return newCurve(1 << 16) })
)

// newCurve tabulates sRGB (IEC 61966-2-1, 5.2) for a number of encoded values.
func newCurve(values int) *curve {
	c := &curve{light: make([]uint32, values), shift: lightBits - 12}
	for i := range c.light {
		c.light[i] = uint32(math.Round((1<<lightBits - 1) * linear(float64(i)/float64(values-1))))
	}
	if values > 1<<8 {
		c.shift = lightBits - 16
	}
	c.first = make([]uint16, 1<<(lightBits-c.shift))
	for i, v := 0, 0; i < len(c.first); i++ {
		v = c.next(v, uint64(i)<<c.shift)
		c.first[i] = uint16(v)
	}
	return c
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// encode gives the value whose light is nearest.
func (c *curve) encode(light uint64) int {
	return c.next(int(c.first[light>>c.shift]), light)
}

// next is encode for light that is at least that of v.
func (c *curve) next(v int, light uint64) int {
	for v+1 < len(c.light) && 2*light >= uint64(c.light[v])+uint64(c.light[v+1]) {
		v++
	}
	return v
}

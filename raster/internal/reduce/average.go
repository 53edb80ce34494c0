package reduce

import (
	"encoding/binary"
	"math"
)

// averager sums the light of pixels and turns sums into pixels. With alpha the sums
// are of light times alpha, and of alpha.
type averager struct {
	curve  *curve
	layout Layout
	sum    func(sums []uint64, pixels []byte, k int)
}

func newAverager(layout Layout) *averager {
	a := &averager{layout: layout}
	if layout.wide() {
		a.curve = newCurve(1 << 16)
		a.sum = func(sums []uint64, pixels []byte, k int) { a.curve.sumWide(sums, pixels, k, layout) }
		return a
	}
	a.curve = newCurve(1 << 8)
	light := (*[256]uint32)(a.curve.light)
	sum := [...]func(sums []uint64, pixels []byte, k int, light *[256]uint32){
		Gray8: sumGray, GrayAlpha8: sumGrayAlpha, RGB8: sumRGB, RGBA8: sumRGBA,
	}[layout]
	a.sum = func(sums []uint64, pixels []byte, k int) { sum(sums, pixels, k, light) }
	return a
}

// sumGray sums k pixels of a row at a time; of the last box, those that exist. So do
// the functions below.
func sumGray(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for i := range sums {
		box := pixels[:min(k, len(pixels))]
		pixels = pixels[len(box):]
		var s uint64
		for _, v := range box {
			s += uint64(light[v])
		}
		sums[i] = s
	}
}

func sumGrayAlpha(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for ; len(sums) >= 2; sums = sums[2:] {
		box := pixels[:min(2*k, len(pixels))]
		pixels = pixels[len(box):]
		var s, alpha uint64
		for i := 0; i < len(box)-1; i += 2 {
			a := uint64(box[i+1])
			s += a * uint64(light[box[i]])
			alpha += a
		}
		sums[0], sums[1] = s, alpha
	}
}

func sumRGB(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for ; len(sums) >= 3; sums = sums[3:] {
		box := pixels[:min(3*k, len(pixels))]
		pixels = pixels[len(box):]
		var r, g, b uint64
		for i := 0; i < len(box)-2; i += 3 {
			r += uint64(light[box[i]])
			g += uint64(light[box[i+1]])
			b += uint64(light[box[i+2]])
		}
		sums[0], sums[1], sums[2] = r, g, b
	}
}

func sumRGBA(sums []uint64, pixels []byte, k int, light *[256]uint32) {
	for ; len(sums) >= 4; sums = sums[4:] {
		box := pixels[:min(4*k, len(pixels))]
		pixels = pixels[len(box):]
		var r, g, b, alpha uint64
		for i := 0; i < len(box)-3; i += 4 {
			a := uint64(box[i+3])
			r += a * uint64(light[box[i]])
			g += a * uint64(light[box[i+1]])
			b += a * uint64(light[box[i+2]])
			alpha += a
		}
		sums[0], sums[1], sums[2], sums[3] = r, g, b, alpha
	}
}

// sumWide is for samples of 16 bits, of any number of channels.
func (c *curve) sumWide(sums []uint64, pixels []byte, k int, layout Layout) {
	channels, size := layout.Channels(), layout.PixelBytes()
	clear(sums)
	for len(sums) >= channels {
		box := pixels[:min(size*k, len(pixels))]
		pixels = pixels[len(box):]
		for ; len(box) >= size; box = box[size:] {
			c.addWide(sums[:channels], box[:size], layout.alpha())
		}
		sums = sums[channels:]
	}
}

// addWide adds one pixel.
func (c *curve) addWide(sums []uint64, pixel []byte, hasAlpha bool) {
	colours, alpha := len(sums), uint64(1)
	if hasAlpha {
		colours--
		alpha = uint64(binary.BigEndian.Uint16(pixel[2*colours:]))
		sums[colours] += alpha
	}
	for i := range colours {
		sums[i] += alpha * uint64(c.light[binary.BigEndian.Uint16(pixel[2*i:])])
	}
}

// add adds one pixel.
func (a *averager) add(sums []uint64, pixel []byte) {
	if a.layout.wide() {
		a.curve.addWide(sums, pixel, a.layout.alpha())
		return
	}
	colours, alpha := len(sums), uint64(1)
	if a.layout.alpha() {
		colours--
		alpha = uint64(pixel[colours])
		sums[colours] += alpha
	}
	for i := range colours {
		sums[i] += alpha * uint64(a.curve.light[pixel[i]])
	}
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
// levels are closest. With MaxReduction² pixels and an alpha of
// 16 bits a sum just fits 64 bits.
const lightBits = 24

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

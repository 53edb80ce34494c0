package icc

import (
	"math"
	"sync"
)

// Light is counted in whole numbers, so that rounding absorbs the last bits of
// powers, which machines compute differently.
const (
	white    = 0xffff // light of 8-bit pictures
	lightTop = 8      // bits below it, in sums

	wideBits = 20 // light of 16-bit pictures: that of sRGB grows 13 times faster than its values near black
	gainBits = 24 // of the matrix
	stepBits = 12 // values and light of 16-bit pictures are looked up by so many bits, and the rest is interpolated
)

// narrow turns values of 8 bits into sRGB by look-ups and sums alone: it says what
// each value of each channel adds to the light of red, green and blue.
type narrow struct {
	light  [3][1 << 8][3]int32
	encode *[white + 1]uint8
}

func (p *Profile) narrow() *narrow {
	t := &narrow{encode: encodeNarrow()}
	for c, column := range p.matrix.transposed() {
		for v := range t.light[c] {
			light := p.curves[c].at(float64(v) / 0xff)
			for i, gain := range column {
				t.light[c][v][i] = int32(math.Round(light * gain * (white << lightTop)))
			}
		}
	}
	return t
}

// at returns the colour of sRGB, clipped to what sRGB can show.
func (t *narrow) at(r, g, b uint8) (uint8, uint8, uint8) {
	x, y, z := &t.light[0][r], &t.light[1][g], &t.light[2][b]
	return t.clip(x[0] + y[0] + z[0]), t.clip(x[1] + y[1] + z[1]), t.clip(x[2] + y[2] + z[2])
}

func (t *narrow) clip(light int32) uint8 {
	const half = 1 << (lightTop - 1)
	return t.encode[min(white, max(0, (light+half)>>lightTop))]
}

// row is at for pixels of four bytes, the last of which is alpha and stays. The two
// slices may be the same.
func (t *narrow) row(to, from []uint8) {
	for len(from) >= 4 && len(to) >= 4 {
		to[0], to[1], to[2] = t.at(from[0], from[1], from[2])
		to[3] = from[3]
		from, to = from[4:], to[4:]
	}
}

// greys is the table for pictures that have one channel.
func (t *narrow) greys() (greys [1 << 8]uint8) {
	for v := range greys {
		_, greys[v], _ = t.at(uint8(v), uint8(v), uint8(v))
	}
	return greys
}

// encodeNarrow is the curve of sRGB backwards, exactly rounded.
var encodeNarrow = sync.OnceValue(func() *[white + 1]uint8 {
	var t [white + 1]uint8
	from := 0
	for v := range 1 << 8 {
		to := white + 1
		if v < 0xff {
			to = int(math.Ceil(srgb.at((float64(v)+0.5)/0xff) * white))
		}
		for ; from < to; from++ {
			t[from] = uint8(v)
		}
	}
	return &t
})

// wide turns values of 16 bits into sRGB, within 3 of what is exact.
type wide struct {
	light  [3][1<<stepBits + 1]int32
	gain   [3][3]int64
	encode *[1<<stepBits + 1]int32
}

func (p *Profile) wide() *wide {
	t := &wide{encode: encodeWide()}
	for c := range p.curves {
		for i := range t.light[c] {
			light := p.curves[c].at(float64(i) / (1 << stepBits))
			t.light[c][i] = int32(math.Round(light * (1 << wideBits)))
		}
		for i, gain := range p.matrix[c] {
			t.gain[c][i] = int64(math.Round(gain * (1 << gainBits)))
		}
	}
	return t
}

// at returns the colour of sRGB, clipped to what sRGB can show.
func (t *wide) at(r, g, b uint16) (uint16, uint16, uint16) {
	x, y, z := t.lightOf(0, r), t.lightOf(1, g), t.lightOf(2, b)
	return t.clip(&t.gain[0], x, y, z), t.clip(&t.gain[1], x, y, z), t.clip(&t.gain[2], x, y, z)
}

// lightOf stretches values from 0xffff to 1<<24, so that white has an entry.
func (t *wide) lightOf(channel int, v uint16) int64 {
	return interpolate(&t.light[channel], int32(v)<<8+int32(v>>8)+int32(v>>15), 24-stepBits)
}

func (t *wide) clip(gain *[3]int64, x, y, z int64) uint16 {
	const half = 1 << (gainBits - 1)
	light := (gain[0]*x + gain[1]*y + gain[2]*z + half) >> gainBits
	return uint16(interpolate(t.encode, int32(min(1<<wideBits, max(0, light))), wideBits-stepBits))
}

// interpolate reads a table between its entries; the low bits of v say where.
func interpolate(table *[1<<stepBits + 1]int32, v int32, bits int) int64 {
	i, part := v>>bits, int64(v&(1<<bits-1))
	low := int64(table[i])
	high := int64(table[min(i+1, 1<<stepBits)])
	return low + ((high-low)*part+1<<(bits-1))>>bits
}

// encodeWide is the curve of sRGB backwards.
var encodeWide = sync.OnceValue(func() *[1<<stepBits + 1]int32 {
	var t [1<<stepBits + 1]int32
	for i := range t {
		t[i] = int32(math.Round(encode(float64(i)/(1<<stepBits)) * 0xffff))
	}
	return &t
})

// encode is the curve of sRGB backwards (IEC 61966-2-1, 5.2).
func encode(light float64) float64 {
	if light <= 0.0031308 {
		return 12.92 * light
	}
	return float64(1.055*math.Pow(light, 1/2.4)) - 0.055
}

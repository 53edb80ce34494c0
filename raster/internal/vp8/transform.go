package vp8

// The factors of the inverse DCT times 65536 (RFC 6386, section 14.4): √2 cos(π/8) and
// √2 sin(π/8).
const (
	cosine = 85627
	sine   = 35468
)

// rotate is the part of the transform that turns a pair of coefficients.
func rotate(a, b int32) (c, d int32) {
	return (a*sine)>>16 - (b*cosine)>>16, (a*cosine)>>16 + (b*sine)>>16
}

// addDCT adds the inverse DCT of c to the block.
func (b *block) addDCT(c *[coefficients]int16) {
	var m [4][4]int32 // by column
	for i := range 4 {
		even, odd := int32(c[i])+int32(c[8+i]), int32(c[i])-int32(c[8+i])
		r, s := rotate(int32(c[4+i]), int32(c[12+i]))
		m[i] = [4]int32{even + s, odd + r, odd - r, even - s}
	}
	for y := range 4 {
		dc := m[0][y] + 4
		even, odd := dc+m[2][y], dc-m[2][y]
		r, s := rotate(m[1][y], m[3][y])
		line := b[inside+y*stride:][:4]
		line[0] = clip(int32(line[0]) + (even+s)>>3)
		line[1] = clip(int32(line[1]) + (odd+r)>>3)
		line[2] = clip(int32(line[2]) + (odd-r)>>3)
		line[3] = clip(int32(line[3]) + (even-s)>>3)
	}
}

// addCorner is addDCT for a block of which only the first three coefficients in zigzag
// order are not zero.
func (b *block) addCorner(c *[coefficients]int16) {
	r, s := rotate(int32(c[4]), 0)
	dc := int32(c[0])
	left := [4]int32{dc + s, dc + r, dc - r, dc - s}
	r, s = rotate(int32(c[1]), 0)
	for y := range 4 {
		v := left[y] + 4
		line := b[inside+y*stride:][:4]
		line[0] = clip(int32(line[0]) + (v+s)>>3)
		line[1] = clip(int32(line[1]) + (v+r)>>3)
		line[2] = clip(int32(line[2]) + (v-r)>>3)
		line[3] = clip(int32(line[3]) + (v-s)>>3)
	}
}

// addDC is addDCT for a block of which only the first coefficient is not zero.
func (b *block) addDC(dc int16) {
	v := min(max((int32(dc)+4)>>3, -255), 255)
	add := uint64(256+v) * everyLane
	for y := range 4 {
		line := b[inside+y*stride:][:4]
		store4(line, pack(clamp(spread(load4(line))+add)))
	}
}

func clip(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^v >> 31)
	}
	return uint8(v)
}

// spreadDC undoes the Walsh-Hadamard transform of second order (section 14.3): it gives
// the blocks of luma their first coefficients.
func (m *macroblock) spreadDC() {
	c := &m.coeffs[secondBlock]
	var t [16]int32
	for i := range 4 {
		a, b := int32(c[i])+int32(c[12+i]), int32(c[4+i])+int32(c[8+i])
		d, e := int32(c[4+i])-int32(c[8+i]), int32(c[i])-int32(c[12+i])
		t[i], t[4+i], t[8+i], t[12+i] = a+b, e+d, a-b, e-d
	}
	for y := range 4 {
		l := t[4*y : 4*y+4]
		a, b := l[0]+l[3]+3, l[1]+l[2]
		d, e := l[1]-l[2], l[0]-l[3]+3
		m.coeffs[4*y][0] = int16((a + b) >> 3)
		m.coeffs[4*y+1][0] = int16((e + d) >> 3)
		m.coeffs[4*y+2][0] = int16((a - b) >> 3)
		m.coeffs[4*y+3][0] = int16((e - d) >> 3)
	}
	*c = [coefficients]int16{}
}

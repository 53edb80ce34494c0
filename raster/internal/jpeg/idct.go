package jpeg

// The inverse transforms work on numbers with sampleBits bits of fraction: what
// folding makes of coefficients, so that DC counts 1 in every sample.
const (
	sampleBits = 16

	// bias in DC makes samples unsigned (section A.3.1) and rounds them.
	bias = 128<<sampleBits + 1<<(sampleBits-1)
)

// block holds coefficients row by row, 8 a row also where fewer are used.
type block [64]int32

// inverse is an inverse transform. It writes the samples of b to dst, rows stride
// apart, and leaves b zero. No coefficient after last in zigzag order is other
// than zero.
type inverse func(b *block, last int, dst []byte, stride int)

// inverseOf returns the transform to outX × outY samples.
func inverseOf(outX, outY int) inverse {
	switch {
	case outX == 1 && outY == 1:
		return inverse1x1
	case outX == 2 && outY == 2:
		return inverse2x2
	case outX == 4 && outY == 4:
		return inverse4x4
	case outX == 8 && outY == 8:
		return inverse8x8
	}
	return func(b *block, _ int, dst []byte, stride int) {
		inverseAny(b, outX, outY, dst, stride)
	}
}

// sample turns a number with bias into a sample.
func sample(v int32) byte {
	v >>= sampleBits
	if uint32(v) > 255 {
		v = ^v >> 31 & 255
	}
	return byte(v)
}

func inverse1x1(b *block, _ int, dst []byte, _ int) {
	dst[0] = sample(b[0] + bias)
	b[0] = 0
}

func inverse2x2(b *block, _ int, dst []byte, stride int) {
	top, bottom := dst[:2], dst[stride:stride+2]
	left0, left1 := inverse2(b[0]+bias, b[8])
	right0, right1 := inverse2(b[1], b[9])
	top[0], top[1] = sample(left0+right0), sample(left0-right0)
	bottom[0], bottom[1] = sample(left1+right1), sample(left1-right1)
	b[0], b[1], b[8], b[9] = 0, 0, 0, 0
}

func inverse2(x0, x1 int32) (y0, y1 int32) { return x0 + x1, x0 - x1 }

// inverse4 is the transform to 4 samples. Odd inputs come multiplied by
// √2·cos(π/8), so that the odd part has one constant, tan(π/8).
func inverse4(x0, x1, x2, x3 int32) (y0, y1, y2, y3 int32) {
	const tan = 27146 // tan(π/8) · 2¹⁶
	even0, even1 := x0+x2, x0-x2
	odd0 := x1 + int32(int64(x3)*tan>>16)
	odd1 := int32(int64(x1)*tan>>16) - x3
	return even0 + odd0, even1 + odd1, even1 - odd1, even0 - odd0
}

func inverse4x4(b *block, _ int, dst []byte, stride int) {
	b[0] += bias
	for i := range 4 {
		b[i], b[8+i], b[16+i], b[24+i] = inverse4(b[i], b[8+i], b[16+i], b[24+i])
	}
	for y := range 4 {
		row := b[8*y : 8*y+4 : 8*y+4]
		out := dst[y*stride : y*stride+4]
		s0, s1, s2, s3 := inverse4(row[0], row[1], row[2], row[3])
		out[0], out[1], out[2], out[3] = sample(s0), sample(s1), sample(s2), sample(s3)
		clear(row)
	}
}

// inverse8 is the transform to 8 samples by Arai, Agui and Nakajima ("A fast
// DCT-SQ scheme for images", 1988), backwards: the input comes multiplied by
// √2·cos(kπ/16), which leaves 5 multiplications.
func inverse8(x0, x1, x2, x3, x4, x5, x6, x7 int64) (y0, y1, y2, y3, y4, y5, y6, y7 int64) {
	const (
		root2 = 92682  // √2 · 2¹⁶
		sum   = 121095 // 2·cos(π/8) · 2¹⁶
		low   = 70936  // 2·(cos(π/8) - cos(3π/8)) · 2¹⁶
		high  = 171254 // 2·(cos(π/8) + cos(3π/8)) · 2¹⁶
	)
	s2, d2 := x5+x3, x5-x3
	s3, d3 := x1+x7, x1-x7
	odd0 := s3 + s2
	both := (d2 + d3) * sum >> 16
	odd1 := both - d2*high>>16 - odd0
	odd2 := (s3-s2)*root2>>16 - odd1
	odd3 := d3*low>>16 - both + odd2

	s0, d0 := x0+x4, x0-x4
	s1 := x2 + x6
	d1 := (x2-x6)*root2>>16 - s1
	even0, even3 := s0+s1, s0-s1
	even1, even2 := d0+d1, d0-d1
	return even0 + odd0, even1 + odd1, even2 + odd2, even3 - odd3,
		even3 + odd3, even2 - odd2, even1 - odd1, even0 - odd0
}

func inverse8x8(b *block, last int, dst []byte, stride int) {
	b[0] += bias
	if last == 0 {
		flat(b, dst, stride)
		return
	}
	for i := range columns[last&63] & 15 {
		inverseColumn((*[57]int32)(b[i&7:]))
	}
	for y := range 8 {
		row := (*[8]int32)(b[8*y:])
		s0, s1, s2, s3, s4, s5, s6, s7 := inverse8(int64(row[0]), int64(row[1]), int64(row[2]), int64(row[3]),
			int64(row[4]), int64(row[5]), int64(row[6]), int64(row[7]))
		*(*[8]byte)(dst[y*stride:]) = [8]byte{sample(int32(s0)), sample(int32(s1)), sample(int32(s2)), sample(int32(s3)),
			sample(int32(s4)), sample(int32(s5)), sample(int32(s6)), sample(int32(s7))}
	}
	clear(b[:])
}

// inverseColumn transforms 8 numbers that are a row apart.
func inverseColumn(x *[57]int32) {
	y0, y1, y2, y3, y4, y5, y6, y7 := inverse8(int64(x[0]), int64(x[8]), int64(x[16]), int64(x[24]),
		int64(x[32]), int64(x[40]), int64(x[48]), int64(x[56]))
	x[0], x[8], x[16], x[24] = int32(y0), int32(y1), int32(y2), int32(y3)
	x[32], x[40], x[48], x[56] = int32(y4), int32(y5), int32(y6), int32(y7)
}

// flat is the transform of a block without AC.
func flat(b *block, dst []byte, stride int) {
	s := sample(b[0])
	b[0] = 0
	for y := range 8 {
		out := (*[8]byte)(dst[y*stride:])
		*out = [8]byte{s, s, s, s, s, s, s, s}
	}
}

// columns[k] is how many columns of a block the coefficients up to k in zigzag
// order reach into.
var columns = func() (c [64]uint8) {
	for k, place := range zigzag {
		c[k] = place&7 + 1
		if k > 0 {
			c[k] = max(c[k], c[k-1])
		}
	}
	return c
}()

// inverseAny is the transform to any size, for components that are subsampled in
// one direction.
func inverseAny(b *block, outX, outY int, dst []byte, stride int) {
	b[0] += bias
	for i := range outX {
		inverseLine(b[i:], 8, outY)
	}
	for y := range outY {
		inverseLine(b[8*y:], 1, outX)
		out := dst[y*stride : y*stride+outX]
		for x := range out {
			out[x] = sample(b[8*y+x])
		}
	}
	clear(b[:])
}

// inverseLine transforms n numbers that are step apart.
func inverseLine(b []int32, step, n int) {
	switch n {
	case 2:
		b[0], b[step] = inverse2(b[0], b[step])
	case 4:
		b[0], b[step], b[2*step], b[3*step] = inverse4(b[0], b[step], b[2*step], b[3*step])
	case 8:
		y0, y1, y2, y3, y4, y5, y6, y7 := inverse8(int64(b[0]), int64(b[step]), int64(b[2*step]), int64(b[3*step]),
			int64(b[4*step]), int64(b[5*step]), int64(b[6*step]), int64(b[7*step]))
		b[0], b[step], b[2*step], b[3*step] = int32(y0), int32(y1), int32(y2), int32(y3)
		b[4*step], b[5*step], b[6*step], b[7*step] = int32(y4), int32(y5), int32(y6), int32(y7)
	}
}

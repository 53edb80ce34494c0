package png

import "encoding/binary"

// Each filter has a plain loop, which serves short and rare pixels, and Sub, Average
// and Paeth have loops for pixels of three and four bytes: what is added depends on the
// pixel before, so the channels are to be under way at the same time.

func unfilterSub(cur, raw []byte, bpp int) {
	switch bpp {
	case 3:
		unfilterSub3(cur, raw)
		return
	case 4:
		unfilterSub4(cur, raw)
		return
	}
	n := copy(cur[:min(bpp, len(cur))], raw)
	for i := n; i < len(cur); i++ {
		cur[i] = raw[i] + cur[i-bpp]
	}
}

func unfilterSub3(cur, raw []byte) {
	var x, y, z byte
	for i := 0; i < len(raw)-2 && i < len(cur)-2; i += 3 {
		x, y, z = x+raw[i], y+raw[i+1], z+raw[i+2]
		cur[i], cur[i+1], cur[i+2] = x, y, z
	}
}

func unfilterSub4(cur, raw []byte) {
	var left uint64
	for ; len(raw) >= 4 && len(cur) >= 4; raw, cur = raw[4:], cur[4:] {
		left = addBytes(left, uint64(binary.LittleEndian.Uint32(raw)))
		binary.LittleEndian.PutUint32(cur, uint32(left))
	}
}

const (
	low7  = 0x7f7f_7f7f_7f7f_7f7f
	high1 = 0x8080_8080_8080_8080
)

// addBytes adds the eight bytes of x and y, each modulo 256.
func addBytes(x, y uint64) uint64 {
	return (x&low7 + y&low7) ^ (x^y)&high1
}

func unfilterUp(cur, up, raw []byte) {
	for len(cur) >= 8 && len(up) >= 8 && len(raw) >= 8 {
		x, y := binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(up)
		binary.LittleEndian.PutUint64(cur, addBytes(x, y))
		cur, up, raw = cur[8:], up[8:], raw[8:]
	}
	for i := range cur {
		cur[i] = raw[i] + up[i]
	}
}

func unfilterAverage(cur, up, raw []byte, bpp int) {
	switch bpp {
	case 3:
		unfilterAverage3(cur, up, raw)
		return
	case 4:
		unfilterAverage4(cur, up, raw)
		return
	}
	n := min(bpp, len(cur))
	for i := range n {
		cur[i] = raw[i] + up[i]/2
	}
	for i := n; i < len(cur); i++ {
		cur[i] = raw[i] + byte((int(cur[i-bpp])+int(up[i]))/2)
	}
}

func unfilterAverage3(cur, up, raw []byte) {
	var x, y, z uint32
	for i := 0; i < len(raw)-2 && i < len(up)-2 && i < len(cur)-2; i += 3 {
		x = uint32(byte((x+uint32(up[i]))/2 + uint32(raw[i])))
		y = uint32(byte((y+uint32(up[i+1]))/2 + uint32(raw[i+1])))
		z = uint32(byte((z+uint32(up[i+2]))/2 + uint32(raw[i+2])))
		cur[i], cur[i+1], cur[i+2] = byte(x), byte(y), byte(z)
	}
}

// unfilterAverage4 averages as half of what differs and all that is common.
func unfilterAverage4(cur, up, raw []byte) {
	var left uint64
	for ; len(raw) >= 4 && len(up) >= 4 && len(cur) >= 4; raw, up, cur = raw[4:], up[4:], cur[4:] {
		above := uint64(binary.LittleEndian.Uint32(up))
		mean := left&above + (left^above)>>1&low7
		left = addBytes(mean, uint64(binary.LittleEndian.Uint32(raw)))
		binary.LittleEndian.PutUint32(cur, uint32(left))
	}
}

func unfilterPaethPlain(cur, up, raw []byte, bpp int) {
	switch bpp {
	case 3:
		unfilterPaeth3(cur, up, raw)
	case 4:
		unfilterPaeth4(cur, up, raw)
	default:
		unfilterPaethFrom(0, cur, up, raw, bpp)
	}
}

// unfilterPaethFrom begins at a byte.
func unfilterPaethFrom(i int, cur, up, raw []byte, bpp int) {
	for ; i < bpp && i < len(cur); i++ {
		cur[i] = raw[i] + up[i]
	}
	for ; i < len(cur); i++ {
		cur[i] = raw[i] + byte(paeth(int(cur[i-bpp]), int(up[i]), int(up[i-bpp])))
	}
}

func unfilterPaeth3(cur, up, raw []byte) {
	var a0, a1, a2, c0, c1, c2 int
	for i := 0; i < len(raw)-2 && i < len(up)-2 && i < len(cur)-2; i += 3 {
		b0, b1, b2 := int(up[i]), int(up[i+1]), int(up[i+2])
		a0 = int(raw[i] + byte(paeth(a0, b0, c0)))
		a1 = int(raw[i+1] + byte(paeth(a1, b1, c1)))
		a2 = int(raw[i+2] + byte(paeth(a2, b2, c2)))
		c0, c1, c2 = b0, b1, b2
		cur[i], cur[i+1], cur[i+2] = byte(a0), byte(a1), byte(a2)
	}
}

func unfilterPaeth4(cur, up, raw []byte) {
	var a0, a1, a2, a3, c0, c1, c2, c3 int
	for i := 0; i < len(raw)-3 && i < len(up)-3 && i < len(cur)-3; i += 4 {
		b0, b1, b2, b3 := int(up[i]), int(up[i+1]), int(up[i+2]), int(up[i+3])
		a0 = int(raw[i] + byte(paeth(a0, b0, c0)))
		a1 = int(raw[i+1] + byte(paeth(a1, b1, c1)))
		a2 = int(raw[i+2] + byte(paeth(a2, b2, c2)))
		a3 = int(raw[i+3] + byte(paeth(a3, b3, c3)))
		c0, c1, c2, c3 = b0, b1, b2, b3
		cur[i], cur[i+1], cur[i+2], cur[i+3] = byte(a0), byte(a1), byte(a2), byte(a3)
	}
}

// paeth gives the neighbour (left, up, corner) that is nearest to left + up - corner,
// the first of them where there are several (section 9.4), in a form without
// branches or absolute values. A corner beyond both is farthest, and the neighbour on the
// other side nearest; between them, the corner is nearest in the middle third.
func paeth(left, up, corner int) int {
	low, high := min(left, up), max(left, up)
	third := 3*corner - left - up
	nearest := corner
	if third >= high {
		nearest = low
	}
	if third <= low {
		nearest = high
	}
	return nearest
}

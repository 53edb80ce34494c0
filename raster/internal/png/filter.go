package png

import (
	"bytes"
	"encoding/binary"
)

// The filter types (section 9.2).
const (
	filterNone = iota
	filterSub
	filterUp
	filterAverage
	filterPaeth
)

// keeps says whether a row of zeros is the same as the one before it: Up adds that
// row, and Paeth does, too, as left and upper left are alike from the start.
func keeps(filter byte) bool { return filter == filterUp || filter == filterPaeth }

// zeros is compared with: the standard library compares with vector instructions.
var zeros [1 << 12]byte

func isZero(b []byte) bool {
	for len(b) > len(zeros) {
		if !bytes.Equal(b[:len(zeros)], zeros[:]) {
			return false
		}
		b = b[len(zeros):]
	}
	return bytes.Equal(b, zeros[:len(b)])
}

// unfilter undoes a filter: cur becomes the row whose filtered bytes are raw, up is
// the row before it, all of the same length, and bpp the distance of corresponding
// bytes of neighbours.
func unfilter(filter byte, cur, up, raw []byte, bpp int) error {
	switch filter {
	case filterNone:
		copy(cur, raw)
	case filterSub:
		unfilterSub(cur, raw, bpp)
	case filterUp:
		unfilterUp(cur, up, raw)
	case filterAverage:
		unfilterAverage(cur, up, raw, bpp)
	case filterPaeth:
		unfilterPaeth(cur, up, raw, bpp)
	default:
		return FormatError("a row has an unknown filter")
	}
	return nil
}

func unfilterSub(cur, raw []byte, bpp int) {
	n := copy(cur[:min(bpp, len(cur))], raw)
	for i := n; i < len(cur); i++ {
		cur[i] = raw[i] + cur[i-bpp]
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
	i := 0
	for ; i <= len(cur)-8; i += 8 {
		x, y := binary.LittleEndian.Uint64(raw[i:]), binary.LittleEndian.Uint64(up[i:])
		binary.LittleEndian.PutUint64(cur[i:], addBytes(x, y))
	}
	for ; i < len(cur); i++ {
		cur[i] = raw[i] + up[i]
	}
}

func unfilterAverage(cur, up, raw []byte, bpp int) {
	n := min(bpp, len(cur))
	for i := range n {
		cur[i] = raw[i] + up[i]/2
	}
	for i := n; i < len(cur); i++ {
		cur[i] = raw[i] + byte((int(cur[i-bpp])+int(up[i]))/2)
	}
}

func unfilterPaeth(cur, up, raw []byte, bpp int) {
	n := min(bpp, len(cur))
	for i := range n {
		cur[i] = raw[i] + up[i]
	}
	for i := n; i < len(cur); i++ {
		cur[i] = raw[i] + paeth(cur[i-bpp], up[i], up[i-bpp])
	}
}

// paeth gives the neighbour (left, up, upper left) that is nearest to
// left + up - upper left (section 9.4).
func paeth(left, up, corner byte) byte {
	a, b, c := int(left), int(up), int(corner)
	pa, pb, pc := abs(b-c), abs(a-c), abs(a+b-2*c)
	switch {
	case pa <= pb && pa <= pc:
		return left
	case pb <= pc:
		return up
	}
	return corner
}

func abs(x int) int {
	return max(x, -x)
}

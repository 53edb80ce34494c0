package png

import (
	"bytes"
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

// unfilter undoes a filter (section 9.2): cur becomes the row whose filtered bytes are
// raw, up is the row before it, all of the same length, and bpp the distance of
// corresponding bytes of neighbours.
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

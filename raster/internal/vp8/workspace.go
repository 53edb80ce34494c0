package vp8

import "encoding/binary"

// workspace is where a plane of a macroblock is put together. Pixel (0, 0) is at
// origin. The line above it holds the pixels above, from the corner on and four pixels
// longer than the macroblock, and the column before it those to the left.
type workspace [18 * stride]uint8

const (
	stride = 32
	origin = stride + 8
	corner = origin - stride - 1
)

// What pixels outside of the picture are taken for (RFC 6386, section 12.2).
const (
	outsideAbove = 127
	outsideLeft  = 129
)

// block is 4 × 4 pixels in a workspace with what surrounds them: it begins at the
// corner.
type block [5 * stride]uint8

const inside = stride + 1 // where the pixels of a block begin

func (w *workspace) block(x, y int) *block {
	return (*block)(w[corner+4*x+4*y*stride:])
}

// begin puts the pixels around a macroblock of n × n pixels into place.
func (w *workspace) begin(above []uint8, n int, first, top bool) {
	if first {
		for y := range n + 1 {
			w[corner+y*stride] = outsideLeft
		}
		if top {
			w[corner] = outsideAbove
		}
	} else {
		for y := range n + 1 {
			w[corner+y*stride] = w[corner+y*stride+n]
		}
	}
	copy(w[corner+1:][:n], above)
}

// beginOverhang puts the four pixels above and to the right of a macroblock into
// place, for all blocks of its last column (section 12.3).
func (w *workspace) beginOverhang(above []uint8) {
	v := binary.LittleEndian.Uint32(above)
	for y := range 4 {
		binary.LittleEndian.PutUint32(w[corner+17+4*y*stride:], v)
	}
}

func (w *workspace) line(y, n int) []uint8 { return w[origin+y*stride:][:n] }

// end copies the pixels to dst, whose lines are pitch apart, and the last line to above.
func (w *workspace) end(dst []uint8, pitch int, above []uint8, n int) {
	for y := range n {
		copy(dst[y*pitch:], w.line(y, n))
	}
	copy(above, w.line(n-1, n))
}

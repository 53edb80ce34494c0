package jpeg

import (
	"bytes"
	"encoding/binary"
)

const (
	// maxBlockBytes is more than the coded data of one block can take: 64 codes
	// of 16 bits with up to 16 bits after each.
	maxBlockBytes = 64 * 32 / 8
	// lookahead is how far beyond the current byte a block may read.
	lookahead = maxBlockBytes + 2*8

	bitsSize = 32<<10 + lookahead
)

// bitReader reads the entropy-coded data of a scan, bit by bit from the most
// significant of each byte. Stuffed zero bytes (section B.1.1.5) are taken out
// beforehand, so that eight bytes can be loaded at once; after the end, at a
// marker or at the end of the file, zeros follow. So decoding a block needs no
// checks: it starts with lookahead bytes and ends with a call of ok.
type bitReader struct {
	window
	data  []byte // free of stuffing
	end   int    // data[:end] is from the file
	limit int    // ok has to look closer when pos is beyond
	src   *source
	ended bool // nothing follows data[:end]
}

// start begins to read at the current place in the file.
func (b *bitReader) start() {
	b.window, b.end, b.ended = window{}, 0, false
	b.fill()
}

// take returns the next n bits, at most 16.
func (b *bitReader) take(n uint) int32 {
	b.window = b.ready(b.data)
	v := b.acc >> 1 >> (63 - n&63)
	b.window = b.drop(n)
	return int32(v)
}

// ok is called after each block. It provides for the next one and reports
// whether this one was all there.
func (b *bitReader) ok() bool {
	return b.pos <= b.limit || b.more()
}

func (b *bitReader) more() bool {
	if b.ended {
		return b.left() >= 0
	}
	b.fill()
	return true
}

// fail puts the window back of a function that met a wrong code. It returns false.
func (b *bitReader) fail(w window) bool {
	b.window = w
	return false
}

// left is how many bits of what is loaded were not read. It is negative when
// zeros behind the end were.
func (b *bitReader) left() int { return (b.end-b.pos)*8 + int(b.n) }

// fill loads and unstuffs as much as there is room for.
func (b *bitReader) fill() {
	b.end = copy(b.data, b.data[b.pos:b.end])
	b.pos = 0
	for !b.ended && b.end < len(b.data)-lookahead {
		b.unstuff()
	}
	b.limit = b.end - lookahead
	if b.ended {
		b.limit = b.end
		clear(b.data[b.end : b.end+lookahead])
	}
}

// unstuff appends the bytes up to the next 0xff, and deals with that.
func (b *bitReader) unstuff() {
	s := b.src
	window := s.buf[s.pos:s.end]
	window = window[:min(len(window), len(b.data)-lookahead-b.end)]
	if i := bytes.IndexByte(window, 0xff); i >= 0 {
		window = window[:i]
	}
	b.end += copy(b.data[b.end:], window)
	s.pos += len(window)
	if s.pos == s.end && !s.more() {
		b.ended = true
		return
	}
	if s.buf[s.pos] != 0xff || b.end == len(b.data)-lookahead {
		return
	}
	two, err := s.peek(2)
	switch {
	case err != nil:
		b.ended = true
	case two[1] == 0:
		b.data[b.end] = 0xff
		b.end++
		s.pos += 2
	case two[1] == 0xff: // a fill byte, before a marker
		s.pos++
	default:
		b.ended = true
	}
}

// window is the front of the data. Functions that read many bits keep it in a
// variable of their own, which lives in registers.
type window struct {
	acc uint64 // the next n bits are the highest; below may be more, never wrong, ones
	n   uint
	pos int // the next byte of data to load
}

// refill returns a window of at least 56 bits.
func (w window) refill(data []byte) window {
	w.acc |= binary.BigEndian.Uint64(data[w.pos:]) >> (w.n & 63)
	w.pos += int((63 - w.n) >> 3)
	w.n |= 56
	return w
}

// ready returns a window of at least 32 bits: a code and what follows it.
func (w window) ready(data []byte) window {
	if w.n < 32 {
		return w.refill(data)
	}
	return w
}

// drop returns the window behind the next n bits.
func (w window) drop(n uint) window {
	w.acc <<= n & 63
	w.n -= n
	return w
}

// symbol takes the code of a symbol that has no value in the look-up table. ok is
// false if there is none.
func (w window) symbol(h *huffman, e entry) (_ window, symbol byte, ok bool) {
	symbol, length := e.run, uint(e.length)
	if length == 0 {
		symbol, length = h.symbol(w.acc)
	}
	return w.drop(length), symbol, length > 0
}

// extend takes a number of size bits, 1 to 16 (EXTEND, section F.2.2.1).
func (w window) extend(size uint) (window, int32) {
	return w.drop(size), extend(w.acc, size)
}

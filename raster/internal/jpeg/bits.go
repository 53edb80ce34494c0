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
	acc uint64 // the next n bits are the highest; below may be more, never wrong, ones
	n   uint
	pos int // the next byte of data to load

	data  []byte // free of stuffing
	end   int    // data[:end] is from the file
	limit int    // ok has to look closer when pos is beyond
	src   *source
	ended bool // nothing follows data[:end]
}

// start begins to read at the current place in the file.
func (b *bitReader) start() {
	b.acc, b.n, b.pos, b.end, b.ended = 0, 0, 0, 0, false
	b.fill()
}

// refill loads whole bytes until at least 56 bits are there.
func (b *bitReader) refill() {
	b.acc |= binary.BigEndian.Uint64(b.data[b.pos:]) >> (b.n & 63)
	b.pos += int((63 - b.n) >> 3)
	b.n |= 56
}

// take returns the next n bits, at most 16.
func (b *bitReader) take(n uint) int32 {
	if b.n < 16 {
		b.refill()
	}
	v := b.acc >> 1 >> (63 - n&63)
	b.acc <<= n & 63
	b.n -= n
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

package vp8

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// window is the state of the boolean entropy decoder (RFC 6386, section 7): the next
// bits of a partition and the range that the next symbol divides. It is passed by
// value, so that it stays in registers.
type window struct {
	value uint64 // the bits, the first at the top
	last  uint64 // the range less one: 127…254 between symbols
	bits  int    // how many bits of value count
}

// A symbol looks at eight bits and uses up seven at most.
const (
	symbolLook = 8
	symbolUse  = 7
)

// split is the last value of the part of the range that stands for 0, which has the
// probability p/256.
func (w window) split(p uint8) uint64 { return w.last * uint64(p) >> 8 }

// below reports whether the next symbol is 0. Then zero must follow, else one.
func (w window) below(split uint64) bool { return w.value>>56 <= split }

func (w window) zero(split uint64) window {
	shift := shifts[uint8(split)]
	return window{w.value << (shift & 63), uint64(ranges[uint8(split)]), w.bits - int(shift)}
}

func (w window) one(split uint64) window {
	rest := w.last - split - 1
	shift := shifts[uint8(rest)]
	return window{(w.value - (split+1)<<56) << (shift & 63), uint64(ranges[uint8(rest)]), w.bits - int(shift)}
}

// symbol reads a symbol; w must have the bits for it.
func (w window) symbol(p uint8) (window, int32) {
	split := w.split(p)
	if w.below(split) {
		return w.zero(split), 0
	}
	return w.one(split), 1
}

// signed reads a sign, which is as likely 0 as 1, and applies it to v. Nobody can
// predict it, so there is no branch.
func (w window) signed(v int32) (window, int32) {
	split := w.last >> 1
	negative := uint64(int64(split-w.value>>56) >> 63) // all ones for a 1
	rest := uint8((w.last + negative) >> 1)
	shift := shifts[rest]
	w = window{(w.value - (split+1)<<56&negative) << (shift & 63), uint64(ranges[rest]), w.bits - int(shift)}
	return w, (v ^ int32(negative)) - int32(negative)
}

// What makes a range at least 128 again: by how many bits it is shifted, and what its
// last value is then. Looking it up takes less time than computing it, and every
// symbol waits for the one before.
var (
	shifts = rangeTable(func(shift int, _ uint8) uint8 { return uint8(shift) })
	ranges = rangeTable(func(shift int, last uint8) uint8 { return uint8((int(last)+1)<<shift - 1) })
)

func rangeTable(entry func(shift int, last uint8) uint8) (t [256]uint8) {
	for i := range t {
		t[i] = entry(max(0, 8-bits.Len(uint(i)+1)), uint8(i))
	}
	return t
}

// How much of a partition is held at a time: of the first, whose size has 19 bits, all,
// so that nothing is read while another goroutine reads coefficients.
const (
	firstBuffer     = 1 << 19
	partitionBuffer = 16 << 10
)

// boolReader reads the symbols of a partition. What is missing at its end reads as
// zeros.
type boolReader struct {
	window
	in      section
	memory  []byte
	unread  []byte // of memory
	padding int    // the bytes at the end of unread that the partition does not have
}

func newBoolReader(in section, buffer int64) boolReader {
	return boolReader{window: window{last: 254}, in: in, memory: make([]byte, 8+min(buffer, in.end-in.off))}
}

// overrun reports whether symbols came out of bits that the partition does not have.
func (r *boolReader) overrun() bool { return 8*len(r.unread)+r.window.bits < 8*r.padding }

// fill adds whole bytes to w, so that it has 56 bits at least. It puts what fits of
// eight bytes in and counts whole bytes: putting the same bits in once more next time
// changes nothing.
func (r *boolReader) fill(w window) window {
	if len(r.unread) < 8 {
		r.read()
	}
	w.value |= binary.BigEndian.Uint64(r.unread) >> (w.bits & 63)
	r.unread = r.unread[(63-w.bits)>>3:]
	w.bits |= 56
	return w
}

// read makes unread eight bytes long or longer.
func (r *boolReader) read() {
	for len(r.unread) < 8 {
		rest := copy(r.memory, r.unread)
		n := r.in.read(r.memory[rest:])
		if n == 0 {
			n = 8 - rest
			clear(r.memory[rest:8])
			r.padding += n
		}
		r.unread = r.memory[:rest+n]
	}
}

// bit reads a symbol that is 0 with the probability p/256.
func (r *boolReader) bit(p uint8) bool {
	w := r.window
	if w.bits < symbolLook {
		w = r.fill(w)
	}
	split := w.split(p)
	if w.below(split) {
		r.window = w.zero(split)
		return false
	}
	r.window = w.one(split)
	return true
}

// evens is the probability of a symbol that is as likely 0 as 1.
const evens = 128

func (r *boolReader) flag() bool { return r.bit(evens) }

// literal reads an unsigned number of n bits.
func (r *boolReader) literal(n int) int {
	v := 0
	for range n {
		v *= 2
		if r.flag() {
			v++
		}
	}
	return v
}

// optional reads a number of n bits and a sign, or 0 where none is given.
func (r *boolReader) optional(n int) int {
	if !r.flag() {
		return 0
	}
	v := r.literal(n)
	if r.flag() {
		return -v
	}
	return v
}

// tree walks a tree of symbols (section 8.1): from a node, which is an even index,
// to one of its two entries, until that is a leaf, which is the complement of its
// value.
func (r *boolReader) tree(t []int8, probs []uint8) uint8 {
	w := r.window
	for i := int8(0); ; {
		if w.bits < symbolLook {
			w = r.fill(w)
		}
		split := w.split(probs[i>>1])
		if w.below(split) {
			w = w.zero(split)
			i = t[i]
		} else {
			w = w.one(split)
			i = t[i+1]
		}
		if i < 0 {
			r.window = w
			return uint8(^i)
		}
	}
}

// section is the part of a file from off to end.
type section struct {
	r        io.ReaderAt
	off, end int64
	err      error // why reading failed, other than that the file ended
}

// read gives 0 when there is nothing more.
func (s *section) read(p []byte) int {
	p = p[:min(int64(len(p)), s.end-s.off)]
	if len(p) == 0 {
		return 0
	}
	n, err := s.r.ReadAt(p, s.off)
	s.off += int64(n)
	if n < len(p) {
		s.end = s.off
		if err != nil && !errors.Is(err, io.EOF) {
			s.err = err
		}
	}
	return n
}

package inflate

import "encoding/binary"

// adler is the checksum of zlib (RFC 1950, 8.2): a is one more than the sum of all
// bytes and b the sum of all values that a took, modulo 65521.
type adler struct{ a, b uint64 }

func newAdler() adler { return adler{a: 1} }

func (s *adler) sum() uint32 { return uint32(s.b<<16 | s.a) }

const (
	adlerModulus = 65521

	// adlerBlock is how many bytes are summed at once. The sums fit 32 bits.
	adlerBlock = 1 << 12

	// adlerUnit is what a block is a multiple of.
	adlerUnit = 32
)

// add sums data.
func (s *adler) add(data []byte) {
	for len(data) >= adlerUnit {
		block := data[:min(len(data), adlerBlock)&^(adlerUnit-1)]
		sum, weighted := adlerSums(block)
		s.b = (s.b + uint64(len(block))*s.a + weighted) % adlerModulus
		s.a = (s.a + sum) % adlerModulus
		data = data[len(block):]
	}
	for _, v := range data {
		s.a += uint64(v)
		s.b += s.a
	}
	s.a, s.b = s.a%adlerModulus, s.b%adlerModulus
}

const (
	// laneWords is how many words of eight bytes can be summed in lanes of 16 bits:
	// 255·(1+2+…+n) is less than 65536 for n = 22.
	laneWords = 22

	evenBytes = 0x00ff_00ff_00ff_00ff
)

// adlerSumsPlain gives the sum of the bytes of a block, and the sum in which the last
// byte counts once, the one before it twice and so on.
//
// Eight bytes of a word go into lanes of their own: sums of bytes, and sums of those
// sums, which weigh each byte by the number of words from it to the end of a piece.
// What they do not know is the place within a word.
func adlerSumsPlain(block []byte) (sum, weighted uint64) {
	for len(block) >= 8 {
		piece := block[:min(len(block)&^7, 8*laneWords)]
		block = block[len(piece):]
		var even, odd, evens, odds uint64
		for i := 0; i <= len(piece)-8; i += 8 {
			v := binary.LittleEndian.Uint64(piece[i:])
			even += v & evenBytes
			odd += v >> 8 & evenBytes
			evens += even
			odds += odd
		}
		weighted += uint64(len(piece)) * sum
		weighted += 8 * (lanes(evens, 1, 1, 1, 1) + lanes(odds, 1, 1, 1, 1))
		weighted -= lanes(even, 0, 2, 4, 6) + lanes(odd, 1, 3, 5, 7)
		sum += lanes(even, 1, 1, 1, 1) + lanes(odd, 1, 1, 1, 1)
	}
	return sum, weighted
}

// lanes is the weighted sum of the four lanes of v.
func lanes(v, w0, w1, w2, w3 uint64) uint64 {
	return v&0xffff*w0 + v>>16&0xffff*w1 + v>>32&0xffff*w2 + v>>48*w3
}

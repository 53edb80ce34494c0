package inflate

import "encoding/binary"

// adler is the checksum of zlib (RFC 1950, 8.2): a is one more than the sum of all
// bytes and b the sum of all values that a took, modulo 65521.
type adler struct{ a, b uint64 }

func newAdler() adler { return adler{a: 1} }

func (s *adler) sum() uint32 { return uint32(s.b<<16 | s.a) }

const (
	adlerModulus = 65521

	// adlerWords is how many words of eight bytes can be summed in lanes of 16 bits:
	// 255·(1+2+…+n) is less than 65536 for n = 22.
	adlerWords = 22
	adlerBlock = 8 * adlerWords

	evenBytes = 0x00ff_00ff_00ff_00ff
)

// add sums data. Eight bytes of a word go into lanes of their own: sums of bytes, and
// sums of those sums, which weigh each byte by the number of words from it to the
// end of the block. What is missing is the place within a word.
func (s *adler) add(data []byte) {
	a, b := s.a, s.b
	for len(data) >= adlerBlock {
		var even, odd, evens, odds uint64
		block := data[:adlerBlock]
		for i := 0; i <= len(block)-8; i += 8 {
			v := binary.LittleEndian.Uint64(block[i:])
			even += v & evenBytes
			odd += v >> 8 & evenBytes
			evens += even
			odds += odd
		}
		b += adlerBlock * a
		b += 8 * (lanes(evens, 1, 1, 1, 1) + lanes(odds, 1, 1, 1, 1))
		b -= lanes(even, 0, 2, 4, 6) + lanes(odd, 1, 3, 5, 7)
		a += lanes(even, 1, 1, 1, 1) + lanes(odd, 1, 1, 1, 1)
		a, b = a%adlerModulus, b%adlerModulus
		data = data[adlerBlock:]
	}
	for _, v := range data {
		a += uint64(v)
		b += a
	}
	s.a, s.b = a%adlerModulus, b%adlerModulus
}

// lanes is the weighted sum of the four lanes of v.
func lanes(v, w0, w1, w2, w3 uint64) uint64 {
	return v&0xffff*w0 + v>>16&0xffff*w1 + v>>32&0xffff*w2 + v>>48*w3
}

package inflate

import "math/bits"

// maxCode is the length of the longest code in bits.
const maxCode = 15

// code is a canonical Huffman code (RFC 1951, 3.2.2): enough to decode any symbol, a
// bit at a time.
type code struct {
	count   [maxCode + 1]int // codes of each length
	symbols [maxSymbols]uint16
}

const maxSymbols = 288

// build makes the code of symbols whose lengths are given; 0 is for symbols that do
// not occur. It reports whether the lengths make a code: all sequences of bits mean
// something. A single symbol of one bit is one, too, and none at all.
func (c *code) build(lengths []uint8) bool {
	c.count = [maxCode + 1]int{}
	for _, n := range lengths {
		c.count[n]++
	}
	c.count[0] = 0
	var next [maxCode + 2]int
	left := 1 // codes that are not taken
	for n := 1; n <= maxCode; n++ {
		next[n+1] = next[n] + c.count[n]
		if left = 2*left - c.count[n]; left < 0 {
			return false
		}
	}
	for s, n := range lengths {
		if n > 0 {
			c.symbols[next[n]] = uint16(s)
			next[n]++
		}
	}
	used := next[maxCode]
	return left == 0 || used == 0 || used == 1 && c.count[1] == 1
}

// decode finds the symbol whose code v begins with, and the length of the code. A
// length beyond maxCode says that there is none.
func (c *code) decode(v uint64) (symbol uint16, length uint) {
	first, index := 0, 0 // the first code of this length, and its place
	word := 0
	for n := uint(1); n <= maxCode; n++ {
		word |= int(v & 1)
		v >>= 1
		if i := word - first; i < c.count[n] {
			return c.symbols[index+i], n
		}
		index += c.count[n]
		first = (first + c.count[n]) << 1
		word <<= 1
	}
	return 0, maxCode + 1
}

// fill writes the table that finds short codes with one look-up: at an index whose
// low bits are a code stands the entry of its symbol. All other entries are other.
// Codes are added by length; when an index gains a bit, the table doubles.
func (c *code) fill(table []uint32, other uint32, entry func(symbol uint16, n uint) uint32) {
	table[0] = other
	word, index := uint16(0), 0
	for n := uint(1); 1<<n <= len(table); n++ {
		copy(table[1<<(n-1):1<<n], table)
		for range c.count[n] {
			table[bits.Reverse16(word)>>(16-n)] = entry(c.symbols[index], n)
			word++
			index++
		}
		word <<= 1
	}
}

// Entries of tables. All have the bits that they use up in 24…28.
//
//	literals  up to three bytes in 0…23, their number in 29…30
//	lengths   least length in 0…8, bits of code in 12…15, extra bits in 16…18
//	distances least distance in 0…15, bits of code in 16…19, extra bits in 20…23
//	others    the flag rare: long codes, end of block, and what is no code
const (
	rare     = 1 << 31
	litOne   = 1 << 29
	litMask  = 3 << 29
	litBits  = 12
	distBits = 9
)

// used is the number of bits that an entry uses up.
func used(e uint32) uint { return uint(e>>24) & 31 }

type litTable struct {
	code
	table [1 << litBits]uint32
}

type distTable struct {
	code
	table [1 << distBits]uint32
}

const endOfBlock = 256

// span is a range of lengths or distances that shares a symbol.
type span struct{ least, extra uint16 }

// lengthSpans and distanceSpans are the tables of RFC 1951, 3.2.5.
var lengthSpans = [...]span{
	{3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 1}, {13, 1}, {15, 1}, {17, 1},
	{19, 2}, {23, 2}, {27, 2}, {31, 2}, {35, 3}, {43, 3}, {51, 3}, {59, 3}, {67, 4}, {83, 4}, {99, 4}, {115, 4},
	{131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
}

var distanceSpans = [...]span{
	{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 1}, {7, 1}, {9, 2}, {13, 2}, {17, 3}, {25, 3}, {33, 4}, {49, 4}, {65, 5}, {97, 5},
	{129, 6}, {193, 6}, {257, 7}, {385, 7}, {513, 8}, {769, 8}, {1025, 9}, {1537, 9}, {2049, 10}, {3073, 10},
	{4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13},
}

func (t *litTable) build(lengths []uint8) bool {
	if !t.code.build(lengths) {
		return false
	}
	t.fill(t.table[:], rare, litEntry)
	t.join()
	return true
}

func litEntry(symbol uint16, n uint) uint32 {
	if symbol < endOfBlock {
		return uint32(symbol) | uint32(n)<<24 | litOne
	}
	i := int(symbol) - endOfBlock - 1
	if i < 0 || i >= len(lengthSpans) {
		return rare
	}
	s := lengthSpans[i]
	return uint32(s.least) | uint32(n)<<12 | uint32(s.extra)<<16 | (uint32(n)+uint32(s.extra))<<24
}

// join lets an entry stand for several literals when all their codes are in the
// index. It goes down, because an entry is joined with ones at lower indexes.
func (t *litTable) join() {
	for i := len(t.table) - 1; i > 0; i-- {
		e := t.table[i]
		if e&litMask == 0 {
			continue
		}
		n := used(e)
		second := t.table[i>>n]
		if second&litMask == 0 || n+used(second) > litBits {
			continue
		}
		t.table[i] = e&0xff | second&0xff<<8 | uint32(n+used(second))<<24 | 2*litOne
	}
}

func (t *distTable) build(lengths []uint8) bool {
	if !t.code.build(lengths) {
		return false
	}
	t.fill(t.table[:], rare, distEntry)
	return true
}

func distEntry(symbol uint16, n uint) uint32 {
	if int(symbol) >= len(distanceSpans) {
		return rare
	}
	s := distanceSpans[symbol]
	return uint32(s.least) | uint32(n)<<16 | uint32(s.extra)<<20 | (uint32(n)+uint32(s.extra))<<24
}

// useFixedCodes sets up the codes that need no description (RFC 1951, 3.2.6).
func (z *Reader) useFixedCodes() error {
	var lengths [maxSymbols]uint8
	for s := range lengths {
		switch {
		case s < 144, s >= 280:
			lengths[s] = 8
		case s < 256:
			lengths[s] = 9
		default:
			lengths[s] = 7
		}
	}
	z.literals.build(lengths[:])
	for s := range 32 {
		lengths[s] = 5
	}
	z.distances.build(lengths[:32])
	return nil
}

// lengthOrder is the order in which the code of code lengths is described.
var lengthOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// readCodes reads the codes of a block (RFC 1951, 3.2.7).
func (z *Reader) readCodes() error {
	v, err := z.take(14)
	if err != nil {
		return err
	}
	literals, distances, described := int(v&31)+257, int(v>>5&31)+1, int(v>>10)+4
	if literals > 286 || distances > 30 {
		return z.corrupt("a block has codes for too many symbols")
	}
	var lengths [286 + 30]uint8
	for _, s := range lengthOrder[:described] {
		v, err := z.take(3)
		if err != nil {
			return err
		}
		lengths[s] = uint8(v)
	}
	var c code
	if !c.build(lengths[:len(lengthOrder)]) {
		return z.corrupt("the code of code lengths is impossible")
	}
	if err := z.readLengths(&c, lengths[:literals+distances]); err != nil {
		return err
	}
	if !z.literals.build(lengths[:literals]) || !z.distances.build(lengths[literals:literals+distances]) {
		return z.corrupt("the codes of a block are impossible")
	}
	return nil
}

// readLengths reads the lengths of codes, which are run-length encoded.
func (z *Reader) readLengths(c *code, lengths []uint8) error {
	for i := 0; i < len(lengths); {
		symbol, err := z.symbol(c)
		if err != nil {
			return err
		}
		if symbol < 16 {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		run, value := lengthRuns[symbol-16], uint8(0)
		v, err := z.take(uint(run.extra))
		if err != nil {
			return err
		}
		n := int(run.least) + int(v)
		if symbol == 16 && i == 0 || n > len(lengths)-i {
			return z.corrupt("code lengths run out of their place")
		}
		if symbol == 16 {
			value = lengths[i-1]
		}
		for ; n > 0; n-- {
			lengths[i] = value
			i++
		}
	}
	return nil
}

// lengthRuns are the lengths of runs for symbols 16, 17 and 18.
var lengthRuns = [...]span{{3, 2}, {3, 3}, {11, 7}}

// symbol decodes one symbol, without reading beyond it.
func (z *Reader) symbol(c *code) (uint16, error) {
	for n := uint(1); ; n++ {
		symbol, length := c.decode(z.acc)
		if length <= z.bits {
			z.dropBits(length)
			return symbol, nil
		}
		if length > maxCode && z.bits >= maxCode {
			return 0, z.corrupt("a code means nothing")
		}
		if err := z.need(z.bits + 1); err != nil {
			return 0, err
		}
	}
}

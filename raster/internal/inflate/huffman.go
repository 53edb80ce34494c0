package inflate

import "math/bits"

// maxCode is the length of the longest code in bits.
const maxCode = 15

// code is a canonical Huffman code (RFC 1951, 3.2.2). Codes of the same length are
// consecutive numbers, and shorter ones come before longer ones when all are
// continued to maxCode bits. A place is the number of a code in that order.
type code struct {
	count    [maxCode + 1]int    // codes of each length, and
	literals [maxCode + 1]int    // those of literals, which are the first ones
	first    [maxCode + 1]int    // the place of the first code of each length
	base     [maxCode + 1]int    // the same, less the code
	limit    [maxCode + 1]uint16 // where the continued codes of each length end
	symbols  [maxSymbols]uint16  // by place
	words    [maxSymbols]uint16  // codes as they are read, first bit lowest, by place
}

const maxSymbols = 288

// build makes the code of symbols whose lengths are given; 0 is for symbols that do
// not occur. It reports whether the lengths make a code: all sequences of bits mean
// something. A single symbol of one bit is one, too, and none at all.
func (c *code) build(lengths []uint8) bool {
	c.count, c.literals = [maxCode + 1]int{}, [maxCode + 1]int{}
	for s, n := range lengths {
		c.count[n]++
		if s < endOfBlock {
			c.literals[n]++
		}
	}
	c.count[0] = 0
	word, place := 0, 0
	for n := 1; n <= maxCode; n++ {
		c.first[n], c.base[n] = place, place-word
		if word+c.count[n] > 1<<n {
			return false
		}
		for range c.count[n] {
			c.words[place] = bits.Reverse16(uint16(word << (16 - n)))
			word++
			place++
		}
		c.limit[n] = uint16(word << (maxCode - n))
		word <<= 1
	}
	next := c.first
	for s, n := range lengths {
		if n > 0 {
			c.symbols[next[n]] = uint16(s)
			next[n]++
		}
	}
	return word == 2<<maxCode || place == 0 || place == 1 && c.count[1] == 1
}

// decode finds the symbol whose code v begins with, and the length of the code. A
// length beyond maxCode says that there is none.
func (c *code) decode(v uint64) (symbol uint16, length uint) {
	word := bits.Reverse16(uint16(v)) >> (16 - maxCode)
	for n := uint(1); n <= maxCode; n++ {
		if word < c.limit[n] {
			return c.symbols[c.base[n]+int(word>>(maxCode-n))], n
		}
	}
	return 0, maxCode + 1
}

// fill writes the table that finds short codes with one look-up: at an index whose
// low bits are a code stands the entry of its symbol. All other entries are rare.
// Codes are added by length; when an index gains a bit, the table doubles.
func (c *code) fill(table []uint32, entry func(symbol uint16, n uint) uint32, join bool) {
	table[0] = rare
	for n := uint(1); 1<<n <= len(table); n++ {
		copy(table[1<<(n-1):1<<n], table)
		for i := range c.count[n] {
			place := c.first[n] + i
			table[c.words[place]] = entry(c.symbols[place], n)
		}
		if join {
			c.join(table, n)
		}
	}
}

// join gives an entry of their own to two literals whose codes together have n bits.
func (c *code) join(table []uint32, n uint) {
	for n1 := uint(1); n1 < n; n1++ {
		seconds := c.words[c.first[n-n1]:][:c.literals[n-n1]]
		symbols := c.symbols[c.first[n-n1]:][:len(seconds)]
		for i := range c.literals[n1] {
			place := c.first[n1] + i
			word, e := c.words[place], uint32(c.symbols[place])<<8|2*litOne|uint32(n)
			for j, second := range seconds {
				table[word|second<<n1] = e | uint32(symbols[j])<<16
			}
		}
	}
}

// Entries of tables. All have the number of bits that they use up in bits 0…5.
//
//	literals   their number in 6…7, and one or two bytes from 8 on
//	lengths    the least length in 8…16, bits of code in 17…20, extra bits in 21…23
//	distances  the least distance in 8…22, bits of code in 23…26, extra bits in 27…30
//	others     the flag rare: long codes, the end of a block, and what is no code
const (
	rare     = 1 << 31
	litCount = 3 << 6
	litOne   = 1 << 6
	litBits  = 12
	distBits = 9
)

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
	t.fill(t.table[:], litEntry, true)
	return true
}

// long gives the entry for codes that are longer than indexes. For the other rare
// ones it is the same as in the table.
func (t *litTable) long(v uint64) uint32 {
	return entryOf(&t.code, v, litEntry)
}

func entryOf(c *code, v uint64, entry func(symbol uint16, n uint) uint32) uint32 {
	symbol, n := c.decode(v)
	if n > maxCode {
		return rare
	}
	return entry(symbol, n)
}

func litEntry(symbol uint16, n uint) uint32 {
	if symbol < endOfBlock {
		return uint32(symbol)<<8 | litOne | uint32(n)
	}
	i := int(symbol) - endOfBlock - 1
	if i < 0 || i >= len(lengthSpans) {
		return rare
	}
	s := lengthSpans[i]
	return uint32(s.least)<<8 | uint32(n)<<17 | uint32(s.extra)<<21 | (uint32(n) + uint32(s.extra))
}

func (t *distTable) build(lengths []uint8) bool {
	if !t.code.build(lengths) {
		return false
	}
	t.fill(t.table[:], distEntry, false)
	return true
}

// long is as for litTable.
func (t *distTable) long(v uint64) uint32 {
	return entryOf(&t.code, v, distEntry)
}

func distEntry(symbol uint16, n uint) uint32 {
	if int(symbol) >= len(distanceSpans) {
		return rare
	}
	s := distanceSpans[symbol]
	return uint32(s.least)<<8 | uint32(n)<<23 | uint32(s.extra)<<27 | (uint32(n) + uint32(s.extra))
}

// useFixedCodes sets up the codes that need no description (RFC 1951, 3.2.6), once for
// all blocks that follow each other: a block of ten bits must not cost the making of
// tables.
func (z *Reader) useFixedCodes() error {
	if z.fixed {
		return nil
	}
	z.fixed = true
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
	z.fixed = false
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

// symbol decodes one symbol, without reading beyond it where the stream may end.
func (z *Reader) symbol(c *code) (uint16, error) {
	for n := uint(1); ; n++ {
		if err := z.need(n); err != nil {
			return 0, err
		}
		symbol, length := c.decode(z.acc)
		switch {
		case length <= min(z.bits, maxCode):
			z.dropBits(length)
			return symbol, nil
		case z.bits >= maxCode:
			return 0, z.corrupt("a code means nothing")
		}
		n = z.bits
	}
}

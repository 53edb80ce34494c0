package jpeg

const (
	lookBits = 10 // of huffman.look
	skipBits = 12 // of huffman.skip
)

// huffman is a table of codes (annex C), each for a byte: for DC the number of
// bits that follow, for AC a run of zeros and that number.
type huffman struct {
	counts  [16]uint8 // codes of each length
	symbols [256]byte // in order of their codes
	total   int

	// above[i] is what the next 16 bits must be below for a code of at most i+1
	// bits, and first[i] what to add to a code of i+1 bits for its place in
	// symbols.
	above [16]int32
	first [16]int32

	look [1 << lookBits]entry
	skip [1 << skipBits]skipEntry

	hasLook, hasSkip bool
}

// entry is what a look at the next lookBits bits tells. When value is not 0, it
// is that of a coefficient behind a run of zeros, and length counts all bits.
// Otherwise length is of the code alone, whose symbol is in run; it is 0 when the
// code is longer than the look.
type entry struct {
	value  int16
	run    uint8
	length uint8
}

// skipEntry tells how many bits of the next are of whole symbols of AC, and how
// many coefficients these stand for; see huffman.buildSkip.
type skipEntry uint16

func newSkip(length, advance uint) skipEntry { return skipEntry(length | advance<<8) }
func (e skipEntry) length() uint             { return uint(e) & 63 }
func (e skipEntry) advance() int             { return int(e >> 8) }

const (
	// endOfBlock is added to the advance of an entry whose last symbol ends the
	// block.
	endOfBlock = 128
	// cannotSkip is the advance of an entry whose first code is longer than the
	// look, or wrong.
	cannotSkip = 255
)

// parse reads a table of a DHT segment (section B.2.4.2) and returns what is left
// of the segment. The tables for decoding are built when a scan needs them, and not
// even cleared before, so that a file of nothing but tables is done quickly.
func (h *huffman) parse(b []byte) ([]byte, error) {
	if len(b) < 16 {
		return nil, FormatError("a Huffman table is cut off")
	}
	h.counts, h.total, h.hasLook, h.hasSkip = [16]uint8(b), 0, false, false
	code := int32(0) // the next, in 16 bits
	for i, n := range h.counts {
		step := int32(1) << (15 - i)
		h.first[i] = int32(h.total) - code>>(15-i)
		code += int32(n) * step
		h.total += int(n)
		h.above[i] = code
	}
	if code > 1<<16 || h.total > len(h.symbols) || h.total == 0 {
		return nil, FormatError("a Huffman table has too many codes or none")
	}
	if len(b) < 16+h.total {
		return nil, FormatError("a Huffman table is cut off")
	}
	copy(h.symbols[:], b[16:16+h.total])
	return b[16+h.total:], nil
}

// symbol finds the code at the front of acc. Its length is 0 if there is none.
func (h *huffman) symbol(acc uint64) (symbol byte, length uint) {
	code := int32(acc >> 48)
	for i, above := range h.above {
		if code < above {
			return h.symbols[(h.first[i]+code>>(15-i))&0xff], uint(i + 1)
		}
	}
	return 0, 0
}

// code is a symbol and the length of its code.
type code struct {
	symbol byte
	length uint8
}

// codes returns what code each number of width bits begins with; its length is 0
// if none as short as that.
func (h *huffman) codes(width int) []code {
	table := make([]code, 1<<width)
	rest, symbols := table, h.symbols[:]
	for i, n := range h.counts[:width] {
		span := 1 << (width - i - 1)
		for range n {
			for j := range rest[:span] {
				rest[j] = code{symbols[0], uint8(i + 1)}
			}
			rest, symbols = rest[span:], symbols[1:]
		}
	}
	return table
}

// buildLook fills the look-up table of single symbols. For DC a symbol has no
// run.
func (h *huffman) buildLook(isDC bool) {
	if h.hasLook {
		return
	}
	h.hasLook = true
	for i, c := range h.codes(lookBits) {
		h.look[i] = entry{run: c.symbol, length: c.length}
		run, size := c.symbol>>4, uint(c.symbol&15)
		if isDC {
			run, size = 0, uint(c.symbol)
		}
		if length := uint(c.length) + size; c.length > 0 && size > 0 && length <= lookBits {
			rest := uint64(i) << (64 - lookBits + uint(c.length))
			h.look[i] = entry{int16(extend(rest, size)), run, uint8(length)}
		}
	}
}

// buildSkip fills the table for passing over AC coefficients: as many symbols as
// have their code within the look, up to an end of block. The bits after the
// last code need not be.
func (h *huffman) buildSkip() {
	if h.hasSkip {
		return
	}
	h.hasSkip = true
	codes := h.codes(skipBits)
	for i := range h.skip {
		h.skip[i] = skipFrom(codes, i)
	}
}

func skipFrom(codes []code, at int) skipEntry {
	var length, advance uint
	for length < skipBits {
		c := codes[at<<length&(1<<skipBits-1)]
		if c.length == 0 || length+uint(c.length) > skipBits {
			break
		}
		run, size := uint(c.symbol>>4), uint(c.symbol&15)
		if size == 0 && run == 0 {
			return newSkip(length+uint(c.length), advance+endOfBlock)
		}
		if size == 0 && run != 15 || advance+run+1 >= 64 {
			break // not of a sequential file, or surely the last of the block
		}
		length += uint(c.length) + size
		advance += run + 1
	}
	if length == 0 {
		return newSkip(0, cannotSkip)
	}
	return newSkip(length, advance)
}

// extend returns the value of the size bits at the front of acc (EXTEND, section
// F.2.2.1). size is 1 to 16.
func extend(acc uint64, size uint) int32 {
	v := int32(acc >> (64 - size&63))
	if int64(acc) >= 0 { // the first bit is 0: negative
		v -= 1<<size - 1
	}
	return v
}

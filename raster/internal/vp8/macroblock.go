package vp8

import "fmt"

// Blocks of a macroblock: 16 of luma, 4 of each kind of chroma, and the block of second
// order.
const (
	firstChroma  = 16
	firstCr      = 20
	secondBlock  = 24
	blocks       = 25
	coefficients = 16 // of a block
)

// macroblock is what the file says of 16 × 16 pixels.
type macroblock struct {
	mode    uint8     // of luma
	sub     [16]uint8 // of blocks of luma, when mode is bPred
	chroma  uint8
	segment uint8
	empty   bool // whether no coefficient was coded

	ends   [blocks]uint8 // of each block, the position after the last coefficient
	coeffs [blocks][coefficients]int16
}

// row is a row of macroblocks; it may end before the picture does, where the file did.
// Coefficients are zero where nothing else was read.
type row struct {
	y      int
	blocks []macroblock
}

// coded tells which of the last blocks of a macroblock had coefficients, 1 or 0, and so
// what to expect of the macroblocks below or to its right.
type coded struct {
	luma   [4]uint8
	chroma [2][2]uint8
	second uint8
}

// tokenReader reads the coefficients of macroblocks.
type tokenReader struct {
	*frameHeader
	above []coded
	left  coded
}

func newTokenReader(h *frameHeader) *tokenReader {
	return &tokenReader{frameHeader: h, above: make([]coded, h.columns())}
}

// row reads the coefficients of a row whose modes are known, as far as the file goes. It
// stops where a partition ends early, so that the size of a picture costs no time when
// its pixels are not there.
func (p *tokenReader) row(dst *row) error {
	r := &p.tokens[dst.y%len(p.tokens)]
	p.left = coded{}
	for x := range dst.blocks {
		m := &dst.blocks[x]
		if m.empty {
			p.skip(m, &p.above[x])
		} else {
			p.macroblock(r, m, &p.above[x])
		}
		if r.overrun() {
			dst.blocks = dst.blocks[:x]
			return fmt.Errorf("read coefficients: %w", atEnd(r.in.err))
		}
	}
	return nil
}

// skip notes that m has no coefficients. That says nothing of the second order when m
// has no such block.
func (p *tokenReader) skip(m *macroblock, above *coded) {
	for _, n := range []*coded{above, &p.left} {
		n.luma, n.chroma = [4]uint8{}, [2][2]uint8{}
		if m.mode != bPred {
			n.second = 0
		}
	}
	m.ends = [blocks]uint8{}
}

// macroblock reads the coefficients of m (section 13).
func (p *tokenReader) macroblock(r *boolReader, m *macroblock, above *coded) {
	s, left := &p.steps[m.segment], &p.left
	plane, first := &p.probs[luma], 0
	some := false
	m.ends[secondBlock] = 0
	if m.mode != bPred {
		plane, first = &p.probs[lumaAC], 1
		end := r.coefficients(&p.probs[secondOrder], int(above.second+left.second), 0, &s.secondOrder, &m.coeffs[secondBlock])
		m.ends[secondBlock] = uint8(end)
		above.second = more(end, 0)
		left.second = above.second
	}
	for y := range 4 {
		for x := range 4 {
			i := 4*y + x
			end := r.coefficients(plane, int(above.luma[x]+left.luma[y]), first, &s.luma, &m.coeffs[i])
			m.ends[i] = uint8(end)
			above.luma[x] = more(end, first)
			left.luma[y] = above.luma[x]
			some = some || end > first
		}
	}
	for i := firstChroma; i < secondBlock; i++ {
		a, l := &above.chroma[(i-firstChroma)/4][i&1], &left.chroma[(i-firstChroma)/4][i>>1&1]
		end := r.coefficients(&p.probs[chroma], int(*a+*l), 0, &s.chroma, &m.coeffs[i])
		m.ends[i] = uint8(end)
		*a = more(end, 0)
		*l = *a
		some = some || end > 0
	}
	m.empty = !some
}

// more is 1 when a block that starts at first has coefficients, else 0.
func more(end, first int) uint8 {
	if end > first {
		return 1
	}
	return 0
}

package vp8

import (
	"context"
	"fmt"
	"io"
)

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
type row struct{ blocks []macroblock }

// neighbour is what a macroblock tells the ones below or to its right: the modes of
// its last blocks, and which of its last blocks had coefficients.
type neighbour struct {
	modes  [4]uint8
	luma   [4]uint8
	chroma [2][2]uint8
	second uint8
}

// parser reads macroblocks.
type parser struct {
	frameHeader
	modes boolReader // the first partition
	above []neighbour
	left  neighbour
	chunk Chunk
}

func newParser(c Chunk) (*parser, error) {
	h, first, err := readTag(c)
	if err != nil {
		return nil, err
	}
	end := frameTag + first
	if end > c.Size() {
		return nil, fmt.Errorf("find the first partition: %w", io.ErrUnexpectedEOF)
	}
	p := &parser{frameHeader: h, chunk: c, modes: newBoolReader(section{r: c, off: frameTag, end: end})}
	if err := p.readHeader(c, end); err != nil {
		return nil, err
	}
	p.above = make([]neighbour, p.columns())
	return p, nil
}

func (h *frameHeader) columns() int { return (h.width + 15) / 16 }
func (h *frameHeader) rows() int    { return (h.height + 15) / 16 }

// parse fills the rows that it takes from free and passes them on to parsed, until the
// picture or the file ends.
func (p *parser) parse(ctx context.Context, free <-chan *row, parsed chan<- *row) error {
	for y := range p.rows() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var next *row
		select {
		case next = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := p.readRow(next, y)
		parsed <- next
		if err != nil {
			return err
		}
	}
	return p.checkEnd()
}

// readRow reads row y as far as the file goes. It stops where a partition ends early,
// so that the size of a picture costs no time when its pixels are not there.
func (p *parser) readRow(dst *row, y int) error {
	tokens := &p.tokens[y%len(p.tokens)]
	p.left = neighbour{}
	for x := range p.columns() {
		dst.blocks = dst.blocks[:x+1]
		m := &dst.blocks[x]
		p.readModes(m, x)
		if m.empty {
			p.skip(m, &p.above[x])
		} else {
			p.readBlocks(tokens, m, &p.above[x])
		}
		if p.modes.overrun() || tokens.overrun() {
			dst.blocks = dst.blocks[:x]
			return p.failure(tokens)
		}
	}
	return nil
}

// failure says why a partition ended early.
func (p *parser) failure(tokens *boolReader) error {
	for _, r := range []*boolReader{&p.modes, tokens} {
		if r.in.err != nil {
			return fmt.Errorf("read macroblocks: %w", r.in.err)
		}
	}
	return fmt.Errorf("read macroblocks: %w", io.ErrUnexpectedEOF)
}

// checkEnd reports a file that ends before it says. A few bytes may be missing without
// any symbol showing it.
func (p *parser) checkEnd() error {
	var b [1]byte
	if n, err := p.chunk.ReadAt(b[:], p.chunk.Size()-1); n == 0 || p.cropped {
		return fmt.Errorf("read the end of the partitions: %w", atEnd(err))
	}
	return nil
}

// skip notes that m has no coefficients. That says nothing of the second order when m
// has no such block.
func (p *parser) skip(m *macroblock, above *neighbour) {
	for _, n := range []*neighbour{above, &p.left} {
		n.luma, n.chroma = [4]uint8{}, [2][2]uint8{}
		if m.mode != bPred {
			n.second = 0
		}
	}
	m.ends = [blocks]uint8{}
}

// readBlocks reads the coefficients of m (section 13).
func (p *parser) readBlocks(r *boolReader, m *macroblock, above *neighbour) {
	s, left := &p.steps[m.segment], &p.left
	plane, first := &p.probs[luma], 0
	coded := false
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
			coded = coded || end > first
		}
	}
	for i := firstChroma; i < secondBlock; i++ {
		a, l := &above.chroma[(i-firstChroma)/4][i&1], &left.chroma[(i-firstChroma)/4][i>>1&1]
		end := r.coefficients(&p.probs[chroma], int(*a+*l), 0, &s.chroma, &m.coeffs[i])
		m.ends[i] = uint8(end)
		*a = more(end, 0)
		*l = *a
		coded = coded || end > 0
	}
	m.empty = !coded
}

// more is 1 when a block that starts at first has coefficients, else 0.
func more(end, first int) uint8 {
	if end > first {
		return 1
	}
	return 0
}

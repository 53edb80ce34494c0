package jpeg

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// plain decodes the coefficients of a file bit by bit, as the standard describes
// it: what the decoder must be equal to.
type plain struct {
	*decoder
	s     *scan
	coefs map[*component][][64]int32

	byte, bitsLeft int
	err            error
}

// plainCoefficients returns the coefficients of each component of a file without
// a fault, in zigzag order, multiplied by the quantization table, and what read
// its headers.
func plainCoefficients(file []byte) ([][][64]int32, *decoder, error) {
	p := plain{decoder: newDecoder(bytes.NewReader(file)), coefs: map[*component][][64]int32{}}
	s, err := p.readHeaders()
	for ; s != nil && err == nil; s, err = p.nextScan() {
		p.s = s
		if err := p.scan(); err != nil {
			return nil, nil, err
		}
	}
	if err != nil {
		return nil, nil, err
	}
	var all [][][64]int32
	for i := range p.frame.comps {
		c := &p.frame.comps[i]
		if p.coefs[c] == nil {
			return nil, nil, errors.New("a component is missing")
		}
		for b := range p.coefs[c] {
			for k, q := range p.quant[c.tq] {
				p.coefs[c][b][k] *= int32(q)
			}
		}
		all = append(all, p.coefs[c])
	}
	return all, p.decoder, nil
}

func (p *plain) scan() error {
	p.frame.reduce(1)
	p.budget.blocks = 1 << 40
	if err := p.prepare(p.s); err != nil {
		return err
	}
	for _, c := range p.s.comps {
		if p.coefs[c.component] == nil {
			p.coefs[c.component] = make([][64]int32, c.strideBlocks*c.rowBlocks)
		}
	}
	p.bitsLeft = 0
	for i := range p.s.mcusX * p.s.mcusY {
		if p.interval > 0 && i > 0 && i%p.interval == 0 {
			p.restart(i/p.interval - 1)
		}
		for j := range p.s.units {
			u := &p.s.units[j]
			x, y := p.s.blockAt(u, i%p.s.mcusX, i/p.s.mcusX)
			p.block(u, &p.coefs[u.component][y*u.strideBlocks+x])
		}
		if p.err != nil {
			return p.err
		}
	}
	if p.s.endRun > 0 {
		return errors.New("a scan ends behind its last block")
	}
	return nil
}

func (p *plain) restart(number int) {
	marker, err := p.src.nextMarker()
	if err != nil || marker != markerRST0+byte(number&7) {
		p.err = errors.Join(p.err, errors.New("no restart marker"))
	}
	p.bitsLeft = 0
	p.s.reset()
}

func (p *plain) block(u *unit, b *[64]int32) {
	if p.s.start == 0 && p.s.high > 0 {
		b[0] |= int32(p.bit() << p.s.low)
		return
	}
	if p.s.start == 0 {
		u.pred += p.value(int(p.symbol(u.dc)))
		b[0] = u.pred << p.s.low
	}
	switch {
	case p.s.end == 0:
	case p.s.endRun > 0 && p.s.high == 0:
		p.s.endRun--
	case p.s.high == 0:
		p.first(u, b)
	default:
		p.refine(u, b)
	}
}

func (p *plain) first(u *unit, b *[64]int32) {
	for k := max(p.s.start, 1); k <= p.s.end && p.err == nil; k++ {
		symbol := p.symbol(u.ac)
		run, size := int(symbol>>4), int(symbol&15)
		switch {
		case size > 0 && k+run <= p.s.end:
			k += run
			b[k] = p.value(size) << p.s.low
		case symbol == 0xf0:
			k += 15
		case size == 0 && (run == 0 || p.frame.progressive):
			p.s.endRun = 1<<run + p.bits(run) - 1
			return
		default:
			p.err = errors.New("a wrong symbol")
		}
	}
}

func (p *plain) refine(u *unit, b *[64]int32) {
	k := p.s.start
	for ; k <= p.s.end && p.s.endRun == 0 && p.err == nil; k++ {
		symbol := p.symbol(u.ac)
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 && run < 15 {
			p.s.endRun = 1<<run + p.bits(run)
			break
		}
		var v int32
		if size > 0 {
			v = int32(2*p.bit()-1) << p.s.low
		}
		for ; k <= p.s.end && (b[k] != 0 || run > 0); k++ {
			if b[k] == 0 {
				run--
			} else {
				p.correct(&b[k])
			}
		}
		if k > p.s.end || size > 1 {
			p.err = errors.New("a wrong symbol")
			return
		}
		b[k] = v
	}
	if p.s.endRun > 0 {
		p.s.endRun--
		for ; k <= p.s.end; k++ {
			if b[k] != 0 {
				p.correct(&b[k])
			}
		}
	}
}

func (p *plain) correct(v *int32) {
	switch {
	case p.bit() == 0:
	case *v > 0:
		*v += 1 << p.s.low
	default:
		*v -= 1 << p.s.low
	}
}

// bit reads a bit (NEXTBIT, figure F.18).
func (p *plain) bit() int {
	if p.bitsLeft == 0 {
		p.bitsLeft = 8
		b, err := p.src.peek(1)
		if err == nil && b[0] == 0xff {
			b, err = p.src.peek(2)
		}
		switch {
		case err != nil:
			p.err = err
			return 0
		case len(b) == 2 && b[1] != 0:
			p.err = errors.New("the scan ends early")
			return 0
		}
		p.byte = int(b[0])
		p.src.pos += len(b)
	}
	p.bitsLeft--
	return p.byte >> p.bitsLeft & 1
}

func (p *plain) bits(n int) (v int) {
	for range n {
		v = v<<1 | p.bit()
	}
	return v
}

func (p *plain) value(size int) int32 {
	if size > 16 {
		p.err = errors.New("a wrong size")
		return 0
	}
	v := p.bits(size)
	if size > 0 && v < 1<<(size-1) {
		v -= 1<<size - 1
	}
	return int32(v)
}

// symbol reads a code (DECODE, figure F.16).
func (p *plain) symbol(h *huffman) byte {
	code, first, index := 0, 0, 0
	for _, n := range h.counts {
		code = code<<1 | p.bit()
		first <<= 1
		if code-first < int(n) {
			return h.symbols[index+code-first]
		}
		first += int(n)
		index += int(n)
	}
	p.err = errors.New("no such code")
	return 0
}

// TestPlain checks the plain decoder itself: it finds what was written.
func TestPlain(t *testing.T) {
	for name, f := range shapes(rand.New(rand.NewPCG(9, 1)), 70) {
		t.Run(name, func(t *testing.T) {
			got, _, err := plainCoefficients(f.encode())
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range f.frame.comps {
				for at := range c.strideBlocks * c.rowBlocks {
					if x, y := at%c.strideBlocks, at/c.strideBlocks; x >= c.blocksX || y >= c.blocksY {
						continue // not written when alone in a scan
					}
					for k, v := range f.coefs[i][at] {
						if want := v * int32(f.quant[k]); got[i][at][k] != want {
							t.Fatalf("component %d, block %d, coefficient %d: got %d, want %d", i, at, k, got[i][at][k], want)
						}
					}
				}
			}
		})
	}
}

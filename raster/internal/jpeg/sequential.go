package jpeg

import (
	"bytes"
	"encoding/binary"
)

// sequentialRun decodes a run of MCUs of a row of a sequential scan (section
// F.2), and returns how many it did.
func (d *decoder) sequentialRun(s *scan, my, mx0, mx1 int) (int, error) {
	coefs := &d.block
	for mx := mx0; mx < mx1; mx++ {
		for i := range s.units {
			u := &s.units[i]
			c := u.scanComponent
			diff, ok := d.bits.dc(c.dc)
			if !ok {
				return mx - mx0, d.bad()
			}
			c.pred += diff
			coefs[0] = c.pred * c.scale[0]
			last, ok := d.bits.ac(c, coefs)
			if !ok {
				clear(coefs[:])
				return mx - mx0, d.bad()
			}
			if !d.bits.ok() {
				clear(coefs[:])
				return mx - mx0, d.short()
			}
			c.idct(coefs, last, c.plane[s.offset(u, mx, my):], c.stride)
		}
	}
	return mx1 - mx0, nil
}

// offset is where the first sample of a block is in the plane of its component.
func (s *scan) offset(u *unit, mx, my int) int {
	x, y := s.blockAt(u, mx, my)
	return y*u.outY*u.stride + x*u.outX
}

// blockAt is the place of a block in its component.
func (s *scan) blockAt(u *unit, mx, my int) (x, y int) {
	if len(s.comps) == 1 {
		return mx, my
	}
	return mx*u.h + u.x, my*u.v + u.y
}

// dc decodes the difference of a DC coefficient to that before (section F.2.2.1).
func (b *bitReader) dc(h *huffman) (int32, bool) {
	if b.n < 32 {
		b.refill()
	}
	e := h.look[b.acc>>(64-lookBits)]
	if e.value != 0 {
		b.acc <<= e.length & 63
		b.n -= uint(e.length)
		return int32(e.value), true
	}
	return b.longDC(h, e)
}

func (b *bitReader) longDC(h *huffman, e entry) (int32, bool) {
	size, ok := b.symbol(h, e)
	switch {
	case !ok || size > 16:
		return 0, false
	case size == 0:
		return 0, true
	}
	v := extend(b.acc, uint(size))
	b.acc <<= size & 63
	b.n -= uint(size)
	return v, true
}

// symbol takes the code of a symbol that has no value in the look-up table.
func (b *bitReader) symbol(h *huffman, e entry) (byte, bool) {
	symbol, length := e.run, uint(e.length)
	if length == 0 {
		symbol, length = h.symbol(b.acc)
	}
	b.acc <<= length & 63
	b.n -= length
	return symbol, length > 0
}

// ac decodes the AC coefficients of a block (section F.2.2.2) as far as c needs
// them, and returns the index of the last one in zigzag order.
func (b *bitReader) ac(c *scanComponent, coefs *block) (last int, ok bool) {
	fold := c.fold
	k := 1
	for k <= fold.last {
		if b.n < 32 {
			b.refill()
		}
		e := c.ac.look[b.acc>>(64-lookBits)]
		v := int32(e.value)
		if v != 0 {
			b.acc <<= e.length & 63
			b.n -= uint(e.length)
			k += int(e.run)
		} else {
			symbol, ok := b.symbol(c.ac, e)
			run, size := int(symbol>>4), uint(symbol&15)
			switch {
			case !ok:
				return 0, false
			case symbol == 0:
				return last, true
			case symbol == 0xf0:
				k += 16
				continue
			case size == 0:
				return 0, false
			}
			v = extend(b.acc, size)
			b.acc <<= size & 63
			b.n -= size
			k += run
		}
		if k > 63 {
			return 0, false
		}
		coefs[c.fold.slot[k]&63] += v * c.scale[k]
		last = k
		k++
	}
	return last, k > 63 || b.skipAC(c.ac, k)
}

// skipAC passes over the AC coefficients of a block from k on.
func (b *bitReader) skipAC(h *huffman, k int) bool {
	acc, n, pos := b.acc, b.n, b.pos
	for {
		if n < 32 {
			acc |= binary.BigEndian.Uint64(b.data[pos:]) >> (n & 63)
			pos += int((63 - n) >> 3)
			n |= 56
		}
		e := h.skip[acc>>(64-skipBits)]
		k += e.advance()
		if k >= 64 {
			b.acc, b.n, b.pos = acc, n, pos
			if uint(k-endOfBlock) < 64 {
				b.acc <<= e.length()
				b.n -= e.length()
				return true
			}
			return b.skipLast(h, k-e.advance())
		}
		acc <<= e.length()
		n -= e.length()
	}
}

// skipLast passes over AC coefficients one by one, where what follows the last
// one must not be touched.
func (b *bitReader) skipLast(h *huffman, k int) bool {
	for k < 64 {
		if b.n < 32 {
			b.refill()
		}
		symbol, length := h.symbol(b.acc)
		size := uint(symbol & 15)
		switch {
		case length == 0:
			return false
		case size == 0 && symbol != 0 && symbol != 0xf0:
			return false
		}
		b.acc <<= (length + size) & 63
		b.n -= length + size
		if symbol == 0 {
			return true
		}
		k += int(symbol>>4) + 1
		if k > 64 && symbol != 0xf0 {
			return false
		}
	}
	return true
}

// grey is the sample of what is not known.
const grey = 128

// blank makes the MCUs from at to before end of a sequential scan grey.
func (d *decoder) blank(s *scan, at, end int) {
	if d.frame.progressive {
		return // coefficients that did not arrive are 0
	}
	for at < end {
		my, mx := at/s.mcusX, at%s.mcusX
		n := min(s.mcusX-mx, end-at)
		for _, c := range s.comps {
			h, v := c.h, c.v
			if len(s.comps) == 1 {
				h, v = 1, 1
			}
			for y := my * v * c.outY; y < (my+1)*v*c.outY; y++ {
				row := c.plane[y*c.stride : (y+1)*c.stride]
				paint(row[mx*h*c.outX : (mx+n)*h*c.outX])
			}
		}
		at += n
	}
}

// paint makes samples grey.
func paint(samples []byte) {
	pattern := bytes.Repeat([]byte{grey}, min(len(samples), 256))
	for len(samples) > 0 {
		samples = samples[copy(samples, pattern):]
	}
}

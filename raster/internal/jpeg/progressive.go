package jpeg

import "math/bits"

// coefficients are what has been read of the blocks of a component of a
// progressive file: of each only those that the result is made of.
type coefficients struct {
	kept     uint64 // which ones, in zigzag order
	perBlock int
	slot     [64]int8 // where among those of its block a coefficient is, or -1
	values   []int16
	// nonzero has a bit for each coefficient of a block that is not zero, also of
	// those not kept: bits that refine a band are read by it. It is nil when only
	// DC is kept, and no AC scan read.
	nonzero []uint64
	final   uint64 // the coefficients whose last bit has been read
}

func newCoefficients(blocks int, f *folding) coefficients {
	c := coefficients{kept: f.used, perBlock: bits.OnesCount64(f.used)}
	for k := range c.slot {
		c.slot[k] = -1
		if before := f.used & (1<<k - 1); f.used>>k&1 != 0 {
			c.slot[k] = int8(bits.OnesCount64(before))
		}
	}
	c.values = make([]int16, blocks*c.perBlock)
	if c.perBlock > 1 {
		c.nonzero = make([]uint64, blocks)
	}
	return c
}

// done notes that a scan has been read.
func (c *coefficients) done(s *scan) {
	if s.low == 0 {
		c.final |= band(s.start, s.end)
	}
}

// band has the bits from start to end.
func band(start, end int) uint64 { return ^uint64(0) >> (63 - end + start) << start }

// complete reports whether nothing that follows in the file can change the
// result.
func (f *frame) complete() bool {
	for i := range f.comps {
		c := &f.comps[i]
		if !c.scanned || f.progressive && c.coefs.kept&^c.coefs.final != 0 {
			return false
		}
	}
	return true
}

// firstDCRun decodes a run of MCUs of the first scan of DC (section G.1.2.1).
func (d *decoder) firstDCRun(s *scan, my, mx0, mx1 int) (int, error) {
	for mx := mx0; mx < mx1; mx++ {
		for i := range s.units {
			u := &s.units[i]
			w, diff, ok := d.bits.ready(d.bits.data).dc(u.dc)
			d.bits.window = w
			if !ok || !d.bits.ok() {
				return mx - mx0, d.fault(ok)
			}
			u.pred += diff
			u.coefs.values[s.index(u, mx, my)*u.coefs.perBlock] = int16(u.pred << s.low)
		}
	}
	return mx1 - mx0, nil
}

// index is the number of a block in its component.
func (s *scan) index(u *unit, mx, my int) int {
	x, y := s.blockAt(u, mx, my)
	return y*u.strideBlocks + x
}

// refineDCRun decodes one more bit of DC.
func (d *decoder) refineDCRun(s *scan, my, mx0, mx1 int) (int, error) {
	for mx := mx0; mx < mx1; mx++ {
		for i := range s.units {
			u := &s.units[i]
			bit := d.bits.take(1)
			if !d.bits.ok() {
				return mx - mx0, d.fault(true)
			}
			u.coefs.values[s.index(u, mx, my)*u.coefs.perBlock] |= int16(bit << s.low)
		}
	}
	return mx1 - mx0, nil
}

// firstACRun decodes a run of blocks of the first scan of a band (section
// G.1.2.2).
func (d *decoder) firstACRun(s *scan, my, mx0, mx1 int) (int, error) {
	c := &s.comps[0]
	for mx := mx0; mx < mx1; mx++ {
		if s.endRun > 0 {
			n := min(s.endRun, mx1-mx)
			s.endRun -= n
			mx += n - 1
			continue
		}
		ok := d.bits.firstAC(s, c, my*c.strideBlocks+mx)
		if !ok || !d.bits.ok() {
			return mx - mx0, d.fault(ok)
		}
	}
	return mx1 - mx0, nil
}

// firstAC decodes the band of one block.
func (b *bitReader) firstAC(s *scan, c *scanComponent, index int) bool {
	values := c.coefs.values[index*c.coefs.perBlock:][:c.coefs.perBlock]
	nonzero := c.coefs.nonzero[index]
	w := b.window
	for k := s.start; k <= s.end; k++ {
		w = w.ready(b.data)
		e := c.ac.look[w.acc>>(64-lookBits)]
		v := int32(e.value)
		if v != 0 {
			w = w.drop(uint(e.length))
			k += int(e.run)
		} else {
			var symbol byte
			var ok bool
			w, symbol, ok = w.symbol(c.ac, e)
			run, size := symbol>>4, uint(symbol&15)
			k += int(run)
			switch {
			case !ok:
				return b.fail(w)
			case symbol == 0xf0: // 16 zeros
				continue
			case size == 0:
				b.window = w
				s.endRun = 1<<run - 1 + int(b.take(uint(run)))
				c.coefs.nonzero[index] = nonzero
				return true
			}
			w, v = w.extend(size)
		}
		if k > s.end {
			return b.fail(w)
		}
		nonzero |= 1 << k
		if slot := c.coefs.slot[k&63]; slot >= 0 {
			values[slot] = int16(v << s.low)
		}
	}
	b.window = w
	c.coefs.nonzero[index] = nonzero
	return true
}

// refineACRun decodes one more bit of the band of a run of blocks (section
// G.1.2.3).
func (d *decoder) refineACRun(s *scan, my, mx0, mx1 int) (int, error) {
	c := &s.comps[0]
	touched := band(s.start, s.end)
	for mx := mx0; mx < mx1; mx++ {
		index := my*c.strideBlocks + mx
		if s.endRun > 0 && c.coefs.nonzero[index]&touched == 0 { // of which a few bytes can tell thousands
			s.endRun--
			continue
		}
		ok := d.bits.refineAC(s, c, index)
		if !ok || !d.bits.ok() {
			return mx - mx0, d.fault(ok)
		}
	}
	return mx1 - mx0, nil
}

// refineAC decodes a block: for each coefficient that is not zero a bit, and
// between these, runs of zeros that stay so and coefficients that become 1 or -1.
func (b *bitReader) refineAC(s *scan, c *scanComponent, index int) bool {
	old := c.coefs.nonzero[index]
	w := b.window
	k := s.start
	for s.endRun == 0 && k <= s.end {
		w = w.ready(b.data)
		e := c.ac.look[w.acc>>(64-lookBits)]
		run, v := int(e.run), int32(e.value)
		if v != 0 {
			w = w.drop(uint(e.length))
		} else {
			var symbol byte
			var ok bool
			w, symbol, ok = w.symbol(c.ac, e)
			run = int(symbol >> 4)
			switch size := symbol & 15; {
			case !ok:
				return b.fail(w)
			case size > 0:
				w, v = w.extend(uint(size))
			case run < 15:
				b.window = w
				s.endRun = 1<<run + int(b.take(uint(run)))
				w = b.window
				continue
			}
		}
		// The place is behind run more zeros; corrections up to it come first.
		at := nthZero(old, k, run)
		if v < -1 || v > 1 || at > s.end {
			return b.fail(w)
		}
		w = b.correct(w, &c.coefs, index, old&band(k, at), s.low)
		if v != 0 {
			c.coefs.nonzero[index] |= 1 << at
			if slot := c.coefs.slot[at&63]; slot >= 0 {
				c.coefs.values[index*c.coefs.perBlock+int(slot)] = int16(v << s.low)
			}
		}
		k = at + 1
	}
	if s.endRun > 0 {
		s.endRun--
		if k <= s.end {
			w = b.correct(w, &c.coefs, index, old&band(k, s.end), s.low)
		}
	}
	b.window = w
	return true
}

// nthZero returns the place of the zero bit behind n others, from k on; beyond 63
// all are zero.
func nthZero(set uint64, k, n int) int {
	zeros := ^set >> k << k
	for ; n > 0 && zeros != 0; n-- {
		zeros &= zeros - 1
	}
	if zeros == 0 {
		return 64
	}
	return bits.TrailingZeros64(zeros)
}

// correct reads a bit for each coefficient of a set of a block, which makes it
// larger.
func (b *bitReader) correct(w window, c *coefficients, index int, set uint64, low int) window {
	// The bits behind those for the last coefficient that is kept are passed over.
	read := set & (1<<bits.Len64(set&c.kept) - 1)
	for rest := read; rest != 0; rest &= rest - 1 {
		w = w.ready(b.data)
		bit := int16(w.acc >> 63)
		w = w.drop(1)
		if slot := c.slot[bits.TrailingZeros64(rest)&63]; slot >= 0 {
			v := &c.values[index*c.perBlock+int(slot)]
			sign := *v>>15 | 1
			*v += bit * sign << low
		}
	}
	for rest := bits.OnesCount64(set &^ read); rest > 0; rest -= 32 {
		w = w.ready(b.data).drop(uint(min(rest, 32)))
	}
	return w
}

// finish makes samples of the coefficients of a progressive file, and grey ones
// of components that were not in the file.
func (f *frame) finish() {
	for i := range f.comps {
		c := &f.comps[i]
		if !c.scanned {
			paint(c.plane)
		} else if f.progressive {
			c.transform()
			c.coefs = coefficients{}
		}
	}
}

// transform makes samples of the coefficients.
func (c *component) transform() {
	var b block
	per := c.coefs.perBlock
	for y := range c.rowBlocks {
		for x := range c.strideBlocks {
			at := y*c.strideBlocks + x
			present := uint64(1)
			if c.coefs.nonzero != nil {
				present |= c.coefs.nonzero[at] & c.coefs.kept
			}
			last := c.dequantize(&b, c.coefs.values[at*per:(at+1)*per], present)
			c.idct(&b, last, c.plane[y*c.outY*c.stride+x*c.outX:], c.stride)
		}
	}
}

// dequantize puts the coefficients that are present into a block, and returns the
// last one.
func (c *component) dequantize(b *block, values []int16, present uint64) (last int) {
	for ; present != 0; present &= present - 1 {
		last = bits.TrailingZeros64(present) & 63
		b[c.fold.slot[last]&63] += int32(values[c.coefs.slot[last]]) * c.scale[last]
	}
	return last
}

package jpeg

// sequentialRun decodes a run of MCUs of a row of a sequential scan (section
// F.2), and returns how many it did.
func (d *decoder) sequentialRun(s *scan, my, mx0, mx1 int) (int, error) {
	for mx := mx0; mx < mx1; mx++ {
		for i := range s.units {
			u := &s.units[i]
			c := u.scanComponent
			last, ok := d.bits.block(c, &d.block)
			if !ok || !d.bits.ok() {
				clear(d.block[:])
				return mx - mx0, d.fault(ok)
			}
			c.idct(&d.block, last, c.plane[s.offset(u, mx, my):], c.stride)
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
func (w window) dc(h *huffman) (_ window, diff int32, ok bool) {
	e := h.look[w.acc>>(64-lookBits)]
	if e.value != 0 {
		return w.drop(uint(e.length)), int32(e.value), true
	}
	return w.longDC(h, e)
}

func (w window) longDC(h *huffman, e entry) (_ window, diff int32, ok bool) {
	w, size, ok := w.symbol(h, e)
	if size > 0 && size <= 16 {
		w, diff = w.extend(uint(size))
	}
	return w, diff, ok && size <= 16
}

// block decodes the coefficients of a block (section F.2.2) as far as c needs
// them, and returns the index of the last one in zigzag order.
func (b *bitReader) block(c *scanComponent, coefs *block) (last int, ok bool) {
	w, diff, ok := b.ready(b.data).dc(c.dc)
	if !ok {
		return 0, b.fail(w)
	}
	c.pred += diff
	coefs[0] = c.pred * c.scale[0]
	for k := 1; ; k++ {
		if k > c.fold.last {
			b.window = w
			return last, k > 63 || b.skipAC(c.ac, k)
		}
		w = w.ready(b.data)
		e := c.ac.look[w.acc>>(64-lookBits)]
		v := int32(e.value)
		if v != 0 {
			w = w.drop(uint(e.length))
			k += int(e.run)
		} else {
			var symbol byte
			w, symbol, ok = w.symbol(c.ac, e)
			size := uint(symbol & 15)
			k += int(symbol >> 4)
			switch {
			case symbol == 0: // the end of the block, or a wrong code
				b.window = w
				return last, ok
			case symbol == 0xf0: // 16 zeros
				continue
			case size == 0: // of progressive files
				return last, b.fail(w)
			}
			w, v = w.extend(size)
		}
		if k > 63 {
			return last, b.fail(w)
		}
		coefs[c.fold.slot[k]&63] += v * c.scale[k]
		last = k
	}
}

// skipAC passes over the AC coefficients of a block from k on. Of each refill it
// takes two looks, of up to skipBits+15 bits.
func (b *bitReader) skipAC(h *huffman, k int) bool {
	w := b.window
	var e skipEntry
	for {
		w = w.refill(b.data)
		e = h.skip[w.acc>>(64-skipBits)]
		k += e.advance()
		if k >= 64 {
			break
		}
		w = w.drop(e.length())
		e = h.skip[w.acc>>(64-skipBits)]
		k += e.advance()
		if k >= 64 {
			break
		}
		w = w.drop(e.length())
	}
	if uint(k-endOfBlock) < 64 {
		b.window = w.drop(e.length())
		return true
	}
	b.window = w
	return b.skipLast(h, k-e.advance())
}

// skipLast passes over AC coefficients one by one, where what follows the last
// one must not be touched.
func (b *bitReader) skipLast(h *huffman, k int) bool {
	for k < 64 {
		b.window = b.ready(b.data)
		symbol, length := h.symbol(b.acc)
		size := uint(symbol & 15)
		if length == 0 || size == 0 && symbol != 0 && symbol != 0xf0 {
			return false
		}
		b.window = b.drop(length + size)
		if symbol == 0 {
			return true
		}
		k += int(symbol>>4) + 1
		if k > 64 && size > 0 {
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
	if len(samples) == 0 {
		return
	}
	samples[0] = grey
	for n := 1; n < len(samples); n *= 2 {
		copy(samples[n:], samples[:n])
	}
}

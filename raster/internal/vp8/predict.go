package vp8

// predict fills a plane of n × n pixels from the pixels around it (RFC 6386, section
// 12.2). At the edge of the picture DC takes only those that exist.
func (w *workspace) predict(mode uint8, n int, hasLeft, hasAbove bool) {
	switch mode {
	case dcPred:
		w.fill(w.mean(n, hasLeft, hasAbove), n)
	case tmPred:
		w.predictGradient(n)
	case vPred:
		above := w[corner+1:][:n]
		for y := range n {
			copy(w.line(y, n), above)
		}
	case hPred:
		for y := range n {
			v := uint64(w[origin-1+y*stride]) * everyByte
			for x := 0; x < n; x += 8 {
				store8(w[origin+y*stride+x:], v)
			}
		}
	}
}

func (w *workspace) fill(v uint8, n int) {
	for y := range n {
		for x := 0; x < n; x += 8 {
			store8(w[origin+y*stride+x:], uint64(v)*everyByte)
		}
	}
}

func (w *workspace) mean(n int, hasLeft, hasAbove bool) uint8 {
	sum, count := 0, 0
	if hasAbove {
		for _, v := range w[corner+1:][:n] {
			sum += int(v)
		}
		count += n
	}
	if hasLeft {
		for y := range n {
			sum += int(w[origin-1+y*stride])
		}
		count += n
	}
	if count == 0 {
		return 128
	}
	return uint8((sum + count/2) / count)
}

// predictGradient adds to each pixel above what the pixel to the left has more than the
// corner.
func (w *workspace) predictGradient(n int) {
	c := uint64(256-int(w[corner])) * everyLane
	for x := 0; x < n; x += 4 {
		above := spread(load4(w[corner+1+x:])) + c
		for y := range n {
			left := uint64(w[origin-1+y*stride]) * everyLane
			store4(w[origin+y*stride+x:], pack(clamp(above+left)))
		}
	}
}

// predict fills a block from the pixels around it (section 12.3).
func (b *block) predict(mode uint8) {
	switch mode {
	case dcPred:
		b.fill(b.mean())
	case tmPred:
		b.predictGradient()
	case vPred:
		v := b.above()
		b.fill(uint32(average3(v, v>>8, v>>16)))
	case hPred:
		b.predictHorizontal()
	case ldPred:
		v := load8(b[1:])
		v = average3(v, v>>8|v>>56<<56, v>>16|v>>56<<48)
		b.set(uint32(v), uint32(v>>8), uint32(v>>16), uint32(v>>24))
	case rdPred:
		v := b.diagonal()
		b.set(uint32(v>>24), uint32(v>>16), uint32(v>>8), uint32(v))
	default:
		b.predictSteep(mode)
	}
}

// predictSteep does the modes whose directions are between the axes and the diagonals.
func (b *block) predictSteep(mode uint8) {
	switch mode {
	case vrPred:
		v := b.diagonal()
		even, odd := uint32(average2(b.above(), b.above()>>8)), uint32(v>>24)
		b.set(even, odd, even<<8|uint32(v>>16&0xff), odd<<8|uint32(v>>8&0xff))
	case vlPred:
		v := load8(b[1:])
		even, odd := uint32(average2(v, v>>8)), average3(v, v>>8, v>>16)
		b.set(even, uint32(odd), even>>8|uint32(odd>>8)&0xff000000, uint32(odd>>8)&0xffffff|uint32(odd>>16)&0xff000000)
	case hdPred:
		v := b.diagonal()
		edge := b.left() | b.above()<<32
		lower := zip(average2(edge, edge>>8), v)
		b.set(uint32(lower>>48)|uint32(v>>16)&0xffff0000, uint32(lower>>32), uint32(lower>>16), uint32(lower))
	case huPred:
		last := uint64(b[inside-1+3*stride])
		down := uint64(b[inside-1]) | uint64(b[inside-1+stride])<<8 | uint64(b[inside-1+2*stride])<<16 | last*0x010101<<24
		v := zip(average2(down, down>>8), average3(down, down>>8, down>>16))
		b.set(uint32(v), uint32(v>>16), uint32(v>>32), uint32(last*everyByte))
	}
}

// above is the line above, from the corner on.
func (b *block) above() uint64 { return load8(b[:]) }

// left is the column to the left, upwards.
func (b *block) left() uint64 {
	return uint64(b[inside-1+3*stride]) | uint64(b[inside-1+2*stride])<<8 |
		uint64(b[inside-1+stride])<<16 | uint64(b[inside-1])<<24
}

// diagonal smooths the edge of the block, from its lower left to its upper right: the
// left column upwards, the corner, the line above.
func (b *block) diagonal() uint64 {
	left, above := b.left(), b.above()
	return average3(left|above<<32, left>>8|above<<24, left>>16|above<<16)
}

// set writes the four lines.
func (b *block) set(v0, v1, v2, v3 uint32) {
	store4(b[inside:], v0)
	store4(b[inside+stride:], v1)
	store4(b[inside+2*stride:], v2)
	store4(b[inside+3*stride:], v3)
}

func (b *block) fill(v uint32) { b.set(v, v, v, v) }

func (b *block) mean() uint32 {
	sum := uint32(4)
	for i := range 4 {
		sum += uint32(b[1+i]) + uint32(b[inside-1+i*stride])
	}
	return sum / 8 * (everyByte & 0xffffffff)
}

func (b *block) predictGradient() {
	above := spread(load4(b[1:])) + uint64(256-int(b[0]))*everyLane
	for y := range 4 {
		left := uint64(b[inside-1+y*stride]) * everyLane
		store4(b[inside+y*stride:], pack(clamp(above+left)))
	}
}

// predictHorizontal smooths the left column; the pixel below its end counts as that
// end.
func (b *block) predictHorizontal() {
	up := b.left()
	v := average3(up<<8|up&0xff, up, up>>8|uint64(b[0])<<24)
	b.set(uint32(v>>24&0xff)*0x01010101, uint32(v>>16&0xff)*0x01010101, uint32(v>>8&0xff)*0x01010101, uint32(v&0xff)*0x01010101)
}

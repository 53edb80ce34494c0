package glyph

import "sync"

// Terminals draw block elements, their sextants and octants, and braille
// themselves, from edge to edge of the cell, and do not ask the font. They are
// measured in the same way.

// grain is the unit of geometric shapes: halves, thirds, eighths and the dots of
// braille are all whole numbers of a cell's side over grain.
const grain = 120

// rect is a part of a cell: its sides in grains.
type rect struct{ left, top, right, bottom int }

// shape is a part of a cell, inked evenly.
type shape struct {
	ink   float32 // 0 to 1
	parts []rect
}

// IsGeometric reports whether r has a shape of its own, whatever the font.
func IsGeometric(r rune) bool {
	_, ok := shapeOf(r)
	return ok
}

// draw inks the pixels of a cell.
func (s shape) draw(width, height int) []float32 {
	coverage := make([]float32, width*height)
	for _, p := range s.parts {
		for y := range height {
			down := overlap(y, height, p.top, p.bottom)
			for x := range width {
				share := down * overlap(x, width, p.left, p.right)
				coverage[y*width+x] += float32(s.ink * float32(share)) // rounded, not fused, on every machine
			}
		}
	}
	return coverage
}

// overlap is the share of pixel i of n that lies between two grains.
func overlap(i, n, from, to int) float64 {
	return float64(max(0, min(grain*(i+1), to*n)-max(grain*i, from*n))) / grain
}

// shapeOf returns the shape of a geometric character.
func shapeOf(r rune) (shape, bool) {
	n := int(r)
	switch {
	case r >= 0x2580 && r <= 0x2595:
		return block(n - 0x2580), true
	case r >= 0x2596 && r <= 0x259f: // quadrants
		bits := [10]int{0b0100, 0b1000, 0b0001, 0b1101, 0b1001, 0b0111, 0b1011, 0b0010, 0b0110, 0b1110}[n-0x2596]
		return mosaic(bits, 2, 2), true
	case r >= 0x2800 && r <= 0x28ff:
		return braille(n - 0x2800), true
	case r >= 0x1fb00 && r <= 0x1fb3b:
		return mosaic(sextant(n-0x1fb00), 2, 3), true
	case r >= 0x1fb82 && r <= 0x1fb86: // the upper part
		return solid(rect{0, 0, grain, eighths(n - 0x1fb82)}), true
	case r >= 0x1fb87 && r <= 0x1fb8b: // the right part
		return solid(rect{grain - eighths(n-0x1fb87), 0, grain, grain}), true
	}
	bits, ok := octants()[r]
	return mosaic(bits, 2, 4), ok
}

func solid(parts ...rect) shape { return shape{ink: 1, parts: parts} }

// block is U+2580 and the 21 after it.
func block(i int) shape {
	const eighth = grain / 8
	switch {
	case i == 0: // upper half
		return solid(rect{0, 0, grain, grain / 2})
	case i <= 8: // lower one eighth to full
		return solid(rect{0, grain - i*eighth, grain, grain})
	case i <= 15: // left seven eighths to left one eighth
		return solid(rect{0, 0, grain - (i-8)*eighth, grain})
	case i == 16: // right half
		return solid(rect{grain / 2, 0, grain, grain})
	case i <= 19: // light, medium and dark shade
		return shape{ink: float32(i-16) / 4, parts: []rect{{0, 0, grain, grain}}}
	case i == 20: // upper one eighth
		return solid(rect{0, 0, grain, eighth})
	}
	return solid(rect{grain - eighth, 0, grain, grain}) // right one eighth
}

// eighths are the parts that Symbols for Legacy Computing adds: two, three, five,
// six and seven eighths of a side.
func eighths(i int) int { return [5]int{2, 3, 5, 6, 7}[i] * grain / 8 }

// mosaic fills the parts of a cell cut into across × down whose bits are set,
// row by row from the upper left, the lowest bit first.
func mosaic(bits, across, down int) shape {
	s := shape{ink: 1}
	w, h := grain/across, grain/down
	for i := range across * down {
		if bits&(1<<i) != 0 {
			x, y := i%across*w, i/across*h
			s.parts = append(s.parts, rect{x, y, x + w, y + h})
		}
	}
	return s
}

// sextant returns the bits of U+1FB00+i. Unicode leaves out those that it had:
// the empty cell, the left half, the right half and the full block.
func sextant(i int) int {
	bits := i + 1
	if bits >= 0b010101 {
		bits++
	}
	if bits >= 0b101010 {
		bits++
	}
	return bits
}

// octants maps the octants that have a character to their bits. Most are from
// U+1CD00 on in the order of their bits, without those that Unicode has elsewhere.
var octants = sync.OnceValue(func() map[rune]int {
	elsewhere := map[int]rune{ // 0: in another block, with a shape above
		0b00000001: 0x1cea8, 0b00000010: 0x1ceab, 0b01000000: 0x1cea3, 0b10000000: 0x1cea0,
		0b00010100: 0x1fbe6, 0b00101000: 0x1fbe7,
		0b00000011: 0, 0b00111111: 0, 0b11000000: 0, 0b11111100: 0,
	}
	for quadrants := range 16 {
		elsewhere[octantOf(quadrants)] = 0
	}
	bitsOf := map[rune]int{}
	next := rune(0x1cd00)
	for bits := range 256 {
		r, known := elsewhere[bits]
		switch {
		case !known:
			bitsOf[next] = bits
			next++
		case r != 0:
			bitsOf[r] = bits
		}
	}
	return bitsOf
})

// octantOf returns the bits of the octant that looks like a set of quadrants.
func octantOf(quadrants int) (bits int) {
	for i, quarter := range [4]int{0b00000101, 0b00001010, 0b01010000, 0b10100000} {
		if quadrants&(1<<i) != 0 {
			bits |= quarter
		}
	}
	return bits
}

// braille is U+2800+bits: square dots of six tenths of their eighth of the cell
// each way.
func braille(bits int) shape {
	s := shape{ink: 1}
	order := [8][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} // of bits: column, row
	for i, at := range order {
		if bits&(1<<i) != 0 {
			x, y := at[0]*grain/2, at[1]*grain/4
			s.parts = append(s.parts, rect{x + grain/10, y + grain/20, x + 4*grain/10, y + grain/5})
		}
	}
	return s
}

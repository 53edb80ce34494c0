package glyph

// Terminals draw block elements themselves, from edge to edge of the cell, and do
// not ask the font: U+2580 to U+259F are measured in the same way.

// rect is a part of a cell: its sides in eighths.
type rect struct{ left, top, right, bottom int }

// isBlock reports whether r is a block element.
func isBlock(r rune) bool { return r >= 0x2580 && r <= 0x259f }

// block draws a block element.
func block(r rune, width, height int) Glyph {
	g := Glyph{Rune: r, Coverage: make([]float32, width*height)}
	ink, parts := blockParts(r)
	for y := range height {
		for x := range width {
			for _, p := range parts {
				share := overlap(x, width, p.left, p.right) * overlap(y, height, p.top, p.bottom)
				g.Coverage[y*width+x] += float32(ink * float32(share)) // rounded, not fused, on every machine
			}
		}
	}
	return g
}

// overlap is the share of pixel i of n that lies between two eighths.
func overlap(i, n, from, to int) float64 {
	return float64(max(0, min(8*(i+1), to*n)-max(8*i, from*n))) / 8
}

// blockParts returns the ink, 0 to 1, and the parts of the cell that it fills.
func blockParts(r rune) (ink float32, parts []rect) {
	n := int(r)
	switch {
	case r == 0x2580: // upper half
		return 1, []rect{{0, 0, 8, 4}}
	case r <= 0x2588: // lower one eighth to full
		return 1, []rect{{0, 8 - (n - 0x2580), 8, 8}}
	case r <= 0x258f: // left seven eighths to left one eighth
		return 1, []rect{{0, 0, 8 - (n - 0x2588), 8}}
	case r == 0x2590: // right half
		return 1, []rect{{4, 0, 8, 8}}
	case r <= 0x2593: // light, medium and dark shade
		return float32(n-0x2590) / 4, []rect{{0, 0, 8, 8}}
	case r == 0x2594: // upper one eighth
		return 1, []rect{{0, 0, 8, 1}}
	case r == 0x2595: // right one eighth
		return 1, []rect{{7, 0, 8, 8}}
	}
	return 1, quadrants(r)
}

// quadrants returns the quarters of U+2596 to U+259F.
func quadrants(r rune) []rect {
	quarters := [4]rect{{0, 0, 4, 4}, {4, 0, 8, 4}, {0, 4, 4, 8}, {4, 4, 8, 8}}
	filled := [10]uint8{ // bits in the order of quarters
		0b0100, 0b1000, 0b0001, 0b1101, 0b1001, 0b0111, 0b1011, 0b0010, 0b0110, 0b1110,
	}[r-0x2596]
	var parts []rect
	for i, q := range quarters {
		if filled&(1<<i) != 0 {
			parts = append(parts, q)
		}
	}
	return parts
}

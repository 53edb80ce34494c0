package ascii

// blockRunes are the Block Elements: halves, eighths, quadrants and shades.
func blockRunes() []rune { return append([]rune{' '}, upTo(0x2580, 0x259f)...) }

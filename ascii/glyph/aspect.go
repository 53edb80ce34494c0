package glyph

// Aspect is the width of the font's cell over its height, as it is measured at a
// size that is large enough for hinting and rounding not to count.
func (f *Font) Aspect() (aspect float64, err error) {
	defer recoverFont(&err)
	const size = 256
	advance, ascent, descent, err := f.measure(size)
	if err != nil {
		return 0, err
	}
	return float64(advance) / float64(ascent+descent), nil
}

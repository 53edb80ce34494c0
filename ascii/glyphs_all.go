package ascii

import "slices"

// allRunes is everything that terminals widely have and that helps: letters for
// texture, blocks and sextants for area, box drawing for strokes. Octants and
// braille are not among them: few fonts have the former, and the latter leave gaps.
func allRunes() []rune {
	const heavyBox = "━┃┏┓┗┛┣┫┳┻╋"
	return slices.Concat(
		printableASCII(),
		upTo(0x2580, 0x259f),
		upTo(0x1fb00, 0x1fb3b),
		upTo(0x1fb82, 0x1fb8b), // upper and right eighths
		[]rune(lightBox+heavyBox),
	)
}

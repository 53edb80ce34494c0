package ascii

import "slices"

// octantRunes are all 256 ways to fill a cell cut into two columns and four rows.
// Unicode 16 has them; few fonts of terminals do yet.
func octantRunes() []rune {
	return slices.Concat(
		[]rune(" ▀▂▄▆█▌▐▖▗▘▙▚▛▜▝▞▟"),
		[]rune{0x1fb82, 0x1fb85},                                     // upper one quarter and three quarters
		[]rune{0x1cea0, 0x1cea3, 0x1cea8, 0x1ceab, 0x1fbe6, 0x1fbe7}, // one eighth in a corner, two in the middle of a side
		upTo(0x1cd00, 0x1cde5),
	)
}

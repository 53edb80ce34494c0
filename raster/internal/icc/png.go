package icc

import (
	"fmt"
	"math"
)

// Bounds of a gAMA chunk, as other readers have them: what is outside is a mistake.
const minGamma, maxGamma = 1000, 10_000_000

// FromPNG makes a profile of what the chunks gAMA and cHRM say (PNG, third edition,
// 11.3.2.1 and 11.3.2.2): gAMA is the exponent of encoding times 100000, or 0
// when it is not told; chromaticity is x and y of white, red, green and blue times
// 100000, or zeros. What is not told is that of sRGB. The exponent that stands for
// sRGB is taken for its curve when the primaries are those of sRGB, too.
//
// The chunks iCCP, sRGB and cICP count before these; that is for the caller.
func FromPNG(gAMA uint32, chromaticity [8]uint32) (*Profile, error) {
	if gAMA != 0 && (gAMA < minGamma || gAMA > maxGamma) {
		return nil, fmt.Errorf("read the gamma of a PNG: %d is not possible", gAMA)
	}
	if chromaticity == [8]uint32{} {
		chromaticity = srgbChromaticity
	}
	m, err := matrixOf(chromaticity)
	if err != nil {
		return nil, fmt.Errorf("read the primaries of a PNG: %w", err)
	}
	c := pngCurve(gAMA, m)
	return &Profile{curves: [3]curve{c, c, c}, matrix: m}, nil
}

func matrixOf(chromaticity [8]uint32) (matrix, error) {
	primaries, err := fromChromaticity(chromaticity)
	if err != nil {
		return matrix{}, err
	}
	return toSRGB(primaries)
}

// pngCurve takes an exponent near that of sRGB for sRGB: writers that know no
// better write 45000 to 45455 for any picture of a screen.
func pngCurve(gAMA uint32, m matrix) curve {
	const usual, near = 45455, 500
	distance := int64(gAMA) - usual
	if gAMA == 0 || -near <= distance && distance <= near && m.nearIdentity() {
		return srgb
	}
	return gamma(100000 / float64(gAMA))
}

// nearIdentity reports whether primaries are those of sRGB but for rounding.
func (m matrix) nearIdentity() bool {
	const tolerance = 0.01
	for i, row := range m {
		for j, v := range row {
			if math.Abs(v-identity[i][j]) > tolerance {
				return false
			}
		}
	}
	return true
}

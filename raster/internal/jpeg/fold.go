package jpeg

import "math"

// zigzag maps the order in which coefficients are coded to their place in a
// block, row by row (figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// cosines are cos(kπ/16).
var cosines = [8]float64{
	1,
	0.980785280403230449126,
	0.923879532511286756128,
	0.831469612302545237079,
	0.707106781186547524401,
	0.555570233019602224743,
	0.382683432365089771728,
	0.195090322016128267848,
}

// folding is how the 64 coefficients of a block become those of the smaller
// inverse transform that gives the means of its squares of samples.
//
// The mean of two neighbours of the cosine k of 8 samples is the cosine k of 4
// samples, times cos(kπ/16). That of 4 neighbours is the cosine k of 2 samples,
// times cos(kπ/16)·cos(2kπ/16); and so on. Of n samples, only the first n cosines
// differ: cosine 2n-k is cosine k negated, and n is 0. So each of the 64 can be
// weighted and added to one of the first: the means are exact, for all that is
// decoded.
type folding struct {
	slot   [64]uint8 // where in a block the coefficient is added, in zigzag order
	weight [64]int64 // times what, with weightBits; 0 if it does not matter
	// last is the last coefficient to decode: those behind it matter too little.
	last int
	used uint64 // the coefficients of any weight up to last
}

const weightBits = 26

// foldingOf returns the folding to outX × outY samples.
func foldingOf(outX, outY int) *folding {
	f := &folding{}
	for k, place := range zigzag {
		u, v := int(place&7), int(place>>3)
		x, weightX := foldOne(u, outX)
		y, weightY := foldOne(v, outY)
		f.slot[k] = uint8(y*8 + x)
		f.weight[k] = int64(math.Round(weightX * weightY / 8 * (1 << weightBits)))
		if u < outX && v < outY {
			f.last = k
		}
	}
	f.last = max(f.last, worthDecoding(outX*outY))
	clear(f.weight[f.last+1:])
	for k, weight := range f.weight {
		if weight != 0 {
			f.used |= 1 << k
		}
	}
	return f
}

// worthDecoding returns how far folded coefficients are decoded for blocks of so
// many samples. On photographs, that halves the error which the rest leaves; to
// decode all costs a third more time.
func worthDecoding(samples int) int {
	switch {
	case samples == 1:
		return 0 // all others are without weight
	case samples <= 4:
		return 13 // the cosine 3 across with 0 and 1 down, and so on
	default:
		return 35 // the first half
	}
}

// foldOne returns to which of the first n coefficients the coefficient k is
// added in one dimension, and with what weight. That is by how much the mean
// flattens it, and what the inverse transform to n samples wants its input
// multiplied with.
func foldOne(k, n int) (slot int, weight float64) {
	weight = 1
	for m := 8; m > n; m /= 2 { // halve the number of samples
		weight *= cosines[k*8/m]
		switch {
		case k == m/2:
			return 0, 0
		case k > m/2:
			k, weight = m-k, -weight
		}
	}
	return k, weight * inputScale(k, n)
}

// inputScale is √2·cos(kπ/16) for the transforms to 8 and its like for 4; see
// inverse8 and inverse4.
func inputScale(k, n int) float64 {
	switch {
	case k == 0 || n == 2:
		return 1
	case n == 8:
		return math.Sqrt2 * cosines[k]
	case k == 2:
		return 1
	default:
		return math.Sqrt2 * cosines[2]
	}
}

// setScale works out by what to multiply coefficients: the quantization table,
// given in zigzag order, and the weights.
func (c *component) setScale(quant *[64]uint16) {
	for k, q := range quant {
		const shift = weightBits - sampleBits
		c.scale[k] = int32((int64(q)*c.fold.weight[k] + 1<<(shift-1)) >> shift)
	}
}

package icc

import (
	"errors"
	"math"
)

type (
	vector [3]float64
	matrix [3]vector // of rows
)

var identity = matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}

// bradford leads from XYZ to the responses of cones (ICC.1:2010, annex E).
var bradford = matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}

// srgbChromaticity is white, red, green and blue of sRGB (IEC 61966-2-1, 4.1), in
// the order and unit of PNG.
var srgbChromaticity = [8]uint32{31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000}

// maxGain bounds how much of an sRGB primary any primary holds. Those of CIE XYZ
// hold 3.2; without a bound the sums of the tables would overflow.
const maxGain = 16

var errPrimaries = errors.New("its primaries are of no use")

// toSRGB leads from the light of primaries, which are columns of XYZ, to that of
// sRGB. White is what all primaries make together, and stays white: it is adapted
// to that of sRGB, whether the primaries are those of a screen or were adapted to
// D50 before, as profiles want it.
func toSRGB(primaries matrix) (matrix, error) {
	srgb, err := fromChromaticity(srgbChromaticity)
	if err != nil {
		return matrix{}, err
	}
	back, err := srgb.inverse()
	if err != nil {
		return matrix{}, err
	}
	adapted, err := adaptation(primaries.white(), srgb.white())
	if err != nil {
		return matrix{}, err
	}
	m := back.times(adapted).times(primaries)
	return m, m.check()
}

// check refuses what is not finite, too.
func (m matrix) check() error {
	for _, row := range m {
		for _, v := range row {
			if !(math.Abs(v) <= maxGain) { // false for NaN
				return errPrimaries
			}
		}
	}
	return nil
}

// adaptation leads from colours under one white to those that look alike under
// another (ICC.1:2010, annex E).
func adaptation(from, to vector) (matrix, error) {
	inverse, err := bradford.inverse()
	if err != nil {
		return matrix{}, err
	}
	source, target := bradford.apply(from), bradford.apply(to)
	var scale matrix
	for i := range scale {
		if source[i] <= 0 {
			return matrix{}, errPrimaries
		}
		scale[i][i] = target[i] / source[i]
	}
	return inverse.times(scale).times(bradford), nil
}

// fromChromaticity returns the primaries that have the given x and y, of white,
// red, green and blue, times 100000, and make that white of luminance 1.
func fromChromaticity(xy [8]uint32) (matrix, error) {
	var columns matrix
	for i := range 3 {
		v, err := fromXY(xy[2+2*i], xy[3+2*i])
		if err != nil {
			return matrix{}, err
		}
		columns.setColumn(i, v)
	}
	white, err := fromXY(xy[0], xy[1])
	if err != nil {
		return matrix{}, err
	}
	inverse, err := columns.inverse()
	if err != nil {
		return matrix{}, err
	}
	amounts := inverse.apply(white)
	return columns.times(matrix{{amounts[0], 0, 0}, {0, amounts[1], 0}, {0, 0, amounts[2]}}), nil
}

// fromXY returns the XYZ of luminance 1.
func fromXY(x, y uint32) (vector, error) {
	if y == 0 {
		return vector{}, errPrimaries
	}
	z := 100000 - float64(x) - float64(y)
	return vector{float64(x) / float64(y), 1, z / float64(y)}, nil
}

func (m *matrix) setColumn(i int, v vector) {
	for row := range m {
		m[row][i] = v[row]
	}
}

// white is the colour of all columns together.
func (m matrix) white() vector { return m.apply(vector{1, 1, 1}) }

func (m matrix) apply(v vector) vector {
	return vector{m[0].dot(v), m[1].dot(v), m[2].dot(v)}
}

// dot rounds every product, so that all machines agree.
func (v vector) dot(w vector) float64 {
	return float64(v[0]*w[0]) + float64(v[1]*w[1]) + float64(v[2]*w[2])
}

func (v vector) cross(w vector) vector {
	return vector{
		float64(v[1]*w[2]) - float64(v[2]*w[1]),
		float64(v[2]*w[0]) - float64(v[0]*w[2]),
		float64(v[0]*w[1]) - float64(v[1]*w[0]),
	}
}

func (m matrix) times(n matrix) (product matrix) {
	n = n.transposed()
	for i := range m {
		product[i] = n.apply(m[i])
	}
	return product
}

func (m matrix) transposed() (t matrix) {
	for i := range m {
		t.setColumn(i, m[i])
	}
	return t
}

// inverse is by Cramer's rule: its columns are the cross products of the rows.
func (m matrix) inverse() (inverse matrix, err error) {
	const least = 1e-9 // of a determinant; sRGB's is about 0.06
	columns := matrix{m[1].cross(m[2]), m[2].cross(m[0]), m[0].cross(m[1])}
	det := m[0].dot(columns[0])
	if !(math.Abs(det) > least) { // false for NaN
		return matrix{}, errPrimaries
	}
	for i, c := range columns {
		inverse.setColumn(i, vector{c[0] / det, c[1] / det, c[2] / det})
	}
	return inverse, nil
}

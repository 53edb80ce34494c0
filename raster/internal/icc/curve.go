package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// curve leads from a value to light, both from 0 to 1.
type curve interface{ at(v float64) float64 }

// power is the curve of parametricCurveType, type 4 (ICC.1:2010, clause 10), which
// the other types are cases of: (a·v + b)^g + e from d on, and c·v + f below.
type power struct{ g, a, b, c, d, e, f float64 }

// srgb is the curve of sRGB (IEC 61966-2-1, 5.2).
var srgb = power{g: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.04045}

// gamma is the curve of a plain exponent.
func gamma(g float64) power { return power{g: g, a: 1} }

func (p power) at(v float64) float64 {
	if v < p.d {
		return unit(float64(p.c*v) + p.f)
	}
	base := max(0, float64(p.a*v)+p.b) // below 0 there is no power, and types 1 and 2 say 0
	return unit(math.Pow(base, p.g) + p.e)
}

// samples is a curve of at least two points at equal distances, of 0 to 0xffff.
type samples []uint16

func (s samples) at(v float64) float64 {
	at := float64(v * float64(len(s)-1))
	i := min(int(at), len(s)-2)
	low, high := float64(s[i]), float64(s[i+1])
	return (low + float64((at-float64(i))*(high-low))) / 0xffff
}

func unit(v float64) float64 { return min(1, max(0, v)) }

// parseCurve reads a curveType or a parametricCurveType (ICC.1:2010, clause 10).
func parseCurve(data []byte) (curve, error) {
	if len(data) < 12 {
		return nil, errors.New("the curve is cut off")
	}
	switch kind := string(data[:4]); kind {
	case "curv":
		return parseSamples(data[8:])
	case "para":
		return parsePower(data[8:])
	default:
		return nil, fmt.Errorf("%w: a curve of type %q", ErrUnsupported, kind)
	}
}

// maxSamples bounds a curve: more would tell values of 16 bits nothing new.
const maxSamples = 1 << 16

// parseSamples reads a count and as many numbers. No number means that values are
// light, and a single one is an exponent.
func parseSamples(data []byte) (curve, error) {
	n, data := binary.BigEndian.Uint32(data), data[4:]
	if n > maxSamples || len(data) < 2*int(n) {
		return nil, fmt.Errorf("the curve cannot have %d samples", n)
	}
	switch n {
	case 0:
		return gamma(1), nil
	case 1:
		return gamma(float64(binary.BigEndian.Uint16(data)) / (1 << 8)), nil
	}
	s := make(samples, n)
	for i := range s {
		s[i] = binary.BigEndian.Uint16(data[2*i:])
	}
	return s, nil
}

// parsePower reads the number of a type and its parameters.
func parsePower(data []byte) (curve, error) {
	kind, data := binary.BigEndian.Uint16(data), data[4:]
	counts := [...]int{1, 3, 4, 5, 7}
	if int(kind) >= len(counts) {
		return nil, fmt.Errorf("%w: a parametric curve of type %d", ErrUnsupported, kind)
	}
	if len(data) < 4*counts[kind] {
		return nil, errors.New("the curve is cut off")
	}
	var v [7]float64
	for i := range counts[kind] {
		v[i] = fixed(data[4*i:])
	}
	p := power{g: v[0], a: v[1], b: v[2], c: v[3], d: v[4], e: v[5], f: v[6]}
	switch kind {
	case 0:
		p = gamma(v[0])
	case 2: // its c is what type 4 calls e, and f below
		p = power{g: v[0], a: v[1], b: v[2], e: v[3]}
	}
	return p, nil
}

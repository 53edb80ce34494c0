package ascii

import "math"

// leastPlain returns the character with the least f, see matcher, if that is less than
// a limit, and otherwise another one. The first of equals is taken.
//
// Most characters are ruled out by a bound: light(g) is its mean and a rest, and by
// Cauchy and Schwarz the product of the rest with q is at least minus the product of
// their lengths. The bound is lowered by more than what rounding makes of it and of f,
// so that the result is that of looking at all, as vector instructions do.
func (d *dictionary) leastPlain(q *[samples]float32, limit float32, otherwise uint16) uint16 {
	sum, rest := sumAndRest(q)
	rounding := float32(1e-5 * (float32(math.Abs(float64(sum))) + rest + 1))
	for g, b := range d.bounds {
		if b.halfSelf+float32(b.mean*sum)-float32(b.rest*rest)-rounding >= limit {
			continue
		}
		if f := dot(&d.light[g], q) + b.halfSelf; f < limit {
			limit, otherwise = f, uint16(g)
		}
	}
	return otherwise
}

// sumAndRest returns the sum of q and the length of what is left of q without its
// mean.
func sumAndRest(q *[samples]float32) (sum, rest float32) {
	for _, v := range q {
		sum += v
	}
	mean := float32(sum / samples)
	var squares float32
	for _, v := range q {
		squares += float32((v - mean) * (v - mean))
	}
	return sum, float32(math.Sqrt(float64(squares)))
}

// lanes8 is the best of every eighth character.
type lanes8 struct {
	f  [8]float32
	at [8]int32 // which eight; -1: none
}

// best returns the character with the least f, the first of equals, or the other one
// where there is none.
func (l *lanes8) best(limit float32, otherwise uint16) uint16 {
	for lane, at := range l.at {
		if at < 0 {
			continue
		}
		g, f := uint16(8*int(at)+lane), l.f[lane]
		if f < limit || f == limit && g < otherwise {
			limit, otherwise = f, g
		}
	}
	return otherwise
}

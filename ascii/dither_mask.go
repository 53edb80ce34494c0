package ascii

import (
	"math"
	"sync"
)

// maskSide is the side of a mask, in cells.
const maskSide = 16

// ditherMask holds every rank from 0 to maskSide² - 1 once. It wraps at its sides.
type ditherMask [maskSide][maskSide]uint8

// at is the threshold of a cell, between 0 and 1.
func (m *ditherMask) at(x, y int) float64 {
	return (float64(m[y%maskSide][x%maskSide]) + 0.5) / (maskSide * maskSide)
}

// bayer is the mask of Bayer (1973): ranks that follow each other are far apart, in
// a regular pattern.
func bayer() *ditherMask {
	m := new(ditherMask)
	for y := range maskSide {
		for x := range maskSide {
			var rank uint8
			for bit := 1; bit < maskSide; bit *= 2 {
				rank *= 4
				if (x^y)&bit != 0 {
					rank += 2
				}
				if y&bit != 0 {
					rank++
				}
			}
			m[y][x] = rank
		}
	}
	return m
}

// blueNoise is a mask without a pattern: the ranks up to any one are spread evenly,
// but not regularly. It is made by void and cluster (Ulichney, 1993).
var blueNoise = sync.OnceValue(func() *ditherMask {
	c := newClusters()
	for !c.settle() {
	}
	m := new(ditherMask)
	start := *c
	for rank := maskSide*maskSide/10 - 1; rank >= 0; rank-- {
		at := c.tightest()
		c.flip(at)
		m[at/maskSide][at%maskSide] = uint8(rank)
	}
	c = &start
	for rank := maskSide * maskSide / 10; rank < maskSide*maskSide; rank++ {
		at := c.emptiest()
		c.flip(at)
		m[at/maskSide][at%maskSide] = uint8(rank)
	}
	return m
})

// clusters is a pattern of dots and how crowded each place is by them. Crowding is
// in whole numbers, so that it is the same on every machine.
type clusters struct {
	dots  [maskSide * maskSide]bool
	crowd [maskSide * maskSide]int
	near  [maskSide * maskSide]int // how much a dot at 0 crowds each place
}

// newClusters places dots by a linear congruential generator.
func newClusters() *clusters {
	c := new(clusters)
	for i := range c.near {
		dx, dy := wrapped(i%maskSide), wrapped(i/maskSide)
		const sigma = 1.5
		c.near[i] = int(math.Round(1e6 * math.Exp(-float64(dx*dx+dy*dy)/(2*sigma*sigma))))
	}
	state := uint32(1)
	for n := 0; n < maskSide*maskSide/10; {
		state = state*1664525 + 1013904223 // Numerical Recipes, 1992
		if at := int(state >> 24); !c.dots[at] {
			c.flip(at)
			n++
		}
	}
	return c
}

func wrapped(d int) int { return min(d, maskSide-d) }

// flip sets a dot, or takes it away.
func (c *clusters) flip(at int) {
	sign := 1
	if c.dots[at] {
		sign = -1
	}
	c.dots[at] = !c.dots[at]
	for i := range c.crowd {
		dx, dy := (i-at+maskSide*maskSide)%maskSide, (i/maskSide-at/maskSide+maskSide)%maskSide
		c.crowd[i] += sign * c.near[dy*maskSide+dx]
	}
}

// settle moves the most crowded dot to the emptiest place, and reports whether that
// is where it was.
func (c *clusters) settle() bool {
	from := c.tightest()
	c.flip(from)
	to := c.emptiest()
	c.flip(to)
	return from == to
}

// tightest is the most crowded dot.
func (c *clusters) tightest() int {
	best := -1
	for i, dot := range c.dots {
		if dot && (best < 0 || c.crowd[i] > c.crowd[best]) {
			best = i
		}
	}
	return best
}

// emptiest is the least crowded place without a dot.
func (c *clusters) emptiest() int {
	best := -1
	for i, dot := range c.dots {
		if !dot && (best < 0 || c.crowd[i] < c.crowd[best]) {
			best = i
		}
	}
	return best
}

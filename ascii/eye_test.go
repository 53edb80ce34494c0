package ascii

import (
	"math"
	"math/rand/v2"
	"testing"
)

// direct is the plain definition of the spread at one place.
func direct(at func(x, y int) float64, x, y int) float64 {
	weights := [...]float64{1, 6, 15, 20, 15, 6, 1}
	var sum float64
	for dy, wy := range weights {
		for dx, wx := range weights {
			sum += wy * wx / (64 * 64) * at(x+dx-margin, y+dy-margin)
		}
	}
	return sum
}

func TestSpreadIsTheConvolution(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {2, 4}, {3, 1}, {12, 9}} {
		c := newCanvas(size[0], size[1])
		before := newCanvas(size[0], size[1])
		rnd := rand.New(rand.NewPCG(1, 1))
		for y := range c.height {
			for x := range c.width {
				c.row(y)[margin+x] = rnd.Float32()
			}
		}
		copy(before.pix, c.pix)
		c.spread()
		at := func(x, y int) float64 {
			if x < 0 || y < 0 || x >= c.width || y >= c.height {
				return 0
			}
			return float64(before.row(y)[margin+x])
		}
		for y := -margin; y < c.height+margin; y++ {
			for x := -margin; x < c.width+margin; x++ {
				got, want := float64(c.row(y)[margin+x]), direct(at, x, y)
				if math.Abs(got-want) > 1e-6 {
					t.Errorf("%v at %d,%d: got %v, want %v", size, x, y, got, want)
				}
			}
		}
	}
}

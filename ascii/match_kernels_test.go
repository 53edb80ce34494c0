package ascii

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func (p *impression) randomize(rnd *rand.Rand, least, most float32) {
	for i := range p {
		p[i] = least + float32((most-least)*rnd.Float32())
	}
}

// Whatever the processor has gives what the plain kernels give, to the last bit:
// art must not depend on the machine.
func TestKernelsAreThePlainOnes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	table := lightnesses()
	for n := 1; n < 40; n++ {
		all := make([]impression, n)
		for i := range all {
			all[i].randomize(rnd, 0, 0.7)
		}
		var c local
		c.light.randomize(rnd, -0.5, 4)
		c.bend.randomize(rnd, -0.1, 1)
		c.pull.randomize(rnd, -100, 10)

		got, want := make([]float32, n), make([]float32, n)
		rank(got, all, &c.pull)
		rankPlain(want, all, &c.pull)
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("rank %d of %d: got %v, want %v", i, n, got[i], want[i])
			}
		}
		if got, want := c.worth(table, &all[0]), c.worthPlain(table, &all[0]); got != want {
			t.Errorf("worth: got %v, want %v", got, want)
		}
		var first, second, wantFirst, wantSecond impression
		c.slope(table, &all[0], &first, &second)
		c.slopePlain(table, &all[0], &wantFirst, &wantSecond)
		if first != wantFirst || second != wantSecond {
			t.Errorf("slope: got %v and %v, want %v and %v", first, second, wantFirst, wantSecond)
		}
	}
}

func TestCopiedRowsAreThePlainOnes(t *testing.T) {
	src := make([]float32, 100)
	for i := range src {
		src[i] = float32(i + 1)
	}
	for n := 5; n <= 7; n++ {
		got, want := make([]float32, 64), make([]float32, 64)
		copyRows(got, src[:5*16+n], n, 6, 16)
		copyRowsPlain(want, src, n, 6, 16)
		if !slices.Equal(got, want) {
			t.Errorf("rows of %d: got %v, want %v", n, got, want)
		}
	}
}

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
		plain := c
		var first, wantFirst impression
		bent, wantBent := c.slope(table, &all[0], &first), plain.slopePlain(table, &all[0], &wantFirst)
		if first != wantFirst || bent != wantBent || c.light != plain.light {
			t.Errorf("slope: got %v, %v and %v, want %v, %v and %v", first, bent, c.light, wantFirst, wantBent, plain.light)
		}
	}
}

// Nothing but the rows of a sight is read or written.
func TestRowsAroundCellsAreThePlainOnes(t *testing.T) {
	const stride = 16
	rnd := rand.New(rand.NewPCG(5, 6))
	for i := range sights {
		v := &sights[i]
		size := (v.spanRows()-1)*stride + v.spanCols()
		planes := makePlanes[float32](3, size)
		for _, p := range planes {
			for i := range p {
				p[i] = rnd.Float32()
			}
		}
		var got, want local
		got.gather(v, planes[0], planes[1], planes[2], stride)
		want.gatherPlain(v, planes[0], planes[1], planes[2], stride)
		if got != want {
			t.Errorf("gathering sight %d: got %v, want %v", i, got, want)
		}
		sum, wantSum := slices.Clone(planes[0]), slices.Clone(planes[0])
		want.bend.add(v, sum, stride)
		want.bend.addPlain(v, wantSum, stride)
		if !slices.Equal(sum, wantSum) {
			t.Errorf("adding sight %d: got %v, want %v", i, sum, wantSum)
		}
	}
}

func TestWeighedRowsAreThePlainOnes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	src, weights, at := make([]float32, 200), make([]float32, 7), make([]int, 7)
	for i := range src {
		src[i] = rnd.Float32()
	}
	for n := 1; n < 60; n++ {
		for k := range weights {
			weights[k], at[k] = rnd.Float32(), rnd.IntN(len(src)-n+1)
		}
		got, want := make([]float32, n), make([]float32, n)
		weigh(got, src, at, weights)
		weighPlain(want, src, at, weights)
		if !slices.Equal(got, want) {
			t.Errorf("%d numbers: got %v, want %v", n, got, want)
		}
	}
}

func TestRowsAreThePlainOnes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	for n := range 70 {
		src := make([]float32, 2*n+2)
		for i := range src {
			src[i] = float32(rnd.Float32()*5) - 0.5
		}
		got, want := make([]float32, len(src)), make([]float32, len(src))
		lightnesses().ofAll(got, src)
		lightnesses().ofAllPlain(want, src)
		if !slices.Equal(got, want) {
			t.Errorf("lightness of %d: got %v, want %v", n, got, want)
		}
		halve(got[:n], src)
		halvePlain(want[:n], src)
		if !slices.Equal(got, want) {
			t.Errorf("%d halved: got %v, want %v", n, got, want)
		}
	}
}

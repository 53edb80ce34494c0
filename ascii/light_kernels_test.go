package ascii

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

func randomBytes(rnd *rand.Rand, n int) []uint8 {
	b := make([]uint8, n)
	for i := range b {
		b[i] = uint8(rnd.UintN(256))
	}
	return b
}

// The corners of luma and chroma, where conversions overshoot most, and lengths that
// are no multiple of anything.
func TestPairsAreThePlainOnes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	w := widePrimaries8()
	for n := range 600 {
		luma, cb, cr := randomBytes(rnd, 2*n), randomBytes(rnd, n), randomBytes(rnd, n)
		for i := range n {
			switch rnd.IntN(4) { // corners
			case 0:
				luma[2*i], cb[i], cr[i] = luma[2*i]&1*255, cb[i]&1*255, cr[i]&1*255
			case 1:
				cb[i], cr[i] = 128, 128
			}
		}
		got, want := make([]uint32, 2*n), make([]uint32, 2*n)
		w.convertPairs(got, luma, cb, cr)
		w.convertPairsPlain(want, luma, cb, cr)
		if !slices.Equal(got, want) {
			t.Fatalf("%d pairs: got %v, want %v", n, got, want)
		}
	}
}

func TestAddScaledIsThePlainOne(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	for n := range 100 {
		src := make([]uint32, n)
		for i := range src {
			src[i] = rnd.Uint32N(one + 1)
		}
		for _, factor := range []uint64{0, 1, 132, 1<<32 - 1, 1 << 32, 1<<36 + 5} {
			got := make([]uint64, n+1)
			for i := range got {
				got[i] = uint64(rnd.Uint32())
			}
			want := slices.Clone(got)
			addScaled(got, src, factor)
			addScaledPlain(want, src, factor)
			if !slices.Equal(got, want) {
				t.Fatalf("%d times %d: got %v, want %v", n, factor, got, want)
			}
		}
	}
}

// Rows of pixels of which some, or stretches, are transparent have the light that
// each has alone, and end as the plain kernel says.
func TestPixelsOfARowAreThoseAlone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for _, opaque := range []int{0, 1, 2, 50, 1000} { // of so many and one pixels all but one
		for n := range 70 {
			img := &image.NRGBA{Pix: randomBytes(rnd, 4*n), Stride: 4 * n, Rect: image.Rect(0, 0, n, 1)}
			for i := range n {
				if rnd.IntN(opaque+1) != 0 {
					img.Pix[4*i+3] = 255
				}
			}
			for _, read := range []rowReader{readNRGBA(img), readRGBA((*image.RGBA)(img))} {
				got, want := make([]uint32, n), make([]uint32, n)
				read(got, 0, 0)
				for x := range n {
					read(want[x:x+1], x, 0)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d pixels, all but one of %d opaque: got %v, want %v", n, opaque+1, got, want)
				}
			}
			p, dst := primaries8(), make([]uint32, n)
			if got, want := p.convertOpaque(dst, img.Pix), p.convertOpaquePlain(dst, img.Pix); got != want {
				t.Fatalf("got %d opaque pixels, want %d", got, want)
			}
		}
	}
}

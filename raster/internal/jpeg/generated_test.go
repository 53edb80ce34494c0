package jpeg

import (
	"bytes"
	"fmt"
	stdjpeg "image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// newTestFile returns a file of random coefficients.
func newTestFile(r *rand.Rand, w, h int, sampling ...[2]int) *testFile {
	f := &testFile{w: w, h: h, sampling: sampling, adobe: -1, script: interleaved(len(sampling))}
	f.dc, f.ac = flatTable(symbols(0, r)), flatTable(symbols(1, r))
	for k := range f.quant {
		f.quant[k] = uint16(1 + r.IntN(8+k/2))
	}
	var err error
	if f.frame, err = parseFrame(f.frameHeader(), false); err != nil {
		panic(err)
	}
	for _, c := range f.frame.comps {
		blocks := make([][64]int32, c.strideBlocks*c.rowBlocks)
		for i := range blocks {
			blocks[i] = f.randomBlock(r)
		}
		f.coefs = append(f.coefs, blocks)
	}
	return f
}

// randomBlock returns coefficients as they are of pictures: few, and small at
// high frequencies.
func (f *testFile) randomBlock(r *rand.Rand) (b [64]int32) {
	limit := func(k int, amplitude float64) int32 {
		return int32(amplitude * (2*r.Float64() - 1) / float64(f.quant[k]))
	}
	b[0] = limit(0, 900)
	if r.IntN(4) == 0 {
		return b
	}
	density := r.Float64()
	for k := 1; k < 64; k++ {
		if r.Float64() < density {
			b[k] = limit(k, 400/float64(k))
		}
	}
	return b
}

// shapes are files of every kind of sampling, colour and order, with sides up to
// a limit.
func shapes(r *rand.Rand, limit int) map[string]*testFile {
	files := map[string]*testFile{}
	size := func() (w, h int) { return 1 + r.IntN(limit), 1 + r.IntN(limit) }
	add := func(name string, sampling ...[2]int) {
		for _, order := range []string{"interleaved", "separate", "progressive", "spectral"} {
			w, h := size()
			f := newTestFile(r, w, h, sampling...)
			switch order {
			case "separate":
				f.script = separate(len(sampling))
			case "progressive":
				f.progressive, f.script = true, progression(len(sampling))
			case "spectral":
				f.progressive, f.script = true, spectral(len(sampling))
			}
			if r.IntN(2) == 0 {
				f.interval = 1 + r.IntN(9)
			}
			if r.IntN(2) == 0 {
				f.dc, f.ac = steepTable(f.dc.symbols), steepTable(f.ac.symbols)
			}
			files[fmt.Sprintf("%s %s %d×%d", name, order, w, h)] = f
		}
	}
	one := [2]int{1, 1}
	add("grey", one)
	add("grey 2×2", [2]int{2, 2})
	for _, s := range [][2]int{{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {4, 2}, {1, 4}, {2, 4}, {3, 1}, {1, 3}, {3, 2}} {
		add(fmt.Sprintf("%d×%d", s[0], s[1]), s, one, one)
	}
	add("mixed", [2]int{2, 2}, [2]int{2, 1}, [2]int{1, 2})
	add("small luma", one, [2]int{2, 1}, [2]int{2, 1})
	add("four", one, one, one, one)
	add("four 2×2", [2]int{2, 2}, one, one, [2]int{2, 2})
	return files
}

func TestGeneratedFiles(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		for name, f := range shapes(r, 70) {
			t.Run(name, func(t *testing.T) {
				if len(f.sampling) == 4 {
					f.adobe = 0
				}
				file := f.encode()
				f.wantPlanes(t, file)
				if want, err := stdjpeg.Decode(bytes.NewReader(file)); err == nil {
					got, err := Decode(t.Context(), bytes.NewReader(file), Options{})
					if err != nil {
						t.Fatal(err)
					}
					wantSame(t, got, want)
				}
			})
		}
	}
}

// wantPlanes checks the samples of each component, at every reduction.
func (f *testFile) wantPlanes(t *testing.T, file []byte) {
	t.Helper()
	coefs := make([][][64]int32, len(f.coefs))
	for i, blocks := range f.coefs {
		for _, b := range blocks {
			for k, q := range f.quant {
				b[k] *= int32(q)
			}
			coefs[i] = append(coefs[i], b)
		}
	}
	for _, k := range []int{1, 2, 4, 8} {
		d := newDecoder(bytes.NewReader(file))
		if err := d.decodePlanes(t.Context(), k); err != nil {
			t.Fatalf("1/%d: %v", k, err)
		}
		d.wantPlanes(t, coefs)
	}
}

// wantPlanes checks the samples of each component against its coefficients,
// multiplied by the quantization table, by the definition of the inverse DCT.
func (d *decoder) wantPlanes(t *testing.T, coefs [][][64]int32) {
	t.Helper()
	for i := range d.frame.comps {
		c := &d.frame.comps[i]
		worst := 0.0
		for y := range c.blocksY {
			for x := range c.blocksX {
				got := c.plane[y*c.outY*c.stride+x*c.outX:]
				worst = max(worst, c.difference(got, samples(&coefs[i][y*c.strideBlocks+x], c.fold.last)))
			}
		}
		if worst > 0.6 { // half a level is rounding
			t.Errorf("1/%d: samples of component %d differ by up to %.2f", d.frame.reduction, i, worst)
		}
	}
}

// difference compares a block of a plane to the means of the 8 × 8 samples that
// the block stands for.
func (c *component) difference(got []byte, samples [64]float64) (worst float64) {
	stepX, stepY := 8/c.outX, 8/c.outY
	for y := range c.outY {
		for x := range c.outX {
			mean := 0.0
			for i := range stepX * stepY {
				mean += samples[(y*stepY+i/stepX)*8+x*stepX+i%stepX] / float64(stepX*stepY)
			}
			mean = min(max(mean, 0), 255)
			worst = max(worst, math.Abs(float64(got[y*c.stride+x])-mean))
		}
	}
	return worst
}

// samples is the inverse DCT (section A.3.3) of coefficients up to last, in zigzag
// order.
func samples(coefs *[64]int32, last int) (s [64]float64) {
	for i := range s {
		s[i] = 128
	}
	for k, v := range coefs[:last+1] {
		if v == 0 {
			continue
		}
		u, w := zigzag[k]&7, zigzag[k]>>3
		for i := range s {
			s[i] += float64(v) / 4 * basis[u][i%8] * basis[w][i/8]
		}
	}
	return s
}

// basis are the cosines of the DCT.
var basis = func() (b [8][8]float64) {
	for u := range b {
		for x := range b[u] {
			b[u][x] = math.Cos(float64((2*x+1)*u) * math.Pi / 16)
			if u == 0 {
				b[u][x] = math.Sqrt2 / 2
			}
		}
	}
	return b
}()

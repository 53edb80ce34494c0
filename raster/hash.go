package raster

import (
	"image"
	"slices"
)

// Hash sums up how a picture looks, so that pictures that look alike have hashes
// that differ in few bits: the same one in another size, format or quality, or a
// little brighter, differs in up to about 6 of 63, another one in about 30.
//
// It is 0 for a picture in which nothing is to be seen. Otherwise bit 63 is set, and
// each of the others says whether a low frequency of the lightness is above the median
// (Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010,
// section 3.2.1). It is computed in whole numbers, alike on every machine, from at
// most 256×256 pixels.
func Hash(img image.Image) uint64 {
	if img.Bounds().Empty() {
		return 0
	}
	var low [hashSide * hashSide]int64
	frequencies(lightness(img), &low)
	weights := low[1:] // the first is the mean lightness
	strongest := max(slices.Max(weights), -slices.Min(weights))
	if strongest < unseen {
		return 0
	}
	least := max(unseen, strongest/32)
	for i, w := range weights {
		if -least < w && w < least {
			weights[i] = 0
		}
	}
	return 1<<63 | aboveMedian(weights)
}

const (
	hashGrid    = 32  // cells each way, of which the lightness is averaged
	hashSide    = 8   // frequencies each way that are looked at
	hashSamples = 256 // pixels each way that are looked at, at most

	cosineBits = 14
	lightBits  = 8 // below a level of 0 to 255
	// unseen is the weight of a wave of half a level, about what compression leaves
	// behind. Weights below it, or small beside the strongest, are of either sign by
	// chance: in symmetrical pictures half of them would be nothing but rounding.
	unseen = (1 << lightBits / 2) * (hashGrid / 2) * (hashGrid / 2) << (2 * cosineBits)
)

func aboveMedian(weights []int64) uint64 {
	sorted := slices.Sorted(slices.Values(weights))
	median := sorted[len(sorted)/2]
	var bits uint64
	for i, w := range weights {
		if w > median {
			bits |= 1 << i
		}
	}
	return bits
}

type grid [hashGrid][hashGrid]int64

// frequencies computes the lowest coefficients of the discrete cosine transform
// (type II), by columns of v and rows of u.
func frequencies(light *grid, low *[hashSide * hashSide]int64) {
	for u := range hashSide {
		var column [hashGrid]int64
		for y := range hashGrid {
			for x := range hashGrid {
				column[y] += light[y][x] * basis(u, x)
			}
		}
		for v := range hashSide {
			for y := range hashGrid {
				low[v*hashSide+u] += column[y] * basis(v, y)
			}
		}
	}
}

// basis is wave u of the transform at x, in units of 2⁻¹⁴.
func basis(u, x int) int64 {
	const quarter = hashGrid
	if u == 0 {
		return quarterWave[quarter/2] // of the same length as the others
	}
	angle := (2*x + 1) * u % (4 * quarter)
	switch {
	case angle > 3*quarter:
		return quarterWave[4*quarter-angle]
	case angle > 2*quarter:
		return -quarterWave[angle-2*quarter]
	case angle > quarter:
		return -quarterWave[2*quarter-angle]
	}
	return quarterWave[angle]
}

// quarterWave is cos(πk/64) in units of 2⁻¹⁴, rounded.
var quarterWave = [hashGrid + 1]int64{
	16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449,
	14053, 13623, 13160, 12665, 12140, 11585, 11003, 10394, 9760, 9102, 8423,
	7723, 7005, 6270, 5520, 4756, 3981, 3196, 2404, 1606, 804, 0,
}

// lightness averages the lightness over the cells of a grid, each pixel by how much
// of it lies in a cell.
func lightness(img image.Image) *grid {
	b := img.Bounds()
	across, down := samplesOf(b.Min.X, b.Dx()), samplesOf(b.Min.Y, b.Dy())
	at := lightAt(img)
	sums := &grid{}
	for _, y := range down {
		var row [hashGrid]int64
		for _, x := range across {
			light := at(x.at, y.at)
			for _, s := range x.spans {
				row[s.cell] += light * s.part
			}
		}
		for _, s := range y.spans {
			for x, light := range row {
				sums[s.cell][x] += light * s.part
			}
		}
	}
	for y := range sums {
		for x := range sums[y] {
			sums[y][x] = sums[y][x] << lightBits / int64(len(across)*len(down))
		}
	}
	return sums
}

// sample is a row or column of pixels that is looked at.
type sample struct {
	at    int
	spans []span
}

// span is the part of a sample that lies in a cell, in units of which a sample has 32.
type span struct {
	cell int
	part int64
}

// samplesOf spreads samples evenly over pixels, and the cells over the samples: in
// units of which sample i goes from 32i to 32(i+1), cell c of n samples goes from nc to
// n(c+1).
func samplesOf(first, pixels int) []sample {
	n := min(pixels, hashSamples)
	samples, spans := make([]sample, n), make([]span, 0, n+hashGrid)
	for i := range samples {
		before := len(spans)
		samples[i].at = first + (2*i+1)*pixels/(2*n)
		for from, end := hashGrid*i, hashGrid*(i+1); from < end; {
			cell := from / n
			to := min(end, n*(cell+1))
			spans = append(spans, span{cell, int64(to - from)})
			from = to
		}
		samples[i].spans = spans[before:]
	}
	return samples
}

// lightAt returns how to read the luma of a pixel (ITU-R BT.601), 0 to 255, on white
// where the picture is transparent.
func lightAt(img image.Image) func(x, y int) int64 {
	switch img := img.(type) {
	case *image.YCbCr:
		return func(x, y int) int64 { return int64(img.Y[img.YOffset(x, y)]) }
	case *image.Gray:
		return func(x, y int) int64 { return int64(img.Pix[img.PixOffset(x, y)]) }
	case image.RGBA64Image:
		return func(x, y int) int64 {
			c := img.RGBA64At(x, y)
			return luma(uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A))
		}
	}
	return func(x, y int) int64 { return luma(img.At(x, y).RGBA()) }
}

func luma(r, g, b, a uint32) int64 {
	return int64((19595*uint64(r)+38470*uint64(g)+7471*uint64(b))>>16+uint64(0xffff-a)) >> 8
}

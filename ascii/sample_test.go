package ascii

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"
)

// noisy returns pictures of every kind with a fast reader, each with a start that
// is not at zero, as a part of a larger one.
func noisy() map[string]image.Image {
	rnd := rand.New(rand.NewPCG(3, 4))
	full, part := image.Rect(-3, 2, 40, 31), image.Rect(-1, 5, 36, 28)
	fill := func(pix []uint8) {
		for i := range pix {
			pix[i] = uint8(rnd.UintN(256))
		}
	}
	gray, nrgba, rgba := image.NewGray(full), image.NewNRGBA(full), image.NewRGBA(full)
	fill(gray.Pix)
	fill(nrgba.Pix)
	draw.Draw(rgba, full, nrgba, full.Min, draw.Src)
	opaque := image.NewNRGBA(full)
	draw.Draw(opaque, full, image.Black, image.Point{}, draw.Src)
	draw.Draw(opaque, full, nrgba, full.Min, draw.Over)
	palette := color.Palette{color.Black, color.White, color.Transparent, color.NRGBA{200, 30, 90, 128}}
	paletted := image.NewPaletted(full, palette)
	for i := range paletted.Pix {
		paletted.Pix[i] = uint8(rnd.IntN(len(palette)))
	}
	pictures := map[string]image.Image{
		"Gray": gray.SubImage(part), "NRGBA": nrgba.SubImage(part), "RGBA": rgba.SubImage(part),
		"opaque NRGBA": opaque.SubImage(part), "Paletted": paletted.SubImage(part),
	}
	for r := image.YCbCrSubsampleRatio444; r <= image.YCbCrSubsampleRatio410; r++ {
		img := image.NewYCbCr(full, r)
		fill(img.Y)
		fill(img.Cb)
		fill(img.Cr)
		pictures["YCbCr "+r.String()] = img.SubImage(part)
		whole := image.NewYCbCr(image.Rect(0, 0, 37, 23), r)
		fill(whole.Y)
		fill(whole.Cb)
		fill(whole.Cr)
		pictures["whole YCbCr "+r.String()] = whole
	}
	return pictures
}

// The fast readers say the same as the general one, up to the 8 bits that they
// work with.
func TestFastReadersAreRight(t *testing.T) {
	for name, img := range noisy() {
		general := colorsOf(img)
		b := img.Bounds()
		for y := range b.Dy() {
			for _, x := range []int{0, 1, b.Dx() / 2} {
				n := b.Dx() - x
				got, want := makePlanes[uint32](5, n), makePlanes[uint32](5, n)
				colorReader(img, true)(got, x, y, n)
				readerOf(img)(got[4], x, y)
				for i := range n {
					c := general(x+i, y)
					want[redPlane][i], want[greenPlane][i], want[bluePlane][i] = lights(c)
					want[alphaPlane][i], want[4][i] = alphaOf(c), lightOf(c)
				}
				for p := range got {
					compareLight(t, fmt.Sprintf("%s at %d,%d, plane %d", name, x, y, p), got[p], want[p])
				}
			}
		}
	}
}

func compareLight(t *testing.T, what string, got, want []uint32) {
	t.Helper()
	const tolerance = one / 100 // about one of 255 steps where they are largest
	for i := range got {
		if d := max(got[i], want[i]) - min(got[i], want[i]); d > tolerance {
			t.Fatalf("%s: pixel %d has light %d, want %d", what, i, got[i], want[i])
		}
	}
}

// An index beyond the palette must not crash.
func TestPalettedBeyondItsPalette(t *testing.T) {
	img := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.White})
	img.Pix[1] = 7
	got := makePlanes[uint32](4, 2)
	colorReader(img, true)(got, 0, 0, 2)
	for p, plane := range got {
		if plane[0] != one || plane[1] != 0 {
			t.Errorf("plane %d: got %v, want white and nothing", p, plane)
		}
	}
	readerOf(img)(got[0], 0, 0)
	if got[0][0] != one || got[0][1] != 0 {
		t.Errorf("luminance: got %v, want white and nothing", got[0])
	}
}

// averages is the plain definition of an area average.
func averages(img image.Image, gridWidth, gridHeight int) []float64 {
	b := img.Bounds()
	out := make([]float64, gridWidth*gridHeight)
	w, h := float64(b.Dx())/float64(gridWidth), float64(b.Dy())/float64(gridHeight)
	light := make([]uint32, b.Dx())
	for y := range b.Dy() {
		readerOf(img)(light, 0, y)
		for x, l := range light {
			for gy := range gridHeight {
				for gx := range gridWidth {
					share := shared(float64(x), float64(gx)*w, w) * shared(float64(y), float64(gy)*h, h)
					out[gy*gridWidth+gx] += share / (w * h) * float64(l) / one
				}
			}
		}
	}
	return out
}

// shared is the length that [p, p+1] and [from, from+length] have in common.
func shared(p, from, length float64) float64 {
	return max(0, min(p+1, from+length)-max(p, from))
}

func TestSamplerAveragesExactly(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][4]int{
		{1, 1, 1, 1}, {1, 1, 7, 5}, {7, 5, 1, 1}, {7, 5, 7, 5}, {7, 5, 3, 4}, {13, 11, 5, 3}, {3, 2, 8, 12}, {9, 1, 4, 4},
	} {
		img := image.NewGray(image.Rect(0, 0, size[0], size[1]))
		for i := range img.Pix {
			img.Pix[i] = uint8(rnd.UintN(256))
		}
		want := averages(img, size[2], size[3])
		s := newSampler(lightReader(img), 1, evenly(size[0]), evenly(size[1]), size[2], size[3])
		for y := range size[3] {
			for x, sum := range s.row(y)[0] {
				got := float64(sum) / (float64(s.full()) * one)
				if w := want[y*size[2]+x]; math.Abs(got-w) > 1e-12 {
					t.Errorf("%v: box %d,%d has %v, want %v", size, x, y, got, w)
				}
			}
		}
	}
}

// A picture that is wider than a band is averaged as one that is not.
func TestSamplerInBands(t *testing.T) {
	const width, height = 3*maxBand + 77, 3
	img := image.NewGray(image.Rect(0, 0, width, height))
	rnd := rand.New(rand.NewPCG(7, 8))
	for i := range img.Pix {
		img.Pix[i] = uint8(rnd.UintN(256))
	}
	inBands := newSampler(lightReader(img), 1, evenly(width), evenly(height), 10, 2)
	atOnce := newSampler(lightReader(img), 1, evenly(width), evenly(height), 10, 2)
	atOnce.light, atOnce.column = makePlanes[uint32](1, width), makePlanes[uint64](1, width)
	for y := range 2 {
		if got, want := fmt.Sprint(inBands.row(y)), fmt.Sprint(atOnce.row(y)); got != want {
			t.Errorf("row %d: got %s, want %s", y, got, want)
		}
	}
}

// 16 bits are not cut to 8.
func TestSixteenBits(t *testing.T) {
	img := image.NewGray16(image.Rect(0, 0, 2, 1))
	img.SetGray16(0, 0, color.Gray16{Y: 0x8000})
	img.SetGray16(1, 0, color.Gray16{Y: 0x8040})
	got := make([]uint32, 2)
	readerOf(img)(got, 0, 0)
	if got[0] >= got[1] {
		t.Errorf("got %v, want two different tones", got)
	}
}

// sampled is what the matcher gets of an opaque picture.
func sampled(t testing.TB, img image.Image, cols, rows int, d *dictionary) *canvas {
	t.Helper()
	y, _, err := sampleGray(t.Context(), sourceOf(img), cols*subCols, rows*subRows)
	if err != nil {
		t.Fatal(err)
	}
	return d.canvas(plane{cols * subCols, rows * subRows, y})
}

// Averages of colours are those of their luminance.
func TestColoursAverageAsTheirLuminance(t *testing.T) {
	for name, img := range noisy() {
		l, err := sampleLight(t.Context(), sourceOf(img), 7, 5)
		if err != nil {
			t.Fatal(err)
		}
		y, a, err := sampleGray(t.Context(), sourceOf(img), 7, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range y {
			got := 0.2126*l.r[i] + 0.7152*l.g[i] + 0.0722*l.b[i]
			if math.Abs(float64(got-want)) > 1e-5 || (a == nil) != (l.a == nil) || a != nil && a[i] != l.a[i] {
				t.Fatalf("%s: box %d has the light %v, want %v; opacity %v and %v", name, i, got, want, l.a, a)
			}
		}
	}
}

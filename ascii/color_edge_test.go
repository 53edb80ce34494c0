package ascii

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// What the eye sees of a cell on edges is, summed naively, what it sees of the cell
// and of its edges carried on outwards.
func TestSeenOnEdges(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var cell inkPlane
	for i := range cell {
		cell[i] = rnd.Float32()
	}
	e := even()
	for at := range allEdges + 1 {
		seen := e.seen(&cell, at)
		got, want := float64(product(&seen, &cell)), naiveEnergy(e, &cell, at)
		if math.Abs(got-want) > 1e-3*want {
			t.Errorf("edges %04b: got the energy %v, want %v", at, got, want)
		}
	}
}

// naiveEnergy sums the products of all pairs of samples.
func naiveEnergy(e *eye, cell *inkPlane, at rim) (energy float64) {
	valueAt := func(x, y int) float64 {
		if !image.Pt(x, y).In(at.grow(reach)) {
			return 0
		}
		x, y = max(0, min(x-reach, inkCols-1)), max(0, min(y-reach, inkRows-1))
		return float64(cell[y*inkCols+x])
	}
	look := at.grow(beyond)
	for _, g := range e.kernels {
		n := len(g) - 1
		for y := look.Min.Y; y < look.Max.Y; y++ {
			for x := look.Min.X; x < look.Max.X; x++ {
				for dy := -n; dy <= n; dy++ {
					for dx := -n; dx <= n; dx++ {
						fromX, fromY := max(0, min(x+dx, patchCols-1)), max(0, min(y+dy, patchRows-1))
						energy += valueAt(x, y) * valueAt(fromX, fromY) * float64(g[max(dx, -dx)]*g[max(dy, -dy)])
					}
				}
			}
		}
	}
	return energy
}

func TestSamplesOnEdgesAreTheOutermostPixels(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 64, 64)) // 16 samples each way: 4 pixels a sample, of which 2 count
	for y := range 64 {
		for x := range 64 {
			if x >= 2 && y >= 2 && x < 62 && y < 62 {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	l, err := sampleLight(t.Context(), sourceOf(img), 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.sampleRim(t.Context(), sourceOf(img)); err != nil {
		t.Fatal(err)
	}
	for y := range 16 {
		for x := range 16 {
			want := float32(1)
			if x == 0 || y == 0 || x == 15 || y == 15 {
				want = 0
			}
			if got := l.g[y*16+x]; math.Abs(float64(got-want)) > 1e-6 {
				t.Errorf("sample %d, %d: got %v, want %v", x, y, got, want)
			}
		}
	}
}

// A thin dark frame, as scans have, must not be lost in the average of the samples
// that it shares with the picture.
func TestThinFrameIsDrawn(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 320, 320))
	for y := range 319 {
		for x := range 320 {
			img.SetRGBA(x, y, color.RGBA{200, 180, 160, 255})
		}
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	art, err := Convert(img, Options{Cols: 20, CellAspect: 0.5, Glyphs: "blocks", Color: "true"})
	if err != nil {
		t.Fatal(err)
	}
	for x := range art.Cols {
		c := art.Frames[0].Cells[(art.Rows-1)*art.Cols+x]
		if c.Rune == ' ' || c.Rune == '█' {
			t.Errorf("column %d of the last row is all even: %q", x, c.Rune)
		}
	}
}

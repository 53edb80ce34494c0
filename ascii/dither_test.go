package ascii

import (
	"image"
	"math"
	"testing"
)

// Every rank is there once.
func TestMasksAreWhole(t *testing.T) {
	for name, m := range map[string]*ditherMask{"Bayer": bayer(), "blue noise": blueNoise()} {
		seen := map[uint8]bool{}
		for _, row := range m {
			for _, rank := range row {
				seen[rank] = true
			}
		}
		if len(seen) != maskSide*maskSide {
			t.Errorf("%s: got %d ranks, want %d", name, len(seen), maskSide*maskSide)
		}
	}
	if got, want := [4]uint8(bayer()[0][:4]), [4]uint8{0, 128, 32, 160}; got != want {
		t.Errorf("Bayer begins with %v, want %v", got, want)
	}
}

// Neighbours in a mask of blue noise differ: it has no low frequencies.
func TestBlueNoiseHasNoClusters(t *testing.T) {
	m := blueNoise()
	for block := range 16 {
		var sum float64
		x, y := block%4*4, block/4*4
		for i := range 16 {
			sum += m.at(x+i%4, y+i/4)
		}
		if mean := sum / 16; math.Abs(mean-0.5) > 0.12 {
			t.Errorf("the block at %d,%d has the mean %.2f, want about a half", x, y, mean)
		}
	}
}

// Every dither gives the tone of flat greys where two characters must make it up;
// without one it is only as near as one of them is.
func TestDithersMakeUpForTones(t *testing.T) {
	tests := []struct {
		dither string
		effort int
		off    float64 // at most, of the range
	}{
		{"search", 5, 0.15}, // it would rather have a dark grey even than rough
		{"search", 1, 0.04},
		{"diffusion", 5, 0.04}, {"diffusion", 1, 0.04},
		{"ordered", 5, 0.04}, {"blue-noise", 5, 0.04},
		{"none", 5, 0.7},
	}
	for _, tt := range tests {
		o := Defaults()
		o.Cols, o.Rows, o.Glyphs, o.Dither, o.Effort = 32, 32, "ramp: #", tt.dither, tt.effort
		d := mustDictionary(t, o)
		for v := 0; v <= 255; v += 51 {
			got := meanLight(d, mustConvert(t, window{flat(uint8(v)), image.Rect(0, 0, 32, 32)}, o))
			want := d.darkest() + (d.lightest()-d.darkest())*float64(linear8()[v])/one
			if math.Abs(got-want) > tt.off*(d.lightest()-d.darkest()) {
				t.Errorf("%s, effort %d, grey %d: got light %.3f, want %.3f", tt.dither, tt.effort, v, got, want)
			}
		}
	}
}

func BenchmarkEffort(b *testing.B) {
	img := photograph(768, 512)
	for _, effort := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		b.Run(effort, func(b *testing.B) {
			o := Defaults()
			o.Effort = int(effort[0] - '0')
			sx, sy := monoSamples(o)
			y, _, err := sampleGray(b.Context(), sourceOf(img), 100*sx, 33*sy)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := drawMono(b.Context(), plane{100 * sx, 33 * sy, y}, 100, 33, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

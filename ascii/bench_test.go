package ascii

import (
	"fmt"
	"image"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// photograph is noise on gradients, of the size and kind that the service mostly
// sees.
func photograph(width, height int) *image.YCbCr {
	rnd := rand.New(rand.NewPCG(1, 2))
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			img.Y[img.YOffset(x, y)] = uint8(min(255, (x*160/width+y*64/height)+rnd.IntN(32)))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(96+rnd.IntN(64)), uint8(96+rnd.IntN(64))
	}
	return img
}

// pixels is the picture as decoders of PNG hand it over.
func pixels(img image.Image) *image.RGBA {
	dst := image.NewRGBA(img.Bounds())
	draw.Draw(dst, dst.Rect, img, img.Bounds().Min, draw.Src)
	return dst
}

func BenchmarkConvert(b *testing.B) {
	img := photograph(768, 512)
	for _, effort := range []int{1, 2, 3, 5, 7, 8, 9} {
		for name, img := range map[string]image.Image{"YCbCr": img, "RGBA": pixels(img)} {
			b.Run(fmt.Sprintf("effort=%d/%s", effort, name), func(b *testing.B) {
				o := Defaults()
				o.Effort = effort
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Convert(img, o); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkSampleGray(b *testing.B) {
	img := photograph(768, 512)
	for name, img := range map[string]image.Image{"YCbCr": img, "RGBA": pixels(img)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := sampleGray(b.Context(), sourceOf(img), 200, 132); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSampleLight(b *testing.B) {
	img := photograph(768, 512)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sampleLight(b.Context(), sourceOf(img), 200, 132); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	d, err := dictionaryOf(Defaults())
	if err != nil {
		b.Fatal(err)
	}
	target := sampled(b, photograph(768, 512), 100, 33, d)
	scratch := newCanvas(target.width, target.height)
	b.ReportAllocs()
	for b.Loop() {
		copy(scratch.pix, target.pix)
		if _, err := newMatcher(d, scratch, 100, 33, 2).match(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpread(b *testing.B) {
	c := newCanvas(200, 132)
	b.ReportAllocs()
	for b.Loop() {
		c.spread()
	}
}

func BenchmarkDictionary(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := newDictionary(ascii(), false); err != nil {
			b.Fatal(err)
		}
	}
}

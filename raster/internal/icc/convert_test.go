package icc

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestConvertKeepsTypes converts a colour of Display P3 through every type.
func TestConvertKeepsTypes(t *testing.T) {
	p, err := Parse(rgb(displayP3, srgbPara).bytes())
	if err != nil {
		t.Fatal(err)
	}
	bounds := image.Rect(3, 5, 10, 12) // odd, and not from 0
	opaque, faint := color.NRGBA{200, 100, 50, 255}, color.NRGBA{200, 100, 50, 128}
	want, wantClear := color.NRGBA{215, 93, 31, 255}, color.NRGBA{215, 93, 31, 128}
	grey := color.NRGBA{99, 99, 99, 255}
	// NRGBAModel cuts 16 bits down to 8, so that these may be one less.
	tests := map[string]struct {
		src       draw.Image
		fill      color.Color
		want      color.NRGBA
		tolerance int
		sameType  bool
	}{
		"Gray":               {image.NewGray(bounds), grey, grey, 0, true},
		"Gray16":             {image.NewGray16(bounds), grey, grey, 0, true},
		"NRGBA":              {image.NewNRGBA(bounds), opaque, want, 0, true},
		"NRGBA, faint":       {image.NewNRGBA(bounds), faint, wantClear, 0, true},
		"RGBA":               {image.NewRGBA(bounds), opaque, want, 0, true},
		"RGBA, faint":        {image.NewRGBA(bounds), faint, wantClear, 3, true},
		"RGBA, all clear":    {image.NewRGBA(bounds), color.NRGBA{}, color.NRGBA{}, 0, true},
		"NRGBA64":            {image.NewNRGBA64(bounds), opaque, want, 1, true},
		"NRGBA64, faint":     {image.NewNRGBA64(bounds), faint, wantClear, 1, true},
		"RGBA64":             {image.NewRGBA64(bounds), opaque, want, 1, false},
		"RGBA64, faint":      {image.NewRGBA64(bounds), faint, wantClear, 1, false},
		"Paletted":           {image.NewPaletted(bounds, color.Palette{color.White, opaque}), opaque, want, 0, true},
		"Paletted, faint":    {image.NewPaletted(bounds, color.Palette{color.White, faint}), faint, wantClear, 1, true},
		"CMYK, not touched":  {image.NewCMYK(bounds), color.CMYK{0, 0, 0, 0}, color.NRGBA{255, 255, 255, 255}, 0, true},
		"of an unknown type": {struct{ *image.NRGBA }{image.NewNRGBA(bounds)}, opaque, want, 1, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			draw.Draw(tt.src, bounds, image.NewUniform(tt.fill), image.Point{}, draw.Src)
			got := p.Convert(tt.src)
			if got.Bounds() != bounds {
				t.Errorf("got bounds %v, want %v", got.Bounds(), bounds)
			}
			want := reflect.TypeFor[*image.NRGBA64]()
			if tt.sameType {
				want = reflect.TypeOf(tt.src)
			}
			if reflect.TypeOf(got) != want {
				t.Errorf("got a %T from a %T, want a %v", got, tt.src, want)
			}
			for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
				for x := bounds.Min.X; x < bounds.Max.X; x++ {
					checkPixel(t, got.At(x, y), tt.want, tt.tolerance)
				}
			}
		})
	}
}

func checkPixel(t *testing.T, got color.Color, want color.NRGBA, tolerance int) {
	t.Helper()
	n := color.NRGBAModel.Convert(got).(color.NRGBA)
	if n.A != want.A || differ(triple(n.R, n.G, n.B), triple(want.R, want.G, want.B), tolerance) {
		t.Fatalf("got %v, want %v", n, want)
	}
}

// TestConvertReadsYCbCr checks every pixel of a part of a subsampled picture, with
// and without alpha, against the same pixels by way of RGB.
func TestConvertReadsYCbCr(t *testing.T) {
	p, err := Parse(rgb(adobeRGB, exponent(2.2)).bytes())
	if err != nil {
		t.Fatal(err)
	}
	whole := image.NewNYCbCrA(image.Rect(0, 0, 17, 13), image.YCbCrSubsampleRatio420)
	for i := range whole.Y {
		whole.Y[i], whole.A[i] = uint8(i*7), uint8(i)
	}
	for i := range whole.Cb {
		whole.Cb[i], whole.Cr[i] = uint8(i*11), uint8(255-i*5)
	}
	part := image.Rect(3, 5, 16, 12)
	faint := whole.SubImage(part).(*image.NYCbCrA)
	opaque := whole.YCbCr.SubImage(part).(*image.YCbCr)
	gotClear, gotOpaque := p.Convert(faint).(*image.NRGBA), p.Convert(opaque).(*image.RGBA)
	if gotClear.Rect != part || gotOpaque.Rect != part {
		t.Fatalf("got bounds %v and %v, want %v", gotClear.Rect, gotOpaque.Rect, part)
	}
	table := p.narrow()
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			want := color.NRGBAModel.Convert(opaque.At(x, y)).(color.NRGBA)
			want.R, want.G, want.B = table.at(want.R, want.G, want.B)
			checkPixel(t, gotOpaque.At(x, y), want, 0)
			want.A = faint.NYCbCrAAt(x, y).A
			if got := gotClear.NRGBAAt(x, y); got != want {
				t.Fatalf("%d, %d: got %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestConvertLeavesTheSourceAlone(t *testing.T) {
	p, err := Parse(rgb(displayP3, exponent(1.8)).bytes())
	if err != nil {
		t.Fatal(err)
	}
	src := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.NRGBA{9, 99, 199, 255}})
	dst := p.Convert(src).(*image.Paletted)
	dst.Pix[0] = 1
	if src.Pix[0] != 0 || src.Palette[0] != (color.NRGBA{9, 99, 199, 255}) {
		t.Errorf("the source became %v with %v", src.Pix, src.Palette)
	}
}

func TestConvertOfNoPixels(t *testing.T) {
	p, err := Parse(grey(exponent(1.8)).bytes())
	if err != nil {
		t.Fatal(err)
	}
	empty := image.Rect(4, 4, 4, 9)
	for _, src := range []image.Image{
		&image.Gray{Rect: empty}, &image.Gray16{Rect: empty}, &image.NRGBA{Rect: empty}, &image.RGBA{Rect: empty},
		&image.YCbCr{Rect: empty}, &image.NYCbCrA{YCbCr: image.YCbCr{Rect: empty}}, &image.Paletted{Rect: empty},
		&image.NRGBA64{Rect: empty}, &image.RGBA64{Rect: empty},
	} {
		if got := p.Convert(src).Bounds(); !got.Empty() {
			t.Errorf("%T: got %v", src, got)
		}
	}
}

func BenchmarkConvert(b *testing.B) {
	p, err := Parse(rgb(displayP3, srgbPara).bytes())
	if err != nil {
		b.Fatal(err)
	}
	r := image.Rect(0, 0, 512, 384)
	random := rand.New(rand.NewPCG(1, 2))
	noise := image.NewNRGBA(r)
	for i := range noise.Pix { // slopes with some grain, as photographs have them
		noise.Pix[i] = uint8(i>>11 + i%4*40 + random.IntN(8))
	}
	ycbcr := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	copy(ycbcr.Y, noise.Pix)
	copy(ycbcr.Cb, noise.Pix[1<<10:])
	copy(ycbcr.Cr, noise.Pix[1<<11:])
	wide := image.NewNRGBA64(r)
	draw.Draw(wide, r, noise, image.Point{}, draw.Src)
	for name, src := range map[string]image.Image{
		"NRGBA": noise, "YCbCr": ycbcr, "NRGBA64": wide, "one pixel": noise.SubImage(image.Rect(0, 0, 1, 1)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(src.Bounds().Dx() * src.Bounds().Dy()))
			for b.Loop() {
				p.Convert(src)
			}
		})
	}
}

func BenchmarkIsSRGB(b *testing.B) {
	p, err := Parse(rgb(srgbD50, srgbPara).bytes())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.IsSRGB()
	}
}

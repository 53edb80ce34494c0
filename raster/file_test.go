package raster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

// gradient is a picture that looks different from every side, with sides that few
// reductions divide.
func gradient() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 61, 43))
	for y := range 43 {
		for x := range 61 {
			img.SetRGBA(x, y, color.RGBA{uint8(4 * x), uint8(5 * y), uint8(2 * (x + y)), 255})
		}
	}
	return img
}

func open(t *testing.T, file []byte) *File {
	t.Helper()
	f, err := Open(t.Context(), bytes.NewReader(file), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Each pixel of a reduced picture is the mean of what Original says it covers, on
// whatever side the file's right edge comes out.
func TestReducedPixelsAreMeans(t *testing.T) {
	var plain bytes.Buffer
	if err := png.Encode(&plain, gradient()); err != nil {
		t.Fatal(err)
	}
	for orientation := 1; orientation <= 8; orientation++ {
		file := pngWithExif(plain.Bytes(), exif(uint16(orientation), binary.BigEndian), false)
		whole, _, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{2, 5, 8, 64} {
			t.Run(fmt.Sprintf("orientation %d by %d", orientation, k), func(t *testing.T) {
				p, err := open(t, file).Decode(k)
				if err != nil || p.Damage != nil {
					t.Fatal(err, p.Damage)
				}
				b := p.Bounds()
				for y := b.Min.Y; y < b.Max.Y; y++ {
					for x := b.Min.X; x < b.Max.X; x++ {
						covered := image.Rect(x*k, y*k, (x+1)*k, (y+1)*k).Intersect(p.Original).Sub(p.Original.Min)
						if got, want := p.At(x, y), meanOf(whole, covered); !near(got, want) {
							t.Fatalf("pixel %d,%d covers %v: got %v, want %v", x, y, covered, got, want)
						}
					}
				}
			})
		}
	}
}

// meanOf averages light.
func meanOf(img image.Image, part image.Rectangle) color.Color {
	var sums [3]float64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			for i, v := range [3]uint32{r, g, b} {
				sums[i] += math.Pow(float64(v)/0xffff, 2.2)
			}
		}
	}
	var mean [3]uint8
	for i, s := range sums {
		mean[i] = uint8(255*math.Pow(s/float64(part.Dx()*part.Dy()), 1/2.2) + 0.5)
	}
	return color.RGBA{mean[0], mean[1], mean[2], 255}
}

func TestReductionKeepsWhatIsNeeded(t *testing.T) {
	var asJPEG, asPNG, asTIFF bytes.Buffer
	big := image.NewGray(image.Rect(0, 0, 1000, 500))
	if err := png.Encode(&asPNG, big); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, big, nil); err != nil {
		t.Fatal(err)
	}
	asTIFF.Write(encode(t, "TIFF"))
	turned := jpegWithExif(asJPEG.Bytes(), exif(6, binary.LittleEndian))
	for _, tt := range []struct {
		name  string
		file  []byte
		least image.Point
		want  int
	}{
		{"PNG", asPNG.Bytes(), image.Pt(100, 50), 10},
		{"PNG, the other side decides", asPNG.Bytes(), image.Pt(100, 101), 4},
		{"PNG, more than there is", asPNG.Bytes(), image.Pt(2000, 50), 1},
		{"PNG, nothing needed", asPNG.Bytes(), image.Point{}, 500},
		{"JPEG", asJPEG.Bytes(), image.Pt(100, 50), 8},
		{"JPEG, between", asJPEG.Bytes(), image.Pt(143, 50), 4},
		{"JPEG, turned", turned, image.Pt(100, 500), 2},
		{"TIFF, only whole", asTIFF.Bytes(), image.Pt(1, 1), 1},
	} {
		if got := open(t, tt.file).Reduction(tt.least); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// What is missing of a file does not cost the rest.
func TestDamagedPicturesAreShown(t *testing.T) {
	for _, name := range []string{"PNG", "JPEG", "BMP"} {
		var b bytes.Buffer
		switch name {
		case "PNG":
			_ = png.Encode(&b, gradient())
		case "JPEG":
			_ = jpeg.Encode(&b, gradient(), nil)
		default:
			b.Write(encode(t, name))
		}
		file := b.Bytes()[:b.Len()*3/4]
		p, err := open(t, file).Decode(1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Damage == nil || !strings.Contains(p.Damage.Error(), "cut off") {
			t.Errorf("%s: got the damage %v, want that it is cut off", name, p.Damage)
		}
		if _, _, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits()); err == nil {
			t.Errorf("%s: Decode does not tell that a part is missing", name)
		}
	}
}

// A picture of many pixels that compresses to nothing costs what its result costs.
func TestMemoryFollowsTheReduction(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 5000, 5000))); err != nil {
		t.Fatal(err)
	}
	lim := DefaultLimits()
	lim.Memory = 16 << 20
	f, err := Open(t.Context(), bytes.NewReader(b.Bytes()), lim)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Decode(1); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("whole: got %v, want that it needs too much memory", err)
	}
	if _, err := f.Decode(f.Reduction(image.Pt(100, 100))); err != nil {
		t.Errorf("reduced: %v", err)
	}
}

package raster

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"
)

// painting is a picture of shapes with soft edges, other ones for every seed.
func painting(w, h int, seed uint32) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	var blobs [12][5]float64
	for i := range blobs {
		for j := range blobs[i] {
			seed = seed*1664525 + 1013904223
			blobs[i][j] = float64(seed>>8) / (1 << 24)
		}
	}
	for y := range h {
		for x := range w {
			light := 0.3
			for _, b := range blobs {
				dx, dy := float64(x)/float64(w)-b[0], float64(y)/float64(h)-b[1]
				light += (b[2] - 0.5) * math.Exp(-(dx*dx+dy*dy)/(0.005+b[3]*b[3]/10))
			}
			v := uint8(255 * max(0.1, min(0.9, light))) // not cut off when it is made darker
			img.SetRGBA(x, y, color.RGBA{v, v, 255 - v, 255})
		}
	}
	return img
}

func scaled(img image.Image, w, h int) image.Image {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(dst, dst.Bounds(), img, img.Bounds(), draw.Src, nil)
	return dst
}

func recompressed(t testing.TB, img image.Image, quality int) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	again, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// toned has another contrast and brightness.
func toned(img image.Image, gain, offset float64) image.Image {
	dst := image.NewRGBA(img.Bounds())
	draw.Draw(dst, dst.Bounds(), img, img.Bounds().Min, draw.Src)
	for i, v := range dst.Pix {
		if i%4 != 3 {
			dst.Pix[i] = uint8(max(0, min(255, gain*float64(v)+offset)))
		}
	}
	return dst
}

// variants are pictures that look like one.
func variants(t testing.TB, img image.Image) map[string]image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	return map[string]image.Image{
		"half the size":         scaled(img, w/2, h/2),
		"a fifth of the size":   scaled(img, w/5, h/5),
		"1.37 times the size":   scaled(img, w*137/100, h*137/100),
		"JPEG of quality 75":    recompressed(t, img, 75),
		"JPEG of quality 20":    recompressed(t, img, 20),
		"small and bad":         recompressed(t, scaled(img, w/3, h/3), 30),
		"brighter":              toned(img, 1, 15),
		"darker":                toned(img, 1, -15),
		"of less contrast":      toned(img, 0.8, 20),
		"of a little more":      toned(img, 1.1, -10),
		"without colour":        gray(img),
		"in another memory":     toned(img, 1, 0),
		"reduced by whole":      scaled(img, w/4, h/4),
		"of another proportion": scaled(img, w, h*3/4),
	}
}

func gray(img image.Image) image.Image {
	dst := image.NewGray(img.Bounds())
	draw.Draw(dst, dst.Bounds(), img, img.Bounds().Min, draw.Src)
	return dst
}

const mostAlike, leastOther = 6, 16

func TestHashOfWhatLooksAlike(t *testing.T) {
	for seed := range uint32(4) {
		img := painting(200, 150, seed)
		checkAlike(t, fmt.Sprint("painting ", seed), img)
	}
}

func checkAlike(t *testing.T, name string, img image.Image) {
	t.Helper()
	want := Hash(img)
	for variant, other := range variants(t, img) {
		if d := bits.OnesCount64(want ^ Hash(other)); d > mostAlike {
			t.Errorf("%s, %s: got a distance of %d, want at most %d", name, variant, d, mostAlike)
		}
	}
}

func TestHashOfOtherPictures(t *testing.T) {
	var hashes []uint64
	for seed := range uint32(20) {
		hashes = append(hashes, Hash(painting(120, 90, seed)))
	}
	checkOthers(t, hashes)
}

// checkOthers allows one pair of fifty to be alike by chance.
func checkOthers(t *testing.T, hashes []uint64) {
	t.Helper()
	pairs, alike := 0, 0
	for i, a := range hashes {
		for _, b := range hashes[:i] {
			pairs++
			if bits.OnesCount64(a^b) < leastOther {
				alike++
			}
		}
	}
	if alike*50 > pairs {
		t.Errorf("%d of %d pairs of other pictures differ in fewer than %d bits", alike, pairs, leastOther)
	}
}

// TestHashOfPhotos is about real pictures, which are no part of the project.
func TestHashOfPhotos(t *testing.T) {
	root := cmp.Or(os.Getenv("CHARCOAL_CORPUS"), "../../shared/corpus")
	files, err := filepath.Glob(filepath.Join(root, "photos", "*.png"))
	if err != nil || len(files) == 0 {
		t.Skipf("no photos in %s: set CHARCOAL_CORPUS", root)
	}
	var hashes []uint64
	for n, name := range files {
		img := photo(t, name)
		if n%4 == 0 { // the variants take their time
			checkAlike(t, filepath.Base(name), img)
		}
		hashes = append(hashes, Hash(img))
	}
	checkOthers(t, hashes)
}

func photo(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	img, _, err := Decode(t.Context(), f, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestHashOfNothing is 0 where nothing is to be seen, and only there.
func TestHashOfNothing(t *testing.T) {
	one := image.NewGray(image.Rect(0, 0, 1, 1))
	disc := image.NewGray(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if (x-32)*(x-32)+(y-32)*(y-32) < 400 {
				disc.SetGray(x, y, color.Gray{255})
			}
		}
	}
	for _, tt := range []struct {
		name    string
		img     image.Image
		nothing bool
	}{
		{"no pixels", image.NewGray(image.Rectangle{}), true},
		{"one pixel", one, true},
		{"one colour", toned(image.NewRGBA(image.Rect(0, 0, 40, 30)), 0, 200), true},
		{"one colour, compressed", recompressed(t, toned(image.NewRGBA(image.Rect(0, 0, 90, 70)), 0, 77), 30), true},
		{"all transparent", image.NewNRGBA(image.Rect(0, 0, 50, 50)), true},
		{"a disc", disc, false},
		{"the top left of a disc", disc.SubImage(image.Rect(0, 0, 32, 32)), false},
		{"two pixels", painting(2, 1, 1), false},
		{"one column", painting(1, 500, 1), false},
	} {
		if got := Hash(tt.img) == 0; got != tt.nothing {
			t.Errorf("%s: got no hash %v, want %v", tt.name, got, tt.nothing)
		}
	}
}

// TestHashIsTheSameEverywhere pins some hashes: other machines, and later releases,
// must say the same, or libraries of them would not be comparable.
func TestHashIsTheSameEverywhere(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 61, 47))
	seed := uint32(1)
	for i := range img.Pix {
		seed = seed*1664525 + 1013904223
		img.Pix[i] = uint8(seed >> 24)
	}
	if got, want := Hash(img), uint64(pinnedHash); got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

const pinnedHash = 0xe30120c2a00fcbc1

func TestQuarterWave(t *testing.T) {
	for k, got := range quarterWave {
		if want := math.Cos(math.Pi*float64(k)/64) * (1 << cosineBits); math.Abs(float64(got)-want) > 0.501 {
			t.Errorf("cos(π%d/64): got %d, want %f", k, got, want)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	rgba := painting(400, 300, 1)
	large := painting(2000, 1500, 1)
	for name, img := range map[string]image.Image{
		"RGBA": rgba, "YCbCr": recompressed(b, rgba, 90), "Gray": gray(rgba), "3 megapixels": large,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Hash(img)
			}
		})
	}
}

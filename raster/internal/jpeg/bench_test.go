package jpeg

import (
	"bytes"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkDecode decodes the files in the folder CHARCOAL_JPEGS, or a generated
// picture of 3 megapixels.
func BenchmarkDecode(b *testing.B) {
	for name, file := range benchmarkFiles(b) {
		for _, k := range []int{1, 2, 4, 8} {
			b.Run(name+"/"+strconv.Itoa(k), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Decode(b.Context(), bytes.NewReader(file), Options{Reduction: k}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/image-jpeg", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := stdjpeg.Decode(bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchmarkFiles(b *testing.B) map[string][]byte {
	b.Helper()
	names, err := filepath.Glob(filepath.Join(os.Getenv("CHARCOAL_JPEGS"), "*.jpg"))
	if err != nil || len(names) == 0 {
		return map[string][]byte{"texture": texture(b)}
	}
	files := map[string][]byte{}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		files[filepath.Base(name)] = file
	}
	return files
}

// texture returns a file of 3 megapixels of waves and noise, which takes about as
// many bits as a photograph.
func texture(b *testing.B) []byte {
	b.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, 2048, 1536), image.YCbCrSubsampleRatio420)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range img.Y {
		x, y := float64(i%img.YStride), float64(i/img.YStride)
		img.Y[i] = byte(128 + 50*math.Sin(x/40)*math.Cos(y/30) + 20*math.Sin(x*y/4000) + 12*r.NormFloat64())
	}
	for i := range img.Cb {
		x, y := i%img.CStride, i/img.CStride
		img.Cb[i], img.Cr[i] = byte(x/8), byte(y/6)
	}
	var out bytes.Buffer
	if err := stdjpeg.Encode(&out, img, &stdjpeg.Options{Quality: 85}); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkTables builds the look-up tables of a scan.
func BenchmarkTables(b *testing.B) {
	t := flatTable(symbols(1, rand.New(rand.NewPCG(1, 1))))
	segment := append(t.counts[:], t.symbols...)
	h := new(huffman)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.parse(segment); err != nil {
			b.Fatal(err)
		}
		h.buildLook(false)
		h.buildSkip()
	}
}

// BenchmarkInverse transforms blocks with the given number of coefficients.
func BenchmarkInverse(b *testing.B) {
	for _, size := range []int{1, 2, 4, 8} {
		for _, last := range []int{0, 4, 12, 30, 63} {
			b.Run(fmt.Sprintf("%d×%d last %d", size, size, last), func(b *testing.B) {
				inverse := inverseOf(size, size)
				var coefs block
				b.ReportAllocs()
				dst := make([]byte, 64)
				for b.Loop() {
					for k := range last + 1 {
						coefs[zigzag[k]] = int32(1000 * k)
					}
					inverse(&coefs, last, dst, 8)
				}
			})
		}
	}
}

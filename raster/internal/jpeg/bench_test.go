package jpeg

import (
	"bytes"
	"fmt"
	stdjpeg "image/jpeg"
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
	files := map[string][]byte{}
	names, _ := filepath.Glob(filepath.Join(os.Getenv("CHARCOAL_JPEGS"), "*.jpg"))
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		files[filepath.Base(name)] = file
	}
	return files
}

// BenchmarkInverse transforms blocks with the given number of coefficients.
func BenchmarkInverse(b *testing.B) {
	for _, size := range []int{1, 2, 4, 8} {
		for _, last := range []int{0, 4, 12, 30, 63} {
			b.Run(fmt.Sprintf("%d×%d last %d", size, size, last), func(b *testing.B) {
				inverse := inverseOf(size, size)
				var coefs block
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

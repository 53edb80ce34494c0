package png

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/charcoal-art/charcoal/raster/internal/inflate"
)

// mosaic is a photograph of 12 megapixels, of landscapes 4 across and 8 down.
func mosaic(b *testing.B) []byte {
	b.Helper()
	paths, err := filepath.Glob(filepath.Join(corpus(), "photos", "*.png"))
	if err != nil || len(paths) == 0 {
		b.Skipf("there are no photographs in %s", corpus())
	}
	var tiles []image.Image
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		img, err := decode(data, 1)
		if err != nil {
			b.Fatal(err)
		}
		if img.Bounds().Size() == image.Pt(768, 512) {
			tiles = append(tiles, img)
		}
	}
	all := image.NewRGBA(image.Rect(0, 0, 4*768, 8*512))
	for i := range 32 {
		at := image.Pt(i%4*768, i/4*512)
		draw.Draw(all, image.Rectangle{Min: at, Max: at.Add(image.Pt(768, 512))}, tiles[i%len(tiles)], image.Point{}, draw.Src)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, all); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkMosaic(b *testing.B) {
	data := mosaic(b)
	b.Run("reduced by 8", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(data, 8); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decode(data, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by image/png", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := png.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("inflated only", func(b *testing.B) {
		b.ReportAllocs()
		block := new(inflate.Block)
		for b.Loop() {
			p := newParser(bytes.NewReader(data))
			if err := p.readHeader(); err != nil {
				b.Fatal(err)
			}
			for z := inflate.NewReader(p); ; {
				if _, err := z.Next(block); err != nil {
					break
				}
			}
		}
	})
}

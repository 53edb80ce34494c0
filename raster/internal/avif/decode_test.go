//go:build nodynamic

package avif

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, name := range []string{"plain", "alpha", "profile", "animated", "orientation6"} {
		t.Run(name, func(t *testing.T) {
			img, err := Decode(t.Context(), bytes.NewReader(read(t, name)), 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			if size := img.Bounds().Size(); size.X != 48 || size.Y != 32 {
				t.Fatalf("got %v", size)
			}
			for y := 0; y < 32; y += 5 {
				for x := 0; x < 48; x += 5 {
					want := color.NRGBA{uint8(x * 5), uint8(y * 8), 100, 255}
					if name == "alpha" {
						want.A = uint8(255 - x*5)
					}
					got := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
					if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) || !near(got.A, want.A) {
						t.Fatalf("%d, %d: got %v, want %v", x, y, got, want)
					}
				}
			}
		})
	}
}

// near allows for the losses of compression.
func near(a, b uint8) bool { return max(a, b)-min(a, b) <= 12 }

func TestDecodeRefuses(t *testing.T) {
	plain := read(t, "plain")
	damaged := bytes.Clone(plain)
	for i := len(damaged) - 60; i < len(damaged); i++ {
		damaged[i] ^= byte(i)
	}
	tests := map[string]struct {
		file                []byte
		maxBytes, maxPixels int64
	}{
		"nothing":         {nil, 0, 0},
		"damaged":         {damaged, 0, 0},
		"too many bytes":  {plain, int64(len(plain)) - 1, 0},
		"too many pixels": {plain, 0, 100},
		"cut off":         {plain[:len(plain)-60], 0, 0},
	}
	for name, tt := range tests {
		if img, err := Decode(t.Context(), bytes.NewReader(tt.file), tt.maxBytes, tt.maxPixels); err == nil {
			t.Errorf("%s: got %v", name, img.Bounds())
		}
	}
}

// TestDecodeOfOthers reads what other programs wrote, and what was made to crash them.
func TestDecodeOfOthers(t *testing.T) {
	root := cmp.Or(os.Getenv("CHARCOAL_CORPUS"), "../../../../shared/corpus")
	files, _ := filepath.Glob(filepath.Join(root, "*", "*.avif"))
	if len(files) == 0 {
		t.Skipf("no pictures in %s: set CHARCOAL_CORPUS", root)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := Decode(t.Context(), bytes.NewReader(file), 0, 1<<22)
		hostile := filepath.Base(filepath.Dir(name)) == "hostile"
		if (err != nil) != hostile {
			t.Errorf("%s: got %v", name, err)
		}
		if !hostile && img.Bounds().Empty() {
			t.Errorf("%s: got no pixels", name)
		}
	}
}

func TestDecodeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decode(ctx, bytes.NewReader(read(t, "plain")), 0, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

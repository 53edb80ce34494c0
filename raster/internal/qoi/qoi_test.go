package qoi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// encode writes a picture as the specification says, one chunk for each pixel that is
// not part of a run.
func encode(pixels []pixel, size image.Point, channels byte) []byte {
	b := header(size, channels)
	last, run := pixel{0, 0, 0, 255}, 0
	var seen [64]pixel
	for i, p := range pixels {
		if p == last {
			run++
		}
		if run > 0 && (p != last || run == 62 || i == len(pixels)-1) {
			b = append(b, opRun|byte(run-1))
			seen[last.hash()] = last
			run = 0
		}
		if p == last {
			continue
		}
		b = append(b, chunk(p, last, &seen)...)
		seen[p.hash()], last = p, p
	}
	return append(b, 0, 0, 0, 0, 0, 0, 0, 1)
}

func header(size image.Point, channels byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte("qoif"), uint32(size.X))
	b = binary.BigEndian.AppendUint32(b, uint32(size.Y))
	return append(b, channels, 0)
}

func chunk(p, last pixel, seen *[64]pixel) []byte {
	if seen[p.hash()] == p {
		return []byte{p.hash()}
	}
	if p[3] != last[3] {
		return []byte{opRGBA, p[0], p[1], p[2], p[3]}
	}
	r, g, b := p[0]-last[0]+2, p[1]-last[1]+2, p[2]-last[2]+2
	if r < 4 && g < 4 && b < 4 {
		return []byte{opDiff | r<<4 | g<<2 | b}
	}
	green := p[1] - last[1]
	r, b = p[0]-last[0]-green+8, p[2]-last[2]-green+8
	if green+32 < 64 && r < 16 && b < 16 {
		return []byte{opLuma | (green + 32), r<<4 | b}
	}
	return []byte{opRGB, p[0], p[1], p[2]}
}

// texture has something for every kind of chunk, and the pixel that decoding starts
// with.
func texture(size image.Point, channels byte, rnd *rand.Rand) []pixel {
	pixels := make([]pixel, size.X*size.Y)
	p := pixel{0, 0, 0, 255}
	for i := range pixels {
		switch rnd.IntN(8) {
		case 0:
			p[0] += byte(rnd.IntN(4)) - 2
		case 1:
			p[1] += byte(rnd.IntN(60)) - 30
			p[0], p[2] = p[1]+3, p[1]-3
		case 2:
			p = pixel{byte(rnd.IntN(256)), byte(rnd.IntN(256)), byte(rnd.IntN(256)), p[3]}
		case 3:
			if channels == 4 {
				p[3] = byte(rnd.IntN(256))
			}
		case 4:
			if i > 9 {
				p = pixels[i-9]
			}
		}
		pixels[i] = p
	}
	return pixels
}

func TestWhole(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		for _, channels := range []byte{3, 4} {
			size := image.Pt(1+rnd.IntN(200), 1+rnd.IntN(20))
			pixels := texture(size, channels, rnd)
			img, err := Decode(t.Context(), bytes.NewReader(encode(pixels, size, channels)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if img.Bounds().Size() != size {
				t.Fatalf("got %v, want a picture of %v", img.Bounds(), size)
			}
			for i, p := range pixels {
				want := color.NRGBA{p[0], p[1], p[2], p[3]}
				if got := color.NRGBAModel.Convert(img.At(i%size.X, i/size.X)); p[3] > 0 && got != want {
					t.Fatalf("pixel %d: got %v, want %v", i, got, want)
				}
			}
		}
	}
}

// TestReduced compares with the averages of the whole picture.
func TestReduced(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	size := image.Pt(61, 43)
	pixels := texture(size, 4, rnd)
	for _, k := range []int{2, 3, 8, 100} {
		img, err := Decode(t.Context(), bytes.NewReader(encode(pixels, size, 4)), Options{Reduction: k})
		if err != nil {
			t.Fatal(err)
		}
		box := reduce.New(size, k, reduce.RGBA8)
		for y := range size.Y {
			var row []byte
			for _, p := range pixels[y*size.X:][:size.X] {
				row = append(row, p[:]...)
			}
			box.Row(y, row)
		}
		if want := box.Image().(*image.NRGBA); !bytes.Equal(img.(*image.NRGBA).Pix, want.Pix) {
			t.Errorf("by %d: not the averages", k)
		}
	}
}

func TestTruncated(t *testing.T) {
	size := image.Pt(20, 10)
	file := encode(texture(size, 4, rand.New(rand.NewPCG(3, 3))), size, 4)
	for n := range file {
		img, err := Decode(t.Context(), bytes.NewReader(file[:n]), Options{})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d bytes: got error %v, want an unexpected end", n, err)
		}
		if img == nil && n >= headerSize+longest {
			t.Errorf("%d bytes: the pixels that are there are lost", n)
		}
	}
}

// TestAnyPieces reads a byte at a time, so that every chunk is cut.
func TestAnyPieces(t *testing.T) {
	size := image.Pt(50, 50)
	file := encode(texture(size, 4, rand.New(rand.NewPCG(4, 4))), size, 4)
	want, err := Decode(t.Context(), bytes.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(t.Context(), iotest.OneByteReader(bytes.NewReader(file)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.(*image.NRGBA).Pix, want.(*image.NRGBA).Pix) {
		t.Error("the pictures differ")
	}
}

func TestAttacks(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"another format", []byte("GIF89a and more"), "qoi: this is no QOI picture"},
		{"no width", header(image.Pt(0, 5), 3), "qoi: the picture is empty"},
		{"no height", header(image.Pt(5, 0), 3), "qoi: the picture is empty"},
		{"four thousand million pixels a row", header(image.Pt(-1, 1), 3), "qoi: the picture is too large"},
		{"four thousand million rows", header(image.Pt(1, -1), 3), "qoi: the picture is too large"},
		{"a hundred channels", header(image.Pt(5, 5), 100), "qoi: it has 100 channels"},
		{"a hundred million pixels in a byte", append(header(image.Pt(10_000, 10_000), 3), opRun|3), "qoi: read pixels: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(t.Context(), bytes.NewReader(tt.file), Options{Reduction: 100})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestStops(t *testing.T) {
	file := encode(make([]pixel, 4), image.Pt(2, 2), 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decode(ctx, bytes.NewReader(file), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	broken := errors.New("broken disk")
	r := io.MultiReader(bytes.NewReader(file[:16]), iotest.ErrReader(broken))
	if _, err := Decode(t.Context(), r, Options{}); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

func TestCorpus(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../../shared/corpus"
	}
	files, _ := filepath.Glob(filepath.Join(root, "*/*.qoi"))
	if len(files) == 0 {
		t.Skipf("no QOI in %s: set CHARCOAL_CORPUS", root)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(t.Context(), bytes.NewReader(b), Options{}); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for _, channels := range []byte{3, 4} {
		size := image.Pt(12, 9)
		f.Add(encode(texture(size, channels, rnd), size, channels), 1)
	}
	f.Fuzz(func(t *testing.T, file []byte, k int) {
		c, err := ReadConfig(bytes.NewReader(file))
		if err != nil || c.Width > 1<<12 || c.Height > 1<<12 {
			return
		}
		img, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: min(max(k, 0), reduce.MaxReduction)})
		if err == nil && img == nil {
			t.Error("neither a picture nor an error")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	size := image.Pt(2000, 500)
	file := encode(texture(size, 3, rand.New(rand.NewPCG(6, 6))), size, 3)
	for _, k := range []int{1, 8} {
		b.Run(fmt.Sprint("by ", k), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size.X * size.Y * 3))
			for b.Loop() {
				if _, err := Decode(b.Context(), bytes.NewReader(file), Options{Reduction: k}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

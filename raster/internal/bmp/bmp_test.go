package bmp

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

	"golang.org/x/image/bmp"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// bitmap is a file in parts.
type bitmap struct {
	header        uint32 // size
	width, height int32
	bits          uint16
	compression   uint32
	used          uint32
	rest          []byte // of the header, masks, and the palette
	pixels        []byte
}

func (b bitmap) file() []byte {
	info := binary.LittleEndian.AppendUint32(nil, b.header)
	if b.header == coreHeader {
		info = binary.LittleEndian.AppendUint16(info, uint16(b.width))
		info = binary.LittleEndian.AppendUint16(info, uint16(b.height))
	} else {
		info = binary.LittleEndian.AppendUint32(info, uint32(b.width))
		info = binary.LittleEndian.AppendUint32(info, uint32(b.height))
	}
	info = binary.LittleEndian.AppendUint16(info, 1)
	info = binary.LittleEndian.AppendUint16(info, b.bits)
	if b.header != coreHeader {
		info = binary.LittleEndian.AppendUint32(info, b.compression)
		info = append(info, make([]byte, 12)...)
		info = binary.LittleEndian.AppendUint32(info, b.used)
		info = append(info, make([]byte, 4)...)
	}
	info = append(info, b.rest...)
	file := binary.LittleEndian.AppendUint32([]byte("BM"), 0)
	file = append(file, 0, 0, 0, 0)
	file = binary.LittleEndian.AppendUint32(file, uint32(14+len(info)))
	return append(append(file, info...), b.pixels...)
}

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// colours are two of a palette, as files have them.
var colours = []byte{10, 20, 30, 0, 40, 50, 60, 0}

var (
	first  = color.NRGBA{30, 20, 10, 255}
	second = color.NRGBA{60, 50, 40, 255}
	black  = color.NRGBA{0, 0, 0, 255}
	white  = color.NRGBA{255, 255, 255, 255}
	red    = color.NRGBA{255, 0, 0, 255}
)

var tests = []struct {
	name string
	bitmap
	want []color.NRGBA // from the top
}{
	{"1 bit", bitmap{40, 2, 2, 1, 0, 0, colours, words(0x40, 0x80)}, []color.NRGBA{second, first, first, second}},
	{"1 bit from the top", bitmap{40, 2, -2, 1, 0, 0, colours, words(0x40, 0x80)}, []color.NRGBA{first, second, second, first}},
	{"2 bits with a short palette", bitmap{40, 5, 1, 2, 0, 2, colours, words(0b0001_1011 | 0b01<<14)}, []color.NRGBA{first, second, black, black, second}},
	{"4 bits", bitmap{40, 3, 1, 4, 0, 2, colours, words(0x1001)}, []color.NRGBA{first, second, second}},
	{"8 bits", bitmap{40, 3, 1, 8, 0, 2, colours, words(0x010001)}, []color.NRGBA{second, first, second}},
	{"8 bits of OS/2", bitmap{12, 1, 1, 1, 0, 0, []byte{10, 20, 30, 40, 50, 60}, words(0x80)}, []color.NRGBA{second}},
	{"16 bits", bitmap{40, 2, 1, 16, 0, 0, nil, words(0x7c00 | 0xffff<<16)}, []color.NRGBA{red, white}},
	{"16 bits, 6 of green", bitmap{40, 2, 1, 16, 3, 0, words(0xf800, 0x7e0, 0x1f), words(0xf800 | 0x07e0<<16)}, []color.NRGBA{red, {0, 255, 0, 255}}},
	{"24 bits", bitmap{40, 2, 1, 24, 0, 0, nil, []byte{10, 20, 30, 40, 50, 60, 0, 0}}, []color.NRGBA{first, second}},
	{"32 bits", bitmap{40, 1, 1, 32, 0, 0, nil, []byte{10, 20, 30, 7}}, []color.NRGBA{first}},
	{"32 bits in another order", bitmap{40, 1, 1, 32, 3, 0, words(0xff, 0xff00, 0xff0000), []byte{30, 20, 10, 7}}, []color.NRGBA{first}},
	{"32 bits with alpha", bitmap{40, 1, 1, 32, 6, 0, words(0xff0000, 0xff00, 0xff, 0xff000000), []byte{10, 20, 30, 7}}, []color.NRGBA{{30, 20, 10, 7}}},
	{"32 bits, 10 of each", bitmap{40, 1, 1, 32, 3, 0, words(0x3ff00000, 0xffc00, 0x3ff), words(0x3ff << 20)}, []color.NRGBA{red}},
	{"masks in the header", bitmap{56, 1, 1, 32, 3, 0, words(0xff0000, 0xff00, 0xff, 0xff000000), []byte{10, 20, 30, 7}}, []color.NRGBA{{30, 20, 10, 7}}},
}

func TestDecode(t *testing.T) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img, err := Decode(t.Context(), bytes.NewReader(tt.file()), Options{})
			if err != nil {
				t.Fatal(err)
			}
			size := image.Pt(int(tt.width), abs(int(tt.height)))
			if img.Bounds() != (image.Rectangle{Max: size}) {
				t.Fatalf("got %v, want %v", img.Bounds(), size)
			}
			for i, want := range tt.want {
				if got := color.NRGBAModel.Convert(img.At(i%size.X, i/size.X)); got != want {
					t.Errorf("pixel %d: got %v, want %v", i, got, want)
				}
			}
		})
	}
}

func abs(v int) int { return max(v, -v) }

// TestMatchesReference decodes what golang.org/x/image encodes.
func TestMatchesReference(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		rect := image.Rect(0, 0, 1+rnd.IntN(40), 1+rnd.IntN(30))
		palette := color.Palette{}
		for range 256 {
			palette = append(palette, color.RGBA{byte(rnd.Uint32()), byte(rnd.Uint32()), byte(rnd.Uint32()), 255})
		}
		rgba, nrgba, gray, paletted := image.NewRGBA(rect), image.NewNRGBA(rect), image.NewGray(rect), image.NewPaletted(rect, palette)
		for _, pix := range [][]uint8{rgba.Pix, nrgba.Pix, gray.Pix, paletted.Pix} {
			for j := range pix {
				pix[j] = byte(rnd.Uint32())
			}
		}
		for j := 3; j < len(rgba.Pix); j += 4 {
			rgba.Pix[j] = 255
		}
		for _, img := range []image.Image{rgba, nrgba, gray, paletted} {
			var file bytes.Buffer
			if err := bmp.Encode(&file, img); err != nil {
				t.Fatal(err)
			}
			matches(t, fmt.Sprintf("%d %T", i, img), file.Bytes())
		}
	}
}

// matches compares a file with what golang.org/x/image makes of it, where that decodes
// it at all.
func matches(t *testing.T, name string, file []byte) {
	t.Helper()
	want, err := bmp.Decode(bytes.NewReader(file))
	if err != nil {
		return
	}
	got, err := Decode(t.Context(), bytes.NewReader(file), Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%s: got %v, want %v", name, got.Bounds(), want.Bounds())
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			g, w := color.NRGBAModel.Convert(got.At(x, y)), color.NRGBAModel.Convert(want.At(x, y))
			if g != w {
				t.Fatalf("%s at %d, %d: got %v, want %v", name, x, y, g, w)
			}
		}
	}
}

func TestReduced(t *testing.T) {
	pixels := bytes.Repeat([]byte{0, 0, 0, 100, 100, 100, 200, 200, 200, 0, 0, 0}, 4)
	file := bitmap{40, 3, 4, 24, 0, 0, nil, pixels}.file()
	img, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: 2})
	if err != nil {
		t.Fatal(err)
	}
	box := reduce.New(image.Pt(3, 4), 2, reduce.RGB8)
	for y := range 4 {
		box.Row(y, pixels[:9])
	}
	if want := box.Image().(*image.RGBA); !bytes.Equal(img.(*image.RGBA).Pix, want.Pix) {
		t.Errorf("got %v, want %v", img.(*image.RGBA).Pix, want.Pix)
	}
}

func TestTruncated(t *testing.T) {
	for _, tt := range tests {
		file := tt.file()
		for n := range file {
			img, err := Decode(t.Context(), bytes.NewReader(file[:n]), Options{})
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s, %d bytes: got error %v, want an unexpected end", tt.name, n, err)
			}
			if oneRow := abs(int(tt.height)) == 1; img != nil && oneRow {
				t.Errorf("%s, %d bytes: got a picture without pixels", tt.name, n)
			}
		}
	}
}

func TestAttacks(t *testing.T) {
	pixels := make([]byte, 64)
	attacks := []struct {
		name string
		file []byte
		want string
	}{
		{"another format", []byte("GIF89a and some more"), "bmp: this is no BMP picture"},
		{"no width", bitmap{40, 0, 1, 24, 0, 0, nil, pixels}.file(), "bmp: the picture is empty"},
		{"no height", bitmap{40, 1, 0, 24, 0, 0, nil, pixels}.file(), "bmp: the picture is empty"},
		{"a negative width", bitmap{40, -1, 1, 24, 0, 0, nil, pixels}.file(), "bmp: the picture is empty"},
		{"two thousand million pixels a row", bitmap{40, 1<<31 - 1, 1, 24, 0, 0, nil, pixels}.file(), "bmp: the picture is too wide"},
		{"a large palette", bitmap{40, 1, 1, 8, 0, 1 << 31, nil, pixels}.file(), "bmp: the palette has too many colours"},
		{"a long header", bitmap{1 << 31, 1, 1, 8, 0, 0, nil, pixels}.file(), "bmp: a header of 2147483648 bytes is not supported"},
		{"three bits", bitmap{40, 1, 1, 3, 0, 0, make([]byte, 40), pixels}.file(), "bmp: a picture of 3 bits a pixel is not supported"},
		{"run lengths", bitmap{40, 1, 1, 8, 1, 0, nil, pixels}.file(), "bmp: compression 1 of 8 bits is not supported"},
		{"a PNG inside", bitmap{40, 1, 1, 0, 5, 0, nil, pixels}.file(), "bmp: compression 5 of 0 bits is not supported"},
		{"pixels in the header", bytes.Replace(bitmap{40, 1, 1, 24, 0, 0, nil, pixels}.file(), words(54), words(20), 1), "bmp: the pixels begin within the header"},
		{"pixels past the end", bytes.Replace(bitmap{40, 1, 1, 24, 0, 0, nil, pixels}.file(), words(54), words(1<<31), 1), "bmp: find the pixels: unexpected EOF"},
	}
	for _, tt := range attacks {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(t.Context(), bytes.NewReader(tt.file), Options{})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestStops(t *testing.T) {
	file := tests[0].file()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decode(ctx, bytes.NewReader(file), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	broken := errors.New("broken disk")
	for n := range file {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		if _, err := Decode(t.Context(), r, Options{}); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: got error %v, want %v", n, err, broken)
		}
	}
}

func TestCorpus(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../../shared/corpus"
	}
	files, _ := filepath.Glob(filepath.Join(root, "*/*.bmp"))
	if len(files) == 0 {
		t.Skipf("no BMP in %s: set CHARCOAL_CORPUS", root)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		matches(t, f, b)
	}
}

func FuzzDecode(f *testing.F) {
	for _, tt := range tests {
		f.Add(tt.file(), 1)
		f.Add(tt.file(), 2)
	}
	f.Fuzz(func(t *testing.T, file []byte, k int) {
		info, err := ReadConfig(bytes.NewReader(file))
		if err != nil || info.Width > 1<<11 || info.Height > 1<<11 {
			return
		}
		img, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: min(max(k, 0), reduce.MaxReduction)})
		if err == nil && img == nil {
			t.Error("neither a picture nor an error")
		}
		if err == nil && (info.Bits != 32 || info.Alpha()) { // else we believe the mask, which is empty
			matches(t, "whole", file)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	file := bitmap{40, 3000, 300, 24, 0, 0, nil, make([]byte, 9000*300)}.file()
	for _, k := range []int{1, 8} {
		b.Run(fmt.Sprint("by ", k), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := Decode(b.Context(), bytes.NewReader(file), Options{Reduction: k}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

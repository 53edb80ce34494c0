package ico

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// icon is a file of some pictures.
func icon(pictures ...[]byte) []byte {
	b := []byte{0, 0, 1, 0, byte(len(pictures)), 0}
	offset := dirSize + entrySize*len(pictures)
	for _, p := range pictures {
		b = append(b, 0, 0, 0, 0, 1, 0, 32, 0)
		b = append(b, words(uint32(len(p)), uint32(offset))...)
		offset += len(p)
	}
	return append(b, bytes.Join(pictures, nil)...)
}

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// bitmap is a picture; rest is the palette, the pixels and the mask.
func bitmapOf(width, height int32, bits uint16, rest ...uint32) []byte {
	b := words(40, uint32(width), uint32(2*height))
	b = append(b, 1, 0, byte(bits), 0)
	b = append(b, make([]byte, 24)...)
	return append(b, words(rest...)...)
}

var (
	blue  = color.NRGBA{0, 0, 255, 255}
	green = color.NRGBA{0, 255, 0, 255}
	half  = color.NRGBA{0, 0, 255, 128}
)

func TestBitmaps(t *testing.T) {
	tests := []struct {
		name    string
		picture []byte
		want    []color.NRGBA // two pixels
	}{
		{"1 bit", bitmapOf(2, 1, 1, 0xff, 0xff00, 0x40, 0), []color.NRGBA{blue, green}},
		{"1 bit with a mask", bitmapOf(2, 1, 1, 0xff, 0xff00, 0x40, 0x80), []color.NRGBA{{0, 0, 255, 0}, green}},
		{"1 bit without a mask", bitmapOf(2, 1, 1, 0xff, 0xff00, 0x40), []color.NRGBA{blue, green}},
		{"24 bits", bitmapOf(2, 1, 24, 0x000000ff, 0xff, 0), []color.NRGBA{blue, green}},
		{"32 bits without alpha", bitmapOf(2, 1, 32, 0xff, 0xff00, 0x40), []color.NRGBA{blue, {0, 255, 0, 0}}},
		{"32 bits with alpha and a mask", bitmapOf(2, 1, 32, 0x800000ff, 0xff00ff00, 0xc0), []color.NRGBA{half, green}},
		{"upright", bitmapOf(1, 2, 32, 0xff00ff00, 0xff0000ff, 0, 0), []color.NRGBA{blue, green}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img, err := decode(t, icon(tt.picture), 1)
			if err != nil {
				t.Fatal(err)
			}
			size := img.Bounds().Size()
			for i, want := range tt.want {
				if got := img.At(i%size.X, i/size.X); got != want {
					t.Errorf("pixel %d: got %v, want %v", i, got, want)
				}
			}
		})
	}
}

func decode(t *testing.T, file []byte, k int) (image.Image, error) {
	t.Helper()
	r := bytes.NewReader(file)
	e, err := Best(r)
	if err != nil {
		return nil, err
	}
	return Decode(t.Context(), r, e, Options{Reduction: k})
}

func pngOf(t *testing.T, size image.Point) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rectangle{Max: size})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBest(t *testing.T) {
	small, large := bitmapOf(1, 1, 32, 0, 0), pngOf(t, image.Pt(300, 200))
	tests := []struct {
		name string
		file []byte
		want image.Point
		png  bool
	}{
		{"one", icon(small), image.Pt(1, 1), false},
		{"the largest is first", icon(large, small), image.Pt(300, 200), true},
		{"the largest is last", icon(small, large), image.Pt(300, 200), true},
		{"the other is damaged", icon(large[:20], small), image.Pt(1, 1), false},
		{"one that is damaged in front", icon(make([]byte, 40), large), image.Pt(300, 200), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := bytes.NewReader(tt.file)
			e, err := Best(r)
			if err != nil {
				t.Fatal(err)
			}
			if image.Pt(e.Width, e.Height) != tt.want || e.PNG != tt.png {
				t.Errorf("got %d × %d, PNG %v, want %v, PNG %v", e.Width, e.Height, e.PNG, tt.want, tt.png)
			}
			if !e.PNG {
				return
			}
			if _, err := png.Decode(e.Content(r)); err != nil {
				t.Errorf("the content: %v", err)
			}
			if _, err := Decode(t.Context(), r, e, Options{}); !errors.Is(err, ErrPNG) {
				t.Errorf("got error %v, want %v", err, ErrPNG)
			}
		})
	}
	colours := icon(bitmapOf(1, 1, 1, 1, 2, 0, 0), bitmapOf(1, 1, 24, 0, 0))
	if e, _ := Best(bytes.NewReader(colours)); e.bits != 24 {
		t.Errorf("got the picture of %d bits, want that of 24", e.bits)
	}
}

func TestReduced(t *testing.T) {
	file := icon(bitmapOf(2, 2, 32, 0xff808080, 0xff808080, 0xff808080, 0xff808080, 0, 0))
	img, err := decode(t, file, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.At(0, 0), (color.NRGBA{128, 128, 128, 255}); img.Bounds().Dx() != 1 || got != want {
		t.Errorf("got %v of %v, want one pixel of %v", got, img.Bounds(), want)
	}
}

func TestTruncated(t *testing.T) {
	file := icon(bitmapOf(1, 2, 24, 0xff, 0xff00, 0, 0))
	pixels := len(file) - 16
	for n := range pixels + 8 {
		img, err := decode(t, file[:n], 1)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: got error %v, want an unexpected end", n, err)
		}
		if (img != nil) != (n >= pixels+4) {
			t.Errorf("%d bytes: got a picture: %v", n, img != nil)
		}
	}
	if _, err := decode(t, file[:pixels+8], 1); err != nil {
		t.Errorf("without a mask: %v", err)
	}
}

func TestAttacks(t *testing.T) {
	change := func(file []byte, at int, b ...byte) []byte {
		copy(file[at:], b)
		return file
	}
	normal := func() []byte { return icon(bitmapOf(1, 1, 24, 0, 0)) }
	attacks := []struct {
		name string
		file []byte
		want string
	}{
		{"another format", []byte("GIF89a and some more"), "ico: this is no icon"},
		{"a third kind", change(normal(), 2, 3), "ico: this is no icon"},
		{"no pictures", icon(), "ico: the icon has no picture"},
		{"more pictures than there are", change(normal(), 4, 0xff, 0xff), "ico: read the directory: unexpected EOF"},
		{"an offset past the end", change(normal(), dirSize+12, 0xff, 0xff, 0xff, 0xff), "ico: read a picture: unexpected EOF"},
		{"a picture that is the directory", change(normal(), dirSize+12, 0, 0, 0, 0), "bmp: a header of 65536 bytes is not supported"},
		{"an empty picture", icon(bitmapOf(0, 1, 24, 0, 0)), "bmp: the picture is empty"},
		{"a picture that is too wide", icon(bitmapOf(1<<23, 1, 24, 0, 0)), "ico: a picture has a damaged header"},
		{"a PNG of two thousand million rows", icon([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x7f\xff\xff\xff\x08\x00\x00\x00\x00")), "ico: a picture has a damaged header"},
		{"run lengths", change(icon(bitmapOf(1, 1, 8, 0, 0)), dirSize+entrySize+16, 1), "bmp: compression 1 of 8 bits is not supported"},
	}
	for _, tt := range attacks {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, tt.file, 1)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	r := bytes.NewReader(icon(bitmapOf(1, 1, 32, 0, 0)))
	e, err := Best(r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decode(ctx, r, e, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestCorpus(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../../shared/corpus"
	}
	files, _ := filepath.Glob(filepath.Join(root, "formats/*.ico"))
	if len(files) == 0 {
		t.Skipf("no icons in %s: set CHARCOAL_CORPUS", root)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(t, b, 1); err != nil && !errors.Is(err, ErrPNG) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(icon(bitmapOf(2, 1, 1, 0xff, 0xff00, 0x40, 0x80)), 1)
	f.Add(icon(bitmapOf(2, 1, 32, 0xff, 0xff00, 0x40), bitmapOf(1, 1, 24, 0, 0)), 2)
	f.Add(icon([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00")), 1)
	f.Fuzz(func(t *testing.T, file []byte, k int) {
		r := bytes.NewReader(file)
		e, err := Best(r)
		if err != nil || e.Width > 1<<11 || e.Height > 1<<11 {
			return
		}
		img, err := Decode(t.Context(), r, e, Options{Reduction: min(max(k, 0), reduce.MaxReduction)})
		if err == nil && img == nil {
			t.Error("neither a picture nor an error")
		}
	})
}

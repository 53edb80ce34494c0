package pnm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// tests are whole files and their pixels, row by row.
var tests = []struct {
	name, file string
	size       image.Point
	want       []color.Color
}{
	{"plain bitmap", "P1\n# a comment\n3 2\n01 0\n#c\n1 1 0", image.Pt(3, 2), grey(255, 0, 255, 0, 0, 255)},
	{"plain grey", "P2 2 2 15\n0 5\n10 15\n", image.Pt(2, 2), grey(0, 85, 170, 255)},
	{"plain grey without an end of line", "P2 2 1 255 7 9", image.Pt(2, 1), grey(7, 9)},
	{"plain colour", "P3\n2 1#two\n255\n1 2 3#x\n4 5 6\n", image.Pt(2, 1), []color.Color{color.NRGBA{1, 2, 3, 255}, color.NRGBA{4, 5, 6, 255}}},
	{"plain grey of 16 bits", "P2 2 1 1000\n0 1000", image.Pt(2, 1), []color.Color{color.Gray16{0}, color.Gray16{0xffff}}},
	{"raw bitmap", "P4 10 2\n\x80\x40\x01\x00", image.Pt(10, 2), grey(
		0, 255, 255, 255, 255, 255, 255, 255, 255, 0,
		255, 255, 255, 255, 255, 255, 255, 0, 255, 255)},
	{"raw grey", "P5\r2 1\r255\r\x0a\x20", image.Pt(2, 1), grey(10, 32)},
	{"raw grey beyond white", "P5 2 1 100\n\x64\xff", image.Pt(2, 1), grey(255, 255)},
	{"raw grey of 16 bits", "P5 2 1 65535\n\x12\x34\xff\xff", image.Pt(2, 1), []color.Color{color.Gray16{0x1234}, color.Gray16{0xffff}}},
	{"raw grey of 9 bits", "P5 2 1 511\n\x01\xff\x00\x00", image.Pt(2, 1), []color.Color{color.Gray16{0xffff}, color.Gray16{0}}},
	{"raw colour", "P6 1 2 255\n\x01\x02\x03\x04\x05\x06", image.Pt(1, 2), []color.Color{color.NRGBA{1, 2, 3, 255}, color.NRGBA{4, 5, 6, 255}}},
	{"PAM of black and white", "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\x00\x01", image.Pt(2, 1), grey(0, 255)},
	{"PAM with alpha", "P7\n# here\n\nDEPTH 4\nWIDTH 1\nHEIGHT 1\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n\x01\x02\x03\x04", image.Pt(1, 1), []color.Color{color.NRGBA{1, 2, 3, 4}}},
	{"PAM of grey with alpha", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nENDHDR\n\x09\x80", image.Pt(1, 1), []color.Color{color.NRGBA{9, 9, 9, 0x80}}},
	{"PAM of 16 bits", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 65535\nENDHDR\n\x00\x01\x02\x03\x04\x05", image.Pt(1, 1), []color.Color{color.NRGBA64{1, 0x203, 0x405, 0xffff}}},
}

func grey(values ...uint8) (c []color.Color) {
	for _, v := range values {
		c = append(c, color.Gray{v})
	}
	return c
}

func TestDecode(t *testing.T) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.file), iotest.OneByteReader(strings.NewReader(tt.file))} {
				img, err := Decode(t.Context(), r, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if img.Bounds() != (image.Rectangle{Max: tt.size}) {
					t.Fatalf("got %v, want %v", img.Bounds(), tt.size)
				}
				for i, want := range tt.want {
					got := color.NRGBA64Model.Convert(img.At(i%tt.size.X, i/tt.size.X))
					if got != color.NRGBA64Model.Convert(want) {
						t.Errorf("pixel %d: got %v, want %v", i, got, want)
					}
				}
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	for _, tt := range tests {
		for n := range tt.file {
			_, err := Decode(t.Context(), strings.NewReader(tt.file[:n]), Options{})
			if _, ok := errors.AsType[FormatError](err); err == nil && !strings.HasPrefix(tt.name, "plain") || ok {
				t.Errorf("%s, %d bytes: got error %v, want an unexpected end", tt.name, n, err)
			}
		}
	}
	img, err := Decode(t.Context(), strings.NewReader("P5 2 2 255\n\x10\x20\x30"), Options{})
	if !errors.Is(err, io.ErrUnexpectedEOF) || img == nil || img.At(1, 0) != (color.Gray{0x20}) {
		t.Errorf("got %v and error %v, want the row that is there and an unexpected end", img, err)
	}
}

// TestPlainMatchesRaw decodes the same samples in both forms, whole and reduced.
func TestPlainMatchesRaw(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, k := range []int{1, 3, 8} {
		raw, plain := colours(image.Pt(50, 30), rnd)
		a, err := Decode(t.Context(), bytes.NewReader(raw), Options{Reduction: k})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(t.Context(), bytes.NewReader(plain), Options{Reduction: k})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.(*image.RGBA).Pix, b.(*image.RGBA).Pix) {
			t.Errorf("by %d: the pictures differ", k)
		}
		if want := reduce.Size(image.Pt(50, 30), k); a.Bounds().Size() != want {
			t.Errorf("by %d: got %v, want %v", k, a.Bounds(), want)
		}
	}
}

func colours(size image.Point, rnd *rand.Rand) (raw, plain []byte) {
	raw = fmt.Appendf(nil, "P6 %d %d 255\n", size.X, size.Y)
	plain = fmt.Appendf(nil, "P3 %d %d 255\n", size.X, size.Y)
	for i := range size.X * size.Y * 3 {
		v := byte(rnd.Uint32())
		raw, plain = append(raw, v), fmt.Appendf(plain, "%d", v)
		plain = append(plain, " \n"[i%5/4])
	}
	return raw, plain
}

func TestAttacks(t *testing.T) {
	attacks := []struct{ name, file, want string }{
		{"another format", "GIF89a", "pnm: it has no magic number"},
		{"an unknown number", "P8 1 1 255\n.", "pnm: it has no magic number"},
		{"no width", "P5 0 1 255\n.", "pnm: the picture is empty"},
		{"no height", "P5 1 0 255\n.", "pnm: the picture is empty"},
		{"an overflowing width", "P5 99999999999999999999 1 255\n.", "pnm: a number is too large"},
		{"a wide row", "P5 2000000000 1 255\n.", "pnm: the picture is too wide"},
		{"no white", "P5 1 1 0\n.", "pnm: white is not in 1…65535"},
		{"too many bits", "P5 1 1 65536\n.", "pnm: white is not in 1…65535"},
		{"a negative width", "P5 -1 1 255\n.", "pnm: there is no number where one is due"},
		{"a sample beyond white", "P2 1 1 255\n256", "pnm: a sample is more than white"},
		{"an overflowing sample", "P2 1 1 255\n" + strings.Repeat("9", 100), "pnm: a sample is more than white"},
		{"a negative sample", "P2 1 1 255\n-5", "pnm: a sample is no number"},
		{"a pixel that is no bit", "P1 1 1\n2", "pnm: a pixel is neither 0 nor 1"},
		{"a negative channel", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH -1\nMAXVAL 255\nENDHDR\n.", "pnm: a line of the header has no number"},
		{"a thousand channels", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1000\nMAXVAL 255\nENDHDR\n.", "pnm: a picture of 1000 channels is not supported"},
		{"a header of comments", "P7\n" + strings.Repeat("#\n", 100_000), "pnm: the header does not end"},
		{"an endless line", "P7\n" + strings.Repeat("#", 100_000), "pnm: read the header: bufio: buffer full"},
		{"a comment without end", "P5 #" + strings.Repeat("#", 1_000_000), "pnm: read the header: unexpected EOF"},
	}
	for _, tt := range attacks {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(t.Context(), strings.NewReader(tt.file), Options{})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// endless is a comment that never ends.
type endless struct{ stop func() }

func (e endless) Read(p []byte) (int, error) {
	e.stop()
	return len(p), nil
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(strings.NewReader("P5#"), endless{cancel})
	if _, err := Decode(ctx, r, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestCorpus(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../../shared/corpus"
	}
	files, _ := filepath.Glob(filepath.Join(root, "*/*.p?m"))
	if len(files) == 0 {
		t.Skipf("no PNM in %s: set CHARCOAL_CORPUS", root)
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
	for _, tt := range tests {
		f.Add([]byte(tt.file), 1)
		f.Add([]byte(tt.file), 2)
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
	raw, plain := colours(image.Pt(2000, 500), rand.New(rand.NewPCG(2, 2)))
	for name, file := range map[string][]byte{"raw": raw, "plain": plain} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := Decode(b.Context(), bytes.NewReader(file), Options{Reduction: 8}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package png

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"go/build"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// corpus is the folder of pictures that are not part of the repository.
func corpus() string {
	if folder := os.Getenv("CHARCOAL_CORPUS"); folder != "" {
		return folder
	}
	return "../../../../shared/corpus"
}

// files are pictures of Go's own tests (PngSuite among them) and of the corpus.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, root := range []string{filepath.Join(build.Default.GOROOT, "src/image/png/testdata"), corpus()} {
		if _, err := os.Stat(root); err != nil {
			t.Logf("some pictures are left out: %v", err)
			continue
		}
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && (strings.HasSuffix(path, ".png") || strings.HasSuffix(path, ".apng")) {
				all[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func decode(data []byte, k int) (image.Image, error) {
	return Decode(context.Background(), bytes.NewReader(data), Options{Reduction: k})
}

// checkLikeStandard compares with image/png what that can decode. The standard
// library also refuses damage in chunks that we pass over.
func checkLikeStandard(t *testing.T, data []byte) image.Image {
	t.Helper()
	want, wantErr := png.Decode(bytes.NewReader(data))
	got, err := decode(data, 1)
	if wantErr != nil {
		if err == nil && got == nil {
			t.Error("neither a picture nor an error")
		}
		return nil
	}
	if err != nil {
		t.Fatalf("got error %v", err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got a different picture, a %T of %v, want a %T of %v", got, got.Bounds(), want, want.Bounds())
	}
	return got
}

func TestFiles(t *testing.T) {
	for path, data := range files(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if whole := checkLikeStandard(t, data); whole != nil && len(data) < 200_000 {
				checkReduced(t, data, whole, 3)
			}
		})
	}
}

func TestGenerated(t *testing.T) {
	for _, s := range kinds() {
		rnd := rand.New(rand.NewPCG(uint64(s.colour), uint64(s.depth)))
		for _, s.interlaced = range []bool{false, true} {
			name := fmt.Sprintf("colour type %d, %d bits, transparency %v, interlaced %v", s.colour, s.depth, s.transparency, s.interlaced)
			t.Run(name, func(t *testing.T) {
				for i := range 3 * 17 {
					s.width, s.height = 1+i%17, 1+rnd.IntN(17)
					data := s.generate(rnd)
					whole := checkLikeStandard(t, data)
					checkReduced(t, data, whole, 2+rnd.IntN(8))
				}
			})
		}
	}
}

// TestLargePicture goes through the goroutine and many blocks.
func TestLargePicture(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, s := range []spec{
		{width: 1003, height: 400, depth: 8, colour: TrueColor, filter: filterAny},
		{width: 601, height: 301, depth: 16, colour: TrueAlpha, filter: filterAny, interlaced: true},
		{width: 100_001, height: 4, depth: 8, colour: TrueColor, filter: filterAny}, // a row is more than a block
	} {
		data := s.generate(rnd)
		whole := checkLikeStandard(t, data)
		checkReduced(t, data, whole, 8)
	}
}

// checkReduced compares a reduced picture with the average of the whole one.
func checkReduced(t *testing.T, data []byte, whole image.Image, k int) {
	t.Helper()
	got, err := decode(data, k)
	if err != nil {
		t.Fatalf("reduced by %d: %v", k, err)
	}
	b := whole.Bounds()
	if want := reduce.Size(b.Size(), k); got.Bounds() != (image.Rectangle{Max: want}) {
		t.Fatalf("reduced by %d: got %v, want %v", k, got.Bounds(), want)
	}
	if k == 1 {
		return
	}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			box := image.Rect(x*k, y*k, (x+1)*k, (y+1)*k).Intersect(b)
			if g, w := straight(got.At(x, y)), average(whole, box); !near(g, w) {
				t.Fatalf("reduced by %d, at %d, %d: got %v, want %v", k, x, y, g, w)
			}
		}
	}
}

func straight(c color.Color) color.NRGBA64 {
	switch c := c.(type) {
	case color.NRGBA64:
		return c
	case color.NRGBA:
		return color.NRGBA64{uint16(c.R) * 0x101, uint16(c.G) * 0x101, uint16(c.B) * 0x101, uint16(c.A) * 0x101}
	}
	return color.NRGBA64Model.Convert(c).(color.NRGBA64)
}

// average is the average of light, in floating point.
func average(img image.Image, box image.Rectangle) color.NRGBA64 {
	var sum [3]float64
	var alpha float64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := straight(img.At(x, y))
			a := float64(c.A)
			for i, v := range []uint16{c.R, c.G, c.B} {
				sum[i] += a * light(v)
			}
			alpha += a
		}
	}
	if alpha == 0 {
		return color.NRGBA64{}
	}
	return color.NRGBA64{
		encoded(sum[0] / alpha), encoded(sum[1] / alpha), encoded(sum[2] / alpha),
		uint16(math.Round(alpha / float64(box.Dx()*box.Dy()))),
	}
}

func light(v uint16) float64 {
	x := float64(v) / 0xffff
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

func encoded(light float64) uint16 {
	x := 1.055*math.Pow(light, 1/2.4) - 0.055
	if light <= 0.0031308 {
		x = 12.92 * light
	}
	return uint16(math.Round(x * 0xffff))
}

// near allows half a level of 8 bits and a hundredth.
func near(a, b color.NRGBA64) bool {
	d := func(a, b uint16) bool { return math.Abs(float64(a)-float64(b)) <= 0.51*0x101 }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B) && d(a.A, b.A)
}

// TestEndsEarly cuts files at every byte.
func TestEndsEarly(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, s := range []spec{
		{width: 20, height: 30, depth: 8, colour: TrueColor, filter: filterAny},
		{width: 20, height: 30, depth: 2, colour: Gray, filter: filterNone},
		{width: 20, height: 30, depth: 4, colour: Paletted, palette: 16, filter: filterAny, interlaced: true},
		{width: 20, height: 30, depth: 8, colour: TrueAlpha, filter: filterAny, interlaced: true},
	} {
		data := s.generate(rnd)
		for _, k := range []int{1, 4} {
			seen := false
			for n := range data {
				img, err := decode(data[:n], k)
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("%+v after %d of %d bytes: got error %v", s, n, len(data), err)
				}
				if seen && img == nil {
					t.Fatalf("%+v after %d of %d bytes: the picture is gone", s, n, len(data))
				}
				seen = img != nil
				lookAt(img)
			}
			if !seen {
				t.Errorf("%+v: no picture of all but the last byte", s)
			}
		}
	}
}

// lookAt panics when a picture has an index beyond its palette.
func lookAt(img image.Image) {
	if p, ok := img.(*image.Paletted); ok {
		for _, index := range p.Pix {
			_ = p.Palette[index]
		}
	}
}

// TestKeepsWhatIsThere shows that rows before damage are right, and what the others are.
func TestKeepsWhatIsThere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		colour  ColorType
		missing color.Color
	}{
		{Gray, color.Gray{0x80}}, {TrueColor, color.RGBA{}}, {TrueAlpha, color.NRGBA{}},
	}
	for _, tt := range tests {
		s := spec{width: 40, height: 40, depth: 8, colour: tt.colour, filter: filterAny}
		data := s.generate(rnd)
		whole := checkLikeStandard(t, data)
		img, err := decode(data[:len(data)/2], 1)
		if err == nil || img == nil {
			t.Fatalf("got picture %v and error %v, want both", img, err)
		}
		if got, want := img.At(39, 3), whole.At(39, 3); got != want {
			t.Errorf("colour type %d, row 3: got %v, want %v", tt.colour, got, want)
		}
		if got := img.At(0, 39); got != tt.missing {
			t.Errorf("colour type %d, last row: got %v, want %v", tt.colour, got, tt.missing)
		}
	}
}

func TestDamage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := spec{width: 5, height: 5, depth: 8, colour: TrueColor, filter: filterNone}
	ihdr := []byte{0, 0, 0, 5, 0, 0, 0, 5, 8, 2, 0, 0, 0}
	header := func(at int, values ...byte) []byte {
		b := bytes.Clone(ihdr)
		copy(b[at:], values)
		return chunk([]byte(signature), "IHDR", b)
	}
	rows := s.rows(rnd)
	pixels := deflated(rows)
	with := func(start []byte, idat []byte) []byte { return chunk(chunk(start, "IDAT", idat), "IEND", nil) }
	flip := func(b []byte, at int) []byte { b[at] ^= 1; return b }
	after := func(kind string, body []byte) []byte {
		return chunk(chunk(chunk(header(0), "IDAT", pixels), kind, body), "IEND", nil)
	}
	tests := []struct {
		name    string
		data    []byte
		want    string
		picture bool
	}{
		{"another format", []byte("GIF89a12"), "this is no PNG", false},
		{"no header", chunk([]byte(signature), "IDAT", pixels), "does not begin with its header", false},
		{"a short header", chunk([]byte(signature), "IHDR", ihdr[:12]), "header is not as long", false},
		{"no width", with(header(0, 0, 0, 0, 0), pixels), "it has no pixels", false},
		{"no height", with(header(4, 0, 0, 0, 0), pixels), "it has no pixels", false},
		{"a negative width", with(header(0, 0xff), pixels), "it has no pixels", false},
		{"3 bits", with(header(8, 3), pixels), "not supported", false},
		{"colour type 7", with(header(9, 7), pixels), "not supported", false},
		{"a compression method", with(header(10, 1), pixels), "not supported", false},
		{"a filter method", with(header(11, 1), pixels), "not supported", false},
		{"an interlace method", with(header(12, 2), pixels), "interlace method is unknown", false},
		{"two headers", with(chunk(header(0), "IHDR", ihdr), pixels), "IHDR is out of order", false},
		{"a damaged header", with(flip(header(0), 29), pixels), "checksum of a chunk IHDR", false},
		{"no pixels", chunk(header(0), "IEND", nil), "IEND is out of order", false},
		{"no palette", with(header(9, 3), pixels), "palette is missing", false},
		{"a palette of 2.5 colours", with(chunk(header(9, 3), "PLTE", make([]byte, 8)), pixels), "impossible length", false},
		{"a palette of 257 colours", with(chunk(header(9, 3), "PLTE", make([]byte, 771)), pixels), "impossible length", false},
		{"3 colours for 1 bit", with(chunk(header(8, 1, 3), "PLTE", make([]byte, 9)), pixels), "impossible length", false},
		{"a palette for grey", with(chunk(header(9, 0), "PLTE", make([]byte, 6)), pixels), "grey has a palette", false},
		{"transparency before its palette", with(chunk(header(9, 3), "tRNS", []byte{1}), pixels), "tRNS is out of order", false},
		{"transparency of another type", with(chunk(header(0), "tRNS", []byte{1, 2}), pixels), "does not fit", false},
		{"long transparency", with(chunk(header(0), "tRNS", make([]byte, 1000)), pixels), "too long", false},
		{"a chunk of 4 GB", append(header(0), 0xff, 0xff, 0xff, 0xff, 't', 'E', 'X', 't'), "longer than chunks may be", false},
		{"a filter", with(header(0), deflated(append([]byte{5}, rows[1:]...))), "unknown filter", false},
		{"a filter in the second row", with(header(0), deflated(append(bytes.Clone(rows[:16]), 9, 9))), "pixels are missing", true},
		{"damaged pixels", with(header(0), flip(bytes.Clone(pixels), len(pixels)-1)), "checksum is wrong", true},
		{"a damaged chunk of pixels", flip(chunk(header(0), "IDAT", pixels), 33+8+len(pixels)), "checksum of a chunk IDAT", true},
		{"too few pixels", with(header(0), deflated(rows[:40])), "pixels are missing", true},
		{"too many pixels", with(header(0), deflated(append(bytes.Clone(rows), 0))), "too many pixels", true},
		{"a palette after the pixels", after("PLTE", make([]byte, 6)), "PLTE is out of order", true},
		{"a damaged end", flip(after("tEXt", nil), len(after("tEXt", nil))-1), "checksum of a chunk IEND", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img, err := decode(tt.data, 1)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
			if (img != nil) != tt.picture {
				t.Errorf("got a picture: %v, want %v", img != nil, tt.picture)
			}
			if _, err := png.Decode(bytes.NewReader(tt.data)); err == nil {
				t.Error("the standard library takes it")
			}
		})
	}
}

// TestPassesOver shows what does not matter.
func TestPassesOver(t *testing.T) {
	s := spec{width: 5, height: 5, depth: 8, colour: TrueColor, filter: filterAny}
	data := s.generate(rand.New(rand.NewPCG(1, 2)))
	head, rest := data[:33:33], data[33:]
	damaged := chunk(head, "tEXt", []byte("Comment\x00text"))
	damaged[len(damaged)-1]++
	tests := map[string][]byte{
		"text with a wrong checksum": append(damaged, rest...),
		"a text bomb":                append(chunk(head, "zTXt", append([]byte("Comment\x00\x00"), deflated(make([]byte, 10<<20))...)), rest...),
		"a profile bomb":             append(chunk(head, "iCCP", append([]byte("icc\x00\x00"), deflated(make([]byte, 10<<20))...)), rest...),
		"pixels after the end":       chunk(bytes.Clone(data), "IDAT", []byte("more")),
		"pixels after the pixels":    append(chunk(data[:len(data)-12:len(data)-12], "IDAT", []byte("more")), data[len(data)-12:]...),
		"gamma of a wrong length":    append(chunk(head, "gAMA", []byte{1}), rest...),
	}
	want, err := decode(data, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range tests {
		got, err := decode(data, 1)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got a different picture or an error: %v", name, err)
		}
		if config, err := ReadConfig(bytes.NewReader(data)); err != nil || config.Width != 5 || config.Profile != nil {
			t.Errorf("%s: got %+v and %v", name, config, err)
		}
	}
}

func TestReadConfig(t *testing.T) {
	s := spec{width: 3, height: 2, depth: 4, colour: Paletted, palette: 2, transparency: true, interlaced: true, filter: filterNone}
	data := s.generate(rand.New(rand.NewPCG(1, 2)))
	profile := bytes.Repeat([]byte("profile"), 1000)
	head := chunk(data[:33:33], "gAMA", binary.BigEndian.AppendUint32(nil, 45455))
	head = chunk(head, "cHRM", binary.BigEndian.AppendUint32(make([]byte, 28), 6000))
	head = chunk(head, "sRGB", []byte{0})
	head = chunk(head, "iCCP", append([]byte("Display P3\x00\x00"), deflated(profile)...))
	c, err := ReadConfig(bytes.NewReader(append(head, data[33:]...)))
	if err != nil {
		t.Fatal(err)
	}
	if c.Width != 3 || c.Height != 2 || c.Depth != 4 || c.Color != Paletted || !c.Interlaced || len(c.Palette) != 2 {
		t.Errorf("got %+v", c)
	}
	if c.Gamma != 45455 || c.Chromaticity != [8]uint32{7: 6000} || !c.SRGB || !bytes.Equal(c.Profile, profile) {
		t.Errorf("got gamma %d, chromaticity %v, sRGB %v and a profile of %d bytes", c.Gamma, c.Chromaticity, c.SRGB, len(c.Profile))
	}
}

// Each profile costs the memory of a decompressor, so only the first one is read.
func TestManyProfiles(t *testing.T) {
	data := spec{width: 1, height: 1, depth: 8, colour: Gray}.generate(rand.New(rand.NewPCG(1, 2)))
	head := chunk(data[:33:33], "iCCP", append([]byte("the first\x00\x00"), deflated([]byte("profile"))...))
	const profiles = 1000
	for range profiles {
		head = chunk(head, "iCCP", []byte("x\x00\x00"))
	}
	data = append(head, data[33:]...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := ReadConfig(bytes.NewReader(data))
	runtime.ReadMemStats(&after)
	if err != nil || string(c.Profile) != "profile" {
		t.Errorf("got the profile %q and %v", c.Profile, err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 { // all of them would take 22 MB; the race detector has its own
		t.Errorf("%d profiles cost %d bytes", profiles, n)
	}
}

// TestFrame decodes pixels as an animation has them.
func TestFrame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, s := range kinds() {
		s.width, s.height = 9, 7
		data := s.generate(rnd)
		want := checkLikeStandard(t, data)
		c, err := ReadConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		p := newParser(bytes.NewReader(data))
		if err := p.readHeader(); err != nil {
			t.Fatal(err)
		}
		c.Width, c.Height = 1000, 1000 // of the canvas
		got, err := c.DecodeFrame(t.Context(), p, image.Pt(9, 7), Options{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: got a different picture or an error: %v", s, err)
		}
		if img, err := c.DecodeFrame(t.Context(), p, image.Pt(0, 7), Options{}); img != nil || err == nil {
			t.Errorf("a frame without pixels: got %v and %v", img, err)
		}
	}
}

func TestFailingSource(t *testing.T) {
	s := spec{width: 900, height: 500, depth: 8, colour: TrueColor, filter: filterAny}
	data := s.generate(rand.New(rand.NewPCG(1, 2)))
	failed := errors.New("the disk is gone")
	img, err := Decode(t.Context(), io.MultiReader(bytes.NewReader(data[:len(data)/2]), iotest.ErrReader(failed)), Options{})
	if !errors.Is(err, failed) || img == nil {
		t.Errorf("got picture %v and error %v", img != nil, err)
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("in Read") }

// TestPanicReachesTheCaller shows that a panic does not end the program in a goroutine
// where nobody can stop it.
func TestPanicReachesTheCaller(t *testing.T) {
	s := spec{width: 900, height: 500, depth: 8, colour: TrueColor, filter: filterAny}
	data := s.generate(rand.New(rand.NewPCG(1, 2)))
	defer func() {
		if v := recover(); v != "in Read" {
			t.Errorf("recovered %v, want what was thrown", v)
		}
	}()
	_, err := Decode(t.Context(), io.MultiReader(bytes.NewReader(data[:len(data)/2]), panics{}), Options{})
	t.Errorf("returned with %v", err)
}

// stops cancels a context when so many bytes have been read.
type stops struct {
	io.Reader
	left   int
	cancel func()
}

func (s *stops) Read(b []byte) (int, error) {
	if s.left -= len(b); s.left < 0 {
		s.cancel()
	}
	return s.Reader.Read(b)
}

func TestEndOfContext(t *testing.T) {
	s := spec{width: 900, height: 1500, depth: 8, colour: TrueColor, filter: filterAny}
	data := s.generate(rand.New(rand.NewPCG(1, 2)))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Decode(ctx, &stops{bytes.NewReader(data), 1 << 20, cancel}, Options{Reduction: 8})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// lying is a header that claims a size, with few pixels.
func lying(width, height uint32, depth byte, colour ColorType, interlace byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, width)
	b = binary.BigEndian.AppendUint32(b, height)
	file := chunk([]byte(signature), "IHDR", append(b, depth, byte(colour), 0, 0, interlace))
	return chunk(chunk(file, "IDAT", deflated(make([]byte, 100))), "IEND", nil)
}

func TestLyingHeaders(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		k    int
		want error
	}{
		{"two thousand million pixels a row", lying(1<<31-1, 1, 16, TrueAlpha, 0), 4096, ErrTooLarge},
		{"two thousand million rows and columns", lying(1<<31-1, 1<<31-1, 8, TrueColor, 0), 4096, ErrTooLarge},
		{"60000 × 60000", lying(60000, 60000, 1, Gray, 0), 600, FormatError("pixels are missing")},
		{"60000 × 60000, interlaced", lying(60000, 60000, 1, Gray, 1), 600, FormatError("pixels are missing")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := decode(tt.data, tt.k); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
				t.Errorf("allocated %d bytes", n)
			}
		})
	}
}

// TestOneColour decodes pictures that are large only in what they claim: rows that are
// the same cost little.
func TestOneColour(t *testing.T) {
	for _, s := range []spec{
		{width: 8000, height: 8000, depth: 1, colour: Gray},
		{width: 8000, height: 8000, depth: 1, colour: Gray, interlaced: true},
		{width: 1500, height: 1500, depth: 8, colour: TrueColor},
	} {
		c := Config{Width: s.width, Height: s.height, Depth: s.depth, Color: s.colour, Interlaced: s.interlaced}
		n := 0
		for _, p := range c.passes() {
			n += (s.height - p.y + p.dy - 1) / p.dy * (1 + c.rowBytes((s.width-p.x+p.dx-1)/p.dx))
		}
		data := s.file(make([]byte, n), rand.New(rand.NewPCG(1, 2)))
		img, err := decode(data, 100)
		if err != nil {
			t.Fatal(err)
		}
		for y := range img.Bounds().Dy() {
			if got := color.GrayModel.Convert(img.At(y, y)); got != (color.Gray{}) {
				t.Fatalf("%+v: got %v, want black", s, got)
			}
		}
	}
}

func TestReductionIsBounded(t *testing.T) {
	s := spec{width: 5, height: 5, depth: 8, colour: TrueColor, filter: filterAny}
	data := s.generate(rand.New(rand.NewPCG(1, 2)))
	if img, err := decode(data, reduce.MaxReduction); err != nil || img.Bounds().Dx() != 1 {
		t.Errorf("by the most: got %v", err)
	}
	if img, err := decode(data, reduce.MaxReduction+1); err == nil || img != nil {
		t.Errorf("by more: got a picture: %v", img != nil)
	}
}

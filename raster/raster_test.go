package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestDecodesEveryFormat(t *testing.T) {
	tests := []struct{ name, format, mediaType string }{
		{"PNG", "PNG", "image/png"},
		{"JPEG", "JPEG", "image/jpeg"},
		{"GIF", "GIF", "image/gif"},
		{"BMP", "BMP", "image/bmp"},
		{"TIFF", "TIFF", "image/tiff"},
		{"TIFF deflate", "TIFF", "image/tiff"},
		{"lossless.webp", "WebP", "image/webp"},
		{"lossy.webp", "WebP", "image/webp"},
		{"animated.webp", "WebP", "image/webp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := encode(t, tt.name)
			probed, err := Probe(file, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			img, decoded, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if probed != decoded {
				t.Errorf("Probe says %+v, Decode %+v", probed, decoded)
			}
			if probed.Format != tt.format || probed.MediaType != tt.mediaType || probed.Orientation != 1 {
				t.Errorf("got %+v, want %s, %s, upright", probed, tt.format, tt.mediaType)
			}
			wantQuarters(t, img, 1)
		})
	}
}

// wantQuarters checks size and colours of the test picture, turned from the given
// orientation.
func wantQuarters(t *testing.T, img image.Image, orientation int) {
	t.Helper()
	w, h := testWidth, testHeight
	if orientation >= 5 {
		w, h = h, w
	}
	b := img.Bounds()
	if b.Dx() != w || b.Dy() != h {
		t.Fatalf("got %v, want %d×%d", b, w, h)
	}
	for y := range 2 {
		for x := range 2 {
			got := img.At(b.Min.X+w/4+x*w/2, b.Min.Y+h/4+y*h/2)
			sx, sy := stored(x, y, orientation)
			if want := quarters[sy][sx]; !near(got, want) {
				t.Errorf("quarter %d,%d is %v, want %v", x, y, got, want)
			}
		}
	}
}

// stored says where the corner (x, y) of the shown picture is in the stored one,
// by the words of the EXIF standard: "the 0th row at the visual top of the
// image, the 0th column the visual left-hand side" and so on.
func stored(x, y, orientation int) (int, int) {
	sides := strings.Fields([]string{
		1: "top left", 2: "top right", 3: "bottom right", 4: "bottom left",
		5: "left top", 6: "right top", 7: "right bottom", 8: "left bottom",
	}[orientation])
	place := map[string]int{"top": y, "bottom": 1 - y, "left": x, "right": 1 - x}
	return place[sides[1]], place[sides[0]]
}

func TestOrientations(t *testing.T) {
	for orientation := range 9 {
		want := max(1, orientation)
		le := exif(uint16(orientation), binary.LittleEndian)
		be := exif(uint16(orientation), binary.BigEndian)
		files := map[string][]byte{
			"JPEG II":  jpegWithExif(encode(t, "JPEG"), le),
			"JPEG MM":  jpegWithExif(encode(t, "JPEG"), be),
			"PNG":      pngWithExif(encode(t, "PNG"), be, false),
			"PNG late": pngWithExif(encode(t, "PNG"), be, true),
			"TIFF":     tiffWithOrientation(encode(t, "TIFF"), uint16(orientation)),
		}
		for name, file := range files {
			t.Run(fmt.Sprintf("%s %d", name, orientation), func(t *testing.T) {
				img, info, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits())
				if err != nil {
					t.Fatal(err)
				}
				if info.Orientation != want {
					t.Errorf("got orientation %d, want %d", info.Orientation, want)
				}
				wantQuarters(t, img, want)
				if probed, err := Probe(file, DefaultLimits()); err != nil || probed != info {
					t.Errorf("Probe says %+v, %v, Decode %+v", probed, err, info)
				}
			})
		}
	}
}

// tiffWithOrientation adds the tag to the directory, which is at the end of the file.
func tiffWithOrientation(file []byte, orientation uint16) []byte {
	le := binary.LittleEndian
	b := bytes.Clone(file)
	ifd := le.Uint32(b[4:])
	n := le.Uint16(b[ifd:])
	for i := range int(n) {
		e := b[int(ifd)+2+12*i:]
		if le.Uint16(e) > tagOrientation { // tags are sorted
			rest := append([]byte{}, b[int(ifd)+2+12*i:]...)
			b = append(b[:int(ifd)+2+12*i], appendTag(nil, le, tagOrientation, 3, 1, orientation)...)
			b = append(b, rest...)
			break
		}
	}
	le.PutUint16(b[ifd:], n+1)
	return shiftOffsets(b, ifd)
}

// shiftOffsets moves the offsets of values behind the directory by one entry.
func shiftOffsets(b []byte, ifd uint32) []byte {
	le := binary.LittleEndian
	for i := range int(le.Uint16(b[ifd:])) {
		e := b[int(ifd)+2+12*i:]
		size := map[uint16]uint32{3: 2, 4: 4, 5: 8}[le.Uint16(e[2:])] * le.Uint32(e[4:])
		if size > 4 && le.Uint32(e[8:]) > ifd {
			le.PutUint32(e[8:], le.Uint32(e[8:])+12)
		}
	}
	return b
}

func TestWebPOrientation(t *testing.T) {
	img, info, err := Decode(t.Context(), bytes.NewReader(encode(t, "orientation6.webp")), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if info.Orientation != 6 || info.Width != testHeight {
		t.Errorf("got %+v, want orientation 6", info)
	}
	wantQuarters(t, img, 6)
}

func TestWebPKeepsAlpha(t *testing.T) {
	for _, name := range []string{"alpha.webp", "animated-alpha.webp"} {
		img, _, err := Decode(t.Context(), bytes.NewReader(encode(t, name)), DefaultLimits())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, _, _, top := img.At(4, 0).RGBA()
		_, _, _, bottom := img.At(4, testHeight-1).RGBA()
		if top > 0x2000 || bottom < 0xe000 {
			t.Errorf("%s: got alpha %#x above and %#x below, want little and much", name, top, bottom)
		}
	}
}

// A frame that does not fill the screen of its GIF keeps its place.
func TestGIFFrameOnItsScreen(t *testing.T) {
	file := encode(t, "GIF")
	binary.LittleEndian.PutUint16(file[6:], 2*testWidth)
	img, info, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if info.Width != 2*testWidth || img.Bounds().Dx() != 2*testWidth {
		t.Errorf("got %d, want the width of the screen, %d", img.Bounds().Dx(), 2*testWidth)
	}
	if _, _, _, a := img.At(2*testWidth-1, 0).RGBA(); a != 0 {
		t.Errorf("got alpha %#x beside the frame, want 0", a)
	}
}

func TestRefusesWhatIsNoPicture(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"empty", "", "the file is empty"},
		{"text", "hello, world\n", "this is text"},
		{"cut UTF-8", "caf\xc3", "this is text"},
		{"SVG", "<?xml version=\"1.0\"?>\n<svg xmlns=\"…\"/>", "an SVG drawing"},
		{"HTML", "<!doctype html><p>", "a web page or XML"},
		{"PDF", "%PDF-1.7\n", "a PDF document"},
		{"MP4", "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", "a video"},
		{"HEIC", "\x00\x00\x00\x20ftypheic\x00\x00\x02\x00", "a HEIC picture"},
		{"ZIP", "PK\x03\x04\x00", "a ZIP archive"},
		{"WAV", "RIFF\x00\x00\x00\x00WAVEfmt ", "a RIFF file without a picture"},
		{"text like a BMP", "BMW is a maker of cars and this is no picture", "this is text"},
		{"zeros", "\x00\x00\x00\x00\x00\x00\x00\x00", "not a picture of a supported format"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Probe([]byte(tt.file), DefaultLimits())
			if _, ok := errors.AsType[*UnsupportedError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Probe: got %v, want an UnsupportedError with %q", err, tt.want)
			}
			_, _, err = Decode(t.Context(), strings.NewReader(tt.file), DefaultLimits())
			if _, ok := errors.AsType[*UnsupportedError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Decode: got %v, want an UnsupportedError with %q", err, tt.want)
			}
		})
	}
}

func TestRefusesOverLimits(t *testing.T) {
	file := encode(t, "PNG")
	tests := []struct {
		name string
		lim  Limits
		want LimitError
	}{
		{"pixels", Limits{Pixels: 100}, LimitError{"the picture", 100, testWidth * testHeight, "pixels"}},
		{"bytes", Limits{Bytes: 100}, LimitError{"the file", 100, int64(len(file)), "bytes"}},
	}
	for _, tt := range tests {
		_, _, err := Decode(t.Context(), bytes.NewReader(file), tt.lim)
		if got, ok := errors.AsType[*LimitError](err); !ok || *got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, err, &tt.want)
		}
	}
	if _, err := Probe(file, Limits{Pixels: 100}); err == nil {
		t.Error("Probe lets a picture over the limit pass")
	}
	if _, _, err := Decode(t.Context(), bytes.NewReader(file), Limits{}); err != nil {
		t.Errorf("no limits: %v", err)
	}
}

// A header that claims much is refused before anything of that size is made.
func TestBombsCostNothing(t *testing.T) {
	huge := bytes.Clone(encode(t, "PNG"))
	binary.BigEndian.PutUint32(huge[16:], 1<<30)
	binary.BigEndian.PutUint32(huge[20:], 1<<30)
	screen := bytes.Clone(encode(t, "GIF"))
	copy(screen[6:], "\xff\xff\xff\xff")
	frame := bytes.Clone(encode(t, "JPEG"))
	sof := bytes.Index(frame, []byte{0xff, markerSOF0})
	copy(frame[sof+5:], "\xff\xff\xff\xff")
	tests := []struct {
		name string
		file []byte
	}{
		{"PNG of 2^60 pixels", huge},
		{"GIF of 4 gigapixels", screen},
		{"JPEG of 4 gigapixels", frame},
		{"TIFF with a tile of 4 gigapixels", tiledTIFF()},
	}
	for _, tt := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := Decode(t.Context(), bytes.NewReader(tt.file), DefaultLimits())
		runtime.ReadMemStats(&after)
		if _, ok := errors.AsType[*LimitError](err); !ok {
			t.Errorf("%s: got %v, want a LimitError", tt.name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: the refusal cost %d bytes", tt.name, n)
		}
	}
}

// A frame of 16383 × 16383 pixels on a canvas of one is refused before it is made.
func TestWebPFrameHasTheSizeOfItsCanvas(t *testing.T) {
	lossy := encode(t, "lossy.webp")
	vp8 := bytes.Clone(lossy[12:])
	copy(vp8[8+6:], "\xff\x3f\xff\x3f")
	file := append(stillHeader(int64(len(vp8)), 1, 1, false), vp8...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits())
	runtime.ReadMemStats(&after)
	if !errors.Is(err, errSizes) {
		t.Errorf("got error %v, want %v", err, errSizes)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("the refusal cost %d bytes", n)
	}
}

// tiledTIFF is one pixel that claims to be in a tile of 65520×65520.
func tiledTIFF() []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	tags := [][2]uint16{
		{0x100, 1}, {0x101, 1}, {0x102, 8}, {0x103, 1}, {0x106, 1},
		{tagTileWidth, 65520}, {tagTileLength, 65520}, {0x144, 0}, {0x145, 1},
	}
	b = le.AppendUint16(b, uint16(len(tags)))
	for _, tag := range tags {
		b = appendTag(b, le, tag[0], 3, 1, tag[1])
	}
	return le.AppendUint32(b, 0)
}

func TestEmptySizesAreRefused(t *testing.T) {
	file := bytes.Clone(encode(t, "GIF"))
	copy(file[6:], "\x00\x00\x00\x00")
	_, err := Probe(file, DefaultLimits())
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		t.Errorf("got %v, want a CorruptError", err)
	}
}

func TestCutOffPictures(t *testing.T) {
	for _, name := range []string{"PNG", "JPEG", "GIF", "BMP", "TIFF", "lossless.webp"} {
		file := encode(t, name)
		for _, n := range []int{len(file) / 2, len(file) - 20, 20} {
			_, _, err := Decode(t.Context(), bytes.NewReader(file[:n]), DefaultLimits())
			if _, ok := errors.AsType[*CorruptError](err); !ok {
				t.Errorf("%s of %d bytes: got %v, want a CorruptError", name, n, err)
			}
		}
	}
	png := encode(t, "PNG")
	_, _, err := Decode(t.Context(), bytes.NewReader(png[:60]), DefaultLimits())
	if want := "the PNG is cut off after 60 bytes"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// A header may begin beyond what Probe sees; then the size is not known yet.
func TestProbeOfLateHeaders(t *testing.T) {
	jpeg := encode(t, "JPEG")
	late := append([]byte{}, jpeg[:2]...)
	for range 2 {
		late = append(late, 0xff, 0xe2, 0xff, 0xff)
		late = append(late, make([]byte, 0xfffd)...)
	}
	late = append(late, jpeg[2:]...)

	tiff := encode(t, "TIFF")
	moved := append(bytes.Clone(tiff[:8]), make([]byte, ProbeSize)...)
	binary.LittleEndian.PutUint32(moved[4:], uint32(len(moved)))

	for name, file := range map[string][]byte{"JPEG": late, "TIFF": moved} {
		info, err := Probe(file[:ProbeSize], DefaultLimits())
		if err != nil || info.Format != name || info.Width != 0 || info.Height != 0 {
			t.Errorf("%s: got %+v, %v, want the format and no size", name, info, err)
		}
	}
	img, info, err := Decode(t.Context(), bytes.NewReader(late), DefaultLimits())
	if err != nil || info.Width != testWidth {
		t.Fatalf("got %+v, %v, want the whole picture", info, err)
	}
	wantQuarters(t, img, 1)
	if inspected, err := Inspect(t.Context(), bytes.NewReader(late), DefaultLimits()); err != nil || inspected != info {
		t.Errorf("Inspect says %+v, %v, Decode %+v", inspected, err, info)
	}
}

// faultyReader fails once it is past some bytes.
type faultyReader struct {
	io.ReadSeeker
	good int
	err  error
}

func (f *faultyReader) Read(p []byte) (int, error) {
	if f.good <= 0 {
		return 0, f.err
	}
	n, err := f.ReadSeeker.Read(p[:min(len(p), f.good)])
	f.good -= n
	return n, err
}

func TestReaderErrorsAreNotThePicturesFault(t *testing.T) {
	disk := errors.New("the disk is gone")
	for _, name := range []string{"PNG", "JPEG", "GIF", "BMP", "TIFF", "lossless.webp"} {
		file := encode(t, name)
		for good := range file {
			r := &faultyReader{ReadSeeker: bytes.NewReader(file), good: good, err: disk}
			_, _, err := Decode(t.Context(), r, DefaultLimits())
			if err != nil && !errors.Is(err, disk) {
				t.Fatalf("%s failing after %d bytes: got %v, want the reader's error", name, good, err)
			}
		}
	}
}

func TestDecodeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := Decode(ctx, bytes.NewReader(encode(t, "PNG")), DefaultLimits())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestPanicsBecomeErrors(t *testing.T) {
	decode := func() (info Info, err error) {
		defer recoverAsCorrupt(&info, &err)
		panic("a decoder's bug")
	}
	_, err := decode()
	if got, ok := errors.AsType[*CorruptError](err); !ok || got.Message != "the picture cannot be decoded" {
		t.Errorf("got %v, want a CorruptError", err)
	}
}

// Turning works for every kind of picture, with odd sides and subsampled chroma.
func TestUprightOfEveryKind(t *testing.T) {
	r := image.Rect(0, 0, 7, 5)
	ratios := []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	}
	pictures := []image.Image{
		image.NewGray(r), image.NewGray16(r), image.NewNRGBA(r), image.NewRGBA(r), image.NewNRGBA64(r), image.NewRGBA64(r),
		image.NewCMYK(r), image.NewPaletted(r, color.Palette{color.Black, color.White}),
	}
	for _, ratio := range ratios {
		pictures = append(pictures, image.NewYCbCr(r, ratio), image.NewYCbCr(image.Rect(0, 0, 8, 4), ratio),
			image.NewYCbCr(image.Rect(0, 0, 9, 5), ratio).SubImage(image.Rect(1, 1, 9, 5)))
	}
	for _, img := range pictures {
		fillNoise(img)
		for orientation := 1; orientation <= 8; orientation++ {
			got := upright(img, orientation)
			if where, ok := sameTurned(got, img, orientation); !ok {
				t.Errorf("%T %v, orientation %d: differs at %v", img, img.Bounds(), orientation, where)
			}
		}
	}
}

func fillNoise(img image.Image) {
	noise := func(pix []byte, mod int) {
		for i := range pix {
			pix[i] = byte((i*i*31 + i*7) % mod)
		}
	}
	switch img := img.(type) {
	case *image.Gray:
		noise(img.Pix, 256)
	case *image.Gray16:
		noise(img.Pix, 256)
	case *image.NRGBA:
		noise(img.Pix, 256)
	case *image.NRGBA64:
		noise(img.Pix, 256)
	case *image.RGBA64:
		noise(img.Pix, 256)
	case *image.CMYK:
		noise(img.Pix, 256)
	case *image.Paletted:
		noise(img.Pix, 2)
	case *image.YCbCr:
		noise(img.Y, 256)
		noise(img.Cb, 255)
		noise(img.Cr, 253)
	}
}

// sameTurned compares every pixel with the one it comes from.
func sameTurned(got, src image.Image, orientation int) (image.Point, bool) {
	b, s := got.Bounds(), src.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			sx, sy := x, y
			if orientation >= 5 {
				sx, sy = y, x
			}
			switch orientation {
			case 2, 3, 7, 8:
				sx = s.Dx() - 1 - sx
			}
			switch orientation {
			case 3, 4, 6, 7:
				sy = s.Dy() - 1 - sy
			}
			if !close16(got.At(b.Min.X+x, b.Min.Y+y), src.At(s.Min.X+sx, s.Min.Y+sy)) {
				return image.Pt(x, y), false
			}
		}
	}
	return image.Point{}, true
}

// close16 allows for the rounding of 8-bit copies.
func close16(a, b color.Color) bool {
	r1, g1, b1, a1 := a.RGBA()
	r2, g2, b2, a2 := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x101 }
	return !far(r1, r2) && !far(g1, g2) && !far(b1, b2) && !far(a1, a2)
}

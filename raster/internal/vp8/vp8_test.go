package vp8

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/image/vp8"
)

// reference decodes with golang.org/x/image.
func reference(frame []byte) (*image.YCbCr, error) {
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(frame), len(frame))
	if _, err := d.DecodeFrameHeader(); err != nil {
		return nil, err
	}
	return d.DecodeFrame()
}

// frames are the pictures in testdata by name: gradients, edges and noise, 75 × 53
// pixels, made by cwebp with different filters, qualities and methods.
func frames(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.vp8")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".vp8")] = b
	}
	return all
}

func TestWholePicturesMatchReference(t *testing.T) {
	for name, frame := range frames(t) {
		t.Run(name, func(t *testing.T) {
			want, err := reference(frame)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(t.Context(), bytes.NewReader(frame), Options{})
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
		})
	}
}

func same(t *testing.T, got, want *image.YCbCr) {
	t.Helper()
	if got.Rect != want.Rect || got.SubsampleRatio != want.SubsampleRatio {
		t.Fatalf("got %v %v, want %v %v", got.Rect, got.SubsampleRatio, want.Rect, want.SubsampleRatio)
	}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			if g, w := got.YCbCrAt(x, y), want.YCbCrAt(x, y); g != w {
				t.Fatalf("at %d, %d: got %v, want %v", x, y, g, w)
			}
		}
	}
}

// TestRandomFramesMatchReference decodes noise. Every sequence of bits means something
// to a boolean decoder, so that noise reaches all that a header and a macroblock can
// say.
func TestRandomFramesMatchReference(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for i := range 2000 {
		frame := randomFrame(rnd, image.Pt(1+rnd.IntN(90), 1+rnd.IntN(70)))
		if !matchesReference(t, frame) {
			t.Fatalf("frame %d, % x…", i, frame[:40])
		}
	}
}

func randomFrame(rnd *rand.Rand, size image.Point) []byte {
	// A header takes some 150 bytes, and a macroblock of noise 20 and 60.
	blocks := (size.X + 15) / 16 * ((size.Y + 15) / 16)
	first := 150 + blocks*20
	frame := make([]byte, frameTag+first+3*(maxPartitions-1)+300+blocks*rnd.IntN(1000))
	for i := range frame {
		frame[i] = byte(rnd.Uint32())
	}
	tag(frame, first, size)
	sizes := frame[frameTag+first:][:3*(maxPartitions-1)] // if there are as many
	for i := 0; i < len(sizes); i += 3 {
		sizes[i], sizes[i+1], sizes[i+2] = byte(rnd.Uint32()), byte(rnd.IntN(1+len(frame)>>11)), 0
	}
	return frame
}

func tag(frame []byte, first int, size image.Point) {
	copy(frame, []byte{
		byte(first<<5 | 1<<4), byte(first >> 3), byte(first >> 11), 0x9d, 0x01, 0x2a,
		byte(size.X), byte(size.X >> 8), byte(size.Y), byte(size.Y >> 8),
	})
}

// matchesReference compares a frame of any content. The reference may find it too
// short where we do not: it reads a byte ahead.
func matchesReference(t *testing.T, frame []byte) bool {
	t.Helper()
	got, err := Decode(t.Context(), bytes.NewReader(frame), Options{})
	want, wantErr := reference(frame)
	switch {
	case wantErr != nil || !isDefined(frame):
		return true
	case err != nil:
		t.Errorf("got error %v, want none", err)
	default:
		same(t, got, want)
	}
	return !t.Failed()
}

// isDefined reports whether decoders have to agree about a frame.
func isDefined(frame []byte) bool {
	h, err := readHeader(bytes.NewReader(frame))
	if err != nil {
		return false
	}
	// No encoder makes a partition that begins with 255: the value is to be less than
	// the range.
	starts := []int64{frameTag}
	for _, r := range h.tokens {
		starts = append(starts, r.in.off)
	}
	for _, at := range starts {
		if at < int64(len(frame)) && frame[at] == 255 {
			return false
		}
	}
	// The reference adds up the levels of the filter in eight bits.
	f := &h.filter
	for _, l := range f.bySegment {
		key, inBlocks := l+f.keyDelta, l+f.keyDelta+f.blocksDelta
		if max(l, key, inBlocks) > math.MaxInt8 || min(l, key, inBlocks) < math.MinInt8 {
			return false
		}
	}
	return true
}

// TestReduced compares with boxes of the whole picture.
func TestReduced(t *testing.T) {
	for name, frame := range frames(t) {
		whole, err := reference(frame)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{2, 3, 4, 5, 8, 16, 20, 75, 1000} {
			t.Run(fmt.Sprintf("%s by %d", name, k), func(t *testing.T) {
				got, err := Decode(t.Context(), bytes.NewReader(frame), Options{Reduction: k})
				if err != nil {
					t.Fatal(err)
				}
				compareBoxes(t, got, whole, k)
			})
		}
	}
}

// compareBoxes wants equal averages where the loop filter runs, and similar ones where
// it does not. The pictures are harder than photographs: small, noisy, and some of them
// filtered as strongly as cwebp can.
func compareBoxes(t *testing.T, got, whole *image.YCbCr, k int) {
	t.Helper()
	size := whole.Rect.Size()
	if want := image.Pt((size.X+k-1)/k, (size.Y+k-1)/k); got.Rect.Size() != want {
		t.Fatalf("got a picture of %v, want %v", got.Rect.Size(), want)
	}
	chroma := k
	if k%2 == 0 {
		chroma = k / 2
	}
	for _, p := range []struct {
		name              string
		got, whole        []uint8
		pitch, wholePitch int
		size              image.Point
		k                 int
	}{
		{"Y", got.Y, whole.Y, got.YStride, whole.YStride, size, k},
		{"Cb", got.Cb, whole.Cb, got.CStride, whole.CStride, image.Pt((size.X+1)/2, (size.Y+1)/2), chroma},
		{"Cr", got.Cr, whole.Cr, got.CStride, whole.CStride, image.Pt((size.X+1)/2, (size.Y+1)/2), chroma},
	} {
		worst, total, n := 0, 0, 0
		for y := 0; y < p.size.Y; y += p.k {
			for x := 0; x < p.size.X; x += p.k {
				box := image.Rect(x, y, x+p.k, y+p.k).Intersect(image.Rectangle{Max: p.size})
				g := int(p.got[y/p.k*p.pitch+x/p.k])
				d := abs(g - average(p.whole, p.wholePitch, box))
				worst, total, n = max(worst, d), total+d, n+1
			}
		}
		if k < plainReduction && worst > 0 || worst > 30 || total > 6*n {
			t.Errorf("%s: averages are %d off at worst, %d/%d on average", p.name, worst, total, n)
		}
	}
}

func average(pixels []uint8, pitch int, box image.Rectangle) int {
	sum, n := 0, box.Dx()*box.Dy()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, v := range pixels[y*pitch:][box.Min.X:box.Max.X] {
			sum += int(v)
		}
	}
	return (sum + n/2) / n
}

// short is a file that ends before its chunk.
type short struct {
	io.ReaderAt
	size int64
}

func (s short) Size() int64 { return s.size }

// TestTruncated cuts a picture at every byte, with and without the chunk saying so.
func TestTruncated(t *testing.T) {
	frame := frames(t)["normal"]
	whole, err := Decode(t.Context(), bytes.NewReader(frame), Options{})
	if err != nil {
		t.Fatal(err)
	}
	partial := 0
	for n := range frame {
		cut := bytes.NewReader(frame[:n])
		img, err := Decode(t.Context(), short{cut, int64(len(frame))}, Options{})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d bytes: got error %v, want an unexpected end", n, err)
		}
		if img != nil && img.YCbCrAt(0, 0) != whole.YCbCrAt(0, 0) {
			t.Errorf("%d bytes: pixels that are there are lost", n)
		}
		if img != nil {
			partial++
		}
		if _, err := Decode(t.Context(), cut, Options{}); n < len(frame)-2 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a chunk of %d bytes: got error %v, want an unexpected end", n, err)
		}
	}
	if partial < len(frame)/2 {
		t.Errorf("only %d of %d gave a part of the picture", partial, len(frame))
	}
}

func TestReadingFails(t *testing.T) {
	broken := errors.New("broken disk")
	for name, frame := range frames(t) {
		for _, n := range []int64{0, 5, 12, int64(len(frame)) / 3, int64(len(frame)) - 1} {
			_, err := Decode(t.Context(), failing{frame, n, broken}, Options{})
			if !errors.Is(err, broken) {
				t.Errorf("%s after %d bytes: got error %v, want %v", name, n, err, broken)
			}
		}
	}
}

type failing struct {
	frame []byte
	after int64
	err   error
}

func (f failing) Size() int64 { return int64(len(f.frame)) }

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	r := io.MultiReader(bytes.NewReader(f.frame[:f.after]), iotest.ErrReader(f.err))
	if _, err := io.CopyN(io.Discard, r, off); err != nil {
		return 0, err
	}
	return io.ReadFull(r, p)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decode(ctx, bytes.NewReader(frames(t)["normal"]), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// endingChunk ends a context when it is read from a position on.
type endingChunk struct {
	*bytes.Reader
	from int64
	end  context.CancelFunc
}

func (c endingChunk) ReadAt(p []byte, off int64) (int, error) {
	if off >= c.from {
		c.end()
	}
	return c.Reader.ReadAt(p, off)
}

// TestCancelledMidway: what was painted before is no picture.
func TestCancelledMidway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	frame := frames(t)["normal"]
	chunk := endingChunk{bytes.NewReader(frame), int64(frameTag + firstSize(frame)), cancel}
	if img, err := Decode(ctx, chunk, Options{}); img != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v and error %v, want %v", img != nil, err, context.Canceled)
	}
}

// TestMemoryIsEnough: all that is ever allocated is within what Memory says.
func TestMemoryIsEnough(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, size := range []image.Point{{1, 1}, {1, 16383}, {16383, 1}, {16383, 35}, {1001, 777}} {
		frame := randomFrame(rnd, size)
		for _, k := range []int{1, 2, 3, 8, 100} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if img, err := Decode(t.Context(), bytes.NewReader(frame), Options{Reduction: k}); img == nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			if got, limit := int64(after.TotalAlloc-before.TotalAlloc), Memory(size, k); got > limit {
				t.Errorf("%v by %d: allocated %d bytes, Memory says %d", size, k, got, limit)
			}
		}
	}
}

// TestPanicReachesCaller shows that a panic can be caught, wherever it happens.
func TestPanicReachesCaller(t *testing.T) {
	h, err := readHeader(bytes.NewReader(frames(t)["normal"]))
	if err != nil {
		t.Fatal(err)
	}
	for name, breakIt := range map[string]func(*modeReader, *tokenReader, *painter){
		"modes":        func(m *modeReader, _ *tokenReader, _ *painter) { m.above = nil },
		"coefficients": func(_ *modeReader, r *tokenReader, _ *painter) { r.above = nil },
		"painting":     func(_ *modeReader, _ *tokenReader, w *painter) { w.now = nil },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			m, r, w := newModeReader(h), newTokenReader(h), newPainter(h, 1)
			breakIt(m, r, w)
			_ = paint(t.Context(), m, r, w)
		})
	}
}

func TestAttacks(t *testing.T) {
	normal := frames(t)["normal"]
	change := func(f func(b []byte)) []byte {
		b := bytes.Clone(normal)
		f(b)
		return b
	}
	huge := bytes.Repeat([]byte{0}, 3000)
	tag(huge, 2000, image.Pt(16383, 16383))
	tests := []struct {
		name  string
		frame []byte
		want  error
	}{
		{"nothing", nil, io.ErrUnexpectedEOF},
		{"no width", change(func(b []byte) { b[6], b[7] = 0, 0 }), errEmpty},
		{"no height", change(func(b []byte) { b[8], b[9] = 0, 0 }), errEmpty},
		{"not a key frame", change(func(b []byte) { b[0] |= 1 }), errNoKeyFrame},
		{"no start code", change(func(b []byte) { b[3] = 0 }), errNoKeyFrame},
		{"a first partition beyond the end", change(func(b []byte) { b[2] = 0xff }), io.ErrUnexpectedEOF},
		{"an empty first partition", change(func(b []byte) { tag(b, 0, image.Pt(75, 53)) }), io.ErrUnexpectedEOF},
		{"no token partition", normal[:frameTag+firstSize(normal)], io.ErrUnexpectedEOF},
		{"268 million pixels in 3000 bytes", huge, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(t.Context(), bytes.NewReader(tt.frame), Options{Reduction: 16})
			if !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
		})
	}
}

func firstSize(frame []byte) int {
	return int(frame[0])>>5 | int(frame[1])<<3 | int(frame[2])<<11
}

func FuzzDecode(f *testing.F) {
	for _, frame := range frames(f) {
		f.Add(frame, 1)
		f.Add(frame[:len(frame)/2], 3)
	}
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 10 {
		f.Add(randomFrame(rnd, image.Pt(20, 17)), 4)
	}
	f.Fuzz(func(t *testing.T, frame []byte, k int) {
		size, err := Size(bytes.NewReader(frame))
		if err != nil || size.X*size.Y > 1<<14 {
			return
		}
		matchesReference(t, frame)
		img, err := Decode(t.Context(), bytes.NewReader(frame), Options{Reduction: min(max(k, 0), 1<<20)})
		if err == nil && img == nil {
			t.Error("neither a picture nor an error")
		}
	})
}

// TestCorpus compares with the reference over pictures that are not part of the
// repository.
func TestCorpus(t *testing.T) {
	for name, frame := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			if want, err := reference(frame); err == nil {
				got, err := Decode(t.Context(), bytes.NewReader(frame), Options{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, got, want)
			}
		})
	}
}

// corpus finds lossy WebP files.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../../shared/corpus"
	}
	all := map[string][]byte{}
	for _, pattern := range []string{"*.webp", "*/*.webp"} {
		files, _ := filepath.Glob(filepath.Join(root, pattern))
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if frame := frameOf(b); frame != nil {
				all[filepath.Base(f)] = frame
			}
		}
	}
	if len(all) == 0 {
		t.Skipf("no lossy WebP in %s: set CHARCOAL_CORPUS", root)
	}
	return all
}

// frameOf is the content of the first VP8 chunk of a file.
func frameOf(file []byte) []byte {
	i := bytes.Index(file, []byte("VP8 "))
	if i < 0 || len(file) < i+8 {
		return nil
	}
	size := int(file[i+4]) | int(file[i+5])<<8 | int(file[i+6])<<16
	return file[i+8:][:min(size, len(file)-i-8)]
}

// BenchmarkDecode decodes the largest picture of the corpus, against the reference.
func BenchmarkDecode(b *testing.B) {
	var frame []byte
	for _, f := range corpus(b) {
		if len(f) > len(frame) {
			frame = f
		}
	}
	for _, k := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint("by ", k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(b.Context(), bytes.NewReader(frame), Options{Reduction: k}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("reference", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := reference(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
}

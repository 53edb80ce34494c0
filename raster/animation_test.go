package raster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// shown is what a frame is in the tests: its middle row, a letter for each pixel.
func shown(img image.Image) string {
	b := img.Bounds()
	var s strings.Builder
	for x := b.Min.X; x < b.Max.X; x++ {
		switch r, g, blue, a := img.At(x, (b.Min.Y+b.Max.Y)/2).RGBA(); {
		case a == 0:
			s.WriteByte('.')
		case r > g && r > blue:
			s.WriteByte('r')
		case blue > r:
			s.WriteByte('b')
		default:
			s.WriteByte('w')
		}
	}
	return s.String()
}

// playback reads all frames.
func playback(t *testing.T, file []byte, lim Limits) (frames []string, loops int, err error) {
	t.Helper()
	a, err := Animate(t.Context(), bytes.NewReader(file), lim)
	if err != nil {
		return nil, 0, err
	}
	for f, err := range a.Frames() {
		if err != nil {
			return frames, a.Loops, err
		}
		frames = append(frames, fmt.Sprintf("%s %v", shown(f.Image), f.Delay))
	}
	return frames, a.Loops, nil
}

var red, blue = color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}

// step is one frame of a test animation on a canvas of 4 × 2.
type step struct {
	place    image.Rectangle
	color    color.NRGBA
	delay    int // hundredths of a second
	disposal disposal
	replace  bool
}

var (
	whole  = image.Rect(0, 0, 4, 2)
	left   = image.Rect(0, 0, 2, 2)
	second = image.Rect(1, 0, 2, 2)
)

func asGIF(t *testing.T, loops int, steps ...step) []byte {
	t.Helper()
	g := &gif.GIF{LoopCount: loops, Config: image.Config{Width: 4, Height: 2, ColorModel: color.Palette{red, blue}}}
	for _, s := range steps {
		img := image.NewPaletted(s.place, color.Palette{s.color, color.Transparent})
		g.Image, g.Delay = append(g.Image, img), append(g.Delay, s.delay)
		g.Disposal = append(g.Disposal, [...]byte{gif.DisposalNone, gif.DisposalBackground, gif.DisposalPrevious}[s.disposal])
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func appendChunk(b []byte, kind string, data []byte) []byte {
	return append(b, pngChunk(kind, data)...)
}

func asAPNG(t *testing.T, loops int, steps ...step) []byte {
	t.Helper()
	b := []byte(pngSignature)
	b = appendChunk(b, "IHDR", []byte{0, 0, 0, 4, 0, 0, 0, 2, 8, 6, 0, 0, 0})
	b = appendChunk(b, "acTL", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(len(steps))), uint32(loops)))
	sequence := uint32(0)
	next := func() []byte {
		sequence++
		return binary.BigEndian.AppendUint32(nil, sequence-1)
	}
	for i, s := range steps {
		c := next()
		for _, v := range []int{s.place.Dx(), s.place.Dy(), s.place.Min.X, s.place.Min.Y} {
			c = binary.BigEndian.AppendUint32(c, uint32(v))
		}
		c = append(c, byte(s.delay>>8), byte(s.delay), 0, 100, byte(s.disposal), 1)
		if s.replace {
			c[len(c)-1] = 0
		}
		b = appendChunk(b, "fcTL", c)
		pixels := pixelsOf(t, s)
		if i == 0 {
			b = appendChunk(b, "IDAT", pixels)
		} else {
			b = appendChunk(b, "fdAT", append(next(), pixels...))
		}
	}
	return appendChunk(b, "IEND", nil)
}

// pixelsOf is the IDAT that the standard encoder makes of a step.
func pixelsOf(t *testing.T, s step) []byte {
	t.Helper()
	img := image.NewNRGBA(s.place)
	for i := range s.place.Dx() * s.place.Dy() {
		c := s.color
		if i == 0 { // keeps the encoder from leaving out the opacity
			c.A = 0
		}
		img.SetNRGBA(s.place.Min.X+i%s.place.Dx(), s.place.Min.Y+i/s.place.Dx(), c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b.Bytes(), []byte("IDAT"))
	size := binary.BigEndian.Uint32(b.Bytes()[at-4:])
	return b.Bytes()[at+4:][:size]
}

// The two formats compose frames alike.
func TestFramesAreComposed(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		want  []string
	}{
		{"one after another", []step{{place: whole, color: red, delay: 10}, {place: left, color: blue, delay: 20}},
			[]string{"rrrr 100ms", "bbrr 200ms"}},
		{"nothing is disposed of", []step{{place: left, color: red, delay: 10}, {place: second, color: blue, delay: 10}, {place: second, color: red, delay: 10}},
			[]string{"rr.. 100ms", "rb.. 100ms", "rr.. 100ms"}},
		{"to the background", []step{{place: whole, color: red, delay: 10}, {place: left, color: blue, delay: 10, disposal: clearPlace}, {place: second, color: blue, delay: 10}},
			[]string{"rrrr 100ms", "bbrr 100ms", ".brr 100ms"}},
		{"to what was before", []step{{place: whole, color: red, delay: 10}, {place: left, color: blue, delay: 10, disposal: restorePlace}, {place: second, color: blue, delay: 10}},
			[]string{"rrrr 100ms", "bbrr 100ms", "rbrr 100ms"}},
	}
	for _, tt := range tests {
		for format, file := range map[string][]byte{"GIF": asGIF(t, 0, tt.steps...), "APNG": asAPNG(t, 0, tt.steps...)} {
			got, loops, err := playback(t, file, Limits{})
			if err != nil || strings.Join(got, ", ") != strings.Join(tt.want, ", ") || loops != 0 {
				t.Errorf("%s as %s: got %q, %d loops, %v, want %q for ever", tt.name, format, got, loops, err, tt.want)
			}
		}
	}
}

func TestAPNGReplacesWhatItSays(t *testing.T) {
	nothing := color.NRGBA{255, 0, 0, 0}
	over := []step{{place: whole, color: red}, {place: left, color: nothing}}
	replaced := []step{{place: whole, color: red}, {place: left, color: nothing, replace: true}}
	for _, tt := range []struct {
		steps []step
		want  string
	}{{over, "rrrr 0s"}, {replaced, "..rr 0s"}} {
		if got, _, err := playback(t, asAPNG(t, 1, tt.steps...), Limits{}); err != nil || got[1] != tt.want {
			t.Errorf("got %q, %v, want %q last", got, err, tt.want)
		}
	}
}

func TestHowOftenAnimationsPlay(t *testing.T) {
	frames := []step{{place: whole, color: red}, {place: whole, color: blue}}
	for _, tt := range []struct {
		name string
		file []byte
		want int
	}{
		{"GIF for ever", asGIF(t, 0, frames...), 0},
		{"GIF once", asGIF(t, -1, frames...), 1},
		{"GIF again twice", asGIF(t, 2, frames...), 3},
		{"APNG for ever", asAPNG(t, 0, frames...), 0},
		{"APNG twice", asAPNG(t, 2, frames...), 2},
	} {
		if _, got, err := playback(t, tt.file, Limits{}); got != tt.want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", tt.name, got, err, tt.want)
		}
	}
}

// Animations are made for browsers, which do not believe in frames of no time.
func TestShortDelaysOfGIF(t *testing.T) {
	got, _, err := playback(t, asGIF(t, 0, step{place: whole, color: red}, step{place: whole, color: blue, delay: 2}), Limits{})
	if err != nil || got[0] != "rrrr 100ms" || got[1] != "bbbb 20ms" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDelaysOfAPNG(t *testing.T) {
	for _, tt := range []struct {
		of, by uint16
		want   time.Duration
	}{{1, 10, 100 * time.Millisecond}, {5, 0, 50 * time.Millisecond}, {0, 0, 0}, {65535, 1, 65535 * time.Second}} {
		if got := fraction(tt.of, tt.by); got != tt.want {
			t.Errorf("%d/%d: got %v, want %v", tt.of, tt.by, got, tt.want)
		}
	}
}

// What is no animation has one frame, as Decode gives it.
func TestStillPicturesHaveOneFrame(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	got, loops, err := playback(t, b.Bytes(), DefaultLimits())
	if err != nil || len(got) != 1 || got[0] != "www 0s" || loops != 1 {
		t.Errorf("got %q, %d, %v", got, loops, err)
	}
}

func TestAnimationsHaveLimits(t *testing.T) {
	frames := []step{{place: whole, color: red}, {place: second, color: blue}, {place: second, color: red}}
	for _, file := range [][]byte{asGIF(t, 0, frames...), asAPNG(t, 0, frames...)} {
		for _, tt := range []struct {
			lim  Limits
			want LimitError
		}{
			{Limits{Frames: 2}, LimitError{"the animation", 2, 3, "frames"}},
			{Limits{AllPixels: 20}, LimitError{"the animation", 20, 24, "pixels in all frames"}},
		} {
			got, _, err := playback(t, file, tt.lim)
			if e, ok := errors.AsType[*LimitError](err); !ok || *e != tt.want || len(got) != 2 {
				t.Errorf("got %d frames, %v, want 2 and %v", len(got), err, &tt.want)
			}
		}
	}
}

// A canvas is held whole, even if the picture could be decoded reduced: a file of a
// hundred bytes that claims 30000×30000 pixels must not allocate gigabytes.
func TestHugeCanvasIsRefused(t *testing.T) {
	file := asAPNG(t, 1, step{place: whole, color: red})
	binary.BigEndian.PutUint32(file[16:], 30_000)
	binary.BigEndian.PutUint32(file[20:], 30_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := playback(t, file, DefaultLimits())
	runtime.ReadMemStats(&after)
	if e, ok := errors.AsType[*LimitError](err); !ok || e.Unit != "bytes of memory" {
		t.Errorf("got %v, want that it needs too much memory", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("the refusal cost %d bytes", n)
	}
}

func TestDamagedAnimations(t *testing.T) {
	frames := []step{{place: whole, color: red}, {place: second, color: blue}}
	apng := asAPNG(t, 0, frames...)
	edited := func(file []byte, mark string, at int, value byte) []byte {
		file = bytes.Clone(file)
		file[bytes.LastIndex(file, []byte(mark))+4+at] = value
		return file
	}
	tests := []struct {
		name string
		file []byte
	}{
		{"GIF cut off", asGIF(t, 0, frames...)[:60]},
		{"APNG cut off", apng[:len(apng)-30]},
		{"APNG with a frame outside", edited(apng, "fcTL", 15, 200)},
		{"APNG with a huge frame", edited(apng, "fcTL", 4, 0x7f)},
		{"APNG with a frame of nothing", edited(apng, "fcTL", 7, 0)},
		{"APNG out of order", edited(apng, "fdAT", 3, 9)},
		{"APNG with other pixels than it says", edited(apng, "fcTL", 11, 1)},
		{"APNG without pixels in a frame", bytes.Replace(apng, []byte("fdAT"), []byte("fdxT"), 1)},
	}
	for _, tt := range tests {
		_, _, err := playback(t, tt.file, DefaultLimits())
		if _, ok := errors.AsType[*CorruptError](err); !ok {
			t.Errorf("%s: got %v, want a CorruptError", tt.name, err)
		}
	}
}

func TestFramesCanBeLeft(t *testing.T) {
	a, err := Animate(t.Context(), bytes.NewReader(asGIF(t, 0, step{place: whole, color: red}, step{place: whole, color: blue})), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for f, err := range a.Frames() {
			if err != nil || shown(f.Image) != "rrrr" {
				t.Errorf("got %v, %v, want the first frame each time", f, err)
			}
			break
		}
	}
}

func TestFramesEndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a, err := Animate(ctx, bytes.NewReader(asGIF(t, 0, step{place: whole, color: red})), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for _, err := range a.Frames() {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
	}
}

func FuzzAnimate(f *testing.F) {
	t := &testing.T{}
	steps := []step{{place: whole, color: red}, {place: second, color: blue, disposal: restorePlace}, {place: left, color: red}}
	f.Add(asGIF(t, 0, steps...))
	f.Add(asAPNG(t, 0, steps...))
	f.Fuzz(func(t *testing.T, file []byte) {
		lim := small
		lim.Frames, lim.AllPixels = 20, 1<<17
		a, err := Animate(t.Context(), io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file))), lim)
		if err != nil {
			return
		}
		n := 0
		for frame, err := range a.Frames() {
			if err != nil {
				if !isOurs(err) {
					t.Errorf("got %v, want one of our errors", err)
				}
				continue
			}
			if n++; n > lim.Frames || frame.Image.Bounds().Empty() {
				t.Fatalf("frame %d has the bounds %v", n, frame.Image.Bounds())
			}
		}
	})
}

// Every animation of the corpus plays, or says what is wrong with it.
func TestAnimationsOfTheCorpus(t *testing.T) {
	root := cmp.Or(os.Getenv("CHARCOAL_CORPUS"), "../../shared/corpus")
	var files []string
	for _, pattern := range []string{"apng/*", "formats/*.gif", "formats/*.webp", "hostile/*.gif", "hostile/*.png"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skipf("no pictures in %s: set CHARCOAL_CORPUS", root)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, loops, err := playback(t, file, DefaultLimits())
		if err != nil && !isOurs(err) {
			t.Errorf("%s: got %v, want one of our errors", name, err)
		}
		t.Logf("%s: %d frames, %d loops, %v", filepath.Base(name), len(got), loops, err)
	}
}

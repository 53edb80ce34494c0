package nativeengine

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/raster"
)

var _ charcoal.Converter = (*Engine)(nil)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func pngOf(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 255 / len(img.Pix))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestConvert(t *testing.T) {
	e := New(Config{})
	file := pngOf(t, 60, 40)
	drawing, err := e.Convert(t.Context(), bytes.NewReader(file), ascii.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	want := charcoal.Picture{Format: "PNG", MediaType: "image/png", Width: 60, Height: 40}
	decoded := want
	decoded.Frames, decoded.Hash = 1, drawing.Hash // of which describe_test.go tells more
	if drawing.Picture != decoded || drawing.Art.Cols != 100 || drawing.Art.Rows != 33 {
		t.Errorf("got %+v, %d×%d, want %+v, 100×33", drawing.Picture, drawing.Art.Cols, drawing.Art.Rows, decoded)
	}
	if got, err := e.Probe(file); err != nil || got != want {
		t.Errorf("Probe: got %+v, %v, want %+v", got, err, want)
	}
}

func TestErrorsHaveTheirCode(t *testing.T) {
	picture := pngOf(t, 60, 40)
	with := func(change func(*ascii.Options)) ascii.Options {
		o := ascii.Defaults()
		change(&o)
		return o
	}
	tests := []struct {
		name   string
		config Config
		file   []byte
		opts   ascii.Options
		code   charcoal.Code
		want   string // in the message
	}{
		{"no picture", Config{}, []byte("hello"), ascii.Defaults(), charcoal.Unsupported, "this is text"},
		{"empty", Config{}, nil, ascii.Defaults(), charcoal.Unsupported, "the file is empty"},
		{"cut off", Config{}, picture[:len(picture)-30], ascii.Defaults(), charcoal.Unprocessed, "the PNG is cut off after"},
		{"bad option", Config{}, picture, with(func(o *ascii.Options) { o.Cols = 5000 }), charcoal.Invalid, "from 1 to 2000"},
		{"own columns", Config{Art: ascii.Limits{Cols: 50}}, picture, ascii.Defaults(), charcoal.Invalid, "from 1 to 50"},
		{"pixels", Config{Raster: raster.Limits{Pixels: 99}}, picture, ascii.Defaults(),
			charcoal.TooLarge, "the picture is over the limit: 2,400 of at most 99 pixels"},
		{"bytes", Config{Raster: raster.Limits{Bytes: 99}}, picture, ascii.Defaults(),
			charcoal.TooLarge, "of at most 99 bytes"},
		{"cells", Config{Art: ascii.Limits{Cells: 99}}, picture, ascii.Defaults(),
			charcoal.TooLarge, "the art is over the limit: 3,300 of at most 99 cells"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.config).Convert(t.Context(), bytes.NewReader(tt.file), tt.opts)
			if charcoal.CodeOf(err) != tt.code || !strings.Contains(charcoal.Message(err), tt.want) {
				t.Errorf("got %s, %q, want %s, %q", charcoal.CodeOf(err), charcoal.Message(err), tt.code, tt.want)
			}
			if !charcoal.Permanent(err) {
				t.Error("the error is not permanent")
			}
		})
	}
}

func TestProbeRefusals(t *testing.T) {
	e := New(Config{Raster: raster.Limits{Pixels: 99}})
	for code, file := range map[charcoal.Code][]byte{
		charcoal.TooLarge:    pngOf(t, 60, 40),
		charcoal.Unsupported: []byte("%PDF-1.4"),
		charcoal.Unprocessed: pngOf(t, 60, 40)[:20],
	} {
		if _, err := e.Probe(file); charcoal.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}

// broken is storage that fails.
type broken struct{ io.ReadSeeker }

var errDisk = errors.New("the disk is gone")

func (broken) Read([]byte) (int, error) { return 0, errDisk }

func TestStorageErrorsAreTriedAgain(t *testing.T) {
	_, err := New(Config{}).Convert(t.Context(), broken{bytes.NewReader(pngOf(t, 60, 40))}, ascii.Defaults())
	if !errors.Is(err, errDisk) || charcoal.Permanent(err) {
		t.Errorf("got %v, permanent %v, want the disk's error, not permanent", err, charcoal.Permanent(err))
	}
}

func TestContextEndsAConversion(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := New(Config{}).Convert(ctx, bytes.NewReader(pngOf(t, 60, 40)), ascii.Defaults())
	if !errors.Is(err, context.Canceled) || charcoal.Permanent(err) {
		t.Errorf("got %v, want the context's error, not permanent", err)
	}
}

// gate is a picture that waits in the middle of being read.
type gate struct {
	io.ReadSeeker
	reached, open chan struct{}
	good          int // bytes before it waits
}

func (g *gate) Read(p []byte) (int, error) {
	n, err := g.ReadSeeker.Read(p[:min(len(p), 512)])
	if g.good > 0 && g.good <= n {
		close(g.reached)
		<-g.open
	}
	g.good -= n
	return n, err
}

// Frames of an animation are drawn when they are asked for.
func TestAnimation(t *testing.T) {
	palette := color.Palette{color.Black, color.White}
	g := &gif.GIF{LoopCount: 0}
	for i := range 3 {
		img := image.NewPaletted(image.Rect(0, 0, 40, 20), palette)
		for j := range img.Pix {
			img.Pix[j] = uint8(i % 2)
		}
		g.Image, g.Delay = append(g.Image, img), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ frames, want int }{{0, 1}, {1, 1}, {2, 2}, {100, 3}} {
		o := ascii.Defaults()
		o.Cols, o.Frames = 10, tt.frames
		drawing, err := New(Config{}).Convert(t.Context(), bytes.NewReader(b.Bytes()), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(drawing.Art.Frames); got != tt.want || drawing.Format != "GIF" {
			t.Errorf("asked for %d: got %d frames of a %s, want %d", tt.frames, got, drawing.Format, tt.want)
		}
	}
	_, err := New(Config{}).Convert(t.Context(), bytes.NewReader(b.Bytes()[:b.Len()-10]), ascii.Options{
		Cols: 10, CellAspect: 0.5, Glyphs: "ascii", Color: "none", Frames: 10,
	})
	if charcoal.CodeOf(err) != charcoal.Unprocessed {
		t.Errorf("cut off: got %v, want a picture that cannot be drawn", err)
	}
}

// While one picture holds all the memory another waits, and gives up with its
// context.
func TestMemoryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Config{Memory: 5 << 18, Turns: 2}) // enough for one of them
		file := noisyJPEG(t)
		opts := ascii.Defaults()
		opts.Cols = 10
		first := &gate{
			ReadSeeker: bytes.NewReader(file), reached: make(chan struct{}), open: make(chan struct{}),
			good: len(file) * 3 / 2, // the header is read, in a buffer, before memory is taken
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := e.Convert(t.Context(), first, opts); err != nil {
				t.Errorf("the first: %v", err)
			}
		})
		<-first.reached
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			_, err := e.Convert(ctx, bytes.NewReader(file), opts)
			if !errors.Is(err, context.Canceled) || charcoal.Permanent(err) {
				t.Errorf("the second: got %v, want its context's error", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(first.open)
		wg.Wait()
		if _, err := e.Convert(t.Context(), bytes.NewReader(file), opts); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// noisyJPEG is too large to be read in a few pieces.
func noisyJPEG(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 768, 512))
	seed := uint32(1)
	for i := range img.Pix {
		seed = seed*1664525 + 1013904223
		img.Pix[i] = uint8(i/8192) + uint8(seed>>27)
	}
	for y := range 512 {
		for x := range 768 {
			c := img.RGBAAt(x, y)
			img.SetRGBA(x, y, color.RGBA{c.R, c.G, c.B, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCorpus draws the pictures of a folder that is no part of the project:
// good ones become art, hostile ones end in art or an error that says why, all in
// little memory.
func TestCorpus(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../shared/corpus"
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	e := New(Config{})
	for _, folder := range []string{"photos", "art", "formats", "apng", "hostile"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*"))
		if err != nil || len(files) == 0 {
			t.Skipf("no pictures in %s: set CHARCOAL_CORPUS", filepath.Join(root, folder))
		}
		for _, name := range files {
			t.Run(folder+"/"+filepath.Base(name), func(t *testing.T) { convertFile(t, e, name, folder) })
		}
	}
}

func convertFile(t *testing.T, e *Engine, name, folder string) {
	r, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	drawing, err := e.Convert(t.Context(), r, ascii.Defaults())
	mayFail := folder == "hostile" || folder == "apng"
	switch filepath.Ext(name) {
	case ".avif": // decoded by programs that can
		if err != nil && charcoal.CodeOf(err) != charcoal.Unsupported && (!mayFail || !charcoal.Permanent(err)) {
			t.Errorf("got %v, want art or a refusal", err)
		}
	case ".heif":
		if charcoal.CodeOf(err) != charcoal.Unsupported {
			t.Errorf("got %v, want a refusal", err)
		}
	default:
		if err != nil && (!mayFail || !charcoal.Permanent(err)) {
			t.Error(err)
		}
	}
	if err == nil && len(drawing.Art.Frames[0].Cells) != drawing.Art.Cols*drawing.Art.Rows {
		t.Errorf("got %d cells", len(drawing.Art.Frames[0].Cells))
	}
}

func BenchmarkConvert(b *testing.B) {
	e := New(Config{})
	file := noisyJPEG(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Convert(b.Context(), bytes.NewReader(file), ascii.Defaults()); err != nil {
			b.Fatal(err)
		}
	}
}

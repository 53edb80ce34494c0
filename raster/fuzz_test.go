package raster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small keeps a fuzzer fast: what is within the limits may cost its pixels.
var small = Limits{Bytes: 1 << 20, Pixels: 1 << 16}

func seed(f *testing.F) {
	for _, name := range []string{
		"PNG", "JPEG", "GIF", "BMP", "TIFF", "TIFF deflate",
		"lossless.webp", "lossy.webp", "alpha.webp", "animated.webp", "animated-alpha.webp", "orientation6.webp",
	} {
		file := encode(f, name)
		f.Add(file)
		f.Add(file[:len(file)/2])
	}
	f.Add(jpegWithExif(encode(f, "JPEG"), exif(6, binary.BigEndian)))
	f.Add(pngWithExif(encode(f, "PNG"), exif(6, binary.LittleEndian), true))
	f.Add(tiledTIFF())
}

// ours fails for an error of a kind that callers do not know, and for one that
// says nothing.
func ours(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if !isOurs(err) || strings.TrimSpace(err.Error()) == "" {
		t.Errorf("got %T %v, want an error of this package", err, err)
	}
	// A panic is caught, but it is a bug that should be known.
	if corrupt, ok := errors.AsType[*CorruptError](err); ok && corrupt.Err != nil &&
		strings.HasPrefix(corrupt.Err.Error(), "panic") {
		t.Logf("caught: %v", corrupt.Err)
	}
}

func FuzzProbe(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := Probe(file, small)
		ours(t, err)
	})
}

func FuzzDecode(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		img, info, err := Decode(t.Context(), bytes.NewReader(file), small)
		ours(t, err)
		if err != nil {
			return
		}
		b := img.Bounds()
		if b.Dx() != info.Width || b.Dy() != info.Height || int64(b.Dx())*int64(b.Dy()) > small.Pixels {
			t.Errorf("got a picture of %v, the info says %+v", b, info)
		}
		for _, p := range []struct{ x, y int }{{b.Min.X, b.Min.Y}, {b.Max.X - 1, b.Max.Y - 1}} {
			_ = img.At(p.x, p.y)
		}
	})
}

func FuzzEXIF(f *testing.F) {
	for o := range uint16(9) {
		f.Add(exif(o, binary.LittleEndian))
		f.Add(exif(o, binary.BigEndian))
	}
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := exifOrientation(bytes.NewReader(data)); o < 1 || o > 8 {
			t.Errorf("got orientation %d", o)
		}
	})
}

// TestCorpus decodes the pictures of a folder that is no part of the project.
func TestCorpus(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../shared/corpus"
	}
	tests := []struct {
		folder string
		whole  bool // every picture of a supported format decodes
	}{{"photos", true}, {"art", true}, {"formats", true}, {"hostile", false}}
	for _, tt := range tests {
		files, err := filepath.Glob(filepath.Join(root, tt.folder, "*"))
		if err != nil || len(files) == 0 {
			t.Skipf("no pictures in %s: set CHARCOAL_CORPUS", filepath.Join(root, tt.folder))
		}
		for _, name := range files {
			t.Run(tt.folder+"/"+filepath.Base(name), func(t *testing.T) { decodeFile(t, name, tt.whole) })
		}
	}
}

func decodeFile(t *testing.T, name string, whole bool) {
	r, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	_, _, err = Decode(t.Context(), r, DefaultLimits())
	ours(t, err)
	_, unsupported := errors.AsType[*UnsupportedError](err)
	switch filepath.Ext(name) {
	case ".avif": // decoded by programs that can
		if whole && err != nil && !unsupported {
			t.Error(err)
		}
	case ".heif":
		if !unsupported || !strings.Contains(err.Error(), "patents") {
			t.Errorf("got %v, want a refusal that says why", err)
		}
	default:
		if whole && err != nil {
			t.Error(err)
		}
	}
}

package raster

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// countingReader counts how often it is read.
type countingReader struct {
	*bytes.Reader
	reads int
}

func (r *countingReader) Read(p []byte) (int, error) {
	r.reads++
	return r.Reader.Read(p)
}

// What stands before the frame header costs reading it, however it is cut up.
func TestJPEGHeadersAreReadInLargePieces(t *testing.T) {
	file := encode(t, "JPEG")
	const size = 1 << 20
	tests := map[string]string{
		"empty segments": "\xff\xe5\x00\x02",
		"EXIF again":     "\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00",
		"junk":           "\xff\xe5\x00\x02" + strings.Repeat("\x00", 1<<15),
	}
	for name, piece := range tests {
		many := bytes.Repeat([]byte(piece), size/len(piece))
		r := &countingReader{Reader: bytes.NewReader(slices.Concat(file[:2], many, file[2:]))}
		f, err := Open(t.Context(), r, DefaultLimits())
		if err != nil || f.Info.Width != testWidth {
			t.Errorf("%s: got a width of %d and error %v", name, f.Info.Width, err)
		}
		if limit := size / 128; r.reads > limit {
			t.Errorf("%s: %d reads for %d bytes, want %d at most", name, r.reads, size, limit)
		}
	}
}

// The orientation is that of the first EXIF segment, also behind other segments.
func TestJPEGOrientationIsTheFirst(t *testing.T) {
	file := jpegWithExif(jpegWithExif(encode(t, "JPEG"), exif(3, binary.BigEndian)), exif(6, binary.LittleEndian))
	xmp := "\xff\xe1\x00\x10http://ns.adob"
	info, err := Probe(slices.Concat(file[:2], []byte(xmp), file[2:]), DefaultLimits())
	if err != nil || info.Orientation != 6 {
		t.Errorf("got orientation %d and error %v, want 6", info.Orientation, err)
	}
}

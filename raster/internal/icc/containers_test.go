package icc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFromJPEG(t *testing.T) {
	cut := jpegWith(part(1, 1, []byte("only")))
	tests := map[string]struct {
		file []byte
		want string
		err  string // or ""
	}{
		"no profile":         {jpegWith(), "", ""},
		"one part":           {jpegWith(part(1, 1, []byte("only"))), "only", ""},
		"in order":           {jpegWith(part(1, 3, []byte("a")), part(2, 3, []byte("b")), part(3, 3, []byte("c"))), "abc", ""},
		"out of order":       {jpegWith(part(3, 3, []byte("c")), part(1, 3, []byte("a")), part(2, 3, []byte("b"))), "abc", ""},
		"among others":       {jpegWith([]byte("MPF\x00"), part(1, 1, []byte("only")), []byte("ICC_PROFILE\x01..")), "only", ""},
		"an empty part":      {jpegWith(part(1, 2, nil), part(2, 2, []byte("b"))), "b", ""},
		"a part missing":     {jpegWith(part(1, 2, []byte("a"))), "", "part 2 of 2 is missing"},
		"a part twice":       {jpegWith(part(1, 2, []byte("a")), part(1, 2, []byte("a"))), "", "does not fit"},
		"part nought":        {jpegWith(part(0, 1, []byte("a"))), "", "does not fit"},
		"a part too many":    {jpegWith(part(2, 1, []byte("a"))), "", "does not fit"},
		"counts that differ": {jpegWith(part(1, 2, []byte("a")), part(2, 3, []byte("a"))), "", "does not fit"},
		"too large":          {jpegWith(parts(17, 65000)...), "", "more than the 1048576 bytes"},
		"the largest":        {jpegWith(parts(16, 65000)...), strings.Repeat("x", 16*65000), ""},
		"no JPEG":            {[]byte("no marker anywhere"), "", "no marker"},
		"a length of one":    {[]byte("\xff\xd8\xff\xe2\x00\x01"), "", "no marker"},
		"many segments":      {append([]byte("\xff\xd8"), strings.Repeat("\xff\xe0\x00\x02", 1<<14)...), "", "too many"},
		"cut before a scan":  {cut[:len(cut)-4], "", ""},
		"cut in a part":      {cut[:len(cut)-8], "", "unexpected EOF"},
		"empty":              {nil, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := FromJPEG(bytes.NewReader(tt.file))
			check(t, got, err, tt.want, tt.err)
		})
	}
}

func parts(n, size int) (parts [][]byte) {
	for i := range n {
		parts = append(parts, part(uint8(i+1), uint8(n), bytes.Repeat([]byte("x"), size)))
	}
	return parts
}

func check(t *testing.T, got []byte, err error, want, wantErr string) {
	t.Helper()
	if string(got) != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	if (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) {
		t.Errorf("got error %v, want %q", err, wantErr)
	}
}

func riff(chunks ...string) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBP")
	for i := 0; i < len(chunks); i += 2 {
		b = append(b, chunks[i]...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(chunks[i+1])))
		b = append(b, chunks[i+1]...)
		b = append(b, make([]byte, len(chunks[i+1])&1)...)
	}
	return b
}

func TestFromWebP(t *testing.T) {
	tests := map[string]struct {
		file []byte
		want string
		err  string
	}{
		"no profile":         {riff("VP8 ", "pixels"), "", ""},
		"a profile":          {riff("VP8X", "0123456789", "ICCP", "colours", "VP8L", "pixels"), "colours", ""},
		"behind an odd one":  {riff("VP8X", "odd", "ICCP", "colours"), "colours", ""},
		"behind the pixels":  {riff("VP8X", "0123456789", "ANMF", "pixels", "ICCP", "colours"), "", ""},
		"too large":          {riff("ICCP", strings.Repeat("x", MaxSize+1)), "", "are allowed"},
		"a lying length":     {riff("ICCP", "colours")[:24], "", "unexpected EOF"},
		"cut":                {riff("VP8X", "0123456789"), "", ""},
		"chunks without end": {riff(strings.Split(strings.Repeat("ABCD,,", 99), ",")[:198]...), "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := FromWebP(bytes.NewReader(tt.file))
			check(t, got, err, tt.want, tt.err)
		})
	}
}

// tiff has one directory with the profile in it, behind an entry that is not.
func tiff(order binary.AppendByteOrder, mark string, length uint32, profile string) []byte {
	b := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	b = order.AppendUint16(b, 2)
	for _, id := range []uint16{256, 34675} {
		b = order.AppendUint16(order.AppendUint16(b, id), 7)
		b = order.AppendUint32(order.AppendUint32(b, length), 38)
	}
	return append(order.AppendUint32(b, 0), profile...)
}

func TestFromTIFF(t *testing.T) {
	tests := map[string]struct {
		file []byte
		want string
		err  string
	}{
		"little-endian":       {tiff(binary.LittleEndian, "II", 7, "colours"), "colours", ""},
		"big-endian":          {tiff(binary.BigEndian, "MM", 7, "colours"), "colours", ""},
		"too large":           {tiff(binary.BigEndian, "MM", MaxSize+1, "colours"), "", "are allowed"},
		"a lying length":      {tiff(binary.BigEndian, "MM", 99, "colours"), "", "unexpected EOF"},
		"cut":                 {tiff(binary.BigEndian, "MM", 7, "")[:20], "", ""},
		"a directory far off": {[]byte("II*\x00\xff\xff\xff\xff"), "", ""},
		"empty":               {nil, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := FromTIFF(bytes.NewReader(tt.file))
			check(t, got, err, tt.want, tt.err)
		})
	}
}

var errDisk = errors.New("the disk fails")

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

func TestReadErrorsAreKept(t *testing.T) {
	for name, from := range map[string]func(io.ReaderAt) ([]byte, error){"JPEG": FromJPEG, "WebP": FromWebP, "TIFF": FromTIFF} {
		if _, err := from(failing{}); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestRealPicture reads the profile of a photograph, which is in Adobe RGB (1998).
func TestRealPicture(t *testing.T) {
	root := os.Getenv("CHARCOAL_CORPUS")
	if root == "" {
		root = "../../../../shared/corpus"
	}
	file, err := os.Open(filepath.Join(root, "art", "rocket.jpg"))
	if err != nil {
		t.Skipf("no pictures in %s: set CHARCOAL_CORPUS", root)
	}
	defer file.Close()
	profile, err := FromJPEG(file)
	if err != nil || len(profile) != 560 {
		t.Fatalf("got %d bytes and %v, want 560", len(profile), err)
	}
	p, err := Parse(profile)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := triple(p.narrow().at(200, 100, 50)), triple(227, 100, 42); differ(got, want, 1) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// FuzzContainers checks that no file panics or gives more than is allowed.
func FuzzContainers(f *testing.F) {
	f.Add(jpegWith(part(2, 2, []byte("b")), part(1, 2, []byte("a"))))
	f.Add(riff("VP8X", "0123456789", "ICCP", "colours", "VP8L", "pixels"))
	f.Add(tiff(binary.BigEndian, "MM", 7, "colours"))
	f.Add(tiff(binary.LittleEndian, "II", 7, "colours"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, from := range []func(io.ReaderAt) ([]byte, error){FromJPEG, FromWebP, FromTIFF} {
			profile, err := from(bytes.NewReader(file))
			if len(profile) > min(MaxSize, len(file)) || err != nil && profile != nil {
				t.Fatalf("got %d bytes of %d, and %v", len(profile), len(file), err)
			}
		}
	})
}

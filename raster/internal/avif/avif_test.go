package avif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestReadConfig(t *testing.T) {
	tests := map[string]Config{
		"plain":    {Width: 48, Height: 32, Orientation: 1, Depth: 8, Primaries: 1, Transfer: 13},
		"alpha":    {Width: 48, Height: 32, Alpha: true, Orientation: 1, Depth: 8, Primaries: 1, Transfer: 13},
		"animated": {Width: 48, Height: 32, Orientation: 1, Depth: 8, Primaries: 1, Transfer: 13},
	}
	for orientation := 2; orientation <= 8; orientation++ {
		tests["orientation"+strconv.Itoa(orientation)] =
			Config{Width: 48, Height: 32, Orientation: orientation, Depth: 8, Primaries: 1, Transfer: 13}
	}
	for name, want := range tests {
		got, err := ReadConfig(bytes.NewReader(read(t, name)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Profile != nil {
			t.Errorf("%s: it has a profile of %d bytes", name, len(got.Profile))
		}
		if got.Profile = nil; !same(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func same(a, b Config) bool {
	return a.Alpha == b.Alpha && a.Width == b.Width && a.Height == b.Height && a.Orientation == b.Orientation &&
		a.Depth == b.Depth && a.Primaries == b.Primaries && a.Transfer == b.Transfer
}

func TestReadConfigFindsTheProfile(t *testing.T) {
	c, err := ReadConfig(bytes.NewReader(read(t, "profile")))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Profile) < 128 || string(c.Profile[36:40]) != "acsp" {
		t.Errorf("got a profile of %d bytes", len(c.Profile))
	}
}

func TestReadConfigOfEveryPrefix(t *testing.T) {
	file := read(t, "plain")
	end := bytes.Index(file, []byte("mdat")) - 4
	for n := range end {
		if _, err := ReadConfig(bytes.NewReader(file[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d bytes: got %v", n, err)
		}
	}
	if _, err := ReadConfig(bytes.NewReader(file[:end])); err != nil {
		t.Errorf("the whole header: got %v", err)
	}
}

func TestReadConfigRefuses(t *testing.T) {
	plain := string(read(t, "plain"))
	start, meta := plain[:32], plain[32:]
	tests := map[string]string{
		"boxes for ever":          start + repeat(box("free", ""), 2000) + meta,
		"a header without end":    start + "\xff\xff\xff\xff" + meta[4:],
		"a box of nothing":        start + "\x00\x00\x00\x07free" + meta,
		"a box that wraps around": start + "\x00\x00\x00\x01free\x7f\xff\xff\xff\xff\xff\xff\xff" + meta,
		"no header":               start + "\x00\x00\x00\x00mdat",
		"a header of nothing":     start + box("meta", ""),
		"an inner box too long":   start + box("meta", "\x00\x00\x00\x00\x00\x00\x01\x00pitm"),
		"two of a box":            start + box("meta", "\x00\x00\x00\x00"+box("pitm", "\x00\x00\x00\x00\x00\x01")+box("pitm", "\x00\x00\x00\x00\x00\x01")),
		"items without end":       start + box("meta", "\x00\x00\x00\x00"+box("iloc", "\x02\x00\x00\x00\x00\x00\xff\xff\xff\xff"+string(make([]byte, 1<<20)))),
		"too many items":          start + box("meta", "\x00\x00\x00\x00"+box("iinf", "\x00\x00\x00\x00\xff\xff"+manyItems())),
		"HEVC inside":             replace(t, plain, "av01Color", "hvc1Color"),
		"no size":                 replace(t, plain, "ispe", "free"),
		"a size of nothing":       replace(t, plain, "ispe\x00\x00\x00\x00\x00\x00\x00\x30", "ispe\x00\x00\x00\x00\x00\x00\x00\x00"),
		"a size beyond all":       replace(t, plain, "ispe\x00\x00\x00\x00\x00\x00\x00\x30", "ispe\x00\x00\x00\x00\xff\xff\xff\xff"),
	}
	for name, file := range tests {
		if c, err := ReadConfig(bytes.NewReader([]byte(file))); err == nil {
			t.Errorf("%s: got %+v", name, c)
		}
	}
	if _, err := ReadConfig(bytes.NewReader([]byte(tests["HEVC inside"]))); !errors.Is(err, ErrUnsupported) {
		t.Errorf("HEVC inside: got %v", err)
	}
}

func repeat(s string, n int) string { return string(bytes.Repeat([]byte(s), n)) }

func box(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + kind + body
}

func manyItems() string {
	var all []byte
	for i := range 1 << 13 {
		all = append(all, box("infe", "\x02\x00\x00\x00\x00\x00\x00\x00av01")...)
		binary.BigEndian.PutUint16(all[len(all)-8:], uint16(i))
	}
	return string(all)
}

func replace(t *testing.T, s, from, to string) string {
	t.Helper()
	if !bytes.Contains([]byte(s), []byte(from)) || len(from) != len(to) {
		t.Fatalf("%q is not there", from)
	}
	return string(bytes.Replace([]byte(s), []byte(from), []byte(to), 1))
}

// TestCodedPixels reads sequence headers in all forms.
func TestCodedPixels(t *testing.T) {
	reduced := func(width, height uint64) []byte {
		var w writer
		w.write(0b000_1_1_00000, 10)
		w.size(width, height)
		return w.data
	}
	full := func(width, height uint64) []byte {
		var w writer
		w.write(0b000_0_0, 5)
		w.write(1, 1)           // timing
		w.write(1, 32)          //
		w.write(25, 32)         //
		w.write(0b1_00101_1, 7) // equal intervals of 4 ticks; a decoder model
		w.write(9, 5)           // delays of 10 bits
		w.write(0, 32+5+5)      //
		w.write(1, 1)           // display delays
		w.write(1, 5)           // two operating points
		w.write(0, 12)          //
		w.write(0b01000_1, 6)   // of level 8, so with a tier
		w.write(1, 1)           // with delays
		w.write(0x1fffff, 21)   //
		w.write(0b1_1111, 5)    // and a display delay
		w.write(0, 12)          //
		w.write(0b00111_0_0, 7) // of level 7, with nothing
		w.size(width, height)
		return w.data
	}
	_, written, _ := bytes.Cut(read(t, "plain"), []byte("mdat"))
	tests := map[string]struct {
		data []byte
		want int64
	}{
		"a file of libavif":        {written, 48 * 32},
		"nothing":                  {nil, 0},
		"no frame":                 {unit(1, reduced(100, 10)), 0},
		"a frame":                  {join(unit(1, reduced(100, 10)), unit(6, nil)), 1000},
		"the largest":              {join(unit(1, reduced(65536, 65536)), unit(6, nil)), 1 << 32},
		"a full header":            {join(unit(1, full(3000, 70)), unit(6, nil)), 210_000},
		"three frames":             {join(unit(1, reduced(100, 10)), unit(6, nil), unit(3, []byte{0}), unit(4, []byte{0}), unit(6, nil)), 3000},
		"the larger of two":        {join(unit(1, reduced(10, 10)), unit(6, nil), unit(1, reduced(20, 10)), unit(6, nil)), 400},
		"a frame of no size":       {join(unit(1, reduced(100, 10)), []byte{6 << 3, 1, 2, 3}), 1000},
		"with an extension":        {join(unit(1, reduced(100, 10)), []byte{6<<3 | 4 | 2, 8, 0}), 1000},
		"a size beyond the end":    {join(unit(1, reduced(100, 10)), []byte{6<<3 | 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), 1000},
		"a header that is cut off": {join(unit(1, nil), unit(6, nil)), 1}, // zeros follow
	}
	for name, tt := range tests {
		if got := codedPixels(tt.data); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}

// writer writes bits, the most significant first.
type writer struct {
	data []byte
	at   int
}

func (w *writer) write(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.at%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

func (w *writer) size(width, height uint64) {
	w.write(0xff, 8) // 16 bits each
	w.write(width-1, 16)
	w.write(height-1, 16)
}

// unit is an OBU with its size.
func unit(kind byte, body []byte) []byte {
	return append([]byte{kind<<3 | 2, byte(len(body))}, body...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestPrepare(t *testing.T) {
	plain := read(t, "plain")
	data := bytes.Index(plain, []byte("mdat")) + 4
	sequence := bytes.Clone(plain)
	copy(sequence[data+4:], []byte{0x1f, 0xff, 0xff, 0xff, 0xff}) // the size of the largest frame
	location := func(length uint32) []byte {
		file := bytes.Clone(plain)
		at := bytes.Index(file, []byte("iloc")) + 4
		binary.BigEndian.PutUint32(file[at+18:], length)
		return file
	}
	tests := map[string]struct {
		file      []byte
		maxPixels int64
		ok        bool
	}{
		"plain":                 {plain, 0, true},
		"alpha":                 {read(t, "alpha"), 0, true},
		"animated":              {read(t, "animated"), 0, true},
		"as large as allowed":   {plain, 48 * 32, true},
		"larger than allowed":   {plain, 48*32 - 1, false},
		"frames of 65536×65536": {sequence, 0, false},
		"a length beyond it":    {location(1 << 30), 0, false},
		"cut in the header":     {plain[:100], 0, false},
		"no type":               {append([]byte("\x00\x00\x00\x08free"), plain[32:]...), 0, false},
		"frames without end":    {append(bytes.Clone(location(0)), bytes.Repeat(unit(6, nil), 10_000)...), 0, false},
		"nothing":               {nil, 0, false},
	}
	for name, tt := range tests {
		file, _, err := prepare(bytes.Clone(tt.file), tt.maxPixels)
		if (err == nil) != tt.ok {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil && string(file[8:12]) != "avif" {
			t.Errorf("%s: the brand is %q", name, file[8:12])
		}
	}
}

// TestExtentsThatOverlap stops small files that name the same bytes many times.
func TestExtentsThatOverlap(t *testing.T) {
	file := make([]byte, 1000)
	it := item{kind: "av01"}
	for range 50 {
		it.extents = append(it.extents, extent{0, 900})
	}
	m := meta{items: map[uint32]*item{1: &it}}
	if err := m.checkWork(file, Config{Width: 1, Height: 1}); err == nil {
		t.Error("there is no error")
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name+".avif"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// FuzzPrepare checks that no header panics, and that what it promises is kept.
func FuzzPrepare(f *testing.F) {
	for _, name := range []string{"plain", "alpha", "profile", "animated", "orientation5"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		_, c, err := prepare(file, 1<<24)
		if err != nil {
			return
		}
		if c.Width < 1 || c.Height < 1 || c.Width*c.Height > 1<<24 || c.Orientation < 1 || c.Orientation > 8 || len(c.Profile) > len(file) {
			t.Fatalf("got %+v", c)
		}
	})
}

package jpeg

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"
)

// rows returns a file of one component with a different grey in each row of
// blocks, and a restart marker behind each.
func rows(height int, progressive bool) *testFile {
	f := newTestFile(rand.New(rand.NewPCG(1, 1)), 32, 8*height, [2]int{1, 1})
	f.interval = 4
	if progressive {
		f.progressive, f.script = true, spectral(1)
	}
	for i := range f.coefs[0] {
		f.coefs[0][i] = [64]int32{(int32(i/4)*16 - 100) * 8 / int32(f.quant[0])}
	}
	return f
}

func TestTruncatedAtEveryByte(t *testing.T) {
	for name, progressive := range map[string]bool{"sequential": false, "progressive": true} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 1))
			f := newTestFile(r, 40, 33, [2]int{2, 2}, [2]int{1, 1}, [2]int{1, 1})
			if progressive {
				f.progressive, f.script = true, progression(3)
			}
			file := f.encode()
			pictures := 0
			for n := range len(file) - 2 { // without EOI, all of the picture is there
				for _, k := range []int{1, 8} {
					pictures += wantTruncated(t, file[:n], k)
				}
			}
			if pictures == 0 {
				t.Error("no picture of any truncated file")
			}
		})
	}
}

// wantTruncated decodes a file that ends early and returns 1 if there is a
// picture.
func wantTruncated(t *testing.T, file []byte, k int) int {
	t.Helper()
	img, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: k})
	if img != nil && err == nil && k > 1 {
		return 1 // of a progressive file, the rest was not needed
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes at 1/%d: got error %v, want unexpected EOF", len(file), k, err)
	}
	if img == nil {
		return 0
	}
	return 1
}

func TestTruncatedKeepsWhatIsThere(t *testing.T) {
	f := rows(8, false)
	file := f.encode()
	whole, err := Decode(t.Context(), bytes.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	cut := bytes.Index(file, []byte{0xff, markerRST0 + 3})
	img, err := Decode(t.Context(), bytes.NewReader(file[:cut]), Options{})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got error %v, want unexpected EOF", err)
	}
	wantRows(t, img, whole, func(row int) bool { return row < 4 })
}

// wantRows checks that the rows of blocks that are kept are as in whole, and the
// others grey.
func wantRows(t *testing.T, img, whole image.Image, kept func(row int) bool) {
	t.Helper()
	got, want := img.(*image.Gray), whole.(*image.Gray)
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			level := want.GrayAt(x, y).Y
			if !kept(y / 8) {
				level = grey
			}
			if g := got.GrayAt(x, y).Y; g != level {
				t.Fatalf("at %d,%d: got %d, want %d", x, y, g, level)
			}
		}
	}
}

func TestGoesOnAtRestartMarkers(t *testing.T) {
	file := rows(12, false).encode()
	whole, err := Decode(t.Context(), bytes.NewReader(file), Options{})
	if err != nil {
		t.Fatal(err)
	}
	marker := func(n byte) int { return bytes.Index(file, []byte{0xff, markerRST0 + n}) }
	tests := []struct {
		name   string
		damage func() []byte
		lost   []int
	}{
		{"a row is lost", func() []byte {
			return append(bytes.Clone(file[:marker(2)]), file[marker(3):]...)
		}, []int{3}},
		{"two rows are lost", func() []byte {
			return append(bytes.Clone(file[:marker(2)]), file[marker(4):]...)
		}, []int{3, 4}},
		{"a row is twice", func() []byte {
			return append(bytes.Clone(file[:marker(4)]), file[marker(3):]...)
		}, nil},
		{"a row is cut short", func() []byte {
			return append(bytes.Clone(file[:marker(2)+3]), file[marker(3):]...)
		}, []int{3}},
		{"junk behind a row", func() []byte {
			return append(append(bytes.Clone(file[:marker(2)]), 1, 2, 3, 0xff, 0, 0xff, 0xff), file[marker(2):]...)
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img, err := Decode(t.Context(), bytes.NewReader(tt.damage()), Options{})
			if _, ok := errors.AsType[FormatError](err); ok != (len(tt.lost) > 0) {
				t.Errorf("got error %v", err)
			}
			wantRows(t, img, whole, func(row int) bool { return !slices.Contains(tt.lost, row) })
		})
	}
}

func TestErrors(t *testing.T) {
	grey := rows(4, false)
	file := grey.encode()
	sof := bytes.Index(file, []byte{0xff, markerSOF1})
	change := func(at int, b ...byte) []byte {
		changed := bytes.Clone(file)
		copy(changed[at:], b)
		return changed
	}
	unsupported := func(err error) bool { return errors.Is(err, ErrUnsupported) }
	truncated := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	wrong := func(err error) bool { _, ok := errors.AsType[FormatError](err); return ok }
	tests := []struct {
		name string
		file []byte
		is   func(error) bool
	}{
		{"empty", nil, truncated},
		{"not a JPEG", []byte("GIF89a"), wrong},
		{"only the start", file[:2], truncated},
		{"no scan", []byte{0xff, markerSOI, 0xff, markerEOI}, wrong},
		{"a scan before the frame", append([]byte{0xff, markerSOI}, file[bytes.Index(file, []byte{0xff, markerSOS}):]...), wrong},
		{"12 bits", change(sof+4, 12), unsupported},
		{"height later", change(sof+5, 0, 0), unsupported},
		{"no width", change(sof+7, 0, 0), wrong},
		{"2 components", change(sof+3, 14, 8, 0, 8, 0, 8, 2), unsupported},
		{"sampling factor 5", change(sof+11, 0x51), wrong},
		{"lossless", change(sof+1, markerSOF0+3), unsupported},
		{"arithmetic", change(sof+1, markerSOF0+9), unsupported},
		{"a segment of one byte", append([]byte{0xff, markerSOI, 0xff, markerAPP0, 0, 1}, file[2:]...), wrong},
		{"two frames", append(bytes.Clone(file[:sof]), file[sof:][:13]...), truncated},
		{"no tables", append([]byte{0xff, markerSOI}, file[sof:]...), wrong},
		{"too many codes", append([]byte{0xff, markerSOI, 0xff, markerDHT, 0, 22, 0, 3}, make([]byte, 30)...), wrong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			img, err := Decode(t.Context(), bytes.NewReader(tt.file), Options{})
			if img != nil || !tt.is(err) {
				t.Errorf("got %T and error %v", img, err)
			}
		})
	}
}

func TestFractionalSamplingIsUnsupported(t *testing.T) {
	f := newTestFile(rand.New(rand.NewPCG(1, 1)), 8, 8, [2]int{2, 1}, [2]int{1, 1}, [2]int{1, 1})
	f.sampling[0], f.sampling[1] = [2]int{3, 1}, [2]int{2, 1}
	if _, err := ReadConfig(bytes.NewReader(f.encode())); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got error %v", err)
	}
}

func TestReductionIsChecked(t *testing.T) {
	for _, k := range []int{-1, 3, 16} {
		if _, err := Decode(t.Context(), bytes.NewReader(nil), Options{Reduction: k}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("reduction by %d: got error %v", k, err)
		}
	}
}

func TestReadErrorIsReturned(t *testing.T) {
	broken := errors.New("broken disk")
	file := rows(8, false).encode()
	r := io.MultiReader(bytes.NewReader(file[:len(file)-10]), iotest.ErrReader(broken))
	img, err := Decode(t.Context(), r, Options{})
	if img == nil || !errors.Is(err, broken) {
		t.Errorf("got %T and error %v", img, err)
	}
}

func TestOneByteAtATime(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	f := newTestFile(r, 65, 65, [2]int{2, 1}, [2]int{1, 1}, [2]int{1, 1})
	f.interval = 3
	want, err := Decode(t.Context(), bytes.NewReader(f.encode()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(t.Context(), iotest.OneByteReader(bytes.NewReader(f.encode())), Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, got, want)
}

func TestContextEndsDecoding(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	img, err := Decode(ctx, bytes.NewReader(rows(4, true).encode()), Options{})
	if img != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %T and error %v", img, err)
	}
}

// TestManyScansEnd: each scan is of a few bytes, and visits every block.
func TestManyScansEnd(t *testing.T) {
	for name, last := range map[string]testScan{
		"first":      {[]int{0}, 1, 63, 0, 1},
		"refinement": {[]int{0}, 1, 63, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := rows(256, true)
			f.interval, f.script = 0, []testScan{{[]int{0}, 0, 0, 0, 0}, last}
			file := f.encode()
			scan := file[bytes.LastIndex(file, []byte{0xff, markerSOS}) : len(file)-2]
			bomb := bytes.Repeat(scan, 2000)
			img, err := Decode(t.Context(), bytes.NewReader(append(file[:len(file)-2], bomb...)), Options{})
			if img == nil || !errors.Is(err, errTooManyScans) {
				t.Errorf("got %T and error %v", img, err)
			}
		})
	}
}

// TestWrongSizesOfDC: a DC symbol beyond 16 is wrong, whatever the length of its code
// adds to it. It must not stand for a value of no bits, with which a file of a hundred
// bytes would be a whole picture.
func TestWrongSizesOfDC(t *testing.T) {
	for _, size := range []byte{17, 246, 254, 255} {
		for length := range 10 {
			table := make([]byte, 17, 19)
			table[1+length] = 1
			table = append(table, size)
			file := rows(1, true).encode()
			sos := bytes.Index(file, []byte{0xff, markerSOS}) // of DC alone
			out := bytes.NewBuffer(bytes.Clone(file[:sos]))
			segment(out, markerDHT, table)
			out.Write(file[sos : sos+10])
			out.Write(make([]byte, 100))
			img, err := Decode(t.Context(), bytes.NewReader(out.Bytes()), Options{})
			if _, ok := errors.AsType[FormatError](err); img != nil || !ok {
				t.Errorf("size %d after %d bits: got %T and error %v", size, length+1, img, err)
			}
		}
	}
}

// TestTablesAreReplaced: nothing of a table is left when another takes its place.
func TestTablesAreReplaced(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	first, second := newTestFile(r, 40, 40, [2]int{1, 1}), newTestFile(r, 40, 40, [2]int{1, 1})
	second.ac = steepTable(second.ac.symbols)
	table := func(f *testFile) (h huffman) {
		if _, err := h.parse(append(f.ac.counts[:], f.ac.symbols...)); err != nil {
			t.Fatal(err)
		}
		return h
	}
	want, got := table(second), table(first)
	got.buildLook(false)
	got.buildSkip()
	if _, err := got.parse(append(second.ac.counts[:], second.ac.symbols...)); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*huffman{&want, &got} {
		h.buildLook(false)
		h.buildSkip()
	}
	if want != got {
		t.Error("something of the first table is left")
	}
}

// TestManyTablesEnd: tables that no scan uses cost no more than reading them.
func TestManyTablesEnd(t *testing.T) {
	file := rows(1, false).encode()
	dht := bytes.Index(file, []byte{0xff, markerDHT})
	sof := bytes.Index(file, []byte{0xff, markerSOF1})
	many := append(bytes.Clone(file[:2]), bytes.Repeat(file[dht:sof], 20000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Decode(t.Context(), bytes.NewReader(append(many, file[2:]...)), Options{}); err != nil {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(len(many)) {
		t.Errorf("%d bytes of tables took %d bytes of memory", len(many), n)
	}
}

// TestMemoryIsEnough: all that is ever allocated is within what Memory says.
func TestMemoryIsEnough(t *testing.T) {
	for name, f := range shapes(rand.New(rand.NewPCG(11, 1)), 500) {
		t.Run(name, func(t *testing.T) {
			f.ids = "RGBA"[:len(f.sampling)]
			file := f.encode()
			config, err := ReadConfig(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range []int{1, 2, 4, 8} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if _, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: k}); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if got, limit := int64(after.TotalAlloc-before.TotalAlloc), config.Memory(k); got > limit {
					t.Errorf("1/%d: allocated %d bytes, Memory says %d", k, got, limit)
				}
			}
		})
	}
}

func TestReadConfig(t *testing.T) {
	f := newTestFile(rand.New(rand.NewPCG(1, 1)), 300, 200, [2]int{2, 2}, [2]int{1, 1}, [2]int{1, 1})
	f.progressive, f.script = true, spectral(3)
	file := f.encode()
	frame := bytes.Index(file, []byte{0xff, markerSOF2})
	for _, head := range [][]byte{file, file[:frame+19]} { // the headers are enough
		c, err := ReadConfig(bytes.NewReader(head))
		if err != nil {
			t.Fatal(err)
		}
		if c.Width != 300 || c.Height != 200 || c.Components != 3 || !c.Progressive {
			t.Errorf("got %+v", c)
		}
	}
	if _, err := ReadConfig(bytes.NewReader(file[:100])); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got error %v, want unexpected EOF", err)
	}
}

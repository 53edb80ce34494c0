package ascii

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func artOf(cols, rows int, text string) *Art {
	a := &Art{Cols: cols, Rows: rows, Depth: "none", Frames: make([]Frame, 1)}
	for _, r := range text {
		a.Frames[0].Cells = append(a.Frames[0].Cells, Cell{Rune: r})
	}
	return a
}

func TestArtSurvivesStorage(t *testing.T) {
	for _, want := range []*Art{
		artOf(1, 1, "@"),
		artOf(3, 2, "abcdef"),
		artOf(2, 2, "é█ ☃"),
		artOf(1, 1, "\uFFFD"),
		colorful(),
		animated(),
		{Cols: 50, Rows: 50, Depth: "true", Frames: []Frame{{Cells: make([]Cell, 2500)}}},
	} {
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got Art
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Errorf("stored and read again (-want +got):\n%s", diff)
		}
	}
}

// colorful has every kind of colour, in runs long and short.
func colorful() *Art {
	a := artOf(40, 2, strings.Repeat("a bbbbb░", 10))
	a.Page = Page{Ink: RGB{1, 2, 3}, Ground: RGB{4, 5, 6}}
	a.Depth, a.Palette = "256", []RGB{{7, 8, 9}, {255, 254, 253}}
	for i := range a.Frames[0].Cells {
		c := &a.Frames[0].Cells[i]
		c.FG = [...]Color{0, Indexed(0), Indexed(255), Free(RGB{}), Free(RGB{255, 255, 255})}[i/3%5]
		c.BG = [...]Color{Indexed(1), Free(RGB{9, uint8(i), 8})}[i/7%2]
	}
	return a
}

// animated changes one cell a frame.
func animated() *Art {
	a := artOf(20, 10, strings.Repeat("x.", 100))
	a.Loops = 3
	for i := range 5 {
		cells := slices.Clone(a.Frames[i].Cells)
		cells[i*30] = Cell{Rune: '█', FG: Free(RGB{R: uint8(i)})}
		a.Frames = append(a.Frames, Frame{Cells: cells, Delay: time.Duration(i) * 40 * time.Millisecond})
	}
	return a
}

// The format is a promise: art that an older version stored stays readable.
func TestStoredFormat(t *testing.T) {
	want := artOf(3, 2, "ab█def")
	want.Page.Ink = RGB{255, 255, 255}
	v2 := "chArt\x02\x03\x02\x00\x01\xff\xff\xff\x00\x00\x00\x04none\x00\x00\x62ab█def\x60\x60"
	for version, stored := range map[int]string{1: "chArt\x01\x03\x02\x01\x01\x08ab█def", 2: v2} {
		var got Art
		if err := got.UnmarshalBinary([]byte(stored)); err != nil {
			t.Errorf("version %d: %v", version, err)
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", version, diff)
		}
	}
	if got, err := want.MarshalBinary(); err != nil || string(got) != v2 {
		t.Errorf("got %q, %v, want %q", got, err, v2)
	}
}

// What does not change from frame to frame, and what repeats, is not stored again.
func TestStoredArtIsSmall(t *testing.T) {
	for _, tt := range []struct {
		name string
		art  *Art
		most int
	}{
		{"a hundred columns of text", artOf(100, 33, strings.Repeat("abcdefghijk", 300)), 3300 + 50},
		{"an empty page", artOf(100, 33, strings.Repeat(" ", 3300)), 50},
		{"an animation", animated(), 200 + 5*30},
	} {
		if b, err := tt.art.MarshalBinary(); err != nil || len(b) > tt.most {
			t.Errorf("%s: got %d bytes, %v, want at most %d", tt.name, len(b), err, tt.most)
		}
	}
}

func TestMarshalRefusesNonsense(t *testing.T) {
	for name, a := range map[string]*Art{
		"no cells":           {},
		"wrong count":        artOf(2, 2, "abc"),
		"a surrogate":        {Cols: 1, Rows: 1, Frames: []Frame{{Cells: []Cell{{Rune: 0xd800}}}}},
		"out of range":       {Cols: 1, Rows: 1, Frames: []Frame{{Cells: []Cell{{Rune: -1}}}}},
		"gigantic":           {Cols: math.MaxInt, Rows: math.MaxInt, Frames: make([]Frame, 1)},
		"no colour":          {Cols: 1, Rows: 1, Frames: []Frame{{Cells: []Cell{{Rune: 'a', FG: 3 << 24}}}}},
		"no entry":           {Cols: 1, Rows: 1, Frames: []Frame{{Cells: []Cell{{Rune: 'a', BG: 1<<24 | 256}}}}},
		"back in time":       {Cols: 1, Rows: 1, Frames: []Frame{{Cells: cells(1), Delay: -1}}},
		"frames that differ": {Cols: 1, Rows: 1, Frames: []Frame{{Cells: cells(1)}, {Cells: cells(2)}}},
		"too many colours":   {Cols: 1, Rows: 1, Palette: make([]RGB, 257), Frames: []Frame{{Cells: cells(1)}}},
		"a long depth":       {Cols: 1, Rows: 1, Depth: strings.Repeat("x", 17), Frames: []Frame{{Cells: cells(1)}}},
		"negative loops":     {Cols: 1, Rows: 1, Loops: -1, Frames: []Frame{{Cells: cells(1)}}},
	} {
		if _, err := a.MarshalBinary(); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestUnmarshalRefusesNonsense(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":          "",
		"no magic":         "hello, world",
		"only magic":       "chArt",
		"a newer version":  "chArt\x03\x01\x01\x01\x01\x01@",
		"more frames":      "chArt\x01\x01\x01\x02\x01\x01@",
		"more planes":      "chArt\x01\x01\x01\x01\x02\x01@",
		"cut off":          "chArt\x01\x02\x02\x01\x01\x04abc",
		"too long":         "chArt\x01\x01\x01\x01\x01\x01@@",
		"too few cells":    "chArt\x01\x02\x02\x01\x01\x05ab\xe2\x96\x88",
		"too many cells":   "chArt\x01\x01\x01\x01\x01\x02@@",
		"zero columns":     "chArt\x01\x00\x01\x01\x01\x00",
		"gigantic":         "chArt\x01\xff\xff\xff\xff\x07\xff\xff\xff\xff\x07\x01\x01\x01@",
		"overlong numbers": "chArt\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"broken UTF-8":     "chArt\x01\x01\x01\x01\x01\x01\xff",
		"a bomb":           v2("\xff\xff\x03\x80\x04\x00\x01", "\xf0\x7f"),
		"a bomb of frames": v2("\x01\x01\x00\xff\xff\xff\x1f", "\x10\x10\x10"),
		"no frames":        v2("\x01\x01\x00\x00", "\x10\x10\x10"),
		"a plane missing":  v2("\x01\x01\x00\x01", "\x10\x10"),
		"a plane too much": v2("\x01\x01\x00\x01", "\x10\x10\x10\x10"),
		"a run too long":   v2("\x01\x01\x00\x01", "\x20\x10\x10"),
		"an empty run":     v2("\x01\x01\x00\x01", "\x00\x10\x10\x10"),
		"an unknown run":   v2("\x01\x01\x00\x01", "\x13\x10\x10"),
		"colour as text":   v2("\x01\x01\x00\x01", "\x16a\x10\x10"),
		"an unknown class": v2("\x01\x01\x00\x01", "\x12a\x1e\x10"),
		"a colour cut off": v2("\x01\x01\x00\x01", "\x12a\x10\x1aab"),
		"broken text":      v2("\x01\x01\x00\x01", "\x12\xff\x10\x10"),
	} {
		a := artOf(1, 1, "x")
		if err := a.UnmarshalBinary([]byte(data)); err == nil {
			t.Errorf("%s: got %+v and no error", name, a)
		}
		if a.Cols != 1 || a.Frames[0].Cells[0].Rune != 'x' {
			t.Errorf("%s: a failure changed the art", name)
		}
	}
}

// v2 is stored art of a size, with what stands between it and its planes.
func v2(size, planes string) string {
	return "chArt\x02" + size + "\xff\xff\xff\x00\x00\x00\x04none\x00\x00" + planes
}

func cells(n int) []Cell {
	cells := make([]Cell, n)
	wipe(cells)
	return cells
}

func FuzzUnmarshalArt(f *testing.F) {
	for _, a := range []*Art{artOf(1, 1, "@"), artOf(3, 2, "ab█def"), colorful(), animated()} {
		b, err := a.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("chArt\x01\x03\x02\x01\x01\x08ab█def"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Art
		if a.UnmarshalBinary(data) != nil {
			return
		}
		if n := a.Cols * a.Rows * len(a.Frames); n > len(data)*maxRun/6 || len(a.Frames[0].Cells) != a.Cols*a.Rows {
			t.Fatalf("%d×%d with %d cells of %d bytes", a.Cols, a.Rows, len(a.Frames[0].Cells), len(data))
		}
		again, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var b Art
		if err := b.UnmarshalBinary(again); err != nil || !cmp.Equal(a, b) {
			t.Errorf("%q came back as %q, %v", data, again, err)
		}
	})
}

func BenchmarkMarshalArt(b *testing.B) {
	benchmarkCodec(b, func(a *Art, _ []byte) error { _, err := a.MarshalBinary(); return err })
}
func BenchmarkUnmarshalArt(b *testing.B) {
	benchmarkCodec(b, func(_ *Art, stored []byte) error { return new(Art).UnmarshalBinary(stored) })
}

func benchmarkCodec(b *testing.B, work func(*Art, []byte) error) {
	mono := artOf(100, 33, strings.Repeat("Charcoal, an art", 3300/16+1)[:3300])
	free := artOf(100, 33, strings.Repeat("▚", 3300))
	for i := range free.Frames[0].Cells {
		free.Frames[0].Cells[i].FG = Free(RGB{uint8(i), uint8(i / 3), uint8(i / 7)})
		free.Frames[0].Cells[i].BG = Free(RGB{uint8(i / 5), uint8(i), 8})
	}
	for name, art := range map[string]*Art{"mono": mono, "true": free} {
		b.Run(name, func(b *testing.B) {
			stored, err := art.MarshalBinary()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(stored)), "stored-B")
			b.ReportAllocs()
			for b.Loop() {
				if err := work(art, stored); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

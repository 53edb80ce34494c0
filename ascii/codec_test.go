package ascii

import (
	"testing"

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

// The format is a promise: art that an older version stored stays readable.
func TestStoredFormat(t *testing.T) {
	got, err := artOf(3, 2, "ab█def").MarshalBinary()
	want := "chArt\x01\x03\x02\x01\x01\x08ab█def"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestMarshalRefusesNonsense(t *testing.T) {
	for name, a := range map[string]*Art{
		"no cells":     {},
		"wrong count":  artOf(2, 2, "abc"),
		"a surrogate":  {Cols: 1, Rows: 1, Frames: []Frame{{Cells: []Cell{{Rune: 0xd800}}}}},
		"out of range": {Cols: 1, Rows: 1, Frames: []Frame{{Cells: []Cell{{Rune: -1}}}}},
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
		"a newer version":  "chArt\x02\x01\x01\x01\x01\x01@",
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

func FuzzUnmarshalArt(f *testing.F) {
	for _, a := range []*Art{artOf(1, 1, "@"), artOf(3, 2, "ab█def")} {
		b, err := a.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Art
		if a.UnmarshalBinary(data) != nil {
			return
		}
		if len(a.Frames[0].Cells) != a.Cols*a.Rows || len(a.Frames[0].Cells) > len(data) {
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

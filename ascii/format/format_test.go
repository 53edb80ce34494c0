package format_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

func ExampleLookup() {
	art := &ascii.Art{Cols: 2, Rows: 2, Frames: []ascii.Frame{{Cells: []ascii.Cell{{Rune: '/'}, {Rune: '\\'}, {Rune: '\\'}, {Rune: '/'}}}}}
	f, err := format.Lookup("text")
	if err != nil {
		panic(err)
	}
	if err := f.Write(os.Stdout, art, format.Settings{}); err != nil {
		panic(err)
	}
	// Output:
	// /\
	// \/
}

// Every line is as wide as the art, spaces at its end included.
func TestTextIsARectangle(t *testing.T) {
	if got, want := string(write(t, "text", drawn("a  ", " █ "))), "a  \n █ \n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLookupOfUnknownFormat(t *testing.T) {
	_, err := format.Lookup("pdf")
	if _, ok := errors.AsType[*format.UnknownError](err); !ok || !strings.Contains(err.Error(), `"pdf"; there are: text, ansi`) {
		t.Errorf("got %v, want an UnknownError that names what there is", err)
	}
}

// full is a writer without room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestEveryFormat(t *testing.T) {
	var extensions []string
	for _, f := range format.All() {
		if f.Name == "" || f.MediaType == "" || !strings.HasPrefix(f.Extension, ".") || !strings.HasSuffix(f.Notes, ".") {
			t.Errorf("%+v is not complete", f)
		}
		if slices.Contains(extensions, f.Extension) {
			t.Errorf("two formats have the extension %s", f.Extension)
		}
		extensions = append(extensions, f.Extension)
		if found, err := format.Lookup(f.Name); err != nil || found.Name != f.Name {
			t.Errorf("Lookup(%q) found %q, %v", f.Name, found.Name, err)
		}
		for name, art := range map[string]*ascii.Art{"one cell": drawn("@"), "hostile": hostile(), "animated": animated(), "not of the font": drawn("語\u0301🎉")} {
			if err := f.Write(io.Discard, art, hostileSettings()); err != nil {
				t.Errorf("%s, %s: %v", f.Name, name, err)
			}
			if err := f.Write(full{}, art, format.Settings{}); !errors.Is(err, errFull) {
				t.Errorf("%s, %s: got %v, want the writer's error", f.Name, name, err)
			}
		}
	}
}

// The same art gives the same bytes, whatever Go's maps do.
func TestFormatsAreReproducible(t *testing.T) {
	for _, f := range format.All() {
		first := write(t, f.Name, hostile())
		for range 5 {
			if !bytes.Equal(write(t, f.Name, hostile()), first) {
				t.Errorf("%s differs from run to run", f.Name)
			}
		}
	}
}

// Art that no format can show is refused before anything is written.
func TestRefusedArt(t *testing.T) {
	with := func(r rune) *ascii.Art { return drawn("a" + string(r)) }
	raw := drawn("ab")
	raw.Frames[0].Cells[1].Rune = -1
	surrogate := drawn("ab")
	surrogate.Frames[0].Cells[1].Rune = 0xd800
	for name, art := range map[string]*ascii.Art{
		"nothing":            {},
		"no frames":          {Cols: 1, Rows: 1},
		"no cells":           {Cols: 1, Rows: 1, Frames: make([]ascii.Frame, 1)},
		"negative":           {Cols: -1, Rows: -1, Frames: []ascii.Frame{{Cells: cells("a")}}},
		"gigantic":           {Cols: math.MaxInt, Rows: math.MaxInt, Frames: []ascii.Frame{{Cells: cells("a")}}},
		"wraps round":        {Cols: 1 << 32, Rows: 1 << 32, Frames: make([]ascii.Frame, 1)},
		"frames that differ": {Cols: 1, Rows: 1, Frames: []ascii.Frame{{Cells: cells("a")}, {Cells: cells("ab")}}},
		"a zero byte":        with(0),
		"an escape":          with(0x1b),
		"a line end":         with('\n'),
		"a C1 control":       with(0x9b),
		"a line separator":   with(0x2028),
		"a noncharacter":     with(0xfffe),
		"a surrogate":        surrogate,
		"a negative rune":    raw,
	} {
		for _, f := range format.All() {
			var b bytes.Buffer
			err := f.Write(&b, art, format.Settings{})
			if _, ok := errors.AsType[*format.ArtError](err); !ok || b.Len() > 0 {
				t.Errorf("%s, %s: got %d bytes and %v, want an ArtError", f.Name, name, b.Len(), err)
			}
		}
	}
}

// Nothing that is drawn takes memory without a bound.
func TestRefusedSizes(t *testing.T) {
	large := &ascii.Art{Cols: 1000, Rows: 1000, Frames: []ascii.Frame{{Cells: cells(strings.Repeat(" ", 1e6))}}}
	long := &ascii.Art{Cols: 100, Rows: 100, Frames: slices.Repeat([]ascii.Frame{{Cells: cells(strings.Repeat(" ", 1e4))}}, 200)}
	wide := &ascii.Art{Cols: 9000, Rows: 1, Frames: []ascii.Frame{{Cells: cells(strings.Repeat(" ", 9000))}}}
	for _, tt := range []struct {
		format string
		art    *ascii.Art
	}{{"png", large}, {"gif", long}, {"gif", wide}} {
		f, err := format.Lookup(tt.format)
		if err != nil {
			t.Fatal(err)
		}
		err = f.Write(io.Discard, tt.art, format.Settings{})
		if _, ok := errors.AsType[*format.SizeError](err); !ok {
			t.Errorf("%s of %d×%d: got %v, want a SizeError", tt.format, tt.art.Cols, tt.art.Rows, err)
		}
	}
}

// What is written goes out as it is made, or is within the stated memory.
func TestMemoryIsBounded(t *testing.T) {
	const cols, rows = 200, 100
	art := drawn(slices.Repeat([]string{strings.Repeat("▚<", cols/2)}, rows)...)
	for i := range art.Frames[0].Cells {
		art.Frames[0].Cells[i].FG = ascii.Free(ascii.RGB{R: uint8(i), G: uint8(i >> 8), B: 1})
		art.Frames[0].Cells[i].BG = ascii.Free(ascii.RGB{R: uint8(i >> 8), G: uint8(i), B: 2})
	}
	for _, f := range format.All() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := f.Write(io.Discard, art, format.Settings{}); err != nil {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		if perCell := (after.TotalAlloc - before.TotalAlloc) / (cols * rows); perCell > 2048 {
			t.Errorf("%s took %d bytes a cell", f.Name, perCell)
		}
	}
}

// FuzzFormats makes art of any shape out of bytes: nothing panics, and what is sound
// is written by all.
func FuzzFormats(f *testing.F) {
	f.Add(3, 2, 1, []byte("abcdef"), "title")
	f.Add(2, 1, 2, []byte("\x00\xff[[\x80\x01\x02\x03"), "\x00<")
	f.Add(-1, 0, 0, []byte{}, "")
	f.Fuzz(func(t *testing.T, cols, rows, frames int, data []byte, title string) {
		frames = min(max(frames, 0), 4)
		art := &ascii.Art{Cols: cols, Rows: rows, Depth: title, Loops: cols, Palette: []ascii.RGB{{R: 1}, {G: 2}}}
		for i := range frames {
			frame := ascii.Frame{Delay: time.Duration(rows) << (i * 8)}
			for k := 0; k+5 < len(data) && k < 300; k += 6 {
				frame.Cells = append(frame.Cells, ascii.Cell{
					Rune: rune(data[k])<<8 | rune(data[k+1]),
					FG:   ascii.Color(data[k+2])<<20 | ascii.Color(data[k+3]),
					BG:   ascii.Color(data[k+4])<<20 | ascii.Color(data[k+5]),
				})
			}
			art.Frames = append(art.Frames, frame)
		}
		failed := map[bool]bool{}
		for _, f := range format.All() {
			err := f.Write(io.Discard, art, format.Settings{Title: title, Label: title, Outlines: rows%2 == 0, Backgrounds: true})
			failed[err != nil] = true
		}
		if len(failed) > 1 {
			t.Error("some formats refused what others wrote")
		}
	})
}

func BenchmarkFormats(b *testing.B) {
	mono := drawn(slices.Repeat([]string{strings.Repeat("Charcoal, an art", 7)[:100]}, 33)...)
	free := drawn(slices.Repeat([]string{strings.Repeat("▚", 100)}, 33)...)
	free.Depth = "true"
	for i := range free.Frames[0].Cells {
		free.Frames[0].Cells[i].FG = ascii.Free(ascii.RGB{R: uint8(i), G: uint8(i / 3), B: uint8(i / 7)})
		free.Frames[0].Cells[i].BG = ascii.Free(ascii.RGB{R: uint8(i / 5), G: uint8(i), B: 8})
	}
	for _, f := range format.All() {
		for _, art := range []*ascii.Art{mono, free} {
			b.Run(f.Name+"/"+art.Depth, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f.Write(io.Discard, art, format.Settings{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

package format_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

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
	art := &ascii.Art{Cols: 3, Rows: 2, Frames: []ascii.Frame{{Cells: []ascii.Cell{{Rune: 'a'}, {Rune: ' '}, {Rune: ' '}, {Rune: ' '}, {Rune: '█'}, {Rune: ' '}}}}}
	f, err := format.Lookup("text")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := f.Write(&b, art, format.Settings{}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "a  \n █ \n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLookupOfUnknownFormat(t *testing.T) {
	_, err := format.Lookup("pdf")
	if _, ok := errors.AsType[*format.UnknownError](err); !ok || !strings.Contains(err.Error(), `"pdf"; there are: text`) {
		t.Errorf("got %v, want an UnknownError that names what there is", err)
	}
}

// full is a writer without room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestEveryFormat(t *testing.T) {
	art := &ascii.Art{Cols: 1, Rows: 1, Frames: []ascii.Frame{{Cells: []ascii.Cell{{Rune: '@'}}}}}
	for _, f := range format.All() {
		if f.Name == "" || f.MediaType == "" || !strings.HasPrefix(f.Extension, ".") {
			t.Errorf("%+v is not complete", f)
		}
		if found, err := format.Lookup(f.Name); err != nil || found.Name != f.Name {
			t.Errorf("Lookup(%q) found %q, %v", f.Name, found.Name, err)
		}
		if err := f.Write(io.Discard, art, format.Settings{}); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if err := f.Write(full{}, art, format.Settings{}); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v, want the writer's error", f.Name, err)
		}
	}
}

func BenchmarkText(b *testing.B) {
	art := &ascii.Art{Cols: 100, Rows: 33, Frames: []ascii.Frame{{Cells: make([]ascii.Cell, 3300)}}}
	for i := range art.Frames[0].Cells {
		art.Frames[0].Cells[i].Rune = rune(' ' + i%95)
	}
	f, err := format.Lookup("text")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Write(io.Discard, art, format.Settings{}); err != nil {
			b.Fatal(err)
		}
	}
}

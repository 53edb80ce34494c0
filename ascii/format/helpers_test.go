package format_test

import (
	"bytes"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// cells are those of a text, without colours.
func cells(text string) []ascii.Cell {
	var row []ascii.Cell
	for _, r := range text {
		row = append(row, ascii.Cell{Rune: r})
	}
	return row
}

// write returns art in the format of a name.
func write(t *testing.T, name string, art *ascii.Art) []byte {
	t.Helper()
	return writeWith(t, name, art, format.Settings{})
}

func writeWith(t *testing.T, name string, art *ascii.Art, s format.Settings) []byte {
	t.Helper()
	f, err := format.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, art, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

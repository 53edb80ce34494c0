package format_test

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"
	"time"

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

// drawn is mono art of some lines, light on dark.
func drawn(lines ...string) *ascii.Art {
	text := cells(strings.Join(lines, ""))
	return &ascii.Art{
		Cols: len(text) / len(lines), Rows: len(lines), Depth: "none",
		Page:   ascii.Page{Ink: ascii.RGB{R: 255, G: 255, B: 255}},
		Frames: []ascii.Frame{{Cells: text}},
	}
}

// hostile has the characters that mean something to the formats, and one that turns
// the direction of writing round, on every kind of colour.
func hostile() *ascii.Art {
	art := drawn(
		`<&>"']]>`,
		`[/b]`+"{};\u202e",
		`</pre>--`,
		",1,\\\u00a0é█⣿",
	)
	art.Depth, art.Palette = "true", []ascii.RGB{{R: 1, G: 2, B: 3}, {R: 200, G: 100, B: 50}}
	for i := range art.Frames[0].Cells {
		c := &art.Frames[0].Cells[i]
		c.FG = [...]ascii.Color{0, ascii.Indexed(1), ascii.Free(ascii.RGB{R: 255, G: 128})}[i%3]
		c.BG = [...]ascii.Color{0, ascii.Free(ascii.RGB{B: 77}), ascii.Indexed(0), 0}[i/2%4]
	}
	return art
}

// hostileSettings are a title and a label that try to be markup.
func hostileSettings() format.Settings {
	return format.Settings{
		Title: "</title><script>alert(1)</script>\x00\x1b]0;x\a",
		Label: `" onload="alert(1)" x='<&>]]>` + "\u202e\x00\xff",
	}
}

// animated is three frames: a letter goes to the right, then nothing changes.
func animated() *ascii.Art {
	art := drawn("a   ", "    ")
	art.Loops = 2
	art.Frames = []ascii.Frame{
		{Cells: cells("a       "), Delay: 40 * time.Millisecond},
		{Cells: cells("   a    "), Delay: 33333333},
		{Cells: cells("   a    "), Delay: time.Second},
	}
	return art
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

// text is the characters of the first frame, a line for each row.
func text(art *ascii.Art) string {
	var b strings.Builder
	for y := range art.Rows {
		for _, c := range art.Row(0, y) {
			b.WriteRune(c.Rune)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// seen returns the colours of the upper left pixel of a cell of 8 × 16, and of all
// of it: blank or not.
func seen(img image.Image, x, y int) (corner color.Color, blank bool) {
	corner = color.RGBAModel.Convert(img.At(8*x, 16*y))
	for py := range 16 {
		for px := range 8 {
			if color.RGBAModel.Convert(img.At(8*x+px, 16*y+py)) != corner {
				return corner, false
			}
		}
	}
	return corner, true
}

package format

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// jsonFormat is all of the art for programs, as docs/art.schema.json describes.
func jsonFormat() Format {
	return Format{
		Name:      "json",
		MediaType: "application/json",
		Extension: ".json",
		Notes:     "All of the art for programs: text, colours, palette, page and frames.",
		Write:     checked("json", writeJSON),
	}
}

func writeJSON(b *bufio.Writer, art *ascii.Art, s Settings) error {
	w := &jsonWriter{out: out{b}}
	w.put("{\n")
	w.field("version", 1)
	if s.Title != "" {
		w.field("title", s.title())
	}
	if s.Label != "" {
		w.field("label", s.label())
	}
	w.field("cols", art.Cols)
	w.field("rows", art.Rows)
	w.field("page", map[string]string{"ink": hex(art.Page.Ink), "ground": hex(art.Page.Ground)})
	w.field("depth", clean(art.Depth))
	if len(art.Palette) > 0 {
		w.field("palette", hexes(art.Palette))
	}
	w.field("loops", art.Loops)
	w.put("\"frames\": [\n")
	colors := hasColors(art)
	for i, f := range art.Frames {
		w.comma(i)
		w.frame(art, i, f.Delay, colors)
	}
	w.put("\n]\n}\n")
	return w.err
}

func hexes(colors []ascii.RGB) []string {
	s := make([]string, len(colors))
	for i, c := range colors {
		s[i] = hex(c)
	}
	return s
}

// jsonWriter writes a document piece by piece, so that none is held whole. The
// first error sticks.
type jsonWriter struct {
	out
	err error
}

func (w *jsonWriter) comma(i int) {
	if i > 0 {
		w.put(",\n")
	}
}

func (w *jsonWriter) value(v any) {
	data, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("encode JSON: %w", err)
	}
	_, _ = w.Write(data)
}

// field writes a field that others follow.
func (w *jsonWriter) field(name string, v any) {
	w.value(name)
	w.put(": ")
	w.value(v)
	w.put(",\n")
}

func (w *jsonWriter) frame(art *ascii.Art, frame int, delay time.Duration, colors bool) {
	w.put("{")
	if delay > 0 {
		w.put(`"delay_ms": ` + strconv.FormatFloat(float64(delay)/float64(time.Millisecond), 'f', -1, 64) + ", ")
	}
	w.put("\"lines\": [\n")
	for y := range art.Rows {
		w.comma(y)
		w.value(line(art.Row(frame, y)))
	}
	w.put("]")
	if colors {
		w.put(", \"colors\": [\n")
		for y := range art.Rows {
			w.comma(y)
			w.colors(art.Row(frame, y))
		}
		w.put("]")
	}
	w.put("}")
}

// line is the characters of a row.
func line(row []ascii.Cell) string {
	text := make([]rune, len(row))
	for i, c := range row {
		text[i] = c.Rune
	}
	return string(text)
}

// colors writes the runs of a row: how many cells, their ink and their ground.
func (w *jsonWriter) colors(row []ascii.Cell) {
	before := "[["
	for r := range runs(row) {
		w.put(before)
		w.num(len(r.cells))
		w.put(",")
		w.color(r.fg)
		w.put(",")
		w.color(r.bg)
		before = "],["
	}
	w.put("]]")
}

// color writes null for none, a number for an entry of the palette, and a text for
// a free colour.
func (w *jsonWriter) color(c ascii.Color) {
	i, indexed := c.Index()
	switch {
	case indexed:
		w.num(int(i))
	case !c.IsSet():
		w.put("null")
	default:
		w.put(`"`)
		w.hex(c.RGB(nil, ascii.RGB{}))
		w.put(`"`)
	}
}

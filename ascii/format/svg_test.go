package format_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// drawing is what an XML parser finds in an SVG.
type drawing struct {
	title, label string
	elements     map[string]int
	cells        map[[2]int]rune   // by column and row
	inks         map[[2]int]string // colours of those
	shapes       map[[2]int]string // ids of what is used there
	defined      map[string]bool
	grounds      []string // "x y width fill"
}

func parseSVG(t *testing.T, data []byte) drawing {
	t.Helper()
	d := drawing{
		elements: map[string]int{}, cells: map[[2]int]rune{}, inks: map[[2]int]string{}, shapes: map[[2]int]string{}, defined: map[string]bool{},
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.Strict = true
	var stack []string
	fills := []string{""}
	var x, y, length float64
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		switch e := token.(type) {
		case xml.StartElement:
			stack = append(stack, e.Name.Local)
			d.elements[e.Name.Local]++
			attr := attributes(e)
			fill := attr["fill"]
			if fill == "" {
				fill = fills[len(fills)-1]
			}
			fills = append(fills, fill)
			x, y, length = number(attr["x"]), number(attr["y"]), number(attr["textLength"])
			at := [2]int{int(x) / 8, int(y) / 16}
			switch e.Name.Local {
			case "svg":
				d.label = attr["aria-label"]
			case "path":
				d.defined["#"+attr["id"]] = true
			case "use":
				d.shapes[at], d.inks[at] = attr["href"], fill
			case "rect":
				d.grounds = append(d.grounds, strings.Join([]string{attr["x"], attr["y"], attr["width"], fill}, " "))
			}
		case xml.EndElement:
			stack, fills = stack[:len(stack)-1], fills[:len(fills)-1]
		case xml.CharData:
			switch {
			case len(stack) == 0:
			case stack[len(stack)-1] == "title":
				d.title += string(e)
			case stack[len(stack)-1] == "text":
				text := []rune(string(e))
				if float64(len(text)*8) != length {
					t.Errorf("%q is %v wide, want 8 a cell", e, length)
				}
				for i, r := range text {
					at := [2]int{int(x)/8 + i, int(y) / 16}
					d.cells[at], d.inks[at] = r, fills[len(fills)-1]
				}
			}
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	m := map[string]string{}
	for _, a := range e.Attr {
		m[a.Name.Local] = a.Value
	}
	return m
}

func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return v
}

func TestSVGIsParsedBack(t *testing.T) {
	art := hostile()
	for name, s := range map[string]format.Settings{"text": hostileSettings(), "outlines": {Outlines: true, Title: "<&>", Label: `"'`}} {
		d := parseSVG(t, writeWith(t, "svg", art, s))
		for i, c := range art.Frames[0].Cells {
			at := [2]int{i % art.Cols, i / art.Cols}
			shape, drawn := d.shapes[at]
			if drawn && (!d.defined[shape] || shape != "#c"+strconv.FormatInt(int64(c.Rune), 16)) {
				t.Errorf("%s: %v is drawn as %q, want %q", name, at, shape, c.Rune)
			}
			if !drawn && d.cells[at] != c.Rune {
				t.Errorf("%s: got %q at %v, want %q", name, d.cells[at], at, c.Rune)
			}
			if c.FG == ascii.Free(ascii.RGB{R: 255, G: 128}) && d.inks[at] != "#ff8000" {
				t.Errorf("%s: the ink at %v is %q, want #ff8000", name, at, d.inks[at])
			}
		}
		if d.elements["script"] > 0 || d.elements["image"] > 0 || d.elements["foreignObject"] > 0 {
			t.Errorf("%s: there are elements that do not belong: %v", name, d.elements)
		}
	}
	d := parseSVG(t, writeWith(t, "svg", art, hostileSettings()))
	if want := "\" onload=\"alert(1)\" x='<&>]]>\u202e\uFFFD\uFFFD"; d.label != want {
		t.Errorf("label: got %q, want %q", d.label, want)
	}
}

// Text stays text unless outlines are asked for; blocks are always drawn.
func TestSVGOutlines(t *testing.T) {
	art := drawn("ab █")
	for outlines, want := range map[bool][2]int{false: {1, 1}, true: {0, 3}} {
		d := parseSVG(t, writeWith(t, "svg", art, format.Settings{Outlines: outlines}))
		if got := [2]int{d.elements["text"], d.elements["use"]}; got != want {
			t.Errorf("outlines %v: got %v texts and uses, want %v", outlines, got, want)
		}
	}
}

func TestSVGGrounds(t *testing.T) {
	art := drawn("abcd")
	art.Frames[0].Cells[1].BG = ascii.Free(ascii.RGB{B: 255})
	art.Frames[0].Cells[2].BG = ascii.Free(ascii.RGB{B: 255})
	art.Frames[0].Cells[2].FG = ascii.Free(ascii.RGB{G: 255})
	d := parseSVG(t, write(t, "svg", art))
	if got, want := strings.Join(d.grounds, ", "), "  32 #000000, 8 0 16 #0000ff"; got != want {
		t.Errorf("got %q, want the page and one rectangle for cells of one ground: %q", got, want)
	}
}

package format

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"strconv"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// svgFormat is text in a monospaced font that the viewer has, each run stretched
// to the width of its cells. Blocks, sextants, octants and braille are shapes,
// since fonts leave gaps between them. [Settings].Outlines makes all of it shapes.
func svgFormat() Format {
	return Format{
		Name:      "svg",
		MediaType: "image/svg+xml",
		Extension: ".svg",
		Notes:     "A drawing that scales, with its characters as text or as outlines; of an animation the first frame.",
		Write:     checked("svg", writeSVG),
	}
}

// A cell of drawn formats, in pixels.
const (
	cellWidth  = 8
	cellHeight = 16
)

// The baseline of text in a cell of an SVG, 12.6, and its size: DejaVu Sans Mono is
// 8 wide then.
const (
	svgBaseline       = 12
	svgBaselineTenths = ".6"
	svgFontSize       = 13.29
)

func writeSVG(b *bufio.Writer, art *ascii.Art, s Settings) error {
	width, height := art.Cols*cellWidth, art.Rows*cellHeight
	_, _ = fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, html.EscapeString(s.label()))
	_, _ = fmt.Fprintf(b, "<title>%s</title>\n<style>text{white-space:pre;unicode-bidi:bidi-override}</style>\n", html.EscapeString(s.title()))
	d := &svgDrawing{out: out{b}, art: art, font: s.font(), outlines: s.Outlines, defined: map[rune]bool{}}
	if err := d.define(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(b, "<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", width, height, hex(art.Page.Ground))
	d.grounds()
	_, _ = fmt.Fprintf(b, "<g fill=\"%s\" font-family='%s' font-size=\"%v\" xml:space=\"preserve\">\n", hex(art.Page.Ink), htmlFonts, svgFontSize)
	for y := range art.Rows {
		for r := range runs(art.Row(0, y)) {
			if !r.isBlank() {
				d.inks(y, r)
			}
		}
	}
	_, _ = b.WriteString("</g>\n</svg>\n")
	return nil
}

// svgDrawing writes the first frame.
type svgDrawing struct {
	out
	art      *ascii.Art
	font     *glyph.Font
	outlines bool
	defined  map[rune]bool // characters that have a shape
}

// define writes the shapes of all characters that are drawn as such, once each.
// What the font lacks stays text.
func (d *svgDrawing) define() error {
	d.put("<defs>\n")
	seen := map[rune]bool{' ': true}
	for _, c := range d.art.Frames[0].Cells {
		if seen[c.Rune] {
			continue
		}
		seen[c.Rune] = true
		if !d.outlines && !glyph.IsGeometric(c.Rune) {
			continue
		}
		o, err := d.font.Outline(c.Rune)
		if _, missing := errors.AsType[*glyph.MissingError](err); missing {
			continue
		}
		if err != nil {
			return err
		}
		d.defined[c.Rune] = true
		d.outline(c.Rune, o)
	}
	d.put("</defs>\n")
	return nil
}

func (d *svgDrawing) outline(r rune, o glyph.Outline) {
	_, _ = fmt.Fprintf(d.Writer, `<path id="c%x"`, r)
	if o.Ink < 1 {
		_, _ = fmt.Fprintf(d.Writer, ` fill-opacity="%v"`, o.Ink)
	}
	d.put(` d="`)
	for _, s := range o.Segments {
		_ = d.WriteByte(s.Op)
		for i, p := range s.Points {
			if i > 0 {
				d.put(" ")
			}
			d.put(short(p.X*cellWidth) + " " + short(p.Y*cellHeight))
		}
	}
	d.put("\"/>\n")
}

// short writes a number to a hundredth, without zeros at the end.
func short(v float32) string {
	return strconv.FormatFloat(float64(int(float32(v*100)+copysign(0.5, v)))/100, 'f', -1, 64)
}

func copysign(x, sign float32) float32 {
	if sign < 0 {
		return -x
	}
	return x
}

// grounds writes the grounds that cells have of their own, without gaps between
// the cells when the drawing is scaled.
func (d *svgDrawing) grounds() {
	d.put("<g shape-rendering=\"crispEdges\">\n")
	for y := range d.art.Rows {
		for r := range grounds(d.art.Row(0, y)) {
			if r.bg.IsSet() {
				d.put(`<rect x="`)
				d.num(r.x * cellWidth)
				d.put(`" y="`)
				d.num(y * cellHeight)
				d.put(`" width="`)
				d.num(len(r.cells) * cellWidth)
				d.put(`" height="`)
				d.num(cellHeight)
				d.put(`" fill="`)
				d.hex(r.bg.RGB(d.art.Palette, d.art.Page.Ground))
				d.put("\"/>\n")
			}
		}
	}
	d.put("</g>\n")
}

// inks writes the characters of a run.
func (d *svgDrawing) inks(y int, r run) {
	if r.fg.IsSet() {
		d.put(`<g fill="`)
		d.hex(r.fg.RGB(d.art.Palette, d.art.Page.Ink))
		d.put(`">`)
	}
	for from := 0; from < len(r.cells); {
		to := from + 1
		for to < len(r.cells) && d.typed(r.cells[to]) == d.typed(r.cells[from]) {
			to++
		}
		if d.typed(r.cells[from]) {
			d.text(r.x+from, y, r.cells[from:to])
		} else {
			d.shapes(r.x+from, y, r.cells[from:to])
		}
		from = to
	}
	if r.fg.IsSet() {
		d.put("</g>\n")
	}
}

// typed reports whether a cell is text and not a shape. Spaces are shapes where all
// is, to keep them out of the file.
func (d *svgDrawing) typed(c ascii.Cell) bool {
	return !d.defined[c.Rune] && (c.Rune != ' ' || !d.outlines)
}

// text writes cells as text, without the spaces at its ends, which viewers drop.
func (d *svgDrawing) text(x, y int, cells []ascii.Cell) {
	for len(cells) > 0 && cells[0].Rune == ' ' {
		x, cells = x+1, cells[1:]
	}
	for len(cells) > 0 && cells[len(cells)-1].Rune == ' ' {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return
	}
	d.put(`<text x="`)
	d.num(x * cellWidth)
	d.put(`" y="`)
	d.num(y*cellHeight + svgBaseline)
	d.put(svgBaselineTenths, `" textLength="`)
	d.num(len(cells) * cellWidth)
	d.put(`" lengthAdjust="spacingAndGlyphs">`)
	writeEscaped(d.Writer, cells)
	d.put("</text>\n")
}

func (d *svgDrawing) shapes(x, y int, cells []ascii.Cell) {
	for i, c := range cells {
		if d.defined[c.Rune] {
			d.put(`<use href="#c`, strconv.FormatInt(int64(c.Rune), 16), `" x="`)
			d.num((x + i) * cellWidth)
			d.put(`" y="`)
			d.num(y * cellHeight)
			d.put(`"/>`)
		}
	}
	d.put("\n")
}

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

// The baseline and the size of text in a cell of an SVG: DejaVu Sans Mono at this
// size is 8 wide.
const (
	svgBaseline = 12.5
	svgFontSize = 13.29
)

func writeSVG(b *bufio.Writer, art *ascii.Art, s Settings) error {
	width, height := art.Cols*cellWidth, art.Rows*cellHeight
	_, _ = fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, html.EscapeString(s.label()))
	_, _ = fmt.Fprintf(b, "<title>%s</title>\n<style>text{white-space:pre;unicode-bidi:bidi-override}</style>\n", html.EscapeString(s.title()))
	d := &svgDrawing{b: b, art: art, font: s.font(), outlines: s.Outlines, defined: map[rune]bool{}}
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
	b        *bufio.Writer
	art      *ascii.Art
	font     *glyph.Font
	outlines bool
	defined  map[rune]bool // characters that have a shape
}

// define writes the shapes of all characters that are drawn as such, once each.
// What the font lacks stays text.
func (d *svgDrawing) define() error {
	_, _ = d.b.WriteString("<defs>\n")
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
	_, _ = d.b.WriteString("</defs>\n")
	return nil
}

func (d *svgDrawing) outline(r rune, o glyph.Outline) {
	_, _ = fmt.Fprintf(d.b, `<path id="c%x"`, r)
	if o.Ink < 1 {
		_, _ = fmt.Fprintf(d.b, ` fill-opacity="%v"`, o.Ink)
	}
	_, _ = d.b.WriteString(` d="`)
	for _, s := range o.Segments {
		_ = d.b.WriteByte(s.Op)
		for i, p := range s.Points {
			if i > 0 {
				_ = d.b.WriteByte(' ')
			}
			_, _ = d.b.WriteString(short(p.X*cellWidth) + " " + short(p.Y*cellHeight))
		}
	}
	_, _ = d.b.WriteString("\"/>\n")
}

// short writes a number to a hundredth, without zeros at the end.
func short(v float32) string {
	return strconv.FormatFloat(float64(int(v*100+copysign(0.5, v)))/100, 'f', -1, 64)
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
	_, _ = d.b.WriteString("<g shape-rendering=\"crispEdges\">\n")
	for y := range d.art.Rows {
		for r := range grounds(d.art.Row(0, y)) {
			if r.bg.IsSet() {
				_, _ = fmt.Fprintf(d.b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n",
					r.x*cellWidth, y*cellHeight, len(r.cells)*cellWidth, cellHeight, hex(r.bg.RGB(d.art.Palette, d.art.Page.Ground)))
			}
		}
	}
	_, _ = d.b.WriteString("</g>\n")
}

// inks writes the characters of a run.
func (d *svgDrawing) inks(y int, r run) {
	if r.fg.IsSet() {
		_, _ = fmt.Fprintf(d.b, "<g fill=\"%s\">", hex(r.fg.RGB(d.art.Palette, d.art.Page.Ink)))
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
		_, _ = d.b.WriteString("</g>\n")
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
	_, _ = fmt.Fprintf(d.b, "<text x=\"%d\" y=\"%v\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\">",
		x*cellWidth, float64(y*cellHeight)+svgBaseline, len(cells)*cellWidth)
	writeEscaped(d.b, cells)
	_, _ = d.b.WriteString("</text>\n")
}

func (d *svgDrawing) shapes(x, y int, cells []ascii.Cell) {
	for i, c := range cells {
		if d.defined[c.Rune] {
			_, _ = fmt.Fprintf(d.b, `<use href="#c%x" x="%d" y="%d"/>`, c.Rune, (x+i)*cellWidth, y*cellHeight)
		}
	}
	_ = d.b.WriteByte('\n')
}

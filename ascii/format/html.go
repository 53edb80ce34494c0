package format

import (
	"bufio"
	"fmt"
	"html"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// htmlFormat is a document of its own: no script, nothing loaded. With an inverse,
// see [Settings], readers get that of the two that suits their scheme.
func htmlFormat() Format {
	return Format{
		Name:      "html",
		MediaType: "text/html; charset=utf-8",
		Extension: ".html",
		Notes:     "A web page of its own, without scripts, that shows all frames.",
		Write:     checked("html", writeHTML),
	}
}

// htmlFonts are fonts whose cells are about half as wide as high in lines of 1.2
// em, one for each system first.
const htmlFonts = `"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace`

// htmlStyle keeps the cells in their columns: no ligatures, no reordering of scripts
// that run to the left, and grounds as high as the line.
const htmlStyle = `:root{color-scheme:light dark}
body{margin:1em}
pre{display:inline-block;margin:0;font:13.3px/%s %s;white-space:pre;direction:ltr;unicode-bidi:bidi-override;font-variant-ligatures:none}
pre span{display:inline-block;vertical-align:top}
`

func writeHTML(b *bufio.Writer, art *ascii.Art, s Settings) error {
	arts, err := htmlArts(art, s.Inverse)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>\n", html.EscapeString(s.title()))
	_, _ = fmt.Fprintf(b, htmlStyle, lineHeight(art), htmlFonts)
	writeHTMLColors(b, arts)
	shapes := shapesOf(arts)
	writeHTMLShapes(b, shapes, lineHeight(art))
	writeHTMLFilm(b, art)
	_, _ = b.WriteString("</style>\n</head>\n<body>\n")
	for _, art := range arts {
		_, _ = fmt.Fprintf(b, "<pre class=\"%s\" role=\"img\" aria-label=\"%s\">", scheme(art), html.EscapeString(s.label()))
		htmlRows{out{b}, art, shapes}.write()
		_, _ = b.WriteString("</pre>\n")
	}
	_, _ = b.WriteString("</body>\n</html>\n")
	return nil
}

// htmlArts returns the art, and its inverse if that is of use: both without
// colours, with as many frames, and one for each scheme.
func htmlArts(art, inverse *ascii.Art) ([]*ascii.Art, error) {
	if inverse == nil || hasColors(art) {
		return []*ascii.Art{art}, nil
	}
	if err := check(inverse); err != nil {
		return nil, fmt.Errorf("the inverse: %w", err)
	}
	if hasColors(inverse) || scheme(inverse) == scheme(art) || len(inverse.Frames) != len(art.Frames) {
		return []*ascii.Art{art}, nil
	}
	return []*ascii.Art{art, inverse}, nil
}

// scheme is the one that art is for: "dark" is light ink on a dark page.
func scheme(art *ascii.Art) string {
	if labOf(art.Page.Ink).l >= labOf(art.Page.Ground).l {
		return "dark"
	}
	return "light"
}

// htmlLine is the height of lines in em. With a font of 13.3 pixels, 0.6 em wide,
// cells are whole pixels: 8 × 16.
const htmlLine = "1.203"

// lineHeight makes cells half as wide as high in most fonts. Box drawing has to
// touch, so there a line is as high as the font, which is a little less.
func lineHeight(art *ascii.Art) string {
	for c := range allCells(art) {
		if c.Rune >= 0x2500 && c.Rune < 0x2580 {
			return "1.16"
		}
	}
	return htmlLine
}

// writeHTMLColors writes the rules for the page and for the palette. Art without
// colours takes those of the reader's scheme. Without an inverse it keeps its own
// page in the other scheme, because there it would be a negative.
func writeHTMLColors(b *bufio.Writer, arts []*ascii.Art) {
	art := arts[0]
	page := fmt.Sprintf("pre{color:%s;background:%s}", hex(art.Page.Ink), hex(art.Page.Ground))
	other := map[string]string{"dark": "light", "light": "dark"}[scheme(art)]
	switch {
	case len(arts) == 2:
		_, _ = b.WriteString("@media (prefers-color-scheme:light){pre.dark{display:none}}\n@media (prefers-color-scheme:dark){pre.light{display:none}}\n")
	case hasColors(art):
		_, _ = b.WriteString(page + "\n")
	default:
		_, _ = fmt.Fprintf(b, "@media (prefers-color-scheme:%s){%s}\n", other, page)
	}
	inks, grounds := usedEntries(art)
	for _, i := range inks {
		_, _ = fmt.Fprintf(b, ".f%d{color:%s}\n", i, hex(ascii.Indexed(i).RGB(art.Palette, art.Page.Ink)))
	}
	for _, i := range grounds {
		_, _ = fmt.Fprintf(b, ".b%d{background-color:%s}\n", i, hex(ascii.Indexed(i).RGB(art.Palette, art.Page.Ground)))
	}
}

// usedEntries returns the entries of the palette that cells have.
func usedEntries(art *ascii.Art) (inks, grounds []uint8) {
	fg, bg := map[uint8]bool{}, map[uint8]bool{}
	for c := range allCells(art) {
		if i, ok := c.FG.Index(); ok {
			fg[i] = true
		}
		if i, ok := c.BG.Index(); ok {
			bg[i] = true
		}
	}
	return slices.Sorted(maps.Keys(fg)), slices.Sorted(maps.Keys(bg))
}

// writeHTMLFilm writes the rules that show frame after frame, all of them in one
// place, without a script. Paper, and who wants little motion, gets the first.
func writeHTMLFilm(b *bufio.Writer, art *ascii.Art) {
	if len(art.Frames) == 1 {
		return
	}
	loops := "infinite"
	if art.Loops > 0 {
		loops = strconv.Itoa(art.Loops)
	}
	starts, total := frameStarts(art.Frames)
	_, _ = fmt.Fprintf(b, "pre{display:inline-grid}\npre .k{grid-area:1/1;visibility:hidden;animation:%vs step-end %s both}\n", total.Seconds(), loops)
	for i := range art.Frames {
		_, _ = fmt.Fprintf(b, "pre .k%d{animation-name:k%[1]d}\n@keyframes k%[1]d{", i)
		if i > 0 {
			_, _ = b.WriteString("0%{visibility:hidden}")
		}
		_, _ = fmt.Fprintf(b, "%s{visibility:visible}", percent(100*float64(starts[i])/float64(total)))
		last := "hidden"
		if i == len(art.Frames)-1 {
			last = "visible" // stays when all has played
		}
		_, _ = fmt.Fprintf(b, "%s{visibility:%s}}\n", percent(100*float64(starts[i+1])/float64(total)), last)
	}
	_, _ = b.WriteString("pre .k0{visibility:visible}\n@media (prefers-reduced-motion:reduce){pre .k{animation-name:none}}\n")
}

// frameStarts returns when each frame begins, and then when the last one ends. A
// frame without a delay has a tenth of a second, as browsers give those of a GIF;
// none has more than an hour.
func frameStarts(frames []ascii.Frame) (starts []time.Duration, total time.Duration) {
	for _, f := range frames {
		starts = append(starts, total)
		if f.Delay > 0 {
			total += min(f.Delay, time.Hour)
		} else {
			total += 100 * time.Millisecond
		}
	}
	return append(starts, total), total
}

// allCells goes through the cells of all frames.
func allCells(art *ascii.Art) iter.Seq[ascii.Cell] {
	return func(yield func(ascii.Cell) bool) {
		for _, f := range art.Frames {
			for _, c := range f.Cells {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// htmlRows writes the rows of all frames.
type htmlRows struct {
	out
	art   *ascii.Art
	drawn map[rune]bool // characters that are shapes
}

func (w htmlRows) write() {
	if len(w.art.Frames) == 1 {
		w.frame(0)
		return
	}
	for i := range w.art.Frames {
		w.put(`<span class="k k`, strconv.Itoa(i), `">`)
		w.frame(i)
		w.put("</span>")
	}
}

func (w htmlRows) frame(i int) {
	for y := range w.art.Rows {
		for r := range runs(w.art.Row(i, y)) {
			for cells := range w.typedAndDrawn(r.cells) {
				w.cells(r, cells)
			}
		}
		w.put("\n")
	}
}

// typedAndDrawn cuts a run into single cells that are drawn and runs of those that
// are text.
func (w htmlRows) typedAndDrawn(cells []ascii.Cell) iter.Seq[[]ascii.Cell] {
	return func(yield func([]ascii.Cell) bool) {
		for len(cells) > 0 {
			n := 1
			for n < len(cells) && !w.drawn[cells[0].Rune] && !w.drawn[cells[n].Rune] {
				n++
			}
			if !yield(cells[:n]) {
				return
			}
			cells = cells[n:]
		}
	}
}

func (w htmlRows) cells(r run, cells []ascii.Cell) {
	shape := w.drawn[cells[0].Rune]
	if r.plain() && !shape {
		writeEscaped(w.Writer, cells)
		return
	}
	w.put("<span")
	w.classes(r, cells[0].Rune, shape)
	w.styles(r)
	w.put(">")
	writeEscaped(w.Writer, cells)
	w.put("</span>")
}

// classes writes those of a shape and of entries of the palette.
func (w htmlRows) classes(r run, char rune, shape bool) {
	before := ` class="`
	if shape {
		w.put(before, "g g", strconv.FormatInt(int64(char), 16))
		before = " "
	}
	if i, ok := r.fg.Index(); ok {
		w.put(before, "f")
		w.num(int(i))
		before = " "
	}
	if i, ok := r.bg.Index(); ok {
		w.put(before, "b")
		w.num(int(i))
		before = " "
	}
	if before == " " {
		w.put(`"`)
	}
}

// styles writes free colours.
func (w htmlRows) styles(r run) {
	before := ` style="`
	if _, indexed := r.fg.Index(); r.fg.IsSet() && !indexed {
		w.put(before, "color:")
		w.hex(r.fg.RGB(nil, ascii.RGB{}))
		before = ";"
	}
	if _, indexed := r.bg.Index(); r.bg.IsSet() && !indexed {
		w.put(before, "background-color:")
		w.hex(r.bg.RGB(nil, ascii.RGB{}))
		before = ";"
	}
	if before == ";" {
		w.put(`"`)
	}
}

// shapesOf returns the blocks, sextants, octants and braille that cells have.
func shapesOf(arts []*ascii.Art) map[rune]bool {
	seen := map[rune]bool{}
	for _, art := range arts {
		for c := range allCells(art) {
			if _, known := seen[c.Rune]; !known {
				seen[c.Rune] = glyph.IsGeometric(c.Rune)
			}
		}
	}
	maps.DeleteFunc(seen, func(_ rune, geometric bool) bool { return !geometric })
	return seen
}

// writeHTMLShapes writes the rules that draw shapes as parts of their cell: few
// fonts have them all, and fewer leave no gaps.
func writeHTMLShapes(b *bufio.Writer, shapes map[rune]bool, line string) {
	if len(shapes) > 0 {
		_, _ = fmt.Fprintf(b, "pre .g{width:1ch;height:%sem;-webkit-text-fill-color:transparent;background-repeat:no-repeat}\n", line)
	}
	for _, r := range slices.Sorted(maps.Keys(shapes)) {
		writeHTMLShape(b, r)
	}
}

func writeHTMLShape(b *bufio.Writer, r rune) {
	o, err := glyph.Embedded().Outline(r)
	if err != nil || len(o.Segments) == 0 {
		return // it stays without ink, as an empty braille cell is
	}
	ink := "currentColor"
	if o.Ink < 1 {
		ink = fmt.Sprintf("color-mix(in srgb,currentColor %v%%,transparent)", 100*o.Ink)
	}
	var images, positions, sizes []string
	for s := o.Segments; len(s) >= 4; s = s[4:] { // geometric shapes are rectangles
		from, to := s[0].Points[0], s[2].Points[0]
		images = append(images, "linear-gradient("+ink+","+ink+")")
		positions = append(positions, place(from.X, to.X)+" "+place(from.Y, to.Y))
		sizes = append(sizes, percent(float64(100*(to.X-from.X)))+" "+percent(float64(100*(to.Y-from.Y))))
	}
	_, _ = fmt.Fprintf(b, ".g%x{background-image:%s;background-position:%s;background-size:%s}\n",
		r, strings.Join(images, ","), strings.Join(positions, ","), strings.Join(sizes, ","))
}

// place is where a part begins, as CSS has it: a share of the room that it leaves.
func place(from, to float32) string {
	room := 1 - (to - from)
	if room < 0.001 {
		return "0"
	}
	return percent(float64(100 * from / room))
}

func percent(v float64) string {
	return strconv.FormatFloat(math.Round(1000*v)/1000, 'f', -1, 64) + "%"
}

// writeEscaped writes the characters of cells so that neither HTML nor XML takes
// any of them for markup.
func writeEscaped(b *bufio.Writer, cells []ascii.Cell) {
	for _, c := range cells {
		switch c.Rune {
		case '&':
			_, _ = b.WriteString("&amp;")
		case '<':
			_, _ = b.WriteString("&lt;")
		case '>':
			_, _ = b.WriteString("&gt;")
		default:
			_, _ = b.WriteRune(c.Rune)
		}
	}
}

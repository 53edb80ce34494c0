package format

import (
	"bufio"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal/ascii"
)

// htmlFormat is a document of its own: no script, nothing loaded. Its pre can be
// cut out and put into another page.
func htmlFormat() Format {
	return Format{
		Name:      "html",
		MediaType: "text/html; charset=utf-8",
		Extension: ".html",
		Notes:     "A web page of its own, without scripts; of an animation the first frame.",
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
pre{display:inline-block;margin:0;font:%s %s;white-space:pre;direction:ltr;unicode-bidi:bidi-override;font-variant-ligatures:none}
pre span{display:inline-block;vertical-align:top}
`

func writeHTML(b *bufio.Writer, art *ascii.Art, s Settings) error {
	_, _ = fmt.Fprintf(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>\n", html.EscapeString(s.title()))
	_, _ = fmt.Fprintf(b, htmlStyle, htmlSize(art), htmlFonts)
	writeHTMLColors(b, art)
	_, _ = fmt.Fprintf(b, "</style>\n</head>\n<body>\n<pre role=\"img\" aria-label=\"%s\">", html.EscapeString(s.label()))
	writeHTMLRows(b, art)
	_, _ = b.WriteString("</pre>\n</body>\n</html>\n")
	return nil
}

// htmlSize is the size and the height of lines. Where blocks must touch, a line is
// as high as the blocks of common fonts, which is a little less.
func htmlSize(art *ascii.Art) string {
	for _, c := range art.Frames[0].Cells {
		if c.Rune >= 0x2500 && c.Rune < 0x25a0 || c.Rune >= 0x1fb00 {
			return "14px/1.16"
		}
	}
	return "14px/1.2"
}

// writeHTMLColors writes the rules for the page and for the palette. Art without
// colours takes those of the reader where that is light on dark, or dark on light,
// as the art is; else it keeps its own page, because it would be a negative.
func writeHTMLColors(b *bufio.Writer, art *ascii.Art) {
	page := fmt.Sprintf("pre{color:%s;background:%s}\n", hex(art.Page.Ink), hex(art.Page.Ground))
	switch {
	case hasColors(art):
		_, _ = b.WriteString(page)
	case labOf(art.Page.Ink).l >= labOf(art.Page.Ground).l:
		_, _ = fmt.Fprintf(b, "@media (prefers-color-scheme:light){%s}\n", strings.TrimSuffix(page, "\n"))
	default:
		_, _ = fmt.Fprintf(b, "@media (prefers-color-scheme:dark){%s}\n", strings.TrimSuffix(page, "\n"))
	}
	inks, grounds := usedEntries(art)
	for _, i := range inks {
		_, _ = fmt.Fprintf(b, ".f%d{color:%s}\n", i, hex(ascii.Indexed(i).RGB(art.Palette, art.Page.Ink)))
	}
	for _, i := range grounds {
		_, _ = fmt.Fprintf(b, ".b%d{background:%s}\n", i, hex(ascii.Indexed(i).RGB(art.Palette, art.Page.Ground)))
	}
}

// usedEntries returns the entries of the palette that the first frame has.
func usedEntries(art *ascii.Art) (inks, grounds []uint8) {
	fg, bg := map[uint8]bool{}, map[uint8]bool{}
	for _, c := range art.Frames[0].Cells {
		if i, ok := c.FG.Index(); ok {
			fg[i] = true
		}
		if i, ok := c.BG.Index(); ok {
			bg[i] = true
		}
	}
	return slices.Sorted(maps.Keys(fg)), slices.Sorted(maps.Keys(bg))
}

func writeHTMLRows(b *bufio.Writer, art *ascii.Art) {
	for y := range art.Rows {
		for r := range runs(art.Row(0, y)) {
			if r.plain() {
				writeEscaped(b, r.cells)
				continue
			}
			_, _ = fmt.Fprintf(b, "<span%s>", htmlLook(art, r))
			writeEscaped(b, r.cells)
			_, _ = b.WriteString("</span>")
		}
		_ = b.WriteByte('\n')
	}
}

// htmlLook returns the attributes that give a run its colours: entries of the
// palette are classes.
func htmlLook(art *ascii.Art, r run) string {
	var classes, styles []string
	add := func(c ascii.Color, class, property string) {
		if i, ok := c.Index(); ok {
			classes = append(classes, fmt.Sprint(class, i))
		} else if c.IsSet() {
			styles = append(styles, property+":"+hex(c.RGB(nil, ascii.RGB{})))
		}
	}
	add(r.fg, "f", "color")
	add(r.bg, "b", "background")
	look := ""
	if len(classes) > 0 {
		look = ` class="` + strings.Join(classes, " ") + `"`
	}
	if len(styles) > 0 {
		look += ` style="` + strings.Join(styles, ";") + `"`
	}
	return look
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

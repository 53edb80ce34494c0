package format

import (
	"bufio"

	"github.com/charcoal-art/charcoal/ascii"
)

// bbcodeFormat is for forums. Art without colours is in [code], which all know and
// which keeps spaces; colours do not work in there, so other art is in
// [font=monospace] with spaces that do not collapse.
func bbcodeFormat() Format {
	return Format{
		Name:      "bbcode",
		MediaType: "text/plain; charset=utf-8",
		Extension: ".bbcode",
		Notes:     "For forums; grounds only on request, since few know them, and of an animation the first frame.",
		Write:     checked("bbcode", writeBBCode),
	}
}

// BBCode has no escapes. A word joiner (U+2060), which is not seen, keeps a bracket
// of the art from beginning a tag.
const wordJoiner = '\u2060'

const noBreakSpace = '\u00a0'

func writeBBCode(b *bufio.Writer, art *ascii.Art, s Settings) error {
	colors := hasColors(art)
	before, after := "[code]\n", "[/code]\n"
	if colors {
		before, after = "[font=monospace]", "[/font]\n"
	}
	_, _ = b.WriteString(before)
	for y := range art.Rows {
		for r := range runs(art.Row(0, y)) {
			writeBBRun(out{b}, art, r, colors, s.Backgrounds)
		}
		_ = b.WriteByte('\n')
	}
	_, _ = b.WriteString(after)
	return nil
}

func writeBBRun(b out, art *ascii.Art, r run, colors, backgrounds bool) {
	ground := backgrounds && r.bg.IsSet()
	ink := r.fg.IsSet() && !r.isBlank()
	if ground {
		b.put("[bgcolor=")
		b.hex(r.bg.RGB(art.Palette, art.Page.Ground))
		b.put("]")
	}
	if ink {
		b.put("[color=")
		b.hex(r.fg.RGB(art.Palette, art.Page.Ink))
		b.put("]")
	}
	for _, c := range r.cells {
		switch {
		case c.Rune == ' ' && colors:
			_, _ = b.WriteRune(noBreakSpace)
		default:
			_, _ = b.WriteRune(c.Rune)
		}
		if c.Rune == '[' {
			_, _ = b.WriteRune(wordJoiner)
		}
	}
	if ink {
		b.put("[/color]")
	}
	if ground {
		b.put("[/bgcolor]")
	}
}

package format

import (
	"bufio"
	"strconv"

	"github.com/charcoal-art/charcoal/ascii"
)

// ansiFormat is text with the colour escapes of terminals (SGR of ECMA-48, and
// the 38 and 48 of ISO 8613-6 in the form with semicolons, which all terminals
// read). Without colours it is the same as text.
func ansiFormat() Format {
	return Format{
		Name:      "ansi",
		MediaType: "text/plain; charset=utf-8",
		Extension: ".ansi",
		Notes:     "Text with colour escapes for terminals; of an animation the first frame.",
		Write:     checked("ansi", writeANSI),
	}
}

func writeANSI(b *bufio.Writer, art *ascii.Art, _ Settings) error {
	for y := range art.Rows {
		writeANSIRow(b, art, art.Row(0, y))
		_ = b.WriteByte('\n')
	}
	return nil
}

// writeANSIRow writes one row and goes back to the terminal's own colours before
// the blank cells at its end, so that no line end paints the rest of the line.
func writeANSIRow(b *bufio.Writer, art *ascii.Art, row []ascii.Cell) {
	p := pen{named: named(art), palette: art.Palette}
	end := len(row)
	for end > 0 && blank(row[end-1]) {
		end--
	}
	for x, c := range row {
		if x == end {
			_, _ = b.WriteString(p.reset())
		}
		_, _ = b.Write(p.turn(c))
		_, _ = b.WriteRune(c.Rune)
	}
	_, _ = b.WriteString(p.reset())
}

// named reports whether indexed colours are those that terminals know by number.
func named(art *ascii.Art) bool { return art.Depth == "16" || art.Depth == "256" }

// blank reports whether nothing of a cell shows.
func blank(c ascii.Cell) bool { return c.Rune == ' ' && !c.BG.IsSet() }

// pen is the state of a terminal: the colours it writes in.
type pen struct {
	named   bool // indexed colours are those of the terminal, not of palette
	palette []ascii.RGB
	fg, bg  ascii.Color
	esc     [48]byte // room for the longest escape
}

// reset returns the escape, if any, that makes the pen the terminal's own.
func (p *pen) reset() string {
	if !p.fg.IsSet() && !p.bg.IsSet() {
		return ""
	}
	p.fg, p.bg = 0, 0
	return "\x1b[m" // the same as 0
}

// turn returns the shortest escape, if any, after which the terminal shows c. The
// ink of a space does not show.
func (p *pen) turn(c ascii.Cell) []byte {
	fg, bg := c.FG, c.BG
	if c.Rune == ' ' {
		fg = p.fg
	}
	if fg == p.fg && bg == p.bg {
		return nil
	}
	esc := append(p.esc[:0], "\x1b["...)
	switch {
	case !fg.IsSet() && !bg.IsSet():
		esc = append(esc, ';') // no number is 0: all off
	case fg == p.fg:
		esc = append(p.color(esc, bg, 40), ';')
	case bg == p.bg:
		esc = append(p.color(esc, fg, 30), ';')
	default:
		esc = append(p.color(esc, fg, 30), ';')
		esc = append(p.color(esc, bg, 40), ';')
	}
	p.fg, p.bg = fg, bg
	esc[len(esc)-1] = 'm'
	return esc
}

// color appends the parameters that set a colour; base is 30 for ink and 40 for
// the ground.
func (p *pen) color(esc []byte, c ascii.Color, base int64) []byte {
	i, indexed := c.Index()
	switch {
	case !c.IsSet():
		return strconv.AppendInt(esc, base+9, 10)
	case indexed && p.named && i < 8:
		return strconv.AppendInt(esc, base+int64(i), 10)
	case indexed && p.named && i < 16:
		return strconv.AppendInt(esc, base+60+int64(i-8), 10)
	case indexed && p.named:
		return appendNumbers(esc, base+8, 5, int64(i))
	}
	rgb := c.RGB(p.palette, ascii.RGB{})
	return appendNumbers(esc, base+8, 2, int64(rgb.R), int64(rgb.G), int64(rgb.B))
}

func appendNumbers(esc []byte, numbers ...int64) []byte {
	for i, n := range numbers {
		if i > 0 {
			esc = append(esc, ';')
		}
		esc = strconv.AppendInt(esc, n, 10)
	}
	return esc
}

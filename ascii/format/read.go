package format

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal/ascii"
)

// Read makes art of text, whatever program wrote it. It may be coloured by escape
// sequences of ECMA-48, section 8.3.117, and ITU-T T.416, section 13.1.8: the 16
// colours and their bright ones, the 256 of xterm, free colours, and reverse, which
// makes ink of the page's ground. Other sequences and control characters are left out. Lines that are
// shorter than others are filled up with spaces, so that a line of n characters
// among m lines makes n × m cells: fits, such as [ascii.Options.CheckGrid], is asked
// whenever the grid grows, and its error ends the reading.
func Read(text []byte, page ascii.Page, fits func(cols, rows int) error) (*ascii.Art, error) {
	p := reader{text: string(text), page: page, fits: fits}
	if err := p.run(); err != nil {
		return nil, err
	}
	lines := p.lines
	for len(lines) > 0 && len(lines[len(lines)-1]) == 0 { // after the last line break
		lines = lines[:len(lines)-1]
	}
	cols := p.cols
	if cols == 0 {
		return nil, errors.New("there is no text")
	}
	art := &ascii.Art{Cols: cols, Rows: len(lines), Page: page}
	cells := make([]ascii.Cell, 0, cols*len(lines))
	for _, l := range lines {
		cells = append(cells, l...)
		for range cols - len(l) {
			cells = append(cells, ascii.Cell{Rune: ' '})
		}
	}
	art.Frames = []ascii.Frame{{Cells: cells}}
	p.chooseDepth(art)
	return art, nil
}

type reader struct {
	text    string // that is left
	page    ascii.Page
	lines   [][]ascii.Cell
	line    []ascii.Cell
	fg, bg  ascii.Color
	reverse bool
	cols    int // of the longest line
	fits    func(cols, rows int) error

	indexed, beyond16, free bool // which colours there are
}

func (p *reader) run() error {
	for p.text != "" {
		r, n := utf8.DecodeRuneInString(p.text)
		p.text = p.text[n:]
		switch {
		case r == '\n':
			p.lines, p.line = append(p.lines, p.line), nil
			if err := p.fits(max(1, p.cols), len(p.lines)); err != nil {
				return err
			}
		case r == '\x1b':
			p.escape()
		case !showable(r), unicode.IsMark(r), unicode.Is(unicode.Cf, r):
		default:
			p.put(r)
			if len(p.line) <= p.cols {
				continue
			}
			p.cols = len(p.line)
			if err := p.fits(p.cols, len(p.lines)+1); err != nil {
				return err
			}
		}
	}
	p.lines = append(p.lines, p.line)
	return nil
}

func (p *reader) put(r rune) {
	c := ascii.Cell{Rune: r, FG: p.fg, BG: p.bg}
	if p.reverse {
		c.FG, c.BG = p.solid(p.bg, p.page.Ground), p.solid(p.fg, p.page.Ink)
	}
	p.line = append(p.line, c)
}

// escape takes what follows an escape character: a control sequence, a string up
// to its terminator, or one character.
func (p *reader) escape() {
	switch {
	case strings.HasPrefix(p.text, "["):
		end := strings.IndexFunc(p.text[1:], func(r rune) bool { return r >= '@' && r <= '~' }) + 1
		if end == 0 {
			p.text = ""
			return
		}
		if p.text[end] == 'm' {
			p.colors(p.text[1:end])
		}
		p.text = p.text[end+1:]
	case strings.HasPrefix(p.text, "]"), strings.HasPrefix(p.text, "P"), strings.HasPrefix(p.text, "_"):
		end := strings.IndexAny(p.text, "\a\x1b")
		if end < 0 {
			p.text = ""
			return
		}
		p.text = strings.TrimPrefix(p.text[end:], "\x1b\\")
		p.text = strings.TrimPrefix(p.text, "\a")
	case p.text != "":
		_, n := utf8.DecodeRuneInString(p.text)
		p.text = p.text[n:]
	}
}

// solid is a colour, or that of the page where there is none: reversed, it has to
// be said.
func (p *reader) solid(c ascii.Color, page ascii.RGB) ascii.Color {
	if c.IsSet() {
		return c
	}
	if i := slices.Index(ascii.TerminalPalette()[:16], page); i >= 0 {
		return p.index(i)
	}
	p.free = true
	return ascii.Free(page)
}

// colors obeys the parameters of Select Graphic Rendition. One that has colons
// stands for itself; of others, some take those that follow.
func (p *reader) colors(parameters string) {
	if strings.Trim(parameters, "0123456789:;") != "" {
		return // a private sequence that ends alike
	}
	var n []int
	for s := range strings.SplitSeq(parameters, ";") {
		if strings.Contains(s, ":") {
			p.simple(n)
			n = nil
			p.grouped(numbers(s, ":"))
			continue
		}
		n = append(n, numbers(s, ";")...)
	}
	p.simple(n)
}

// numbers reads what stands between separators; nothing is 0, and no number -1.
func numbers(text, separator string) (n []int) {
	for s := range strings.SplitSeq(text, separator) {
		v, err := strconv.Atoi("0" + s)
		if err != nil {
			v = -1
		}
		n = append(n, v)
	}
	return n
}

func (p *reader) simple(n []int) {
	for len(n) > 0 {
		n = n[p.color(n):]
	}
}

// grouped obeys a parameter with colons. Free colours may name a colour space before
// the three numbers, and a tolerance after them.
func (p *reader) grouped(n []int) {
	if len(n) >= 6 && n[1] == 2 {
		n = slices.Concat(n[:2], n[3:6])
	}
	if n[0] == 38 || n[0] == 48 {
		p.color(n)
	}
}

// color obeys the first of the parameters and returns how many belong to it.
func (p *reader) color(n []int) (taken int) {
	switch v := n[0]; {
	case v == 0:
		p.fg, p.bg, p.reverse = 0, 0, false
	case v == 7, v == 27:
		p.reverse = v == 7
	case v >= 30 && v <= 37:
		p.fg = p.index(v - 30)
	case v >= 90 && v <= 97:
		p.fg = p.index(v - 90 + 8)
	case v >= 40 && v <= 47:
		p.bg = p.index(v - 40)
	case v >= 100 && v <= 107:
		p.bg = p.index(v - 100 + 8)
	case v == 39:
		p.fg = 0
	case v == 49:
		p.bg = 0
	case v == 38, v == 48, v == 58:
		return p.extended(n)
	}
	return 1
}

// extended reads 5;index or 2;red;green;blue after 38, for ink, 48, for the ground,
// or 58, for underlines, which art has none of. What is neither takes all that
// follows.
func (p *reader) extended(n []int) (taken int) {
	inRange := func(values []int) bool {
		return !slices.ContainsFunc(values, func(v int) bool { return v < 0 || v > 255 })
	}
	switch {
	case len(n) >= 3 && n[1] == 5 && inRange(n[2:3]):
		if n[0] != 58 {
			p.set(n[0], p.index(n[2]))
		}
		return 3
	case len(n) >= 5 && n[1] == 2 && inRange(n[2:5]):
		if n[0] != 58 {
			p.free = true
			p.set(n[0], ascii.Free(ascii.RGB{R: uint8(n[2]), G: uint8(n[3]), B: uint8(n[4])}))
		}
		return 5
	}
	return len(n)
}

func (p *reader) set(parameter int, c ascii.Color) {
	if parameter == 38 {
		p.fg = c
		return
	}
	p.bg = c
}

func (p *reader) index(i int) ascii.Color {
	p.indexed, p.beyond16 = true, p.beyond16 || i >= 16
	return ascii.Indexed(uint8(i))
}

// chooseDepth says which colours the art has. Where there are free ones, all are.
func (p *reader) chooseDepth(art *ascii.Art) {
	palette := ascii.TerminalPalette()
	switch {
	case p.free:
		art.Depth = "true"
		for i := range art.Frames[0].Cells {
			c := &art.Frames[0].Cells[i]
			c.FG, c.BG = freed(c.FG, palette), freed(c.BG, palette)
		}
	case p.beyond16:
		art.Depth, art.Palette = "256", palette
	case p.indexed:
		art.Depth, art.Palette = "16", palette[:16:16]
	default:
		art.Depth = "none"
	}
}

func freed(c ascii.Color, palette []ascii.RGB) ascii.Color {
	if _, ok := c.Index(); !ok {
		return c
	}
	return ascii.Free(c.RGB(palette, ascii.RGB{}))
}

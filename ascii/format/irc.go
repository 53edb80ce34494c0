package format

import (
	"bufio"
	"fmt"

	"github.com/charcoal-art/charcoal/ascii"
)

// ircFormat is text with the colour codes of mIRC, each colour the nearest of the
// 99 that clients know (https://modern.ircdocs.horse/formatting).
func ircFormat() Format {
	return Format{
		Name:      "irc",
		MediaType: "text/plain; charset=utf-8",
		Extension: ".irc",
		Notes:     "Text for IRC, in the nearest of its 99 colours; of an animation the first frame.",
		Write:     checked("irc", writeIRC),
	}
}

// ircDefault is the code of a client's own colour.
const ircDefault = 99

func writeIRC(b *bufio.Writer, art *ascii.Art, _ Settings) error {
	m := newMatcher(ircColors())
	code := func(c ascii.Color) int {
		if !c.IsSet() {
			return ircDefault
		}
		return m.nearest(c.RGB(art.Palette, ascii.RGB{}))
	}
	for y := range art.Rows {
		fg, bg := ircDefault, ircDefault // of each line: every one is a message
		for r := range runs(art.Row(0, y)) {
			ink, ground := code(r.fg), code(r.bg)
			if r.isBlank() {
				ink = fg
			}
			writeIRCCode(b, fg, bg, ink, ground, r.cells[0].Rune)
			fg, bg = ink, ground
			for _, c := range r.cells {
				_, _ = b.WriteRune(c.Rune)
			}
		}
		_ = b.WriteByte('\n')
	}
	return nil
}

// writeIRCCode writes what changes the colours. Numbers have two digits, so that a
// digit of the art is not taken for one of theirs; nor is a comma, which would
// begin a ground.
func writeIRCCode(b *bufio.Writer, fg, bg, ink, ground int, next rune) {
	switch {
	case ink == fg && ground == bg:
	case ink == ircDefault && ground == ircDefault:
		_ = b.WriteByte(0x0f) // all off
	case ground == bg && next != ',':
		_, _ = fmt.Fprintf(b, "\x03%02d", ink)
	default:
		_, _ = fmt.Fprintf(b, "\x03%02d,%02d", ink, ground)
	}
}

// ircColors are colours 0 to 98.
func ircColors() []ascii.RGB {
	return rgbs(
		0xffffff, 0x000000, 0x00007f, 0x009300, 0xff0000, 0x7f0000, 0x9c009c, 0xfc7f00,
		0xffff00, 0x00fc00, 0x009393, 0x00ffff, 0x0000fc, 0xff00ff, 0x7f7f7f, 0xd2d2d2,
		0x470000, 0x472100, 0x474700, 0x324700, 0x004700, 0x00472c, 0x004747, 0x002747, 0x000047, 0x2e0047, 0x470047, 0x47002a,
		0x740000, 0x743a00, 0x747400, 0x517400, 0x007400, 0x007449, 0x007474, 0x004074, 0x000074, 0x4b0074, 0x740074, 0x740045,
		0xb50000, 0xb56300, 0xb5b500, 0x7db500, 0x00b500, 0x00b571, 0x00b5b5, 0x0063b5, 0x0000b5, 0x7500b5, 0xb500b5, 0xb5006b,
		0xff0000, 0xff8c00, 0xffff00, 0xb2ff00, 0x00ff00, 0x00ffa0, 0x00ffff, 0x008cff, 0x0000ff, 0xa500ff, 0xff00ff, 0xff0098,
		0xff5959, 0xffb459, 0xffff71, 0xcfff60, 0x6fff6f, 0x65ffc9, 0x6dffff, 0x59b4ff, 0x5959ff, 0xc459ff, 0xff66ff, 0xff59bc,
		0xff9c9c, 0xffd39c, 0xffff9c, 0xe2ff9c, 0x9cff9c, 0x9cffdb, 0x9cffff, 0x9cd3ff, 0x9c9cff, 0xdc9cff, 0xff9cff, 0xff94d3,
		0x000000, 0x131313, 0x282828, 0x363636, 0x4d4d4d, 0x656565, 0x818181, 0x9f9f9f, 0xbcbcbc, 0xe2e2e2, 0xffffff,
	)
}

package format

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/charcoal-art/charcoal/ascii"
)

// ansFormat is art for the viewers of the ANSI scene: bytes of code page 437, the
// 16 colours of VGA, and a SAUCE record that says how to show it
// (https://www.acid.org/info/sauce/sauce.htm). Bright grounds are written as
// blinking, which the record turns off.
func ansFormat() Format {
	return Format{
		Name:      "ans",
		MediaType: "application/octet-stream",
		Extension: ".ans",
		Notes:     "ANSI art of code page 437 with a SAUCE record; characters and colours that it lacks become the nearest, and of an animation the first frame.",
		Write:     checked("ans", writeANS),
	}
}

// ansWidth is the least width that viewers wrap at.
const ansWidth = 80

func writeANS(b *bufio.Writer, art *ascii.Art, s Settings) error {
	if art.Cols > math.MaxUint16 || art.Rows > math.MaxUint16 {
		return fmt.Errorf("%d×%d cells are more than a SAUCE record can say", art.Cols, art.Rows)
	}
	d := &ansDrawing{b: b, art: art, chars: newCodePage(), colors: newMatcher(vgaColors()), pen: ansLook{7, 0}}
	for y := range art.Rows {
		d.row(art.Row(0, y))
	}
	d.write("\x1b[0m")
	d.sauce(s)
	return nil
}

// ansDrawing counts what it writes, for the record.
type ansDrawing struct {
	b      *bufio.Writer
	art    *ascii.Art
	chars  codePage
	colors *matcher
	pen    ansLook
	size   uint32
}

// ansLook is colours 0 to 15. Without any, text is light grey on black.
type ansLook struct{ fg, bg int }

func (d *ansDrawing) write(s string) {
	_, _ = d.b.WriteString(s)
	d.size += uint32(len(s))
}

// row writes a row. One that is as wide as the viewer wraps by itself, and a line
// end would leave an empty line.
func (d *ansDrawing) row(row []ascii.Cell) {
	for _, c := range row {
		look := d.look(c)
		if c.Rune == ' ' {
			look.fg = d.pen.fg
		}
		if look != d.pen {
			d.write(ansEscape(look))
			d.pen = look
		}
		_ = d.b.WriteByte(d.chars.byteOf(c.Rune))
		d.size++
	}
	if len(row) < ansWidth {
		if d.pen.bg != 0 {
			d.write("\x1b[0m") // a line end would paint the rest of the line
			d.pen = ansLook{7, 0}
		}
		d.write("\r\n")
	}
}

func (d *ansDrawing) look(c ascii.Cell) ansLook {
	color := func(c ascii.Color, otherwise int) int {
		i, indexed := c.Index()
		switch {
		case !c.IsSet():
			return otherwise
		case indexed && i < 16 && named(d.art):
			return int(i)
		}
		return d.colors.nearest(c.RGB(d.art.Palette, ascii.RGB{}))
	}
	return ansLook{color(c.FG, 7), color(c.BG, 0)}
}

// ansEscape sets a look from nothing: old viewers know no code that ends bold or
// blinking.
func ansEscape(l ansLook) string {
	bright := ""
	if l.fg >= 8 {
		bright += "1;"
	}
	if l.bg >= 8 {
		bright += "5;"
	}
	return fmt.Sprintf("\x1b[0;%s%d;%dm", bright, 30+l.fg%8, 40+l.bg%8)
}

// sauceRecord is the end of the file. Its texts are padded with spaces.
type sauceRecord struct {
	ID       [5]byte
	Version  [2]byte
	Title    [35]byte
	Author   [20]byte
	Group    [20]byte
	Date     [8]byte // unknown: the engine has no clock
	FileSize uint32  // without the record and the byte before it
	DataType uint8   // 1: characters
	FileType uint8   // 1: ANSI
	Width    uint16  // columns to wrap at
	Lines    uint16
	_        [2]uint16
	_        uint8 // comments
	Flags    uint8
	FontName [22]byte // padded with zeros
}

// Flags of a SAUCE record.
const (
	sauceNoBlink    = 1      // blinking means a bright ground
	sauceEightWide  = 1 << 1 // letters without the ninth column of VGA
	sauceSquareDots = 2 << 3 // pixels are as high as wide
)

func (d *ansDrawing) sauce(s Settings) {
	r := sauceRecord{
		FileSize: d.size, DataType: 1, FileType: 1,
		Width: uint16(max(ansWidth, d.art.Cols)), Lines: uint16(d.art.Rows),
		Flags: sauceNoBlink | sauceEightWide | sauceSquareDots,
	}
	copy(r.ID[:], "SAUCE")
	copy(r.Version[:], "00")
	copy(r.FontName[:], "IBM VGA")
	for _, text := range [][]byte{r.Title[:], r.Author[:], r.Group[:], r.Date[:]} {
		for i := range text {
			text[i] = ' '
		}
	}
	if s.Title != "" {
		for i, c := range []rune(s.title()) {
			if i < len(r.Title) {
				r.Title[i] = d.chars.byteOf(c)
			}
		}
	}
	_ = d.b.WriteByte(0x1a) // the end of the text for DOS
	_ = binary.Write(d.b, binary.LittleEndian, r)
}

// vgaColors are the 16 colours of VGA in the order of ANSI.
func vgaColors() []ascii.RGB {
	return rgbs(
		0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
		0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
	)
}

package ascii

import (
	"encoding/binary"
	"unicode/utf8"
)

// field is a part of a cell. A frame is stored as a plane of each, in this order.
type field int

const (
	runeField field = iota
	inkField
	groundField
	fields
)

// copy sets dst to the plane of cells.
func (f field) copy(dst []uint32, cells []Cell) {
	switch f {
	case runeField:
		for i := range cells {
			dst[i] = uint32(cells[i].Rune)
		}
	case inkField:
		for i := range cells {
			dst[i] = uint32(cells[i].FG)
		}
	default:
		for i := range cells {
			dst[i] = uint32(cells[i].BG)
		}
	}
}

// blank sets dst to the plane of an empty page.
func (f field) blank(dst []uint32) {
	clear(dst)
	if f == runeField {
		for i := range dst {
			dst[i] = ' '
		}
	}
}

// wipe makes cells blank.
func wipe(cells []Cell) {
	for i := range cells {
		cells[i] = Cell{Rune: ' '}
	}
}

// valid reports whether c is a colour that can be made, or none.
func (c Color) valid() bool {
	return c == 0 || c&^0xff == colorIndexed || c&^0xffffff == colorFree
}

// What a run of a plane says about its cells.
const (
	runSame    = iota // as in the frame before; a blank one, before the first
	runRepeat         // one value, which follows
	runLiteral        // a value each, which follow
)

const (
	maxRun   = 1023 // cells: so that a run's head takes two bytes at most
	minShort = 4    // cells for which leaving a literal run pays
)

// appendPlane appends a plane as runs until every cell is covered. A run's head
// is a number: cells × 16 + class × 4 + what it says. The class is that of its
// values: none (no bytes), an entry of the palette (one byte) or a free
// colour (three bytes); characters are in class 0, and in UTF-8.
func appendPlane(b []byte, now, before []uint32, text bool) []byte {
	for i := 0; i < len(now); {
		rest := now[i:min(len(now), i+maxRun)]
		old := before[i:min(len(now), i+maxRun)]
		kind, n, values := runSame, matching(rest, old), rest[:0]
		if n < min(minShort, len(rest)) {
			kind, n = runRepeat, repeated(rest)
			values = rest[:1]
		}
		if kind == runRepeat && n < minShort {
			kind, n = runLiteral, literal(rest, old)
			values = rest[:n]
		}
		class := uint32(0)
		if len(values) > 0 {
			class = values[0] >> 24
		}
		b = binary.AppendUvarint(b, uint64(n)<<4|uint64(class)<<2|uint64(kind))
		b = appendValues(b, values, text)
		i += n
	}
	return b
}

// matching is how many values at the start are those of the frame before.
func matching(now, old []uint32) int {
	n := 0
	for n < len(now) && now[n] == old[n] {
		n++
	}
	return n
}

// repeated is how many values at the start are the same.
func repeated(now []uint32) int {
	n := 1
	for n < len(now) && now[n] == now[0] {
		n++
	}
	return n
}

// literal is how many values at the start are of one class and not better in
// another kind of run.
func literal(now, old []uint32) int {
	class := now[0] >> 24
	for i := 1; i < len(now); i++ {
		if now[i]>>24 != class || matching(now[i:], old[i:]) >= minShort || repeated(now[i:]) >= minShort {
			return i
		}
	}
	return len(now)
}

func appendValues(b []byte, values []uint32, text bool) []byte {
	for _, v := range values {
		switch {
		case text && v < utf8.RuneSelf:
			b = append(b, byte(v))
		case text:
			b = utf8.AppendRune(b, rune(v))
		case v>>24 == uint32(colorIndexed>>24):
			b = append(b, byte(v))
		case v>>24 == uint32(colorFree>>24):
			b = append(b, byte(v>>16), byte(v>>8), byte(v))
		}
	}
	return b
}

// change reads the planes of a frame into cells that are as the frame before.
func (d *decoder) change(cells []Cell) {
	d.plane(cells, func(c *Cell, class uint32) { c.Rune = d.char(class) }, func(c, from *Cell) { c.Rune = from.Rune })
	d.plane(cells, func(c *Cell, class uint32) { c.FG = d.color(class) }, func(c, from *Cell) { c.FG = from.FG })
	d.plane(cells, func(c *Cell, class uint32) { c.BG = d.color(class) }, func(c, from *Cell) { c.BG = from.BG })
}

// plane reads the runs of a plane.
func (d *decoder) plane(cells []Cell, read func(c *Cell, class uint32), repeat func(c, from *Cell)) {
	for len(cells) > 0 && d.err == nil {
		head := d.atMost(maxRun<<4 | 15)
		n, class, kind := head>>4, uint32(head>>2&3), head&3
		if n < 1 || n > len(cells) || kind > runLiteral {
			d.fail("has a broken run")
			return
		}
		for i := range cells[:n] {
			switch {
			case kind == runLiteral || kind == runRepeat && i == 0:
				read(&cells[i], class)
			case kind == runRepeat:
				repeat(&cells[i], &cells[0])
			}
		}
		cells = cells[n:]
	}
}

func (d *decoder) char(class uint32) rune {
	r, n := utf8.DecodeRune(d.data)
	if class != 0 || r == utf8.RuneError && n <= 1 {
		d.fail("has broken text")
		return ' '
	}
	d.data = d.data[n:]
	return r
}

func (d *decoder) color(class uint32) Color {
	switch Color(class << 24) {
	case 0:
		return 0
	case colorIndexed:
		if b := d.take(1); b != nil {
			return Indexed(b[0])
		}
	case colorFree:
		if b := d.take(3); b != nil {
			return Free(RGB{b[0], b[1], b[2]})
		}
	default:
		d.fail("has a colour of a newer kind")
	}
	return 0
}

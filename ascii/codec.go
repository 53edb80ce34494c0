package ascii

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// Stored art starts with artMagic and a byte for the version of what follows.
const (
	artMagic   = "chArt"
	artVersion = 2
)

// What stored art may claim, so that nothing is allocated for a lie.
const (
	maxArtCells = 1 << 26 // of all frames
	maxDepth    = 16      // bytes of a colour depth's name
	maxPalette  = 256
)

// MarshalBinary encodes the art for storage. After the magic and the version come
// columns, rows, loops and the number of frames; the ink and the ground of the page
// (3 bytes each); the colour depth and the palette, each after its length; and
// for each frame its delay in nanoseconds and three planes: characters, ink and
// ground of its cells. Numbers are varints. See appendPlane for a plane.
func (a *Art) MarshalBinary() ([]byte, error) {
	if err := a.storable(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 64+3*len(a.Palette)+2*len(a.Frames[0].Cells))
	b = append(append(b, artMagic...), artVersion)
	b = appendNumbers(b, a.Cols, a.Rows, a.Loops, len(a.Frames))
	b = appendRGB(b, a.Page.Ink, a.Page.Ground)
	b = append(appendNumbers(b, len(a.Depth)), a.Depth...)
	b = appendRGB(appendNumbers(b, len(a.Palette)), a.Palette...)
	now, before := make([]uint32, a.Cols*a.Rows), make([]uint32, a.Cols*a.Rows)
	for i, frame := range a.Frames {
		b = binary.AppendUvarint(b, uint64(frame.Delay))
		for f := range fields {
			f.copy(now, frame.Cells)
			if i == 0 {
				f.blank(before)
			} else {
				f.copy(before, a.Frames[i-1].Cells)
			}
			b = appendPlane(b, now, before, f == runeField)
		}
	}
	return b, nil
}

// storable returns an error for art that no decoder would take.
func (a *Art) storable() error {
	switch {
	case a.Cols < 1 || a.Rows < 1 || a.Cols > maxArtCells/a.Rows:
		return fmt.Errorf("art has %d×%d cells", a.Cols, a.Rows)
	case len(a.Frames) < 1 || len(a.Frames) > maxArtCells/(a.Cols*a.Rows):
		return fmt.Errorf("art of %d×%d has %d frames", a.Cols, a.Rows, len(a.Frames))
	case len(a.Palette) > maxPalette || len(a.Depth) > maxDepth:
		return fmt.Errorf("art has %d colours of depth %.20q", len(a.Palette), a.Depth)
	case a.Loops < 0 || a.Loops > math.MaxInt32:
		return fmt.Errorf("art loops %d times", a.Loops)
	}
	for _, f := range a.Frames {
		if err := a.checkFrame(f); err != nil {
			return err
		}
	}
	return nil
}

func (a *Art) checkFrame(f Frame) error {
	if len(f.Cells) != a.Cols*a.Rows || f.Delay < 0 {
		return fmt.Errorf("art of %d×%d has a frame of %d cells for %v", a.Cols, a.Rows, len(f.Cells), f.Delay)
	}
	for _, c := range f.Cells {
		if !utf8.ValidRune(c.Rune) || !c.FG.valid() || !c.BG.valid() {
			return fmt.Errorf("art has an invalid cell: %U in %#x on %#x", c.Rune, uint32(c.FG), uint32(c.BG))
		}
	}
	return nil
}

func appendNumbers(b []byte, numbers ...int) []byte {
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func appendRGB(b []byte, colors ...RGB) []byte {
	for _, c := range colors {
		b = append(b, c.R, c.G, c.B)
	}
	return b
}

// UnmarshalBinary decodes what [Art.MarshalBinary] made, in this version or before.
// It allocates at most 2 KiB for each byte of data, and never more than 2^26 cells.
// After an error the art is as it was.
func (a *Art) UnmarshalBinary(data []byte) error {
	version := len(artMagic)
	if len(data) <= version || string(data[:version]) != artMagic {
		return errors.New("not stored art")
	}
	d := &decoder{data: data[version+1:]}
	var art *Art
	switch data[version] {
	case 1:
		art = d.artV1()
	case artVersion:
		art = d.art()
	default:
		return errors.New("stored art is of a newer version")
	}
	if d.err == nil && len(d.data) > 0 {
		d.fail("has bytes left over")
	}
	if d.err != nil {
		return d.err
	}
	*a = *art
	return nil
}

// decoder reads the parts of stored art; the first error sticks, and what is read
// after it is empty.
type decoder struct {
	data []byte
	err  error
}

func (d *decoder) fail(how string) {
	if d.err == nil {
		d.err = errors.New("stored art " + how)
	}
	d.data = nil
}

func (d *decoder) art() *Art {
	a := &Art{Cols: d.number(), Rows: d.number(), Loops: d.number()}
	frames := d.number()
	page := d.colors(2)
	a.Depth = string(d.take(d.atMost(maxDepth)))
	a.Palette = d.colors(d.atMost(maxPalette))
	if d.err != nil || !d.plausible(a.Cols, a.Rows, frames) {
		d.fail("has an impossible size")
		return a
	}
	a.Page = Page{Ink: page[0], Ground: page[1]}
	a.Frames = make([]Frame, 0, frames)
	for i := range frames {
		f := Frame{Delay: d.delay(), Cells: make([]Cell, a.Cols*a.Rows)}
		if i == 0 {
			wipe(f.Cells)
		} else {
			copy(f.Cells, a.Frames[i-1].Cells)
		}
		d.change(f.Cells)
		if d.err != nil {
			return a
		}
		a.Frames = append(a.Frames, f)
	}
	return a
}

// leastFrame is how many bytes a frame takes at least: a delay, and three planes.
const leastFrame = 4

// plausible reports whether the bytes left can hold so many cells: each plane of
// the three of a frame takes two bytes or more for maxRun cells.
func (d *decoder) plausible(cols, rows, frames int) bool {
	if cols < 1 || rows < 1 || frames < 1 || frames > len(d.data)/leastFrame || cols > maxArtCells/rows || cols*rows > maxArtCells/frames {
		return false
	}
	return int64(cols*rows*frames) <= int64(len(d.data))*maxRun/6 // an int may have 32 bits
}

// artV1 reads version 1, which had one frame and no colours: columns, rows, two
// ones, and the characters in UTF-8 after their length in bytes.
func (d *decoder) artV1() *Art {
	cols, rows, frames, planes := d.number(), d.number(), d.number(), d.number()
	text := d.take(d.number())
	if frames != 1 || planes != 1 || cols < 1 || rows < 1 || cols > maxArtCells/rows || cols*rows > len(text) {
		d.fail("has an impossible size")
		return nil
	}
	cells := make([]Cell, 0, cols*rows)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n <= 1 || len(cells) == cols*rows {
			d.fail("has broken text")
			return nil
		}
		cells = append(cells, Cell{Rune: r})
		text = text[n:]
	}
	if len(cells) != cols*rows {
		d.fail("has too few cells")
	}
	return &Art{
		Cols: cols, Rows: rows, Depth: "none", Frames: []Frame{{Cells: cells}},
		Page: Page{Ink: RGB{255, 255, 255}},
	}
}

func (d *decoder) number() int { return d.atMost(math.MaxInt32) }

func (d *decoder) delay() time.Duration { return time.Duration(d.uvarint(math.MaxInt64)) }

// atMost fits an int of any machine: the limit does.
func (d *decoder) atMost(limit int) int { return int(d.uvarint(uint64(limit))) }

func (d *decoder) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 || v > limit {
		d.fail("has a broken number")
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) take(n int) []byte {
	if n > len(d.data) {
		d.fail("is cut off")
		return nil
	}
	part := d.data[:n]
	d.data = d.data[n:]
	return part
}

// colors reads n colours; the answer is nil for none, and n long otherwise.
func (d *decoder) colors(n int) []RGB {
	if n == 0 {
		return nil
	}
	colors := make([]RGB, n)
	for i := range colors {
		if b := d.take(3); b != nil {
			colors[i] = RGB{b[0], b[1], b[2]}
		}
	}
	return colors
}
